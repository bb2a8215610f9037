"""No dead end: addresses that only take forms, invitations that were taken back, pages whose script has not started."""

import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import translation

from config.settings import BASE_DIR
from seminars.actions import attendance, invitations
from seminars.models import Lease, Letter, Person, PresenceEvent, Session
from seminars.moments import local, now
from tests import cast
from web import errors, live
from web.language import COOKIE

pytestmark = pytest.mark.django_db
ENGLISH = {"Accept-Language": "en"}


@pytest.fixture
def session(dominique: Person, ange: Person, bruna: Person) -> Session:
    """Starts in five minutes; the room is open."""
    start = local(now(), "Europe/Paris").replace(tzinfo=None, microsecond=0) + timedelta(minutes=5)
    session = cast.make_session(dominique, start)
    cast.invite(session, ange, bruna)
    return session


def at(name: str, session: Session) -> str:
    return reverse(name, args=[session.code])


def arrive(session: Session, person: Person) -> None:
    attendance.arrive(session=session, person=person, connection=uuid.uuid4(), event=uuid.uuid4())


def imports(name: str) -> set[str]:
    """The modules that a script loads, however deep."""
    found: set[str] = set()
    left = [name]
    while left:
        text = (BASE_DIR / "static" / "js" / f"{left.pop()}.js").read_text()
        new = set(re.findall(r'^import .* from "\./(\w+)\.js";$', text, re.M)) - found
        found |= new
        left += new
    return found


@pytest.mark.parametrize(("page", "script"), [("session-room", "room"), ("session-host", "host")])
def test_a_live_page_asks_at_once_for_each_module_of_its_script(client, session, dominique, page, script):
    shown = cast.signed_in(client, dominique).get(at(page, session)).content.decode()
    asked = re.findall(r'<link rel="modulepreload" href="/static/js/(\w+)\.js">', shown)
    assert sorted(asked) == sorted(imports(script))


def test_only_the_script_says_saved_where_scripts_run(client, session, ange):
    arrive(session, ange)
    page = cast.signed_in(client, ange).get(at("session-room", session), headers=ENGLISH).content.decode()
    mark = re.search(r"<span[^>]* data-mine .*?</noscript></span>", page)
    assert mark
    plain = re.search(r"<noscript>(.*)</noscript>", mark[0])
    assert plain and plain[1].endswith(", saved")
    assert ", being saved" in mark[0].replace(plain[0], "")
    assert ", saved" not in mark[0].replace(plain[0], "")


def test_whoever_is_in_the_video_unseen_reads_nothing_about_saved():
    mine = {"standing": "video", "since": "2026-03-05T09:00:00+00:00"}
    with translation.override("en"):
        said = live.said_mine(mine, "Europe/Paris", "en")
    assert set(said.values()) == {"In the video since 10:00, to be confirmed"}


def test_the_address_of_a_form_leads_to_its_page(client, session, ange):
    token = session.invitations.get(person=ange).token
    assert client.get("/sign-in/number/").headers["Location"] == "/sign-in/?sent=1"
    client.post("/sign-in/", {"email": ange.email})
    assert "id_number" in client.get("/sign-in/number/", follow=True).content.decode()
    for name, target in (("answer", "invitation"), ("join", "invitation-room")):
        answer = client.get(f"/i/{token}/{name}/")
        assert answer.headers["Location"] == reverse(target, args=[token])
    cast.signed_in(client, ange)
    for name in ("session-join", "session-video", "session-leave", "session-pulse", "session-hand"):
        assert client.get(at(name, session)).headers["Location"] == at("session-room", session)
    assert not PresenceEvent.objects.exists()


@pytest.mark.parametrize("language", ["fr", "it", "en"])
def test_an_address_that_only_takes_a_button_says_so(client, language):
    answer = client.get("/sign-out/", headers={"Accept-Language": language})
    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")
    page = answer.content.decode()
    assert f'<html lang="{language}"' in page
    assert "data-back" in page
    said = client.get("/sign-out/", headers={"Accept": "application/json"}).json()
    assert said["code"] == "method_not_allowed"


def test_a_withdrawn_person_is_told_and_nobody_else(client, session, ange, bruna, stranger):
    invitation = session.invitations.get(person=ange)
    token = invitation.token
    invitations.withdraw(invitation=invitation, by=session.created_by)
    for address in (f"/i/{token}/", f"/i/{token}/room/"):
        answer = client.get(address, headers=ENGLISH)
        assert answer.status_code == 410
        assert "This invitation has been withdrawn" in answer.content.decode()
    assert client.get(f"/i/{invitation.code}.{'a' * 27}/").status_code == 404, "forged"
    cast.signed_in(client, ange, invited=True)
    assert client.get(at("session-room", session)).status_code == 410
    assert client.post(at("session-join", session)).status_code == 410
    assert cast.signed_in(Client(), stranger).get(at("session-room", session)).status_code == 404
    assert client.get(at("session-host", session)).status_code == 404
    cast.invite(session, ange)
    assert client.get(f"/i/{token}/").status_code == 404
    assert client.get(at("session-room", session)).status_code == 200
    assert client.get(f"/i/{session.invitations.get(person=bruna).token}/").status_code == 200


def test_withdrawing_somebody_who_is_inside_asks_first(client, session, dominique, ange, bruna):
    arrive(session, ange)
    cast.signed_in(client, dominique)
    address = reverse("invitation-withdraw", args=[session.code, ange.code])
    asked = client.post(address, headers=ENGLISH, follow=True).content.decode()
    assert f"Withdraw {ange.name} from the room?" in asked
    assert session.invitations.active().filter(person=ange).exists()
    client.post(address, {"sure": "1"})
    assert not session.invitations.active().filter(person=ange).exists()
    client.post(reverse("invitation-withdraw", args=[session.code, bruna.code]))
    assert not session.invitations.active().exists()
    assert not Lease.objects.filter(ended_at=None).exists()


def test_once_open_the_page_says_since_when(client, session, dominique, ange):
    cast.signed_in(client, ange)
    page = client.get(at("session", session), headers=ENGLISH).content.decode()
    assert "The room is open since" in page
    assert "The room opens at" not in page
    early = cast.make_session(dominique)
    cast.invite(early, ange)
    assert "The room opens at" in client.get(at("session", early), headers=ENGLISH).content.decode()


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_interruption_speaks_of_what_was_sent_only_where_something_was(method: str) -> None:
    request: Any = RequestFactory().generic(method, "/help/", headers=ENGLISH)
    try:
        raise OperationalError("away")
    except OperationalError:
        page = errors.broken(request)
    assert page.status_code == 503
    assert ("What you sent may not have been kept" in page.content.decode()) == (method == "POST")


def test_a_stale_form_leads_back(session):
    client = Client(enforce_csrf_checks=True)
    page = client.post("/sign-in/", {"email": "a@example.org"}, headers=ENGLISH).content.decode()
    assert page.count("data-back") == 1
    assert "still there" not in page


@pytest.mark.parametrize(("state", "primary"), [("failed", "People and answers"), ("dead", "Send again")])
def test_one_letter_that_did_not_arrive_has_one_button(client, session, dominique, ange, state, primary):
    Letter.objects.filter(person=ange).update(state=state)
    page = cast.signed_in(client, dominique).get(at("session-letters", session), headers=ENGLISH)
    text = page.content.decode()
    assert text.count('action="' + at("session-letters-again", session)) == 1
    filled = re.findall(r'class="button[^"]*\bgo\b[^"]*"[^>]*>(?:<svg.*?</svg>)?([^<]+)', text)
    assert filled == [primary]


@pytest.mark.parametrize("is_public", [True, False])
def test_only_a_public_session_has_a_page_to_pass_on(client, dominique, ange, is_public):
    session = cast.make_session(dominique, is_public=is_public)
    (invitation,) = cast.invite(session, ange)
    client.cookies[COOKIE] = "en"  # a letter's link opens in the language of the letter
    page = client.get(f"/i/{invitation.token}/").content.decode()
    assert "This link is yours" in page
    assert ("programme&#x27;s page" in page or "programme's page" in page) == is_public
