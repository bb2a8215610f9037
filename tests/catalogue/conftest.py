"""What the catalogue's cases share: a prepared database, one running server, a mail server that answers as told."""

import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from tests.catalogue.served import Real, prepare

GUESTS = 12


@dataclass
class Template:
    state: Path
    data: dict[str, Any]


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Template:
    state = tmp_path_factory.mktemp("catalogue") / "template"
    return Template(state, prepare(state, GUESTS))


@pytest.fixture
def fresh(template: Template, tmp_path: Path) -> Callable[..., Real]:
    """A server of the test's own, not started yet."""
    return lambda **extra: Real.copy_of(template.state, tmp_path / "state", template.data, **extra)


@pytest.fixture(scope="session")
def real(template: Template, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Real]:
    """One running server for cases that leave it as it was."""
    state = tmp_path_factory.mktemp("running") / "state"
    with Real.copy_of(template.state, state, template.data) as running:
        yield running


@dataclass
class Sink:
    """A mail server: what it answers to a recipient, one answer for each try; and what it has taken."""

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
        return "250 OK"

    def of(self, address: str) -> list[bytes]:
        return [content for to, content in self.taken if to == address]


@pytest.fixture
def sink() -> Iterator[Sink]:
    with socket.socket() as place:
        place.bind(("127.0.0.1", 0))
        handler = Sink(place.getsockname()[1])
    controller = Controller(handler, hostname="127.0.0.1", port=handler.port)
    controller.start()
    yield handler
    controller.stop()


@pytest.fixture
def mailing(sink: Sink, settings: Any) -> Sink:
    """The worker of this process sends to the sink."""
    settings.EMAIL_URL = f"smtp://127.0.0.1:{sink.port}"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", sink.port
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.EMAIL_TIMEOUT = 5
    return sink
