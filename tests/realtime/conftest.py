"""What tests of the live door share: a session that begins in five minutes, with two guests."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from realtime import seats
from seminars.models import Person, Session
from seminars.moments import local, now
from tests import cast


@pytest.fixture
def session(dominique: Person, ange: Person, bruna: Person) -> Iterator[Session]:
    start = local(now(), "Europe/Paris").replace(tzinfo=None) + timedelta(minutes=5)
    session = cast.make_session(dominique, start)
    cast.invite(session, ange, bruna)
    yield session
    seats.registry.taken.clear()
