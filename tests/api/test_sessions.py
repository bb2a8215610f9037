"""Sessions by a script: the same actions, rows and refusals as at every other door."""

from datetime import datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from seminars import moments
from seminars.actions import sessions as actions
from seminars.models import Letter, Person, Session
from seminars.vocabulary import LetterKind, LetterState, State
from tests import cast
from tests.api.calls import MOVED, PLAN, Script, script, walls
from tests.api.rows import by_action, row

pytestmark = pytest.mark.django_db


@pytest.fixture
def trainer(elia: Person) -> Script:
    cast.activity()
    return script(elia)


def test_plan_invite_move_cancel_leave_the_same_rows_as_the_actions(
    trainer: Script, elia: Person, ange: Person, clock: cast.Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    present = moments.now()
    monkeypatch.setattr("seminars.actions.sessions.now", lambda: present)
    answer = trainer.post("sessions/", PLAN)
    assert answer.status_code == 201
    code = answer.json()["code"]
    assert answer.headers["Location"].endswith(f"/api/sessions/{code}/")
    assert trainer.get(f"sessions/{code}/").json() == answer.json()
    here, there = Session.objects.get(code=code), by_action(elia)
    assert row(here) == row(there)

    assert trainer.post(f"sessions/{code}/invitations/", {"addresses": [ange.email]}).status_code == 200
    cast.invite(there, ange, by=elia)
    assert row(here) == row(there)

    Letter.objects.update(state=LetterState.SENT)
    moved = trainer.post(f"sessions/{code}/move/", {"slots": MOVED})
    actions.move(session=there, by=elia, slots=[(datetime(2031, 3, 12, 9), datetime(2031, 3, 12, 12))])
    assert row(here) == row(there)
    assert (moved.json()["sequence"], moved.json()["start"]) == (1, "2031-03-12T09:00:00+01:00")

    assert trainer.post(f"sessions/{code}/cancel/").json()["state"] == State.CANCELLED
    actions.cancel(session=there, by=elia)
    assert row(here) == row(there)
    assert here.letters.filter(kind=LetterKind.CANCELLATION).count() == 1


def test_a_plan_names_people_and_organisations_by_code_key_or_address(
    trainer: Script, elia: Person, dominique: Person, camille: Person
) -> None:
    body = PLAN | {
        "organisers": ["fr-county", "fr-lead"],
        "team": [
            {"person": dominique.code, "role": "interpreter"},
            {"person": camille.email.upper(), "role": "facilitator"},
        ],
    }
    said = trainer.post("sessions/", body).json()
    assert said["organisers"] == ["fr-county", "fr-lead", "it-coop"]
    assert {(member["name"], member["role"]) for member in said["team"]} == {
        (dominique.name, "interpreter"),
        (camille.name, "facilitator"),
        (elia.name, "trainer"),
    }


def test_a_draft_is_seen_by_its_hosts_alone_until_it_is_scheduled(trainer: Script, dominique: Person) -> None:
    code = trainer.post("sessions/", PLAN | {"draft": True}).json()["code"]
    other = script(dominique)
    assert other.get(f"sessions/{code}/").status_code == 404
    assert trainer.post(f"sessions/{code}/schedule/").json()["state"] == State.SCHEDULED
    assert other.get(f"sessions/{code}/").status_code == 200
    again = trainer.post(f"sessions/{code}/schedule/")
    assert (again.status_code, again.json()["code"]) == (409, "not_now")


def test_editing_changes_the_given_words_only(trainer: Script, elia: Person) -> None:
    session = by_action(elia)
    before = row(session)
    said = trainer.patch(f"sessions/{session.code}/", {"title": {"it": "Altro"}, "capacity": None}).json()
    assert said["title"] == {"fr": "Les mots du travail", "it": "Altro", "en": ""}
    after = row(session)
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"title_it", "capacity", "sequence", "revised_at", "live_seq"}
    trainer.patch(f"sessions/{session.code}/", {})
    assert row(session) == after


def test_a_list_holds_what_the_programme_shows_its_reader(
    trainer: Script, elia: Person, ange: Person, stranger: Person
) -> None:
    seen = {
        name: by_action(elia, title_fr=name, is_public=name == "public") for name in ("public", "private")
    }
    by_action(elia, title_fr="secret", is_confidential=True)
    actions.cancel(session=by_action(elia, title_fr="cancelled"), by=elia)
    cast.make_session(elia, title_fr="draft", is_draft=True)
    cast.invite(seen["private"], ange, by=elia)
    titles = {
        one.name: {row["title"]["fr"] for row in script(one).get("sessions/").json()["results"]}
        for one in (elia, ange, stranger)
    }
    assert titles[elia.name] == {"public", "private", "secret", "cancelled"}
    assert titles[ange.name] == {"public", "private", "cancelled"}
    assert titles[stranger.name] == {"public", "cancelled"}


def test_a_list_is_filtered_by_days_activity_mode_and_state(trainer: Script, elia: Person) -> None:
    late = (datetime(2031, 3, 12, 22), datetime(2031, 3, 13, 1))
    by_action(elia, title_fr="one")
    by_action(elia, title_fr="two", slots=[late], activity=cast.activity("A2"))
    actions.cancel(session=by_action(elia, title_fr="three", mode="hybrid", place="Nice"), by=elia)

    def found(query: str) -> set[str]:
        return {row["title"]["fr"] for row in trainer.get(f"sessions/?{query}").json()["results"]}

    assert found("from=2031-03-12") == {"two"}
    assert found("from=2031-03-13&to=2031-03-13") == {"two"}
    assert found("to=2031-03-11") == {"one", "three"}
    assert found("activity=A2") == {"two"}
    assert found("activity=A1&activity=A2&state=scheduled") == {"one", "two"}
    assert found("mode=hybrid") == {"three"}
    assert found("state=cancelled") == {"three"}
    assert found("state=draft") == set()


@pytest.mark.parametrize(
    "query",
    [
        "form=2031-03-12",
        "from=yesterday",
        "from=9999-12-31",
        "to=0001-01-01",
        "mode=video",
        "state=on",
        "cursor=x",
        "cursor=cD1hYmM%3D",  # p=abc
        "cursor=cD05OTk5LTEyLTMxVDIzOjU5OjU5LTIzOjU5",  # p=9999-12-31T23:59:59-23:59
    ],
)
def test_a_filter_that_can_not_be_read_is_refused(query: str, trainer: Script, elia: Person) -> None:
    by_action(elia)
    assert trainer.get(f"sessions/?{query}").status_code == 400


def test_pages_show_each_session_once_whatever_its_hour(trainer: Script, elia: Person, settings: Any) -> None:
    settings.SITE_URL = "https://viso.example.org"
    codes = [by_action(elia).code for _number in range(7)]
    found, path = [], "sessions/?page_size=3"
    while path:
        page = trainer.get(path).json()
        assert len(page["results"]) <= 3
        found += [row["code"] for row in page["results"]]
        assert not page["next"] or page["next"].startswith("https://viso.example.org/api/sessions/?")
        path = (page["next"] or "").partition("/api/")[2]
    assert found == codes


def test_a_page_has_at_most_two_hundred_rows(trainer: Script, elia: Person) -> None:
    one = by_action(elia)
    rows = [
        Session(
            activity=one.activity,
            host=one.host,
            starts_at=one.starts_at,
            ends_at=one.ends_at,
            is_public=True,
            state=State.SCHEDULED,
            created_at=one.created_at,
            revised_at=one.revised_at,
            title_fr="x",
        )
        for _number in range(201)
    ]
    Session.objects.bulk_create(rows)
    assert len(trainer.get("sessions/?page_size=9999").json()["results"]) == 200
    assert len(trainer.get("sessions/").json()["results"]) == 50


def test_a_list_costs_the_same_queries_for_1_and_30_rows(
    trainer: Script, elia: Person, dominique: Person
) -> None:
    counts = []
    for more in (1, 29):
        for _number in range(more):
            by_action(elia, organisers=[dominique.organisation], team=[(dominique, "interpreter")])
        trainer.get("kinds/")
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert len(trainer.get("sessions/?page_size=100").json()["results"]) == sum(
                (1, 29)[: len(counts) + 1]
            )
        counts.append(len(queries))
    assert counts == [6, 6]


def test_moving_with_the_slots_that_stand_changes_nothing(trainer: Script, elia: Person) -> None:
    session = by_action(elia)
    before = row(session)
    assert trainer.post(f"sessions/{session.code}/move/", {"slots": walls(session)}).status_code == 200
    assert row(session) == before
