"""What an entry, its people and its rule refuse, and what they quietly put right."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from seminars.ical.entry import Attendee, Organizer
from seminars.ical.rules import Rule

ROME, PARIS = ZoneInfo("Europe/Rome"), ZoneInfo("Europe/Paris")
NAIVE = datetime(2027, 2, 3, 9)
AGENT = Organizer("sessions+k3v9@viso.example", "Viso")
WEEKLY = Rule(freq="WEEKLY", count=4, byday=("WE",))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("uid", ""),
        ("uid", "with space"),
        ("uid", "a\r\nb"),
        ("related_to", "é"),
        ("sequence", -1),
        ("sequence", 2**31),
        ("stamp", NAIVE),
        ("created", NAIVE),
        ("modified", NAIVE),
        ("start", NAIVE),
        ("end", NAIVE),
        ("start", datetime(2027, 2, 3, 9, tzinfo=ZoneInfo("Europe/London"))),
        ("end", datetime(2027, 2, 3, 9, 0, tzinfo=ROME)),
        ("end", datetime(2027, 2, 3, 8, 59, tzinfo=ROME)),
        ("end", datetime(2027, 2, 3, 12, 30, tzinfo=PARIS)),
        ("end", datetime(2027, 3, 28, 2, 30, tzinfo=ROME)),
        ("recurrence_id", NAIVE),
        ("exdates", (datetime(2027, 2, 10, 9, tzinfo=ROME),)),
        ("summary", " \x00\n"),
        ("status", "confirmed"),
        ("language", "fr;X=1"),
        ("url", "viso.example"),
        ("conference", "https://viso.example/a\r\nX-A:1"),
        ("classification", "SECRET"),
        ("alarm_minutes", -5),
        ("organizer", None),
    ],
)
def test_an_entry_names_the_field_it_refuses(make_invitation, field, value):
    with pytest.raises(ValueError, match=f"^{field}: "):
        make_invitation(**{field: value})


def test_a_session_may_lie_across_the_autumn_change(make_entry):
    start = datetime(2027, 10, 31, 1, 30, tzinfo=ROME)
    assert make_entry(start=start, end=datetime(2027, 10, 31, 3, 0, tzinfo=ROME)).start == start


def test_moments_lose_fractions_and_the_stamps_turn_to_utc(make_entry):
    entry = make_entry(
        stamp=datetime(2027, 1, 10, 9, 0, 1, 999, tzinfo=ROME),
        start=datetime(2027, 2, 3, 9, 0, 0, 5, tzinfo=ROME),
    )
    assert entry.stamp == datetime(2027, 1, 10, 8, 0, 1, tzinfo=UTC)
    assert entry.stamp.tzinfo is UTC
    assert entry.start.microsecond == 0


def test_texts_are_cleaned(make_entry):
    entry = make_entry(summary=" Un\r\ndeux\x07 ", description="a\r\nb\x00\n", categories=("A\nB", " "))
    assert (entry.summary, entry.description, entry.categories) == ("Un deux", "a\nb", ("A B",))


def test_people_have_an_organizer_and_stand_there_once(make_entry):
    anna, again = Attendee("anna@example.org", "Anna"), Attendee("Anna@Example.org", "")
    with pytest.raises(ValueError, match=r"^attendees: an address stands there twice"):
        make_entry(organizer=AGENT, attendees=(anna, again))
    with pytest.raises(ValueError, match=r"^attendees: the organizer's own mailbox"):
        make_entry(organizer=AGENT, attendees=(Attendee("Sessions+K3V9@viso.example", ""),))


@pytest.mark.parametrize(
    ("field", "value"),
    [("email", "anna"), ("partstat", "accepted"), ("role", "TRAINER"), ("language", "french!")],
)
def test_an_attendee_names_the_field_it_refuses(field, value):
    with pytest.raises(ValueError, match=f"^attendee.{field}: "):
        Attendee(**({"email": "anna@example.org", "name": "Anna"} | {field: value}))


def test_an_organizer_is_a_bare_address():
    with pytest.raises(ValueError, match=r"^organizer\.email: "):
        Organizer("Viso <sessions@viso.example>", "Viso")


def test_an_entry_for_a_feed_names_nobody_and_keeps_the_rest(make_invitation):
    invitation = make_invitation()
    entry = invitation.without_people()
    assert (entry.organizer, entry.attendees) == (None, ())
    assert (entry.uid, entry.summary, entry.conference) == (
        invitation.uid,
        invitation.summary,
        invitation.conference,
    )


@pytest.mark.parametrize(
    ("part", "rule"),
    [
        ("freq", {"freq": "SECONDLY"}),
        ("interval", {"freq": "DAILY", "interval": 0}),
        ("count", {"freq": "DAILY", "count": 1}),
        ("until", {"freq": "DAILY", "count": 2, "until": datetime(2027, 2, 5, tzinfo=UTC)}),
        ("until", {"freq": "DAILY", "until": NAIVE}),
        ("byday", {"freq": "WEEKLY", "byday": ("2TU",)}),
        ("byday", {"freq": "WEEKLY", "byday": ("XX",)}),
        ("byday", {"freq": "YEARLY", "byday": ("2TU",)}),
        ("bymonthday", {"freq": "WEEKLY", "bymonthday": (3,)}),
        ("bymonthday", {"freq": "MONTHLY", "bymonthday": (0,)}),
        ("bymonth", {"freq": "YEARLY", "bymonth": (13,)}),
    ],
)
def test_a_rule_names_the_part_it_refuses(part, rule):
    with pytest.raises(ValueError, match=f"^{part}: "):
        Rule(**rule)


@pytest.mark.parametrize(
    "rule",
    [
        Rule(freq="WEEKLY", count=4, byday=("TU", "TH")),
        Rule(freq="MONTHLY", count=4, byday=("2WE",)),
        Rule(freq="MONTHLY", count=4, bymonthday=(4, -1)),
        Rule(freq="YEARLY", count=4, bymonth=(3,)),
        Rule(freq="DAILY", until=datetime(2027, 2, 3, 7, 59, tzinfo=UTC)),
    ],
)
def test_a_series_starts_with_one_of_its_occurrences(make_entry, rule):
    with pytest.raises(ValueError, match=r"^rrule: "):
        make_entry(rrule=rule)


@pytest.mark.parametrize(
    "rule",
    [
        WEEKLY,
        Rule(freq="MONTHLY", count=4, byday=("1WE",)),
        Rule(freq="MONTHLY", count=4, byday=("-4WE",)),
        Rule(freq="MONTHLY", count=4, bymonthday=(-26,)),
        Rule(freq="DAILY", until=datetime(2027, 2, 3, 8, 0, tzinfo=UTC)),
    ],
)
def test_a_series_may_count_from_either_end_of_the_month(make_entry, rule):
    assert make_entry(rrule=rule).rrule == rule


def test_a_series_in_utc_is_refused(make_entry):
    start = datetime(2027, 2, 3, 8, tzinfo=UTC)
    with pytest.raises(ValueError, match=r"^rrule: a series in UTC"):
        make_entry(start=start, end=start + timedelta(hours=3), rrule=WEEKLY)


def test_excluded_dates_come_out_once_sorted_and_in_the_zone_of_the_series(make_entry):
    late, early = datetime(2027, 2, 17, 8, tzinfo=UTC), datetime(2027, 2, 10, 9, tzinfo=PARIS)
    entry = make_entry(rrule=WEEKLY, exdates=(late, early, early.astimezone(UTC)))
    assert [moment.replace(tzinfo=None).day for moment in entry.exdates] == [10, 17]
    assert {moment.tzinfo for moment in entry.exdates} == {ROME}


def test_one_occurrence_has_no_rule_of_its_own(make_entry):
    with pytest.raises(ValueError, match=r"^recurrence_id: "):
        make_entry(rrule=WEEKLY, recurrence_id=datetime(2027, 2, 10, 9, tzinfo=ROME))
