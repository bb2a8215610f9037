"""Reminders, asking again, and asking for feedback again: when, to whom, and once."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from seminars.actions import attendance, letters, reminders, sessions
from seminars.errors import Refused
from seminars.models import (
    FeedbackReceipt,
    Invitation,
    Letter,
    Person,
    Session,
    Unsubscription,
)
from seminars.moments import local, now
from seminars.queries import due
from seminars.vocabulary import Answer, LetterKind, LetterState, State
from tests import cast

pytestmark = pytest.mark.django_db


def coming(by: Person, **away: float) -> Session:
    start = local(now() + timedelta(**away), "Europe/Paris").replace(second=0, microsecond=0, tzinfo=None)
    return cast.make_session(by, start)


@pytest.fixture
def session(elia: Person, ange: Person, bruna: Person, cyrille: Person, clock: cast.Clock) -> Session:
    """In ten days; Ange said yes, Bruna maybe, Cyrille nothing."""
    session = coming(elia, days=10)
    for invitation, answer in zip(
        cast.invite(session, ange, bruna, cyrille), ("yes", "maybe", ""), strict=True
    ):
        answered(invitation, answer)
    return session


def answered(invitation: Invitation, answer: str) -> None:
    Invitation.objects.filter(pk=invitation.pk).update(answer=answer)


def before(clock: cast.Clock, session: Session, **length: float) -> None:
    clock.at(Session.objects.get(pk=session.pk).starts_at - timedelta(**length))


def told(kind: str = LetterKind.REMINDER) -> list[tuple[str, str]]:
    """Whom, and about what."""
    rows = Letter.objects.filter(kind=kind).order_by("created_at", "person__key")
    return [(key, about.partition("@")[0]) for key, about in rows.values_list("person__key", "about")]


def test_everybody_but_who_said_no_is_reminded_a_day_and_an_hour_before(session, daniele, clock):
    (declined,) = cast.invite(session, daniele)
    answered(declined, Answer.NO)
    Session.objects.filter(pk=session.pk).update(asks_again=[])
    before(clock, session, hours=24, seconds=5)
    assert reminders.post_due() == 0
    before(clock, session, hours=24)
    assert reminders.post_due() == 3
    assert reminders.post_due() == 0
    before(clock, session, minutes=60)
    assert reminders.post_due() == 3
    assert reminders.post_due() == 0
    people = ("ange", "bruna", "cyrille")
    assert told() == [(key, "1440") for key in people] + [(key, "60") for key in people]


def test_a_reminder_leaves_at_once_and_holds_its_start(session, clock):
    before(clock, session, hours=23)
    reminders.post_due()
    letter = Letter.objects.filter(kind=LetterKind.REMINDER).first()
    assert letter.next_at <= now()
    assert letter.about == f"1440@{session.starts_at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


@pytest.mark.parametrize(("left", "count"), [(12.5, 3), (11.5, 0), (0.75, 3), (0.25, 0)])
def test_one_that_is_half_over_is_not_made_up_for(session, clock, left, count):
    before(clock, session, hours=left)
    assert reminders.post_due() == count


def test_only_the_nearest_is_made_up_for(session, clock):
    Session.objects.filter(pk=session.pk).update(reminders=[10080, 2880, 1440])
    before(clock, session, hours=23)
    reminders.post_due()
    assert {about for _, about in told()} == {"1440"}


def test_whoever_was_invited_after_its_moment_is_not_reminded(session, daniele, clock):
    before(clock, session, hours=23)
    cast.invite(session, daniele)
    reminders.post_due()
    assert [key for key, _ in told()] == ["ange", "bruna", "cyrille"]


def test_a_moved_session_reminds_anew_but_not_on_the_heels_of_its_update(session, elia, clock):
    before(clock, session, hours=23)
    assert reminders.post_due() == 3
    fresh = Session.objects.get(pk=session.pk)
    start = local(fresh.starts_at, fresh.timezone).replace(tzinfo=None) - timedelta(hours=1)
    sessions.move(session=fresh, by=elia, slots=[(start, start + timedelta(hours=1))])
    assert reminders.post_due() == 0, "the update tells all of it"
    fresh.refresh_from_db()
    start += timedelta(days=3)
    sessions.move(session=fresh, by=elia, slots=[(start, start + timedelta(hours=1))])
    before(clock, session, hours=24)
    assert reminders.post_due() == 3


@pytest.mark.parametrize("state", [State.DRAFT, State.CANCELLED, State.RUNNING, State.ENDED])
def test_nobody_is_reminded_of_what_is_not_to_come(session, clock, state):
    Session.objects.filter(pk=session.pk).update(state=state)
    before(clock, session, hours=23)
    assert reminders.post_due() == 0


def test_who_has_stopped_reminders_gets_none_and_costs_no_further_look(session, ange, bruna, cyrille, clock):
    for person in (ange, bruna, cyrille):
        Unsubscription.objects.create(person=person, kind=LetterKind.REMINDER, at=now())
    before(clock, session, hours=23)
    assert due.due(now()) == []


def test_those_who_have_not_answered_are_asked_again_a_week_before(session, clock):
    before(clock, session, days=7)
    assert reminders.post_due() == 1
    assert reminders.post_due() == 0
    assert told(LetterKind.ASKING) == [("cyrille", "ask-7")]
    before(clock, session, days=3)
    assert reminders.post_due() == 0


def test_who_is_asked_again_is_not_reminded_in_the_same_minute(session, clock):
    Session.objects.filter(pk=session.pk).update(asks_again=[1], reminders=[1440])
    before(clock, session, hours=23)
    reminders.post_due()
    assert told(LetterKind.ASKING) == [("cyrille", "ask-1")]
    assert told() == [("ange", "1440"), ("bruna", "1440")]


def test_asking_by_hand_leaves_out_whoever_was_asked_within_a_day(session, elia, daniele, clock):
    with pytest.raises(Refused, match="asked_today"):
        reminders.ask_again(session=session, by=elia)
    clock.forward(hours=25)
    cast.invite(session, daniele)
    assert reminders.ask_again(session=session, by=elia) == reminders.Asked(1, 1)
    with pytest.raises(Refused, match="asked_today"):
        reminders.ask_again(session=session, by=elia)
    clock.forward(hours=25)
    assert reminders.ask_again(session=session, by=elia) == reminders.Asked(2, 0)
    assert [key for key, _ in told(LetterKind.ASKING)] == ["cyrille", "cyrille", "daniele"]


def test_asking_by_hand_is_refused_where_all_have_answered_or_it_has_begun(session, elia, clock):
    clock.forward(hours=25)
    Invitation.objects.update(answer=Answer.YES)
    with pytest.raises(Refused, match="all_answered"):
        reminders.ask_again(session=session, by=elia)
    clock.at(session.starts_at)
    with pytest.raises(Refused, match="not_now"):
        reminders.ask_again(session=session, by=elia)


def test_a_change_that_waits_is_told_before_the_question(session, elia, clock):
    clock.forward(hours=25)
    Letter.objects.update(state=LetterState.SENT)
    sessions.edit(session=session, by=elia, title_fr="Autre")
    reminders.ask_again(session=session, by=elia)
    waiting = Letter.objects.filter(person__key="cyrille", state=LetterState.PENDING).order_by("stamp")
    assert [letter.kind for letter in waiting] == [LetterKind.UPDATE, LetterKind.ASKING]
    assert all(letter.next_at <= now() for letter in waiting)


def test_the_moments_are_chosen(session, elia):
    kept = reminders.choose(session=session, by=elia, reminders=[60, 10080], asks_again=[])
    assert (kept.reminders, kept.asks_again) == ([10080, 60], [])
    for wrong in ({"reminders": [5], "asks_again": []}, {"reminders": [], "asks_again": [365]}):
        with pytest.raises(Refused, match="reminder_unknown"):
            reminders.choose(session=session, by=elia, **wrong)


@pytest.fixture
def held(session: Session, ange: Person, bruna: Person, elia: Person, clock: cast.Clock) -> Session:
    """Ended; Ange and Bruna were there."""
    clock.at(session.starts_at)
    session = sessions.open_(session=session, by=elia)
    for person in (ange, bruna):
        attendance.arrive(session=session, person=person, connection=uuid.uuid4(), event=uuid.uuid4())
    clock.forward(seconds=30)
    return sessions.close(session=session, by=elia, reason="Fini plus tôt")


def test_feedback_is_brought_to_mind_twice_until_it_is_given(held, ange, bruna, clock):
    assert len(told(LetterKind.FEEDBACK)) == 2
    clock.at(held.closed_at + timedelta(days=2))
    FeedbackReceipt.objects.create(session=held, person=ange)
    assert (reminders.post_due(), reminders.post_due()) == (1, 0)
    clock.at(held.closed_at + timedelta(days=5))
    assert (reminders.post_due(), reminders.post_due()) == (1, 0)
    assert told(LetterKind.FEEDBACK)[2:] == [("bruna", "feedback-1"), ("bruna", "feedback-2")]
    FeedbackReceipt.objects.create(session=held, person=bruna)
    assert due.due(now()) == []


def test_feedback_is_not_asked_for_much_later(held, clock):
    clock.at(held.closed_at + timedelta(days=3, hours=1))
    assert reminders.post_due() == 0


def test_posting_one_thing_twice_is_a_fault_and_not_silence(session):
    """Whoever posts holds the session and looks before."""
    revision, invitations = letters.freeze(session), session.invitations.all()
    assert (
        len(
            letters.post_all(
                kind=LetterKind.REMINDER, invitations=invitations, revision=revision, about="60@x"
            )
        )
        == 3
    )
    with pytest.raises(IntegrityError), transaction.atomic():
        letters.post_all(kind=LetterKind.REMINDER, invitations=invitations, revision=revision, about="60@x")


def test_a_look_costs_the_same_for_many_sessions_as_for_one(elia, ange, clock):
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            due.due(now())
        return len(queries)

    cast.invite(coming(elia, days=5), ange)
    clock.forward(days=4, hours=1)
    one = asked()
    for number in range(12):
        later = coming(elia, hours=20 + number / 4)
        cast.invite(later, ange)
        Invitation.objects.filter(session=later).update(invited_at=now() - timedelta(days=9))
    assert asked() == one <= 5


def test_many_sessions_are_asked_about_in_turns_and_no_more_than_are_wanted(elia, ange, clock, monkeypatch):
    monkeypatch.setattr(due, "CHUNK", 4)
    for number in range(11):
        later = coming(elia, hours=50 + number / 4)
        if number % 5:
            cast.invite(later, ange)
    clock.forward(hours=30)
    every = due.due(now())
    in_turn = Session.objects.filter(invitations__isnull=False).order_by("starts_at")
    assert [each.session_id for each in every] == list(in_turn.values_list("pk", flat=True))
    with CaptureQueriesContext(connection) as few:
        assert due.due(now(), 2) == every[:2]
    with CaptureQueriesContext(connection) as all_of_them:
        due.due(now())
    assert len(few) < len(all_of_them)
    largest = max(len(query["sql"]) for query in all_of_them)
    assert largest < 6000, "no query grows with the number of sessions"


@pytest.mark.django_db(transaction=True)
def test_several_workers_at_once_remind_once(elia: Person, clock: cast.Clock) -> None:
    session = coming(elia, days=3)
    cast.invite(session, *(cast.person(f"pro{n:02}", f"Pro Number{n:02}") for n in range(20)))
    Session.objects.filter(pk=session.pk).update(asks_again=[])
    before(clock, session, hours=23)

    def post(_: Any) -> int:
        try:
            return sum(reminders.post_due() for _ in range(3))
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        posted = list(threads.map(post, range(4)))
    assert sum(posted) == 20
    assert Letter.objects.filter(kind=LetterKind.REMINDER).count() == 20
