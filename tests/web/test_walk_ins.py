"""Walking in: what a browser may become by it, forms that outlive a code, and the page on which a host decides."""

import re
import time

import pytest
from django.conf import settings
from django.core.cache import caches
from django.test import Client

from seminars.actions import room_codes, walk_ins
from seminars.models import Invitation, Person, PresenceEvent, SignInLink, WalkIn
from seminars.vocabulary import Mode
from tests import cast
from tests.course import Course
from web import here, proving

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fresh_counts():
    caches["shared"].clear()


@pytest.fixture
def course(elia, ange, bruna, clock):
    found = Course(elia)
    cast.invite(found.session, ange, bruna)
    found.open()
    clock.at(found.at(9, 40))
    return found


def english():
    client = Client()
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    return client


@pytest.fixture
def browser():
    return english()


@pytest.fixture
def host(elia):
    return cast.signed_in(english(), elia)


def door(course, back=0):
    return f"/here/{course.session.code}/{room_codes.code_of(course.session, back=back)}/"


def key_of(browser, address):
    return re.search(r'name="walk-key" value="([^"]+)"', browser.get(address).text)[1]


def walk(browser, address, name="Nova Venuta", **more):
    given = {"walk-name": name, "walk-key": key_of(browser, address)} | {
        f"walk-{k}": v for k, v in more.items()
    }
    return browser.post(f"{address}walk-in/", given)


def decide(client, course, **given):
    return client.post(f"/sessions/{course.session.code}/walk-ins/decide/", given)


def decisions(client, course):
    return client.get(f"/sessions/{course.session.code}/walk-ins/").text


def signed():
    return PresenceEvent.objects.filter(kind="signed")


def test_who_types_the_address_of_another_does_not_become_her(course, browser, dominique):
    walk(browser, door(course), name="Mal Lory", email="director@example.org")
    assert not Person.objects.filter(email="director@example.org").exists()
    other = cast.make_session(dominique)
    cast.invite(other, cast.person("director", "Directrice Vraie"))
    for path in ("sign", "room"):
        assert browser.get(f"/sessions/{other.code}/{path}/").status_code == 404
    assert Invitation.objects.get(session=other).person != WalkIn.objects.get().person


def test_the_host_reads_the_address_as_typed_and_that_it_is_not_proved(course, browser, host):
    walk(browser, door(course), email="New@Example.org")
    assert "Address typed, not proved: new@example.org" in decisions(host, course)


def test_no_word_promises_that_it_counts(course, browser):
    page = browser.get(door(course)).text
    assert page.count("Whoever hosts decides whether it counts.") == 1
    walk(browser, door(course))
    page = browser.get(door(course)).text
    assert "You have signed. Whoever hosts decides whether it counts." in page
    assert "Not on the list: whoever hosts decides whether it counts." in page
    assert "will say that you were here" not in page


@pytest.mark.parametrize("minutes", [16, 60])
def test_a_walk_in_whose_code_is_old_types_the_new_one_beside_what_she_wrote(course, browser, clock, minutes):
    old = door(course)
    key = key_of(browser, old)
    clock.forward(minutes=minutes)
    given = {
        "walk-name": "Some One",
        "walk-organisation": "ACME",
        "walk-email": "a@example.org",
        "walk-key": key,
    }
    asked = browser.post(f"{old}walk-in/", given)
    assert asked.status_code == 422 and not WalkIn.objects.exists()
    assert all(f'value="{words}"' in asked.text for words in ("Some One", "ACME", "a@example.org"))
    assert asked.text.count('name="room_code"') == 1 and 'aria-invalid="true"' in asked.text
    code = room_codes.code_of(course.session)
    assert browser.post(f"{old}walk-in/", given | {"room_code": f"{code[:3]} {code[3:]}"})[
        "Location"
    ] == door(course)
    assert WalkIn.objects.get().organisation == "ACME"


def test_who_is_known_types_the_new_code_beside_her_name(course, browser, ange, clock):
    cast.signed_in(browser, ange, invited=True)
    old = door(course)
    browser.get(old)
    clock.forward(minutes=16)
    given = {"act": "sign", "name": "ange esquisse", "slot": "1"}
    asked = browser.post(old, given)
    assert asked.status_code == 422 and 'value="ange esquisse"' in asked.text and not signed().exists()
    assert asked.text.count('name="room_code"') == 1
    browser.post(old, given | {"room_code": room_codes.code_of(course.session)})
    assert signed().get().person == ange
    clock.forward(minutes=16)
    asked = browser.post(old, {"act": "out"})
    assert asked.status_code == 422 and "Type your name" not in asked.text
    browser.post(old, {"act": "out", "room_code": room_codes.code_of(course.session)})
    assert PresenceEvent.objects.filter(kind="checked_out").count() == 1


def test_an_address_outlives_its_code_too(course, browser, ange, clock):
    old = door(course)
    clock.forward(minutes=5)
    asked = browser.post(old, {"act": "mail", "mail-email": ange.email})
    assert f'value="{ange.email}"' in asked.text and 'name="room_code"' in asked.text
    assert not SignInLink.objects.exists()


def test_who_walked_in_to_two_sessions_signs_on_by_the_code_of_the_room(course, browser, elia, clock):
    walk(browser, door(course))
    me = Person.objects.get(name="Nova Venuta")
    two = cast.make_session(elia, mode=Mode.IN_PERSON, place="X")
    WalkIn.objects.create(session=two, person=me, at=course.at(14))
    clock.at(course.at(14, 5))
    assert "a number is sent" not in browser.get(door(course)).text
    browser.post(door(course), {"act": "sign", "name": "nova venuta", "slot": "2"})
    assert [event.data["by"] for event in signed().order_by("seq")] == ["walk_in", "walk_in"]


def test_who_has_no_address_and_no_browser_is_sent_to_the_desk(course, browser, clock):
    walk(browser, door(course))
    elsewhere = cast.signed_in(english(), Person.objects.get(name="Nova Venuta"), invited=True)
    state = elsewhere.session
    state[proving.PROVED] = int(time.time()) - 241 * 60
    state.save()
    clock.at(course.at(14, 5))
    told = elsewhere.post(door(course), {"act": "sign", "name": "Nova Venuta", "slot": "2"})
    assert told.status_code == 422 and "Sign at the desk, with whoever hosts." in told.text
    assert "on their way" not in told.text and signed().count() == 1


def test_a_form_makes_nobody_of_another_browser(course, browser):
    address = door(course)
    key = key_of(browser, address)
    given = {"walk-name": "Nova Venuta", "walk-key": key}
    browser.post(f"{address}walk-in/", given)
    thief = english()
    for stolen in (key, str(signed().get().pk)):
        thief.get(address)
        thief.post(f"{address}walk-in/", given | {"walk-name": "Thief", "walk-key": stolen})
        assert "Nova Venuta" not in thief.get(address).text


def test_a_second_press_leads_to_the_receipt(course, browser):
    address = door(course)
    given = {"walk-name": "Nova Venuta", "walk-key": key_of(browser, address)}
    answers = [browser.post(f"{address}walk-in/", given) for _ in range(2)]
    assert [answer["Location"] for answer in answers] == [address, address]
    assert WalkIn.objects.count() == 1


def test_somebody_known_who_presses_twice_is_led_to_her_receipt(course, browser, stranger):
    cast.signed_in(browser, stranger)
    for _ in range(2):
        answer = browser.post(f"{door(course)}walk-in/", {"name": "Sam Inconnu"})
        assert answer.status_code == 302
    assert WalkIn.objects.count() == 1


def test_at_most_two_new_people_walk_in_by_one_browser(course, browser):
    for name in ("Una", "Due", "Tre"):
        answer = walk(browser, door(course), name=name)
        browser.post("/sign-out/", {"next": door(course)})
    assert answer.status_code == 422 and "2 people have signed in this browser" in answer.text
    assert 'value="Tre"' in answer.text and WalkIn.objects.count() == 2


def test_a_code_signs_nothing_where_there_is_no_room(elia, ange, browser, clock):
    course = Course(elia, Mode.ONLINE)
    cast.invite(course.session, ange)
    clock.at(course.at(9, 40))
    cast.signed_in(browser, ange, invited=True)
    page = browser.get(door(course)).text
    assert 'name="slot"' not in page and "nobody comes or goes by a code" in page
    assert f'href="/sessions/{course.session.code}/sign/"' in page
    answer = browser.post(door(course), {"act": "sign", "name": "Ange Esquisse", "slot": "1"})
    assert answer.status_code == 422 and not signed().exists()
    wall = cast.signed_in(english(), elia).get(f"/sessions/{course.session.code}/code/").text
    assert "nobody comes or goes by a code" in wall
    assert room_codes.code_of(course.session).upper() not in wall


def test_what_is_wrong_leads_to_its_field(course, browser, host):
    walk(browser, door(course), name="Ange Esquisse")
    code = WalkIn.objects.get().person.code
    answer = decide(host, course, person=code, decision="merge", onto="", reason="keep me")
    assert answer.status_code == 422 and 'value="keep me"' in answer.text
    ids = re.findall(r'\bid="([^"]+)"', answer.text)
    assert set(re.findall(r'href="#([^"]+)"', answer.text)) <= set(ids)
    assert len(ids) == len(set(ids))
    assert f'href="#onto-{code}"' in answer.text
    assert re.search(rf'<input[^>]*id="onto-{code}"[^>]*>', answer.text)[0].count('aria-invalid="true"') == 1


def test_the_list_of_people_stands_once_however_many_walk_in(course, browser, host, ange):
    for name in ("Ange Esquisse", "Una", "Due"):
        walk(english(), door(course), name=name)
    page = decisions(host, course)
    assert page.count(f'<option value="Ange Esquisse, {ange.email}">') == 1
    assert page.count("<option value=") == 5 and page.count("<datalist") == 1
    code = WalkIn.objects.get(person__name="Una").person.code
    assert (
        decide(host, course, person=code, decision="merge", onto=f"ange esquisse, {ange.email}").status_code
        == 302
    )
    assert PresenceEvent.objects.filter(person=ange, kind="declared").count() == 1


def test_a_name_that_two_have_chooses_nobody(course, host):
    for _ in range(2):
        walk(english(), door(course), name="Nova Venuta")
    one, two = WalkIn.objects.order_by("pk")
    assert "Somebody else has walked in by this name" in decisions(host, course)
    answer = decide(host, course, person=two.person.code, decision="merge", onto="Nova Venuta")
    assert answer.status_code == 422
    line = "Nova Venuta, not on the list, number 1"
    assert decide(host, course, person=two.person.code, decision="merge", onto=line).status_code == 302
    assert PresenceEvent.objects.filter(kind="corrected").get().person == two.person
    assert WalkIn.objects.get(pk=one.pk).decided_at is None


def test_all_that_are_ticked_are_refused_in_one_go(course, host):
    for name in ("Una", "Due", "Tre"):
        walk(english(), door(course), name=name)
    codes = list(WalkIn.objects.order_by("pk").values_list("person__code", flat=True))
    page = decisions(host, course)
    assert all(f'name="ticked" value="{code}" form="refuse-ticked"' in page for code in codes)
    decide(host, course, decision="refuse_ticked")
    assert WalkIn.objects.filter(decided_at=None).count() == 3
    decide(host, course, decision="refuse_ticked", ticked=codes[:2])
    assert "2 people are taken out of the counts" in decisions(host, course)
    assert list(WalkIn.objects.order_by("pk").values_list("is_confirmed", flat=True)) == [False, False, None]


def test_whose_invitation_was_withdrawn_is_marked(course, host, ange, clock):
    Invitation.objects.filter(person=ange).update(withdrawn_at=course.at(9))
    walk_ins.walk_in_known(session=course.session, person=ange)
    assert '<span class="chip care">invitation withdrawn</span>' in decisions(host, course)


def test_forms_are_kept_in_small_number(course, browser):
    for _ in range(12):
        browser.get(door(course))
    assert len(browser.session[here.FORMS]) == here.MOST_FORMS
