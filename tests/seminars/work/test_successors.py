"""Several letters about one session to one person: what she may hold decides what the next must say."""

from typing import Any

import pytest

from seminars.actions import invitations, letters, sessions
from seminars.models import Letter, Person, Session
from seminars.queries.undelivered import undelivered
from seminars.vocabulary import LetterState
from seminars.work import outbox
from seminars.work.outbox import Outcome
from tests import cast
from tests.letterbox import read
from tests.seminars.work.mailserver import send

pytestmark = pytest.mark.django_db
DISABLED = "550 5.2.1 mailbox disabled"


@pytest.fixture
def session(elia: Person, ange: Person, server: Any, settings: Any) -> Session:
    """Ange holds her invitation, and is told of each change at once."""
    settings.EDITS_MERGED_MINUTES = 0
    session = cast.make_session(elia)
    cast.invite(session, ange)
    assert send() == 1
    return fresh(session)


def fresh(session: Session) -> Session:
    return Session.objects.get(pk=session.pk)


def methods(server: Any) -> list[str]:
    return [read(content).method for _, _, content in server.received]


def kinds() -> list[tuple[str, str]]:
    return list(Letter.objects.order_by("stamp").values_list("kind", "state"))


def edit(session: Session, by: Person) -> None:
    sessions.edit(session=fresh(session), by=by, title_fr="Autre", title_it="Altro")


def test_who_holds_an_older_invitation_is_told_of_the_end(session, elia, ange, server, clock):
    server.to_recipient = {ange.email: [DISABLED, "451 later"]}
    edit(session, elia)
    send()
    cast.invite(session, ange)
    send()
    sessions.cancel(session=fresh(session), by=elia)
    clock.forward(hours=7)
    send()
    assert methods(server) == ["REQUEST", "CANCEL"]


def test_whose_withdrawal_was_refused_is_told_of_the_end(session, elia, ange, server):
    server.to_recipient = {ange.email: [DISABLED]}
    invitations.withdraw(invitation=session.invitations.get(), by=elia)
    send()
    cast.invite(session, ange)
    sessions.cancel(session=fresh(session), by=elia)
    send()
    assert methods(server) == ["REQUEST", "CANCEL"]


def test_who_has_got_a_withdrawal_holds_nothing_any_more(session, elia, ange, server):
    invitations.withdraw(invitation=session.invitations.get(), by=elia)
    send()
    cast.invite(fresh(session), ange)
    sessions.cancel(session=fresh(session), by=elia)
    assert send() == 0
    assert methods(server) == ["REQUEST", "CANCEL"]


def test_a_doubt_outlives_the_letters_that_came_after(elia, ange, clock):
    session = cast.make_session(elia)
    cast.invite(session, ange)
    outbox.claim(owner="killed")
    clock.forward(minutes=3)
    invitations.withdraw(invitation=session.invitations.get(), by=elia)
    Letter.objects.filter(kind="withdrawal").update(state=LetterState.FAILED, attempts=1)
    cast.invite(fresh(session), ange)
    sessions.cancel(session=fresh(session), by=elia)
    assert kinds()[-1] == ("cancellation", "pending")


def test_a_cancellation_waits_for_no_letter_that_it_has_overtaken(session, elia, server):
    edit(session, elia)
    Letter.objects.filter(kind="update").update(attempts=7)
    (update,) = outbox.claim(owner="slow")
    sessions.cancel(session=fresh(session), by=elia)
    outbox.settle([Outcome(update, None, "451 later", is_answered=False)])
    update.refresh_from_db()
    assert (update.state, update.unanswered) == (LetterState.SUPERSEDED, 1)
    assert send() == 1
    assert methods(server) == ["REQUEST", "CANCEL"]


def test_a_letter_without_a_successor_is_tried_again(session, elia):
    edit(session, elia)
    (update,) = outbox.claim(owner="slow")
    letters.publish(session=fresh(session), by=elia, text_fr="Un café ?", text_it="")
    outbox.settle([Outcome(update, None, "451 later")])
    assert kinds()[1:] == [("update", "pending"), ("message", "pending")]


def test_whose_invitation_was_overtaken_by_a_change_is_invited_by_it(elia, ange):
    session = cast.make_session(elia)
    cast.invite(session, ange)
    (first,) = outbox.claim(owner="slow")
    edit(session, elia)
    outbox.settle([Outcome(first, None, "451 later")])
    assert kinds() == [("invitation", "superseded"), ("invitation", "pending")]


def test_a_refused_withdrawal_is_shown_and_sent_again(session, elia, ange, server):
    server.to_recipient = {ange.email: [DISABLED]}
    invitations.withdraw(invitation=session.invitations.get(), by=elia)
    send()
    (missed,) = undelivered(session)
    assert (missed.person, missed.answer) == (ange, DISABLED)
    assert letters.retry(session=session, by=elia) == 1
    assert send() == 1
    assert methods(server) == ["REQUEST", "CANCEL"]


def test_an_address_that_ends_like_the_old_one_is_another(elia, ange, server):
    Person.objects.filter(pk=ange.pk).update(email="xange@example.org")
    session = cast.make_session(elia)
    cast.invite(session, Person.objects.get(pk=ange.pk))
    server.to_recipient = {"xange@example.org": ["550 no such user"]}
    send()
    Person.objects.filter(pk=ange.pk).update(email="ange@example.org")
    letters.retry(session=session, by=elia)
    assert send() == 1
    assert server.recipients == ["ange@example.org"]


@pytest.mark.parametrize("is_withdrawn", [False, True], ids=["cancelled", "withdrawn"])
@pytest.mark.parametrize(
    ("state", "error"), [(None, "451 later"), (LetterState.SUPERSEDED, ""), (LetterState.FAILED, "550 no")]
)
def test_whose_invitation_did_not_leave_the_workers_hand_gets_no_end(
    elia, ange, server, clock, is_withdrawn, state, error
):
    session = cast.make_session(elia)
    cast.invite(session, ange)
    (first,) = outbox.claim(owner="slow")
    if is_withdrawn:
        invitations.withdraw(invitation=session.invitations.get(), by=elia)
    else:
        sessions.cancel(session=fresh(session), by=elia)
    outbox.settle([Outcome(first, state, error)])
    clock.forward(minutes=3)
    assert send() == 0
    assert kinds()[1][1] == LetterState.SUPERSEDED


def test_whose_invitation_waited_for_a_rate_gets_no_end(elia, ange, server, clock):
    session = cast.make_session(elia)
    cast.invite(session, ange)
    (first,) = outbox.claim(owner="slow")
    sessions.cancel(session=fresh(session), by=elia)
    outbox.settle([Outcome(first, None, "", is_counted=False, wait=60)])
    clock.forward(minutes=3)
    assert send() == 0


def test_whose_invitation_may_have_left_the_workers_hand_is_told_of_the_end(elia, ange, server, clock):
    session = cast.make_session(elia)
    cast.invite(session, ange)
    (first,) = outbox.claim(owner="slow")
    sessions.cancel(session=fresh(session), by=elia)
    outbox.settle([Outcome(first, None, "451 later", is_answered=False)])
    clock.forward(minutes=3)
    assert send() == 1
    assert methods(server) == ["CANCEL"]
