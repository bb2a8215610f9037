"""Public holidays of both countries, by computation."""

from datetime import date

import pytest

from seminars.evidence.holidays import countries_off, easter, holidays


@pytest.mark.parametrize(
    ("year", "month", "day"),
    [(2024, 3, 31), (2025, 4, 20), (2026, 4, 5), (2027, 3, 28), (2038, 4, 25), (2008, 3, 23)],
)
def test_easter_is_where_the_calendar_has_it(year, month, day):
    assert easter(year) == date(year, month, day)


def test_holidays_are_those_of_each_country():
    assert {date(2027, 5, 6), date(2027, 5, 17), date(2027, 7, 14)} <= holidays(2027, "FR") - holidays(
        2027, "IT"
    )
    assert {date(2027, 6, 2), date(2027, 10, 4), date(2027, 12, 26)} <= holidays(2027, "IT") - holidays(
        2027, "FR"
    )
    assert date(2025, 10, 4) not in holidays(2025, "IT"), "Saint Francis is one again from 2026"
    assert countries_off(date(2027, 3, 29)) == ("FR", "IT")
    assert (countries_off(date(2027, 3, 30)), holidays(2027, "DE")) == ((), set())
