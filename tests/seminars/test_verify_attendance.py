"""The command that follows the chains."""

import uuid
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from seminars.actions import attendance
from seminars.models import PresenceEvent
from seminars.moments import as_if
from tests import cast
from tests.guarded import tampering

pytestmark = pytest.mark.django_db


@pytest.fixture
def session(elia, ange, bruna):
    found = cast.make_session(elia)
    with as_if(found.starts_at):
        for person in (ange, bruna):
            attendance.arrive(session=found, person=person, connection=uuid.uuid4(), event=uuid.uuid4())
    return found


def run(*words: str) -> str:
    out = StringIO()
    call_command("verify_attendance", *words, stdout=out)
    return out.getvalue().strip()


def faulty(*words: str) -> str:
    out = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("verify_attendance", *words, stdout=out)
    assert ended.value.code == 1
    return out.getvalue().strip()


def test_a_whole_ledger_holds(session):
    assert run() == "1 chains of 2 events hold"
    assert run(session.code) == "1 chains of 2 events hold"


def test_a_changed_event_is_named(session):
    with tampering():
        PresenceEvent.objects.filter(seq=2).update(kind="left")
    assert faulty() == f"{session.code} 2: content differs from its hash"


def test_an_event_given_to_somebody_else_is_named(session, bruna):
    with tampering():
        PresenceEvent.objects.filter(seq=1).update(person=bruna)
    assert faulty(session.code) == f"{session.code} 1: names another person than its hash stands for"


def test_an_unknown_session_is_said(session):
    with pytest.raises(CommandError, match="no session nowhere"):
        run("nowhere")


def test_a_declaration_put_in_somebody_elses_mouth_is_named(session, elia, ange):
    with as_if(session.starts_at):
        attendance.append(
            session=session,
            person=ange,
            kind="declared",
            source="trainer",
            at=session.starts_at,
            author=elia,
            reason="seen",
        )
    assert run() == "1 chains of 3 events hold"
    with tampering():
        PresenceEvent.objects.filter(seq=3).update(author=ange)
    assert faulty() == f"{session.code} 3: names another person than its hash stands for"
