"""Invitations and attendance by a script."""

import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from django.utils.translation import gettext

from seminars import moments
from seminars.actions import answers, attendance, rooms
from seminars.actions import sessions as actions
from seminars.models import Invitation, Letter, Person, Session
from seminars.vocabulary import Answer, LetterKind, LetterState
from tests import cast
from tests.api.calls import Script, script

pytestmark = pytest.mark.django_db


@pytest.fixture
def trainer(elia: Person) -> Script:
    return script(elia)


@pytest.fixture
def session(elia: Person) -> Session:
    return cast.make_session(elia)


def test_each_address_comes_back_where_it_belongs(
    trainer: Script, session: Session, ange: Person, bruna: Person
) -> None:
    cast.invite(session, ange)
    lines = [
        ange.email,
        f"Bruna <{bruna.email}>",
        "Nuova <nuova@example.it>",
        "bad@nowhere",
        bruna.email.upper(),
    ]
    for addresses in (lines, "\n".join(lines)):
        Invitation.objects.exclude(person=ange).delete()
        Person.objects.filter(email="nuova@example.it").delete()
        said = trainer.post(f"sessions/{session.code}/invitations/", {"addresses": addresses}).json()
        assert [one["email"] for one in said["invited"]] == [bruna.email, "nuova@example.it"]
        assert [one["person"] for one in said["already"]] == [ange.code]
        assert (said["unknown"], said["twice"]) == (["nuova@example.it"], [bruna.email])
        assert [(one["line"], one["text"]) for one in said["bad"]] == [(4, "bad@nowhere")]
        assert "nowhere" in said["bad"][0]["why"]
    assert Letter.objects.filter(kind=LetterKind.INVITATION, person=bruna).exists()


def test_who_was_not_reached_is_named_apart_and_gets_her_letter_again(
    trainer: Script, session: Session, ange: Person, bruna: Person
) -> None:
    cast.invite(session, ange, bruna)
    Letter.objects.update(state=LetterState.SENT)
    Letter.objects.filter(person=ange).update(state=LetterState.FAILED)
    given = {"addresses": [ange.email, bruna.email]}
    said = trainer.post(f"sessions/{session.code}/invitations/", given).json()
    assert said["invited"] == []
    assert [one["person"] for one in said["again"]] == [ange.code]
    assert [one["person"] for one in said["already"]] == [bruna.code]
    assert Letter.objects.filter(person=ange, state=LetterState.PENDING).count() == 1


@pytest.mark.parametrize(
    ("addresses", "status", "code"),
    [
        ([], 422, "nobody_to_invite"),
        ("", 422, "nobody_to_invite"),
        ("nothing here", 422, "bad_addresses"),
        ([f"p{number}@example.org" for number in range(301)], 422, "too_many"),
        (["a@example.org\nb@example.org"], 400, "invalid"),
        ({"email": "a@example.org"}, 400, "invalid"),
        (["a@example.org", ["b@example.org"]], 400, "invalid"),
        (None, 400, "invalid"),
    ],
)
def test_addresses_that_can_not_be_used_invite_nobody(
    addresses: object, status: int, code: str, trainer: Script, session: Session
) -> None:
    answer = trainer.post(f"sessions/{session.code}/invitations/", {"addresses": addresses})
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert Invitation.objects.count() == 0


def test_nobody_is_invited_to_a_draft_or_a_cancelled_session(trainer: Script, elia: Person) -> None:
    draft, gone = cast.make_session(elia, is_draft=True), cast.make_session(elia)
    actions.cancel(session=gone, by=elia)
    for session, code in ((draft, "draft_first"), (gone, "not_now")):
        answer = trainer.post(f"sessions/{session.code}/invitations/", {"addresses": "a@example.org"})
        assert (answer.status_code, answer.json()["code"]) == (409, code)
        assert answer.json()["field"] == "addresses"


def test_the_list_says_answers_and_where_the_letter_is(
    trainer: Script, session: Session, ange: Person, bruna: Person
) -> None:
    first, _second = cast.invite(session, ange, bruna)
    Letter.objects.filter(person=ange).update(state=LetterState.SENT)
    answers.answer(invitation=first, answer=Answer.YES, note="With pleasure")
    said = trainer.get(f"sessions/{session.code}/invitations/").json()["results"]
    assert [(one["person"], one["answer"], one["note"]) for one in said] == [
        (ange.code, "yes", "With pleasure"),
        (bruna.code, None, ""),
    ]
    assert [(one["letter"]["kind"], one["letter"]["state"]) for one in said] == [
        ("invitation", "sent"),
        ("invitation", "pending"),
    ]
    assert said[0]["organisation"] == {"fr": "Organisation fr-county", "it": "Organizzazione fr-county"}


def test_a_withdrawn_invitation_is_gone_from_the_list_and_is_absent_afterwards(
    trainer: Script, session: Session, ange: Person
) -> None:
    (invitation,) = cast.invite(session, ange)
    path = f"sessions/{session.code}/invitations/{ange.code}/"
    assert trainer.delete(path).status_code == 204
    invitation.refresh_from_db()
    assert invitation.withdrawn_at is not None
    assert trainer.get(f"sessions/{session.code}/invitations/").json()["results"] == []
    again, nobody = trainer.delete(path), trainer.delete(f"sessions/{session.code}/invitations/zzz/")
    assert (again.status_code, again.content) == (404, nobody.content)


def test_an_invitation_is_withdrawn_in_its_own_session_only(
    trainer: Script, session: Session, elia: Person, ange: Person
) -> None:
    (invitation,) = cast.invite(cast.make_session(elia), ange)
    assert trainer.delete(f"sessions/{session.code}/invitations/{ange.code}/").status_code == 404
    invitation.refresh_from_db()
    assert invitation.withdrawn_at is None


def test_the_sheet_gives_the_minutes_in_their_classes(
    trainer: Script, elia: Person, ange: Person, bruna: Person, clock: cast.Clock
) -> None:
    start = moments.now().replace(second=0, microsecond=0) + timedelta(hours=1)
    session = cast.make_session(elia, start, minutes=60, min_presence_percent=50)
    cast.invite(session, ange, bruna)
    clock.at(start)
    actions.open_(session=session, by=elia)
    ids = {"connection": uuid.uuid4(), "event": uuid.uuid4()}
    attendance.arrive(session=session, person=ange, **ids)
    for _minute in range(40):
        clock.forward(minutes=1)
        attendance.beat(session=session, person=ange, connection=ids["connection"])
    running = trainer.get(f"sessions/{session.code}/attendance/").json()
    assert (running["final"], running["present"]) == (False, 1)
    actions.close(session=session, by=elia, reason="Ended early")
    said = trainer.get(f"sessions/{session.code}/attendance/").json()
    assert (said["final"], said["planned"], said["held"], said["threshold"]) == (True, 60, 40, 50)
    assert said["count"] == 2
    assert said["head"] == session.presence_events.last().hash
    people = {one["person"]: one for one in said["people"]}
    assert people[ange.code]["slots"][0]["minutes"] == 40
    assert (people[ange.code]["percent"], people[ange.code]["met"], people[ange.code]["present"]) == (
        66,
        True,
        True,
    )
    assert (people[bruna.code]["minutes"], people[bruna.code]["present"]) == (0, False)
    assert set(said["slots"][0]) == {"number", "start", "end", "held_from", "held_to"}
    assert said["declarations"] == []


def test_a_declaration_without_a_reason_says_the_usual_one_in_the_readers_language(
    trainer: Script, elia: Person, ange: Person, clock: cast.Clock
) -> None:
    session = cast.make_session(elia)
    cast.invite(session, ange)
    clock.at(session.starts_at)
    session = actions.open_(session=session, by=elia)
    rooms.enter_video(session=session, person=ange, connection=uuid.uuid4(), event=uuid.uuid4())
    clock.forward(minutes=20)
    attendance.sweep()
    attendance.confirm(session=session, by=elia, people=None)
    said = {}
    for trainer.language in ("en", "fr"):
        (one,) = trainer.get(f"sessions/{session.code}/attendance/").json()["declarations"]
        said[trainer.language] = one["reason"]
    assert said["en"] == "seen in the video by the trainer"
    with translation.override("fr"):
        assert said["fr"] == gettext(said["en"]) != said["en"]


@pytest.mark.parametrize("path", ["invitations", "attendance"])
def test_lists_of_people_cost_the_same_queries_for_1_and_30(
    path: str, trainer: Script, session: Session
) -> None:
    counts, made = [], 0
    for more in (1, 29):
        people = [cast.person(f"p{number}", f"P {number}") for number in range(made, made + more)]
        made += more
        cast.invite(session, *people)
        trainer.get("kinds/")
        with CaptureQueriesContext(connection) as queries:
            said = trainer.get(f"sessions/{session.code}/{path}/").json()
        rows = said["results"] if path == "invitations" else [one for one in said["people"] if one["invited"]]
        assert len(rows) == made
        counts.append(len(queries))
    assert counts[0] == counts[1]
