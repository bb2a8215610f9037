"""What an action says when it will not: a code, worded at the door in the reader's language."""

from typing import Any


class Refused(Exception):
    """An action will not do this. `field` names the input it is about, `facts` what the sentence needs."""

    def __init__(self, code: str, field: str | None = None, **facts: Any) -> None:
        super().__init__(code, field, facts)
        self.code, self.field, self.facts = code, field, facts

    def __str__(self) -> str:
        return self.code
