"""A wrong programme is refused at the field that is wrong, in words that say what is allowed."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.seminars.exchange.files import DROPPED, changed, document, place_of, problems, written

SERIES, DAY, STAY = "A1-04", "A1-01", "A1-05"

WRONG: list[tuple[str, dict[str, object], str, str]] = [
    (DAY, {"start": "2027-01-21"}, "start", "no local date and time"),
    (DAY, {"start": "2027-01-21T09:30Z"}, "start", "no local date and time"),
    (DAY, {"start": "2027-01-21T09:30+01:00"}, "start", "no local date and time"),
    (DAY, {"start": "2027-02-30T09:30"}, "start", '"2027-02-30T09:30" is no local date'),
    (DAY, {"start": "0001-01-01T09:30"}, "start", "from 2000 to 2199"),
    (DAY, {"start": "2027-03-28T02:30", "slots": None}, "start", "does not exist in Europe/Paris"),
    (DAY, {"start": "2027-10-31T02:30", "slots": None}, "start", "exists twice in Europe/Paris"),
    (DAY, {"timezone": "Europe/Briancon"}, "timezone", '"Europe/Briancon" is no known time zone'),
    (DAY, {"timezone": "../etc"}, "timezone", "no known time zone"),
    (DAY, {"kind": "picnic"}, "kind", '"picnic" is no known kind; allowed are "presentation_seminar"'),
    (DAY, {"activity": "A9"}, "activity", '"A9" is no known activity; allowed are "A1", "A2"'),
    (DAY, {"host_org": "fr-none"}, "host_org", '"fr-none" is no known organisation'),
    (DAY, {"organisers": ["fr-lead", "nobody"]}, "organisers[1]", "no known organisation"),
    (DAY, {"organisers": ["fr-lead", "fr-lead"]}, "organisers[1]", "stands already in"),
    (DAY, {"organisers": []}, "organisers", "at least 1"),
    (DAY, {"team": [{"person": "p99", "role": "speaker"}]}, "team[0].person", '"p01" … "p44" (44 of them)'),
    (DAY, {"team": [{"person": "p01", "role": "cook"}]}, "team[0].role", '"cook" is no known role'),
    (DAY, {"team": [{"person": "p01"}]}, "team[0].role", "is missing"),
    (DAY, {"team": [{"person": "p01", "role": "speaker"}] * 2}, "team[1].person", "stands already in"),
    (DAY, {"mode": "remote"}, "mode", 'allowed are "online", "in-person", "hybrid"'),
    (DAY, {"languages": ["fr", "de"]}, "languages[1]", '"de" is no known language'),
    (DAY, {"languages": []}, "languages", "at least 1"),
    (DAY, {"interpretation": "whispered"}, "interpretation", '"consecutive", "simultaneous"'),
    (DAY, {"capacity": 0}, "capacity", "0 is not a whole number from 1"),
    (DAY, {"capacity": True}, "capacity", "true is not a whole number"),
    (DAY, {"capacity": 12.5}, "capacity", "12.5 is not a whole number"),
    (DAY, {"min_presence_percent": 0}, "min_presence_percent", "from 1 to 100"),
    (DAY, {"min_presence_percent": 101}, "min_presence_percent", "from 1 to 100"),
    (DAY, {"public": "yes"}, "public", '"yes" is neither true nor false'),
    (DAY, {"title": {"fr": " ", "it": "Titolo"}}, "title.fr", "is empty"),
    (DAY, {"title": {"fr": "Titre", "it": ""}}, "title.it", "is empty"),
    (DAY, {"title": {"fr": "Titre"}}, "title.it", "is missing"),
    (DAY, {"title": {"fr": "Ti\u0000tre", "it": "Titolo"}}, "title.fr", "control character (U+0000)"),
    (DAY, {"title": {"fr": "Ti\ud800tre", "it": "Titolo"}}, "title.fr", "control character (U+D800)"),
    (DAY, {"summary": None}, "summary", "null is not an object with fr, it"),
    (DAY, {"key": "A1/01"}, "key", '"A1/01" is no key'),
    (DAY, {"minutes": 450, "days": 2}, "minutes", "both are"),
    (DAY, {"minutes": None}, "minutes", "neither is"),
    (DAY, {"minutes": 0}, "minutes", "from 1 to 1440"),
    (DAY, {"minutes": -5}, "minutes", "from 1 to 1440"),
    (STAY, {"days": 61}, "days", "from 1 to 60"),
    (DAY, {"slots": []}, "slots", "no list of half-days"),
    (DAY, {"slots": [["09:30"]]}, "slots[0]", "no half-day"),
    (DAY, {"slots": [["9:30", "12:30"]]}, "slots[0]", '"9:30" is no time of day'),
    (DAY, {"slots": [["09:30", "24:00"]]}, "slots[0]", '"24:00" is no time of day'),
    (DAY, {"slots": [["12:30", "09:30"]]}, "slots[0]", "not after its start"),
    (
        DAY,
        {"slots": [["09:30", "12:30"], ["12:00", "17:00"]]},
        "slots[1]",
        "before the half-day in front of it",
    ),
    (
        DAY,
        {"slots": [["14:00", "17:00"], ["09:30", "12:30"]]},
        "slots[1]",
        "before the half-day in front of it",
    ),
    (DAY, {"slots": [["08:30", "12:30"]]}, "slots[0]", "before the session does at 09:30"),
    (DAY, {"slots": [["09:30", "17:30"]]}, "slots[0]", "after the session does at 17:00"),
    (STAY, {"start": "2027-04-12T10:00"}, "slots[0]", "before the session does at 10:00"),
    (STAY, {"start": "2027-03-27T01:00", "slots": [["02:15", "03:30"]]}, "slots[0]", "does not exist"),
    (SERIES, {"exdates": ["2027-05-07T14:00"]}, "exdates[0]", "is no date of the recurrence"),
    (SERIES, {"exdates": ["2027-05-06T15:00"]}, "exdates[0]", "is no date of the recurrence"),
    (SERIES, {"exdates": ["6 May"]}, "exdates[0]", "no local date and time"),
    (SERIES, {"exdates": ["2027-05-06T14:00"] * 2}, "exdates[1]", "stands already in"),
    (SERIES, {"exdates": None}, "exdates", "null is not a list"),
    (DAY, {"exdates": ["2027-01-21T09:30"]}, "exdates[0]", "the session has no recurrence"),
    (SERIES, {"recurrence": "FREQ=WEEKLY;COUNT=1", "exdates": ["2027-03-11T14:00"]}, "exdates", "every date"),
    (DAY, {"recurrence": ""}, "recurrence", "is empty"),
    (DAY, {"recurrence": 7}, "recurrence", "7 is not a text"),
]

RULES = [
    ("RRULE:FREQ=WEEKLY;COUNT=4", "not a part that can be used"),
    ("weekly", "is no recurrence rule"),
    ("FREQ=WEEKLY;COUNT=4;COUNT=5", "is no recurrence rule"),
    ("FREQ=WEEKLY;COUNT=4;", "is no recurrence rule"),
    ("COUNT=4", "needs a FREQ"),
    ("FREQ=FORTNIGHTLY;COUNT=4", "needs a FREQ"),
    ("FREQ=WEEKLY", "must have an end"),
    ("FREQ=WEEKLY;COUNT=4;UNTIL=20270601", "must have an end"),
    ("FREQ=SECONDLY;COUNT=4", "FREQ=SECONDLY is too frequent"),
    ("FREQ=MINUTELY;COUNT=4", "FREQ=MINUTELY is too frequent"),
    ("FREQ=HOURLY;COUNT=4", "FREQ=HOURLY is too frequent"),
    ("FREQ=DAILY;BYHOUR=9,10;COUNT=4", "BYHOUR is not allowed"),
    ("FREQ=DAILY;COUNT=501", "more than 500"),
    ("FREQ=DAILY;UNTIL=20991231", "more than 500"),
    ("FREQ=WEEKLY;COUNT=0", "no value that COUNT allows"),
    ("FREQ=WEEKLY;INTERVAL=0;COUNT=4", "no value that INTERVAL allows"),
    ("FREQ=WEEKLY;COUNT=4;BYDAY=XX", "no value that BYDAY allows"),
    ("FREQ=WEEKLY;COUNT=4;BYDAY=2TH", "numbered day"),
    ("FREQ=MONTHLY;COUNT=4;BYDAY=TH,2TU", "mixes"),
    ("FREQ=WEEKLY;COUNT=4;BYMONTHDAY=11", "not allowed with FREQ=WEEKLY"),
    ("FREQ=WEEKLY;COUNT=4;BYSETPOS=1", "needs a BYDAY"),
    ("FREQ=YEARLY;COUNT=4;BYWEEKNO=10", "not a part that can be used"),
    ("FREQ=WEEKLY;UNTIL=20270230", "UNTIL=20270230 is no date"),
    ("FREQ=WEEKLY;UNTIL=99991231T235959Z", "beyond the year 2199"),
    ("FREQ=WEEKLY;UNTIL=20270101", "does not give the start"),
    ("FREQ=WEEKLY;COUNT=4;BYDAY=FR", "does not give the start"),
    ("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30;COUNT=3", "does not give the start"),
    ("FREQ=YEARLY;INTERVAL=100;COUNT=4", "gives only 2 dates"),
]


@pytest.mark.parametrize(("key", "fields", "field", "said"), WRONG)
def test_a_wrong_field_of_a_session_is_named(
    key: str, fields: dict[str, object], field: str, said: str
) -> None:
    found = problems(changed(key, **fields))
    place = f"sessions[{place_of(document(), key)}].{field}"
    assert [path for path, _ in found] == [place]
    assert said in found[0][1]


@pytest.mark.parametrize(("rule", "said"), RULES)
def test_a_rule_that_cannot_be_used_says_why(rule: str, said: str) -> None:
    found = problems(changed(SERIES, recurrence=rule, exdates=[]))
    assert [path for path, _ in found] == ["sessions[3].recurrence"]
    assert said in found[0][1]


@pytest.mark.parametrize("name", list(document()["sessions"][0]))
def test_every_field_of_a_session_must_be_there(name: str) -> None:
    found = problems(changed(DAY, **{name: DROPPED}))
    assert found == [(f"sessions[0].{name}", "is missing; write it, with null where it may be empty")]


@pytest.mark.parametrize("name", ["meta", "activities", "kinds", "organisations", "people", "sessions"])
def test_every_list_must_be_there(name: str) -> None:
    content = document()
    del content[name]
    assert (name, "is missing; write it, with null where it may be empty") in problems(written(content))


def _people_twice(content: dict[str, Any]) -> None:
    content["people"][4]["key"] = "p01"


def _seminar_twice(content: dict[str, Any]) -> None:
    content["sessions"][1]["key"] = "A1-01"


def _address_twice(content: dict[str, Any]) -> None:
    content["people"][1]["email"] = content["people"][0]["email"].upper()


def _activity_twice(content: dict[str, Any]) -> None:
    content["activities"][7]["slug"] = content["activities"][0]["slug"]


def _no_address(content: dict[str, Any]) -> None:
    content["organisations"][2]["email"] = "centre social@example"


def _foreign_kind(content: dict[str, Any]) -> None:
    content["kinds"].append({**content["kinds"][0], "code": "picnic"})


def _homeless_person(content: dict[str, Any]) -> None:
    content["people"][0]["organisation"] = "nowhere"


@pytest.mark.parametrize(
    ("spoil", "path"),
    [
        (_people_twice, "people[4].key"),
        (_seminar_twice, "sessions[1].key"),
        (_address_twice, "people[1].email"),
        (_activity_twice, "activities[7].slug"),
        (_no_address, "organisations[2].email"),
        (_foreign_kind, "kinds[14].code"),
        (_homeless_person, "people[0].organisation"),
    ],
)
def test_a_wrong_entry_of_a_list_is_named(spoil: Callable[[dict[str, Any]], None], path: str) -> None:
    content = document()
    spoil(content)
    assert path in [found for found, _ in problems(written(content))]


def test_a_name_given_twice_in_one_object_is_refused() -> None:
    text = written(document()).replace(b'"capacity": 60,', b'"capacity": 60, "capacity": 6,', 1)
    assert problems(text) == [("sessions[0]", '"capacity" is given twice in one object; keep one')]


def test_a_series_that_meets_a_clock_change_is_refused_at_its_rule() -> None:
    sundays = {"start": "2027-03-14T02:30", "recurrence": "FREQ=WEEKLY;COUNT=3", "exdates": []}
    assert problems(changed(SERIES, **sundays)) == [
        (
            "sessions[3].recurrence",
            "2027-03-28T02:30 does not exist in Europe/Paris: the clocks go forward over it",
        )
    ]
    assert problems(changed(SERIES, **{**sundays, "exdates": ["2027-03-28T02:30"]})) == []


def test_all_problems_are_told_at_once_even_within_one_session() -> None:
    fields = {"capacity": -1, "slots": "none", "minutes": None, "recurrence": "FREQ=HOURLY;COUNT=2"}
    found = [path for path, _ in problems(changed(DAY, **fields))]
    assert found == [f"sessions[0].{name}" for name in ("slots", "capacity", "minutes", "recurrence")]


def test_a_long_wrong_value_is_cut_short() -> None:
    ((_, sentence),) = problems(changed(DAY, kind="x" * 5000))
    assert len(sentence) < 500


def test_the_file_itself_has_no_problem() -> None:
    assert problems(written(document())) == []
