"""Three other readers agree with what is written: icalendar, vobject, recurring-ical-events."""

import itertools
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import icalendar
import pytest
import recurring_ical_events
import vobject
from hypothesis import given, settings
from hypothesis import strategies as st

from seminars.ical.entry import Attendee, Entry, Organizer
from seminars.ical.lines import clean_name, clean_text
from seminars.ical.rules import Rule
from seminars.ical.writer import feed, message

ROME, PARIS = ZoneInfo("Europe/Rome"), ZoneInfo("Europe/Paris")
STAMP = datetime(2027, 1, 10, 8, 0, tzinfo=UTC)
CHANGES = (date(2027, 3, 28), date(2027, 10, 31))
TEXTS = st.text(max_size=300) | st.text(st.sampled_from('\\;,:"\nNn\r^ é🏔'), max_size=120)


def event_of(data):
    return icalendar.Calendar.from_ical(data).walk("VEVENT")[0]


def an_entry(**changes):
    fields = {"uid": "a@viso.example", "sequence": 0, "stamp": STAMP, "created": STAMP, "modified": STAMP}
    times = {"start": datetime(2027, 2, 3, 9, tzinfo=ROME), "end": datetime(2027, 2, 3, 12, tzinfo=ROME)}
    return Entry(**(fields | times | {"summary": "Titolo"} | changes))


def test_icalendar_reads_every_value_back(make_invitation):
    entry = make_invitation(
        description="Riga 1\nRiga 2; con \\n, virgole",
        location="Sala 1",
        categories=("Ateliers, visites", "B"),
        classification="PRIVATE",
        related_to="series@viso.example",
        rrule=Rule(freq="WEEKLY", until=datetime(2027, 4, 28, 7, tzinfo=UTC), byday=("WE",)),
        exdates=(datetime(2027, 2, 17, 9, tzinfo=ROME),),
    )
    event = event_of(message(entry))
    assert not event.errors
    assert (event["UID"], event["SEQUENCE"], event["STATUS"]) == (entry.uid, 0, "CONFIRMED")
    assert (event.start, event.end, event.DTSTAMP) == (entry.start, entry.end, entry.stamp)
    assert event.DTSTART.tzinfo.key == "Europe/Rome"
    assert (event["SUMMARY"], event["SUMMARY"].params["LANGUAGE"]) == (entry.summary, "fr")
    assert event["DESCRIPTION"] == f"{entry.conference}\n\n{entry.description}"
    assert event["LOCATION"] == f"Sala 1; {entry.conference}"
    assert (event["URL"], event["CONFERENCE"]) == (entry.url, entry.conference)
    assert event["CONFERENCE"].params["FEATURE"] == ["AUDIO", "VIDEO"]
    assert event["CONFERENCE"].params["LABEL"] == entry.conference_label
    assert event.categories == ["Ateliers, visites", "B"]
    assert (event["CLASS"], event["RELATED-TO"]) == ("PRIVATE", "series@viso.example")
    assert event["RRULE"]["UNTIL"] == [datetime(2027, 4, 28, 7, tzinfo=UTC)]
    assert [found.dt for found in event["EXDATE"].dts] == list(entry.exdates)
    assert event["ORGANIZER"] == "mailto:sessions+k3v9@viso.example"
    assert (event["ATTENDEE"], event["ATTENDEE"].params["CN"]) == (
        "mailto:anna.rossi@example.org",
        "Anna Rossi",
    )
    (alarm,) = event.walk("VALARM")
    assert alarm["TRIGGER"].dt == timedelta(minutes=-15)


def test_every_zone_that_is_named_is_declared(make_entry):
    start = {"start": datetime(2027, 2, 4, 9, tzinfo=PARIS), "end": datetime(2027, 2, 4, 12, tzinfo=PARIS)}
    data = feed([make_entry(), make_entry(uid="b@viso.example", **start)], name="Viso", zone="Europe/Paris")
    assert icalendar.Calendar.from_ical(data).get_missing_tzids() == set()


def test_vobject_reads_the_same_invitation(make_invitation):
    entry = make_invitation(description="Riga 1\nRiga 2; con virgole, due", categories=("A", "B"))
    event = vobject.readOne(message(entry).decode()).vevent
    assert event.uid.value == entry.uid
    assert event.summary.value == entry.summary
    assert event.description.value == f"{entry.conference}\n\n{entry.description}"
    assert event.location.value == entry.conference
    assert event.dtstart.value.astimezone(UTC) == entry.start.astimezone(UTC)
    assert event.dtend.value.astimezone(UTC) == entry.end.astimezone(UTC)
    assert event.attendee.value == "mailto:anna.rossi@example.org"
    assert event.attendee.params["CN"] == ["Anna Rossi"]
    assert event.valarm.trigger.value == timedelta(minutes=-15)
    vobject.readOne(message(entry).decode()).validate(raiseException=True)


@pytest.mark.parametrize("zone", [PARIS, ROME])
@pytest.mark.parametrize("change", CHANGES)
def test_sessions_around_the_clock_change_keep_their_instants_in_all_readers(zone, change):
    walls = itertools.product((-1, 0, 1), (0, 1, 4, 9, 14, 23))
    midnight = datetime.combine(change, datetime.min.time())
    starts = [(midnight + timedelta(days=days, hours=hours)).replace(tzinfo=zone) for days, hours in walls]
    entries = [
        an_entry(uid=f"{at}@viso.example", start=start, end=start + timedelta(minutes=50))
        for at, start in enumerate(starts)
    ]
    data = feed(entries, name="Viso", zone=zone.key)
    expected = {entry.uid: entry.start.astimezone(UTC) for entry in entries}
    by_icalendar = icalendar.Calendar.from_ical(data).walk("VEVENT")
    by_vobject = vobject.readOne(data.decode()).vevent_list
    assert {str(event["UID"]): event.start.astimezone(UTC) for event in by_icalendar} == expected
    assert {event.uid.value: event.dtstart.value.astimezone(UTC) for event in by_vobject} == expected


@pytest.mark.parametrize("zone", [PARIS, ROME])
@pytest.mark.parametrize("change", CHANGES)
def test_a_weekly_series_across_the_clock_change_stays_at_nine(zone, change):
    first = datetime.combine(change - timedelta(days=11), datetime.min.time()).replace(hour=9, tzinfo=zone)
    wednesdays = [first + timedelta(weeks=week) for week in range(4)]
    entry = an_entry(
        start=first,
        end=first + timedelta(hours=3),
        rrule=Rule(freq="WEEKLY", until=wednesdays[-1], byday=("WE",)),
        exdates=(wednesdays[2],),
    )
    data = feed([entry], name="Viso", zone=zone.key)
    expected = [moment.astimezone(UTC) for at, moment in enumerate(wednesdays) if at != 2]
    found = recurring_ical_events.of(icalendar.Calendar.from_ical(data)).between((2027, 1, 1), (2028, 1, 1))
    assert sorted(event.start.astimezone(UTC) for event in found) == expected
    theirs = vobject.readOne(data.decode()).vevent.getrruleset(addRDate=True)
    assert [moment.astimezone(UTC) for moment in theirs] == expected
    assert len({moment.hour for moment in expected}) == 2, "the series does cross the change"


def test_a_moved_occurrence_replaces_the_one_it_names():
    organizer, people = Organizer("s@viso.example", "Viso"), (Attendee("a@example.org", "Anna"),)
    series = an_entry(
        rrule=Rule(freq="WEEKLY", count=3, byday=("WE",)), organizer=organizer, attendees=people, sequence=1
    )
    day = datetime(2027, 2, 10, 9, tzinfo=ROME)
    moved = replace(
        series,
        rrule=None,
        recurrence_id=day,
        start=datetime(2027, 2, 11, 14, tzinfo=PARIS),
        end=datetime(2027, 2, 11, 17, tzinfo=PARIS),
    )
    calendar = icalendar.Calendar.from_ical(message([series, moved]))
    found = recurring_ical_events.of(calendar).between((2027, 1, 1), (2028, 1, 1))
    starts = sorted(event.start.astimezone(UTC) for event in found)
    assert starts == [
        datetime(2027, 2, 3, 8, tzinfo=UTC),
        datetime(2027, 2, 11, 13, tzinfo=UTC),
        datetime(2027, 2, 17, 8, tzinfo=UTC),
    ]


@settings(derandomize=True, deadline=None)
@given(description=TEXTS, location=TEXTS, summary=TEXTS)
def test_any_text_comes_back_from_two_readers(judged, description, location, summary):
    entry = an_entry(description=description, location=location, summary=f"s{summary}", alarm_minutes=None)
    data = feed([entry], name="Viso", zone="Europe/Rome")
    expected = {
        "SUMMARY": " ".join(clean_text(f"s{summary}").split()),
        "DESCRIPTION": clean_text(description).strip(),
        "LOCATION": clean_text(location).strip(),
    }
    event = event_of(data)
    lines = {line.name: line.text for line in judged(data)}
    for name, text in expected.items():
        assert str(event.get(name, "")) == lines.get(name, "") == text


@settings(derandomize=True, deadline=None)
@given(name=TEXTS)
def test_any_name_comes_back_from_two_readers(judged, name):
    people = (Attendee("a@example.org", name),)
    data = message(an_entry(organizer=Organizer("s@viso.example", ""), attendees=people))
    line = next(line for line in judged(data) if line.name == "ATTENDEE")
    person = event_of(data)["ATTENDEE"]
    assert person == line.value == "mailto:a@example.org"
    assert person.params.get("CN", "") == line.parameters.get("CN", "") == clean_name(name)
