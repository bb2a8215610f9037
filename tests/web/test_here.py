"""In the room: the code on the wall, who is known and who is not, coming and going, walk-ins, what a host decides."""

import re
import time

import pytest
from django.conf import settings
from django.core.cache import caches
from django.test import Client
from django.utils import translation
from django.utils.translation import gettext

from seminars.actions import room_codes
from seminars.models import Invitation, Person, PresenceEvent, SignInLink, WalkIn
from seminars.vocabulary import Mode, PresenceKind
from tests import cast
from tests.course import Course
from web import doors, here, proving

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


@pytest.fixture
def browser():
    found = Client(HTTP_ACCEPT_LANGUAGE="en")
    found.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    return found


def door(course, back=0):
    return f"/here/{course.session.code}/{room_codes.code_of(course.session, back=back)}/"


def kinds():
    return list(PresenceEvent.objects.order_by("seq").values_list("kind", flat=True))


def walk(browser, address, name="Nova Venuta", **more):
    page = browser.get(address)
    key = re.search(r'name="walk-key" value="([^"]+)"', page.text)
    given = {"walk-name": name, "walk-key": key[1] if key else ""} | {f"walk-{k}": v for k, v in more.items()}
    return browser.post(f"{address}walk-in/", given)


def test_the_page_for_the_code_tells_of_no_session(course, browser):
    known, absent = browser.get(f"/here/{course.session.code}/"), browser.get("/here/nosuchcode22/")
    assert (known.status_code, absent.status_code) == (200, 200)
    assert "travail" not in known.text and "lavoro" not in known.text
    wrong = [browser.post(page.wsgi_request.path, {"room_code": "aaaaaa"}) for page in (known, absent)]
    assert [answer.status_code for answer in wrong] == [422, 422]
    texts = [re.sub(r'csrfmiddlewaretoken" value="\w+|/here/\w+/', "", answer.text) for answer in wrong]
    assert texts[0] == texts[1]


@pytest.mark.parametrize("path", ["/here/", "/here/{code}/"])
def test_the_code_typed_leads_in_with_or_without_its_session(course, browser, path):
    code = room_codes.code_of(course.session)
    typed = f"{code[:3]} {code[3:]}".upper()
    answer = browser.post(path.format(code=course.session.code), {"room_code": typed})
    assert answer["Location"] == door(course)


def test_the_code_before_still_opens_and_an_older_one_does_not(course, browser):
    assert browser.get(door(course, 1)).status_code == 200
    stale = Client(HTTP_ACCEPT_LANGUAGE="en").get(door(course, 2))
    assert stale.status_code == 422 and "Type the one that the room shows" in stale.text
    again = re.search(r'<form class="card stack" method="post" action="([^"]+)"', stale.text)[1]
    assert browser.post(again, {"room_code": room_codes.code_of(course.session)})["Location"] == door(course)


def test_who_opened_the_page_fills_its_form_in_peace_but_not_for_ever(course, browser, clock):
    address = door(course)
    browser.get(address)
    clock.forward(minutes=5)
    assert browser.get(address).status_code == 200
    assert not re.search(room_codes.code_of(course.session), browser.get(address).text)
    clock.forward(minutes=11)
    assert browser.get(address).status_code == 422
    assert browser.post(address, {"act": "in"}).status_code == 422


def test_guessing_ends_after_some_tries_and_a_code_that_was_right_is_no_guess(course, browser):
    for _ in range(40):
        assert browser.get(door(course, 20)).status_code == 422
    for _ in range(30):
        assert browser.post("/here/", {"room_code": "aaaaaa"}).status_code == 422
    assert browser.post("/here/", {"room_code": "aaaaaa"}).status_code == 429
    assert browser.get(f"/here/{course.session.code}/aaaaaa/").status_code == 429
    assert browser.post(f"/here/{course.session.code}/aaaaaa/walk-in/", {}).status_code == 429
    assert browser.get(door(course, 20)).status_code == 422
    assert browser.get(door(course)).status_code == 200


@pytest.mark.parametrize(
    "path", ["/here/", "/here/{code}/", "/here/{code}/aaaaaa/", "/here/{code}/aaaaaa/walk-in/"]
)
def test_every_door_counts_a_guess(course, browser, monkeypatch, path):
    monkeypatch.setattr("web.doors.GUESSES", doors.Limit("room-code", 2, 900))
    given = {"room_code": "aaaaaa", "walk-name": "Nova"}
    answers = [browser.post(path.format(code=course.session.code), given).status_code for _ in range(4)]
    assert answers == [422, 422, 429, 429]


def test_a_new_code_beside_an_old_one_is_a_guess_too(course, browser, monkeypatch):
    monkeypatch.setattr("web.doors.GUESSES", doors.Limit("room-code", 2, 900))
    given = {"act": "mail", "mail-email": "x@example.org", "room_code": "aaaaaa"}
    answers = [browser.post(door(course, 20), given).status_code for _ in range(3)]
    assert answers == [422, 422, 429]


def test_one_browser_that_guesses_shuts_out_nobody_else(course, browser, ange, monkeypatch):
    monkeypatch.setattr("web.doors.TRIES", doors.Limit("room-code-browser", 3, 900))
    cast.signed_in(browser, ange, invited=True)
    answers = [browser.post("/here/", {"room_code": "aaaaaa"}).status_code for _ in range(40)]
    assert answers == [422] * 3 + [429] * 37
    other = Client(HTTP_ACCEPT_LANGUAGE="en")
    assert other.post("/here/", {"room_code": "aaaaaa"}).status_code == 422


def test_far_beyond_what_hands_type_only_who_is_known_comes_in(course, browser, ange, monkeypatch):
    monkeypatch.setattr("web.doors.WALL", doors.Limit("room-code-wall", 5, 900))
    for _ in range(5):
        browser.post("/here/", {"room_code": "aaaaaa"})
    assert browser.get(door(course)).status_code == 429
    assert cast.signed_in(Client(), ange, invited=True).get(door(course)).status_code == 200


def test_the_tabs_of_a_morning_shut_out_nobody(course, browser, ange, clock):
    old = door(course)
    clock.at(course.at(11, 55))
    answers = {Client(HTTP_ACCEPT_LANGUAGE="en").get(old).status_code for _ in range(40)}
    assert answers == {422}
    cast.signed_in(browser, ange, invited=True)
    assert browser.get(door(course)).status_code == 200


def test_somebody_known_comes_signs_and_goes_by_the_code(course, browser, ange, clock):
    cast.signed_in(browser, ange, invited=True)
    page = browser.get(door(course))
    assert "Ange Esquisse" in page.text and kinds() == []
    browser.post(door(course), {"act": "in"})
    browser.post(door(course), {"act": "sign", "name": "ange esquisse", "slot": "1"})
    clock.at(course.at(12))
    browser.post(door(course), {"act": "out"})
    assert kinds() == [PresenceKind.CHECKED_IN, PresenceKind.SIGNED, PresenceKind.CHECKED_OUT]
    signed = PresenceEvent.objects.get(kind="signed")
    assert (signed.person, signed.data) == (ange, {"as": "participant", "mode": "room", "by": "code"})


def test_the_code_proves_the_place_and_not_the_person(course, browser, ange):
    cast.signed_in(browser, ange, invited=True)
    state = browser.session
    state[proving.PROVED] = int(time.time()) - 241 * 60
    state.save()
    asked = browser.post(door(course), {"act": "sign", "name": "Ange Esquisse", "slot": "1"})
    assert 'name="number"' in asked.text and kinds() == []
    number = SignInLink.objects.get(person=ange).number
    browser.post(door(course), {"act": "sign", "name": "Ange Esquisse", "slot": "1", "number": number})
    assert kinds() == [PresenceKind.SIGNED]


def test_an_unknown_browser_becomes_known_by_a_number_and_stays_weak(course, browser, ange):
    address = door(course)
    told = browser.post(address, {"act": "mail", "mail-email": ange.email}, follow=True)
    assert "a number is on its way" in told.text
    wrong = browser.post(address, {"act": "number", "mail-number": "000000"})
    assert wrong.status_code == 422
    number = SignInLink.objects.get(person=ange).number
    inside = browser.post(address, {"act": "number", "mail-number": number}, follow=True)
    assert "Sign the morning" in inside.text
    browser.post(address, {"act": "sign", "name": "Ange Esquisse", "slot": "1"})
    assert PresenceEvent.objects.get().person == ange
    assert browser.get("/account/")["Location"].startswith("/sign-in/")


def test_an_unknown_address_gets_the_same_answer(course, browser, ange):
    texts = []
    for email in (ange.email, "nobody@example.org"):
        someone = Client(HTTP_ACCEPT_LANGUAGE="en")
        answer = someone.post(door(course), {"act": "mail", "mail-email": email}, follow=True)
        plain = re.sub(r'(csrfmiddlewaretoken|walk-key)" value="[^"]+', "", answer.text)
        texts.append(plain.replace(email, ""))
    assert texts[0] == texts[1]


def test_a_walk_in_signs_with_her_name_and_is_flagged(course, browser):
    answer = walk(browser, door(course), organisation="Amici", country="IT", email="")
    assert answer.status_code == 302
    page = browser.get(door(course))
    assert "Nova Venuta" in page.text and "Signed in the room" in page.text
    assert (WalkIn.objects.get().person.name, WalkIn.objects.get().is_confirmed) == ("Nova Venuta", None)


def test_a_walk_in_signs_the_afternoon_hours_later_by_the_code_alone(course, browser, clock):
    walk(browser, door(course))
    clock.at(course.at(14, 5))
    state = browser.session
    state[proving.PROVED] = 0
    state.save()
    browser.post(door(course), {"act": "sign", "name": "nova venuta", "slot": "2"})
    assert kinds() == [PresenceKind.SIGNED] * 2


def test_two_posts_of_a_walk_in_are_one(course, browser):
    address = door(course)
    page = browser.get(address)
    key = re.search(r'name="walk-key" value="([^"]+)"', page.text)[1]
    for someone in (browser, Client(HTTP_ACCEPT_LANGUAGE="en")):
        someone.get(address)
        someone.post(f"{address}walk-in/", {"walk-name": "Nova", "walk-key": key})
    assert kinds() == [PresenceKind.SIGNED]


def test_a_walk_in_without_a_name_keeps_what_was_typed(course, browser):
    answer = walk(browser, door(course), name="", organisation="Amici", email="x")
    assert answer.status_code == 422 and 'value="Amici"' in answer.text
    assert not WalkIn.objects.exists()


def test_a_walk_in_is_no_member_and_sees_nothing_else(course, browser):
    walk(browser, door(course))
    assert browser.get(f"/sessions/{course.session.code}/room/").status_code == 404
    assert browser.get(f"/sessions/{course.session.code}/sign/").status_code == 404


def test_somebody_known_who_is_not_on_the_list_walks_in_proved(course, browser, stranger):
    cast.signed_in(browser, stranger)
    assert "You are not on the list" in browser.get(door(course)).text
    browser.post(f"{door(course)}walk-in/", {"name": "Somebody Else"})
    assert kinds() == []
    browser.post(f"{door(course)}walk-in/", {"name": "Sam Inconnu", "organisation": "Amici"})
    assert (WalkIn.objects.get().person, WalkIn.objects.get().organisation) == (stranger, "Amici")


def test_the_next_person_at_the_same_screen_signs_out_first(course, browser, ange):
    cast.signed_in(browser, ange, invited=True)
    page = browser.get(door(course))
    assert "This is not me" in page.text
    browser.post("/sign-out/", {"next": door(course)})
    assert "I am invited" in browser.get(door(course)).text


def test_a_walk_in_gives_nothing_to_whoever_has_no_code(course, browser):
    answer = browser.post(f"/here/{course.session.code}/aaaaaa/walk-in/", {"walk-name": "Nova"})
    assert answer.status_code == 422 and not Person.objects.filter(name="Nova").exists()


def test_so_many_walk_ins_of_one_network_wait(course, browser, monkeypatch):
    monkeypatch.setattr("web.walk_ins.PRESSES", here.Limit("walk-in", 1, 900))
    walk(browser, door(course))
    answer = walk(Client(HTTP_ACCEPT_LANGUAGE="en"), door(course), name="Altra")
    assert answer.status_code == 422 and WalkIn.objects.count() == 1


def test_the_page_for_the_wall_shows_the_code_and_renews_itself(course, browser, elia, clock):
    cast.signed_in(browser, elia)
    address = f"/sessions/{course.session.code}/code/"
    page = browser.get(address)
    code = room_codes.code_of(course.session)
    assert f">{code.upper()}</text>" in page.text
    seconds = int(re.search(r'http-equiv="refresh" content="(\d+)"', page.text)[1])
    assert 1 <= seconds <= 61
    assert " style=" not in page.text and "<script" not in page.text.partition("<body>")[2]
    clock.at(course.at(8))
    assert code.upper() not in browser.get(address).text
    assert "at 9:15" in browser.get(address).text


def test_the_wall_says_in_both_languages_what_to_do(course, browser, elia):
    page = cast.signed_in(browser, elia).get(f"/sessions/{course.session.code}/code/").text
    for language in ("fr", "it"):
        with translation.override(language):
            said = gettext("Scan the square, or type this code at <strong>%(address)s</strong>").partition(
                "%"
            )[0]
        assert re.search(rf'lang="{language}">{re.escape(said)}', page)


def test_only_a_host_shows_the_code(course, browser, ange, stranger):
    address = f"/sessions/{course.session.code}/code/"
    assert browser.get(address)["Location"].startswith("/sign-in/")
    for someone in (ange, stranger):
        assert cast.signed_in(Client(), someone).get(address).status_code == 404


def test_a_video_session_shows_no_way_to_walk_in(elia, ange, browser, clock):
    course = Course(elia, Mode.ONLINE)
    cast.invite(course.session, ange)
    clock.at(course.at(9, 40))
    assert "I am not on the list" not in browser.get(door(course)).text
    answer = walk(browser, door(course))
    assert answer.status_code == 422 and not WalkIn.objects.exists()


@pytest.fixture
def hosting(course, browser, elia):
    walk(browser, door(course), name="Ange Esquisse")
    return cast.signed_in(Client(HTTP_ACCEPT_LANGUAGE="en"), elia)


def decide(client, course, decision, **more):
    given = {"person": WalkIn.objects.get().person.code, "decision": decision} | more
    return client.post(f"/sessions/{course.session.code}/walk-ins/decide/", given)


def test_a_host_sees_who_walked_in_and_that_the_name_is_on_the_list(course, hosting):
    page = hosting.get(f"/sessions/{course.session.code}/walk-ins/")
    assert "Somebody invited has this name" in page.text
    assert "half-day 1, signed on" in page.text


@pytest.mark.parametrize(("decision", "is_confirmed"), [("confirm", True), ("refuse", False)])
def test_a_host_decides(course, hosting, decision, is_confirmed):
    assert decide(hosting, course, decision).status_code == 302
    assert WalkIn.objects.get().is_confirmed is is_confirmed
    again = decide(hosting, course, decision)
    assert again.status_code == 422 and "decided already" in again.text


def test_a_merge_needs_an_explicit_choice(course, hosting, ange):
    without = decide(hosting, course, "merge", reason="badge")
    assert without.status_code == 422 and 'value="badge"' in without.text
    assert WalkIn.objects.get().decided_at is None
    assert decide(hosting, course, "merge", onto=ange.code).status_code == 302
    assert PresenceEvent.objects.filter(person=ange, kind="declared").count() == 1


def test_who_is_no_host_decides_nothing(course, hosting, browser, bruna):
    cast.signed_in(browser, bruna)
    assert decide(browser, course, "confirm").status_code == 404
    assert Invitation.objects.filter(person=bruna).exists()
    assert WalkIn.objects.get().decided_at is None
