"""National public holidays of France and Italy, by computation: on which a held session asks for a reason.

France: Code du travail, L3133-1. Italy: legge 260/1949 with its later changes; Saint Francis is one again from 2026
(legge 151/2025). Regional days (Alsace-Moselle, patron saints) are left out.
"""

from datetime import date, timedelta

FRANCE = ((1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25))
ITALY = ((1, 1), (1, 6), (4, 25), (5, 1), (6, 2), (8, 15), (11, 1), (12, 8), (12, 25), (12, 26))
FRANCIS_FROM = 2026


def easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar (the anonymous computation of 1876)."""
    a, b, c = year % 19, year // 100, year % 100
    d, e, f = b // 4, b % 4, (b + 8) // 25
    g = (b - f + 1) // 3
    h = (19 * a + b - d - g + 15) % 30
    i, k = c // 4, c % 4
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return date(year, month, day + 1)


def holidays(year: int, country: str) -> set[date]:
    """All of a year, for FR or IT; none for any other country."""
    after = {"FR": (1, 39, 50), "IT": (0, 1)}.get(country, ())
    fixed = {"FR": FRANCE, "IT": ITALY}.get(country, ())
    found = {date(year, month, day) for month, day in fixed}
    found |= {easter(year) + timedelta(days=days) for days in after}
    if country == "IT" and year >= FRANCIS_FROM:
        found.add(date(year, 10, 4))
    return found


def countries_off(day: date) -> tuple[str, ...]:
    """Where that day is a public holiday: of FR and IT, in this order."""
    return tuple(country for country in ("FR", "IT") if day in holidays(day.year, country))
