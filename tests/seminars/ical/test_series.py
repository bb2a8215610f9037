"""What can happen to a series, and the messages that tell it: each judged alone and after those before it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import icalendar
import pytest
import recurring_ical_events

from seminars.ical.entry import Attendee, Organizer
from seminars.ical.revisions import Change
from seminars.ical.rules import Rule
from seminars.ical.series import Guest, Series
from seminars.ical.writer import feed
from tests.judge import History, judge_feed, judge_message

ROME, PARIS = ZoneInfo("Europe/Rome"), ZoneInfo("Europe/Paris")
HOUR, WEEK = timedelta(hours=1), timedelta(weeks=1)
FIRST = datetime(2027, 3, 10, 9, tzinfo=ROME)
DAYS = [FIRST + WEEK * number for number in range(6)]
SENT = datetime(2027, 1, 10, 8, tzinfo=UTC)


def guest(partstat="ACCEPTED", answers=None):
    anna = Attendee("anna.rossi@example.org", "Anna Rossi", partstat=partstat, language="it")
    return Guest(Organizer("sessions+k3v9@viso.example", "Viso"), anna, answers or {})


@pytest.fixture
def series(make_entry):
    """Six Wednesdays at nine in Rome; the clock changes before the fourth."""
    rule = Rule(freq="WEEKLY", count=6, byday=("WE",))
    end = FIRST + timedelta(hours=3)
    room = "https://viso.example/join/K7Q2"
    return Series(make_entry(start=FIRST, end=end, rrule=rule, location="Sala 1", conference=room))


@pytest.fixture
def told():
    """Sends a step to one guest an hour after the last; returns the calendar, after the judge saw nothing wrong."""
    history, sent = History(), [SENT]

    def tell(step, to=None):
        sent[0] = max([sent[0] + HOUR, *(entry.stamp for entry in step.told)])
        calendar, faults = judge_message(step.message(to or guest(), stamp=sent[0]))
        faults += history.judge("anna.rossi@example.org", calendar)
        assert faults == []
        return calendar

    return tell


def at(hours):
    """A moment of change, after the last message."""
    return SENT + HOUR * hours


def starts(series):
    data = feed([series.master, *series.overrides], name="Viso", zone="Europe/Rome")
    assert judge_feed(data)[1] == []
    found = recurring_ical_events.of(icalendar.Calendar.from_ical(data)).between((2027, 1, 1), (2028, 1, 1))
    return sorted(event.start.astimezone(ROME) for event in found)


def only(calendar):
    (event,) = calendar.within("VEVENT")
    return event


def test_a_series_is_announced_whole(series, told):
    event = only(told(series.told()))
    assert event.value("RRULE") == "FREQ=WEEKLY;COUNT=6;BYDAY=WE"
    assert event.first("ATTENDEE").parameter("PARTSTAT") == "NEEDS-ACTION"
    assert starts(series) == DAYS


def test_one_moved_occurrence_goes_out_alone_and_above_its_series(series, told):
    told(series.told())
    step = series.alter_one(DAYS[3], at=at(1), start=DAYS[3] + HOUR * 26, location="Sala 2")
    event = only(told(step))
    assert (event.value("RECURRENCE-ID"), event.value("SEQUENCE")) == ("20270331T090000", "1")
    assert (event.value("DTSTART"), event.value("DTEND")) == ("20270401T110000", "20270401T140000")
    assert (event.value("RRULE"), event.first("ATTENDEE").parameter("PARTSTAT")) == ("", "NEEDS-ACTION")
    assert starts(step.series) == [*DAYS[:3], DAYS[3] + HOUR * 26, *DAYS[4:]]
    again = only(told(step.series.alter_one(DAYS[3], at=at(2), start=DAYS[3] + HOUR * 25)))
    assert again.value("SEQUENCE") == "2"


def test_other_words_for_one_occurrence_keep_her_answer(series, told):
    told(series.told())
    event = only(told(series.alter_one(DAYS[2], at=at(1), summary="Autre titre")))
    assert event.first("ATTENDEE").parameter("PARTSTAT") == "ACCEPTED"


def test_one_cancelled_occurrence_goes_out_alone_and_is_excluded_from_then_on(series, told):
    told(series.told())
    step = series.cancel_one(DAYS[1], at=at(1))
    calendar = told(step)
    event = only(calendar)
    assert (calendar.value("METHOD"), event.value("STATUS")) == ("CANCEL", "CANCELLED")
    assert (event.value("RECURRENCE-ID"), event.value("SEQUENCE")) == ("20270317T090000", "1")
    later = only(told(step.series.told()))
    assert [line.value for line in later.all("EXDATE")] == ["20270317T090000"]
    assert (later.first("EXDATE").parameter("TZID"), later.value("SEQUENCE")) == ("Europe/Rome", "1")
    assert starts(step.series) == [DAYS[0], *DAYS[2:]]


def test_each_excluded_day_has_a_line_of_its_own(series, told):
    step = series.cancel_one(DAYS[4], at=at(1)).series.cancel_one(DAYS[1], at=at(2))
    lines = only(told(step.series.told())).all("EXDATE")
    assert [line.value for line in lines] == ["20270317T090000", "20270407T090000"]


def test_a_cancelled_series_is_told_by_its_master(series, told):
    told(series.told())
    changed = series.alter_one(DAYS[3], at=at(1), location="Sala 2")
    told(changed)
    calendar = told(changed.series.cancel(at=at(2)))
    event = only(calendar)
    assert (calendar.value("METHOD"), event.value("STATUS"), event.value("SEQUENCE")) == (
        "CANCEL",
        "CANCELLED",
        "2",
    )


def test_who_is_added_gets_all_of_it_under_the_sequence_that_holds(series, told):
    changed = series.alter_one(DAYS[3], at=at(1), location="Sala 2").series
    master, moved = told(changed.told()).within("VEVENT")
    assert (master.value("SEQUENCE"), moved.value("SEQUENCE")) == ("0", "1")
    assert moved.first("ATTENDEE").parameter("PARTSTAT") == "NEEDS-ACTION"


def test_who_is_removed_alone_gets_a_cancel_and_may_come_back(series, told):
    told(series.told())
    moved = series.alter_one(DAYS[3], at=at(1), location="Sala 2")
    told(moved)
    step = moved.series.remove(at=at(2))
    calendar = told(step)
    assert (calendar.value("METHOD"), only(calendar).value("STATUS")) == ("CANCEL", "")
    assert only(calendar).value("SEQUENCE") == "2"
    assert {event.value("SEQUENCE") for event in told(step.series.told()).within("VEVENT")} == {"2"}


def test_another_title_reaches_changed_occurrences_and_keeps_their_place(series, told):
    told(series.told())
    moved = series.alter_one(DAYS[3], at=at(1), location="Sala 2")
    told(moved)
    master, changed = told(moved.series.alter(at=at(2), summary="Nuovo", location="Sala 9")).within("VEVENT")
    assert {master.value("SUMMARY"), changed.value("SUMMARY")} == {"Nuovo"}
    assert (master.value("LOCATION")[:6], changed.value("LOCATION")[:6]) == ("Sala 9", "Sala 2")
    assert {master.value("SEQUENCE"), changed.value("SEQUENCE")} == {"2"}


def test_a_series_without_exceptions_moves_under_its_uid(series, told):
    told(series.told())
    step = series.alter(at=at(1), start=FIRST + HOUR)
    assert only(told(step)).first("ATTENDEE").parameter("PARTSTAT") == "NEEDS-ACTION"
    assert starts(step.series) == [day + HOUR for day in DAYS]


def test_a_heavy_change_is_refused_and_forks(series, told):
    told(series.told())
    gone = series.cancel_one(DAYS[1], at=at(1)).series
    with pytest.raises(ValueError, match=r"^start: .* fork"):
        gone.alter(at=at(2), start=FIRST + HOUR)
    ended, begun = gone.fork(DAYS[0], uid="new@viso.example", at=at(2), start=FIRST + HOUR)
    assert told(ended).value("METHOD") == "CANCEL"
    assert starts(begun.series) == [day + HOUR for day in (DAYS[0], *DAYS[2:])]


def test_this_and_following_are_two_series(series, told):
    told(series.told())
    series = series.cancel_one(DAYS[1], at=at(1)).series
    series = series.alter_one(DAYS[4], at=at(2), location="Sala 2").series
    ended, begun = series.fork(DAYS[3], uid="new@viso.example", at=at(3), start=DAYS[3] + HOUR)
    old, new = only(told(ended)), told(begun).within("VEVENT")
    assert old.value("RRULE") == "FREQ=WEEKLY;UNTIL=20270324T080000Z;BYDAY=WE"
    assert old.first("ATTENDEE").parameter("PARTSTAT") == "ACCEPTED"
    assert (new[0].value("UID"), new[0].value("RELATED-TO")) == ("new@viso.example", old.value("UID"))
    assert (new[0].value("RRULE"), new[0].value("SEQUENCE")) == ("FREQ=WEEKLY;COUNT=3;BYDAY=WE", "0")
    assert new[1].value("RECURRENCE-ID") == "20270407T100000"
    assert starts(ended.series) == [DAYS[0], DAYS[2]]
    assert starts(begun.series) == [DAYS[3] + HOUR, DAYS[4], DAYS[5] + HOUR]


def test_until_is_written_in_utc_on_either_side_of_the_clock_change(series):
    for day, last in ((3, "20270324T080000Z"), (5, "20270407T070000Z")):
        ended, _ = series.fork(DAYS[day], uid="new@viso.example", at=at(1))
        assert ended.told[0].rrule.value() == f"FREQ=WEEKLY;UNTIL={last};BYDAY=WE"


@pytest.mark.parametrize("at_day", [1, 5])
def test_one_occurrence_alone_has_no_rule(series, told, at_day):
    ended, begun = series.fork(DAYS[at_day], uid="new@viso.example", at=at(1))
    alone = ended if at_day == 1 else begun
    assert "RRULE" not in {line.name for line in only(told(alone)).lines}
    assert starts(alone.series) == [DAYS[0] if at_day == 1 else DAYS[5]]


def test_a_new_rule_begins_without_the_old_exceptions(series, told):
    series = series.cancel_one(DAYS[4], at=at(1)).series
    rule, thursday = Rule(freq="WEEKLY", count=3, byday=("TH",)), DAYS[3] + HOUR * 24
    _, begun = series.fork(DAYS[3], uid="new@viso.example", at=at(2), start=thursday, rrule=rule)
    assert only(told(begun)).all("EXDATE") == []
    assert starts(begun.series) == [thursday, thursday + WEEK, thursday + WEEK * 2]


def test_what_she_said_of_one_day_goes_along_while_it_holds(series, told):
    anna = guest(answers={DAYS[2]: "DECLINED"})
    events = told(series.told(Change.ASKED_AGAIN), anna).within("VEVENT")
    said = {event.value("RECURRENCE-ID"): event.first("ATTENDEE").parameter("PARTSTAT") for event in events}
    assert said == {"": "ACCEPTED", "20270324T090000": "DECLINED"}
    moved = told(series.alter(at=at(1), start=FIRST + HOUR), anna).within("VEVENT")
    assert [event.first("ATTENDEE").parameter("PARTSTAT") for event in moved] == ["NEEDS-ACTION"]


def test_an_occurrence_in_another_zone_keeps_the_day_of_its_series(series, told):
    start = datetime(2027, 3, 31, 14, tzinfo=PARIS)
    event = only(told(series.alter_one(DAYS[3], at=at(1), start=start)))
    assert event.first("DTSTART").parameter("TZID") == "Europe/Paris"
    assert event.first("RECURRENCE-ID").parameter("TZID") == "Europe/Rome"


@pytest.mark.parametrize(
    ("field", "broken"),
    [
        ("exdates", lambda s: Series(replace(s.master, exdates=(DAYS[0] + HOUR,)))),
        ("exdates", lambda s: Series(replace(s.master, exdates=tuple(DAYS)))),
        ("recurrence_id", lambda s: s.occurrence(DAYS[0] + HOUR)),
        ("recurrence_id", lambda s: s.cancel_one(DAYS[1], at=at(1)).series.cancel_one(DAYS[1], at=at(2))),
        ("recurrence_id", lambda s: Series(s.master, (s.occurrence(DAYS[1]),) * 2)),
        ("recurrence_id", lambda s: Series(s.occurrence(DAYS[1]))),
        ("uid", lambda s: Series(s.master, (replace(s.occurrence(DAYS[1]), uid="b@viso.example"),))),
        ("sequence", lambda s: Series(replace(s.master, sequence=2), (s.occurrence(DAYS[1]),))),
        ("attendees", lambda s: Series(replace(s.master, organizer=Organizer("s@viso.example", "")))),
        ("rrule", lambda s: Series(replace(s.master, rrule=Rule(freq="WEEKLY")))),
        ("rrule", lambda s: Series(replace(s.master, rrule=Rule(freq="DAILY", count=501)))),
        ("stamp", lambda s: s.told().message(guest(), stamp=s.master.stamp - HOUR)),
        ("stamp", lambda s: s.alter(at=s.master.stamp, summary="Autre")),
        ("change", lambda s: s.alter(at=at(1))),
        ("change", lambda s: s.alter(at=at(1), status="CANCELLED")),
        ("rrule", lambda s: s.fork(DAYS[1], uid="n@viso.example", at=at(1), start=DAYS[1] + HOUR * 24)),
    ],
)
def test_what_clients_would_mistake_is_refused(series, field, broken):
    with pytest.raises(ValueError, match=f"^{field}: "):
        broken(series)


def test_a_day_in_the_hour_that_spring_skips_is_refused(make_entry):
    night = datetime(2027, 3, 14, 2, 30, tzinfo=ROME)
    rule = Rule(freq="WEEKLY", count=4, byday=("SU",))
    with pytest.raises(ValueError, match=r"^rrule: 2027-03-28 02:30 is skipped"):
        Series(make_entry(start=night, end=night + HOUR * 3, rrule=rule))


def test_numbered_and_plain_days_do_not_mix():
    with pytest.raises(ValueError, match=r"^byday: readers disagree"):
        Rule(freq="MONTHLY", count=3, byday=("2TU", "WE"))
