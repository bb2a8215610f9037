"""What the review names before sending, seats among it; and whom the list of people shows."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from seminars.actions import answers, invitations, quotas
from seminars.models import Letter, Person, Quota, Session, Unsubscription
from seminars.moments import now
from seminars.queries.prospects import Note
from seminars.vocabulary import Answer, LetterKind, LetterState
from tests import cast
from tests.api.calls import script
from tests.web.forms import acquainted, sent
from tests.web.reviews import EN, name, notes, people, send
from web import reviewing

pytestmark = pytest.mark.django_db


@pytest.fixture
def session(elia: Person, client: Client) -> Session:
    cast.signed_in(client, elia)
    return cast.make_session(elia)


# --- What is named before sending ---------------------------------------------------------------------------------


def test_who_came_back_is_named_with_the_reason_and_not_ticked(client, session, elia, ange, bruna):
    cast.invite(cast.make_session(elia), ange, bruna)
    Letter.objects.filter(person=ange).update(state=LetterState.FAILED, last_error="550 5.1.1 no such user")
    page = name(client, session, "ange@example.org, bruna@example.org")
    assert notes(page, "ange@example.org") == ["elsewhere"]
    assert "This address does not exist." in page.content.decode()
    assert page.context["count"] == 1
    client.post(send(session), sent(page) | {"to": ["ange@example.org"]})
    assert Letter.objects.filter(person=ange, session=session).exists(), "she may be tried again"


def test_a_later_letter_that_arrived_clears_an_address(client, session, elia, ange):
    cast.invite(cast.make_session(elia), ange)
    Letter.objects.update(state=LetterState.DEAD, created_at=now() - timedelta(days=3))
    cast.invite(cast.make_session(elia), ange)
    Letter.objects.exclude(state=LetterState.DEAD).update(state=LetterState.SENT)
    assert name(client, session, "ange@example.org").status_code == 302


def test_who_is_invited_and_was_not_reached_can_be_sent_a_new_letter(client, session, ange):
    cast.invite(session, ange)
    Letter.objects.update(state=LetterState.DEAD)
    page = name(client, session, "ange@example.org")
    assert notes(page, "ange@example.org") == ["bounced", "invited"]
    told = client.post(send(session), sent(page) | {"to": ["ange@example.org"]}, follow=True, **EN)
    assert Letter.objects.filter(state=LetterState.PENDING).count() == 1
    assert session.invitations.count() == 1
    said = " ".join(map(str, told.context["messages"]))
    assert said == "Their last letter did not arrive, and a new one is on its way: Ange Esquisse."


def test_nothing_is_said_of_somebody_whom_nobody_here_has_met(client, session, dominique, ange):
    cast.invite(cast.make_session(dominique), ange)
    Unsubscription.objects.create(person=ange, kind=LetterKind.REMINDER, at=now())
    Letter.objects.update(state=LetterState.FAILED, last_error="550 secret words of a server")
    page = name(client, session, "ange@example.org").content.decode()
    for secret in ("Esquisse", "fr-county", "secret words", "stopped"):
        assert secret not in page
    assert "new address" in page


def test_withdrawn_and_no_and_stopped_letters_are_said(client, session, elia, ange):
    (invitation,) = cast.invite(session, ange)
    Letter.objects.update(state=LetterState.SENT)
    answers.answer(invitation=invitation, answer=Answer.NO)
    invitations.withdraw(invitation=invitation, by=elia)
    Letter.objects.update(state=LetterState.SENT)
    Unsubscription.objects.create(person=ange, kind=LetterKind.REMINDER, at=now())
    page = name(client, session, "ange@example.org")
    assert notes(page, "ange@example.org") == ["withdrawn", "said_no", "stopped"]
    assert page.context["count"] == 1
    client.post(send(session), sent(page))
    invitation.refresh_from_db()
    assert (invitation.withdrawn_at, invitation.answer) == (None, "")


def test_who_is_invited_and_said_no_is_shown_with_her_answer(client, session, ange, bruna):
    (invitation, _other) = cast.invite(session, ange, bruna)
    answers.answer(invitation=invitation, answer=Answer.NO)
    page = name(client, session, "ange@example.org, new@example.org")
    assert [each.invitation.answer for each in page.context["review"].already] == ["no"]


@pytest.mark.parametrize(
    ("text", "email", "note"),
    [
        ("segreteria@x.it", "segreteria@x.it", "office"),
        ("Cy Do <ange@example.org>", "ange@example.org", "other_name"),
    ],
)
def test_odd_addresses_are_named_with_what_to_do(client, session, elia, ange, text, email, note):
    acquainted(elia, ange)
    page = name(client, session, text)
    assert notes(page, email) == [note]
    assert page.context["count"] == 1, "odd is not wrong"


@pytest.mark.parametrize(
    ("email", "note"),
    [("luca@gmial.com", "slip"), ("luca@exemple.org", "slip"), ("no-reply@x.it", "unread")],
)
def test_what_is_most_likely_a_mistake_is_named_and_not_ticked(client, session, ange, email, note):
    page = name(client, session, f"{email}, fine@x.org")
    assert notes(page, email) == [note]
    assert [each.address.email for each in page.context["review"].chosen] == ["fine@x.org"]
    client.post(send(session), sent(page) | {"to": [email]})
    assert session.invitations.get().person.email == email, "it may be meant"


def test_a_domain_of_the_other_country_is_named(client, session, elia, ange):
    acquainted(elia, ange)
    Person.objects.filter(pk=ange.pk).update(email="ange@x.it")
    page = name(client, session, "ange@x.it")
    assert notes(page, "ange@x.it") == ["other_country"]
    assert "registered in France" in page.content.decode()


def test_more_than_there_are_places_is_said(client, session, ange):
    Session.objects.update(capacity=1)
    page = name(client, session, "ange@example.org, new@example.org").content.decode()
    assert "1 place, 0 invited already, 2 in this list: 1 too many." in page


def test_words_of_strangers_are_escaped(client, session):
    page = name(client, session, '"<script>alert(1)</script>" <a@x.org>, <b>x</b>').content.decode()
    assert "<script>alert" not in page
    assert "<b>x" not in page


# --- Seats --------------------------------------------------------------------------------------------------------


def test_seats_are_set_on_the_people_page_and_taken_away(client, session, ange):
    seats = reverse("session-seats", args=[session.code])
    assert client.post(seats, {"organisation": ange.organisation_id, "seats": "2"}).status_code == 302
    assert Quota.objects.get().seats == 2
    assert client.post(seats, {f"seats_{ange.organisation_id}": "3"}).status_code == 302
    assert Quota.objects.get().seats == 3
    assert client.post(seats, {f"seats_{ange.organisation_id}": ""}).status_code == 302
    assert not Quota.objects.exists()
    for wrong in ({"seats": "2"}, {"organisation": ange.organisation_id}, {"organisation": 0, "seats": 1}):
        assert client.post(seats, wrong).status_code == 422
    assert client.post(seats, {"organisation": ange.organisation_id, "seats": "-1"}).status_code == 422


def test_over_the_seats_needs_a_tick(client, session, elia, ange, dominique):
    acquainted(elia, ange, dominique)
    quotas.keep(session=session, by=elia, seats={ange.organisation: 1})
    page = name(client, session, "ange@example.org, dominique@example.org")
    assert "2 of 1 seat" in page.content.decode()
    refused = client.post(send(session), sent(page), **EN)
    assert refused.status_code == 422
    assert "has 1 seat. Taken: 0. Too many: 1." in refused.content.decode()
    assert not session.invitations.exists()
    assert client.post(send(session), sent(page) | {"is_over_meant": "on"}).status_code == 302
    assert session.invitations.count() == 2


def test_who_said_no_gives_the_seat_back(client, session, elia, ange, dominique):
    acquainted(elia, dominique)
    quotas.keep(session=session, by=elia, seats={ange.organisation: 1})
    (invitation,) = cast.invite(session, ange)
    assert "review" in name(client, session, "dominique@example.org").context, "over: seen first"
    answers.answer(invitation=invitation, answer=Answer.NO)
    assert name(client, session, "dominique@example.org").status_code == 302


def test_the_tick_to_invite_anyway_is_there_wherever_the_act_asks_for_it(client, session, elia, cyrille):
    """Of somebody nobody here has met the review knows no organisation; the act does."""
    quotas.keep(session=session, by=elia, seats={cyrille.organisation: 0})
    page = name(client, session, "cyrille@example.org, new@example.org")
    assert 'name="is_over_meant"' not in page.content.decode()
    refused = client.post(send(session), sent(page), **EN)
    assert 'name="is_over_meant"' in refused.content.decode()
    quotas.keep(session=session, by=elia, seats={cyrille.organisation: 5})
    assert client.post(send(session), sent(page)).status_code == 302


@pytest.mark.parametrize(("zone", "day"), [("Europe/London", "3 March"), ("Europe/Rome", "4 March")])
def test_a_day_is_said_on_the_clock_of_the_session(zone, day):
    note = Note("withdrawn", {"at": datetime(2026, 3, 3, 23, 30, tzinfo=UTC)})
    with translation.override("en"):
        assert day in reviewing.sentence(note, zone)


# --- The list -----------------------------------------------------------------------------------------------------


def test_links_choose_among_the_people(client, session, ange, bruna, cyrille):
    first, second, _third = cast.invite(session, ange, bruna, cyrille)
    Letter.objects.filter(invitation=second).update(state=LetterState.FAILED, last_error="550 5.1.1 no")
    answers.answer(invitation=first, answer=Answer.YES)

    def shown(way):
        page = client.get(f"{people(session)}?show={way}", **EN)
        return [guest.invitation.person for guest in page.context["guests"]]

    assert shown("yes") == [ange]
    assert shown("none") == [bruna, cyrille]
    assert shown("undelivered") == [bruna]
    assert shown("no") == []
    assert shown("") == shown("<x>") == [ange, bruna, cyrille]
    page = client.get(people(session), **EN)
    assert [(each["show"], each["count"]) for each in page.context["ways"]] == [
        ("", 3),
        ("yes", 1),
        ("none", 2),
        ("undelivered", 1),
    ]
    assert "This address does not exist." in page.content.decode()


def test_a_script_needs_the_same_tick_for_more_than_the_seats(session, elia, ange, dominique):
    quotas.keep(session=session, by=elia, seats={ange.organisation: 0})
    caller, path = script(elia), f"sessions/{session.code}/invitations/"
    answer = caller.post(path, {"addresses": ["ange@example.org"]})
    assert (answer.status_code, answer.json()["code"]) == (422, "over_quota")
    assert answer.json()["field"] == "is_over_meant"
    assert caller.post(path, {"addresses": ["ange@example.org"], "is_over_meant": True}).status_code == 200
