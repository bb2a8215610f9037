"""What a VTIMEZONE says, held against the law at each half hour around the clock changes (RFC 5545, 3.6.5)."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr

from tests.judge.lines import Component

ALWAYS = 2027
HALF_HOUR = timedelta(minutes=30)
LAW = {"Europe/Paris", "Europe/Rome"}
Observance = tuple[str, str, str, str]
"""DTSTART, TZOFFSETFROM, TZOFFSETTO, RRULE."""


def judge_zones(calendar: Component) -> Iterator[str]:
    """One VTIMEZONE for each TZID that is named, before what names it, right in the years of the entries."""
    found = calendar.within("VTIMEZONE")
    names = [zone.value("TZID") for zone in found]
    used = {line.parameter("TZID") for part in calendar.parts for line in part.lines} - {""}
    for name in sorted(used - set(names)):
        yield f"zones: no VTIMEZONE for {name}"
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"zones: {name} stands there twice"
    kinds = [part.name for part in calendar.parts]
    if "VTIMEZONE" in kinds[kinds.index("VEVENT") :] if "VEVENT" in kinds else False:
        yield "zones: a VTIMEZONE after what names it"
    starts = [event.value("DTSTART")[:4] for event in calendar.within("VEVENT")]
    years = {ALWAYS} | {int(year) for year in starts if year.isdigit()}
    for zone in found:
        if zone.value("TZID") not in LAW:
            yield f"zones: {zone.value('TZID')} is none of ours"
            continue
        rules = tuple(
            (part.value("DTSTART"), part.value("TZOFFSETFROM"), part.value("TZOFFSETTO"), part.value("RRULE"))
            for part in zone.parts
        )
        if {part.name for part in zone.parts} != {"DAYLIGHT", "STANDARD"}:
            yield "zones: not both observances"
        if any(part.all("RDATE") for part in zone.parts) or not all(rule for *_, rule in rules):
            yield "zones: changes without a rule"
            continue
        for year in sorted(years):
            if fault := differs(zone.value("TZID"), rules, year):
                yield fault


@lru_cache(maxsize=256)
def differs(name: str, rules: tuple[Observance, ...], year: int) -> str:
    """The first half hour in the days around a change of that year at which the component is wrong, in words."""
    law = ZoneInfo(name)
    onsets = sorted(onset for rule in rules for onset in _onsets(rule, year))
    noon = datetime(year, 1, 1, 12, tzinfo=UTC)
    days = [noon + timedelta(days=day) for day in range(366)]
    changes = [
        day for day in days if day.astimezone(law).utcoffset() != _offset(law, day - timedelta(days=1))
    ]
    moments = [change - timedelta(days=2) + HALF_HOUR * step for change in changes for step in range(4 * 48)]
    for moment in moments:
        said = [offset for onset, offset in onsets if onset <= moment]
        if not said or said[-1] != _offset(law, moment):
            return f"zones: {name} is wrong at {moment:%Y-%m-%d %H:%M} UTC"
    return ""


def _offset(law: ZoneInfo, moment: datetime) -> timedelta | None:
    return moment.astimezone(law).utcoffset()


def _onsets(rule: Observance, year: int) -> Iterator[tuple[datetime, timedelta]]:
    """The instants of that year and the one before: DTSTART is a wall time in the offset that ends."""
    start, before, after = datetime.strptime(rule[0], "%Y%m%dT%H%M%S"), _length(rule[1]), _length(rule[2])
    for wall in rrulestr(rule[3], dtstart=start).between(datetime(year - 1, 1, 1), datetime(year + 1, 1, 1)):
        yield wall.replace(tzinfo=UTC) - before, after


def _length(offset: str) -> timedelta:
    sign = -1 if offset.startswith("-") else 1
    return sign * timedelta(hours=int(offset[1:3]), minutes=int(offset[3:5]))
