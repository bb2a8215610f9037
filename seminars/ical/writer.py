"""Entries to bytes: one VEVENT, an iTIP message, a feed. Same values, same bytes: an ETag needs it."""

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta

from .entry import Attendee, Entry, Organizer
from .lines import (
    checked_web_address,
    clean_name,
    clean_text,
    escaped,
    folded,
    mailto,
    moment_line,
    quoted,
    utc_form,
)
from .zones import vtimezone

PRODID = "-//Viso//Sessions//EN"
METHODS = ("REQUEST", "CANCEL", "PUBLISH")
_COLOR_NAME = re.compile(r"[a-z]{3,24}")
_COLOR_CODE = re.compile(r"#[0-9A-Fa-f]{6}")


def vevent(entry: Entry, *, method: str | None = None) -> bytes:
    """One VEVENT with CRLF line ends, folded at 75 octets (RFC 5545, 3.6.1).

    `method` is that of the message it is for. A cancelled entry and a CANCEL carry no reminder and no way to
    join; a CANCEL has a STATUS only if the whole entry is cancelled, so that one person can be taken out
    (RFC 5546, 3.2.5).
    """
    over = method == "CANCEL" or entry.status == "CANCELLED"
    lines = ["BEGIN:VEVENT", *_identity(entry, method), *_people(entry, method), *_texts(entry, over)]
    if entry.alarm_minutes is not None and not over:
        lines += _alarm(entry)
    lines.append("END:VEVENT")
    return b"".join(map(folded, lines))


def message(entries: Entry | Sequence[Entry], method: str = "REQUEST") -> bytes:
    """One iTIP object (RFC 5546, 3.2): a session, a series and its changed occurrences, or such ones alone.

    Raises ValueError naming the field when the entries don't belong together or don't fit the method.
    """
    found = (entries,) if isinstance(entries, Entry) else tuple(entries)
    _check_message(found, method)
    zones = sorted(frozenset().union(*(entry.zones for entry in found)))
    head = ["BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:{PRODID}", "CALSCALE:GREGORIAN", f"METHOD:{method}"]
    return _joined(head, zones, (vevent(entry, method=method) for entry in found))


def feed(
    entries: Iterable[Entry],
    *,
    name: str,
    zone: str,
    description: str = "",
    uid: str | None = None,
    refresh: timedelta = timedelta(hours=1),
    method: str | None = None,
    color: str | None = None,
    color_code: str | None = None,
    source: str | None = None,
) -> bytes:
    """A subscription feed of entries in the order given; the rest as for `feed_of`.

    Raises ValueError also for entries that name people, and for two with the same UID and RECURRENCE-ID.
    """
    found = tuple(entries)
    if any(entry.organizer or entry.attendees for entry in found):
        raise ValueError("attendees: a feed names nobody")
    if len({entry.instance for entry in found}) < len(found):
        raise ValueError("uid: stands in the feed twice")
    return feed_of(
        map(vevent, found),
        frozenset().union(*(entry.zones for entry in found)),
        name=name,
        zone=zone,
        description=description,
        uid=uid,
        refresh=refresh,
        method=method,
        color=color,
        color_code=color_code,
        source=source,
    )


def feed_of(
    chunks: Iterable[bytes],
    zones: Iterable[str] = (),
    *,
    name: str,
    zone: str,
    description: str = "",
    uid: str | None = None,
    refresh: timedelta = timedelta(hours=1),
    method: str | None = None,
    color: str | None = None,
    color_code: str | None = None,
    source: str | None = None,
) -> bytes:
    """A subscription feed of stored `vevent` bytes, joined as they are (RFC 7986, and the X-WR names in use).

    `zones` are those the chunks refer to; `zone` is that of the reader, whose VTIMEZONE is there even if
    nothing else is. `refresh` is in whole minutes; `color` a CSS name, `color_code` its "#rrggbb" for Apple.
    `method` is None or "PUBLISH". Raises ValueError naming the field.
    """
    if method not in (None, "PUBLISH"):
        raise ValueError("method: a feed asks for nothing, so none or PUBLISH")
    head = ["BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:{PRODID}", "CALSCALE:GREGORIAN"]
    if method:
        head.append(f"METHOD:{method}")
    if uid:
        head.append(f"UID:{escaped(clean_name(uid))}")
    head += [*_caption(name, description), f"X-WR-TIMEZONE:{zone}"]
    period = _duration(refresh)
    head += [f"REFRESH-INTERVAL;VALUE=DURATION:{period}", f"X-PUBLISHED-TTL:{period}"]
    head += _colors(color, color_code)
    if source:
        head.append(f"SOURCE;VALUE=URI:{checked_web_address(source, 'source')}")
    return _joined(head, sorted({zone, *zones}), chunks)


def _joined(head: Iterable[str], zones: Iterable[str], chunks: Iterable[bytes]) -> bytes:
    return b"".join([*map(folded, head), *map(vtimezone, zones), *chunks, b"END:VCALENDAR\r\n"])


def _check_message(entries: tuple[Entry, ...], method: str) -> None:
    if method not in METHODS:
        raise ValueError(f"method: {method!r} is none of {', '.join(METHODS)}")
    if not entries:
        raise ValueError("entries: none")
    first = entries[0]
    if len({entry.instance for entry in entries}) < len(entries):
        raise ValueError("recurrence_id: stands in the message twice")
    for entry in entries:
        if entry.uid != first.uid:
            raise ValueError("uid: a message is about one")
        if entry.organizer != first.organizer:
            raise ValueError("organizer: a message has one")
        if first.recurrence_id is None and entry.sequence < first.sequence:
            raise ValueError("sequence: a changed occurrence below its series would be dropped")
        _check_method(entry, method)
    if first.recurrence_id is not None and any(entry.recurrence_id is None for entry in entries):
        raise ValueError("entries: the series comes first")
    if len(entries) > 1 and first.recurrence_id is None and first.rrule is None:
        raise ValueError("rrule: changed occurrences need a series")
    _check_series_zone(entries)


def _check_method(entry: Entry, method: str) -> None:
    if method == "PUBLISH":
        if entry.attendees:
            raise ValueError("attendees: PUBLISH invites nobody")
        return
    if entry.organizer is None or not entry.attendees:
        raise ValueError(f"attendees: {method} needs an organizer and attendees")
    if method == "REQUEST" and entry.status == "CANCELLED":
        raise ValueError("status: a cancelled entry goes out with CANCEL")


def _check_series_zone(entries: tuple[Entry, ...]) -> None:
    """Clients match RECURRENCE-ID to the series by its written form, so the zones have to agree."""
    anchors = [entry.start if entry.recurrence_id is None else entry.recurrence_id for entry in entries]
    forms = {moment_line("", anchor).partition(":")[0] for anchor in anchors}
    if len(forms) > 1:
        raise ValueError("recurrence_id: not in the zone of the series")


def _identity(entry: Entry, method: str | None) -> list[str]:
    lines = [f"UID:{escaped(entry.uid)}", f"DTSTAMP:{utc_form(entry.stamp)}"]
    if entry.recurrence_id is not None:
        lines.append(moment_line("RECURRENCE-ID", entry.recurrence_id))
    lines += [moment_line("DTSTART", entry.start), moment_line("DTEND", entry.end)]
    if entry.rrule is not None:
        lines.append(f"RRULE:{entry.rrule.value()}")
        lines += [moment_line("EXDATE", moment) for moment in entry.exdates]
    lines.append(f"SEQUENCE:{entry.sequence}")
    if method != "CANCEL" or entry.status == "CANCELLED":
        lines.append(f"STATUS:{entry.status}")
    free = entry.transparent or entry.status == "CANCELLED"
    lines.append(f"TRANSP:{'TRANSPARENT' if free else 'OPAQUE'}")
    lines += [f"CREATED:{utc_form(entry.created)}", f"LAST-MODIFIED:{utc_form(entry.modified)}"]
    return lines


def _people(entry: Entry, method: str | None) -> list[str]:
    lines = [] if entry.organizer is None else [_organizer(entry.organizer)]
    write: Callable[[Attendee], str] = _uninvited if method == "CANCEL" else _invited
    return lines + [write(attendee) for attendee in entry.attendees]


def _organizer(organizer: Organizer) -> str:
    return f"ORGANIZER{_parameter('CN', organizer.name)}:{mailto(organizer.email)}"


def _invited(attendee: Attendee) -> str:
    answer = f";PARTSTAT={attendee.partstat};RSVP={'TRUE' if attendee.rsvp else 'FALSE'}"
    return _attendee(attendee, answer)


def _uninvited(attendee: Attendee) -> str:
    return _attendee(attendee, "")


def _attendee(attendee: Attendee, answer: str) -> str:
    name = _parameter("CN", attendee.name) + _parameter("LANGUAGE", attendee.language or "")
    return f"ATTENDEE;CUTYPE=INDIVIDUAL;ROLE={attendee.role}{answer}{name}:{mailto(attendee.email)}"


def _texts(entry: Entry, over: bool) -> list[str]:
    conference = None if over else entry.conference
    language = f";LANGUAGE={entry.language}"
    lines = [f"SUMMARY{language}:{escaped(entry.summary)}"]
    description, location = entry.description, entry.location
    if conference:
        # Outlook, Apple and Google make the place a link; others look for an address alone on the first line.
        if description.partition("\n")[0] != conference:
            description = f"{conference}\n\n{description}".rstrip("\n")
        if conference not in location:
            location = f"{location}; {conference}" if location else conference
    if description:
        lines.append(f"DESCRIPTION{language}:{escaped(description)}")
    if location:
        lines.append(f"LOCATION{language}:{escaped(location)}")
    if entry.url:
        lines.append(f"URL:{entry.url}")
    if conference:
        label = _parameter("LABEL", entry.conference_label) + language if entry.conference_label else ""
        lines.append(f"CONFERENCE;VALUE=URI;FEATURE=AUDIO,VIDEO{label}:{conference}")
    if entry.categories:
        lines.append(f"CATEGORIES{language}:{','.join(map(escaped, entry.categories))}")
    if entry.color:
        lines.append(f"COLOR:{entry.color}")
    if entry.classification:
        lines.append(f"CLASS:{entry.classification}")
    if entry.related_to:
        lines.append(f"RELATED-TO:{escaped(entry.related_to)}")
    return lines


def _alarm(entry: Entry) -> list[str]:
    trigger = f"-PT{entry.alarm_minutes}M" if entry.alarm_minutes else "PT0S"
    text = escaped(entry.alarm_text or entry.summary)
    return ["BEGIN:VALARM", "ACTION:DISPLAY", f"TRIGGER:{trigger}", f"DESCRIPTION:{text}", "END:VALARM"]


def _caption(name: str, description: str) -> list[str]:
    shown = escaped(clean_name(name))
    if not shown:
        raise ValueError("name: empty")
    lines = [f"NAME:{shown}", f"X-WR-CALNAME:{shown}"]
    about = escaped(clean_text(description).strip())
    if about:
        lines += [f"DESCRIPTION:{about}", f"X-WR-CALDESC:{about}"]
    return lines


def _parameter(name: str, value: str) -> str:
    return f";{name}={quoted(value)}" if value else ""


def _colors(name: str | None, code: str | None) -> list[str]:
    lines = []
    if name:
        if not _COLOR_NAME.fullmatch(name):
            raise ValueError("color: not a CSS name")
        lines.append(f"COLOR:{name}")
    if code:
        if not _COLOR_CODE.fullmatch(code):
            raise ValueError("color_code: not of the form #rrggbb")
        lines.append(f"X-APPLE-CALENDAR-COLOR:{code}")
    return lines


def _duration(period: timedelta) -> str:
    minutes, rest = divmod(period, timedelta(minutes=1))
    if minutes < 1 or rest:
        raise ValueError("refresh: whole minutes, at least one")
    hours, left = divmod(minutes, 60)
    return "PT" + (f"{hours}H" if hours else "") + (f"{left}M" if left else "")
