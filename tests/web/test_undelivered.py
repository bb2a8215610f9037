"""Letters that did not arrive: hosts see whom, why and since when, and send them again; nobody else sees anything."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from seminars.actions import invitations
from seminars.models import Invitation, Letter, Person, Session
from seminars.queries.day import day_of
from seminars.vocabulary import LetterState, Role
from tests import cast

pytestmark = pytest.mark.django_db
ENGLISH = {"Accept-Language": "en"}


@pytest.fixture
def session(elia: Person, ange: Person, bruna: Person, cyrille: Person) -> Session:
    """Ange's letter was refused, Bruna's given up, Cyrille's has arrived."""
    session = cast.make_session(elia)
    cast.invite(session, ange, bruna, cyrille)
    Letter.objects.filter(person=ange).update(state="failed", attempts=1, last_error="550 5.1.1 no such user")
    Letter.objects.filter(person=bruna).update(state="dead", attempts=10, last_error="451 <try> later")
    Letter.objects.filter(person=cyrille).update(state="sent", attempts=1)
    return session


def at(name: str, session: Session) -> str:
    return reverse(name, args=[session.code])


def see(client: Client, address: str) -> str:
    return " ".join(client.get(address, headers=ENGLISH).content.decode().split())


def test_a_host_reads_whom_no_letter_reached_and_why(client, elia, session, ange, bruna, cyrille):
    page = see(cast.signed_in(client, elia), at("session-letters", session))
    assert "2 people were not reached" in page
    for words in (ange.name, ange.email, "refused by the mail server", "550 5.1.1 no such user"):
        assert words in page
    for words in (bruna.name, "given up after many tries", "451 &lt;try&gt; later"):
        assert words in page
    assert cyrille.email not in page


def test_what_came_back_says_when_and_why(client, elia, session, ange):
    back = datetime(2027, 3, 11, 14, 5, tzinfo=UTC)
    Letter.objects.filter(person=ange).update(returned_at=back)
    page = see(cast.signed_in(client, elia), at("session-letters", session))
    assert re.search(r"came back on [^<]*11 March 2027[^<]*15:05", page)
    assert "This address does not exist." in page
    assert "refused by the mail server" not in page


@pytest.mark.parametrize("name", ["session", "session-people", "today"])
def test_the_alert_stands_where_hosts_look_and_leads_to_the_letters(client, elia, session, name):
    address = reverse("today") if name == "today" else at(name, session)
    page = see(cast.signed_in(client, elia), address)
    assert re.search(r"did not (reach 2 people|arrive)", page)
    assert f'href="{at("session-letters", session)}"' in page


def test_a_coordinator_of_the_organisation_is_told_too(session):
    coordinator = cast.person("coco", "Coco Ordina", Role.COORDINATOR, "IT", "it-coop")
    assert [(duty.kind, duty.count) for duty in day_of(coordinator, as_host=True).duties] == [("letters", 2)]


def test_who_is_invited_sees_no_alert(client, session, cyrille):
    assert "did not" not in see(cast.signed_in(client, cyrille), at("session", session))


def test_all_are_sent_again_at_one_click(client, elia, session):
    cast.signed_in(client, elia)
    response = client.post(at("session-letters-again", session), headers=ENGLISH, follow=True)
    page = response.content.decode()
    assert "2 letters are leaving again." in page
    assert "Every letter has arrived, or is on its way." in page
    waiting = Letter.objects.filter(state=LetterState.PENDING)
    assert set(waiting.values_list("attempts", "last_error", "owner")) == {(0, "", "")}
    assert waiting.count() == 2
    again = client.post(at("session-letters-again", session), headers=ENGLISH, follow=True)
    assert "No letter had to be sent again." in again.content.decode()


def test_one_person_is_written_to_again_alone(client, elia, session, ange, bruna):
    cast.signed_in(client, elia)
    client.post(at("session-letters-again", session), {"person": ange.code})
    assert Letter.objects.get(person=ange).state == LetterState.PENDING
    assert Letter.objects.get(person=bruna).state == LetterState.DEAD


def test_somebody_of_another_session_is_not_found(client, elia, session, stranger, ange):
    cast.signed_in(client, elia)
    for code in (stranger.code, "zzzzzzzzzzzz", "\x00"):
        assert client.post(at("session-letters-again", session), {"person": code}).status_code == 404
    assert Letter.objects.get(person=ange).state == LetterState.FAILED


def test_only_hosts_see_and_send_again(client, session, ange, cyrille):
    for person in (cyrille, cast.person("other", "Other Trainer", Role.TRAINER, "FR", "fr-county")):
        cast.signed_in(client, person)
        assert client.get(at("session-letters", session)).status_code == 404
        assert client.post(at("session-letters-again", session)).status_code == 404
    assert Letter.objects.get(person=ange).state == LetterState.FAILED


def test_who_is_withdrawn_is_no_alert_any_more(client, elia, session, ange, bruna):
    for person in (ange, bruna):
        invitations.withdraw(invitation=Invitation.objects.get(person=person), by=elia)
    page = see(cast.signed_in(client, elia), at("session", session))
    assert "did not reach" not in page


def test_letters_that_wait_for_the_mail_server_are_told_without_alarm(client, elia, session, cyrille, clock):
    Letter.objects.update(state="pending", last_error="ConnectionRefusedError: refused")
    cast.signed_in(client, elia)
    assert "have been waiting" not in see(client, at("session-letters", session))
    clock.at(session.created_at + timedelta(minutes=20))
    page = see(client, at("session-letters", session))
    assert "3 letters have been waiting, the first since" in page
    assert "ConnectionRefusedError" in page


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_asks_the_database_as_often_for_many_as_for_one(client, elia, count):
    session = cast.make_session(elia)
    cast.invite(session, *[cast.person(f"pro{n}", f"Pro Number{n}") for n in range(count)])
    Letter.objects.update(state="failed", last_error="550 no")
    cast.signed_in(client, elia)
    client.get(at("session-letters", session))
    with CaptureQueriesContext(connection) as asked:
        assert client.get(at("session-letters", session)).status_code == 200
    assert len(asked) == 6, [query["sql"] for query in asked]


def test_no_name_becomes_a_mark(client, elia, session, ange):
    Person.objects.filter(pk=ange.pk).update(name="<script>x</script>")
    page: Any = see(cast.signed_in(client, elia), at("session-letters", session))
    assert "<script>x" not in page
