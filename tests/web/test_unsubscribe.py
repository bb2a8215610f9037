"""Stopping letters by their link: looking changes nothing, one click does, for ever, without a browser too."""

import re
from typing import Any

import pytest
from django.core.cache import caches
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from seminars.actions import invitations, letters, unsubscribing
from seminars.models import Invitation, Letter, Session, Unsubscription
from seminars.queries.invited import guests
from seminars.queries.stopping import by_any_turn
from seminars.vocabulary import STOPPABLE, LetterKind
from tests import cast
from tests.letterbox import Letterbox

pytestmark = pytest.mark.django_db
ENGLISH = {"Accept-Language": "en"}
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture(autouse=True)
def fresh() -> Any:
    caches["shared"].clear()
    yield
    caches["shared"].clear()


@pytest.fixture
def session(elia) -> Session:
    return cast.make_session(elia)


@pytest.fixture
def invitation(session, ange) -> Invitation:
    return cast.invite(session, ange)[0]


def at(token: str, kind: str = "reminder") -> str:
    return reverse("invitation-stop", args=[token, kind])


def stopped() -> list[tuple[str, str]]:
    return sorted(Unsubscription.objects.values_list("person__key", "kind"))


def test_looking_says_which_letters_for_whom_and_changes_nothing(client, invitation, ange):
    response = client.get(at(invitation.token))
    page = response.content.decode()
    assert (response.status_code, response["Content-Language"]) == (200, "fr")
    assert ange.name in page
    assert ange.email not in page
    assert page.count(f'action="{at(invitation.token)}"') == page.count('name="stop"') == 1
    assert stopped() == []


@pytest.mark.parametrize("kind", STOPPABLE)
def test_one_click_of_a_mail_program_stops_one_kind(invitation, kind):
    program = Client(enforce_csrf_checks=True)
    for _ in range(2):
        response = program.post(at(invitation.token, kind), ONE_CLICK)
        assert (response.status_code, response["Content-Type"]) == (200, "text/plain; charset=utf-8")
        assert response.cookies == {}
    assert stopped() == [("ange", kind)]


def test_wrong_links_of_a_network_stop_no_good_click_from_there(invitation):
    wrong = [Client().post(at(f"{'a' * 12}-nobody{n}"), ONE_CLICK).status_code for n in range(25)]
    assert wrong == [404] * 20 + [429] * 5
    assert Client().post(at(invitation.token), ONE_CLICK).status_code == 200
    assert stopped() == [("ange", "reminder")]


@pytest.mark.parametrize("body", ["", "List-Unsubscribe=One-Click", "List-Unsubscribe=one-click&other=1"])
def test_the_click_may_come_in_any_body(invitation, body):
    response = Client(enforce_csrf_checks=True).post(
        at(invitation.token), body, content_type="application/x-www-form-urlencoded"
    )
    assert response.status_code == 200
    assert stopped() == [("ange", "reminder")]


def test_one_click_may_come_as_a_form_of_parts(invitation):
    """RFC 8058 3.2 names multipart/form-data first."""
    assert Client(enforce_csrf_checks=True).post(at(invitation.token), ONE_CLICK).status_code == 200
    assert stopped() == [("ange", "reminder")]


def test_the_button_stops_and_its_page_offers_the_way_back(invitation):
    browser = Client(enforce_csrf_checks=True, headers=ENGLISH)
    answer = browser.post(at(invitation.token), {"stop": "1"})
    assert (answer.status_code, answer["Location"]) == (303, at(invitation.token))
    page = browser.get(at(invitation.token)).content.decode()
    assert 'name="again"' in page and 'name="stop"' not in page
    assert stopped() == [("ange", "reminder")]
    assert browser.post(at(invitation.token), {"again": "1"}).status_code == 303
    assert stopped() == []
    assert 'name="stop"' in browser.get(at(invitation.token)).content.decode()


def test_a_mail_program_can_only_stop(invitation):
    unsubscribing.stop(person=invitation.person, kind=LetterKind.REMINDER)
    Client().post(at(invitation.token), ONE_CLICK | {"again": "1"})
    assert stopped() == [("ange", "reminder")]


def test_the_link_of_any_letter_works_for_ever(client, invitation, elia, ange, clock):
    first = invitation.token
    Letter.objects.update(state="sent")
    invitations.withdraw(invitation=invitation, by=elia)
    assert client.post(at(first), ONE_CLICK).status_code == 200
    cast.invite(invitation.session, ange)
    invitation.refresh_from_db()
    assert invitation.token != first
    clock.forward(days=800)
    for token in (first, invitation.token):
        Unsubscription.objects.all().delete()
        assert client.get(at(token)).status_code == 200
        assert client.post(at(token), ONE_CLICK).status_code == 200
        assert stopped() == [("ange", "reminder")]


def test_a_link_that_nobody_wrote_yet_opens_nothing(invitation):
    later = Invitation(code=invitation.code, turn=invitation.turn + 1).token
    assert by_any_turn(later) is None
    assert by_any_turn(invitation.token) == invitation


@pytest.mark.parametrize("method", ["get", "post"])
def test_unknown_link_unknown_kind_and_a_kind_she_must_read_answer_alike(client, invitation, method):
    token, ask = invitation.token, getattr(client, method)
    other = token[:-1] + ("A" if token[-1] != "A" else "B")
    places = [at(other), at("no.such"), at(token, "invitation"), at(token, "sign_in"), at(token, "nothing")]
    answers = [ask(place) for place in places]
    assert {answer.status_code for answer in answers} == {404}
    pages = {re.sub(r'value="[^"]*"', "", answer.content.decode()) for answer in answers}
    assert len(pages) == 1
    assert stopped() == []


def test_who_guesses_links_waits_and_good_clicks_never_count(client, invitation):
    for _ in range(30):
        assert client.post(at(invitation.token), ONE_CLICK).status_code == 200
    for _ in range(20):
        assert client.post(at("no.such"), ONE_CLICK).status_code == 404
    assert client.post(at("no.such"), ONE_CLICK).status_code == 429
    assert client.get(at(invitation.token)).status_code == 200


def test_a_click_signs_nobody_in(client, invitation):
    client.post(at(invitation.token), {"stop": "1"})
    assert client.get(reverse("today")).status_code == 302


def test_no_letter_of_that_kind_leaves_any_more_and_the_others_do(
    client, invitation, session, elia, settings, tmp_path
):
    box = Letterbox(settings, tmp_path)
    letters.publish(session=session, by=elia, text_fr="Un café ?")
    client.post(at(invitation.token, "message"), ONE_CLICK)
    assert [mail.method for mail in box.run()] == ["REQUEST"]
    letters.publish(session=session, by=elia, text_fr="Encore un ?")
    assert box.run() == []
    client.post(at(invitation.token, "message"), {"again": "1"})
    letters.publish(session=session, by=elia, text_fr="Et puis ?")
    assert len(box.run()) == 1


def test_the_people_page_knows_what_somebody_has_stopped(invitation, session, bruna):
    cast.invite(session, bruna)
    unsubscribing.stop(person=invitation.person, kind=LetterKind.FEEDBACK)
    unsubscribing.stop(person=invitation.person, kind=LetterKind.MESSAGE)
    found = {guest.invitation.person.key: guest.stopped for guest in guests(session)}
    assert found == {"ange": (LetterKind.MESSAGE, LetterKind.FEEDBACK), "bruna": ()}


def test_her_account_lists_what_she_stopped_and_gives_it_back(client, invitation, ange, bruna):
    unsubscribing.stop(person=ange, kind=LetterKind.REMINDER)
    unsubscribing.stop(person=bruna, kind=LetterKind.REMINDER)
    cast.signed_in(client, ange)
    page = client.get(reverse("account"), headers=ENGLISH).content.decode()
    assert reverse("letters-again") in page
    response = client.post(reverse("letters-again"), {"kind": "reminder"})
    assert (response.status_code, response["Location"]) == (302, f"{reverse('account')}#letters")
    assert stopped() == [("bruna", "reminder")]
    assert reverse("letters-again") not in client.get(reverse("account")).content.decode()
    for kind in ("invitation", "", "\x00"):
        assert client.post(reverse("letters-again"), {"kind": kind}).status_code == 404


def test_a_kind_she_must_read_is_never_stopped(ange):
    with pytest.raises(ValueError, match="can't be stopped"):
        unsubscribing.stop(person=ange, kind=LetterKind.CANCELLATION)


@pytest.mark.parametrize("count", [1, 20])
def test_guests_are_asked_for_in_four_queries(elia, count):
    session = cast.make_session(elia)
    people = [cast.person(f"pro{n}", f"Pro Number{n}") for n in range(count)]
    cast.invite(session, *people)
    unsubscribing.stop(person=people[0], kind=LetterKind.REMINDER)
    with CaptureQueriesContext(connection) as asked:
        found = guests(session)
        assert [(guest.letter, guest.kind, len(guest.invitation.person.name) > 0) for guest in found] == [
            ("pending", "invitation", True)
        ] * count
    assert len(asked) == 4
