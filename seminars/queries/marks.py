"""What live screens say of each person beside her presence: which half-days she signed, how she answered a check."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from seminars.models import PresenceCheck, PresenceEvent
from seminars.moments import instant
from seminars.vocabulary import PresenceKind

State = dict[str, Any]
KINDS = (PresenceKind.SIGNED, PresenceKind.DECLARED, PresenceKind.CORRECTED, PresenceKind.CONFIRMED)


@dataclass(slots=True)
class Marks:
    """Of one person: numbers of the half-days that she signed (as whoever she is) or is excused from, and her answer
    to the check that was asked last among those she answered: {"check", "at", "late"}."""

    signed: set[int] = field(default_factory=set)
    excused: set[int] = field(default_factory=set)
    answers: dict[str, State] = field(default_factory=dict)

    def take(self, kind: str, slot: int | None, at: datetime, data: Mapping[str, Any]) -> None:
        """The next event of hers, in the order of the ledger."""
        if kind == PresenceKind.CONFIRMED:
            check = str(data.get("check", ""))
            self.answers.setdefault(
                check, {"check": check, "at": instant(at), "late": bool(data.get("late"))}
            )
        elif slot is not None:
            if kind == PresenceKind.SIGNED or data.get("signature") is True:
                self.signed.add(slot)
            elif data.get("signature") is False:
                self.signed.discard(slot)
            if "excused" in data:
                (self.excused.add if data["excused"] else self.excused.discard)(slot)

    def row(self, checks: Collection[str]) -> State:
        """What a screen gets; `checks` are codes in the order in which they were asked."""
        latest = next((code for code in reversed(list(checks)) if code in self.answers), None)
        answered = self.answers[latest] if latest else None
        return {"signed": sorted(self.signed), "excused": sorted(self.excused), "answered": answered}


NO_MARKS: State = {"signed": [], "excused": [], "answered": None}


def rows(session_id: int, people: Collection[int]) -> dict[int, State]:
    """{person id: {"signed", "answered"}} of some people, in two queries; who has no mark is missing."""
    found: dict[int, Marks] = {}
    facts = PresenceEvent.objects.filter(session=session_id, kind__in=KINDS, person__in=people)
    columns = facts.order_by("seq").values_list("person_id", "kind", "slot__number", "at", "data")
    for person_id, kind, slot, at, data in columns:
        if person_id is not None:
            found.setdefault(person_id, Marks()).take(kind, slot, at, data)
    if not any(marks.answers for marks in found.values()):
        return {person_id: marks.row(()) for person_id, marks in found.items()}
    asked = PresenceCheck.objects.filter(session=session_id).order_by("asked_at", "pk")
    checks = list(asked.values_list("code", flat=True))
    return {person_id: marks.row(checks) for person_id, marks in found.items()}
