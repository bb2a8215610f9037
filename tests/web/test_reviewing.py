"""What the review and the list of people say of each: names typed beside addresses, doubles, letters by their kind."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from seminars.models import Letter, Person, Session
from seminars.vocabulary import LetterKind, LetterState
from tests import cast
from tests.web.forms import acquainted, filled, sent

pytestmark = pytest.mark.django_db
EN = {"headers": {"accept-language": "en"}}


@pytest.fixture
def session(elia: Person, client: Client) -> Session:
    cast.signed_in(client, elia)
    return cast.make_session(elia)


def people(session: Session) -> str:
    return reverse("session-people", args=[session.code])


def send(session: Session) -> str:
    return reverse("session-invite", args=[session.code])


def name(client, session, text=""):
    return client.post(people(session), {"addresses": text}, **EN)


def asked(page):
    """The fields for names, with what stands in them."""
    return dict(re.findall(r'name="(name-\d+)" value="([^"]*)"', page.content.decode()))


# --- Names --------------------------------------------------------------------------------------------------------


def test_who_is_new_and_without_a_name_gets_a_field_for_one(client, session, elia, ange):
    acquainted(elia, ange)
    page = name(client, session, "ange@example.org, Cy Do <cy@x.org>, info@x.it, anna.rossi@x.it")
    assert asked(page) == {"name-3": "", "name-4": "Anna Rossi"}
    assert "The letter greets “info”. Another name?" in page.content.decode()
    client.post(send(session), sent(page) | {"name-3": " D'Amico,  Gesù ", "name-4": "Anna Rossi"})
    named = dict(session.invitations.values_list("person__email", "person__name"))
    assert named["info@x.it"] == "D'Amico, Gesù", "as typed"
    assert named["anna.rossi@x.it"] == "Anna Rossi"


def test_a_field_left_empty_leaves_the_address_as_it_is(client, session):
    page = name(client, session, "personne@x.fr")
    client.post(send(session), sent(page) | {"name-1": " "})
    assert session.invitations.get().person.name == "personne"


def test_a_typed_name_stays_in_its_field_when_the_page_comes_back(client, session):
    given = sent(name(client, session, "info@x.it")) | {"name-1": "Gesù Do"}
    again = client.post(send(session), given | {"again": "1", "addresses": "more@x.it"}, **EN)
    assert asked(again) == {"name-1": "Gesù Do", "name-2": ""}
    refused = client.post(send(session), sent(again) | {"to": [], "name-1": "Gesù Do", "name-2": ""}, **EN)
    assert refused.status_code == 422
    assert asked(refused) == {"name-1": "Gesù Do", "name-2": ""}


def test_nobody_who_is_known_is_renamed_by_a_field_that_the_page_does_not_have(client, session, elia, ange):
    acquainted(elia, ange)
    given = sent(name(client, session, "ange@example.org, new@x.org"))
    client.post(send(session), given | {"name-1": "Somebody Else"})
    ange.refresh_from_db()
    assert ange.name == "Ange Esquisse"


def test_two_of_one_name_are_told_apart_by_their_addresses(client, session):
    page = name(client, session, "Personne <a@x.fr>, Personne <b@x.fr>, Ada Bo <ada@x.fr>")
    labels = re.findall(r"Language of the letter to ([^<]+)<", page.content.decode())
    assert labels == ["Personne, a@x.fr", "Personne, b@x.fr", "Ada Bo"]
    client.post(send(session), sent(page))
    listed = client.get(people(session), **EN).content.decode()
    found = set(re.findall(r'aria-label="Withdraw ([^"]+)"', listed))
    assert found == {"Personne, a@x.fr", "Personne, b@x.fr", "Ada Bo"}


# --- What is told -------------------------------------------------------------------------------------------------


def test_an_address_with_an_at_in_brackets_is_told_and_seen_first(client, session, elia, ange):
    acquainted(elia, ange)
    page = name(client, session, "ange(at)example.org")
    assert "“ange(at)example.org” was read as ange@example.org." in page.content.decode()
    assert not Letter.objects.exists(), "known and faultless, and yet reviewed"


def test_links_to_a_preview_lead_to_the_letter(client, session, ange):
    address = reverse("session-letters-preview", args=[session.code])
    page = name(client, session, "new@example.org").content.decode()
    for language in ("fr", "it", "en"):
        assert f"{address}?kind=invitation&amp;language={language}#letter" in page
    cast.invite(session, ange)
    assert f"{address}?kind=asking#letter" in client.get(people(session), **EN).content.decode()


# --- The list of people -------------------------------------------------------------------------------------------


def test_the_letter_is_named_in_every_state(client, session, ange):
    (invitation,) = cast.invite(session, ange)
    assert "Invitation: waiting to leave" in client.get(people(session), **EN).content.decode()
    Letter.objects.filter(invitation=invitation).update(kind=LetterKind.UPDATE, state=LetterState.SENT)
    assert "Update: sent" in client.get(people(session), **EN).content.decode()


def test_answers_come_first_once_somebody_is_invited(client, session, ange):
    empty = client.get(people(session), **EN).content.decode()
    assert empty.index('name="addresses"') < empty.index('id="answers"')
    assert "Invite more people" not in empty
    cast.invite(session, ange)
    page = client.get(people(session), **EN).content.decode()
    assert page.index('id="answers"') < page.index("Invite more people") < page.index('name="addresses"')
    assert page.count('name="addresses"') == 1
    faulty = name(client, session, "not an address")
    assert faulty.status_code == 422
    page = faulty.content.decode()
    assert page.index('name="addresses"') < page.index('id="answers"'), "what is to be corrected is in sight"
    assert filled(page) == ["Invite"]


def test_only_ways_that_there_are_are_promised(client, session, elia, ange):
    page = client.get(people(session), **EN).content.decode()
    assert "<summary>A list as a file</summary>" in page
    acquainted(elia, ange)
    page = client.get(people(session), **EN).content.decode()
    assert "<summary>A list as a file, an earlier session</summary>" in page
