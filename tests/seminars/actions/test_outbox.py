"""The outbox: claim, order, supersede, retry, give up."""

from datetime import timedelta

import pytest
from django.db import transaction

from seminars.actions import letters, sessions
from seminars.models import Letter
from seminars.moments import local, now
from seminars.vocabulary import LetterKind, LetterState
from tests import cast

pytestmark = pytest.mark.django_db


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
    first = letters.claim(owner="one")
    assert first is not None
    assert letters.claim(owner="two") is None
    clock.forward(seconds=121)
    again = letters.claim(owner="two")
    assert (again.pk, again.attempts) == (first.pk, 2)
    assert not letters.finish(letter=first, state=LetterState.SENT)
    assert letters.finish(letter=again, state=LetterState.SENT)
    assert Letter.objects.get().state == LetterState.SENT


def test_a_move_before_the_first_letter_left_sends_one_invitation_with_the_new_hour(session, elia):
    sessions.move(session=session, by=elia, slots=later(session, hours=2))
    assert list(Letter.objects.order_by("stamp").values_list("kind", "state", "sequence")) == [
        (LetterKind.INVITATION, LetterState.SUPERSEDED, 0),
        (LetterKind.INVITATION, LetterState.PENDING, 1),
    ]


def test_a_letter_that_is_leaving_is_not_replaced_but_followed(session, elia):
    leaving = letters.claim(owner="one")
    sessions.move(session=session, by=elia, slots=later(session, hours=2))
    assert letters.claim(owner="two") is None, "the update waits for the letter before it"
    letters.finish(letter=leaving, state=LetterState.SENT)
    update = letters.claim(owner="two")
    assert (update.kind, update.sequence) == (LetterKind.UPDATE, 1)
    assert update.stamp > leaving.stamp


def test_a_refused_try_waits_longer_each_time_and_is_given_up_after_ten(session, clock, settings):
    gaps = []
    for attempt in range(1, letters.MOST_ATTEMPTS + 1):
        letter = letters.claim(owner="one")
        assert letter is not None
        assert letter.attempts == attempt
        letters.finish(letter=letter, state=None, error="451 try later")
        fresh = Letter.objects.get()
        if attempt < letters.MOST_ATTEMPTS:
            gaps.append((fresh.next_at - now()).total_seconds())
            clock.at(fresh.next_at + timedelta(seconds=1))
    assert fresh.state == LetterState.DEAD
    for number, gap in enumerate(gaps[:8]):
        assert 0.79 * 60 * 2**number < gap < 1.21 * 60 * 2**number


def test_a_newer_letter_replaces_one_that_waits_for_its_next_try(session, elia):
    letters.finish(letter=letters.claim(owner="one"), state=None, error="451 try later")
    sessions.move(session=session, by=elia, slots=later(session, hours=2))
    fresh = letters.claim(owner="one")
    assert (fresh.kind, fresh.sequence) == (LetterKind.INVITATION, 1)


def test_what_a_stopping_worker_holds_is_free_at_once(session):
    letters.claim(owner="one")
    letters.release(owner="one")
    assert letters.claim(owner="two") is not None


def test_a_rolled_back_act_posts_nothing(session, elia):
    before = Letter.objects.count()
    with pytest.raises(RuntimeError), transaction.atomic():
        sessions.move(session=session, by=elia, slots=later(session, hours=2))
        raise RuntimeError("after the letters were posted")
    assert Letter.objects.count() == before
