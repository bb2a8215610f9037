"""Live commands of attendance: what a page says of its connection, for the writer, and a host's confirmation."""

from datetime import timedelta
from typing import Any

from realtime.seats import Seat
from seminars.actions import attendance, checks
from seminars.actions.connections import Beat, Join, Leave, Receipt
from seminars.keys import digest
from seminars.models import Person
from seminars.moments import instant

Body = dict[str, Any]


def said(receipt: Receipt) -> Body:
    """The session's number too, so that a reader who was told nothing finds out."""
    return {"at": instant(receipt.at), "new": receipt.is_new, "seq": receipt.seq}


def join(seat: Seat, body: Body) -> Join:
    return Join(
        session_id=seat.session.pk,
        person_id=seat.person.pk,
        connection=body["connection"],
        event=body["event"],
        age=timedelta(milliseconds=body["age_ms"]),
        is_awake=body["awake"],
        secret_hash=digest(body["secret"]) if body["secret"] else "",
    )


def beat(seat: Seat, body: Body) -> Beat:
    return Beat(
        session_id=seat.session.pk,
        person_id=seat.person.pk,
        connection=body["connection"],
        event=body["event"],
        age=timedelta(milliseconds=body["age_ms"]),
    )


def leave(seat: Seat, body: Body) -> Leave:
    return Leave(
        session_id=seat.session.pk,
        person_id=seat.person.pk,
        connection=body["connection"],
        event=body["event"],
        age=timedelta(milliseconds=body["age_ms"]),
    )


def confirm(seat: Seat, body: Body) -> Body:
    """Answers for how many people something was declared."""
    codes = body["people"]
    people = None if codes is None else list(Person.objects.filter(code__in=codes))
    return {"people": attendance.confirm(session=seat.session, by=seat.person, people=people)}


def ask_check(seat: Seat, body: Body) -> Body:
    """Answers until when an answer is in time."""
    asked = checks.ask(session=seat.session, by=seat.person)
    return {"check": asked.code, "until": instant(asked.answer_until)}


def answer_check(seat: Seat, body: Body) -> Body:
    kept = checks.answer(session=seat.session, person=seat.person, code=body["check"])
    return {"at": instant(kept.at), "late": kept.is_late, "new": kept.is_new}
