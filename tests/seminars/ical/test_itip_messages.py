"""The rows of the iTIP table (RFC 5546, 3.2) and the pairs of messages that follow one another."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from seminars.ical.entry import Attendee, Organizer
from seminars.ical.revisions import check_revision, needs_sequence, resets_answers
from seminars.ical.rules import Rule
from seminars.ical.writer import message

ROME, PARIS = ZoneInfo("Europe/Rome"), ZoneInfo("Europe/Paris")
DAY = timedelta(days=1)
WEEKLY = Rule(freq="WEEKLY", count=10, byday=("WE",))
NAMES = ("METHOD", "UID", "SEQUENCE", "STATUS", "DTSTAMP", "ORGANIZER", "RECURRENCE-ID")


def later(entry, **changes):
    """The next revision of an entry: an hour later, SEQUENCE one higher."""
    fields = {"stamp": entry.stamp + timedelta(hours=1), "modified": entry.modified + timedelta(hours=1)}
    return replace(entry, **(fields | {"sequence": entry.sequence + 1} | changes))


@pytest.fixture
def summary_of(judged):
    """The properties that clients compare, by name, of the event in a message; zones and reminders left out."""

    def summarise(data):
        lines = judged(data)
        head = [line for line in lines if line.name == "METHOD"]
        events = lines[[line.value for line in lines].index("VEVENT") :]
        return {line.name: line.value for line in [*head, *events] if line.name in NAMES}

    return summarise


def test_a_first_invitation_is_a_request_with_sequence_0(make_invitation, summary_of, judged):
    data = message(make_invitation())
    assert summary_of(data) == {
        "METHOD": "REQUEST",
        "UID": "6f1c6a5e-0d7c-4c0e-9f0a-3d1b1f0a7c11@viso.example",
        "SEQUENCE": "0",
        "STATUS": "CONFIRMED",
        "DTSTAMP": "20270110T080000Z",
        "ORGANIZER": "mailto:sessions+k3v9@viso.example",
    }
    asked = next(line.parameters for line in judged(data) if line.name == "ATTENDEE")
    assert (asked["PARTSTAT"], asked["RSVP"]) == ("NEEDS-ACTION", "TRUE")
    assert data.count(b"BEGIN:VALARM") == 1


def test_an_update_is_a_request_of_the_same_event_with_a_higher_sequence(make_invitation, summary_of):
    first = make_invitation()
    second = later(first, start=first.start + DAY, end=first.end + DAY)
    before, after = summary_of(message(first)), summary_of(message(second))
    assert (after["METHOD"], after["SEQUENCE"]) == ("REQUEST", "1")
    assert after["DTSTAMP"] > before["DTSTAMP"]
    assert {name: before[name] for name in ("UID", "ORGANIZER")} == {
        name: after[name] for name in ("UID", "ORGANIZER")
    }


def test_a_correction_of_words_keeps_the_answers(make_invitation, judged):
    accepted = (Attendee("anna.rossi@example.org", "Anna Rossi", partstat="ACCEPTED"),)
    first = make_invitation(attendees=accepted)
    second = later(first, sequence=0, summary="Accompagner les projets")
    check_revision(first, second)
    asked = next(line.parameters for line in judged(message(second)) if line.name == "ATTENDEE")
    assert asked["PARTSTAT"] == "ACCEPTED"


def test_an_attendee_who_is_added_hears_the_sequence_that_holds(make_invitation, summary_of):
    first = make_invitation(sequence=3)
    piero = later(first, sequence=3, attendees=(Attendee("piero@example.org", "Piero"),))
    assert summary_of(message(piero))["SEQUENCE"] == "3"


def test_a_cancelled_session_is_a_cancel_with_status_and_no_reminder(make_invitation, summary_of, values):
    gone = later(make_invitation(), status="CANCELLED")
    data = message(gone, "CANCEL")
    found = summary_of(data)
    assert (found["METHOD"], found["STATUS"], found["SEQUENCE"]) == ("CANCEL", "CANCELLED", "1")
    assert b"VALARM" not in data
    assert b"/join/" not in data
    assert values(data, "SUMMARY") == ["Accompagner la coopération"]
    assert "20270203T090000" in values(data, "DTSTART")


def test_a_removed_attendee_gets_a_cancel_of_their_own_without_status(make_invitation, summary_of, judged):
    data = message(later(make_invitation()), "CANCEL")
    found = summary_of(data)
    assert (found["METHOD"], found["SEQUENCE"]) == ("CANCEL", "1")
    assert "STATUS" not in found
    people = [line for line in judged(data) if line.name == "ATTENDEE"]
    assert [line.value for line in people] == ["mailto:anna.rossi@example.org"]
    assert not {"PARTSTAT", "RSVP"} & set(people[0].parameters)


def test_one_moved_occurrence_goes_out_alone(make_invitation, summary_of, values):
    day = datetime(2027, 2, 10, 9, tzinfo=ROME)
    moved = make_invitation(
        sequence=1, recurrence_id=day, start=day + DAY, end=day + DAY + timedelta(hours=3)
    )
    data = message(moved)
    found = summary_of(data)
    assert (found["METHOD"], found["SEQUENCE"], found["RECURRENCE-ID"]) == ("REQUEST", "1", "20270210T090000")
    assert data.count(b"BEGIN:VEVENT") == 1
    assert len(values(data, "RRULE")) == 2, "those of the zone only"


def test_one_cancelled_occurrence_goes_out_alone(make_invitation, summary_of):
    day = datetime(2027, 2, 10, 9, tzinfo=ROME)
    gone = make_invitation(
        sequence=1, recurrence_id=day, start=day, end=day + timedelta(hours=3), status="CANCELLED"
    )
    found = summary_of(message(gone, "CANCEL"))
    assert (found["METHOD"], found["STATUS"], found["RECURRENCE-ID"]) == (
        "CANCEL",
        "CANCELLED",
        "20270210T090000",
    )


def test_a_series_goes_out_with_its_changed_occurrences_behind_it(make_invitation, judged):
    day = datetime(2027, 2, 10, 9, tzinfo=ROME)
    series = make_invitation(sequence=2, rrule=WEEKLY)
    moved = make_invitation(
        sequence=2, recurrence_id=day, start=day + DAY, end=day + DAY + timedelta(hours=3)
    )
    lines = judged(message([series, moved]))
    assert [line.value for line in lines if line.name == "UID"] == [series.uid] * 2
    assert [line.value for line in lines if line.name == "METHOD"] == ["REQUEST"]


def test_publish_invites_nobody(make_entry, make_invitation, values):
    assert values(message(make_entry(), "PUBLISH"), "METHOD") == ["PUBLISH"]
    with pytest.raises(ValueError, match=r"^attendees: PUBLISH"):
        message(make_invitation(), "PUBLISH")


@pytest.mark.parametrize("method", ["REPLY", "ADD", "request", ""])
def test_other_methods_are_not_ours_to_send(make_invitation, method):
    with pytest.raises(ValueError, match=r"^method: "):
        message(make_invitation(), method)


def test_a_request_has_somebody_to_ask_and_something_to_ask_for(make_entry, make_invitation):
    with pytest.raises(ValueError, match=r"^attendees: REQUEST"):
        message(make_entry())
    with pytest.raises(ValueError, match=r"^attendees: CANCEL"):
        message(make_entry(status="CANCELLED"), "CANCEL")
    with pytest.raises(ValueError, match=r"^status: "):
        message(make_invitation(status="CANCELLED"))


def test_a_message_is_about_one_event(make_invitation):
    day = datetime(2027, 2, 10, 9, tzinfo=ROME)
    times = {"recurrence_id": day, "start": day, "end": day + timedelta(hours=3)}
    series = make_invitation(sequence=2, rrule=WEEKLY)
    moved = make_invitation(sequence=2, **times)
    refused = {
        "entries": [[], [moved, series]],
        "uid": [[series, replace(moved, uid="other@viso.example")]],
        "organizer": [[series, replace(moved, organizer=Organizer("o@viso.example", ""))]],
        "sequence": [[series, replace(moved, sequence=1)]],
        "rrule": [[make_invitation(), moved]],
        "recurrence_id": [
            [moved, moved],
            [series, replace(moved, recurrence_id=day.astimezone(PARIS))],
            [series, replace(moved, recurrence_id=day.astimezone(UTC))],
        ],
    }
    for field, cases in refused.items():
        for entries in cases:
            with pytest.raises(ValueError, match=f"^{field}: "):
                message(entries)


REVISIONS = {
    "moved": lambda entry: {"start": entry.start + DAY, "end": entry.end + DAY},
    "longer": lambda entry: {"end": entry.end + timedelta(minutes=30)},
    "same instant, other zone": lambda entry: {
        "start": entry.start.astimezone(PARIS),
        "end": entry.end.astimezone(PARIS),
    },
    "other place": lambda entry: {"location": "Sala 2"},
    "other room link": lambda entry: {"conference": "https://viso.example/join/NEW1"},
    "cancelled": lambda entry: {"status": "CANCELLED"},
}


@pytest.mark.parametrize("change", REVISIONS.values(), ids=REVISIONS)
def test_each_pair_of_messages_keeps_its_identity_and_rises(make_invitation, summary_of, change):
    first = make_invitation()
    second = later(first, **change(first))
    check_revision(first, second)
    method = "CANCEL" if second.status == "CANCELLED" else "REQUEST"
    before, after = summary_of(message(first)), summary_of(message(second, method))
    assert (before["UID"], before["ORGANIZER"]) == (after["UID"], after["ORGANIZER"])
    assert int(after["SEQUENCE"]) == int(before["SEQUENCE"]) + 1
    assert after["DTSTAMP"] > before["DTSTAMP"]


@pytest.mark.parametrize("change", REVISIONS.values(), ids=REVISIONS)
def test_none_of_these_may_go_out_under_the_old_sequence(make_invitation, change):
    first = make_invitation()
    assert needs_sequence(first, later(first, **change(first)))
    with pytest.raises(ValueError, match=r"^sequence: has to rise"):
        check_revision(first, later(first, sequence=0, **change(first)))


def test_only_time_and_place_reset_the_answers(make_invitation):
    first = make_invitation()
    for name, change in REVISIONS.items():
        assert resets_answers(first, later(first, **change(first))) is (name != "cancelled")
    assert not needs_sequence(first, later(first, summary="Autre titre", description="Autre"))


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("uid", {"uid": "other@viso.example"}),
        ("organizer", {"organizer": Organizer("sessions+other@viso.example", "Viso")}),
        ("sequence", {"sequence": 4}),
        ("created", {"created": datetime(2027, 1, 10, tzinfo=UTC)}),
        ("modified", {"modified": datetime(2027, 1, 1, tzinfo=UTC)}),
        ("stamp", {"stamp": datetime(2027, 1, 10, 8, 0, tzinfo=UTC)}),
    ],
)
def test_a_revision_that_clients_would_mistake_is_refused(make_invitation, field, change):
    first = make_invitation(sequence=5)
    with pytest.raises(ValueError, match=f"^{field}: "):
        check_revision(first, later(first, **change))
