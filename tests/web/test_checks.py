"""The presence check, signatures and inspectors on the room's and the host's page, without any script."""

import json
import re
import uuid
from datetime import timedelta

import pytest
from django.core.cache import caches
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from seminars.actions import attendance, checks, declaring, inspectors, sessions, signing
from seminars.models import Person, PresenceCheck, PresenceEvent, Session, WalkIn
from seminars.moments import local, now
from seminars.vocabulary import PresenceKind
from tests.cast import Clock, invite, make_session, signed_in

JSON = {"HTTP_ACCEPT": "application/json"}


@pytest.fixture
def session(dominique: Person, ange: Person, bruna: Person, clock: Clock) -> Session:
    """Runs since a minute; Ange and Bruna are in the room."""
    caches["shared"].clear()
    start = local(now(), "Europe/Paris").replace(tzinfo=None, microsecond=0)
    session = make_session(dominique, start, minutes=120)
    invite(session, ange, bruna)
    session = sessions.open_(session=session, by=dominique)
    for person in (ange, bruna):
        attendance.arrive(session=session, person=person, connection=uuid.uuid4(), event=uuid.uuid4())
    clock.forward(minutes=1)
    return session


@pytest.fixture
def check(session: Session, dominique: Person) -> PresenceCheck:
    return checks.ask(session=session, by=dominique)


def at(name: str, session: Session) -> str:
    return reverse(name, args=[session.code])


def read(client: Client, name: str, session: Session) -> str:
    page = client.get(at(name, session), HTTP_ACCEPT_LANGUAGE="en").content.decode()
    return re.sub(r"<(script|template)\b.*?</\1>", "", page, flags=re.DOTALL)


def form(page: str) -> str:
    found = re.search(r"<form[^>]*data-check[ >].*?</form>", page, re.DOTALL)
    assert found
    return found[0]


def is_asked(page: str) -> bool:
    return " hidden" not in form(page).partition(">")[0]


def in_english(client: Client, person: Person, **how: bool) -> Client:
    person.language = "en"
    person.save(update_fields=["language"])
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return signed_in(client, person, **how)


def test_the_room_asks_while_the_question_concerns_its_reader(
    client: Client, session: Session, ange: Person, dominique: Person, clock: Clock
) -> None:
    in_english(client, ange, invited=True)
    assert not is_asked(read(client, "session-room", session))
    check = checks.ask(session=session, by=dominique)
    page = read(client, "session-room", session)
    assert is_asked(page)
    assert check.code in form(page)
    assert "Press the button by" in form(page)
    clock.forward(minutes=4)
    assert "Answers were due by" in form(read(client, "session-room", session))
    clock.at(session.ends_at + timedelta(minutes=1))
    assert not is_asked(read(client, "session-room", session))


def test_an_answer_by_the_plain_form_is_kept_and_said(
    client: Client, session: Session, check: PresenceCheck, ange: Person
) -> None:
    in_english(client, ange, invited=True)
    answer = client.post(at("session-check", session), {"check": check.code}, follow=True)
    assert answer.redirect_chain == [(at("session-room", session), 302)]
    assert "You answered at" in answer.content.decode()
    assert not is_asked(read(client, "session-room", session))
    assert PresenceEvent.objects.get(kind=PresenceKind.CONFIRMED).data["check"] == check.code


def test_a_script_gets_json_and_a_refusal_its_sentence(
    client: Client, session: Session, check: PresenceCheck, ange: Person
) -> None:
    in_english(client, ange)
    assert client.post(at("session-check", session), {"check": check.code}, **JSON).status_code == 200
    wrong = client.post(at("session-check", session), {"check": "nosuchcode00"}, **JSON)
    assert (wrong.status_code, wrong.json()["code"]) == (409, "check_unknown")
    refused = client.post(at("session-check", session), {}, follow=True)
    assert "This question is not known here." in refused.content.decode()


def test_asking_is_a_hosts_form_and_foreign_posts_find_nothing(
    client: Client, session: Session, ange: Person, dominique: Person, stranger: Person
) -> None:
    signed_in(client, ange)
    assert client.post(at("session-ask-check", session)).status_code == 404
    in_english(client, dominique)
    assert client.get(at("session-ask-check", session)).status_code == 302
    assert not PresenceCheck.objects.exists()
    assert client.post(at("session-ask-check", session)).status_code == 302
    twice = client.post(at("session-ask-check", session), follow=True)
    assert "was asked already" in twice.content.decode()
    assert PresenceCheck.objects.get().asked_by == dominique
    signed_in(client, stranger)
    for name in ("session-check", "session-ask-check"):
        assert client.post(at(name, session)).status_code == 404


def chips(page: str, person: Person) -> list[str]:
    row = re.search(rf'<li class="person" data-row="{person.code}">.*?</li>', page, re.DOTALL)
    assert row
    found = re.findall(r'<span class="(?:chip|tiny)[^>]*data-of="(?:signed|answer)">(.*?)</span>', row[0])
    return [words.replace("\u202f", " ") for words in found]


def test_the_host_sees_who_has_signed_and_who_has_answered(
    client: Client, session: Session, ange: Person, bruna: Person, dominique: Person, clock: Clock
) -> None:
    in_english(client, dominique)
    page = read(client, "session-host", session)
    assert "Nobody has been asked yet." in page
    assert "Signed: 0 of 2" in page
    assert chips(page, ange) == ["not signed yet"]
    check = checks.ask(session=session, by=dominique)
    signing.sign(session=session, person=ange, slot_number=1, name=ange.name)
    checks.answer(session=session, person=ange, code=check.code)
    page = read(client, "session-host", session)
    assert "Signed: 1 of 2" in page
    assert "Answered: 1 of 2" in page
    hour = local(check.asked_at, session.timezone)
    assert chips(page, ange) == ["signed", f"answered {hour.hour}:{hour:%M}"]
    assert chips(page, bruna) == ["not signed yet", "no answer yet"]
    clock.forward(minutes=5)
    checks.answer(session=session, person=bruna, code=check.code)
    assert chips(read(client, "session-host", session), bruna)[1].startswith("answered late, ")


def test_the_room_leads_to_the_signature_until_it_is_given(
    client: Client, session: Session, ange: Person
) -> None:
    in_english(client, ange)
    way = f'href="{at("session-sign", session)}"'
    assert way in read(client, "session-room", session)
    signing.sign(session=session, person=ange, slot_number=1, name=ange.name)
    assert way not in read(client, "session-room", session)


def test_the_host_is_led_to_whoever_is_not_on_the_list(
    client: Client, session: Session, dominique: Person, stranger: Person
) -> None:
    in_english(client, dominique)
    assert "not on the list" not in read(client, "session-host", session)
    WalkIn.objects.create(session=session, person=stranger, at=now())
    assert "1 person not on the list" in read(client, "session-host", session)


def test_everybody_in_the_room_sees_the_inspector_while_she_looks_on(
    client: Client, session: Session, ange: Person, dominique: Person, clock: Clock
) -> None:
    link = inspectors.make(
        session=session, by=dominique, label="DREETS <Lyon>", expires_at=now() + timedelta(hours=2)
    )
    said = "DREETS &lt;Lyon&gt; looks on as an inspector"
    readers = [(ange, "session-room"), (dominique, "session-host")]

    def seen() -> list[bool]:
        return [said in read(in_english(Client(), person), name, session) for person, name in readers]

    assert seen() == [False, False], "a link that nobody opened shows nobody"
    inspectors.look(link=link)
    assert seen() == [True, True]
    clock.forward(minutes=4)
    assert seen() == [True, True]
    clock.forward(minutes=2)
    assert seen() == [False, False]
    inspectors.look(link=link)
    inspectors.revoke(link=link, by=dominique)
    assert seen() == [False, False]


def test_the_scripts_of_both_pages_get_their_words(
    client: Client, session: Session, ange: Person, dominique: Person
) -> None:
    def words(person: Person, name: str) -> dict[str, object]:
        page: HttpResponse = in_english(client, person).get(at(name, session))
        found = re.search(r'<script id="live"[^>]*>(.*?)</script>', page.content.decode(), re.DOTALL)
        assert found
        loaded: dict[str, object] = json.loads(found[1])["words"]
        return loaded

    assert {"check", "inspector"} <= set(words(ange, "session-room"))
    assert {"marks", "asked", "inspector"} <= set(words(dominique, "session-host"))


def test_a_session_keeps_how_often_its_people_are_asked(
    client: Client, session: Session, dominique: Person
) -> None:
    in_english(client, dominique)
    page = read(client, "session-edit", session)
    assert 'name="checks_per_part"' in page
    given = {"title_fr": session.title_fr, "title_it": session.title_it, "kind": session.kind}
    given |= {"activity": session.activity_id, "languages": ["fr", "it"]}
    for often, kept in (("2", 2), ("", 0)):
        answer = client.post(at("session-edit", session), given | {"checks_per_part": often})
        assert answer.status_code == 302, answer.content.decode()
        session.refresh_from_db()
        assert session.checks_per_part == kept
    assert client.post(at("session-edit", session), given | {"checks_per_part": "9"}).status_code == 422
    assert session.sequence == 0, "no letter leaves for it"


def test_signatures_are_counted_among_all_who_are_expected(
    client: Client, session: Session, dominique: Person, ange: Person, cyrille: Person
) -> None:
    """Cyrille has not come; who is excused counts no more."""
    invite(session, cyrille)
    signed_in(client, dominique)
    client.cookies["django_language"] = "en"
    signing.sign(session=session, person=ange, slot_number=1, name=ange.name)
    assert "Signed: 1 of 3" in client.get(at("session-host", session)).content.decode()
    declaring.excuse(session=session, person=cyrille, by=dominique, slot_number=1)
    assert "Signed: 1 of 2" in client.get(at("session-host", session)).content.decode()
