"""What holds for each VEVENT, whoever carries it: counts, forms of values, recurrences, links, reminders."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr

from tests.judge.lines import Component, Line

ONCE = {"UID", "DTSTAMP", "DTSTART", "DTEND", "SEQUENCE", "SUMMARY", "STATUS", "TRANSP", "CREATED"} | {
    *("LAST-MODIFIED", "DESCRIPTION", "LOCATION", "URL", "CLASS", "ORGANIZER", "RRULE", "RECURRENCE-ID"),
}
NEEDED = ("UID", "DTSTAMP", "DTSTART", "DTEND", "SEQUENCE", "SUMMARY")
NEVER = ("DURATION", "RDATE", "REQUEST-STATUS", "X-ALT-DESC", "X-MICROSOFT-SKYPETEAMSMEETINGURL")
CHOICES = {
    "STATUS": {"CONFIRMED", "TENTATIVE", "CANCELLED"},
    "TRANSP": {"OPAQUE", "TRANSPARENT"},
    "CLASS": {"PUBLIC", "PRIVATE", "CONFIDENTIAL"},
}
UTC_FORM = re.compile(r"\d{8}T\d{6}Z")
WALL_FORM = re.compile(r"\d{8}T\d{6}")
MAILTO = re.compile(r"mailto:[^\s<>@,;]+@[A-Za-z0-9.-]+")
TOKEN = re.compile(
    r"[?&#](?:jwt|token|password|pwd)=|eyJ[A-Za-z0-9_-]{8,}\.|viso-[0-9a-f]{32}|meet\.jit\.si|8x8\.vc"
)
Form = tuple[str, bool]
"""TZID, and whether the value ends with Z."""


def judge_event(event: Component) -> Iterator[str]:
    yield from counts(event)
    yield from times(event)
    if event.all("RRULE") or event.all("EXDATE"):
        yield from recurrence(event)
    yield from people(event)
    yield from links(event)
    yield from alarms(event)


def counts(event: Component) -> Iterator[str]:
    names = [line.name for line in event.lines]
    for name in sorted(ONCE):
        if names.count(name) > 1:
            yield f"event: {name} twice"
    for name in NEEDED:
        if not event.value(name):
            yield f"event: no {name}"
    for name in NEVER:
        if name in names:
            yield f"event: {name} has no place here"
    for name, choices in CHOICES.items():
        if name in names and event.value(name) not in choices:
            yield f"event: {name} {event.value(name)!r} is unknown"
    if not event.value("SEQUENCE").isdigit():
        yield "event: SEQUENCE is no number"
    if not re.fullmatch(r"[!-~]{1,255}", event.value("UID")):
        yield "event: UID is not opaque"


def form(line: Line) -> Form:
    return line.parameter("TZID"), line.value.endswith("Z")


def moment(line: Line) -> datetime:
    """The aware moment; UTC where the form is none."""
    zone = UTC if line.value.endswith("Z") or not line.parameter("TZID") else ZoneInfo(line.parameter("TZID"))
    return datetime.strptime(line.value.removesuffix("Z"), "%Y%m%dT%H%M%S").replace(tzinfo=zone)


def times(event: Component) -> Iterator[str]:
    for name in ("DTSTAMP", "CREATED", "LAST-MODIFIED"):
        for line in event.all(name):
            if line.parameters or not UTC_FORM.fullmatch(line.value):
                yield f"time: {name} is not in UTC"
    for name in ("DTSTART", "DTEND", "RECURRENCE-ID", "EXDATE"):
        for line in event.all(name):
            yield from _formed(line)
    start, end = event.first("DTSTART"), event.first("DTEND")
    if start and end:
        if form(start) != form(end):
            yield "time: DTEND is not in the zone of DTSTART"
        elif _readable(start) and _readable(end) and moment(end) <= moment(start):
            yield "time: the end is not after the start"
    if any(line.parameter("RANGE") for line in event.all("RECURRENCE-ID")):
        yield "recurrence: a RANGE"


def _readable(line: Line) -> bool:
    return bool(WALL_FORM.fullmatch(line.value.removesuffix("Z")))


def _formed(line: Line) -> Iterator[str]:
    zone = line.parameter("TZID")
    if "," in line.value:
        yield f"time: several values in one {line.name}"
    elif not _readable(line):
        yield f"time: {line.name} has no known form"
    elif line.value.endswith("Z") and zone:
        yield f"time: {line.name} has a zone beside UTC"
    elif zone == "UTC":
        yield f"time: {line.name} names UTC as a zone"
    elif not line.value.endswith("Z") and not zone:
        yield f"time: {line.name} floats"
    elif zone.startswith("Europe/") and _unclear(moment(line)):
        yield f"time: {line.name} is skipped or repeated by the clock change"


def _unclear(at: datetime) -> bool:
    return at.replace(fold=0).utcoffset() != at.replace(fold=1).utcoffset()


def recurrence(event: Component) -> Iterator[str]:
    start, rule = event.first("DTSTART"), event.value("RRULE")
    if start is None or not _readable(start):
        return
    if not rule:
        yield "recurrence: EXDATE without a rule"
        return
    if event.all("RECURRENCE-ID"):
        yield "recurrence: a rule beside RECURRENCE-ID"
    if form(start) == ("", True):
        yield "recurrence: a series in UTC"
    parts = dict(part.partition("=")[::2] for part in rule.split(";"))
    if ("COUNT" in parts) == ("UNTIL" in parts):
        yield "recurrence: COUNT and UNTIL are not exactly one"
    if parts.get("COUNT") == "1":
        yield "recurrence: COUNT=1"
    if "UNTIL" in parts and not UTC_FORM.fullmatch(parts["UNTIL"]):
        yield "recurrence: UNTIL is not in UTC"
        return
    starts = expanded(start.value, start.parameter("TZID"), rule)
    if not starts or starts[0] != moment(start):
        yield "recurrence: DTSTART is no occurrence of its rule"
    elif "UNTIL" in parts and starts[-1].astimezone(UTC).strftime("%Y%m%dT%H%M%SZ") != parts["UNTIL"]:
        yield "recurrence: UNTIL is not the last start"
    if any(_unclear(one) for one in starts):
        yield "recurrence: an occurrence is skipped or repeated by the clock change"
    for line in event.all("EXDATE"):
        if form(line) != form(start):
            yield "recurrence: EXDATE is not in the form of DTSTART"
        elif _readable(line) and moment(line) not in starts:
            yield "recurrence: EXDATE is no occurrence"


@lru_cache(maxsize=1024)
def expanded(start: str, zone: str, rule: str) -> tuple[datetime, ...]:
    """The starts of a rule by wall time, at most 1000."""
    bare = ";".join(part for part in rule.split(";") if not part.startswith("UNTIL="))
    until = re.search(r"UNTIL=(\d{8}T\d{6})Z", rule)
    last = until and datetime.strptime(until[1], "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
    found, law = [], ZoneInfo(zone or "UTC")
    for wall in rrulestr(bare, dtstart=datetime.strptime(start.removesuffix("Z"), "%Y%m%dT%H%M%S")):
        at = wall.replace(tzinfo=law)
        if (last and at.astimezone(UTC) > last) or len(found) == 1000:
            break
        found.append(at)
    return tuple(found)


def people(event: Component) -> Iterator[str]:
    for line in event.all("ORGANIZER") + event.all("ATTENDEE"):
        if not MAILTO.fullmatch(line.value):
            yield f"people: {line.name} is not a bare mailto address"
    for line in event.all("ATTENDEE"):
        if line.parameter("CUTYPE") not in {"", "INDIVIDUAL", "ROOM"}:
            yield "people: an unknown CUTYPE"
        if line.parameter("ROLE") not in {"REQ-PARTICIPANT", "OPT-PARTICIPANT", "CHAIR", "NON-PARTICIPANT"}:
            yield "people: an unknown ROLE"
        if line.parameter("RSVP") not in {"", "TRUE"}:
            yield "people: RSVP is not TRUE"
        if line.parameter("PARTSTAT") not in {
            "",
            "NEEDS-ACTION",
            "ACCEPTED",
            "DECLINED",
            "TENTATIVE",
            "DELEGATED",
        }:
            yield "people: an unknown PARTSTAT"


def links(event: Component) -> Iterator[str]:
    if any(TOKEN.search(line.value) for line in event.lines):
        yield "links: a key or a name of a video room"
    page = event.value("URL")
    if page and not (urlsplit(page).scheme in {"http", "https"} and urlsplit(page).netloc):
        yield "links: URL is no web address"
    for line in event.all("CONFERENCE"):
        if line.parameter("VALUE") != "URI" or line.parameters.get("FEATURE") != ["AUDIO", "VIDEO"]:
            yield "links: CONFERENCE lacks VALUE=URI or its two features"
        if page and urlsplit(line.value).netloc != urlsplit(page).netloc:
            yield "links: CONFERENCE is not at our own address"
        description, place = event.first("DESCRIPTION"), event.first("LOCATION")
        if not description or description.text.partition("\n")[0] != line.value:
            yield "links: the first line of DESCRIPTION is not the way to join"
        if not place or line.value not in place.text:
            yield "links: LOCATION does not hold the way to join"


def alarms(event: Component) -> Iterator[str]:
    for alarm in event.within("VALARM"):
        if alarm.value("ACTION") != "DISPLAY" or not alarm.value("DESCRIPTION"):
            yield "alarm: not one that shows a text"
        if not re.fullmatch(r"-PT\d+[HM]|PT0S", alarm.value("TRIGGER")):
            yield "alarm: TRIGGER is no time before"
    if len(event.within("VALARM")) > 1:
        yield "alarm: more than one"
