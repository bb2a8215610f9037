"""Between the video and the companion page: silence, returns, and a line that breaks."""

import uuid
from datetime import timedelta

import pytest

from seminars.actions import attendance
from seminars.models import Presence, PresenceEvent
from seminars.moments import as_if
from seminars.vocabulary import PresenceKind
from tests import cast

pytestmark = pytest.mark.django_db


def test_who_returned_from_the_video_and_falls_silent_again_has_not_left(elia, ange, clock):
    session = cast.make_session(elia)
    clock.at(session.starts_at)
    line = uuid.uuid4()
    attendance.arrive(session=session, person=ange, connection=line, event=uuid.uuid4(), for_video=True)
    for _ in range(2):  # to the video and back, by the phone's own switch between programs
        clock.forward(minutes=10)
        attendance.sweep()
        attendance.arrive(session=session, person=ange, connection=line, event=uuid.uuid4())
    clock.forward(minutes=10)
    attendance.sweep()
    assert not PresenceEvent.objects.filter(kind=PresenceKind.LEFT).exists()
    assert Presence.objects.get(person=ange).video_since is not None


def test_a_page_that_ran_on_through_a_cut_claims_its_minutes_beside_the_video_too(elia, ange, clock):
    session = cast.make_session(elia)
    clock.at(session.starts_at)
    line = uuid.uuid4()
    attendance.arrive(session=session, person=ange, connection=line, event=uuid.uuid4(), for_video=True)
    clock.forward(minutes=5)
    attendance.arrive(session=session, person=ange, connection=line, event=uuid.uuid4(), is_awake=True)
    resumed = PresenceEvent.objects.get(kind=PresenceKind.RESUMED)
    assert resumed.data.get("awake")
    assert "video" not in resumed.data


def test_an_older_line_swept_later_does_not_move_the_hour_of_leaving_back(elia, ange, settings):
    session = cast.make_session(elia)
    start, old, new = session.starts_at, uuid.uuid4(), uuid.uuid4()
    with as_if(start):
        attendance.arrive(session=session, person=ange, connection=old, event=uuid.uuid4())
    with as_if(start + timedelta(minutes=1)):
        attendance.arrive(session=session, person=ange, connection=new, event=uuid.uuid4())
    with as_if(start + timedelta(minutes=1, seconds=30)):
        attendance.leave(session=session, person=ange, connection=new, event=uuid.uuid4())
    with as_if(start + timedelta(minutes=10)):
        attendance.sweep()
    assert Presence.objects.get(person=ange).left_at == start + timedelta(minutes=1, seconds=30)
