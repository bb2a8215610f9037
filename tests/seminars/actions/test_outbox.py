"""The outbox: claim, order, supersede, retry, give up."""

from datetime import timedelta

import pytest
from django.db import transaction

from seminars.actions import sessions
from seminars.models import Letter
from seminars.moments import local, now
from seminars.vocabulary import LetterKind, LetterState
from seminars.work import outbox
from seminars.work.outbox import Outcome
from tests import cast

pytestmark = pytest.mark.django_db


def claim(owner: str) -> Letter | None:
    return next(iter(outbox.claim(owner=owner)), None)


def end(letter: Letter, state: LetterState | None, error: str = "") -> bool:
    return bool(outbox.settle([Outcome(letter, state, error)]))


def later(session, **length):
    """The same half-day at another hour, as wall times."""
    start, end = (
        local(moment, session.timezone).replace(tzinfo=None)
        for moment in (session.starts_at, session.ends_at)
    )
    return [(start + timedelta(**length), end + timedelta(**length))]


@pytest.fixture
def session(elia, ange):
    session = cast.make_session(elia)
    cast.invite(session, ange)
    return session


def test_a_claimed_letter_is_nobody_elses_until_its_lease_ends(session, clock):
    first = claim("one")
    assert first is not None
    assert claim("two") is None
    clock.forward(seconds=121)
    again = claim("two")
    assert (again.pk, again.attempts, again.unanswered) == (first.pk, 1, 1)
    assert not end(first, LetterState.SENT)
    assert end(again, LetterState.SENT)
    assert Letter.objects.get().state == LetterState.SENT


def test_a_move_before_the_first_letter_left_sends_one_invitation_with_the_new_hour(session, elia):
    sessions.move(session=session, by=elia, slots=later(session, hours=2))
    assert list(Letter.objects.order_by("stamp").values_list("kind", "state", "sequence")) == [
        (LetterKind.INVITATION, LetterState.SUPERSEDED, 0),
        (LetterKind.INVITATION, LetterState.PENDING, 1),
    ]


def test_a_letter_that_is_leaving_is_not_replaced_but_followed(session, elia):
    leaving = claim("one")
    sessions.move(session=session, by=elia, slots=later(session, hours=2))
    assert claim("two") is None, "the update waits for the letter before it"
    end(leaving, LetterState.SENT)
    update = claim("two")
    assert (update.kind, update.sequence) == (LetterKind.UPDATE, 1)
    assert update.stamp > leaving.stamp


def test_a_refused_try_waits_longer_each_time_and_is_given_up_after_ten(session, clock, settings):
    gaps = []
    for attempt in range(1, outbox.MOST_TRIES + 1):
        letter = claim("one")
        assert letter is not None
        assert letter.attempts == attempt
        end(letter, None, "451 try later")
        fresh = Letter.objects.get()
        if attempt < outbox.MOST_TRIES:
            gaps.append((fresh.next_at - now()).total_seconds())
            clock.at(fresh.next_at + timedelta(seconds=1))
    assert fresh.state == LetterState.DEAD
    for number, gap in enumerate(gaps[:8]):
        assert 0.79 * 60 * 2**number < gap < 1.21 * 60 * 2**number


def test_a_newer_letter_replaces_one_that_waits_for_its_next_try(session, elia):
    end(claim("one"), None, "451 try later")
    sessions.move(session=session, by=elia, slots=later(session, hours=2))
    fresh = claim("one")
    assert (fresh.kind, fresh.sequence) == (LetterKind.INVITATION, 1)


def test_what_a_stopping_worker_holds_is_free_at_once(session):
    claim("one")
    outbox.release(owner="one")
    assert claim("two") is not None


def test_a_rolled_back_act_posts_nothing(session, elia):
    before = Letter.objects.count()
    with pytest.raises(RuntimeError), transaction.atomic():
        sessions.move(session=session, by=elia, slots=later(session, hours=2))
        raise RuntimeError("after the letters were posted")
    assert Letter.objects.count() == before


@pytest.mark.parametrize("state", [LetterState.FAILED, LetterState.DEAD])
def test_what_did_not_arrive_is_replaced_by_the_next_letter_which_invites(session, elia, state):
    end(claim("one"), state, "550 no such user")
    sessions.move(session=session, by=elia, slots=later(session, hours=2))
    assert list(Letter.objects.order_by("stamp").values_list("kind", "state")) == [
        (LetterKind.INVITATION, LetterState.SUPERSEDED),
        (LetterKind.INVITATION, LetterState.PENDING),
    ]
    assert not Letter.objects.undelivered().exists()


def test_whom_no_invitation_reached_gets_no_cancellation(session, elia):
    end(claim("one"), LetterState.FAILED, "550 no such user")
    sessions.cancel(session=session, by=elia)
    assert claim("one") is None
    assert Letter.objects.get().state == LetterState.SUPERSEDED


def test_a_letter_whose_worker_fell_silent_may_have_arrived_and_is_cancelled_by_another(session, elia, clock):
    claim("killed")
    clock.forward(minutes=3)
    sessions.cancel(session=session, by=elia)
    assert claim("one").kind == LetterKind.CANCELLATION
