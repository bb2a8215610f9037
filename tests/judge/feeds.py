"""A calendar to subscribe to, or the file of one session: nobody is named, nobody is asked (RFC 5545, RFC 7986)."""

import re
from collections.abc import Iterator

from tests.judge.events import judge_event
from tests.judge.itip import judge_head
from tests.judge.lines import Component, read
from tests.judge.zones import LAW, judge_zones

TYPED = {"REFRESH-INTERVAL": "DURATION", "SOURCE": "URI"}


def judge_feed(data: bytes) -> tuple[Component | None, list[str]]:
    """The calendar and its faults."""
    calendar, faults = read(data)
    if calendar is not None:
        faults += [*judge_head(calendar), *judge_zones(calendar), *_caption(calendar)]
        for event in calendar.within("VEVENT"):
            faults += [*judge_event(event), *_entry(event)]
    return calendar, faults


def _caption(calendar: Component) -> Iterator[str]:
    if calendar.value("METHOD") not in {"", "PUBLISH"}:
        yield "feed: a METHOD that asks"
    for name, kind in TYPED.items():
        for line in calendar.all(name):
            if line.parameter("VALUE") != kind:
                yield f"feed: {name} without VALUE={kind}"
    for name in ("REFRESH-INTERVAL", "X-PUBLISHED-TTL"):
        if calendar.all(name) and not re.fullmatch(r"PT(\d+H)?(\d+M)?|P\d+D", calendar.value(name)):
            yield f"feed: {name} is no length of time"
    if calendar.all("COLOR") and not re.fullmatch("[a-z]+", calendar.value("COLOR")):
        yield "feed: COLOR is no name"
    if calendar.value("NAME") != calendar.value("X-WR-CALNAME"):
        yield "feed: NAME and X-WR-CALNAME differ"
    if calendar.all("X-WR-TIMEZONE") and calendar.value("X-WR-TIMEZONE") not in LAW:
        yield "feed: X-WR-TIMEZONE is none of ours"
    if not calendar.within("VTIMEZONE"):
        yield "feed: no VTIMEZONE"


def _entry(event: Component) -> Iterator[str]:
    if event.all("ATTENDEE") or event.all("ORGANIZER"):
        yield "feed: somebody is named"
    if not event.all("LAST-MODIFIED") or event.value("DTSTAMP") != event.value("LAST-MODIFIED"):
        yield "feed: DTSTAMP is not the last revision"
    if event.value("STATUS") == "CANCELLED":
        if event.within("VALARM") or event.all("CONFERENCE"):
            yield "feed: a cancelled entry with a reminder or a way to join"
        if event.value("TRANSP") != "TRANSPARENT" or event.value("SEQUENCE") == "0":
            yield "feed: a cancelled entry that takes time, or under its old SEQUENCE"
