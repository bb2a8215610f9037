"""An SMTP server that answers as told, and the worker's round in this process."""

import socket
import threading
from dataclasses import dataclass, field
from typing import Any

from seminars.work.deliveries import deliver
from tests.kept import keeper


@dataclass
class Server:
    """Answers to MAIL and DATA come in the order of the tries, to RCPT by recipient; without one, all is well."""

    to_mail: list[str] = field(default_factory=list)
    to_recipient: dict[str, list[str]] = field(default_factory=dict)
    to_letter: list[str] = field(default_factory=list)
    cut_after: list[str] = field(default_factory=list)
    """Recipients whose letter is taken, and whose connection then ends without an answer."""
    tries: list[str] = field(default_factory=list)
    received: list[tuple[str, str, bytes]] = field(default_factory=list)
    lines: list[Any] = field(default_factory=list)
    """The connections, by their transports."""
    is_pipelining: bool = False
    is_careless: bool = False
    """Waits for the text even after it has refused the recipient."""

    async def handle_EHLO(
        self, server: Any, session: Any, envelope: Any, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        return [responses[0], "250-PIPELINING", *responses[1:]] if self.is_pipelining else responses

    async def handle_MAIL(
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        if server.transport not in self.lines:
            self.lines.append(server.transport)
        answer = self.to_mail.pop(0) if self.to_mail else "250 OK"
        if answer.startswith("250"):
            envelope.mail_from = address
        return answer

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        self.tries.append(address)
        if waiting := self.to_recipient.get(address):
            if self.is_careless:
                envelope.rcpt_tos.append(address)
            return waiting.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        (recipient,) = envelope.rcpt_tos
        answer = self.to_letter.pop(0) if self.to_letter else "250 OK"
        if answer.startswith("250"):
            self.received.append((envelope.mail_from, recipient, envelope.original_content))
            keeper.mail(envelope.original_content)
        if recipient in self.cut_after:
            self.cut_after.remove(recipient)
            server.transport.abort()
        return answer

    def hang_up(self) -> None:
        """Ends every connection, as a server does whose patience is over."""
        for line in self.lines:
            line.get_extra_info("socket").shutdown(socket.SHUT_RDWR)

    @property
    def recipients(self) -> list[str]:
        return [recipient for _, recipient, _ in self.received]


def free_port() -> int:
    """A port nobody listens at; the controller connects to itself, so it can't be told 0."""
    with socket.socket() as place:
        place.bind(("127.0.0.1", 0))
        port: int = place.getsockname()[1]
        return port


def send() -> int:
    return deliver(owner="test", stop=threading.Event())
