"""Catalogue D (authorisation): nested ids, extra fields, origins, addresses, ways back.

Covered elsewhere: D-01 tests/house/test_grid.py and tests/api/test_access.py; D-02 for sessions and invitations of the
API tests/api/test_access.py, test_invitations.py, for codes in paths tests/house/test_grid.py; D-03 for the API
tests/api/test_plans.py; D-09 and D-10 for sign-in, sign-out, language and look tests/web/test_entry.py; D-12 for
networks tests/web/test_entry.py; D-07 and D-13 tests/catalogue/test_keys.py; D-08 and D-11
tests/catalogue/test_leaving.py; D-06 tests/catalogue/test_inviting.py.
Not yet possible, see tools/chaos.py: D-04.
"""

import re
import uuid
from typing import Any

import pytest
from django.core.cache import cache
from django.forms.models import model_to_dict
from django.test import Client
from django.urls import reverse
from websockets.exceptions import InvalidStatus

from seminars.actions import attendance, people, sessions
from seminars.models import (
    ApiToken,
    CalendarKey,
    Invitation,
    Lease,
    Letter,
    Person,
    Presence,
    PresenceEvent,
    Session,
)
from seminars.vocabulary import Answer, Role
from tests import cast
from tests.api.calls import script
from tests.catalogue.post import Sink, send
from tests.catalogue.served import ORIGIN, Real, heard
from tests.realtime.lines import aside, companion

# --- D-02: an id of another session, in path, body and query ------------------------------------------------


@pytest.fixture
def mine(elia: Person, ange: Person, clock: cast.Clock) -> Session:
    """A running session of Elia, with Ange in it."""
    session = cast.make_session(elia)
    cast.invite(session, ange)
    clock.at(session.starts_at)
    return sessions.open_(session=session, by=elia)


@pytest.fixture
def theirs(mine: Session, dominique: Person, bruna: Person, clock: cast.Clock) -> Session:
    """Another trainer's, running at the same hour: Bruna is in the video, unseen."""
    session = cast.make_session(dominique, mine.starts_at)
    cast.invite(session, bruna)
    session = sessions.open_(session=session, by=dominique)
    attendance.arrive(
        session=session, person=bruna, connection=uuid.uuid4(), event=uuid.uuid4(), for_video=True
    )
    return session


def rows() -> list[Any]:
    kinds = (Session, Invitation, Letter, PresenceEvent, Lease, Presence, CalendarKey, ApiToken)
    return [list(kind.objects.order_by("pk").values()) for kind in kinds]  # type: ignore[attr-defined]


def told(answer: Any) -> tuple[int, bytes, dict[str, str]]:
    """Status, page and head, without the form's own mark and the asked path, which the page quotes."""
    body = re.sub(rb'"[A-Za-z0-9]{64}"', b"", answer.content).replace(
        answer.request["PATH_INFO"].encode(), b""
    )
    head = {name: value for name, value in answer.headers.items() if name not in ("Date", "X-Request-ID")}
    length = int(head.pop("Content-Length", len(answer.content)))
    assert length == len(answer.content)
    return answer.status_code, body, head


ABSENT = "zzzzzzzzzzzz"


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["invitation-withdraw", "calendar-revoke", "token-revoke"])
def test_d02_a_nested_id_of_somebody_else_answers_as_an_absent_one(
    mine: Session, theirs: Session, elia: Person, bruna: Person, name: str
) -> None:
    key, _ = people.make_calendar_key(person=bruna, name="phone")
    token, _ = people.make_api_token(person=bruna, name="script", may_write=True)
    given = {
        "invitation-withdraw": ([mine.code, bruna.code], [mine.code, ABSENT]),
        "calendar-revoke": ([key.pk], [key.pk + 5]),
        "token-revoke": ([token.pk], [token.pk + 5]),
    }[name]
    before, browser = rows(), cast.signed_in(Client(), elia)
    foreign, absent = (browser.post(reverse(name, args=each)) for each in given)
    assert foreign.status_code == 404
    assert told(foreign) == told(absent)
    assert rows() == before


@pytest.mark.django_db
def test_d02_a_code_in_a_body_reaches_nobody_of_another_session(
    mine: Session, theirs: Session, elia: Person, bruna: Person, ange: Person
) -> None:
    browser, before = cast.signed_in(Client(), elia), rows()
    for person in (bruna.code, ABSENT, str(bruna.pk)):
        browser.post(reverse("session-confirm", args=[mine.code]), {"person": person, "people": person})
    lease = Lease.objects.get(person=bruna)
    guest = cast.signed_in(Client(), ange)
    path = reverse("session-presence", args=[mine.code])
    for kind in ("join", "beat"):
        taken = {"kind": kind, "connection": str(lease.pk), "event": str(uuid.uuid4())}
        assert guest.post(path, taken).status_code == 409
    guest.post(path, {"kind": "leave", "connection": str(lease.pk), "event": str(uuid.uuid4())})
    guest.post(reverse("session-leave", args=[mine.code]), {"connection": str(lease.pk)})
    assert rows() == before


@pytest.mark.django_db
def test_d02_an_id_in_a_query_shows_nothing_of_another_session(
    mine: Session, theirs: Session, elia: Person, bruna: Person
) -> None:
    browser, caller = cast.signed_in(Client(), elia), script(elia)
    query = f"?session={theirs.code}&code={theirs.code}&person={bruna.code}&as=host&id={theirs.pk}"
    for name in ("session-host", "session-people", "session-sheet", "session-sheet-csv", "session-live"):
        ask = browser.post if name == "session-sheet-csv" else browser.get
        page = ask(reverse(name, args=[mine.code]) + query)
        assert page.status_code == 200, name
        assert bruna.name not in page.content.decode(), name
    for path in (f"sessions/{mine.code}/invitations/", f"sessions/{mine.code}/attendance/"):
        assert bruna.code not in caller.get(path).content.decode()


@pytest.mark.django_db(transaction=True)
async def test_d02_a_host_gives_no_floor_to_and_confirms_nobody_of_another_session(
    mine: Session, theirs: Session, elia: Person, bruna: Person
) -> None:
    await aside(Presence.objects.filter(person=bruna).update, hand_at=theirs.starts_at)
    before = await aside(rows)
    async with companion(mine.code, elia, query="as=host") as host:
        answers = []
        for person in (bruna.code, ABSENT):
            floor = await host.says("rooms.hand", raised=False, person=person)
            confirmed = await host.says("attendance.confirm", people=[person])
            answers.append([floor[0], floor[2], confirmed[0], confirmed[2]])
    assert answers[0] == answers[1]
    assert answers[0][3] == {"people": 0}
    assert await aside(rows) == before


# --- D-03: extra fields of forms ----------------------------------------------------------------------------

SESSION_EXTRAS = {
    "owner": "1",
    "created_by": "1",
    "organisation": "1",
    "host": "1",
    "state": "ended",
    "code": "aaaaaaaaaaaa",
    "room": "viso-guessed",
    "uid": "x@viso",
    "sequence": "77",
    "id": "9999",
    "pk": "9999",
    "created_at": "2001-01-01",
    "live_seq": "9",
    "attended": "1",
    "moderator": "1",
    "webhook.team": "1",
}
PERSON_EXTRAS = {
    "is_staff": "1",
    "is_superuser": "1",
    "role": "coordinator",
    "email": "thief@example.net",
    "organisation": "1",
    "is_active": "",
    "code": "aaaaaaaaaaaa",
    "salt": "x",
    "id": "9999",
    "country": "IT",
    "key": "camille",
}
KEPT = ("code", "room", "uid", "state", "created_by_id", "created_at", "id", "live_seq", "cancelled_at")


@pytest.mark.django_db
def test_d03_extra_fields_of_a_sessions_forms_change_nothing(
    elia: Person, client: Client, camille: Person
) -> None:
    session = cast.make_session(elia)
    before = Session.objects.values(*KEPT, "host_id", "sequence").get()
    browser = cast.signed_in(client, elia)
    words = {"title_fr": "Autres mots", "title_it": "Altre parole", "kind": session.kind}
    words |= {"activity": session.activity.pk, "languages": ["fr"], "language": ["fr"]}  # type: ignore[dict-item]
    browser.post(reverse("session-edit", args=[session.code]), SESSION_EXTRAS | words)
    browser.post(reverse("session-message", args=[session.code]), SESSION_EXTRAS | {"text_fr": "Mot"})
    browser.post(
        reverse("session-invite", args=[session.code]),
        SESSION_EXTRAS
        | PERSON_EXTRAS
        | {"rows": "email,role\na@example.org,coordinator\n", "to": "a@example.org"},
    )
    after = Session.objects.values(*KEPT, "host_id", "sequence").get()
    assert {**after, "sequence": 0, "live_seq": 0} == {**before, "sequence": 0, "live_seq": 0}
    assert after["sequence"] <= 1
    assert after["live_seq"] < 9
    guest = Person.objects.get(email="a@example.org")
    assert (guest.role, guest.organisation) == (Role.PARTICIPANT, None)


@pytest.mark.django_db
def test_d03_extra_fields_of_ones_own_forms_give_no_power(elia: Person, ange: Person) -> None:
    (invitation,) = cast.invite(cast.make_session(elia), ange)
    browser, before = cast.signed_in(Client(), ange), model_to_dict(ange)
    own = {"name": "Ange Neuf", "language": "it", "timezone": "Europe/Rome"}
    assert browser.post(reverse("account"), PERSON_EXTRAS | own).status_code == 302
    after = model_to_dict(Person.objects.get(pk=ange.pk))
    assert {name for name in after if after[name] != before[name]} == {"name", "language", "timezone"}
    answered = {
        "answer": "yes",
        "person": elia.pk,
        "session": 9,
        "turn": 7,
        "token": "x",
        "withdrawn_at": "now",
    }
    Client().post(reverse("invitation-answer", args=[invitation.token]), answered)
    kept = Invitation.objects.get()
    assert (kept.answer, kept.person, kept.turn) == (Answer.YES, ange, 0)
    extras = {"token-name": "mine", "token-person": elia.pk, "person": elia.pk, "token-key_hash": "0" * 64}
    browser.post(reverse("token-make"), extras)
    browser.post(reverse("calendars"), {"name": "mine", "person": elia.pk, "key_hash": "0" * 64})
    assert {row.person for row in (*ApiToken.objects.all(), *CalendarKey.objects.all())} <= {ange}
    assert not ApiToken.objects.filter(may_write=True).exists()


# --- D-05: exact origins at the real handshake --------------------------------------------------------------

FOREIGN = [
    None,
    "null",
    "http://evil",
    "http://localhost:8001",
    "http://localhost",
    "https://localhost:8000",
    "http://sub.localhost:8000",
    "http://localhost.evil:8000",
    "http://localhost:8000/",
    "http://user@localhost:8000",
]


@pytest.mark.parametrize("origin", FOREIGN)
def test_d05_a_handshake_from_another_origin_is_refused(real: Real, origin: str | None) -> None:
    with pytest.raises(InvalidStatus) as refused:
        real.line(real.data["guests"][0], origin=origin)
    assert refused.value.response.status_code == 403


def test_d05_the_exact_origin_opens_and_two_of_them_do_not(real: Real) -> None:
    guest = real.data["guests"][0]
    with real.line(guest) as line:
        assert heard(line, "live.snapshot")
    shake = [
        f"GET /live/{real.data['code']}/ HTTP/1.1",
        "Host: localhost",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
        f"Cookie: sessionid={real.data['cookies'][guest]}",
        f"Origin: {ORIGIN}",
        "Origin: http://evil",
    ]
    assert b" 101 " not in real.raw("\r\n".join([*shake, "", ""]).encode(), 2).partition(b"\r\n")[0]


# --- D-09, D-10: the doors that tests/web/test_entry.py does not try ----------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize(
    "address", ["a\nelia@example.org", "elia@example.org\r\nBcc: b@example.org", "elia@example.org\x00"]
)
def test_d09_a_line_end_in_the_address_sends_no_second_mail(
    elia: Person, dominique: Person, mailing: Sink, address: str
) -> None:
    cache.clear()
    Client().post(reverse("sign-in"), {"email": address})
    Client().post(reverse("sign-in"), {"email": "elia@example.org", "email[]": "dominique@example.org"})
    send()
    assert {to for to, _ in mailing.taken} <= {"elia@example.org"}


TRICKS = [
    "//evil",
    "\\\\evil",
    "/\\evil",
    "https:evil",
    "javascript:x",
    "/%09/evil",
    "%2f%2fevil",
    "@evil",
    "///evil",
]


@pytest.mark.django_db
@pytest.mark.parametrize("trick", TRICKS)
def test_d10_an_answer_leads_to_no_other_site(elia: Person, ange: Person, trick: str) -> None:
    cache.clear()
    (invitation,) = cast.invite(cast.make_session(elia), ange)
    by_link = Client().post(
        reverse("invitation-answer", args=[invitation.token]), {"answer": "yes", "next": trick}
    )
    link = reverse("sign-in-link", args=[people.make_link(person=ange).token])
    entered = Client().post(f"{link}?next={trick}", {"next": trick})
    for answer in (by_link, entered):
        assert answer.status_code == 302
        assert re.match(r"/[a-z]", answer.headers["Location"]), answer.headers["Location"]
        assert "evil" not in answer.headers["Location"]
