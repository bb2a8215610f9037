"""Somebody in her place, on the pages: what she types is kept, what she sees is little, a host decides by a click."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session as Cookie
from django.core.cache import caches
from django.test import Client
from django.urls import reverse
from django.utils import translation

from seminars.actions import answers, invitations, sessions, substitutions
from seminars.models import Invitation, Letter, Person, Session, Substitution
from seminars.vocabulary import Answer, LetterState
from tests import cast
from web.access import LEVEL

pytestmark = pytest.mark.django_db
ENGLISH = {"accept-language": "en"}
TYPED = {
    "instead-name": "Nuova Persona",
    "instead-email": "nuova@example.org",
    "instead-language": "it",
    "instead-note": "Une collègue",
}


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
    caches["shared"].clear()


@pytest.fixture
def invitation(elia: Person, ange: Person) -> Invitation:
    return cast.invite(cast.make_session(elia), ange)[0]


def link(invitation: Invitation, name: str = "invitation") -> str:
    return reverse(name, args=[invitation.token])


def propose(client: Client, invitation: Invitation, **other: str) -> Any:
    typed = TYPED | {f"instead-{name}": value for name, value in other.items()}
    address = link(invitation, "invitation-instead")
    return client.post(address, typed, follow=True, headers=ENGLISH)


def decision(session: Session, name: str, asked: str) -> str:
    return reverse(f"substitution-{name}", args=[session.code, asked])


def said(response: Any) -> str:
    return " ".join(map(str, response.context["messages"]))


# --- She who asks -------------------------------------------------------------------------------------------------


def test_she_proposes_somebody_and_takes_it_back(client, invitation):
    client.cookies["django_language"] = "en"
    response = propose(client, invitation)
    assert response.redirect_chain == [(link(invitation), 302)]
    assert "It is asked: Nuova Persona in your place." in said(response)
    assert client.session[LEVEL] == "invited"
    page = response.content.decode()
    assert link(invitation, "invitation-instead-back") in page
    assert 'name="instead-email"' not in page, "one request at a time"
    assert "nuova@example.org" not in page, "who has the link sees no address"
    response = client.post(link(invitation, "invitation-instead-back"), follow=True)
    assert "taken back" in said(response)
    assert 'name="instead-email"' in response.content.decode()
    assert not Substitution.objects.exists()


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        (
            {"email": "nuova@example"},
            "email",
            "This address can't be used: a dot is missing after “example”.",
        ),
        ({"email": "ange@example.org"}, "email", "This is your own address."),
        ({"email": ""}, "email", "Write the mail address"),
        ({"email": "x@example.org, y@example.org"}, "email", "Write one mail address"),
        ({"name": ""}, "name", "Write the name"),
        ({"name": "n" * 121}, "name", "120"),
        ({"note": "n" * 301}, "note", "300"),
        ({"email": f"{'x' * 250}@example.org"}, "email", "254"),
        ({"language": "de"}, "language", "de"),
        ({"name": "Nu\x00ova"}, "name", "Null"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_nothing_typed_is_lost(
    client, invitation, typed, field, words
):
    client.cookies["django_language"] = "en"
    response = propose(client, invitation, **typed)
    assert response.status_code == 422
    form = response.context["instead_form"]
    with translation.override("en"):  # some sentences are translated when they are read
        assert words in " ".join(form.errors[field])
    page = response.content.decode()
    assert "<details open>" in page
    kept = TYPED | {f"instead-{name}": value for name, value in typed.items()}
    for name in ("instead-name", "instead-email", "instead-note"):
        assert form[name.removeprefix("instead-")].value() == kept[name]
    assert not Substitution.objects.exists()
    assert "sessionid" not in client.cookies, "only what is kept makes her known"


def test_a_forwarded_link_does_not_find_out_who_is_invited(client, invitation, bruna):
    cast.invite(invitation.session, bruna)
    answers_of = {}
    for email in (bruna.email, "nobody@example.org"):
        response = propose(client, invitation, email=email)
        page = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", response.content.decode())
        answers_of[email] = response.status_code, response.redirect_chain, page
        client.post(link(invitation, "invitation-instead-back"), follow=True)
    assert answers_of[bruna.email][:2] == (200, [(link(invitation), 302)])
    assert answers_of[bruna.email] == answers_of["nobody@example.org"]


def test_a_host_is_told_that_the_proposed_person_is_invited_already(client, invitation, elia, bruna):
    cast.invite(invitation.session, bruna)
    asked = substitutions.ask(invitation=invitation, name="Bruna", email=bruna.email)
    cast.signed_in(client, elia)
    client.cookies["django_language"] = "en"
    page = client.get(reverse("session-people", args=[invitation.session.code])).content.decode()
    assert "This person is invited already" in page
    told = said(client.post(decision(invitation.session, "confirm", asked.code), follow=True))
    assert told == "Bruna Schizzo was invited already. Ange Esquisse is excused, and gets a letter."


def test_what_was_asked_for_an_earlier_date_says_so_to_her_and_to_the_host(client, invitation, elia):
    substitutions.ask(invitation=invitation, name="Nuova Persona", email="nuova@example.org")
    client.cookies["django_language"] = "en"
    session = invitation.session
    host = cast.signed_in(Client(), elia)
    host.cookies["django_language"] = "en"
    people = reverse("session-people", args=[session.code])
    for is_moved in (False, True):
        assert ("You asked for an earlier date" in client.get(link(invitation)).content.decode()) == is_moved
        assert ("Asked for an earlier date" in host.get(people).content.decode()) == is_moved
        later = session.starts_at.replace(tzinfo=None) + timedelta(days=2)
        sessions.move(session=session, by=elia, slots=[(later, later + timedelta(hours=1))])


def test_a_declined_person_who_is_forgotten_is_named_no_more(client, invitation, elia):
    client.cookies["django_language"] = "en"
    asked = substitutions.ask(invitation=invitation, name="Nuova Persona", email="nuova@example.org")
    substitutions.decline(substitution=asked, by=elia)
    Letter.objects.update(state=LetterState.SENT)
    substitutions.forget()
    page = client.get(link(invitation)).content.decode()
    assert "Declined: nobody comes in your place. You stay invited." in page


def test_asking_and_taking_back_ends_after_ten(client, invitation):
    statuses = [propose(client, invitation, email="ange@example.org").status_code for _ in range(11)]
    assert statuses == [422] * 10 + [429]
    (other,) = cast.invite(invitation.session, cast.person("cyrille", "Cyrille Croquis"))
    assert propose(Client(), other).status_code == 200, "nobody else waits for it"


def test_after_the_start_nobody_is_proposed(client, invitation, clock):
    clock.at(invitation.session.starts_at)
    assert 'name="instead-email"' not in client.get(link(invitation)).content.decode()
    response = propose(client, invitation)
    assert response.status_code == 422
    assert response.context["instead_form"].non_field_errors()
    assert "nuova@example.org" in response.content.decode(), "what she typed is still there"


def test_she_reads_what_was_decided(client, invitation, elia):
    client.cookies["django_language"] = "en"
    asked = substitutions.ask(invitation=invitation, name="Nuova Persona", email="nuova@example.org")
    substitutions.decline(substitution=asked, by=elia)
    page = client.get(link(invitation)).content.decode()
    assert "Declined: Nuova Persona does not come in your place." in page
    assert 'name="instead-email"' in page
    asked = substitutions.ask(invitation=invitation, name="Nuova Persona", email="nuova@example.org")
    substitutions.confirm(substitution=asked, by=elia)
    page = client.get(link(invitation)).content.decode()
    assert "Nuova Persona comes in your place. There is nothing more to do." in page


def test_a_proposal_by_somebody_signed_in_leaves_the_browser_as_it_was(client, invitation, dominique):
    cast.signed_in(client, dominique)
    propose(client, invitation)
    assert Substitution.objects.get().invitation == invitation
    assert Person.objects.get(pk=client.session["_auth_user_id"]) == dominique


# --- The host -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "answer"), [("confirm", "no"), ("decline", "yes")])
def test_a_host_decides_by_a_click(client, invitation, elia, name, answer):
    answers.answer(invitation=invitation, answer=Answer.YES)
    asked = substitutions.ask(invitation=invitation, name="Nuova Persona", email="nuova@example.org")
    session = invitation.session
    cast.signed_in(client, elia)
    client.cookies["django_language"] = "en"
    address = decision(session, name, asked.code)
    assert client.get(address).status_code == 405
    response = client.post(address, follow=True)
    assert response.redirect_chain == [(reverse("session-people", args=[session.code]), 302)]
    assert ("invited in the place of Ange Esquisse" in said(response)) == (name == "confirm")
    invitation.refresh_from_db()
    assert invitation.answer == answer
    letters = Letter.objects.count()
    assert "decided or taken back already" in said(client.post(address, follow=True)), "a second click"
    assert Letter.objects.count() == letters


def test_the_people_page_shows_who_is_proposed_and_the_two_buttons(client, invitation, elia):
    given = {"name": "Nuova <Persona>", "email": "nuova@example.org", "note": "Une <collègue>"}
    asked = substitutions.ask(invitation=invitation, **given)
    cast.signed_in(client, elia)
    people = reverse("session-people", args=[invitation.session.code])
    page = client.get(people).content.decode()
    for name in ("confirm", "decline"):
        assert f'method="post" action="{decision(invitation.session, name, asked.code)}"' in page
    assert "Nuova &lt;Persona&gt;, nuova@example.org (Français)" in page
    assert "Une &lt;collègue&gt;" in page
    substitutions.decline(substitution=asked, by=elia)
    assert "nuova@example.org" not in client.get(people).content.decode()


def test_a_request_of_another_session_and_one_that_is_none_answer_alike(client, invitation, elia, bruna):
    asked = substitutions.ask(invitation=invitation, name="Nuova Persona", email="nuova@example.org")
    other = cast.make_session(elia)
    cast.signed_in(client, elia)
    foreign = client.post(decision(other, "confirm", asked.code))
    absent = client.post(decision(other, "confirm", "zzzzzzzzzzzz"))
    assert (foreign.status_code, absent.status_code) == (404, 404)
    assert len(foreign.content) == len(absent.content)
    assert Substitution.objects.get().decided_at is None


def test_only_a_host_decides_and_no_weak_session(client, invitation, elia, ange, stranger):
    asked = substitutions.ask(invitation=invitation, name="Nuova Persona", email="nuova@example.org")
    address = decision(invitation.session, "confirm", asked.code)
    for who in (ange, stranger):
        assert cast.signed_in(Client(), who).post(address).status_code == 404
    weak = cast.signed_in(Client(), elia, invited=True).post(address)
    assert weak.url.startswith("/sign-in/")
    assert Client().post(address).status_code == 302
    strict = Client(enforce_csrf_checks=True)
    assert cast.signed_in(strict, elia).post(address).status_code == 403
    assert Substitution.objects.get().decided_at is None


def test_what_waits_for_a_decision_stands_on_her_day(client, invitation, elia, ange):
    cast.signed_in(client, elia)
    client.cookies["django_language"] = "en"
    asked = substitutions.ask(invitation=invitation, name="Nuova Persona", email="nuova@example.org")
    people = reverse("session-people", args=[invitation.session.code])
    page = client.get(reverse("today")).content.decode()
    assert "1 substitution waits for your decision" in page
    assert f'href="{people}"' in page
    substitutions.decline(substitution=asked, by=elia)
    assert "waits for your decision" not in client.get(reverse("today")).content.decode()


# --- Machines that open links -------------------------------------------------------------------------------------

OWN = (
    "invitation",
    "invitation-instead",
    "invitation-instead-back",
    "invitation-dates",
    "invitation-language",
)


@pytest.mark.parametrize("method", ["get", "head"])
@pytest.mark.parametrize("name", OWN)
def test_a_machine_that_opens_a_link_changes_nothing_and_gets_no_session(invitation, name, method):
    substitutions.ask(invitation=invitation, name="Nuova Persona", email="nuova@example.org")
    before = [list(model.objects.values()) for model in (Invitation, Person, Substitution, Letter)]
    client = Client()
    response = getattr(client, method)(link(invitation, name), TYPED | {"answer": "no"}, follow=True)
    assert response.status_code == 200
    assert [list(model.objects.values()) for model in (Invitation, Person, Substitution, Letter)] == before
    assert "sessionid" not in client.cookies
    assert not Cookie.objects.exists()


@pytest.mark.parametrize("name", OWN[1:])
def test_a_click_elsewhere_on_the_web_does_nothing(invitation, name):
    strict = Client(enforce_csrf_checks=True)
    typed = TYPED | {"own-language": "it", "own-timezone": "Europe/Rome", "date": invitation.code}
    assert strict.post(link(invitation, name), typed).status_code == 403
    assert (Substitution.objects.count(), Person.objects.get(key="ange").language) == (0, "fr")


@pytest.mark.parametrize("name", OWN)
def test_a_withdrawn_link_says_so_and_a_guessed_one_nothing(client, invitation, elia, name):
    token = invitation.token
    guessed = reverse(name, args=[f"{invitation.code}.AAAAAAAAAAAAAAAAAAAAAAAAAAA"])
    for act in (client.get, client.post):
        assert act(guessed).status_code == 404
    invitations.withdraw(invitation=invitation, by=elia)
    for act in (client.get, client.post):
        if name != "invitation" or act == client.get:
            assert act(reverse(name, args=[token])).status_code == 410


def test_no_script_sends_her_forms(client, invitation):
    """A scanner that runs scripts finds forms only, none of which sends itself."""
    page = client.get(link(invitation)).content.decode()
    assert page.count("<form") >= 3
    assert "data-auto" not in page
    assert "onload" not in page
    assert "http-equiv" not in page
