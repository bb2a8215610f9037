"""A course of two half-days and what its people do in it, each at an hour of its day."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from seminars.actions import sessions, signing
from seminars.errors import Refused
from seminars.models import Person, PresenceEvent
from seminars.moments import as_if, local, now
from seminars.vocabulary import Mode
from tests import cast


class Course:
    """Half-days of 9:30 to 12:30 and 14:00 to 17:00, tomorrow in Paris, by default in person."""

    def __init__(self, by: Person, mode: str = Mode.IN_PERSON) -> None:
        self.by = by
        day = (local(now(), "Europe/Paris") + timedelta(days=1)).replace(tzinfo=None)
        self.day = datetime(day.year, day.month, day.day)
        walls = [(self.wall(9, 30), self.wall(12, 30)), (self.wall(14), self.wall(17))]
        self.session = cast.make_session(by, slots=walls, mode=mode, place="Briançon")
        self.begins = self.session.starts_at

    def wall(self, hour: int, minute: int = 0) -> datetime:
        return self.day + timedelta(hours=hour, minutes=minute)

    def at(self, hour: int, minute: int = 0) -> datetime:
        return self.begins + timedelta(hours=hour - 9, minutes=minute - 30)

    def open(self) -> None:
        with as_if(self.at(9, 20)):
            self.session = sessions.open_(session=self.session, by=self.by)

    def close(self, hour: int = 17, minute: int = 5) -> None:
        with as_if(self.at(hour, minute)):
            self.session = sessions.close(session=self.session, by=self.by)

    def sign(
        self, person: Person, hour: int, minute: int = 0, slot: int = 1, name: str = "", **more: Any
    ) -> PresenceEvent:
        given = {"person": person, "slot_number": slot, "name": name or person.name} | more
        with as_if(self.at(hour, minute)):
            return signing.sign(session=self.session, **given)

    def countersign(
        self, person: Person, hour: int, minute: int = 0, slot: int = 1, name: str = "", **more: Any
    ) -> PresenceEvent:
        given = {"person": person, "slot_number": slot, "name": name or person.name} | more
        with as_if(self.at(hour, minute)):
            return signing.countersign(session=self.session, **given)

    def move(
        self, act: Callable[..., PresenceEvent | None], person: Person, hour: int, minute: int = 0
    ) -> PresenceEvent | None:
        """`act`: signing.check_in or check_out."""
        with as_if(self.at(hour, minute)):
            return act(session=self.session, person=person)

    def due(self, person: Person, hour: int, minute: int = 0) -> list[tuple[int, str]]:
        with as_if(self.at(hour, minute)):
            return [(each.slot.number, each.hand) for each in signing.due(person, now())]


def refusal(act: Callable[..., object], *words: Any, **more: Any) -> str:
    """The code by which an act refuses."""
    with pytest.raises(Refused) as refused:
        act(*words, **more)
    return refused.value.code
