"""One iTIP message to one recipient: what each METHOD requires and forbids (RFC 5546, 3.2; RFC 6047)."""

from collections.abc import Iterator

from tests.judge.events import expanded, form, judge_event, moment
from tests.judge.lines import Component, read
from tests.judge.zones import judge_zones

HEAD = {"VERSION", "PRODID", "CALSCALE", "METHOD"}


def judge_message(data: bytes) -> tuple[Component | None, list[str]]:
    """The calendar and its faults."""
    calendar, faults = read(data)
    if calendar is not None:
        faults += [*judge_head(calendar), *judge_zones(calendar), *judge_method(calendar)]
        for event in calendar.within("VEVENT"):
            faults += judge_event(event)
    return calendar, faults


def judge_head(calendar: Component) -> Iterator[str]:
    names = [line.name for line in calendar.lines]
    if calendar.value("VERSION") != "2.0" or not calendar.value("PRODID"):
        yield "calendar: no VERSION 2.0 or no PRODID"
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"calendar: {name} twice"
    if {part.name for part in calendar.parts} - {"VTIMEZONE", "VEVENT"}:
        yield "calendar: a component that is not ours"
    events = calendar.within("VEVENT")
    keys = [instance(event) for event in events]
    if len(set(keys)) < len(keys):
        yield "calendar: the same UID and RECURRENCE-ID twice"


def instance(event: Component) -> tuple[str, str]:
    """UID and, in UTC, RECURRENCE-ID."""
    line = event.first("RECURRENCE-ID")
    if line is None:
        return event.value("UID"), ""
    try:
        return event.value("UID"), str(moment(line).timestamp())
    except ValueError:
        return event.value("UID"), line.value


def judge_method(calendar: Component) -> Iterator[str]:
    method, events = calendar.value("METHOD"), calendar.within("VEVENT")
    if method not in {"REQUEST", "CANCEL"}:
        yield f"itip: METHOD {method!r} is not ours to send"
    if {line.name for line in calendar.lines} - HEAD:
        yield "itip: a property of feeds"
    if not events:
        yield "itip: no VEVENT"
        return
    if len({event.value("UID") for event in events}) > 1:
        yield "itip: more than one UID"
    if len({event.value("ORGANIZER").lower() for event in events}) > 1:
        yield "itip: more than one ORGANIZER"
    if len({line.value.lower() for event in events for line in event.all("ATTENDEE")}) > 1:
        yield "itip: somebody else's name"
    for event in events:
        yield from _people(event)
        yield from _request(event) if method == "REQUEST" else _cancel(event)
    yield from _series(events)


def _people(event: Component) -> Iterator[str]:
    if len(event.all("ATTENDEE")) != 1:
        yield "itip: not exactly one ATTENDEE"
    if not event.all("ORGANIZER"):
        yield "itip: no ORGANIZER"
    if event.value("ORGANIZER").lower() in {line.value.lower() for line in event.all("ATTENDEE")}:
        yield "itip: the ORGANIZER is invited"
    if not event.all("CREATED") or not event.all("LAST-MODIFIED"):
        yield "itip: no CREATED or no LAST-MODIFIED"


def _request(event: Component) -> Iterator[str]:
    if event.value("STATUS") not in {"CONFIRMED", "TENTATIVE"}:
        yield "itip: a REQUEST whose STATUS is not one of going on"
    for line in event.all("ATTENDEE"):
        if line.parameter("RSVP") != "TRUE" or not line.parameter("PARTSTAT"):
            yield "itip: a REQUEST that asks for no answer"


def _cancel(event: Component) -> Iterator[str]:
    if event.value("STATUS") not in {"", "CANCELLED"}:
        yield "itip: a CANCEL whose STATUS is not CANCELLED"
    if event.value("RECURRENCE-ID") and not event.value("STATUS"):
        yield "itip: a cancelled occurrence without STATUS"
    if event.value("SEQUENCE") == "0":
        yield "itip: a CANCEL with SEQUENCE 0"
    if event.within("VALARM"):
        yield "itip: a CANCEL with a reminder"
    if event.all("CONFERENCE"):
        yield "itip: a CANCEL with a way to join"
    if any(line.parameter("PARTSTAT") or line.parameter("RSVP") for line in event.all("ATTENDEE")):
        yield "itip: a CANCEL that asks for an answer"


def _series(events: list[Component]) -> Iterator[str]:
    """A master comes first; its occurrences have its zone, its days, and a SEQUENCE that is not below."""
    masters = [event for event in events if not event.all("RECURRENCE-ID")]
    changed = [event for event in events if event.all("RECURRENCE-ID")]
    if masters and events[0] is not masters[0]:
        yield "series: the series does not come first"
    if len({form(line) for event in changed for line in event.all("RECURRENCE-ID")}) > 1:
        yield "series: RECURRENCE-IDs in several zones"
    if not masters or not changed:
        return
    start, rule = masters[0].first("DTSTART"), masters[0].value("RRULE")
    if start is None or not rule:
        yield "series: occurrences without a rule"
        return
    days = set(expanded(start.value, start.parameter("TZID"), rule))
    days -= {moment(line) for line in masters[0].all("EXDATE") if line.value}
    for event in changed:
        line = event.first("RECURRENCE-ID")
        assert line is not None
        if form(line) != form(start):
            yield "series: RECURRENCE-ID is not in the zone of the series"
        elif moment(line) not in days:
            yield "series: RECURRENCE-ID is no occurrence"
        if int(event.value("SEQUENCE") or 0) < int(masters[0].value("SEQUENCE") or 0):
            yield "series: an occurrence below its series"
