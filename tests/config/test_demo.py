"""The demonstration and the programme command."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from seminars.evidence.chain import first_fault
from seminars.models import Letter, Session
from seminars.moments import now
from seminars.queries.sheets import sheet
from seminars.vocabulary import LetterState, State


def run(*words: str) -> str:
    out = StringIO()
    call_command(*words, stdout=out)
    return out.getvalue()


@pytest.fixture
def demonstration(db, settings):
    settings.DEMO = True
    return json.loads(run("demo", "--json"))


def test_the_demonstration_holds_a_session_in_every_state_around_now(demonstration):
    states = {row["state"] for row in demonstration["sessions"]}
    assert states == set(State.values)
    running = Session.objects.get(state=State.RUNNING)
    assert running.starts_at < now() < running.ends_at
    coming = Session.objects.get(key__startswith="demo-coming")
    assert 15 * 60 < (coming.starts_at - now()).total_seconds() < 25 * 60
    assert len(demonstration["people"]) == 44
    assert {"key", "name", "role", "language", "sign_in_url"} == set(demonstration["people"][0])
    assert {"code", "title", "state", "start", "url"} == set(demonstration["sessions"][0])


def test_its_past_has_attendance_pulses_and_feedback_in_an_unbroken_chain(demonstration):
    for session in Session.objects.filter(key__startswith="demo-past"):
        rows = [
            (e.seq, e.prev_hash, e.hash, e.record()) for e in session.presence_events.select_related("slot")
        ]
        assert len(rows) > 10
        assert first_fault(rows) is None
        found = sheet(session)
        assert found.present >= 7
        assert any(row.declared for row in found.rows)
        assert session.feedback_answers.count() >= 3
        assert session.pulse_tallies.count() > 5


def test_a_second_start_adds_nothing_while_a_session_runs_and_moves_no_row(demonstration):
    before = list(Session.objects.order_by("pk").values_list("pk", "starts_at", "state", "sequence"))
    run("demo", "--json")
    assert list(Session.objects.order_by("pk").values_list("pk", "starts_at", "state", "sequence")) == before


def test_a_later_start_adds_a_running_and_a_coming_session(demonstration, clock):
    before = dict(Session.objects.values_list("pk", "starts_at"))
    clock.forward(hours=2)
    run("demo", "--json")
    after = dict(Session.objects.values_list("pk", "starts_at"))
    assert len(after) == len(before) + 2
    assert {pk: after[pk] for pk in before} == before


def test_nobody_gets_a_letter_about_what_lies_in_the_past(demonstration):
    waiting = Letter.objects.filter(state=LetterState.PENDING)
    assert waiting.exists()
    assert all(letter.session.key.startswith("demo-coming") for letter in waiting.select_related("session"))


def test_a_dry_run_prints_every_dated_session_and_needs_no_database(settings):
    rows = json.loads(
        run("programme", str(settings.BASE_DIR / "demo" / "programme.json"), "--dry-run", "--json")
    )
    assert len(rows) == 83
    assert rows[0].keys() == {"key", "start", "end", "timezone"}


def test_a_wrong_programme_is_refused_by_the_name_of_the_field(tmp_path, settings):
    whole = json.loads((settings.BASE_DIR / "demo" / "programme.json").read_text())
    whole["sessions"][3]["start"] = "2027-03-28T02:30"
    (tmp_path / "wrong.json").write_text(json.dumps(whole))
    with pytest.raises(CommandError, match=r"sessions\[3\]\.start"):
        run("programme", str(tmp_path / "wrong.json"), "--dry-run")
