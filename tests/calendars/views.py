"""One calendar object as a reader sees it, in one shape for all readers; ours by the judge's own lines.

`python -m tests.calendars.views NAME`: a JSON list of texts in, of views out.
"""

import json
import sys
import warnings
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import icalendar
import recurring_ical_events
import vobject

from tests.judge.events import expanded, moment
from tests.judge.lines import Component, read


@dataclass(frozen=True, slots=True)
class Entry:
    """A VEVENT: instants in seconds since 1970, the offset of its start in seconds; `day` is its RECURRENCE-ID."""

    uid: str
    day: int | None
    start: int
    end: int
    offset: int
    summary: str
    status: str
    sequence: int


@dataclass(frozen=True, slots=True)
class View:
    """All entries of an object in a fixed order, and the starts of all that takes place; None where not asked."""

    entries: list[Entry] = field(default_factory=list)
    starts: list[int] | None = None
    fault: str = ""

    @classmethod
    def of(cls, told: dict[str, Any]) -> "View":
        """From what another process said."""
        if told.get("fault"):
            return cls(fault=told["fault"])
        return cls(_ordered([Entry(**entry) for entry in told["entries"]]), told.get("starts"))

    def said(self) -> str:
        return self.fault or json.dumps(asdict(self))[:600]


def _ordered(entries: list[Entry]) -> list[Entry]:
    return sorted(entries, key=lambda entry: (entry.uid, entry.day or 0))


def seconds(at: datetime) -> int:
    return int(at.timestamp())


def offset(at: datetime) -> int:
    return int((at.utcoffset() or timedelta()).total_seconds())


def by_us(text: str) -> View:
    calendar, faults = read(text.encode())
    if calendar is None:
        return View(fault="; ".join(faults))
    events = calendar.within("VEVENT")
    return View(_ordered([_ours(event) for event in events]), _starts(events))


def _ours(event: Component) -> Entry:
    start, end, day, summary = map(event.first, ("DTSTART", "DTEND", "RECURRENCE-ID", "SUMMARY"))
    assert start and end and summary
    return Entry(
        uid=event.value("UID"),
        day=seconds(moment(day)) if day else None,
        start=seconds(moment(start)),
        end=seconds(moment(end)),
        offset=offset(moment(start)),
        summary=summary.text,
        status=event.value("STATUS"),
        sequence=int(event.value("SEQUENCE")),
    )


def _starts(events: list[Component]) -> list[int]:
    """Days of the rule, without excluded ones and those that are told apart."""
    found, moved = list[int](), set[tuple[str, int]]()
    for event in events:
        if day := event.first("RECURRENCE-ID"):
            moved.add((event.value("UID"), seconds(moment(day))))
    for event in events:
        start = event.first("DTSTART")
        assert start
        days = [seconds(moment(start))]
        if rule := event.value("RRULE"):
            gone = {moment(line) for line in event.all("EXDATE")}
            whole = expanded(start.value, start.parameter("TZID"), rule)
            days = [seconds(one) for one in whole if one not in gone]
            days = [one for one in days if (event.value("UID"), one) not in moved]
        found += days
    return sorted(found)


def by_recurring_ical_events(text: str) -> View:
    """icalendar and its expansion, with the zones of tzdata."""
    calendar = icalendar.Calendar.from_ical(text)
    entries = [
        Entry(
            uid=str(event["UID"]),
            day=seconds(event["RECURRENCE-ID"].dt) if "RECURRENCE-ID" in event else None,
            start=seconds(event.start),
            end=seconds(event.end),
            offset=offset(event.start),
            summary=str(event["SUMMARY"]),
            status=str(event.get("STATUS", "")),
            sequence=int(event["SEQUENCE"]),
        )
        for event in calendar.walk("VEVENT")
    ]
    if not entries:
        return View(starts=[])
    first = datetime.fromtimestamp(min(entry.start for entry in entries), UTC) - timedelta(days=400)
    last = datetime.fromtimestamp(max(entry.end for entry in entries), UTC) + timedelta(days=1200)
    found = recurring_ical_events.of(calendar).between(first, last)
    return View(_ordered(entries), sorted(seconds(event.start) for event in found))


def by_vobject(text: str) -> View:
    """With the VTIMEZONE of the object, read by dateutil."""
    calendar = vobject.readOne(text)
    events = getattr(calendar, "vevent_list", [])
    entries, found, moved = list[Entry](), list[int](), set[tuple[str, int]]()
    for event in events:
        day = event.getChildValue("recurrence-id")
        start = event.dtstart.value
        entries.append(
            Entry(
                uid=event.uid.value,
                day=seconds(day) if day else None,
                start=seconds(start),
                end=seconds(event.dtend.value),
                offset=offset(start),
                summary=event.summary.value,
                status=event.getChildValue("status") or "",
                sequence=int(event.sequence.value),
            )
        )
        if day:
            moved.add((event.uid.value, seconds(day)))
    for event in events:
        days = event.getrruleset(addRDate=True) if "rrule" in event.contents else [event.dtstart.value]
        all_days = [seconds(one) for one in days]
        is_master = "recurrence-id" not in event.contents
        found += [one for one in all_days if not (is_master and (event.uid.value, one) in moved)]
    return View(_ordered(entries), sorted(found))


INSIDE: dict[str, Callable[[str], View]] = {
    "recurring-ical-events": by_recurring_ical_events,
    "vobject": by_vobject,
}


def seen(read_one: Callable[[str], View], texts: Sequence[str]) -> list[View]:
    """Each text by one of our process's readers; what it raises is its fault."""
    views = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for text in texts:
            try:
                views.append(read_one(text))
            except Exception as fault:
                views.append(View(fault=f"{type(fault).__name__}: {fault}"))
    return views


def main(name: str) -> None:
    print(json.dumps([asdict(view) for view in seen(INSIDE[name], json.load(sys.stdin))]))


if __name__ == "__main__":
    main(sys.argv[1])
