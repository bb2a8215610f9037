"""What a live socket writes into the log says which socket it was, of which session; and masks what was sent."""

import io
import json
import logging
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from config.logs import MaskSecrets, Structured
from realtime import protocol, seats
from seminars.models import Person, Session
from seminars.moments import local, now
from tests import cast
from tests.realtime.lines import companion

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def session(dominique: Person, ange: Person) -> Iterator[Session]:
    start = local(now(), "Europe/Paris").replace(tzinfo=None) + timedelta(minutes=5)
    session = cast.make_session(dominique, start)
    cast.invite(session, ange)
    yield session
    seats.registry.taken.clear()


def fails(**options: Any) -> None:
    raise RuntimeError("asked by ange@example.org with secret=open-sesame")


async def test_a_fault_of_a_command_names_its_socket_and_its_session(
    session: Session, ange: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(Structured())
    handler.addFilter(MaskSecrets())
    logging.getLogger("realtime.consumers").addHandler(handler)
    monkeypatch.setattr(protocol, "run", fails)
    try:
        for _ in range(2):
            async with companion(session.code, ange) as page:
                await page.says("live.fetch")
    finally:
        logging.getLogger("realtime.consumers").removeHandler(handler)
    one, other = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert one["session"] == other["session"] == session.code
    assert one["socket"] != other["socket"]
    assert "RuntimeError: asked by <address>" in one["error"]
    assert "sesame" not in one["error"] and "request" not in one
