"""Reminders are posted when they are due, hold up nothing, and never leave once they are pointless (catalogue A-11)."""

from collections import Counter
from datetime import timedelta
from threading import Event

import pytest

from seminars.actions import answers, letters, reminders, sessions
from seminars.models import Invitation, Letter, Session, Unsubscription
from seminars.moments import local, now
from seminars.vocabulary import LetterKind, LetterState
from seminars.work import rounds
from tests import cast
from tests.letterbox import Letterbox

pytestmark = pytest.mark.django_db


@pytest.fixture
def invitation(elia, ange, letterbox: Letterbox, clock: cast.Clock) -> Invitation:
    """Of a session in three days whose first letters have left."""
    start = local(now() + timedelta(days=3), "Europe/Paris").replace(microsecond=0)
    (invitation,) = cast.invite(cast.make_session(elia, start), ange)
    assert len(letterbox.run()) == 1
    return invitation


def due(invitation: Invitation, clock: cast.Clock, **late: float) -> None:
    """An hour before the start."""
    clock.at(invitation.session.starts_at - timedelta(hours=1) + timedelta(**late))


def kinds(letterbox: Letterbox) -> Counter[str]:
    """Of what leaves in one round of a worker."""
    reminders.post_due()
    sent = {mail.message["Message-ID"].strip("<>").partition("@")[0] for mail in letterbox.run()}
    return Counter(Letter.objects.filter(pk__in=sent).values_list("kind", flat=True))


def test_a_reminder_leaves_at_its_hour_and_not_before(invitation, letterbox, clock):
    due(invitation, clock, minutes=-1)
    assert not kinds(letterbox)
    due(invitation, clock, minutes=1)
    reminders.post_due()
    (mail,) = letterbox.run()
    assert mail.calendar == b""
    assert invitation.token in mail.text


def test_a_reminder_that_cant_leave_holds_up_no_other_letter(invitation, elia, letterbox, clock):
    due(invitation, clock)
    reminders.post_due()
    Letter.objects.filter(kind=LetterKind.REMINDER).update(attempts=1, next_at=now() + timedelta(minutes=5))
    letters.publish(session=invitation.session, by=elia, text_fr="Un café ?", text_it="")
    assert kinds(letterbox) == {"message": 1}


def test_a_session_cancelled_a_minute_before_its_reminder_sends_the_cancellation_alone(
    invitation, elia, bruna, letterbox, clock
):
    session = invitation.session
    cast.invite(session, bruna)
    letterbox.run()
    due(invitation, clock, minutes=-1)
    sessions.cancel(session=session, by=elia)
    clock.forward(minutes=2)
    assert kinds(letterbox) == {"cancellation": 2}
    assert not Letter.objects.filter(kind=LetterKind.REMINDER).exists()


def test_a_session_cancelled_while_its_reminder_waits_sends_the_cancellation_alone(
    invitation, elia, letterbox, clock
):
    due(invitation, clock)
    reminders.post_due()
    sessions.cancel(session=invitation.session, by=elia)
    assert kinds(letterbox) == {"cancellation": 1}
    assert Letter.objects.get(kind=LetterKind.REMINDER).state == LetterState.SUPERSEDED


def test_a_reminder_whose_session_was_moved_says_no_old_hour(invitation, elia, letterbox, clock):
    session = invitation.session
    due(invitation, clock)
    reminders.post_due()
    start, end = (
        local(at, session.timezone).replace(tzinfo=None) for at in (session.starts_at, session.ends_at)
    )
    sessions.move(session=session, by=elia, slots=[(start + timedelta(hours=3), end + timedelta(hours=3))])
    clock.at(session.starts_at)
    assert kinds(letterbox) == {"update": 1}
    due(Invitation.objects.get(), clock)
    assert kinds(letterbox) == {"reminder": 1}


@pytest.mark.parametrize("what", ["begun", "state", "no", "withdrawn", "stopped"])
def test_a_pointless_reminder_is_dropped_by_the_worker_whatever_was_posted(
    invitation, letterbox, clock, what
):
    session = invitation.session
    due(invitation, clock)
    assert reminders.post_due() == 1
    if what == "state":
        Session.objects.filter(pk=session.pk).update(state="cancelled")
    elif what == "no":
        answers.answer(invitation=invitation, answer="no")
    elif what == "withdrawn":
        Invitation.objects.filter(pk=invitation.pk).update(withdrawn_at=session.created_at)
    elif what == "stopped":
        Unsubscription.objects.create(person=invitation.person, kind=LetterKind.REMINDER, at=now())
    late = timedelta(minutes=1 if what == "begun" else -30)
    clock.at(session.starts_at + late)
    assert not kinds(letterbox)
    assert Letter.objects.get(kind=LetterKind.REMINDER).state == LetterState.SUPERSEDED


@pytest.mark.parametrize("what", ["answered", "begun"])
def test_a_question_that_has_its_answer_is_dropped(invitation, letterbox, clock, what):
    Session.objects.filter(pk=invitation.session_id).update(asks_again=[1], reminders=[])
    clock.at(invitation.session.starts_at - timedelta(days=1))
    assert reminders.post_due() == 1
    if what == "answered":
        answers.answer(invitation=invitation, answer="maybe")
    else:
        clock.at(invitation.session.starts_at)
    assert not kinds(letterbox)
    assert Letter.objects.get(kind=LetterKind.ASKING).state == LetterState.SUPERSEDED


def test_the_worker_looks_for_what_is_due(invitation, clock, monkeypatch):
    due(invitation, clock)
    stop = Event()
    monkeypatch.setattr(rounds.Postman, "round", lambda *_: stop.set())
    rounds.work(stop)
    assert Letter.objects.filter(kind=LetterKind.REMINDER).count() == 1
