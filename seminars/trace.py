"""What is being done right now, so that each line of the log can say it: the request or live socket, the session."""

from collections.abc import Mapping
from contextvars import ContextVar
from types import MappingProxyType

NOTHING: Mapping[str, str] = MappingProxyType({})
_doing: ContextVar[Mapping[str, str]] = ContextVar("doing", default=NOTHING)


def begin(**names: str) -> None:
    """From here on, in this task and the threads that it asks, lines carry these: `request` or `socket`, `session`.

    Empty ones are left out. What was said before is over: a name never outlives the work that it was given for.
    """
    _doing.set({name: words for name, words in names.items() if words})


def doing() -> Mapping[str, str]:
    return _doing.get()
