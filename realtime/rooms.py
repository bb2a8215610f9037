"""Live commands of the room: the raised hand, one's own or, for a host who gives the floor, somebody's."""

from typing import Any

from realtime.groups import HOSTS
from realtime.seats import Seat
from seminars.actions import rooms
from seminars.errors import Refused
from seminars.models import Person
from seminars.permissions import allows
from seminars.queries import live


def hand(seat: Seat, body: dict[str, Any]) -> dict[str, Any]:
    """A host may lower another person's hand, never raise it."""
    person, is_raised = seat.person, body["raised"]
    if body["person"] not in (None, person.code):
        if is_raised or not allows(HOSTS, seat.actor, seat.session):
            raise Refused("forbidden")
        person = _of_session(seat, body["person"])
    rooms.raise_hand(session=seat.session, person=person, is_raised=is_raised)
    return {}


def _of_session(seat: Seat, code: str) -> Person:
    found = Person.objects.filter(code=code, presences__session=seat.session).first()
    if found is None:
        raise Refused("forbidden")
    return found


def snapshot(seat: Seat) -> tuple[int, live.State]:
    return live.snapshot(session_id=seat.session.pk, person_id=seat.person.pk, is_host=seat.is_host)


def fetch(seat: Seat, body: dict[str, Any]) -> dict[str, Any]:
    """The whole state once more; the consumer sends it as a frame of its own."""
    seq, state = snapshot(seat)
    return {"seq": seq, "state": state}
