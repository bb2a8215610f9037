"""Catalogue E (privacy): one recipient each, keys in no log, errors that tell nothing, no page in a shared cache.

Covered elsewhere: headers of a feed tests/web/test_feeds.py; names of other guests in a letter
tests/seminars/wording/test_letters.py; answers of the API tests/api/test_access.py. Later stages: E-03, E-04.
"""

import io
import json
import logging
import logging.config
import re
import uuid
from collections.abc import Callable, Iterator
from email import message_from_bytes, policy
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.conf import settings as chosen
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from seminars.actions import (
    answers,
    connections,
    feedback,
    letters,
    people,
    sessions,
    substitutions,
)
from seminars.models import Person, Session
from seminars.moments import as_if
from seminars.queries import calendars
from seminars.vocabulary import Answer
from tests import cast
from tests.catalogue.post import Sink, send
from tests.catalogue.served import Real
from tests.letterbox import read
from tests.realtime.lines import companion

# --- E-01: thirty letters -----------------------------------------------------------------------------------


def unfolded(content: bytes) -> str:
    """All that a mail says, decoded: heads, texts and calendar objects."""
    mail = message_from_bytes(content, policy=policy.default)
    heads = "\n".join(f"{name}: {value}" for part in mail.walk() for name, value in part.items())
    bodies = [part.get_payload(decode=True) or b"" for part in mail.walk() if not part.is_multipart()]
    texts = [body.decode("utf-8", "replace").replace("\r\n ", "").replace("\n ", "") for body in bodies]
    return "\n".join([heads, content.decode("utf-8", "replace"), *texts])


@pytest.mark.django_db
def test_e01_thirty_invitations_and_what_follows_name_one_address_each(elia: Person, mailing: Sink) -> None:
    guests = [
        cast.person(f"canary{n:02}", f"Canary Name{n:02}", country=("FR", "IT")[n % 2]) for n in range(30)
    ]
    session = cast.make_session(elia)
    cast.invite(session, *guests)
    send(40)
    for invitation in session.invitations.all()[:10]:
        answers.answer(invitation=invitation, answer=Answer.YES, note="canary-note")
    start, end = session.starts_at, session.ends_at
    walls = [(start.replace(tzinfo=None), end.replace(tzinfo=None))]
    session = sessions.move(session=session, by=elia, slots=walls, timezone="Europe/Rome")
    send(40)
    letters.publish(session=session, by=elia, text_fr="Un mot.", text_it="Una parola.")
    send(40)
    sessions.cancel(session=session, by=elia)
    send(40)
    assert len(mailing.taken) == 4 * 30
    for to, content in mailing.taken:
        mail, whole = read(content), unfolded(content)
        assert mail.recipients == [to]
        assert not [name for name in ("Cc", "Bcc", "Resent-To") if mail.message[name]]
        named = set(re.findall(r"canary\d\d@example\.org", whole)) | set(
            re.findall(r"Canary Name\d\d", whole)
        )
        own = Person.objects.get(email=to)
        assert named <= {own.email, own.name}, (to, named)
        assert elia.email not in whole
        assert "canary-note" not in whole
        if mail.calendar:
            assert mail.calendar.replace(b"\r\n ", b"").count(b"\r\nATTENDEE") == 1


@pytest.mark.django_db
def test_e01_a_substitution_tells_each_side_a_name_and_no_address(elia: Person, mailing: Sink) -> None:
    guests = [cast.person(f"canary{n:02}", f"Canary Name{n:02}") for n in range(3)]
    session = cast.make_session(elia)
    first = cast.invite(session, *guests)[0]
    send()
    mailing.taken.clear()
    asked = substitutions.ask(invitation=first, name="Canary Name77", email="canary77@example.org")
    substitutions.confirm(substitution=asked, by=elia)
    send()
    assert sorted(to for to, _ in mailing.taken) == ["canary00@example.org", "canary77@example.org"]
    for to, content in mailing.taken:
        whole = unfolded(content)
        assert read(content).recipients == [to]
        assert set(re.findall(r"canary\d\d@example\.org", whole)) == {to}
        assert set(re.findall(r"Canary Name\d\d", whole)) == {"Canary Name00", "Canary Name77"}


# --- E-02: the key of a feed --------------------------------------------------------------------------------


def test_e02_the_keys_of_links_stand_in_no_log_of_the_server(real: Real) -> None:
    key, link = real.data["calendar"], real.data["sign_in"]
    personal = real.data["invitations"][real.data["guests"][1]]
    status, answer = real.get(
        f"/calendar/{key}.ics", "Referer: http://evil.example/page", "X-Forwarded-For: 1.2.3.4"
    )
    head = answer.partition("\r\n\r\n")[0].lower()
    assert status == 200
    for line in ("referrer-policy: no-referrer", "cache-control: private", "x-robots-tag: noindex"):
        assert line in head
    assert "set-cookie" not in head
    assert key not in answer
    for path in (
        f"/calendar/{key}.ics/more",
        f"/calendar/{key}.icsx",
        f"/calendar/{key}",
        f"/calendar/{key}x.ics?key={key}",
        f"//calendar/{key}.ics",
        f"/i/{personal}/nothing/",
        f"/i/{personal}x/",
        f"/sign-in/{link}x/",
        f"/sign-in/{link}/more/",
        f"/programme/?next=/i/{personal}/",
        f"/I/{personal}/",
        f"/today/?next=%2Fcalendar%2F{key}.ics",
        f"/api/sessions/?key={key}",
    ):
        status, answer = real.get(path)
        assert status != 101
        moved = re.search(r"(?im)^location: (.*)$", answer)
        assert moved is None or not moved[1].startswith("http")
    rest = "Content-Length: 0\r\nConnection: close\r\n\r\n"
    for path, host in ((f"/i/{personal}/answer/", "localhost"), (f"/calendar/{key}.ics", "evil.example")):
        real.raw(f"POST {path} HTTP/1.1\r\nHost: {host}\r\n{rest}".encode())
    log = real.log
    assert re.search(r"GET \S+ 404 ", log)  # it is a log in which a path stands
    assert [secret for secret in (key, link, personal) if secret in log] == []


# --- E-05: errors -------------------------------------------------------------------------------------------

SECRET = "Very-Secret-Key-0123456789abcdefghijklmnop"
CANARY = "canary.person@example.org"
PAYLOAD = "canary-payload-4711"


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What the product's own handler writes."""
    root, stream = logging.getLogger(), io.StringIO()
    handlers = [handler for handler in root.handlers if isinstance(handler, logging.StreamHandler)]
    console = next(handler for handler in handlers if handler.filters)
    before = console.setStream(stream)
    yield stream
    console.setStream(before)  # type: ignore[arg-type]


def broken(*_: Any, **given: Any) -> Any:
    """An error as drivers and libraries raise it: it quotes what it was given."""
    raise RuntimeError(f"row ({CANARY}, /i/{SECRET}/, /calendar/{SECRET}.ics) {given.get('email', '')}")


def told(text: str) -> list[str]:
    return [secret for secret in (SECRET, CANARY, PAYLOAD, "sessionid=", "Bearer ") if secret in text]


@pytest.mark.django_db
@pytest.mark.parametrize("door", ["sign-in", "link", "feed", "invitation", "api"])
def test_e05_an_error_behind_a_door_tells_no_key_and_no_address(
    elia: Person, ange: Person, monkeypatch: pytest.MonkeyPatch, log: io.StringIO, door: str
) -> None:
    cache.clear()
    (invitation,) = cast.invite(cast.make_session(elia), ange)
    feed = reverse("calendar-feed", args=[people.make_calendar_key(person=ange, name="phone")[1]])
    link = reverse("sign-in-link", args=[people.make_link(person=ange).token])
    token = people.make_api_token(person=elia, name="script", may_write=True)[1]
    for place, name in (
        (people, "ask_link"),
        (people, "enter_by_link"),
        (calendars, "feed_version"),
        (answers, "answer"),
        (sessions, "plan"),
    ):
        monkeypatch.setattr(place, name, broken)
    browser = Client(raise_request_exception=False, headers={"Referer": f"http://x/{SECRET}"})
    body = json.dumps({"title": {"fr": PAYLOAD}})
    calls = {
        "sign-in": lambda: browser.post(reverse("sign-in"), {"email": CANARY}),
        "link": lambda: browser.post(link),
        "feed": lambda: browser.get(feed),
        "invitation": lambda: browser.post(
            reverse("invitation-answer", args=[invitation.token]), {"answer": "yes", "note": PAYLOAD}
        ),
        "api": lambda: browser.post(
            "/api/sessions/",
            plan_body(),
            content_type="application/json",
            headers={"Authorization": f"Bearer {token}"},
        ),
    }
    assert body
    page = calls[door]()
    assert page.status_code == 500
    assert told(page.content.decode()) == []
    text = log.getvalue()
    assert "RuntimeError" in text  # the error itself must be found there
    assert told(text) == []
    for secret in (feed.split("/")[-1][:-4], link.split("/")[-2], invitation.token, token):
        assert secret not in text


def plan_body() -> str:
    return json.dumps(
        {
            "kind": "distance_training",
            "activity": "A1",
            "host": "it-coop",
            "timezone": "Europe/Rome",
            "slots": [{"start": "2031-03-11T09:00", "end": "2031-03-11T12:00"}],
            "title": {"fr": PAYLOAD, "it": "Parole"},
        }
    )


@pytest.mark.django_db(transaction=True)
async def test_e05_an_error_behind_the_socket_tells_no_key_and_no_address(
    monkeypatch: pytest.MonkeyPatch, log: io.StringIO
) -> None:
    def stage() -> tuple[Session, Person]:
        elia = cast.person("elia", "Elia Prova", "trainer", "IT", "it-coop")
        ange = cast.person("ange", "Ange Esquisse")
        session = cast.make_session(elia)
        cast.invite(session, ange)
        return session, ange

    session, ange = await sync_to_async(stage)()
    monkeypatch.setattr(connections, "keep", broken)
    monkeypatch.setattr(feedback, "take_pulse", broken)
    async with companion(session.code, ange) as page:
        answers = [
            await page.joins(),
            await page.says("attendance.beat", connection=str(uuid.uuid4())),
            await page.says("feedback.pulse", value=PAYLOAD),
        ]
    assert [answer[2]["code"] for answer in answers] == ["failed"] * 3
    assert told(json.dumps(answers)) == []
    assert "RuntimeError" in log.getvalue()
    assert told(log.getvalue()) == []


@pytest.mark.django_db
def test_e05_an_error_while_a_letter_is_sent_tells_no_address(
    elia: Person, ange: Person, mailing: Sink, log: io.StringIO
) -> None:
    mailing.answers[ange.email] = [f"451 <{ange.email}> come later"]
    cast.invite(cast.make_session(elia), ange)
    send()
    assert "waits" in log.getvalue()
    assert ange.email not in log.getvalue()


def test_e05_the_log_keeps_no_frames_and_mails_no_errors() -> None:
    assert chosen.DEBUG is False
    assert not getattr(chosen, "ADMINS", ())
    assert set(chosen.LOGGING["handlers"]) == {"console"}
    assert chosen.LOGGING["handlers"]["console"]["filters"][-1] == "secrets"


def test_e05_an_error_of_the_real_server_tells_nothing_to_the_reader(fresh: Callable[..., Real]) -> None:
    real = fresh()
    who = real.data["guests"][2]
    cookie, token = real.data["cookies"][who], real.data["invitations"][who]
    real.spoil("ALTER TABLE seminars_invitation RENAME TO lost")
    with real:
        for path in ("/today/", f"/i/{token}/", f"/calendar/{real.data['calendar']}.ics"):
            status, answer = real.get(path, f"Cookie: sessionid={cookie}")
            assert status in (500, 503)
            for word in (
                "Traceback",
                "OperationalError",
                "ProgrammingError",
                "seminars_invitation",
                "Guest Number",
                token,
            ):
                assert word not in answer
    assert re.search("OperationalError|ProgrammingError", real.log)  # SQLite's word, PostgreSQL's
    assert not [each for each in (cookie, token, real.data["calendar"]) if each in real.log]
    assert not re.search(r"guest\d\d@example", real.log)


# --- E-06: shared caches ------------------------------------------------------------------------------------

OWN = ["today", "account", "calendars", "programme", "home", "plan", "help", "privacy", "accessibility"]
OF_SESSION = [
    "session",
    "session-edit",
    "session-move",
    "session-cancel",
    "session-people",
    "session-room",
    "session-live",
    "session-host",
    "session-close",
    "session-sheet",
    "session-sheet-csv",
    "session-results",
    "session-message",
]
PERSONAL = ["invitation", "invitation-room", "invitation-feedback"]


def may_be_shared(page: Any) -> bool:
    """Whether a shared cache may keep it for the next reader (RFC 9111 3)."""
    control = page.headers.get("Cache-Control", "")
    return not re.search(r"\b(private|no-store)\b", control)


@pytest.mark.django_db
def test_e06_no_page_of_a_known_person_may_be_kept_for_another(elia: Person, ange: Person) -> None:
    session = cast.make_session(elia, is_public=True)
    cast.invite(session, ange)
    browser, open_ = cast.signed_in(Client(), elia), []
    addresses = [reverse(name) for name in OWN]
    addresses += [reverse(name, args=[session.code]) for name in OF_SESSION]
    with as_if(session.starts_at):
        sessions.open_(session=session, by=elia)
        for address in addresses:
            page = browser.get(address)
            assert page.status_code in (200, 302), address
            if may_be_shared(page) or "Cookie" not in page.headers["Vary"]:
                open_.append(address)
    assert open_ == []


@pytest.mark.django_db
@pytest.mark.parametrize("name", PERSONAL)
def test_e06_a_personal_links_page_may_be_kept_by_nobody_else(elia: Person, ange: Person, name: str) -> None:
    (invitation,) = cast.invite(cast.make_session(elia), ange)
    page = Client().get(reverse(name, args=[invitation.token]))
    assert page.status_code == 200
    assert not may_be_shared(page), page.headers.get("Cache-Control")
    assert "Cookie" in page.headers["Vary"]
    assert page.headers["Referrer-Policy"] in ("same-origin", "no-referrer")  # a link out carries no key


@pytest.mark.django_db
def test_e06_a_reader_after_another_gets_neither_her_name_nor_her_cookie(
    elia: Person, ange: Person, stranger: Person
) -> None:
    """A cache between them that obeys Cache-Control and nothing else."""
    session = cast.make_session(elia, is_public=True)
    (invitation,) = cast.invite(session, ange)
    link = reverse("sign-in-link", args=[people.make_link(person=ange).token])
    kept: dict[str, Any] = {}
    paths = [reverse("programme"), reverse("session", args=[session.code]), reverse("home"), link]
    paths += [reverse("sign-in"), reverse(PERSONAL[0], args=[invitation.token])]
    paths.append(reverse("calendar-public", args=["fr"]))
    for browser in (cast.signed_in(Client(), ange), cast.signed_in(Client(), elia), Client()):
        for path in paths:
            page = browser.get(path)
            if not may_be_shared(page):
                continue
            kept[path] = page
            text = page.content.decode()
            assert not [one.name for one in (ange, elia) if one.name in text and path != paths[1]], path
            assert "sessionid" not in page.cookies
    assert reverse("calendar-public", args=["fr"]) in kept
    feed = reverse("calendar-feed", args=[people.make_calendar_key(person=ange, name="phone")[1]])
    assert not may_be_shared(Client().get(feed))
    anonymous = Client().get(reverse("programme"))
    assert "Cookie" in anonymous.headers["Vary"]
    assert "sessionid" not in anonymous.cookies
