"""A mail server that answers as told and keeps what it took, and the worker's round in this process."""

import threading
from dataclasses import dataclass, field
from typing import Any

from seminars.work.deliveries import deliver
from tests.kept import keeper


@dataclass
class Sink:
    """What it answers to a recipient, one answer for each try; and what it has taken."""

    port: int = 0
    answers: dict[str, list[str]] = field(default_factory=dict)
    tries: list[str] = field(default_factory=list)
    taken: list[tuple[str, bytes]] = field(default_factory=list)

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        self.tries.append(address)
        if waiting := self.answers.get(address):
            return waiting.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        assert len(envelope.rcpt_tos) == 1
        self.taken.append((envelope.rcpt_tos[0], envelope.original_content))
        keeper.mail(envelope.original_content)
        return "250 OK"

    def of(self, address: str) -> list[bytes]:
        return [content for to, content in self.taken if to == address]


def send(most: int = 10) -> None:
    """Rounds of the worker until nothing is due."""
    for _ in range(most):
        if not deliver(owner="test", stop=threading.Event()):
            return
