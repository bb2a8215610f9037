"""Dated sessions of the programme, against its known figures and against two expanders of other makes."""

import calendar
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
import recurring_ical_events
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from seminars.exchange.expansion import as_json, dated
from seminars.exchange.programme import Seminar, read
from seminars.exchange.recurrence import occurrences
from tests.seminars.exchange.files import FILE, alone

PROGRAMME = read(FILE.read_bytes())
SESSIONS = dated(PROGRAMME)
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


def by_hand(rule: str, start: datetime) -> list[datetime]:
    """The dates of a rule with COUNT, one BYDAY and perhaps INTERVAL, by looking at every day in turn."""
    parts = dict(part.split("=") for part in rule.split(";"))
    every, count, found = int(parts.get("INTERVAL", 1)), int(parts["COUNT"]), list[datetime]()
    day = start
    monday = start.date() - timedelta(days=start.weekday())
    while len(found) < count:
        if parts["FREQ"] == "WEEKLY":
            fits = ((day.date() - monday).days // 7) % every == 0 and WEEKDAYS[day.weekday()] == parts[
                "BYDAY"
            ]
        else:
            months = (day.year - start.year) * 12 + day.month - start.month
            nth = f"{(day.day - 1) // 7 + 1}{WEEKDAYS[day.weekday()]}"
            fits = months % every == 0 and nth == parts["BYDAY"]
        if fits:
            found.append(day)
        day += timedelta(days=1)
    return found


def as_calendar(seminar: Seminar) -> str:
    """The series as another program would be given it: one VEVENT with RRULE and EXDATE."""
    zone, minutes = seminar.timezone, seminar.minutes
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//test//", "BEGIN:VEVENT", f"UID:{seminar.key}"]
    lines += [f"DTSTART;TZID={zone}:{seminar.start:%Y%m%dT%H%M%S}", f"DURATION:PT{minutes}M"]
    lines += [f"RRULE:{seminar.recurrence}"]
    lines += [f"EXDATE;TZID={zone}:{wall:%Y%m%dT%H%M%S}" for wall in seminar.exdates]
    return "\r\n".join([*lines, "END:VEVENT", "END:VCALENDAR", ""])


def of(key: str) -> list[datetime]:
    return [session.start.replace(tzinfo=None) for session in SESSIONS if session.seminar.key == key]


def test_there_are_eighty_three_sessions_on_a_hundred_and_two_days() -> None:
    assert len(SESSIONS) == 83
    assert len({session.key for session in SESSIONS}) == 83
    days = sum((session.end.date() - session.start.date()).days + 1 for session in SESSIONS)
    assert days == 102
    assert sum(1 for seminar in PROGRAMME.seminars if seminar.recurrence) == 10
    assert sum(1 for seminar in PROGRAMME.seminars if seminar.days) == 5


def test_the_four_excluded_dates_are_left_out_and_still_counted_by_the_rule() -> None:
    excluded = {seminar.key: seminar.exdates for seminar in PROGRAMME.seminars if seminar.exdates}
    assert {key: [f"{wall:%d.%m.}" for wall in walls] for key, walls in excluded.items()} == {
        "A1-04": ["06.05."],
        "A3-01": ["02.06."],
        "A6-04": ["11.11."],
        "A8-01": ["11.11."],
    }
    assert {key: len(of(key)) for key in excluded} == {"A1-04": 5, "A3-01": 7, "A6-04": 3, "A8-01": 5}
    assert not any(wall in of(key) for key, walls in excluded.items() for wall in walls)


def test_one_interpreter_is_wanted_twice_at_two_on_the_eleventh_of_march_and_nobody_else_ever() -> None:
    assert {"A1-04/2027-03-11", "A8-01/2027-03-11"} <= {session.key for session in SESSIONS}
    clashes = set()
    for number, one in enumerate(SESSIONS):
        for other in SESSIONS[number + 1 :]:
            shared = {m.person for m in one.seminar.team} & {m.person for m in other.seminar.team}
            if any(a < d and c < b for a, b in one.slots for c, d in other.slots):
                clashes |= {(person, one.key, other.key, f"{one.start:%H:%M}") for person in shared}
    assert clashes == {("p10", "A1-04/2027-03-11", "A8-01/2027-03-11", "14:00")}


def test_a_series_keeps_its_wall_time_over_both_clock_changes() -> None:
    offsets = {
        key: {session.start.isoformat()[10:] for session in SESSIONS if session.seminar.key == key}
        for key in ("A1-04", "A1-08", "A6-04", "A8-01", "A4-02", "A3-01")
    }
    assert offsets["A1-04"] == {"T14:00:00+01:00", "T14:00:00+02:00"}
    assert offsets["A1-08"] == {"T10:00:00+02:00", "T10:00:00+01:00"}
    assert offsets["A4-02"] == {"T12:30:00+01:00", "T12:30:00+02:00"}
    assert offsets["A8-01"] == {"T14:00:00+01:00", "T14:00:00+02:00"}
    crossing = {
        seminar.key
        for seminar in PROGRAMME.seminars
        if len({session.start.utcoffset() for session in SESSIONS if session.seminar is seminar}) > 1
    }
    assert len(crossing) == 5


def test_every_session_lies_in_its_zone_with_slots_in_order_inside_it() -> None:
    for session in SESSIONS:
        assert session.start.tzinfo == ZoneInfo(session.seminar.timezone)
        assert session.slots[0][0] == session.start
        assert session.slots[-1][1] == session.end
        assert all(start < end for start, end in session.slots)
        assert all(one[1] <= other[0] for one, other in pairwise(session.slots))


def test_a_stay_of_days_is_one_session_that_ends_with_its_last_half_day() -> None:
    (stay,) = [session for session in SESSIONS if session.seminar.key == "A1-05"]
    assert (stay.key, stay.number, len(stay.slots)) == ("A1-05", 1, 10)
    assert stay.start.isoformat() == "2027-04-12T09:00:00+02:00"
    assert stay.end.isoformat() == "2027-04-16T17:30:00+02:00"
    assert [f"{start:%d %H:%M}-{end:%H:%M}" for start, end in stay.slots[1:3]] == [
        "12 14:00-17:30",
        "13 09:00-12:30",
    ]


def test_a_stay_over_the_night_of_a_clock_change_keeps_its_half_days() -> None:
    (stay,) = dated(alone("A3-04", start="2027-10-30T10:00", days=2))
    assert [start.isoformat() for start, _ in stay.slots] == [
        "2027-10-30T10:00:00+02:00",
        "2027-10-30T14:30:00+02:00",
        "2027-10-31T10:00:00+01:00",
        "2027-10-31T14:30:00+01:00",
    ]


def test_days_without_half_days_run_to_midnight() -> None:
    (stay,) = dated(alone("A1-05", slots=None, days=2))
    assert [(f"{a:%d %H:%M}", f"{b:%d %H:%M}") for a, b in stay.slots] == [
        ("12 09:00", "13 00:00"),
        ("13 09:00", "14 00:00"),
    ]
    assert stay.end == stay.slots[-1][1]


def test_minutes_are_real_ones_in_the_night_of_a_clock_change() -> None:
    (night,) = dated(alone("A2-01", start="2027-10-31T01:30", minutes=120))
    assert night.end.isoformat() == "2027-10-31T02:30:00+01:00"
    (spring,) = dated(alone("A2-01", start="2027-03-28T01:30", minutes=60))
    assert spring.end.isoformat() == "2027-03-28T03:30:00+02:00"


def test_half_days_are_given_or_there_is_one() -> None:
    (day,) = dated(alone("A7-01"))
    assert [(f"{a:%H:%M}", f"{b:%H:%M}") for a, b in day.slots] == [("10:00", "12:30"), ("14:00", "16:00")]
    (undivided,) = dated(alone("A5-03"))
    assert undivided.slots == ((undivided.start, undivided.end),)
    assert undivided.end - undivided.start == timedelta(hours=8)


def test_sessions_stand_in_the_order_of_start_and_then_key_with_numbers_from_one() -> None:
    assert [(s.start, s.key) for s in SESSIONS] == sorted((s.start.astimezone(UTC), s.key) for s in SESSIONS)
    backwards = replace(PROGRAMME, seminars=PROGRAMME.seminars[::-1])
    assert [session.key for session in dated(backwards)] == [session.key for session in SESSIONS]
    numbers = [session.number for session in SESSIONS if session.seminar.key == "A1-04"]
    assert numbers == [1, 2, 3, 4, 5]
    assert Counter(session.number for session in SESSIONS)[1] == 42


def test_the_json_has_a_key_and_times_with_their_offset() -> None:
    rows = {(row["key"], row["start"]): row for row in as_json(SESSIONS)}
    assert len(rows) == 83
    assert rows["A1-04", "2027-03-11T14:00:00+01:00"] == {
        "key": "A1-04",
        "start": "2027-03-11T14:00:00+01:00",
        "end": "2027-03-11T15:30:00+01:00",
        "timezone": "Europe/Paris",
    }
    assert list(as_json(SESSIONS)[0]) == ["key", "start", "end", "timezone"]


@pytest.mark.parametrize("seminar", [s for s in PROGRAMME.seminars if s.recurrence], ids=lambda s: s.key)
def test_two_other_expanders_give_the_same_dates(seminar: Seminar) -> None:
    assert seminar.recurrence
    ours = of(seminar.key)
    assert ours == [
        wall for wall in by_hand(seminar.recurrence, seminar.start) if wall not in seminar.exdates
    ]
    theirs = recurring_ical_events.of(Calendar.from_ical(as_calendar(seminar))).between((2026,), (2029,))
    found = sorted((event.start.astimezone(UTC), event.end.astimezone(UTC)) for event in theirs)
    sessions = [session for session in SESSIONS if session.seminar is seminar]
    assert found == [(session.start.astimezone(UTC), session.end.astimezone(UTC)) for session in sessions]


@settings(deadline=None, derandomize=True)
@given(
    start=st.dates(date(2024, 1, 1), date(2040, 12, 28)),
    monthly=st.booleans(),
    interval=st.integers(1, 5),
    count=st.integers(1, 30),
)
def test_any_weekly_or_monthly_rule_gives_the_dates_found_by_hand(
    start: date, monthly: bool, interval: int, count: int
) -> None:
    if start.day > 28:
        start = start.replace(day=28)
    weekday = calendar.day_abbr[start.weekday()].upper()[:2]
    day = f"{(start.day - 1) // 7 + 1}{weekday}" if monthly else weekday
    rule = f"FREQ={'MONTHLY' if monthly else 'WEEKLY'};INTERVAL={interval};COUNT={count};BYDAY={day}"
    noon = datetime(start.year, start.month, start.day, 12)
    assert list(occurrences(rule, noon, "Europe/Rome")) == by_hand(rule, noon)


@pytest.mark.parametrize(
    ("until", "last"),
    [
        ("20270408", "2027-04-08"),
        ("20270407", "2027-04-01"),
        ("20270408T140000", "2027-04-08"),
        ("20270408T135959", "2027-04-01"),
        ("20270408T120000Z", "2027-04-08"),
        ("20270408T115959Z", "2027-04-01"),
    ],
)
def test_an_until_includes_its_own_moment_in_the_zone_of_the_start(until: str, last: str) -> None:
    dates = occurrences(f"FREQ=WEEKLY;UNTIL={until}", datetime(2027, 3, 11, 14), "Europe/Paris")
    assert f"{dates[-1]:%Y-%m-%d}" == last
