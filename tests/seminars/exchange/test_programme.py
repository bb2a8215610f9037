"""Reading the demonstration programme: what it says arrives typed and whole."""

from collections import Counter
from dataclasses import FrozenInstanceError
from datetime import datetime, time

import pytest

from seminars.exchange.programme import ProgrammeError, TeamMember, Words, read
from tests.seminars.exchange.files import FILE, alone, document, written


def test_the_programme_has_its_eight_activities_fourteen_kinds_and_forty_two_seminars() -> None:
    programme = read(FILE.read_bytes())
    assert programme.year == 2027
    assert len(programme.activities) == 8
    assert len(programme.kinds) == 14
    assert len(programme.organisations) == 14
    assert len(programme.people) == 44
    assert len(programme.seminars) == 42
    counted = Counter(seminar.activity for seminar in programme.seminars)
    assert counted == {"A1": 9, "A2": 5, "A3": 5, "A4": 4, "A5": 4, "A6": 5, "A7": 5, "A8": 5}
    assert Counter(seminar.mode for seminar in programme.seminars) == {
        "online": 14,
        "in-person": 16,
        "hybrid": 12,
    }
    zones = Counter(seminar.timezone for seminar in programme.seminars)
    assert zones == {"Europe/Paris": 23, "Europe/Rome": 19}


def test_a_seminar_is_read_field_by_field() -> None:
    seminar = read(FILE.read_bytes()).seminars[3]
    assert seminar.key == "A1-04"
    assert seminar.title == Words(
        fr="Les mots du travail social en deux langues",
        it="Le parole del lavoro sociale in due lingue",
        en="The words of social work in two languages",
    )
    assert seminar.summary.en is None
    assert seminar.start == datetime(2027, 3, 11, 14)
    assert (seminar.minutes, seminar.days, seminar.slots) == (90, None, None)
    assert seminar.exdates == (datetime(2027, 5, 6, 14),)
    assert seminar.organisers == ("it-partner", "fr-lead")
    assert seminar.team == (
        TeamMember(person="p04", role="trainer"),
        TeamMember(person="p10", role="interpreter"),
    )
    assert (seminar.training_scheme, seminar.min_presence_percent, seminar.place) == (
        "mots-partages",
        80,
        None,
    )


def test_half_days_are_times_of_day() -> None:
    (seminar,) = alone("A1-05").seminars
    assert seminar.days == 5
    assert seminar.slots == ((time(9), time(12, 30)), (time(14), time(17, 30)))


def test_exactly_five_seminars_have_organisers_of_one_country() -> None:
    programme = read(FILE.read_bytes())
    country = {organisation.key: organisation.country for organisation in programme.organisations}
    alone = {s.key for s in programme.seminars if len({country[key] for key in s.organisers}) == 1}
    assert alone == {"A2-03", "A6-01", "A6-02", "A6-04", "A7-02"}


def test_records_cannot_be_changed() -> None:
    programme = read(FILE.read_bytes())
    with pytest.raises(FrozenInstanceError):
        programme.seminars[0].capacity = 1  # type: ignore[misc]


def test_a_byte_order_mark_and_unknown_fields_are_let_pass() -> None:
    content = document()
    content["sessions"][0]["colour"] = "blue"
    assert len(read(b"\xef\xbb\xbf" + written(content)).seminars) == 42


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"", "is not JSON: Expecting value, line 1, column 1"),
        (b'{"meta": {},}', "is not JSON"),
        (b"\xff\xfe{", "is not in UTF-8"),
        (b"[]", "is not a JSON object with meta"),
        (b"null", "is not a JSON object with meta"),
        (b'{"meta": NaN}', "is not JSON: NaN"),
        (b'{"meta": ' + b"9" * 5000 + b"}", "is not JSON"),
        (b"[" * 100_000, "nested too deeply"),
    ],
)
def test_a_file_that_is_no_json_object_says_so(text: bytes, said: str) -> None:
    with pytest.raises(ProgrammeError) as caught:
        read(text)
    assert caught.value.path == "file"
    assert said in caught.value.problem


def test_the_error_is_a_value_error_and_prints_every_problem_on_its_line() -> None:
    content = document()
    content["sessions"][3]["start"] = "tomorrow"
    content["people"][0]["email"] = "camille"
    with pytest.raises(ValueError) as caught:
        read(written(content))
    assert isinstance(caught.value, ProgrammeError)
    first, second = str(caught.value).splitlines()
    assert first.startswith('people[0].email: "camille" is no e-mail address')
    assert second.startswith('sessions[3].start: "tomorrow" is no local date and time')
    assert (caught.value.path, len(caught.value.problems)) == ("people[0].email", 2)
