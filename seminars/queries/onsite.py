"""Who is in the room by her own sign: checked in, or signed there, and not gone since (domain ATT-5)."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Q

from seminars.models import PresenceEvent
from seminars.vocabulary import PresenceKind, Source, Where

SIGNS = Q(kind__in=(PresenceKind.CHECKED_IN, PresenceKind.CHECKED_OUT, PresenceKind.CORRECTED)) | Q(
    kind=PresenceKind.SIGNED, data__mode=Where.ROOM
)


@dataclass(frozen=True, slots=True)
class Stay:
    """In the room since `since` in the half-day of that number; `left_at` once she checked out."""

    part: int
    since: datetime
    left_at: datetime | None = None


@dataclass(slots=True)
class _Told:
    """The signs of one person by half-day; `is_out`: a host says that she was not there."""

    signs: dict[int, list[tuple[datetime, str]]] = field(default_factory=dict)
    is_out: bool = False

    def void(self, part: int) -> None:
        self.signs[part] = [one for one in self.signs.get(part, ()) if one[1] != PresenceKind.SIGNED]

    def stays(self) -> Iterator[Stay]:
        for part in () if self.is_out else sorted(self.signs):
            if stay := _last(part, sorted(self.signs[part])):
                yield stay


def _last(part: int, signs: list[tuple[datetime, str]]) -> Stay | None:
    """The last stay of a half-day; as in the count, a signature tells of the first coming only."""
    found: Stay | None = None
    is_first = True
    for at, kind in signs:
        if kind == PresenceKind.CHECKED_OUT:
            if found and found.left_at is None:
                found = Stay(part, found.since, at)
        elif is_first or (kind == PresenceKind.CHECKED_IN and (found is None or found.left_at)):
            found = Stay(part, at)
        is_first = False
    return found


def stays(session_id: int) -> dict[int, Stay]:
    """The last stay of each person by id, of an open session or at its closing: what a paper sheet or the trainer tells
    afterwards is no sign of hers."""
    told: dict[int, _Told] = {}
    facts = PresenceEvent.objects.filter(SIGNS, session=session_id, person__isnull=False)
    columns = ("person_id", "kind", "slot__number", "at", "data", "session__closed_at")
    rows = list(facts.exclude(source=Source.PAPER).order_by("seq").values_list(*columns))
    for person, kind, part, at, data, _closed_at in rows:
        hers = told.setdefault(person, _Told())
        if kind != PresenceKind.CORRECTED:
            hers.signs.setdefault(part, []).append((at, kind))
        elif "withdrawn_walk_in" in data:
            hers.is_out = bool(data["withdrawn_walk_in"])
        elif data.get("signature") is False:
            hers.void(part)
        elif data.get("times") == []:
            hers.signs.pop(part, None)
    found = {person: stay for person, hers in told.items() for stay in hers.stays()}
    closed_at = rows[0][-1] if rows else None
    if closed_at is None:
        return found
    return {pk: Stay(one.part, one.since, one.left_at or closed_at) for pk, one in found.items()}
