"""Somebody comes in her place: her pages say so and ask nothing, and the list of people names who it is."""

from datetime import timedelta

import pytest
from django.urls import reverse

from seminars.actions import answers, invitations, sessions, substitutions
from seminars.models import Invitation, Person
from seminars.vocabulary import Answer
from tests import cast

pytestmark = pytest.mark.django_db
WORDS = "Piero Vera comes in your place. There is nothing more to do."


@pytest.fixture
def anna(elia: Person, ange: Person) -> Invitation:
    (made,) = cast.invite(cast.make_session(elia), ange)
    answers.answer(invitation=made, answer=Answer.YES)
    asked = substitutions.ask(invitation=made, name="Piero Vera", email="piero@example.org")
    substitutions.confirm(substitution=asked, by=elia)
    made.refresh_from_db()
    return made


@pytest.fixture(autouse=True)
def _in_english(client):
    client.cookies["django_language"] = "en"


def move(invitation: Invitation, by: Person) -> None:
    later = invitation.session.starts_at.replace(tzinfo=None) + timedelta(days=1)
    sessions.move(session=invitation.session, by=by, slots=[(later, later + timedelta(hours=1))])


@pytest.mark.parametrize("is_moved", [False, True])
def test_her_page_asks_nothing_more(client, anna, elia, is_moved):
    if is_moved:
        move(anna, elia)
    page = client.get(reverse("invitation", args=[anna.token])).content.decode()
    assert page.count(WORDS) == 1
    assert "Do you want to come again? Write to whoever organises it." in page
    for gone in ('name="answer"', 'name="instead-email"', "Confirmed:", "convocation.pdf", "button go"):
        assert gone not in page


def test_the_session_page_asks_her_nothing_either(client, anna):
    cast.signed_in(client, anna.person)
    page = client.get(reverse("session", args=[anna.session.code])).content.decode()
    assert WORDS in page
    assert 'name="answer"' not in page


def test_an_answer_from_a_page_of_before_is_refused_in_words(client, anna):
    response = client.post(reverse("invitation-answer", args=[anna.token]), {"answer": "yes"})
    assert response.status_code == 422
    assert "Write to whoever organises it." in response.content.decode()
    anna.refresh_from_db()
    assert anna.answer == Answer.NO


def test_she_may_answer_again_once_the_other_is_not_invited(client, anna, elia):
    invitations.withdraw(invitation=Invitation.objects.get(person__email="piero@example.org"), by=elia)
    page = client.get(reverse("invitation", args=[anna.token])).content.decode()
    assert 'name="answer"' in page
    assert "comes in your place" not in page


def test_the_list_of_people_names_who_comes_instead(client, anna, elia):
    move(anna, elia)
    cast.signed_in(client, elia)
    page = client.get(reverse("session-people", args=[anna.session.code])).content.decode()
    assert page.count("Replaced by Piero Vera") == 1
