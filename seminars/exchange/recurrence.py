"""Recurrence rules of a programme: which RRULEs are allowed, and the wall times they give (RFC 5545 3.3.10).

Stricter than the RFC where readers disagree: the start is an occurrence, no BYWEEKNO and no BYYEARDAY.
"""

import re
from datetime import UTC, datetime, time
from itertools import islice
from zoneinfo import ZoneInfo

from dateutil.rrule import rrule, rrulestr

from seminars.exchange.terms import LAST_YEAR, MOST_OCCURRENCES

FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
_TOO_FREQUENT = ("SECONDLY", "MINUTELY", "HOURLY")
_OF_THE_HOUR = ("BYSECOND", "BYMINUTE", "BYHOUR")
_WEEKDAY = "(MO|TU|WE|TH|FR|SA|SU)"
_DAY = f"([+-]?[1-9][0-9]?)?{_WEEKDAY}"
_OF_MONTH = "[+-]?([1-9]|[12][0-9]|3[01])"
_MONTH = "([1-9]|1[0-2])"
_POSITION = "[+-]?[1-9][0-9]{0,2}"
_SHAPES = {
    "FREQ": "[A-Z]+",
    "INTERVAL": "[1-9][0-9]{0,2}",
    "COUNT": "[1-9][0-9]{0,8}",
    "UNTIL": "[0-9]{8}(T[0-9]{6}Z?)?",
    "BYDAY": f"{_DAY}(,{_DAY})*",
    "BYMONTHDAY": f"{_OF_MONTH}(,{_OF_MONTH})*",
    "BYMONTH": f"{_MONTH}(,{_MONTH})*",
    "BYSETPOS": f"{_POSITION}(,{_POSITION})*",
    "WKST": _WEEKDAY,
}
_HORIZON = datetime(LAST_YEAR, 12, 31, 23, 59, 59)


class RuleError(ValueError):
    """A rule that is malformed, unbounded, too frequent or too long; the message is a sentence."""


def occurrences(rule: str, start: datetime, zone: str) -> tuple[datetime, ...]:
    """The naive wall times a rule gives from `start` on, excluded dates included. Raises RuleError.

    At most one a day. UNTIL may be in UTC, in local time, or a date (the whole of that local day).
    """
    parts = _parts(rule)
    _fit(rule, parts)
    until = _until(parts["UNTIL"], zone) if "UNTIL" in parts else _HORIZON
    count = int(parts.get("COUNT", MOST_OCCURRENCES + 1))
    bounds = {"COUNT", "UNTIL"}
    bare = ";".join(f"{name}={value}" for name, value in parts.items() if name not in bounds)
    series = rrulestr(f"{bare};UNTIL={until:%Y%m%dT%H%M%S}", dtstart=start)
    if not isinstance(series, rrule):
        raise RuleError(f'"{rule}" is more than one rule')
    dates = tuple(islice(series, min(count, MOST_OCCURRENCES + 1)))
    if len(dates) > MOST_OCCURRENCES:
        raise RuleError(f'"{rule}" gives more than {MOST_OCCURRENCES} dates')
    if not dates or dates[0] != start:
        raise RuleError(f'"{rule}" does not give the start {start:%Y-%m-%dT%H:%M} itself as its first date')
    if "COUNT" in parts and len(dates) < count:
        raise RuleError(f'"{rule}" gives only {len(dates)} dates up to the year {LAST_YEAR}, not {count}')
    return dates


def _parts(rule: str) -> dict[str, str]:
    parts: dict[str, str] = {}
    for part in rule.split(";"):
        name, sign, value = part.partition("=")
        if not sign or name in parts:
            raise RuleError(f'"{rule}" is no recurrence rule; write one like FREQ=WEEKLY;COUNT=4;BYDAY=TH')
        if name in _OF_THE_HOUR:
            raise RuleError(
                f"{name} is not allowed: a rule gives at most one date a day, at the hour of the start"
            )
        if name not in _SHAPES:
            raise RuleError(f'"{name}" is not a part that can be used; allowed are {", ".join(_SHAPES)}')
        if not re.fullmatch(_SHAPES[name], value):
            raise RuleError(f'"{part}" has no value that {name} allows')
        parts[name] = value
    return parts


def _fit(rule: str, parts: dict[str, str]) -> None:
    frequency = parts.get("FREQ")
    if frequency in _TOO_FREQUENT:
        raise RuleError(f"FREQ={frequency} is too frequent; allowed are {', '.join(FREQUENCIES)}")
    if frequency not in FREQUENCIES:
        raise RuleError(f'"{rule}" needs a FREQ, one of {", ".join(FREQUENCIES)}')
    if ("COUNT" in parts) == ("UNTIL" in parts):
        raise RuleError(f'"{rule}" must have an end: either COUNT or UNTIL, not both and not neither')
    if int(parts.get("COUNT", 0)) > MOST_OCCURRENCES:
        raise RuleError(f"COUNT={parts['COUNT']} is more than {MOST_OCCURRENCES} dates")
    if "BYMONTHDAY" in parts and frequency == "WEEKLY":
        raise RuleError("BYMONTHDAY is not allowed with FREQ=WEEKLY")
    if "BYSETPOS" in parts and not {"BYDAY", "BYMONTHDAY", "BYMONTH"} & set(parts):
        raise RuleError("BYSETPOS needs a BYDAY, BYMONTHDAY or BYMONTH to choose from")
    numbered = {len(day) > 2 for day in parts.get("BYDAY", "MO").split(",")}
    if True in numbered and frequency in ("DAILY", "WEEKLY"):
        raise RuleError(f"a numbered day such as 2TU is not allowed with FREQ={frequency}")
    # dateutil would give the days that fit both, the RFC asks for those that fit either
    if len(numbered) == 2:
        raise RuleError(f"BYDAY={parts['BYDAY']} mixes numbered days with days of every week")


def _until(text: str, zone: str) -> datetime:
    try:
        if len(text) == 8:
            end = datetime.combine(datetime.strptime(text, "%Y%m%d"), time(23, 59, 59))
        else:
            end = datetime.strptime(text.rstrip("Z"), "%Y%m%dT%H%M%S")
    except ValueError as error:
        raise RuleError(f"UNTIL={text} is no date; write one like 20271231") from error
    if not 1 < end.year <= LAST_YEAR:
        raise RuleError(f"UNTIL={text} lies beyond the year {LAST_YEAR}")
    if text.endswith("Z"):
        end = end.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    return min(end, _HORIZON)
