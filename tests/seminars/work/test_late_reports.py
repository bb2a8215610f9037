"""Reports that come late, twice, or about a copy: nothing outdated leaves again, and nobody misses an end."""

from datetime import timedelta
from typing import Any

import pytest

from seminars.actions import answers, invitations, letters, reminders, returns, sessions
from seminars.actions.returns import Fate, Noted
from seminars.models import Invitation, Letter, Person, Session
from seminars.moments import local, now
from seminars.queries.invited import guests
from seminars.queries.undelivered import undelivered
from seminars.vocabulary import LetterKind, LetterState
from seminars.work import outbox
from seminars.work.needs import moot
from seminars.work.outbox import Outcome
from seminars.work.returns import take
from tests import cast, watching
from tests.letterbox import Letterbox
from tests.seminars.work import reports

pytestmark = pytest.mark.django_db


@pytest.fixture
def session(elia: Person, ange: Person, letterbox: Letterbox, clock: cast.Clock) -> Session:
    """Ange holds her invitation to a session in ten days."""
    start = local(now() + timedelta(days=10), "Europe/Paris").replace(
        hour=9, minute=0, second=0, microsecond=0
    )
    session = cast.make_session(elia, start)
    cast.invite(session, ange)
    assert [mail.method for mail in letterbox.run()] == ["REQUEST"]
    return session


def fresh(session: Session) -> Session:
    return Session.objects.get(pk=session.pk)


def report(kind: LetterKind, fate: Fate, words: str = "5.4.7 expired") -> Noted:
    letter = Letter.objects.get(kind=kind)
    assert letter.invitation is not None
    return returns.note(letter=letter.pk, agents=[letter.invitation.agent], fate=fate, words=words)


def move(session: Session, hours: int = 3) -> None:
    slots = [
        tuple(
            local(at, session.timezone).replace(tzinfo=None) + timedelta(hours=hours)
            for at in (slot.starts_at, slot.ends_at)
        )
        for slot in session.slots.all()
    ]
    sessions.move(session=fresh(session), by=session.created_by, slots=slots)


def refused() -> None:
    """By its mail server, at the first try."""
    (letter,) = outbox.claim(owner="one")
    outbox.settle([Outcome(letter, LetterState.FAILED, "550 no such user")])


def posted(session: Session, **whose: Person) -> list[tuple[str, str]]:
    return list(session.letters.filter(**whose).order_by("stamp").values_list("kind", "state"))


def is_over(session: Session) -> bool:
    """Nobody is shown as missed, and `Send again` sends nothing."""
    return undelivered(session) == [] and letters.retry(session=session, by=session.created_by) == 0


def test_an_invitation_that_comes_back_after_the_move_does_not_leave_again(session, letterbox):
    move(session)
    letterbox.run()
    report(LetterKind.INVITATION, Fate.FAILED)
    assert is_over(session)


def test_a_reminder_of_the_old_start_does_not_leave_again(session, letterbox, clock):
    answers.answer(invitation=session.invitations.get(), answer="yes")
    clock.at(session.starts_at - timedelta(hours=23, minutes=59))
    reminders.post_due()
    letterbox.run()
    move(session)
    letterbox.run()
    report(LetterKind.REMINDER, Fate.FAILED)
    assert is_over(session)


def test_who_is_invited_again_gets_no_old_withdrawal(session, ange, letterbox):
    invitations.withdraw(invitation=session.invitations.get(), by=session.created_by)
    letterbox.run()
    cast.invite(fresh(session), ange)
    letterbox.run()
    report(LetterKind.WITHDRAWAL, Fate.FAILED)
    assert is_over(session)


def test_an_invitation_that_came_back_is_replaced_by_asking_again(session, letterbox, clock):
    report(LetterKind.INVITATION, Fate.FAILED)
    clock.forward(days=3, hours=1)
    assert reminders.post_due() == 1
    assert is_over(session)
    assert [mail.method for mail in letterbox.run()] == ["REQUEST"]
    assert [state for _, state in posted(session)] == ["superseded", "sent"]
    assert reminders.post_due() == 0


def test_whom_no_invitation_ever_reached_is_invited_instead_of_asked_again(session, bruna, clock):
    cast.invite(session, bruna)
    refused()
    clock.forward(days=2)
    reminders.ask_again(session=session, by=session.created_by)
    assert posted(session, person=bruna) == [("invitation", "superseded"), ("invitation", "pending")]


def test_what_was_refused_while_its_successor_waited_does_not_leave_after_it(session, bruna, letterbox):
    cast.invite(session, bruna)
    (leaving,) = outbox.claim(owner="slow")
    move(session)
    outbox.settle([Outcome(leaving, LetterState.FAILED, "550 no such user")])
    letterbox.run()
    assert is_over(session)


def test_a_message_that_came_back_is_sent_again_whatever_followed(session, letterbox):
    letters.publish(session=session, by=session.created_by, text_fr="Un café ?")
    letterbox.run()
    move(session)
    letterbox.run()
    report(LetterKind.MESSAGE, Fate.FAILED)
    assert letters.retry(session=session, by=session.created_by) == 1


def test_what_waits_to_leave_again_is_dropped_after_something_newer(session, letterbox):
    move(session)
    letterbox.run()
    Letter.objects.filter(kind=LetterKind.INVITATION).update(state=LetterState.PENDING)
    old = Letter.objects.select_related("person", "session", "invitation", "link", "revision")
    assert len(moot(list(old.filter(state=LetterState.PENDING)))) == 1


@pytest.mark.parametrize("is_withdrawn", [False, True], ids=["cancelled", "withdrawn"])
@pytest.mark.parametrize("answer", ["", "yes"])
def test_who_may_hold_what_came_back_is_told_of_the_end(session, letterbox, is_withdrawn, answer):
    invitation = session.invitations.get()
    if answer:
        answers.answer(invitation=invitation, answer=answer)
    report(LetterKind.INVITATION, Fate.FAILED, "5.2.2 the address she forwards to is full")
    if is_withdrawn:
        invitations.withdraw(invitation=Invitation.objects.get(), by=session.created_by)
    else:
        sessions.cancel(session=fresh(session), by=session.created_by)
    assert [mail.method for mail in letterbox.run()] == ["CANCEL"]


def test_who_answered_on_the_site_is_told_of_the_end_though_no_letter_left(session, bruna, letterbox):
    (invitation,) = cast.invite(session, bruna)
    refused()
    answers.answer(invitation=invitation, answer="yes")
    sessions.cancel(session=fresh(session), by=session.created_by)
    assert bruna.email in [to for mail in letterbox.run() for to in mail.recipients]


@pytest.mark.parametrize(("answer", "kind"), [("", "invitation"), ("yes", "update")])
def test_whose_letter_came_back_is_invited_by_the_next_unless_she_has_answered(session, answer, kind):
    if answer:
        answers.answer(invitation=session.invitations.get(), answer=answer)
    report(LetterKind.INVITATION, Fate.FAILED)
    sessions.edit(session=fresh(session), by=session.created_by, title_fr="Autre")
    assert posted(session)[-1] == (kind, "pending")


@pytest.mark.parametrize("fates", [(Fate.DELIVERED, Fate.FAILED), (Fate.FAILED, Fate.DELIVERED)])
def test_one_copy_that_arrived_outweighs_another_that_did_not(session, fates):
    for fate in fates:
        assert report(LetterKind.INVITATION, fate) == Noted.TAKEN
    letter = Letter.objects.get()
    assert (letter.state, letter.last_error, letter.returned_at) == (LetterState.SENT, "", None)
    assert letter.delivered_at is not None


@pytest.mark.parametrize("actions", [("delivered", "failed"), ("failed", "delivered")])
def test_one_report_of_two_copies_says_that_it_arrived(session, actions):
    letter = Letter.objects.get()
    whole = reports.status(letter, action=actions[0], envelope=True).rstrip()
    other = f"Final-Recipient: rfc822; copy@elsewhere.example\nAction: {actions[1]}\nStatus: 5.1.1"
    assert letter.invitation is not None
    to = f"sessions+{letter.invitation.agent}@localhost"
    assert take(reports.mail(f"{whole}\n\n{other}\n", to=to)) == Noted.TAKEN
    letter.refresh_from_db()
    assert (letter.state, letter.delivered_at is not None) == (LetterState.SENT, True)


def test_a_letter_that_is_refused_by_the_server_itself_is_not_made_sent_by_a_report(session):
    Letter.objects.update(state=LetterState.FAILED, last_error="550 no", sent_at=None)
    report(LetterKind.INVITATION, Fate.DELIVERED)
    assert Letter.objects.get().state == LetterState.FAILED


def test_what_is_sent_again_has_not_arrived_before_it_left(session, letterbox, clock):
    Letter.objects.update(state=LetterState.DEAD, delivered_at=now())
    clock.forward(hours=1)
    assert letters.retry(session=session, by=session.created_by) == 1
    letterbox.run()
    (guest,) = guests(session)
    assert (guest.delivered_at, guest.letter_at) == (None, guest.sent_at)


def test_a_letter_that_left_once_is_remembered_while_it_is_tried_again(session):
    report(LetterKind.INVITATION, Fate.FAILED)
    letters.retry(session=session, by=session.created_by)
    refused()
    assert Letter.objects.standing(Letter.objects.get().ordering_key).exists()


def test_the_judge_finds_an_older_message_that_leaves_after_a_newer_one(session, letterbox):
    (first,) = letterbox.place.glob("*.eml")
    content = first.read_bytes()
    keeper: Any = watching.keeper
    keeper.mail(content)
    assert keeper.settle() == []
    move(session)
    letterbox.run()
    keeper.mail(content, is_read=True)
    assert keeper.settle() == []
    keeper.mail(content)
    (fault,) = keeper.settle()
    assert fault.endswith("history: an older message once more")
