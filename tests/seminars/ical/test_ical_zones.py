"""The hand-written zones against the time-zone database, read by another parser."""

import io
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from dateutil import tz

from seminars.ical.zones import ZONES, local_moment, vtimezone, zone_of

HALF_HOUR = timedelta(minutes=30)
PARIS, ROME = ZoneInfo("Europe/Paris"), ZoneInfo("Europe/Rome")


def disagreements(component: bytes, zone: ZoneInfo, start: datetime, end: datetime) -> list[datetime]:
    """The half hours at which the component, read by dateutil, differs from the database."""
    found = []
    read = tz.tzical(io.StringIO(component.decode("ascii"))).get()
    moment = start
    while moment < end:
        theirs, ours = moment.astimezone(zone), moment.astimezone(read)
        if (theirs.utcoffset(), theirs.replace(tzinfo=None)) != (ours.utcoffset(), ours.replace(tzinfo=None)):
            found.append(moment)
        moment += HALF_HOUR
    return found


def test_rome_is_right_at_every_half_hour_of_three_years():
    start, end = datetime(2026, 1, 1, tzinfo=UTC), datetime(2029, 1, 1, tzinfo=UTC)
    assert disagreements(vtimezone("Europe/Rome"), ROME, start, end) == []


def test_paris_is_rome_under_another_name_at_every_half_hour_of_three_years():
    assert vtimezone("Europe/Paris") == vtimezone("Europe/Rome").replace(b"Europe/Rome", b"Europe/Paris")
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    while moment < datetime(2029, 1, 1, tzinfo=UTC):
        assert moment.astimezone(PARIS).utcoffset() == moment.astimezone(ROME).utcoffset(), moment
        moment += HALF_HOUR


@pytest.mark.parametrize("tzid", ZONES)
@pytest.mark.parametrize("change", [datetime(2027, 3, 28, tzinfo=UTC), datetime(2027, 10, 31, tzinfo=UTC)])
def test_each_zone_is_right_on_the_days_of_the_change(tzid, change):
    day = timedelta(days=1)
    assert disagreements(vtimezone(tzid), ZoneInfo(tzid), change - day, change + day) == []


def test_the_comparison_notices_a_spring_change_that_is_an_hour_late():
    late = vtimezone("Europe/Rome").replace(b"19700329T020000", b"19700329T030000")
    start = datetime(2027, 3, 28, tzinfo=UTC)
    assert disagreements(late, ROME, start, start + timedelta(hours=4)) == [
        datetime(2027, 3, 28, 1, 0, tzinfo=UTC),
        datetime(2027, 3, 28, 1, 30, tzinfo=UTC),
    ]


@pytest.mark.parametrize("tzid", ZONES)
def test_a_zone_has_both_halves_of_the_year_as_rules_and_no_list_of_dates(tzid, judged):
    lines = judged(vtimezone(tzid))
    assert [line.value for line in lines if line.name == "BEGIN"] == ["VTIMEZONE", "DAYLIGHT", "STANDARD"]
    assert len([line for line in lines if line.name == "RRULE"]) == 2
    assert not [line for line in lines if line.name == "RDATE"]


def test_another_zone_is_refused():
    with pytest.raises(ValueError, match=r"^zone: 'Europe/Berlin'"):
        vtimezone("Europe/Berlin")
    with pytest.raises(ValueError, match=r"^start: Europe/Berlin"):
        zone_of(datetime(2027, 2, 3, 9, tzinfo=ZoneInfo("Europe/Berlin")), "start")


def test_a_moment_without_a_named_zone_is_refused():
    with pytest.raises(ValueError, match=r"^start: needs a time zone"):
        zone_of(datetime(2027, 2, 3, 9), "start")
    with pytest.raises(ValueError, match=r"^start: UTC"):
        zone_of(datetime.fromisoformat("2027-02-03T09:00:00+01:00"), "start")


def test_utc_is_known_by_either_of_its_objects():
    assert zone_of(datetime(2027, 2, 3, 9, tzinfo=UTC), "start") == "UTC"
    assert zone_of(datetime(2027, 2, 3, 9, tzinfo=ZoneInfo("UTC")), "start") == "UTC"


@pytest.mark.parametrize(
    "wall", [datetime(2027, 3, 28, 2, 0), datetime(2027, 3, 28, 2, 59), datetime(2027, 10, 31, 2, 0)]
)
@pytest.mark.parametrize("zone", [PARIS, ROME])
def test_an_hour_that_is_skipped_or_repeated_is_refused(wall, zone):
    with pytest.raises(ValueError, match=r"^start: .* skipped or repeated"):
        local_moment(wall.replace(tzinfo=zone), "start")


@pytest.mark.parametrize(
    "wall", [datetime(2027, 3, 28, 1, 59), datetime(2027, 3, 28, 3, 0), datetime(2027, 10, 31, 3, 0)]
)
def test_the_hours_around_the_change_are_fine(wall):
    assert local_moment(wall.replace(tzinfo=ROME), "start") == wall.replace(tzinfo=ROME)
