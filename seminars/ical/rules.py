"""Recurrence rules as far as sessions need them, checked before they reach a client (RFC 5545, 3.3.10)."""

import re
from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice, takewhile

from dateutil.rrule import rrulestr

from .lines import utc_form

FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
MOST_STARTS = 500
_BYDAY = re.compile(r"([+-]?[1-5])?(MO|TU|WE|TH|FR|SA|SU)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """How a session repeats. `until` is the aware start of the last occurrence; give it or `count`, not both.

    `byday` holds "MO".."SU", in MONTHLY and YEARLY rules also "2TU" or "-1FR". Raises ValueError naming the
    part.
    """

    freq: str
    interval: int = 1
    count: int | None = None
    until: datetime | None = None
    byday: tuple[str, ...] = ()
    bymonthday: tuple[int, ...] = ()
    bymonth: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if self.freq not in FREQUENCIES:
            raise ValueError(f"freq: {self.freq!r} is none of {', '.join(FREQUENCIES)}")
        if self.interval < 1:
            raise ValueError("interval: below 1")
        self._check_end()
        self._check_parts()

    def _check_end(self) -> None:
        if self.count is not None and self.until is not None:
            raise ValueError("until: a rule has a count or an until, not both")
        # Office 365 refuses a whole feed for a rule with one occurrence.
        if self.count is not None and self.count < 2:
            raise ValueError("count: a rule has at least 2 occurrences")
        if self.until is not None and self.until.utcoffset() is None:
            raise ValueError("until: needs a time zone")

    def _check_parts(self) -> None:
        for day in self.byday:
            found = _BYDAY.fullmatch(day)
            if not found or (found[1] and self.freq not in ("MONTHLY", "YEARLY")):
                raise ValueError(f"byday: {day!r} does not fit a {self.freq} rule")
            if found[1] and self.freq == "YEARLY" and not self.bymonth:
                raise ValueError(f"byday: {day!r} in a YEARLY rule needs bymonth")
        if len({day.lstrip("+-").isalpha() for day in self.byday}) > 1:
            raise ValueError("byday: readers disagree about numbered days beside plain ones")
        if self.bymonthday and self.freq == "WEEKLY":
            raise ValueError("bymonthday: does not fit a WEEKLY rule")
        if any(not 1 <= abs(day) <= 31 for day in self.bymonthday):
            raise ValueError("bymonthday: not within 1 to 31")
        if any(not 1 <= month <= 12 for month in self.bymonth):
            raise ValueError("bymonth: not within 1 to 12")

    def check_start(self, start: datetime) -> None:
        """Raises ValueError unless `start` is an occurrence: clients disagree about one that is not."""
        if self.until is not None and self.until.astimezone(UTC) < start.astimezone(UTC):
            raise ValueError("rrule: until lies before start")
        days = monthrange(start.year, start.month)[1]
        if self.bymonth and start.month not in self.bymonth:
            raise ValueError("rrule: start is not in bymonth")
        if self.bymonthday and not {start.day, start.day - days - 1} & set(self.bymonthday):
            raise ValueError("rrule: start is not in bymonthday")
        weekday = WEEKDAYS[start.weekday()]
        names = {weekday, f"{(start.day + 6) // 7}{weekday}", f"-{(days - start.day + 7) // 7}{weekday}"}
        if self.byday and names.isdisjoint(day.lstrip("+") for day in self.byday):
            raise ValueError("rrule: start is not in byday")

    def starts(self, start: datetime) -> tuple[datetime, ...]:
        """Every start from `start` on, at its wall time and in its zone, excluded ones included.

        Raises ValueError for a rule without an end and for one with more than MOST_STARTS.
        """
        if self.count is None and self.until is None:
            raise ValueError("rrule: has no end")
        walls = rrulestr(replace(self, until=None).value(), dtstart=start.replace(tzinfo=None))
        last = self.until
        found = (wall.replace(tzinfo=start.tzinfo) for wall in walls)
        bounded = found if last is None else takewhile(lambda one: one.astimezone(UTC) <= last, found)
        starts = tuple(islice(bounded, MOST_STARTS + 1))
        if len(starts) > MOST_STARTS:
            raise ValueError(f"rrule: more than {MOST_STARTS} occurrences")
        return starts

    def value(self) -> str:
        """The RECUR value; UNTIL in UTC, as it has to be beside a DTSTART with TZID."""
        parts = [f"FREQ={self.freq}"]
        if self.until is not None:
            parts.append(f"UNTIL={utc_form(self.until)}")
        if self.count is not None:
            parts.append(f"COUNT={self.count}")
        if self.interval != 1:
            parts.append(f"INTERVAL={self.interval}")
        by = {"BYMONTH": self.bymonth, "BYMONTHDAY": self.bymonthday, "BYDAY": self.byday}
        parts += [f"{name}={','.join(map(str, values))}" for name, values in by.items() if values]
        return ";".join(parts)
