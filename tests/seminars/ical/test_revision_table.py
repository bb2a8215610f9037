"""Row by row: what a kind of change asks for, and that the writer does as the table says (RFC 5546, 2.1.4 and 3.2)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from seminars.ical.entry import Attendee
from seminars.ical.revisions import TABLE, Change, answered, kind_of, revised
from seminars.ical.writer import message
from tests.judge import judge_message

HOUR = timedelta(hours=1)
# change: METHOD, SEQUENCE rises, PARTSTAT of one who had accepted (None: not said), STATUS
ROWS = {
    Change.INVITED: ("REQUEST", False, "NEEDS-ACTION", "CONFIRMED"),
    Change.MOVED: ("REQUEST", True, "NEEDS-ACTION", "CONFIRMED"),
    Change.ALTERED: ("REQUEST", True, "ACCEPTED", "CONFIRMED"),
    Change.REWORDED: ("REQUEST", True, "ACCEPTED", "CONFIRMED"),
    Change.ADDED: ("REQUEST", False, "NEEDS-ACTION", "CONFIRMED"),
    Change.REMOVED: ("CANCEL", True, None, None),
    Change.ONE_MOVED: ("REQUEST", True, "NEEDS-ACTION", "CONFIRMED"),
    Change.ONE_CANCELLED: ("CANCEL", True, None, "CANCELLED"),
    Change.CANCELLED: ("CANCEL", True, None, "CANCELLED"),
    Change.ASKED_AGAIN: ("REQUEST", False, "ACCEPTED", "CONFIRMED"),
}
FIELDS = {
    Change.MOVED: {"location": "Sala 2"},
    Change.ONE_MOVED: {"location": "Sala 2"},
    Change.ALTERED: {"status": "TENTATIVE"},
    Change.REWORDED: {"summary": "Autre"},
}


def test_the_table_has_the_rows_of_the_reference():
    assert set(TABLE) == set(Change) == set(ROWS)


@pytest.mark.parametrize("change", Change)
def test_a_message_is_as_its_row_says(make_invitation, change):
    method, rises, partstat, status = ROWS[change]
    accepted = Attendee("anna.rossi@example.org", "Anna Rossi", partstat="ACCEPTED")
    old = make_invitation(sequence=3, attendees=(accepted,))
    if change in (Change.ONE_MOVED, Change.ONE_CANCELLED):
        old = replace(old, recurrence_id=old.start)
    new = revised(old, change, stamp=old.stamp + HOUR, **FIELDS.get(change, {}))
    new = replace(new, attendees=(answered(accepted, change),))
    calendar, faults = judge_message(message(new, TABLE[change].method))
    assert faults == []
    (event,) = calendar.within("VEVENT")
    assert calendar.value("METHOD") == method
    assert event.value("SEQUENCE") == ("4" if rises else "3")
    assert event.value("DTSTAMP") == "20270110T090000Z"
    assert event.first("ATTENDEE").parameter("PARTSTAT") == (partstat or "")
    if change != Change.ALTERED:
        assert event.value("STATUS") == (status or "")


def test_sequence_rises_above_all_that_went_out(make_invitation):
    old = make_invitation(sequence=3)
    assert revised(old, Change.MOVED, stamp=old.stamp + HOUR, above=7, location="Sala 2").sequence == 8


@pytest.mark.parametrize("change", [Change.ASKED_AGAIN, Change.ADDED, Change.INVITED])
def test_a_change_of_place_can_not_pass_as_a_row_that_does_not_rise(make_invitation, change):
    old = make_invitation(sequence=3)
    with pytest.raises(ValueError, match=r"^sequence: has to rise"):
        revised(old, change, stamp=old.stamp + HOUR, location="Sala 2")


def test_a_stamp_that_stands_still_is_refused(make_invitation):
    old = make_invitation()
    with pytest.raises(ValueError, match=r"^stamp: not later"):
        revised(old, Change.REWORDED, stamp=old.stamp, summary="Autre")


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({}, Change.ASKED_AGAIN),
        ({"summary": "Autre"}, Change.REWORDED),
        ({"description": "Autre"}, Change.REWORDED),
        ({"location": "Sala 2"}, Change.MOVED),
        ({"conference": "https://viso.example/join/NEW1"}, Change.MOVED),
        ({"status": "TENTATIVE"}, Change.ALTERED),
        ({"status": "CANCELLED"}, Change.CANCELLED),
    ],
)
def test_what_happened_is_read_from_the_two_states(make_invitation, fields, kind):
    old = make_invitation()
    assert kind_of(old, replace(old, **fields)) is kind
    one = replace(old, recurrence_id=old.start)
    kinds = {Change.MOVED: Change.ONE_MOVED, Change.CANCELLED: Change.ONE_CANCELLED}
    assert kind_of(one, replace(one, **fields)) is kinds.get(kind, kind)
