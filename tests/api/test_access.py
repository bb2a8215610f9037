"""Who may call what: the cells of the table, at the API's door."""

from datetime import timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import translation
from django.utils.translation import gettext

from api import urls
from api.rates import PerNetwork, PerToken
from seminars import moments
from seminars.actions import people
from seminars.limits import Limit
from seminars.models import ApiToken, Person, Session
from seminars.permissions import TABLE
from tests import cast
from tests.api.calls import MOVED, PROBLEM, Script, script, token

pytestmark = pytest.mark.django_db

CALLS: dict[str, tuple[str, str, Any]] = {
    "list": ("get", "sessions/", None),
    "plan": ("post", "sessions/", {}),
    "read": ("get", "sessions/{}/", None),
    "edit": ("patch", "sessions/{}/", {"title": {"fr": "Autre"}}),
    "move": ("post", "sessions/{}/move/", {"slots": MOVED}),
    "cancel": ("post", "sessions/{}/cancel/", {}),
    "schedule": ("post", "sessions/{}/schedule/", {}),
    "people": ("get", "sessions/{}/invitations/", None),
    "invite": ("post", "sessions/{}/invitations/", {"addresses": "nova@example.org"}),
    "withdraw": ("delete", "sessions/{}/invitations/guestguest22/", None),
    "sheet": ("get", "sessions/{}/attendance/", None),
    "kinds": ("get", "kinds/", None),
    "schema": ("get", "schema/", None),
}
# A letter for each call, in order: y may (the body decides), h hidden (404), f forbidden (403), t token (401).
CELLS = {
    "anonymous": "ttttttttttt ty",
    "stranger": "yfhhhhhhhhh yy",
    "participant": "yfyffffffff yy",
    "trainer": "yyyyyyyyyyy yy",
    "other trainer": "yyhhhhhhhhh yy",
    "coordinator": "yyyyyyyyyyy yy",
    "read-only trainer": "yfyffffyffy yy",
    "read-only stranger": "yfhhhhhhhhh yy",
    "revoked": "ttttttttttt tt",
    "suspended": "ttttttttttt tt",
}
CODES = {"h": ("not_found",), "f": ("forbidden", "read_only"), "t": ("unauthenticated", "bad_token")}


@pytest.fixture
def session(elia: Person, ange: Person, andrea: Person) -> Session:
    session = cast.make_session(elia, organisers=[andrea.organisation])
    guest = cast.person("guest", "Guest")
    Person.objects.filter(pk=guest.pk).update(code="guestguest22")
    cast.invite(session, ange, guest)
    return session


@pytest.fixture
def callers(
    session: Session, elia: Person, ange: Person, andrea: Person, dominique: Person, stranger: Person
) -> dict[str, Script]:
    revoked, key = token(elia)
    people.revoke(key=revoked)
    gone = script(cast.person("gone", "Gone Away", "trainer", "IT", "it-coop"))
    people.suspend(person=Person.objects.get(key="gone"))
    return {
        "anonymous": Script(),
        "stranger": script(stranger),
        "participant": script(ange),
        "trainer": script(elia),
        "other trainer": script(dominique),
        "coordinator": script(andrea),
        "read-only trainer": script(elia, may_write=False),
        "read-only stranger": script(stranger, may_write=False),
        "revoked": Script(key),
        "suspended": gone,
    }


def cell(answer: HttpResponse) -> str:
    if answer.status_code in (401, 403, 404):
        letter = {401: "t", 403: "f", 404: "h"}[answer.status_code]
        assert answer.headers["Content-Type"] == PROBLEM
        assert answer.json()["code"] in CODES[letter]
        return letter
    assert answer.status_code in (200, 204, 400, 409), answer.content
    return "y"


@pytest.mark.parametrize("who", CELLS)
def test_each_cell_of_the_table_holds_at_this_door(
    who: str, session: Session, callers: dict[str, Script]
) -> None:
    found = [
        cell(callers[who].send(method, path.format(session.code), body))
        for method, path, body in CALLS.values()
    ]
    assert "".join(found) == CELLS[who].replace(" ", "")


@pytest.mark.parametrize("what", [name for name, call in CALLS.items() if "{}" in call[1]])
def test_a_foreign_session_answers_as_an_absent_one(
    what: str, session: Session, callers: dict[str, Script]
) -> None:
    method, path, body = CALLS[what]
    foreign = callers["other trainer"].send(method, path.format(session.code), body)
    absent = callers["other trainer"].send(method, path.format("zzzzzzzzzzzz"), body)
    assert (foreign.status_code, foreign.content) == (absent.status_code, absent.content)
    of_each = {"X-Request-ID"}
    assert {n: v for n, v in foreign.headers.items() if n not in of_each} == {
        n: v for n, v in absent.headers.items() if n not in of_each
    }
    nowhere = callers["other trainer"].get("no/such/thing/")
    assert nowhere.content == absent.content


def test_every_action_of_the_api_carries_a_name_of_the_table() -> None:
    from_urls = urls.urlpatterns
    for pattern in from_urls:
        actions = getattr(pattern.callback, "actions", {"get": "get"})
        for action in actions.values():
            assert getattr(pattern.callback.cls, action).permission in TABLE, pattern.name


def test_a_browser_that_is_signed_in_is_nobody_here(client: Client, elia: Person) -> None:
    answer = cast.signed_in(client, elia).get("/api/sessions/")
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="viso"'


@pytest.mark.parametrize(
    "header", ["Bearer", "Bearer ", "Bearer a b", "Bearer é", "bearer x", "Bearer " + "x" * 9000]
)
def test_a_wrong_token_is_refused(header: str, elia: Person) -> None:
    answer = Client().get("/api/sessions/", headers={"Authorization": header.encode().decode("latin-1")})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="viso", error="invalid_token"'


def test_a_token_counts_only_in_its_own_scheme(elia: Person) -> None:
    key = token(elia)[1]
    for header in (f"Token {key}", f"Basic {key}", key):
        assert Client().get("/api/sessions/", headers={"Authorization": header}).status_code == 401
    assert Client().get("/api/sessions/", headers={"Authorization": f"bearer {key}"}).status_code == 200


def test_the_last_use_is_noted_once_an_hour(clock: cast.Clock, elia: Person) -> None:
    row, key = token(elia, may_write=False)
    uses = []
    for minutes in (0, 30, 31):
        clock.forward(minutes=minutes)
        Script(key).get("kinds/")
        uses.append(ApiToken.objects.get(pk=row.pk).last_used_at)
    assert uses[0] == uses[1]
    assert uses[2] - uses[0] >= timedelta(hours=1)
    assert abs(uses[2] - moments.now()) < timedelta(minutes=1)


def test_a_revoked_token_is_refused_at_the_next_request(elia: Person) -> None:
    row, key = token(elia)
    assert Script(key).get("sessions/").status_code == 200
    people.revoke(key=row)
    assert Script(key).get("sessions/").status_code == 401


def test_a_token_may_call_so_many_times_an_hour_and_the_refusal_says_when(
    monkeypatch: pytest.MonkeyPatch, elia: Person, andrea: Person
) -> None:
    monkeypatch.setattr(PerToken, "limit", Limit("api-token", 3, 3600))
    one, other = script(elia), script(andrea)
    statuses = [one.get(path).status_code for path in ("kinds/", "sessions/zzz/", "nowhere/", "kinds/")]
    assert statuses == [200, 404, 404, 429]
    refused = one.get("kinds/")
    assert refused.json()["code"] == "throttled"
    assert 0 < int(refused.headers["Retry-After"]) <= 3601
    assert other.get("kinds/").status_code == 200


def test_six_hundred_is_the_rate(elia: Person) -> None:
    assert (PerToken.limit.most, PerToken.limit.seconds) == (600, 3600)


@pytest.mark.parametrize("key", ["", "no-such-key"])
def test_a_network_may_ask_so_many_times_without_a_valid_token_and_tokens_pass_beside_it(
    monkeypatch: pytest.MonkeyPatch, elia: Person, key: str
) -> None:
    monkeypatch.setattr(PerNetwork, "limit", Limit("api-network", 3, 900))
    known = script(elia)
    answers = [Script(key).get("sessions/") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [401, 401, 401, 429]
    assert answers[3].headers["Content-Type"] == PROBLEM
    assert 0 < int(answers[3].headers["Retry-After"]) <= 901
    assert Script(key).get("schema/").status_code == 429
    assert known.get("sessions/").status_code == 200
    elsewhere = Script(key).get("sessions/", REMOTE_ADDR="198.51.100.7")
    assert elsewhere.status_code == 401


def test_a_refusal_for_haste_is_said_in_the_language_of_the_script(
    monkeypatch: pytest.MonkeyPatch, elia: Person
) -> None:
    monkeypatch.setattr(PerToken, "limit", Limit("api-token", 0, 3600))
    for language in ("fr", "it", "en"):
        refused = script(elia, language=language).get("kinds/")
        with translation.override(language):
            words = gettext("Too many requests. Wait as many seconds as Retry-After says, then go on.")
        assert (refused.status_code, refused.json()["detail"]) == (429, words)


def test_no_answer_may_be_kept_by_a_cache(elia: Person) -> None:
    for answer in (script(elia).get("sessions/"), Script().get("sessions/")):
        assert answer.headers["Cache-Control"] == "private, no-store"
        assert "Authorization" in answer.headers["Vary"]


def test_a_method_that_is_not_there_says_which_are(elia: Person) -> None:
    answer = script(elia).delete("sessions/")
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    assert answer.headers["Allow"] == "GET, HEAD, POST"
    assert Script().delete("sessions/").status_code == 401
