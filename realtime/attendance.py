"""Live commands of attendance: arrive, beat, leave, and a host's confirmation."""

from datetime import timedelta
from typing import Any

from realtime.seats import Seat
from seminars.actions import attendance
from seminars.models import Person, Session
from seminars.queries.live import instant

Body = dict[str, Any]
LONGEST_AGE = timedelta(days=1)
"""A leave said later than that happened before any lease that could still be open."""


def _said(receipt: attendance.Receipt) -> Body:
    return {"at": instant(receipt.at), "new": receipt.is_new}


def join(seat: Seat, body: Body) -> Body:
    receipt = attendance.arrive(
        session=seat.session,
        person=seat.person,
        connection=body["connection"],
        event=body["event"],
        is_awake=body["awake"],
    )
    return _said(receipt)


def beat(seat: Seat, body: Body) -> Body:
    """Answers the session's number too, so that a reader who was told nothing finds out."""
    receipt = attendance.beat(session=seat.session, person=seat.person, connection=body["connection"])
    return _said(receipt) | {
        "seq": Session.objects.values_list("live_seq", flat=True).get(pk=seat.session.pk)
    }


def leave(seat: Seat, body: Body) -> Body:
    receipt = attendance.leave(
        session=seat.session,
        person=seat.person,
        connection=body["connection"],
        event=body["event"],
        age=min(timedelta(milliseconds=body["age_ms"]), LONGEST_AGE),
    )
    return _said(receipt)


def confirm(seat: Seat, body: Body) -> Body:
    """Answers for how many people something was declared."""
    codes = body["people"]
    people = None if codes is None else list(Person.objects.filter(code__in=codes))
    return {"people": attendance.confirm(session=seat.session, by=seat.person, people=people)}
