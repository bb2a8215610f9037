"""Live commands of feedback: the pulse."""

from typing import Any

from realtime.seats import Seat
from seminars.actions import feedback


def pulse(seat: Seat, body: dict[str, Any]) -> dict[str, Any]:
    feedback.take_pulse(session=seat.session, person=seat.person, value=body["value"])
    return {}
