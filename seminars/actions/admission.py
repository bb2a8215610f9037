"""When a room takes presence: its hours, and how long what a page kept without a line is still taken."""

from datetime import datetime, timedelta

from django.conf import settings

from seminars import moments
from seminars.errors import Refused
from seminars.models import Lease, Person, Session
from seminars.moments import now
from seminars.vocabulary import State


def room_hours(session: Session) -> tuple[datetime, datetime]:
    """When presence is taken: from some minutes before the start; until some minutes after the end, or the closing."""
    closes = session.ends_at + timedelta(minutes=settings.ROOM_CLOSES_MINUTES)
    return session.starts_at - timedelta(minutes=settings.ROOM_OPENS_MINUTES), closes


def check_open(session: Session) -> None:
    """Refuses before the room opens, and when the session is over. An opened session stays open until it is closed."""
    present = now()
    admit(session, present, present)


def admit(session: Session, at: datetime, present: datetime) -> tuple[datetime, datetime]:
    """From when until when presence counts here, as of `present`, for something that happened at `at`.

    What happened while the room was open is taken until REPLAY_HOURS after the session, even when it is over. Raises
    Refused("room_not_open" | "room_over").
    """
    opens, closes = room_hours(session)
    begun = min(opens, session.opened_at or opens)
    if session.state in (State.CANCELLED, State.DRAFT):
        raise Refused("room_over")
    if session.state == State.RUNNING:
        return begun, present
    if present < opens and session.state != State.ENDED:
        raise Refused("room_not_open", hour=moments.local(opens, session.timezone))
    ended = (session.closed_at or session.ends_at) if session.state == State.ENDED else closes
    latest = max(session.ends_at, session.closed_at or session.ends_at)
    if at >= ended or (present >= ended and present - latest > timedelta(hours=settings.REPLAY_HOURS)):
        raise Refused("room_over")
    return begun, min(present, ended)


def check_inside(session: Session, person: Person) -> None:
    """Refuses whoever has no open connection: a mood or a hand of somebody who is not there says nothing."""
    if not Lease.objects.filter(session=session, person=person, ended_at=None).exists():
        raise Refused("not_inside")
