"""What comes late is marked on the sheet, and what comes after the closing says what it changed."""

import uuid
from datetime import timedelta

import pytest

from seminars.actions import attendance, sessions
from seminars.actions.connections import Beat, Join, Leave, keep
from seminars.models import Person, Session
from seminars.moments import as_if
from seminars.queries.sheets import Row, minutes_after_closing, sheet
from tests import cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def session(elia: Person) -> Session:
    """An hour, opened on time."""
    found = cast.make_session(elia, minutes=60)
    with as_if(found.starts_at):
        return sessions.open_(session=found, by=elia)


def say(session: Session, person: Person, minute: float, *told: tuple[type, float], line: uuid.UUID) -> None:
    """At a minute of the session, its page tells of things so many minutes ago."""
    with as_if(session.starts_at + timedelta(minutes=minute)):
        for kind, age in told:
            keep([kind(session.pk, person.pk, line, uuid.uuid4(), timedelta(minutes=age))])


def seen(session: Session, person: Person, start: int, end: int) -> None:
    line = uuid.uuid4()
    for minute in range(start, end + 1):
        say(session, person, minute, (Beat if minute > start else Join, 0), line=line)
    say(session, person, end, (Leave, 0), line=line)


def claim(session: Session, person: Person, minute: float, start: int, end: int) -> None:
    """At `minute` a page that is no more is told to have run from `start` to `end`."""
    told = (Join, minute - start), (Beat, minute - end), (Leave, minute - end)
    say(session, person, minute, *told, line=uuid.uuid4())


def close(session: Session) -> Session:
    with as_if(session.ends_at):
        return sessions.close(session=session, by=session.created_by)


def row(session: Session, person: Person, minute: float = 60) -> Row:
    with as_if(session.starts_at + timedelta(minutes=minute)):
        return next(row for row in sheet(session).rows if row.person == person)


@pytest.mark.parametrize(("minute", "is_late"), [(25, False), (36, True)])
def test_only_what_is_told_later_than_allowed_is_late(session, ange, minute, is_late):
    claim(session, ange, minute, 15, 20)
    found = row(session, ange)
    assert (found.minutes, found.replayed, found.waiting) == (5, 5, 0), "it counts by itself all the same"
    assert found.late_at == (session.starts_at + timedelta(minutes=minute) if is_late else None)


def test_what_came_in_time_leaves_no_mark_on_others(session, ange, bruna):
    seen(session, bruna, 0, 20)
    claim(session, ange, 40, 15, 20)
    assert row(session, bruna).late_at is None
    closed = close(session)
    assert (row(closed, ange).arrived_at, row(closed, ange).arrived) == (None, 0)


def test_a_closed_sheet_on_which_nothing_arrives_says_nothing(session, ange, bruna):
    """The closing itself ends lines, and a declaration is named elsewhere."""
    seen(session, ange, 0, 30)
    line = uuid.uuid4()
    say(session, bruna, 0, (Join, 0), line=line)
    closed = close(session)
    with as_if(closed.ends_at + timedelta(minutes=5)):
        attendance.confirm(session=closed, by=closed.created_by)
    assert minutes_after_closing(closed) == 0
    assert [(one.arrived, one.arrived_at) for one in sheet(closed).rows] == [(0, None)] * 3


def test_what_arrives_after_the_closing_says_what_it_changed(session, ange):
    seen(session, ange, 0, 40)
    closed = close(session)
    assert row(closed, ange).minutes == 40
    claim(closed, ange, 300, 50, 57)
    found = row(closed, ange)
    assert (found.minutes, found.minutes_without, found.arrived) == (47, 40, 7)
    assert found.arrived_at == found.late_at == closed.starts_at + timedelta(minutes=300)
    assert minutes_after_closing(closed) == 7


def test_what_arrives_soon_after_the_closing_is_not_late_and_says_so_too(session, ange):
    closed = close(session)
    claim(closed, ange, 62, 50, 57)
    found = row(closed, ange)
    assert (found.minutes, found.minutes_without, found.arrived, found.late_at) == (7, 0, 7, None)


def test_an_arrival_that_takes_the_free_minutes_away_says_so(session, ange):
    """Six told in time count; with six more of the same half-day none counts before it is declared."""
    claim(session, ange, 20, 10, 16)
    closed = close(session)
    claim(closed, ange, 90, 50, 56)
    found = row(closed, ange)
    assert (found.minutes, found.minutes_without, found.arrived, found.waiting) == (0, 6, 6, 12)


def test_minutes_that_were_known_do_not_arrive_a_second_time(session, ange):
    seen(session, ange, 0, 30)
    claim(session, ange, 45, 36, 40)
    closed = close(session)
    claim(closed, ange, 90, 25, 43)
    found = row(closed, ange)
    assert found.arrived == 9, "from 30 to 36 and from 40 to 43"


def test_a_page_that_goes_on_after_the_closing_tells_the_time_since_its_last_beat(session, ange):
    line = uuid.uuid4()
    for minute in range(31):
        say(session, ange, minute, (Beat if minute else Join, 0), line=line)
    closed = close(session)
    say(closed, ange, 90, (Beat, 52), line=line)
    found = row(closed, ange)
    assert (found.minutes, found.minutes_without, found.arrived) == (38, 30, 8)


def test_a_declaration_does_not_hide_that_something_arrived(session, ange):
    closed = close(session)
    claim(closed, ange, 90, 20, 50)
    with as_if(closed.ends_at + timedelta(hours=1)):
        attendance.confirm(session=closed, by=closed.created_by, people=[ange], reason="She was there")
    found = row(closed, ange)
    assert (found.minutes, found.minutes_without, found.arrived) == (30, 30, 30)


def test_only_what_falls_within_the_hours_held_arrives(session, ange):
    with as_if(session.ends_at):
        held = {1: (session.starts_at, session.starts_at + timedelta(minutes=40))}
        closed = sessions.close(
            session=session,
            by=session.created_by,
            held=[(1, *held[1])],
            reason="The line broke",
        )
    claim(closed, ange, 90, 37, 45)
    assert row(closed, ange).arrived == 3


def test_whether_anything_arrived_is_one_question(session, django_assert_num_queries):
    closed = close(session)
    with django_assert_num_queries(1):
        assert minutes_after_closing(closed) == 0
    with django_assert_num_queries(0):
        closed.closed_at = None
        assert minutes_after_closing(closed) == 0
