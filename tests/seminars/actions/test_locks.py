"""Beats and what ends lines take the same locks: in one order, or two transactions wait for each other for ever."""

import random
import threading
import time
import uuid
from collections.abc import Callable

import pytest
from django.db import OperationalError, connection, transaction
from django.test.utils import CaptureQueriesContext

from seminars.actions import letters, sessions
from seminars.actions.book import Book
from seminars.actions.connections import Beat, Join, keep
from seminars.models import Letter, Person
from seminars.moments import local, now
from seminars.vocabulary import LetterState
from tests import cast

pytestmark = pytest.mark.django_db(transaction=True)
LINES, SECONDS = 200, 3.0


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has one writer at a time")
def test_beats_never_lock_up_with_a_closing_or_the_sweep(elia: Person) -> None:
    found = []
    for _ in range(2):
        session = cast.make_session(elia, local(now(), "Europe/Paris").replace(tzinfo=None, microsecond=0))
        found.append(sessions.open_(session=session, by=elia))
    people = [cast.person(f"p{number}", f"Person {number}") for number in range(LINES)]
    joins = [
        Join(session.pk, person.pk, uuid.uuid4(), uuid.uuid4()) for person in people for session in found
    ]
    keep(joins)
    shuffled = random.Random(4)
    until = time.monotonic() + SECONDS
    faults: list[str] = []

    def beats() -> None:
        batch = [Beat(one.session_id, one.person_id, one.connection) for one in joins]
        shuffled.shuffle(batch)
        keep(batch)

    def ends() -> None:
        """What they hold: their sessions, then every line of them."""
        with transaction.atomic():
            Book([session.pk for session in found], leaving=[person.pk for person in people])

    def again(act: Callable[[], None]) -> None:
        try:
            while time.monotonic() < until:
                act()
        except OperationalError as fault:
            faults.append(str(fault))
        finally:
            connection.close()

    threads = [threading.Thread(target=again, args=[act]) for act in (beats, beats, ends)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has one writer at a time")
def test_letters_are_locked_after_their_session_and_by_number(elia: Person, ange: Person) -> None:
    session = cast.make_session(elia)
    cast.invite(session, ange)
    Letter.objects.update(state=LetterState.DEAD)
    for act in (letters.retry, sessions.cancel):
        with CaptureQueriesContext(connection) as asked:
            act(session=session, by=elia)
        locks = [query["sql"] for query in asked if "FOR UPDATE" in query["sql"]]
        assert locks[0].startswith('SELECT "seminars_session"')
        of_letters = [sql for sql in locks if sql.startswith('SELECT "seminars_letter"')]
        assert of_letters and all('ORDER BY "seminars_letter"."id" ASC' in sql for sql in of_letters)
