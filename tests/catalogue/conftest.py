"""What the catalogue's cases share: a prepared deployment, one running one, a mail server, figures to report."""

import json
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from tests.catalogue.post import Sink
from tests.catalogue.served import FULL, Real, copied, prepare
from tests.catalogue.stores import Store, known_store, new_store
from tests.workers import alone, common

GUESTS = 200 if FULL else 60


@dataclass
class Template:
    store: Store
    data: dict[str, Any]


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Template:
    """Prepared by the first worker that asks; the others copy from it too. It ends with the run."""
    shared = common(tmp_path_factory) / "catalogue"
    said = shared / "template.json"
    with alone(shared / "lock"):
        if not said.exists():
            store = new_store(shared / "template")
            said.write_text(json.dumps({"name": store.name, "data": prepare(store, GUESTS)}))
    found = json.loads(said.read_text())
    return Template(known_store(shared / "template", found["name"]), found["data"])


@pytest.fixture
def fresh(template: Template, tmp_path: Path) -> Iterator[Callable[..., Real]]:
    """A deployment of the test's own, not started yet."""
    with ExitStack() as made:
        yield lambda **extra: made.enter_context(
            copied(template.store, template.data, tmp_path / "state", **extra)
        )


@pytest.fixture(scope="session")
def real(template: Template, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Real]:
    """One running deployment for cases that leave it as it was."""
    state = tmp_path_factory.mktemp("running") / "state"
    with copied(template.store, template.data, state) as made, made:
        yield made


@pytest.fixture
def figures(record_property: Callable[[str, object], None]) -> Callable[..., None]:
    """Notes measured values for the report of `make chaos`."""

    def note(**values: object) -> None:
        for name, value in values.items():
            record_property(name, round(value, 3) if isinstance(value, float) else value)

    return note


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
