"""Planning a session on one page: what is refused stands at its field, and nothing typed is lost."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from seminars.models import Letter, Session
from seminars.vocabulary import Role, State
from tests import cast
from tests.web.forms import at_field, filled, planned, see

pytestmark = pytest.mark.django_db


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


def test_a_placement_gets_its_tutor_on_the_same_page(client, elia):
    cast.signed_in(client, elia)
    tutor = cast.person("tutor", "Teo Tutore", Role.PLACEMENT_TUTOR, "IT", "it-coop")
    client.post(reverse("plan"), planned(elia, tutor=tutor.pk, kind="immersion_placement"))
    team = Session.objects.get().team.values_list("person__key", "role")
    assert set(team) == {("elia", "trainer"), ("tutor", "placement_tutor")}


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


def test_the_tick_for_the_past_is_asked_only_when_the_past_was_refused(client, elia):
    cast.signed_in(client, elia)
    tick = 'name="is_past_meant"'
    assert tick not in client.get(reverse("plan")).content.decode()
    assert tick not in client.post(reverse("plan"), planned(elia, end="13:00")).content.decode()
    assert tick in client.post(reverse("plan"), planned(elia, date="2020-03-11")).content.decode()
    ticked = planned(elia, date="2020-03-11", is_past_meant="on", activity="")
    assert tick in client.post(reverse("plan"), ticked).content.decode()


def test_what_is_missing_is_asked_for_in_our_words(client, elia):
    cast.signed_in(client, elia)
    empty = dict.fromkeys(("activity", "date", "start", "end", "host", "mode", "timezone", "kind"), "")
    typed = planned(elia, **empty) | {"languages": []}
    errors = client.post(reverse("plan"), typed).context["form"].errors
    with translation.override("en"):
        said = {name: " ".join(lines) for name, lines in errors.items()}
    assert (said["activity"], said["date"]) == ("Choose an activity.", "Give the date.")
    assert [name for name, words in said.items() if "required" in words] == []
    assert set(said) == {*empty, "languages"}


def test_hours_are_those_of_the_zone_that_was_chosen(client, elia):
    cast.signed_in(client, elia)
    client.post(reverse("plan"), planned(elia, date="2027-07-01"))
    assert Session.objects.get().starts_at.isoformat() == "2027-07-01T12:00:00+00:00"


def test_a_participant_may_not_plan(client, ange):
    assert cast.signed_in(client, ange).get(reverse("plan")).status_code == 404
    assert Client().get(reverse("plan")).status_code == 302
