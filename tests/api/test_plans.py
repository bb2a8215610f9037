"""Bodies that are refused: by a rule, by their shape, by a field that is not theirs."""

from typing import Any

import pytest

from seminars.models import Organisation, Person, Session
from tests import cast
from tests.api.calls import MOVED, PLAN, PROBLEM, Script, script
from tests.api.rows import by_action, row

pytestmark = pytest.mark.django_db


@pytest.fixture
def trainer(elia: Person) -> Script:
    cast.activity()
    return script(elia)


REFUSED = [
    ({"slots": []}, 422, "slots_missing", "slots"),
    (
        {"slots": [{"start": "2031-03-11T09:00", "end": "2031-03-11T08:00"}]},
        422,
        "end_before_start",
        "slots.0.end",
    ),
    ({"slots": [PLAN["slots"][0], PLAN["slots"][0]]}, 422, "slots_overlap", "slots.1.start"),
    (
        {"slots": [{"start": "2031-03-30T02:30", "end": "2031-03-30T04:00"}]},
        422,
        "no_such_hour",
        "slots.0.start",
    ),
    ({"slots": [{"start": "2020-03-11T09:00", "end": "2020-03-11T10:00"}]}, 422, "past_date", "slots"),
    ({"title": {}}, 422, "title_missing", "title.fr"),
    ({"title": {"fr": "Seul"}}, 422, "second_title_missing_it", "title.it"),
    ({"mode": "in-person"}, 422, "place_missing", "place"),
]


@pytest.mark.parametrize(("change", "status", "code", "field"), REFUSED)
def test_a_refusal_has_a_code_its_field_and_a_sentence(
    change: dict[str, Any], status: int, code: str, field: str, trainer: Script
) -> None:
    answer = trainer.post("sessions/", PLAN | change)
    said = answer.json()
    assert (answer.status_code, said["code"], said["field"]) == (status, code, field)
    assert said["type"] == f"urn:viso:problem:{code}"
    assert answer.headers["Content-Type"] == PROBLEM
    assert "%(" not in said["detail"]
    assert Session.objects.count() == 0


def test_a_past_session_is_kept_when_it_is_meant_so(trainer: Script) -> None:
    past = {"slots": [{"start": "2020-03-11T09:00", "end": "2020-03-11T10:00"}], "past_meant": True}
    assert trainer.post("sessions/", PLAN | past).status_code == 201


FAULTY = [
    ({"owner": "x"}, "owner", "unknown_field"),
    ({"slots": [{"start": "2031-03-11T09:00+01:00", "end": "2031-03-11T12:00"}]}, "slots.0.start", "invalid"),
    ({"slots": [{"start": "0001-01-01T09:00", "end": "2031-02-30T12:00"}]}, "slots.0.end", "invalid"),
    ({"slots": {"start": 1}}, "slots", "not_a_list"),
    ({"slots": PLAN["slots"] * 31}, "slots", "max_length"),
    ({"title": {"fr": "x" * 201}}, "title.fr", "max_length"),
    ({"title": {"fr": "a\r\nBcc: b@example.org"}}, "title.fr", "control"),
    ({"title": {"fr": "\ud800"}}, "title.fr", "surrogate_characters_not_allowed"),
    ({"title": {"de": "Titel"}}, "title.de", "unknown_field"),
    ({"summary": {"it": "x\x00"}}, "summary.it", "control"),
    ({"activity": "Z9"}, "activity", "does_not_exist"),
    ({"activity": {"code": "A1"}}, "activity", "does_not_exist"),
    ({"host": "\ud800"}, "host", "invalid"),
    ({"organisers": ["it-coop", "nobody"]}, "organisers.1", "does_not_exist"),
    ({"team": [{"person": "nobody@example.org", "role": "trainer"}]}, "team.0", "does_not_exist"),
    ({"team": [{"person": "a", "role": "king"}]}, "team.0.role", "invalid_choice"),
    ({"timezone": "Europe/London"}, "timezone", "invalid_choice"),
    ({"languages": ["fr", "xx"]}, "languages.1", "invalid_choice"),
    ({"capacity": 10**400}, "capacity", "max_value"),
    ({"min_presence_percent": 101}, "min_presence_percent", "max_value"),
]


@pytest.mark.parametrize(("change", "field", "code"), FAULTY)
def test_a_body_out_of_shape_is_refused_with_the_path_of_each_fault(
    change: dict[str, Any], field: str, code: str, trainer: Script
) -> None:
    answer = trainer.post("sessions/", PLAN | change)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert (field, code) in {(fault["field"], fault["code"]) for fault in answer.json()["errors"]}
    assert Session.objects.count() == 0


EXTRA = (
    *(
        "owner",
        "organisation",
        "is_staff",
        "role",
        "moderator",
        "attended",
        "session",
        "id",
        "created_at",
        "state",
    ),
    *("created_by", "code", "uid", "room", "sequence", "key", "series", "title_fr", "extra", "is_public"),
    "webhook.team",
)


@pytest.mark.parametrize("name", EXTRA)
def test_extra_fields_change_nothing_and_are_named(name: str, trainer: Script, elia: Person) -> None:
    session = by_action(elia)
    before = row(session)
    for answer in (
        trainer.post("sessions/", PLAN | {name: 1}),
        trainer.patch(f"sessions/{session.code}/", {"title": {"fr": "Autre"}, name: 1}),
        trainer.post(f"sessions/{session.code}/move/", {"slots": MOVED, name: 1}),
        trainer.post(f"sessions/{session.code}/cancel/", {name: 1}),
        trainer.post(f"sessions/{session.code}/schedule/", {name: 1}),
        trainer.post(f"sessions/{session.code}/invitations/", {"addresses": "a@example.org", name: 1}),
    ):
        assert answer.status_code == 400
        assert [fault["code"] for fault in answer.json()["errors"]] == ["unknown_field"]
        assert answer.json()["errors"][0]["field"] == name
    assert row(session) == before
    assert Session.objects.count() == 1


def test_an_organisation_of_another_side_is_only_named_by_its_key(trainer: Script) -> None:
    Organisation.objects.create(key="fr-other", country="FR", name_fr="Autre", name_it="Altra")
    answer = trainer.post("sessions/", PLAN | {"host": Organisation.objects.get(key="fr-other").pk})
    assert answer.json()["errors"][0]["field"] == "host"
