"""The presence check: who asks, who answers, what the ledger keeps, and the minutes that the clock draws."""

import threading
import uuid
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from seminars.actions import attendance, checks, sessions
from seminars.errors import Refused
from seminars.models import Lease, Person, PresenceCheck, PresenceEvent, Session, Slot
from seminars.moments import local, now
from seminars.vocabulary import PresenceKind
from seminars.work import rounds
from tests import cast
from tests.cast import Clock

LINE = uuid.uuid4()


@pytest.fixture
def session(dominique: Person, ange: Person, bruna: Person, clock: Clock) -> Session:
    """A morning and an afternoon; the morning began a moment ago, and Ange is here."""
    day = (local(now(), "Europe/Paris") + timedelta(days=1)).replace(tzinfo=None)
    nine, two = (day.replace(hour=hour, minute=0, second=0, microsecond=0) for hour in (9, 14))
    slots = [(nine, nine + timedelta(hours=3)), (two, two + timedelta(hours=3))]
    session = cast.make_session(dominique, slots=slots)
    cast.invite(session, ange, bruna)
    clock.at(session.starts_at)
    session = sessions.open_(session=session, by=dominique)
    attendance.arrive(session=session, person=ange, connection=LINE, event=uuid.uuid4())
    return session


def answers() -> list[PresenceEvent]:
    return list(PresenceEvent.objects.filter(kind=PresenceKind.CONFIRMED))


def test_an_answer_is_one_fact_of_the_ledger_that_quotes_the_question(
    session: Session, dominique: Person, ange: Person
) -> None:
    check = checks.ask(session=session, by=dominique)
    kept = checks.answer(session=session, person=ange, code=check.code)
    [event] = answers()
    assert (event.person, event.author, event.slot, event.at) == (ange, ange, check.slot, kept.at)
    assert event.data == {"check": check.code, "late": False}
    assert kept.is_new
    assert not kept.is_late


def test_repeating_an_answer_changes_nothing(session: Session, dominique: Person, ange: Person) -> None:
    check = checks.ask(session=session, by=dominique)
    first = checks.answer(session=session, person=ange, code=check.code)
    again = checks.answer(session=session, person=ange, code=check.code)
    assert (again.at, again.is_new) == (first.at, False)
    assert len(answers()) == 1


def test_an_answer_after_three_minutes_counts_and_is_marked_late(
    session: Session, dominique: Person, ange: Person, clock: Clock
) -> None:
    check = checks.ask(session=session, by=dominique)
    clock.at(check.answer_until + timedelta(seconds=1))
    assert checks.answer(session=session, person=ange, code=check.code).is_late
    assert answers()[0].data["late"] is True


def test_a_phone_that_slept_may_answer_before_its_page_has_arrived_anew(
    session: Session, dominique: Person, ange: Person, clock: Clock
) -> None:
    check = checks.ask(session=session, by=dominique)
    clock.forward(minutes=5)
    attendance.sweep()
    assert not Lease.objects.filter(ended_at=None).exists()
    assert checks.answer(session=session, person=ange, code=check.code).is_late


def test_after_the_session_no_answer_is_kept(
    session: Session, dominique: Person, ange: Person, clock: Clock
) -> None:
    check = checks.ask(session=session, by=dominique)
    clock.forward(minutes=5)
    sessions.close(session=session, by=dominique, reason="Closed early")
    with pytest.raises(Refused) as refused:
        checks.answer(session=session, person=ange, code=check.code)
    assert refused.value.code == "room_over"


def test_whoever_has_not_come_is_refused(session: Session, dominique: Person, bruna: Person) -> None:
    check = checks.ask(session=session, by=dominique)
    with pytest.raises(Refused) as refused:
        checks.answer(session=session, person=bruna, code=check.code)
    assert refused.value.code == "not_inside"


def test_a_question_of_another_session_is_unknown(session: Session, dominique: Person, ange: Person) -> None:
    other = cast.make_session(dominique)
    check = PresenceCheck.objects.create(
        session=other, slot=other.slots.get(), asked_at=now(), answer_until=now()
    )
    with pytest.raises(Refused) as refused:
        checks.answer(session=session, person=ange, code=check.code)
    assert refused.value.code == "check_unknown"


def test_nobody_is_asked_twice_at_once_nor_outside_a_running_session(
    session: Session, dominique: Person, clock: Clock
) -> None:
    checks.ask(session=session, by=dominique)
    with pytest.raises(Refused) as refused:
        checks.ask(session=session, by=dominique)
    assert refused.value.code == "check_open"
    with pytest.raises(Refused) as refused:
        checks.ask(session=cast.make_session(dominique), by=dominique)
    assert refused.value.code == "not_now"
    clock.forward(minutes=4)
    checks.ask(session=session, by=dominique)


def test_a_question_belongs_to_the_half_day_that_began_last(
    session: Session, dominique: Person, clock: Clock
) -> None:
    morning, afternoon = session.slots.all()
    clock.at(morning.ends_at + timedelta(minutes=5))
    assert checks.ask(session=session, by=dominique).slot == morning, "it lasts longer than planned"
    clock.at(afternoon.starts_at + timedelta(minutes=1))
    assert checks.ask(session=session, by=dominique).slot == afternoon


@given(
    length=some.integers(1, 12 * 60),
    per_part=some.integers(0, checks.MOST_PER_PART),
    number=some.integers(1, 3),
    name=some.text(min_size=1, max_size=20),
)
def test_drawn_minutes_lie_apart_and_far_from_both_ends(
    length: int, per_part: int, number: int, name: str
) -> None:
    start = datetime.fromisoformat("2027-03-28T00:30:00+01:00")  # across a change of the clocks
    slot = Slot(number=number, starts_at=start, ends_at=start + timedelta(minutes=length))
    session = Session(uid=name, checks_per_part=per_part)
    drawn = checks.minutes(session, slot)
    assert drawn == checks.minutes(Session(uid=name, checks_per_part=per_part), slot), "every worker agrees"
    assert len(drawn) <= per_part
    if length >= 120:
        assert len(drawn) == per_part
    marks = [start - checks.APART + checks.MARGIN, *drawn]
    assert all(after - before >= checks.APART for before, after in pairwise(marks))
    assert all(moment + timedelta(minutes=3) <= slot.ends_at - checks.MARGIN for moment in drawn)


def test_minutes_differ_between_sessions_and_half_days() -> None:
    start = datetime.fromisoformat("2027-03-03T09:00:00+01:00")
    found = set()
    for name in ("one", "two", "three", "four"):
        for number in (1, 2):
            slot = Slot(number=number, starts_at=start, ends_at=start + timedelta(hours=3))
            found.add(tuple(checks.minutes(Session(uid=name, checks_per_part=2), slot)))
    assert len(found) > 5


@pytest.fixture
def drawn(session: Session) -> list[datetime]:
    """The minutes of the morning, two of them."""
    Session.objects.filter(pk=session.pk).update(checks_per_part=2)
    session.refresh_from_db()
    return checks.minutes(session, session.slots.all()[0])


def test_the_clock_asks_at_each_drawn_minute_and_once(
    session: Session, drawn: list[datetime], clock: Clock
) -> None:
    asked = []
    for minute in range(175):
        clock.at(session.starts_at + timedelta(minutes=minute, seconds=10))
        asked += [minute] * (checks.ask_due() + checks.ask_due())
    assert asked == [(moment - session.starts_at) // timedelta(minutes=1) for moment in drawn]
    assert not PresenceCheck.objects.exclude(asked_by=None).exists()


def test_a_hosts_question_shortly_before_stands_for_the_clocks(
    session: Session, drawn: list[datetime], dominique: Person, clock: Clock
) -> None:
    clock.at(drawn[0] - timedelta(minutes=2))
    checks.ask(session=session, by=dominique)
    clock.at(drawn[0] + timedelta(minutes=1))
    assert checks.ask_due() == 0
    clock.at(drawn[1])
    assert checks.ask_due() == 1


def test_a_clock_that_stood_still_asks_one_question_late_and_none_near_the_end(
    session: Session, drawn: list[datetime], clock: Clock
) -> None:
    clock.at(drawn[1] + timedelta(seconds=30))
    assert (checks.ask_due(), checks.ask_due()) == (1, 0)
    PresenceCheck.objects.all().delete()
    clock.at(session.slots.all()[0].ends_at - checks.MARGIN + timedelta(seconds=1))
    assert checks.ask_due() == 0


def test_the_clock_asks_nobody_unless_the_session_wants_it(
    session: Session, clock: Clock, django_assert_num_queries: Any
) -> None:
    clock.forward(minutes=90)
    with django_assert_num_queries(1):
        assert checks.ask_due() == 0


def test_each_round_of_the_worker_asks_what_is_due(
    monkeypatch: pytest.MonkeyPatch, settings: Any, db: None
) -> None:
    settings.WORK_PAUSE_SECONDS = settings.SWEEP_SECONDS = 0.01
    stop = threading.Event()
    monkeypatch.setattr(rounds.checks, "ask_due", stop.set)
    monkeypatch.setattr(rounds, "_hang_up", lambda: None)
    rounds.work(stop)
    assert stop.is_set()
