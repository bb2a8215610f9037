"""What a hostile reader found once: two rooms at one hour, old links, the past, closed sheets."""

import uuid
from datetime import timedelta

import pytest

from seminars.actions import attendance, invitations, rooms, sessions
from seminars.models import Invitation, Lease, Letter, Presence, PresenceEvent
from seminars.moments import as_if, local
from seminars.queries.sheets import sheet
from seminars.vocabulary import LetterKind, LetterState, PresenceKind
from seminars.work import outbox
from tests import cast

pytestmark = pytest.mark.django_db


def enter(session, person, moment):
    line = uuid.uuid4()
    with as_if(moment):
        rooms.enter_video(session=session, person=person, connection=line, event=uuid.uuid4())
    return line


def test_nobody_is_in_two_videos_at_one_hour(elia, dominique, ange):
    one, other = cast.make_session(elia), cast.make_session(dominique)
    start = one.starts_at
    for session, host in ((one, elia), (other, dominique)):
        with as_if(start):
            sessions.open_(session=session, by=host)
    enter(one, ange, start)
    with as_if(start + timedelta(minutes=5)):
        attendance.sweep()
    line = enter(other, ange, start + timedelta(minutes=10))
    Lease.objects.filter(pk=line).update(seen_at=start + timedelta(minutes=60))
    for session, host in ((one, elia), (other, dominique)):
        with as_if(start + timedelta(minutes=60)):
            attendance.confirm(session=session, by=host)
            sessions.close(session=session, by=host, reason="short")
    minutes = [next(row.minutes for row in sheet(each).rows if row.person == ange) for each in (one, other)]
    assert minutes == [10, 50]


def test_a_withdrawn_person_is_out_of_the_room_at_once(elia, ange):
    session = cast.make_session(elia)
    (invitation,) = cast.invite(session, ange)
    enter(session, ange, session.starts_at)
    with as_if(session.starts_at + timedelta(minutes=1)):
        invitations.withdraw(invitation=invitation, by=elia)
    assert not Lease.objects.filter(ended_at=None).exists()
    assert Presence.objects.get(person=ange).video_since is None
    assert PresenceEvent.objects.filter(kind=PresenceKind.LEFT).count() == 1


def test_a_personal_link_ends_some_days_after_the_session(elia, ange, clock, settings):
    session = cast.make_session(elia)
    (invitation,) = cast.invite(session, ange)
    clock.at(session.ends_at + timedelta(days=settings.FEEDBACK_DAYS, minutes=-1))
    assert Invitation.objects.by_token(invitation.token) == invitation
    clock.forward(minutes=2)
    assert Invitation.objects.by_token(invitation.token) is None


def sent(session):
    Letter.objects.filter(session=session).update(state=LetterState.SENT)


def test_cancelling_what_is_past_writes_to_nobody(elia, ange, clock):
    session = cast.make_session(elia)
    cast.invite(session, ange)
    sent(session)
    clock.at(session.ends_at + timedelta(days=1))
    sessions.cancel(session=session, by=elia)
    assert not Letter.objects.filter(kind=LetterKind.CANCELLATION).exists()


def test_moving_a_coming_session_into_the_past_tells_the_calendars_that_hold_it(elia, ange):
    session = cast.make_session(elia)
    cast.invite(session, ange)
    sent(session)
    wall = local(session.starts_at, session.timezone).replace(tzinfo=None) - timedelta(days=30)
    sessions.move(session=session, by=elia, slots=[(wall, wall + timedelta(hours=1))], is_past_meant=True)
    assert Letter.objects.filter(kind=LetterKind.UPDATE).count() == 1


def test_inviting_again_whose_letter_was_refused_sends_a_new_one(elia, ange):
    session = cast.make_session(elia)
    cast.invite(session, ange)
    Letter.objects.update(state=LetterState.FAILED, last_error="550 no such user")
    cast.invite(session, ange)
    assert list(Letter.objects.order_by("stamp").values_list("state", flat=True)) == ["superseded", "pending"]
    cast.invite(session, ange)
    assert Letter.objects.count() == 2


def test_after_a_time_out_a_cancellation_still_leaves(elia, ange):
    """The letter may have arrived although nobody said so: its reader must learn that the session is off."""
    session = cast.make_session(elia)
    cast.invite(session, ange)
    [letter] = outbox.claim(owner="one")
    outbox.settle([outbox.Outcome(letter, None, "timed out", is_answered=False)])
    sessions.cancel(session=session, by=elia)
    assert Letter.objects.filter(kind=LetterKind.CANCELLATION).count() == 1


def test_a_server_that_is_away_ends_no_letter_however_long(elia, ange, clock):
    session = cast.make_session(elia)
    cast.invite(session, ange)
    for _ in range(3 * outbox.MOST_TRIES):
        [letter] = outbox.claim(owner="one")
        outbox.settle([outbox.Outcome(letter, None, "connection refused", is_counted=False)])
        clock.forward(minutes=2)
    letter = Letter.objects.get()
    assert (letter.state, letter.attempts) == (LetterState.PENDING, 0)


def test_a_closed_sheet_keeps_the_names_of_its_day(elia, ange):
    session = cast.make_session(elia)
    cast.invite(session, ange)
    with as_if(session.starts_at):
        sessions.open_(session=session, by=elia)
    with as_if(session.ends_at):
        sessions.close(session=session, by=elia)
    session.refresh_from_db()
    before = [(row.person.name, row.organisation_fr, row.role) for row in sheet(session).rows]
    for person in (elia, ange):
        person.name = f"{person.name} Renamed"
        person.organisation = cast.organisation("fr-youth", "FR")
        person.save()
    assert [(row.person.name, row.organisation_fr, row.role) for row in sheet(session).rows] == before


def test_a_coordinator_of_the_host_who_looks_in_is_no_participant(elia, camille):
    session = cast.make_session(elia, host=camille.organisation)
    enter(session, camille, session.starts_at)
    row = next(row for row in sheet(session).rows if row.person == camille)
    assert (row.role, row.is_guest) == ("coordinator", False)
