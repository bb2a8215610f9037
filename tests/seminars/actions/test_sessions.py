"""Planning, moving, cancelling: the rules of a session's life."""

from datetime import datetime, timedelta

import pytest

from seminars.actions import sessions
from seminars.errors import Refused
from seminars.models import Letter, Session
from seminars.vocabulary import Answer, LetterKind, LetterState, State
from tests import cast

pytestmark = pytest.mark.django_db


def test_a_moved_session_keeps_its_uid_and_raises_its_sequence(elia, ange):
    session = cast.make_session(elia)
    (invitation,) = cast.invite(session, ange)
    Letter.objects.update(state=LetterState.SENT)
    uid, start = session.uid, session.starts_at
    wall = (datetime(2027, 3, 11, 14, 0), datetime(2027, 3, 11, 15, 30))
    moved = sessions.move(session=session, by=elia, slots=[wall])
    assert (moved.uid, moved.sequence) == (uid, 1)
    assert moved.starts_at != start
    letter = Letter.objects.get(kind=LetterKind.UPDATE)
    assert (letter.sequence, letter.person) == (1, ange)
    invitation.refresh_from_db()
    assert invitation.answer == Answer.NONE


@pytest.mark.parametrize(
    ("start", "code"),
    [
        (datetime(2027, 3, 28, 2, 30), "no_such_hour"),
        (datetime(2027, 10, 31, 2, 30), "hour_twice"),
        (datetime(2020, 1, 1, 9, 0), "past_date"),
    ],
)
def test_an_hour_that_is_not_there_is_refused_by_name(elia, start, code):
    with pytest.raises(Refused) as refused:
        cast.make_session(elia, start, is_past_meant=False)
    assert refused.value.code == code


def test_a_public_session_speaks_two_languages(elia):
    with pytest.raises(Refused) as refused:
        cast.make_session(elia, title_it="", is_public=True)
    assert (refused.value.code, refused.value.field) == ("second_title_missing_it", "title_it")


def test_a_cancelled_session_whose_invitation_never_left_writes_to_nobody(elia, ange):
    session = cast.make_session(elia)
    cast.invite(session, ange)
    sessions.cancel(session=session, by=elia)
    assert Session.objects.get().state == State.CANCELLED
    assert list(Letter.objects.values_list("kind", "state")) == [
        (LetterKind.INVITATION, LetterState.SUPERSEDED)
    ]


def test_a_session_opens_runs_and_closes_with_its_held_times(elia, ange, clock):
    session = cast.make_session(elia)
    clock.at(session.starts_at - timedelta(hours=1))
    with pytest.raises(Refused):
        sessions.open_(session=session, by=elia)
    clock.at(session.starts_at + timedelta(minutes=2))
    sessions.open_(session=session, by=elia)
    clock.at(session.ends_at - timedelta(minutes=20))
    with pytest.raises(Refused) as refused:
        sessions.close(session=session, by=elia)
    assert refused.value.code == "held_reason_missing"
    closed = sessions.close(session=session, by=elia, reason="The line broke in the valley")
    slot = closed.slots.get()
    assert closed.state == State.ENDED
    assert abs((slot.held_to - slot.held_from).total_seconds() - 68 * 60) < 5
