"""Presence without a socket: whose a connection is, what is taken, what is refused, and how much of it."""

import json
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import caches
from django.test import Client
from django.urls import reverse

from seminars.actions import connections, invitations, sessions
from seminars.keys import digest
from seminars.models import Lease, Person, PresenceEvent
from seminars.vocabulary import PresenceKind
from tests import cast
from web import presence

pytestmark = pytest.mark.django_db
ADDRESS = "/live/presence/"
ORIGIN = "http://testserver"
SECRET = "5ec2e7" * 10
MINUTE = 60_000


@pytest.fixture(autouse=True)
def _house(settings):
    settings.LIVE_ORIGINS = [ORIGIN]
    caches["shared"].clear()


@pytest.fixture
def session(elia, ange, bruna, clock):
    """In its tenth minute; Ange and Bruna are invited."""
    found = cast.make_session(elia)
    cast.invite(found, ange, bruna)
    clock.at(found.starts_at)
    found = sessions.open_(session=found, by=elia)
    clock.forward(minutes=10)
    return found


@pytest.fixture
def hers(client, ange):
    return cast.signed_in(client, ange)


class Page:
    """What one page sends: a connection, its secret, the session's code."""

    def __init__(self, session: Any, client: Client | None = None, secret: str = SECRET) -> None:
        self.session, self.client, self.secret = session, client or Client(), secret
        self.connection = str(uuid.uuid4())

    def body(self, *messages: Any, **more: Any) -> dict[str, Any]:
        given = {"session": self.session.code, "connection": self.connection, "secret": self.secret}
        return given | {"messages": messages} | more

    def send(
        self, *messages: Any, client: Client | None = None, origin: str | None = ORIGIN, **more: Any
    ) -> Any:
        return post(client or self.client, self.body(*messages, **more), origin)

    def results(self, *messages: Any, **more: Any) -> list[dict[str, Any]]:
        answer = self.send(*messages, **more)
        assert answer.status_code == 200, answer.content
        return list(answer.json()["results"])


def post(client: Client, body: Any, origin: str | None = ORIGIN) -> Any:
    headers = {} if origin is None else {"Origin": origin}
    text = body if isinstance(body, str | bytes) else json.dumps(body)
    return client.post(ADDRESS, text, content_type="application/json", headers=headers)


def said(kind: str, age: Any = 0, event: str | None = None, **more: Any) -> dict[str, Any]:
    return {"kind": kind, "event": event or str(uuid.uuid4()), "age_ms": age} | more


def kinds(session: Any) -> list[str]:
    return [str(event.kind) for event in PresenceEvent.objects.filter(session=session).order_by("seq")]


# --- Whose it is ---------------------------------------------------------------------------------------------------


def test_a_first_join_needs_who_is_signed_in_and_from_then_on_the_secret_alone_does(session, hers, ange):
    page = Page(session, hers)
    (joined,) = page.results(said("join"))
    assert joined["new"] is True
    lease = Lease.objects.get(pk=page.connection)
    assert (lease.person, len(lease.secret_hash)) == (ange, 64)
    assert SECRET not in lease.secret_hash
    (beaten,) = page.results({"kind": "beat"}, client=Client())
    assert beaten["event"] is None and "code" not in beaten
    (left,) = page.results(said("leave"), client=Client())
    assert left["new"] is True
    assert kinds(session) == [PresenceKind.JOINED, PresenceKind.LEFT]


def test_a_connection_begun_by_the_form_takes_the_secret_of_its_page(session, hers, ange):
    page = Page(session, hers)
    hers.post(reverse("session-join", args=[session.code]), {"connection": page.connection})
    assert Lease.objects.get().secret_hash == ""
    assert page.send({"kind": "beat"}, client=Client()).status_code == 403
    page.results(said("join"))
    assert page.results({"kind": "beat"}, client=Client())[0].get("code") is None
    page.secret = "another" * 8  # and no other later
    assert page.send(said("join")).status_code == 403
    assert Lease.objects.get().secret_hash == digest(SECRET)


def test_a_wrong_secret_and_an_unknown_connection_are_answered_alike_to_the_byte(session, hers):
    page = Page(session, hers)
    page.results(said("join"))
    wrong, unknown, elsewhere = Page(session, secret="0" * 64), Page(session), Page(session)
    wrong.connection = elsewhere.connection = page.connection
    answers = [each.send(said("leave"), client=Client()) for each in (wrong, unknown)]
    elsewhere.session = cast.make_session(session.created_by)
    answers.append(elsewhere.send(said("leave"), client=Client()))
    answers.append(unknown.send(said("leave"), client=Client(), session="zzzzzzzzzzzz"))
    assert {answer.status_code for answer in answers} == {403}
    assert len({answer.content for answer in answers}) == 1
    own = ("X-Request-ID", "Expires")  # its number and its second
    heads = [{name: value for name, value in a.headers.items() if name not in own} for a in answers]
    assert all(head == heads[0] for head in heads)
    assert Lease.objects.get(pk=page.connection).ended_at is None


def test_a_connection_of_somebody_else_is_unknown_to_whoever_is_signed_in(session, hers, bruna):
    page = Page(session, hers)
    page.results(said("join"))
    foreign = Page(session, cast.signed_in(Client(), bruna), secret="0" * 64)
    foreign.connection = page.connection
    answer = foreign.send(said("leave"))
    assert (answer.status_code, answer.json()["code"]) == (403, "unknown_connection")
    Lease.objects.update(secret_hash="")  # begun by the form, which sends no secret
    assert foreign.send(said("leave")).status_code == 403
    assert page.results({"kind": "beat"})[0].get("code") is None


def test_a_secret_speaks_for_its_own_person_whoever_is_signed_in(session, hers, ange, bruna):
    page = Page(session, hers)
    page.results(said("join"))
    page.results(said("leave"), client=cast.signed_in(Client(), bruna))
    assert set(PresenceEvent.objects.values_list("person", flat=True)) == {ange.pk}


def test_what_another_persons_page_left_is_not_hers_who_is_signed_in_now(session, ange, bruna):
    page = Page(session, cast.signed_in(Client(), bruna))
    assert page.send(said("join"), person=ange.code).status_code == 403
    assert page.send(said("join"), person=bruna.code).status_code == 200


def test_a_stranger_begins_no_connection(session, stranger, elia):
    other = cast.make_session(elia)
    for someone, where in ((stranger, session), (Person.objects.get(key="ange"), other)):
        answer = Page(where, cast.signed_in(Client(), someone)).send(said("join"))
        assert (answer.status_code, answer.json()["code"]) == (403, "unknown_connection")
    assert not Lease.objects.exists()


def test_a_secret_opens_nothing_once_the_invitation_is_withdrawn_or_the_person_suspended(session, hers, ange):
    page = Page(session, hers)
    page.results(said("join"))
    Person.objects.filter(pk=ange.pk).update(is_active=False)
    assert page.send(said("leave"), client=Client()).status_code == 403
    Person.objects.filter(pk=ange.pk).update(is_active=True)
    invitations.withdraw(invitation=session.invitations.get(person=ange), by=session.created_by)
    assert page.send(said("leave"), client=Client()).status_code == 403


@pytest.mark.parametrize(
    "origin",
    [
        None,
        "null",
        "http://testserver:8443",
        "https://testserver",
        "http://testserver.evil.test",
        f"{ORIGIN}, {ORIGIN}",
    ],
)
def test_only_pages_of_our_exact_origin_may_ask(session, hers, origin):
    page = Page(session, hers)
    assert page.send(said("join"), origin=origin).status_code == 403
    assert not Lease.objects.exists()


def test_no_form_token_is_needed_and_no_cookie_is_set(session, ange):
    strict = cast.signed_in(Client(enforce_csrf_checks=True), ange)
    page = Page(session, strict)
    page.results(said("join"))
    answer = page.send({"kind": "beat"}, client=Client(enforce_csrf_checks=True))
    assert (answer.status_code, answer.cookies) == (200, {})
    assert "no-store" in answer["Cache-Control"]


# --- What is taken -------------------------------------------------------------------------------------------------


def test_minutes_without_a_line_are_replayed_with_their_ages(session, hers, clock):
    page = Page(session, hers)
    page.results(said("join"))
    began = Lease.objects.get(pk=page.connection).seen_at
    clock.forward(minutes=20)
    marked, left = page.results(said("beat", 5 * MINUTE), said("leave", 5 * MINUTE), client=Client())
    assert "code" not in marked and "code" not in left
    events = list(PresenceEvent.objects.filter(session=session).order_by("seq"))
    assert [event.kind for event in events] == ["joined", "resumed", "left"]
    assert events[1].data["awake"] is True
    for event in events[1:]:
        assert abs(event.at - (began + timedelta(minutes=15))) < timedelta(seconds=1)


def test_replaying_twice_changes_nothing_and_answers_the_same_instants(session, hers, clock):
    page = Page(session, hers)
    page.results(said("join"))
    clock.forward(minutes=20)
    messages = [said("beat", 10 * MINUTE), said("leave", 5 * MINUTE)]
    first = page.results(*messages)
    count = PresenceEvent.objects.count()
    clock.forward(seconds=7)
    again = page.results(*messages)
    assert [(each["event"], each["at"]) for each in again] == [(each["event"], each["at"]) for each in first]
    assert [each["new"] for each in again] == [False, False]
    assert PresenceEvent.objects.count() == count


def test_an_age_older_than_the_connection_is_clamped_to_what_the_server_saw_last(session, hers, clock):
    page = Page(session, hers)
    page.results(said("join"))
    seen = Lease.objects.get(pk=page.connection).seen_at
    clock.forward(seconds=30)
    page.results(said("leave", 9e15))
    assert Lease.objects.get(pk=page.connection).ended_at == seen


@pytest.mark.parametrize("age", ["NaN", "Infinity", "-Infinity", "null", "-5", "1e999", "-1e999"])
def test_a_broken_clock_of_the_client_moves_nothing(session, hers, age):
    page = Page(session, hers)
    page.results(said("join"))
    body = json.dumps(page.body(said("beat", "AGE", event=str(uuid.uuid4())), {"kind": "beat"})).replace(
        '"AGE"', age
    )
    answer = post(hers, body)
    assert answer.status_code == 200
    assert all("code" not in each for each in answer.json()["results"])
    assert kinds(session) == [PresenceKind.JOINED]


def test_one_message_that_cannot_be_read_takes_nothing_from_the_others(session, hers):
    page = Page(session, hers)
    bad = [
        None,
        5,
        {},
        {"kind": "fly"},
        {"kind": "join"},
        said("join", "soon"),
        said("leave", True),
        said("join", event="x"),
    ]
    results = page.results(*bad, said("join"))
    assert [each.get("code") for each in results] == ["bad_command"] * len(bad) + [None]
    assert kinds(session) == [PresenceKind.JOINED]


def test_refusals_come_message_by_message_in_the_readers_language(session, hers, ange):
    page = Page(session, hers)
    (lapsed,) = page.results({"kind": "beat"})
    assert lapsed["code"] == "lapsed"
    assert lapsed["message"]


# --- How much of it ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        "[]",
        "5",
        "[" * 100_000,
        "{}",
        json.dumps({"messages": []}),
        json.dumps({"session": "x", "connection": "no", "secret": SECRET, "messages": []}),
        json.dumps({"session": "x", "connection": str(uuid.uuid4()), "secret": "short", "messages": []}),
        json.dumps(
            {"session": "x", "connection": str(uuid.uuid4()), "secret": "\ud800" * 40, "messages": []}
        ),
        json.dumps({"session": "\0", "connection": str(uuid.uuid4()), "secret": SECRET, "messages": []}),
        json.dumps({"session": 5, "connection": str(uuid.uuid4()), "secret": SECRET, "messages": []}),
        json.dumps({"session": "x", "connection": str(uuid.uuid4()), "secret": SECRET, "messages": {}}),
        b"\xff\xfe",
        '{"n": ' + "9" * 10_000 + "}",
    ],
)
def test_what_is_no_parcel_is_a_bad_request(session, hers, body):
    assert post(hers, body).status_code == 400


def test_more_than_256_kib_or_5000_messages_is_too_large(session, hers):
    page = Page(session, hers)
    whole = json.dumps(page.body({"kind": "beat"}))
    assert post(hers, whole + " " * (presence.MOST_OCTETS - len(whole))).status_code == 200
    answer = post(hers, whole + " " * (presence.MOST_OCTETS + 1 - len(whole)))
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert page.send(*[{"kind": "beat"}] * 5000).status_code == 200
    assert page.send(*[{"kind": "beat"}] * 5001).status_code == 413


def test_a_flood_of_requests_is_told_to_wait_and_keeps_little(session, hers, bruna):
    page = Page(session, hers)
    page.results(said("join"))
    answers = [page.send(said("join"), client=Client()) for _ in range(presence.REQUESTS.most + 20)]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert len(refused) >= 20
    assert refused[0].json()["code"] == "too_fast"
    assert 0 < int(refused[0]["Retry-After"]) <= 60
    assert kinds(session) == [PresenceKind.JOINED]
    other = Page(session, cast.signed_in(Client(), bruna))
    assert other.send(said("join")).status_code == 200  # others are not held up by it


def test_few_large_parcels_pass_and_the_next_must_wait(session, hers):
    page = Page(session, hers)
    many = [{"kind": "beat"}] * (presence.FEW_MESSAGES + 1)
    codes = [page.send(*many).status_code for _ in range(presence.PARCELS.most + 1)]
    assert codes == [200] * presence.PARCELS.most + [429]
    assert page.send({"kind": "beat"}).status_code == 200


def test_strangers_with_wrong_secrets_are_told_to_wait_before_more_is_read(session, hers, monkeypatch):
    page = Page(session, hers)
    page.results(said("join"))
    wrong = Page(session, secret="0" * 64)
    wrong.connection = page.connection
    codes = [wrong.send(said("leave"), client=Client()).status_code for _ in range(presence.STRANGERS.most)]
    assert codes == [403] * presence.STRANGERS.most
    monkeypatch.setattr(presence, "read", None)
    answer = wrong.send(said("leave"), client=Client())
    assert (answer.status_code, answer.json()["code"]) == (429, "too_fast")
    assert 0 < int(answer["Retry-After"]) <= 60


def test_a_large_parcel_is_kept_in_small_transactions_and_answered_in_order(session, hers, monkeypatch):
    sizes, keep = [], connections.keep
    monkeypatch.setattr(connections, "keep", lambda batch: sizes.append(len(batch)) or keep(batch))
    page = Page(session, hers)
    given = [said("join"), {"kind": "fly"}, *[{"kind": "beat"}] * 1000, said("leave")]
    results = page.results(*given)
    assert sizes == [500, 500, 2]
    assert [each.get("code") for each in results] == [None, "bad_command", *[None] * 1001]
    assert [each["event"] for each in results] == [each.get("event") for each in given]
    assert kinds(session) == [PresenceKind.JOINED, PresenceKind.LEFT]


def test_only_posting_is_asked_for(hers):
    assert hers.get(ADDRESS).status_code == 405
