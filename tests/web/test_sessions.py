"""Planning a session and changing it, as pages: what is refused stands at its field, and nothing typed is lost."""

import re
import uuid
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from seminars import moments
from seminars.actions import attendance, invitations, rooms, sessions
from seminars.models import Activity, Letter, Organisation, Person, Session
from seminars.vocabulary import Answer, LetterState, Role, State
from tests import cast

pytestmark = pytest.mark.django_db


def planned(by: Person, **more: Any) -> dict[str, Any]:
    """What a trainer types; None leaves a field out."""
    typed = {
        "title_fr": "Les mots du travail social",
        "title_it": "Le parole del lavoro sociale",
        "kind": "distance_training",
        "activity": cast.activity().pk,
        "date": "2027-03-11",
        "start": "14:00",
        "end": "15:30",
        "timezone": "Europe/Rome",
        "mode": "online",
        "host": by.organisation_id,
        "trainer": by.pk,
        "languages": ["fr", "it"],
        "schedule": "",
    } | more
    return {name: value for name, value in typed.items() if value is not None}


def moved(**more: Any) -> dict[str, Any]:
    typed = {
        "date": "2027-03-11",
        "start": "14:00",
        "end": "15:30",
        "timezone": "Europe/Rome",
        "mode": "online",
    }
    return typed | more


def filled(page: str) -> list[str]:
    """The words of the filled buttons; the same button for phone and desk counts once."""
    found = re.findall(r'class="button go[^"]*"[^>]*>(?:<svg.*?</svg>)?([^<]+)<', page)
    return sorted({words.strip() for words in found})


def at_field(response: Any, name: str) -> str:
    """What is said at a field."""
    assert response.status_code == 422
    return " ".join(response.context["form"].errors.get(name, []))


def see(client: Client, session: Session) -> str:
    response = client.get(reverse("session", args=[session.code]))
    assert response.status_code == 200
    return response.content.decode()


# --- Planning -----------------------------------------------------------------------------------------------------


def test_a_trainer_plans_and_invites_on_one_page(client, elia, camille, ange):
    cast.signed_in(client, elia)
    interpreter = cast.person("nina", "Nina Interprete", Role.INTERPRETER, "IT", "it-coop")
    typed = planned(
        elia,
        start_2="16:00",
        end_2="17:00",
        organisers=[camille.organisation.pk],
        interpreter=interpreter.pk,
        is_public="on",
        addresses="ange@example.org, Luca Nuovo <luca@example.it>; ANGE@example.org",
    )
    response = client.post(reverse("plan"), typed, follow=True)
    session = Session.objects.get()
    assert response.redirect_chain == [(reverse("session", args=[session.code]), 302)]
    assert (session.state, session.slots.count(), session.host) == (State.SCHEDULED, 2, elia.organisation)
    assert set(session.organisers.all()) == {elia.organisation, camille.organisation}
    assert set(session.team.values_list("person__key", "role")) == {
        ("elia", "trainer"),
        ("nina", "interpreter"),
    }
    assert set(session.invitations.values_list("person__email", flat=True)) == {
        "ange@example.org",
        "luca@example.it",
    }
    assert Letter.objects.filter(kind="invitation").count() == 2
    said = " ".join(map(str, response.context["messages"]))
    assert "luca@example.it" in said, "unknown here: named"
    assert "ange@example.org" in said, "written twice: named"


def test_a_draft_is_kept_and_scheduled_later(client, elia):
    cast.signed_in(client, elia)
    client.post(reverse("plan"), planned(elia, schedule=None, draft="", title_it=""))
    session = Session.objects.get()
    assert session.state == State.DRAFT
    assert len(filled(see(client, session))) == 1
    client.post(reverse("session-schedule", args=[session.code]))
    session.refresh_from_db()
    assert session.state == State.SCHEDULED


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"end": "13:30"}, "end"),
        ({"date": "2027-03-28", "start": "02:30", "end": "04:00"}, "start"),
        ({"date": "2027-10-31", "start": "02:30", "end": "04:00"}, "start"),
        ({"date": "2020-03-11"}, "date"),
        ({"title_it": "", "is_public": "on"}, "title_it"),
        ({"title_fr": "", "is_public": "on"}, "title_fr"),
        ({"title_fr": "", "title_it": ""}, "title_fr"),
        ({"start_2": "15:00", "end_2": "17:00"}, "start_2"),
        ({"start_2": "16:00"}, "end_2"),
        ({"end_2": "16:00"}, "start_2"),
        ({"start": "08:00", "end": "21:00"}, "end"),
        ({"mode": "hybrid"}, "place"),
        ({"date": "31/02/2027"}, "date"),
        ({"start": "25 h"}, "start"),
        ({"activity": ""}, "activity"),
        ({"host": ""}, "host"),
        ({"capacity": "0"}, "capacity"),
        ({"min_presence_percent": "101"}, "min_presence_percent"),
        ({"addresses": "ange@example.org\nluca@example\nbruna@example.org"}, "addresses"),
        ({"schedule": None, "draft": "", "addresses": "ange@example.org"}, "addresses"),
        ({"addresses": "\n".join(f"p{n}@example.org" for n in range(301))}, "addresses"),
        ({"title_fr": "x" * 201}, "title_fr"),
    ],
)
def test_a_refusal_stands_at_its_field_and_nothing_typed_is_lost(client, elia, typed, field):
    cast.signed_in(client, elia)
    given = planned(elia, summary_it="Un riassunto <b>", **typed)
    response = client.post(reverse("plan"), given)
    assert at_field(response, field)
    page = response.content.decode()
    assert not Session.objects.exists()
    assert not Letter.objects.exists()
    assert "Un riassunto &lt;b&gt;" in page
    for name in ("title_fr", "title_it", "date", "start", "end", "start_2", "place", "capacity"):
        if given.get(name):
            assert str(given[name]) in page, name
    for line in given.get("addresses", "").splitlines():
        assert line in page
    assert f'href="#id_{field}"' in page, "the summary leads there"


def test_faults_of_several_fields_are_said_at_once(client, elia):
    cast.signed_in(client, elia)
    typed = planned(elia, end="13:30", title_it="", is_public="on", mode="hybrid", addresses="nobody")
    errors = client.post(reverse("plan"), typed).context["form"].errors
    assert set(errors) == {"end", "title_it", "place", "addresses"}


def test_the_line_of_a_bad_address_is_named(client, elia):
    cast.signed_in(client, elia)
    typed = planned(elia, addresses="ange@example.org\nluca@example")
    with_fault = at_field(client.post(reverse("plan"), typed, headers={"accept-language": "en"}), "addresses")
    assert with_fault == "Line 2, “luca@example”: a dot is missing after “example”."


def test_a_past_date_that_is_meant_is_kept(client, elia):
    cast.signed_in(client, elia)
    assert (
        client.post(reverse("plan"), planned(elia, date="2020-03-11", is_past_meant="on")).status_code == 302
    )
    assert Session.objects.get().starts_at.year == 2020


def test_hours_are_those_of_the_zone_that_was_chosen(client, elia):
    cast.signed_in(client, elia)
    client.post(reverse("plan"), planned(elia, date="2027-07-01"))
    assert Session.objects.get().starts_at.isoformat() == "2027-07-01T12:00:00+00:00"


def test_a_participant_may_not_plan(client, ange):
    assert cast.signed_in(client, ange).get(reverse("plan")).status_code == 404
    assert Client().get(reverse("plan")).status_code == 302


# --- The page of a session ----------------------------------------------------------------------------------------


def test_the_page_speaks_both_languages_and_names_the_zone(client, elia):
    session = cast.make_session(elia, datetime(2027, 3, 11, 14), is_public=True, timezone="Europe/Rome")
    page = see(client, session)
    assert '<p class="other" lang="it">Le parole del lavoro sociale</p>' in page
    assert "heure de Rome (UTC+1)" in page
    assert "Elia Prova" in page
    assert elia.email not in page


def test_a_foreign_code_answers_as_an_absent_one(client, elia, stranger):
    session = cast.make_session(elia)
    cast.signed_in(client, stranger)
    answers = [client.get(f"/sessions/{code}/") for code in (session.code, "aaaaaaaaaaaa")]
    assert [answer.status_code for answer in answers] == [404, 404]
    bodies = [re.sub(r'value="[^"]*"', "", answer.content.decode()) for answer in answers]
    assert bodies[0].replace(session.code, "") == bodies[1].replace("aaaaaaaaaaaa", "")


def test_each_reader_finds_one_filled_button_for_what_she_came_for(client, elia, ange, bruna, clock):
    session = cast.make_session(elia, is_public=True)
    at = {
        name: reverse(name, args=[session.code])
        for name in ("session-people", "session-host", "session-room", "session-sheet", "session-feedback")
    }

    def offer(person: Person) -> str:
        page = see(cast.signed_in(Client(), person), session)
        found = re.findall(r'<a class="button go[^"]*" href="([^"]+)"', page)
        found += re.findall(r'<button class="button go"[^>]*value="yes"()', page)[:1]
        assert len(found) <= 1
        return found[0] if found else "none"

    assert filled(see(client, session)) == [], "a visitor is asked for nothing"
    assert offer(elia) == at["session-people"]
    first, _second = cast.invite(session, ange, bruna)
    assert offer(elia) == at["session-host"]
    assert offer(ange) == "", "the answer"
    invitations.answer(invitation=first, answer=Answer.YES)
    clock.at(session.starts_at - timedelta(minutes=10))
    session.refresh_from_db()
    assert offer(ange) == at["session-room"]
    sessions.open_(session=session, by=elia)
    rooms.enter_video(session=session, person=ange, connection=uuid.uuid4(), event=uuid.uuid4())
    clock.at(session.ends_at)
    sessions.close(session=session, by=elia)
    session.refresh_from_db()
    assert offer(elia) == at["session-sheet"]
    assert offer(ange) == at["session-feedback"]
    assert offer(bruna) == "none"
    assert attendance.people_present(session) == [ange.pk]


def test_a_host_is_told_when_one_country_organises_alone(client, elia, camille):
    alone = cast.make_session(elia)
    cast.signed_in(client, elia)
    assert 'class="notice care"' in see(client, alone)
    joint = cast.make_session(elia, organisers=[camille.organisation])
    assert 'class="notice care"' not in see(client, joint)
    visitors = cast.make_session(elia, is_public=True)
    assert 'class="notice care"' not in see(Client(), visitors)


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_asks_the_database_as_often_for_many_as_for_one(client, elia, camille, count):
    names = ["a", "b", "c"][:count]
    people = [cast.person(name, f"Person {name}", Role.SPEAKER, "FR", f"org-{name}") for name in names]
    session = cast.make_session(elia, is_public=True, team=[(one, Role.SPEAKER) for one in people])
    cast.signed_in(client, elia)
    see(client, session)
    with CaptureQueriesContext(connection) as asked:
        see(client, session)
    assert len(asked) == 12


# --- Changing -----------------------------------------------------------------------------------------------------


def test_a_moved_session_keeps_what_was_not_touched_and_tells_everybody(client, elia, ange):
    session = cast.make_session(elia, timezone="Europe/Rome")
    cast.invite(session, ange)
    Letter.objects.update(state=LetterState.SENT)
    cast.signed_in(client, elia)
    address = reverse("session-move", args=[session.code])
    assert client.get(address).context["letters"] == 1
    response = client.post(address, moved(), follow=True, headers={"accept-language": "en"})
    assert [str(one) for one in response.context["messages"]] == [
        "Moved: Thursday 11 March 2027, 14:00. One letter is on its way."
    ]
    session.refresh_from_db()
    assert (session.sequence, session.starts_at.isoformat()) == (1, "2027-03-11T13:00:00+00:00")


def test_moving_to_the_same_hours_changes_nothing(client, elia):
    session = cast.make_session(elia, datetime(2027, 3, 11, 14), timezone="Europe/Rome")
    cast.signed_in(client, elia)
    client.post(reverse("session-move", args=[session.code]), moved())
    session.refresh_from_db()
    assert session.sequence == 0


def test_a_session_of_several_days_moves_day_by_day(client, elia):
    parts = [(datetime(2027, 3, day, 9), datetime(2027, 3, day, 12)) for day in (10, 11, 12)]
    session = cast.make_session(elia, slots=parts, timezone="Europe/Rome")
    cast.signed_in(client, elia)
    address = reverse("session-move", args=[session.code])
    shown = client.get(address).context["form"]
    typed = {name: field.value() for name, field in ((b.name, b) for b in shown) if field.value() is not None}
    typed["date_3"] = "2027-03-15"
    assert client.post(address, {k: v for k, v in typed.items() if v is not False}).status_code == 302
    days = [moments.local(slot.starts_at, "Europe/Rome").day for slot in session.slots.all()]
    assert days == [10, 11, 15]


def test_a_refused_move_stands_at_its_field(client, elia):
    session = cast.make_session(elia)
    cast.signed_in(client, elia)
    response = client.post(reverse("session-move", args=[session.code]), moved(end="13:00", place="Cuneo"))
    assert at_field(response, "end")
    assert 'value="Cuneo"' in response.content.decode()


def test_new_words_write_letters_and_a_new_number_of_places_does_not(client, elia, ange):
    session = cast.make_session(elia)
    cast.invite(session, ange)
    Letter.objects.update(state=LetterState.SENT)
    cast.signed_in(client, elia)
    address = reverse("session-edit", args=[session.code])
    typed = {k: v for k, v in planned(elia).items() if k not in ("host", "trainer", "date", "start", "end")}
    client.post(address, typed | {"capacity": "12"})
    session.refresh_from_db()
    assert (session.capacity, session.sequence, Letter.objects.filter(kind="update").count()) == (12, 0, 0)
    client.post(address, typed | {"capacity": "12", "title_fr": "D’autres mots"})
    session.refresh_from_db()
    assert (session.sequence, Letter.objects.filter(kind="update").count()) == (1, 1)


def test_making_public_asks_for_the_second_title(client, elia):
    session = cast.make_session(elia, title_it="")
    cast.signed_in(client, elia)
    response = client.post(
        reverse("session-edit", args=[session.code]), planned(elia, title_it="", is_public="on")
    )
    assert at_field(response, "title_it")


def test_cancelling_is_asked_first(client, elia, ange):
    session = cast.make_session(elia)
    cast.invite(session, ange)
    cast.signed_in(client, elia)
    address = reverse("session-cancel", args=[session.code])
    assert client.get(address).context["letters"] == 1
    session.refresh_from_db()
    assert session.state == State.SCHEDULED
    client.post(address)
    session.refresh_from_db()
    assert session.state == State.CANCELLED
    assert client.post(address, follow=True).status_code == 200, "a second time: said, not broken"


@pytest.mark.parametrize("name", ["session-edit", "session-move", "session-cancel"])
def test_a_member_changes_nothing(client, elia, ange, name):
    session = cast.make_session(elia)
    cast.invite(session, ange)
    cast.signed_in(client, ange)
    assert client.get(reverse(name, args=[session.code])).status_code == 404
    assert (
        cast.signed_in(Client(), elia, invited=True).post(reverse(name, args=[session.code])).status_code
        == 404
    )


def test_the_lists_of_the_form_are_read_once_however_long(client, elia):
    cast.signed_in(client, elia)
    counts = []
    for number in range(2):
        with CaptureQueriesContext(connection) as asked:
            client.get(reverse("plan"))
        counts.append(len(asked))
        for each in range(3):
            cast.person(f"t{number}{each}", "Some Body", Role.TRAINER, "FR", f"org-{number}{each}")
    assert counts[0] == counts[1]
    assert Organisation.objects.count() > 3
    assert Activity.objects.count() == 0
