"""Reminders wait for their day, hold up nothing, and never leave once they are pointless (catalogue A-11)."""

from collections import Counter
from datetime import timedelta

import pytest

from seminars.actions import invitations, letters, sessions
from seminars.models import Invitation, Letter, Session
from seminars.moments import local
from seminars.vocabulary import LetterKind, LetterState
from tests import cast
from tests.letterbox import Letterbox

pytestmark = pytest.mark.django_db


@pytest.fixture
def invitation(elia, ange, letterbox: Letterbox) -> Invitation:
    """Of a session whose first letters have left; its reminder waits until an hour before the start."""
    session = cast.make_session(elia)
    (invitation,) = cast.invite(session, ange)
    assert len(letterbox.run()) == 1
    remind(invitation)
    return invitation


def remind(invitation: Invitation) -> None:
    letters.post(
        kind=LetterKind.REMINDER,
        invitation=invitation,
        revision=letters.freeze(invitation.session),
        not_before=invitation.session.starts_at - timedelta(hours=1),
    )


def kinds(letterbox: Letterbox) -> Counter[str]:
    sent = {mail.message["Message-ID"].strip("<>").partition("@")[0] for mail in letterbox.run()}
    return Counter(Letter.objects.filter(pk__in=sent).values_list("kind", flat=True))


def test_a_reminder_leaves_at_its_hour_and_not_before(invitation, letterbox, clock):
    clock.at(invitation.session.starts_at - timedelta(minutes=61))
    assert not kinds(letterbox)
    clock.at(invitation.session.starts_at - timedelta(minutes=59))
    (mail,) = letterbox.run()
    assert mail.calendar == b""
    assert invitation.token in mail.text


def test_a_waiting_reminder_holds_up_no_other_letter(invitation, elia, letterbox):
    letters.publish(session=invitation.session, by=elia, text_fr="Un café ?", text_it="")
    assert kinds(letterbox) == {"message": 1}


def test_a_session_cancelled_a_minute_before_its_reminder_sends_the_cancellation_alone(
    invitation, elia, bruna, letterbox, clock
):
    session = invitation.session
    cast.invite(session, bruna)
    letterbox.run()
    clock.at(session.starts_at - timedelta(minutes=61))
    sessions.cancel(session=session, by=elia)
    clock.forward(minutes=2)
    assert kinds(letterbox) == {"cancellation": 2}
    assert Letter.objects.get(kind=LetterKind.REMINDER).state == LetterState.SUPERSEDED


def test_a_reminder_whose_session_was_moved_says_no_old_hour(invitation, elia, letterbox, clock):
    session = invitation.session
    start, end = (
        local(at, session.timezone).replace(tzinfo=None) for at in (session.starts_at, session.ends_at)
    )
    sessions.move(session=session, by=elia, slots=[(start + timedelta(hours=3), end + timedelta(hours=3))])
    clock.at(session.starts_at)
    assert kinds(letterbox) == {"update": 1}


@pytest.mark.parametrize("what", ["begun", "state", "no", "withdrawn"])
def test_a_pointless_reminder_is_dropped_by_the_worker_whatever_was_posted(
    invitation, letterbox, clock, what
):
    session = invitation.session
    if what == "state":
        Session.objects.filter(pk=session.pk).update(state="cancelled")
    elif what == "no":
        invitations.answer(invitation=invitation, answer="no")
    elif what == "withdrawn":
        Invitation.objects.filter(pk=invitation.pk).update(withdrawn_at=session.created_at)
    late = timedelta(minutes=1 if what == "begun" else -30)
    clock.at(session.starts_at + late)
    assert not kinds(letterbox)
    assert Letter.objects.get(kind=LetterKind.REMINDER).state == LetterState.SUPERSEDED
