"""Pages that only inform, and the door of the demonstration, which exists in a demonstration only."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from seminars.models import Person
from tests.cast import make_session, signed_in
from web.purposes import PURPOSES


@pytest.fixture
def demonstration(settings: Any) -> None:
    settings.DEMO = True


@pytest.mark.parametrize("name", ["accessibility", "privacy", "help"])
@pytest.mark.parametrize("language", ["fr", "it", "en"])
def test_pages_that_inform_are_open_to_everybody(client: Client, db: None, name: str, language: str) -> None:
    client.cookies["django_language"] = language
    response = client.get(reverse(name))
    assert (response.status_code, response.headers["Content-Language"]) == (200, language)
    assert client.post(reverse(name)).status_code == 405


def test_nothing_is_claimed_before_an_audit(client: Client, db: None) -> None:
    client.cookies["django_language"] = "en"
    page = client.get(reverse("accessibility")).content.decode()
    assert "Not audited, and therefore: not conforming." in page
    assert "Conforming, as its audit found." not in page
    assert "Défenseur des droits" in page
    assert "Difensore civico per il digitale" in page


def test_the_notice_shows_every_purpose_and_partner(client: Client, elia: Person, settings: Any) -> None:
    make_session(elia)
    client.cookies["django_language"] = "it"
    page = client.get(reverse("privacy")).content.decode()
    assert page.count('<th scope="row">') == len(PURPOSES)
    assert "Organizzazione it-coop" in page
    assert settings.CONTACT["email"] in page


@pytest.mark.parametrize("known", [False, True])
def test_outside_a_demonstration_its_door_does_not_exist(client: Client, elia: Person, known: bool) -> None:
    if known:
        signed_in(client, elia)
    else:
        client.logout()
    assert client.get(reverse("demo")).status_code == 404
    assert client.post(reverse("demo-enter", args=["dominique"])).status_code == 404


@pytest.mark.usefixtures("demonstration")
def test_the_demonstration_shows_its_people_by_side(
    client: Client, elia: Person, dominique: Person, ange: Person
) -> None:
    make_session(elia)
    page = client.get(reverse("demo")).content.decode()
    assert page.count("button go") == 1
    assert page.index("Dominique Modele") < page.rindex("Elia Prova")
    assert all(reverse("demo-enter", args=[one.key]) in page for one in (elia, dominique, ange))


@pytest.mark.usefixtures("demonstration", "db")
def test_an_empty_demonstration_says_how_to_fill_it(client: Client) -> None:
    assert "manage.py demo" in client.get(reverse("demo")).content.decode()


@pytest.mark.usefixtures("demonstration")
def test_one_press_enters_the_demonstration_as_somebody(client: Client, elia: Person) -> None:
    address = reverse("demo-enter", args=["elia"])
    assert client.get(address).status_code == 405
    assert client.post(address).headers["Location"] == reverse("today")
    assert client.get(reverse("account")).status_code == 200


@pytest.mark.usefixtures("demonstration")
def test_nobody_enters_as_somebody_suspended(client: Client, elia: Person) -> None:
    Person.objects.update(is_active=False)
    assert client.post(reverse("demo-enter", args=["elia"])).status_code == 404
