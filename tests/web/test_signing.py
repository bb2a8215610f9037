"""Signing by one's own page and link: one click with the name typed, proof anew after hours, and never for another."""

import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.core.cache import caches
from django.test import Client

from seminars.actions import invitations, sessions, signing
from seminars.models import Invitation, PresenceEvent, SignInLink
from seminars.moments import as_if
from seminars.vocabulary import Mode, PresenceKind
from tests import cast
from tests.course import Course
from web import proving

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fresh_counts():
    caches["shared"].clear()


@pytest.fixture
def course(elia, ange, bruna, clock):
    found = Course(elia)
    found.invitation, _ = cast.invite(found.session, ange, bruna)
    found.open()
    clock.at(found.at(9, 40))
    return found


def english(client):
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    return client


@pytest.fixture
def hers(client, ange):
    return english(cast.signed_in(client, ange, invited=True))


def signed():
    return PresenceEvent.objects.filter(kind=PresenceKind.SIGNED)


def sign_page(course):
    return f"/sessions/{course.session.code}/sign/"


def post(client, course, address="", name="Ange Esquisse", slot=1, **more):
    return client.post(address or sign_page(course), {"name": name, "slot": slot} | more)


def forget_proof(client):
    state = client.session
    state[proving.PROVED] -= 241 * 60
    state.save()


def test_looking_signs_nothing_and_one_press_signs(course, hers, ange):
    page = hers.get(sign_page(course))
    assert "Sign the morning" in page.text and not signed().exists()
    answer = post(hers, course)
    assert (answer.status_code, answer["Location"]) == (302, sign_page(course))
    assert signed().get().person == ange
    assert signed().get().data == {"as": "participant", "mode": "room", "by": "page"}


def test_the_receipt_says_hour_zone_and_line_of_the_ledger(course, hers):
    post(hers, course)
    page, event = hers.get(sign_page(course)), signed().get()
    assert "at 9:40, Paris time (UTC+" in page.text
    assert f"Line {event.seq}, mark {event.hash[:8]}." in page.text
    assert 'name="slot"' not in page.text


@pytest.mark.parametrize("typed", ["Bruna Schizzo", "", "Ange"])
def test_another_name_signs_nothing_and_keeps_what_was_typed(course, hers, typed):
    answer = post(hers, course, name=typed)
    assert answer.status_code == 422 and not signed().exists()
    assert f'value="{typed}"' in answer.text or not typed


def test_too_early_and_too_late_are_said(course, hers, clock):
    clock.at(course.at(8))
    assert "can be signed from 9:15, never in advance" in post(hers, course).text
    clock.at(course.at(13, 10))
    assert "could be signed until 13:00" in post(hers, course).text
    assert not signed().exists()


def test_two_presses_are_one_signature(course, hers):
    assert post(hers, course).status_code == 302
    again = post(hers, course)
    assert (again.status_code, again["Location"]) == (302, sign_page(course))
    assert signed().count() == 1
    assert "There is a signature for this half-day already." in hers.get(sign_page(course)).text


@pytest.mark.parametrize("slot", ["", "x", "-1", "99999999", "²"])
def test_a_button_that_is_none_signs_nothing(course, hers, slot):
    assert post(hers, course, slot=slot).status_code == 422
    assert not signed().exists()


def test_who_proved_herself_long_ago_types_a_number_from_her_mail(course, hers, ange):
    forget_proof(hers)
    assert 'name="number"' not in hers.get(sign_page(course)).text
    asked = post(hers, course)
    assert asked.status_code == 200 and 'name="number"' in asked.text
    assert 'value="Ange Esquisse"' in asked.text and not signed().exists()
    wrong = post(hers, course, number="000000")
    assert wrong.status_code == 422 and not signed().exists()
    link = SignInLink.objects.get(person=ange)
    assert post(hers, course, number=f" {link.number[:3]} {link.number[3:]} ").status_code == 302
    assert signed().get().person == ange
    link.refresh_from_db()
    assert link.used_at is not None


def test_the_number_of_somebody_else_proves_nothing(course, hers, bruna):
    forget_proof(hers)
    post(hers, course)
    english(Client()).post("/sign-in/", {"email": bruna.email})
    number = SignInLink.objects.get(person=bruna).number
    assert post(hers, course, number=number).status_code == 422
    assert not signed().exists()


def test_a_wrong_name_sends_no_number(course, hers):
    forget_proof(hers)
    post(hers, course, name="Somebody")
    assert not SignInLink.objects.exists()


def number_of(person):
    return SignInLink.objects.filter(person=person).latest("created_at").number


def test_her_link_opens_the_page_and_a_number_from_her_mail_signs(course, client, ange):
    address = f"/i/{course.invitation.token}/sign/"
    english(client)
    page = client.get(address)
    assert "Sign the morning" in page.text and "A link or a code alone does not." in page.text
    asked = post(client, course, address, name="ange esquisse")
    assert asked.status_code == 200 and 'value="ange esquisse"' in asked.text
    assert not signed().exists()
    wrong = post(client, course, address, number="000000")
    assert wrong.status_code == 422 and not signed().exists()
    assert post(client, course, address, number=number_of(ange))["Location"] == address
    assert (signed().get().person, signed().get().data["by"]) == (ange, "link")
    assert "Signed in the room" in client.get(address).text
    assert "Proved by a mail to your address." in client.get(address).text
    assert client.get("/account/")["Location"].startswith("/sign-in/")


def test_opening_the_link_proves_nothing(course, client, ange):
    english(client).post(f"/i/{course.invitation.token}/join/")
    assert post(client, course).status_code == 200
    assert not signed().exists()
    assert post(client, course, number=number_of(ange)).status_code == 302


def test_a_link_that_is_opened_again_leaves_the_proof_as_old_as_it_is(course, client, ange, clock):
    english(client)
    address = f"/i/{course.invitation.token}/sign/"
    post(client, course, address)
    post(client, course, address, number=number_of(ange))
    proved = client.session[proving.PROVED]
    client.post(f"/i/{course.invitation.token}/join/")
    assert client.session[proving.PROVED] == proved
    clock.at(course.at(13, 50))
    assert post(client, course, address, slot=2).status_code == 302
    assert signed().count() == 2


def test_the_proof_of_one_is_none_of_the_next_at_the_same_screen(course, client, ange, bruna):
    english(client)
    address = f"/i/{course.invitation.token}/sign/"
    post(client, course, address)
    post(client, course, address, number=number_of(ange))
    others = Invitation.objects.get(person=bruna).token
    asked = post(client, course, f"/i/{others}/sign/", name=bruna.name)
    assert asked.status_code == 200 and not signed().filter(person=bruna).exists()
    post(client, course, f"/i/{others}/sign/", name=bruna.name, number=number_of(ange))
    assert not signed().filter(person=bruna).exists()


def test_nothing_to_sign_mails_no_number(course, client, clock):
    clock.at(course.at(8))
    answer = post(english(client), course, f"/i/{course.invitation.token}/sign/")
    assert answer.status_code == 422 and "No half-day can be signed now." in answer.text
    assert not SignInLink.objects.exists()


def test_whoever_is_signed_in_signs_for_nobody_else(course, client, elia):
    english(cast.signed_in(client, elia))
    address = f"/i/{course.invitation.token}/sign/"
    assert 'name="slot"' not in client.get(address).text
    answer = post(client, course, address)
    assert answer.status_code == 422 and "nobody signs for another" in answer.text
    assert not signed().exists()


def test_a_withdrawn_link_and_a_strange_session_open_nothing(course, client, stranger):
    invitations.withdraw(invitation=course.invitation, by=course.by)
    assert english(client).get(f"/i/{course.invitation.token}/sign/").status_code == 410
    cast.signed_in(client, stranger)
    assert client.get(sign_page(course)).status_code == 404
    assert client.get("/sessions/nosuchcode22/sign/").status_code == 404


def test_the_trainer_is_led_to_countersign_and_a_weak_session_is_not(course, client, elia, clock):
    english(cast.signed_in(client, elia))
    address = f"/sessions/{course.session.code}/countersign/"
    assert client.get(sign_page(course))["Location"] == address
    assert post(client, course, address, name="prova elia")["Location"] == address
    assert signed().get().data["as"] == "trainer"
    weak = english(cast.signed_in(Client(), elia, invited=True))
    assert weak.get(address)["Location"].startswith("/sign-in/")
    assert post(weak, course, address, name="Elia Prova", slot=2).status_code == 302
    assert signed().count() == 1


def test_before_the_opening_who_countersigns_is_told_what_is_missing(elia, client, clock):
    late = cast.make_session(elia)
    clock.at(late.starts_at + timedelta(minutes=5))
    page = english(cast.signed_in(client, elia)).get(f"/sessions/{late.code}/countersign/").content.decode()
    assert "The session has not been opened yet" in page
    assert "Can be signed from" not in page


def test_the_receipt_by_letter_leads_on_to_the_room(course, client):
    address = f"/i/{course.invitation.token}/"
    page = english(client).get(f"{address}sign/").content.decode()
    assert f'class="button go" href="{address}room/"' not in page  # first the signature
    signing.sign(session=course.session, person=course.invitation.person, slot_number=1, name="Ange Esquisse")
    assert f'class="button go" href="{address}room/"' in client.get(f"{address}sign/").content.decode()


def test_a_hybrid_session_asks_where_she_is(elia, ange, hers, clock):
    course = Course(elia, Mode.HYBRID)
    cast.invite(course.session, ange)
    clock.at(course.at(9, 40))
    answer = post(hers, course)
    assert answer.status_code == 422 and "in the room or in the video" in answer.text
    post(hers, course, mode="video")
    assert signed().get().data["mode"] == "video"


def test_the_page_of_the_day_offers_what_is_due(course, hers, clock):
    assert "Sign the morning" in hers.get("/today/").text
    post(hers, course)
    assert "Sign the morning" not in hers.get("/today/").text
    clock.at(course.at(13, 50))
    assert "Sign the afternoon" in hers.get("/today/").text


def test_a_name_with_markup_is_shown_as_it_is(course, hers, ange):
    type(ange).objects.filter(pk=ange.pk).update(name="Ange <b>Esquisse</b>")
    page = hers.get(sign_page(course))
    assert "<b>Esquisse" not in page.text and "&lt;b&gt;Esquisse" in page.text


def test_every_form_carries_a_token_against_forgery(course, ange):
    strict = english(cast.signed_in(Client(enforce_csrf_checks=True), ange))
    assert post(strict, course).status_code == 403
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', strict.get(sign_page(course)).text)[1]
    assert post(strict, course, csrfmiddlewaretoken=token).status_code == 302


def test_signing_at_another_hour_than_the_server_thinks_is_not_possible(course, hers):
    with as_if(course.at(9, 50)):
        post(hers, course, at="2020-01-01T00:00:00Z")
    assert signed().get().at == course.at(9, 50)


def test_the_page_of_the_letter_offers_what_is_due_by_its_own_link(course, client):
    page = english(client).get(f"/i/{course.invitation.token}/")
    assert f'href="/i/{course.invitation.token}/sign/"' in page.text and "Sign the morning" in page.text


def test_a_cancelled_session_offers_nothing_to_sign(course, client):
    sessions.cancel(session=course.session, by=course.by)
    address = f"/i/{course.invitation.token}/"
    assert "Sign the morning" not in english(client).get(address).text
    assert 'name="slot"' not in client.get(f"{address}sign/").text
    assert post(client, course, f"{address}sign/").status_code == 422
    assert not signed().exists()
