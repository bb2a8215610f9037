"""A series and what can happen to it, as values: each change gives the next series and a message for each guest.

One occurrence that changes goes out alone, and what would take the ground from under RECURRENCE-IDs forks the series
into two UIDs: clients disagree about everything else (docs/decisions/0019).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from .entry import Attendee, Entry, Organizer
from .revisions import TABLE, Change, answered, kind_of, revised
from .writer import message
from .zones import local_moment, zone_of

OWN = frozenset({"start", "end", "rrule", "exdates", "status"})
"""What an occurrence has for itself; in the rest it follows the series until it is told otherwise."""


@dataclass(frozen=True, slots=True)
class Guest:
    """One recipient: who asks her, she with her answer to the series, and what she said of single occurrences."""

    organizer: Organizer
    attendee: Attendee
    answers: Mapping[datetime, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Step:
    """What a change made of a series, and the entries that tell of it."""

    series: "Series"
    change: Change
    told: tuple[Entry, ...]

    @property
    def method(self) -> str:
        return TABLE[self.change].method

    def message(self, guest: Guest, *, stamp: datetime) -> bytes:
        """The iTIP object for one guest; `stamp` is its DTSTAMP, later than that of any she was sent before."""
        if any(stamp < entry.stamp for entry in self.told):
            raise ValueError("stamp: before the change that is told")
        entries = (*self.told, *self._said(guest))
        return message([self._to(guest, entry, stamp) for entry in entries], self.method)

    def _said(self, guest: Guest) -> list[Entry]:
        """Occurrences that are there only for what she said of them, where her answers still hold."""
        is_whole = self.method == "REQUEST" and self.told[0].rrule is not None
        if not is_whole or TABLE[self.change].resets:
            return []
        known = {entry.recurrence_id for entry in self.told}
        days = [day for day in self.series.days if day in guest.answers and day not in known]
        return [self.series.occurrence(day) for day in days]

    def _to(self, guest: Guest, entry: Entry, stamp: datetime) -> Entry:
        person, day = guest.attendee, entry.recurrence_id
        if day is not None and day in guest.answers:
            person = replace(person, partstat=guest.answers[day])
        people = (answered(person, self.change),)
        return replace(entry, organizer=guest.organizer, attendees=people, stamp=stamp)


@dataclass(frozen=True, slots=True)
class Series:
    """A master with its rule, and the occurrences that differ, by RECURRENCE-ID; without people.

    What a fork left may be one occurrence without a rule (COUNT=1 makes Office 365 refuse a whole feed). Raises
    ValueError naming the field.
    """

    master: Entry
    overrides: tuple[Entry, ...] = ()

    def __post_init__(self) -> None:
        if self.master.recurrence_id is not None:
            raise ValueError("recurrence_id: the series comes first")
        if any(entry.organizer or entry.attendees for entry in (self.master, *self.overrides)):
            raise ValueError("attendees: a series is the same for every guest")
        starts = set(self.starts)
        if not starts >= set(self.master.exdates):
            raise ValueError("exdates: not an occurrence")
        if not self.days:
            raise ValueError("exdates: nothing would be left, so cancel the series")
        ordered = sorted(self.overrides, key=lambda entry: entry.recurrence_id or entry.start)
        object.__setattr__(self, "overrides", tuple(ordered))
        self._check_overrides()

    def _check_overrides(self) -> None:
        zone, days = zone_of(self.master.start, "start"), set(self.days)
        for entry in self.overrides:
            day = entry.recurrence_id
            if entry.uid != self.master.uid:
                raise ValueError("uid: an occurrence has that of its series")
            if day is None or self.master.rrule is None or day not in days:
                raise ValueError("recurrence_id: not an occurrence")
            if zone_of(day, "recurrence_id") != zone:
                raise ValueError("recurrence_id: not in the zone of the series")
            if entry.sequence < self.master.sequence:
                raise ValueError("sequence: a changed occurrence below its series would be dropped")
        if len({entry.instance for entry in self.overrides}) < len(self.overrides):
            raise ValueError("recurrence_id: stands there twice")

    @property
    def starts(self) -> tuple[datetime, ...]:
        """Every start that the rule gives, in the zone of the series. Raises ValueError for an hour that the clock
        change skips or repeats, and for a rule without an end."""
        rule = self.master.rrule
        found = (self.master.start,) if rule is None else rule.starts(self.master.start)
        return tuple(local_moment(start, "rrule") for start in found)

    @property
    def days(self) -> tuple[datetime, ...]:
        """The starts that take place, as RECURRENCE-ID names them, moved or not."""
        return tuple(start for start in self.starts if start not in self.master.exdates)

    @property
    def sequence(self) -> int:
        """The highest that went out under this UID."""
        return max(entry.sequence for entry in (self.master, *self.overrides))

    def occurrence(self, day: datetime) -> Entry:
        """One occurrence by the start that the rule gives it. Raises ValueError where there is none."""
        for entry in self.overrides:
            if entry.recurrence_id == day:
                return entry
        if self.master.rrule is None or day not in self.days:
            raise ValueError("recurrence_id: not an occurrence")
        day = day.astimezone(self.master.start.tzinfo)
        end = day + (self.master.end - self.master.start)
        return replace(self.master, rrule=None, exdates=(), recurrence_id=day, start=day, end=end)

    def told(self, change: Change = Change.INVITED) -> Step:
        """The whole series as it stands: to everybody at first, to one who is added, to those who are asked again."""
        return Step(self, change, (self.master, *self.overrides))

    def remove(self, *, at: datetime) -> Step:
        """For one guest who is taken out; the others hear nothing, and the next message to anybody stands above."""
        gone = revised(self.master, Change.REMOVED, stamp=at, above=self.sequence)
        return Step(Series(gone, _above(self.overrides, gone)), Change.REMOVED, (gone,))

    def cancel(self, *, at: datetime) -> Step:
        gone = revised(self.master, Change.CANCELLED, stamp=at, above=self.sequence)
        return Step(Series(gone), Change.CANCELLED, (gone,))

    def cancel_one(self, day: datetime, *, at: datetime) -> Step:
        """A CANCEL of that occurrence alone, and an EXDATE in what is sent of the series later."""
        gone = revised(self.occurrence(day), Change.ONE_CANCELLED, stamp=at, above=self.sequence)
        exdates = (*self.master.exdates, day)
        master = replace(self.master, exdates=exdates, sequence=gone.sequence, stamp=at, modified=at)
        rest = [entry for entry in self.overrides if entry.recurrence_id != day]
        return Step(Series(master, _above(rest, master)), Change.ONE_CANCELLED, (gone,))

    def alter_one(self, day: datetime, *, at: datetime, **fields: Any) -> Step:
        """Other fields for one occurrence, told by that component alone: Outlook refuses it beside its master."""
        old = self.occurrence(day)
        fields = _timed(old, fields)
        change = kind_of(old, replace(old, **fields))
        new = revised(old, _meant(change), stamp=at, above=self.sequence, **fields)
        rest = [entry for entry in self.overrides if entry.recurrence_id != day]
        return Step(Series(self.master, (*rest, new)), change, (new,))

    def alter(self, *, at: datetime, **fields: Any) -> Step:
        """Other fields for the whole series; changed occurrences follow in what they have not of their own.

        Raises ValueError for a change that is heavy: see `is_heavy`.
        """
        if self.is_heavy(**fields):
            raise ValueError("start: exceptions would lose their day, so fork the series")
        fields = _timed(self.master, fields)
        change = kind_of(self.master, replace(self.master, **fields))
        master = revised(self.master, _meant(change), stamp=at, above=self.sequence, **fields)
        series = Series(master, _above(_following(self, fields, at), master))
        return Step(series, change, (series.master, *series.overrides))

    def is_heavy(self, **fields: Any) -> bool:
        """Whether a change of the whole takes the ground from under EXDATEs and RECURRENCE-IDs."""
        new = replace(self.master, **({"exdates": ()} | _timed(self.master, fields)))
        moves = (new.start, zone_of(new.start, "start"), new.rrule) != (
            *(self.master.start, zone_of(self.master.start, "start")),
            self.master.rrule,
        )
        return moves and bool(self.overrides or self.master.exdates)

    def fork(self, day: datetime, *, uid: str, at: datetime, **fields: Any) -> tuple[Step, Step]:
        """This and following: the series ends before `day`, another with a UID of its own begins there.

        `start` is that of the new series, its `end` follows; with an `rrule` of its own it begins without exceptions,
        else they come along. From the first occurrence on, the old series is cancelled.
        """
        if day not in self.days:
            raise ValueError("recurrence_id: not an occurrence")
        begun = self._tail(day, uid=uid, at=at, fields=fields)
        left = [start for start in self.days if start < day]
        return self._head(left, at) if left else self.cancel(at=at), begun.told()

    def _head(self, left: list[datetime], at: datetime) -> Step:
        """The old series up to the last of `left`; one occurrence alone needs no rule."""
        last, rule, fields = left[-1], self.master.rrule, dict[str, Any]()
        rest = [entry for entry in self.overrides if entry.recurrence_id and entry.recurrence_id <= last]
        if rule is not None and last > self.master.start:
            fields["rrule"] = replace(rule, count=None, until=last)
            fields["exdates"] = tuple(start for start in self.master.exdates if start < last)
        else:
            alone, rest = self.occurrence(last), []
            fields = {"rrule": None, "exdates": ()} | {
                name: getattr(alone, name) for name in ("start", "end", "summary", "description", "location")
            }
        master = revised(self.master, Change.ALTERED, stamp=at, above=self.sequence, **fields)
        series = Series(master, _above(rest, master))
        return Step(series, Change.ALTERED, (series.master, *series.overrides))

    def _tail(self, day: datetime, *, uid: str, at: datetime, fields: dict[str, Any]) -> "Series":
        rule, left = self.master.rrule, [start for start in self.starts if start >= day]
        day = day.astimezone(self.master.start.tzinfo)
        fields = _timed(self.master, {"start": day} | fields)
        start: datetime = fields["start"]
        begun: dict[str, Any] = {"uid": uid, "related_to": self.master.uid, "sequence": 0}
        begun |= {"stamp": at, "created": at, "modified": at}
        if "rrule" in fields or rule is None:
            return Series(replace(self.master, **({"exdates": ()} | begun | fields)))
        moved = start.replace(tzinfo=None) - day.replace(tzinfo=None)
        shifted = {old: (old.replace(tzinfo=None) + moved).replace(tzinfo=start.tzinfo) for old in left}
        exdates = tuple(shifted[old] for old in self.master.exdates if old in shifted)
        if len(left) > 1:
            begun |= {"rrule": replace(rule, count=len(left), until=None), "exdates": exdates}
        else:
            begun |= {"rrule": None, "exdates": ()}
        master = replace(self.master, **(begun | fields))
        carried = [entry for entry in _following(self, fields, at) if entry.recurrence_id in shifted]
        if master.rrule is None:
            own = {name: getattr(entry, name) for entry in carried for name in ("start", "end")}
            return Series(replace(master, **own))
        same: dict[str, Any] = {"uid": uid, "sequence": 0, "created": at, "related_to": self.master.uid}
        return Series(
            master, tuple(replace(one, **same, recurrence_id=shifted[_day(one)]) for one in carried)
        )


def _timed(entry: Entry, fields: dict[str, Any]) -> dict[str, Any]:
    """The fields, with an end as long after a new start as before."""
    if "start" in fields and "end" not in fields:
        return fields | {"end": fields["start"] + (entry.end - entry.start)}
    return fields


def _day(entry: Entry) -> datetime:
    return entry.recurrence_id or entry.start


def _meant(change: Change) -> Change:
    if change not in (Change.MOVED, Change.ONE_MOVED, Change.ALTERED, Change.REWORDED):
        raise ValueError(f"change: {change.value}")
    return change


def _above(overrides: Iterable[Entry], master: Entry) -> tuple[Entry, ...]:
    """The overrides, none below its series."""
    return tuple(replace(entry, sequence=max(entry.sequence, master.sequence)) for entry in overrides)


def _following(series: Series, fields: Mapping[str, Any], at: datetime) -> list[Entry]:
    """The overrides with those new fields in which they were like the series."""
    names = [name for name in fields if name not in OWN]
    return [
        replace(
            entry,
            stamp=at,
            modified=at,
            **{name: fields[name] for name in names if getattr(entry, name) == getattr(series.master, name)},
        )
        for entry in series.overrides
    ]
