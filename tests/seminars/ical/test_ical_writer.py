"""One VEVENT and one feed, byte by byte."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from seminars.ical.entry import Attendee, Organizer
from seminars.ical.rules import Rule
from seminars.ical.writer import feed, feed_of, vevent
from seminars.ical.zones import vtimezone

ROME, PARIS = ZoneInfo("Europe/Rome"), ZoneInfo("Europe/Paris")
PLAIN = b"""\
BEGIN:VEVENT
UID:6f1c6a5e-0d7c-4c0e-9f0a-3d1b1f0a7c11@viso.example
DTSTAMP:20270110T080000Z
DTSTART;TZID=Europe/Rome:20270203T090000
DTEND;TZID=Europe/Rome:20270203T123000
SEQUENCE:0
STATUS:CONFIRMED
TRANSP:OPAQUE
CREATED:20270109T080000Z
LAST-MODIFIED:20270110T080000Z
SUMMARY;LANGUAGE=fr:Accompagner la coop\xc3\xa9ration
DESCRIPTION;LANGUAGE=fr:Premi\xc3\xa8re demi-journ\xc3\xa9e.
URL:https://viso.example/sessions/K7Q2
BEGIN:VALARM
ACTION:DISPLAY
TRIGGER:-PT15M
DESCRIPTION:Accompagner la coop\xc3\xa9ration
END:VALARM
END:VEVENT
"""
EMPTY_FEED = b"""\
BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Viso//Sessions//EN
CALSCALE:GREGORIAN
NAME:Viso\\, Torino
X-WR-CALNAME:Viso\\, Torino
DESCRIPTION:A\\nB
X-WR-CALDESC:A\\nB
X-WR-TIMEZONE:Europe/Rome
REFRESH-INTERVAL;VALUE=DURATION:PT1H
X-PUBLISHED-TTL:PT1H
"""


def crlf(text):
    return text.replace(b"\n", b"\r\n")


def test_an_event_is_these_bytes(make_entry):
    assert vevent(make_entry()) == crlf(PLAIN)


def test_an_empty_feed_is_these_bytes_with_its_zone():
    written = feed([], name="Viso, Torino", zone="Europe/Rome", description="A\r\nB\x00")
    assert written == crlf(EMPTY_FEED) + vtimezone("Europe/Rome") + b"END:VCALENDAR\r\n"


def test_the_address_that_joins_stands_where_clients_look_for_it(make_entry, judged):
    join = "https://viso.example/join/K7Q2?as=a,b;c"
    entry = make_entry(conference=join, conference_label="Entra, subito", language="it")
    lines = {line.name: line for line in judged(vevent(entry))[:-6]}
    assert lines["LOCATION"].text == join
    assert lines["DESCRIPTION"].text == f"{join}\n\nPremière demi-journée."
    assert lines["URL"].value == "https://viso.example/sessions/K7Q2"
    conference = lines["CONFERENCE"]
    assert conference.value == join
    assert conference.parameters == {
        "VALUE": "URI",
        "FEATURE": "AUDIO,VIDEO",
        "LABEL": "Entra, subito",
        "LANGUAGE": "it",
    }
    assert b'FEATURE=AUDIO,VIDEO;LABEL="Entra, subito"' in vevent(entry).replace(b"\r\n ", b"")


def test_a_room_and_the_address_share_the_place(make_entry, values):
    join = "https://viso.example/join/K7Q2"
    event = vevent(make_entry(conference=join, location="Sala 1, Torino", description=f"{join}\nCiao"))
    assert values(event, "LOCATION") == [f"Sala 1\\, Torino\\; {join}"]
    assert values(event, "DESCRIPTION")[0] == f"{join}\\nCiao"


def test_an_event_without_texts_has_no_empty_lines(make_entry, judged):
    event = vevent(make_entry(description="", location="", url="", alarm_minutes=None))
    assert all(line.value for line in judged(event))
    assert b"VALARM" not in event


def test_a_reminder_says_its_own_text(make_entry):
    event = vevent(make_entry(alarm_minutes=0, alarm_text="C'est l'heure; venez"))
    assert b"TRIGGER:PT0S\r\nDESCRIPTION:C'est l'heure\\; venez\r\n" in event


def test_a_cancelled_event_rings_for_nobody_blocks_no_time_and_opens_no_room(make_entry, values):
    event = vevent(
        make_entry(status="CANCELLED", conference="https://viso.example/join/K7Q2", location="Sala 1")
    )
    assert values(event, "STATUS") == ["CANCELLED"]
    assert values(event, "TRANSP") == ["TRANSPARENT"]
    assert values(event, "LOCATION") == ["Sala 1"]
    assert b"/join/" not in event
    assert b"VALARM" not in event


def test_all_the_small_properties_are_written(make_entry, values):
    event = vevent(
        make_entry(
            categories=("Ateliers, visites", "Formation"),
            classification="PRIVATE",
            related_to="series@viso.example",
            transparent=True,
        )
    )
    assert values(event, "CATEGORIES") == ["Ateliers\\, visites,Formation"]
    assert values(event, "CLASS") == ["PRIVATE"]
    assert values(event, "RELATED-TO") == ["series@viso.example"]
    assert values(event, "TRANSP") == ["TRANSPARENT"]


def test_a_start_in_utc_needs_no_zone(make_entry, values):
    start = datetime(2027, 2, 3, 8, tzinfo=UTC)
    entry = make_entry(start=start, end=start + timedelta(hours=1))
    assert values(vevent(entry), "DTSTART") == ["20270203T080000Z"]
    assert entry.zones == frozenset()


def test_a_series_ends_in_utc_and_excludes_dates_one_a_line(make_entry, judged):
    entry = make_entry(
        rrule=Rule(freq="WEEKLY", interval=2, until=datetime(2027, 4, 28, 9, tzinfo=ROME), byday=("WE",)),
        exdates=(datetime(2027, 3, 31, 9, tzinfo=ROME), datetime(2027, 2, 17, 9, tzinfo=ROME)),
    )
    lines = judged(vevent(entry))
    rule = next(line.value for line in lines if line.name == "RRULE")
    assert rule == "FREQ=WEEKLY;UNTIL=20270428T070000Z;INTERVAL=2;BYDAY=WE"
    excluded = [(line.parameters, line.value) for line in lines if line.name == "EXDATE"]
    assert excluded == [
        ({"TZID": "Europe/Rome"}, "20270217T090000"),
        ({"TZID": "Europe/Rome"}, "20270331T090000"),
    ]


def test_an_occurrence_is_named_in_the_zone_of_its_series(make_entry, judged):
    entry = make_entry(
        recurrence_id=datetime(2027, 2, 3, 9, tzinfo=ROME),
        start=datetime(2027, 2, 4, 9, tzinfo=PARIS),
        end=datetime(2027, 2, 4, 12, tzinfo=PARIS),
    )
    lines = {line.name: line for line in judged(vevent(entry))}
    assert lines["RECURRENCE-ID"].parameters == {"TZID": "Europe/Rome"}
    assert lines["DTSTART"].parameters == lines["DTEND"].parameters == {"TZID": "Europe/Paris"}
    assert entry.zones == {"Europe/Paris", "Europe/Rome"}


@pytest.mark.parametrize(
    ("name", "parameter"),
    [
        ("Anna Rossi", b";CN=Anna Rossi;"),
        ("Rossi, Anna", b';CN="Rossi, Anna";'),
        ("Dir.: Anna", b';CN="Dir.: Anna";'),
        ('Anna "Prof" Rossi', ";CN=Anna ’Prof’ Rossi;".encode()),
        ("Anna\r\nX-EVIL:1", b';CN="Anna X-EVIL:1";'),
        ("Anna 🏔️", ";CN=Anna 🏔️;".encode()),
        ("é" * 200, b";CN=" + ("é" * 200).encode() + b";"),
        ("", b";RSVP=TRUE;"),
    ],
)
def test_a_difficult_name_stays_inside_its_parameter(make_invitation, judged, name, parameter):
    people = (Attendee("a@example.org", name, language="fr"),)
    event = vevent(make_invitation(organizer=Organizer("s@viso.example", name), attendees=people))
    lines = [line for line in judged(event) if line.name in ("ATTENDEE", "ORGANIZER")]
    assert [line.value for line in lines] == ["mailto:s@viso.example", "mailto:a@example.org"]
    assert parameter in event.replace(b"\r\n ", b"")


def test_an_attendee_carries_all_that_buttons_need(make_invitation, judged):
    line = next(line for line in judged(vevent(make_invitation())) if line.name == "ATTENDEE")
    assert line.value == "mailto:anna.rossi@example.org"
    assert line.parameters == {
        "CUTYPE": "INDIVIDUAL",
        "ROLE": "REQ-PARTICIPANT",
        "PARTSTAT": "NEEDS-ACTION",
        "RSVP": "TRUE",
        "CN": "Anna Rossi",
        "LANGUAGE": "it",
    }


def a_feed(entries, **changes):
    return feed(entries, **({"name": "Viso", "zone": "Europe/Paris"} | changes))


def test_two_builds_of_a_feed_are_the_same_bytes_and_a_change_shows(make_entry):
    entries = [make_entry(uid=f"{number}@viso.example") for number in range(3)]
    again = [make_entry(uid=f"{number}@viso.example") for number in range(3)]
    assert a_feed(entries) == a_feed(again)
    assert a_feed(entries) != a_feed([*again[:2], make_entry(uid="2@viso.example", summary="Autre")])


def test_a_feed_of_stored_rows_is_the_feed_of_their_entries(make_entry, judged):
    entries = [make_entry(uid=f"{number}@viso.example") for number in range(3)]
    stored = [vevent(entry) for entry in entries]
    joined = feed_of(stored, ["Europe/Rome"], name="Viso", zone="Europe/Paris")
    assert joined == a_feed(entries)
    assert [line.value for line in judged(joined) if line.name == "TZID"] == ["Europe/Paris", "Europe/Rome"]


def test_a_feed_declares_every_zone_before_its_events(make_entry, judged):
    lines = judged(a_feed([make_entry()]))
    begun = [line.value for line in lines if line.name == "BEGIN"]
    assert begun.index("VEVENT") > max(at for at, name in enumerate(begun) if name == "VTIMEZONE")
    used = {line.parameters["TZID"] for line in lines if "TZID" in line.parameters}
    assert used <= {line.value for line in lines if line.name == "TZID"}


def test_a_feed_says_how_it_wants_to_be_shown_and_fetched(values):
    written = a_feed(
        [],
        uid="f1@viso.example",
        refresh=timedelta(minutes=90),
        method="PUBLISH",
        color="teal",
        color_code="#00797A",
        source="https://viso.example/calendar/abc.ics",
    )
    assert b"\r\nREFRESH-INTERVAL;VALUE=DURATION:PT1H30M\r\nX-PUBLISHED-TTL:PT1H30M\r\n" in written
    assert b"\r\nSOURCE;VALUE=URI:https://viso.example/calendar/abc.ics\r\n" in written
    assert values(written, "METHOD") == ["PUBLISH"]
    assert values(written, "UID") == ["f1@viso.example"]
    assert values(written, "COLOR") == ["teal"]
    assert values(written, "X-APPLE-CALENDAR-COLOR") == ["#00797A"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("method", "REQUEST"),
        ("name", " \n"),
        ("zone", "Europe/Berlin"),
        ("zone", "UTC"),
        ("refresh", timedelta(seconds=30)),
        ("refresh", timedelta(seconds=90)),
        ("color", "#00797a"),
        ("color_code", "teal"),
        ("source", "webcal://viso.example/a.ics"),
    ],
)
def test_a_feed_names_the_field_it_refuses(field, value):
    with pytest.raises(ValueError, match=f"^{field}: "):
        a_feed([], **{field: value})


def test_a_feed_names_nobody_and_no_entry_twice(make_entry, make_invitation):
    with pytest.raises(ValueError, match=r"^attendees: "):
        a_feed([make_invitation()])
    with pytest.raises(ValueError, match=r"^uid: "):
        a_feed([make_entry(), make_entry()])
    assert b"ATTENDEE" not in a_feed([make_invitation().without_people()])
