"""What arrives and what leaves: sizes, charsets, shapes, languages, the description of it all."""

import json
from io import StringIO

import pytest
from asgiref.sync import async_to_sync
from asgiref.testing import ApplicationCommunicator
from django.core.cache import caches
from django.core.handlers.asgi import ASGIHandler
from django.core.management import call_command
from django.http import HttpResponse
from django.test import AsyncClient

from seminars.models import Person, Session
from seminars.vocabulary import Kind
from tests import cast
from tests.api.calls import PLAN, PROBLEM, Script, script

pytestmark = pytest.mark.django_db
JSON = "application/json"


@pytest.fixture
def trainer(elia: Person) -> Script:
    cast.activity()
    return script(elia)


@pytest.mark.parametrize(
    ("body", "content_type", "status", "code"),
    [
        (b"x" * 1_048_577, JSON, 413, "too_large"),
        (b'{"title":"' + b"x" * 1_048_576 + b'"}', JSON, 413, "too_large"),
        (b"[" * 100_000, JSON, 400, "parse_error"),
        (b"{", JSON, 400, "parse_error"),
        (b'{"capacity": NaN}', JSON, 400, "parse_error"),
        (b'"\xff"', JSON, 400, "parse_error"),
        (b"[]", JSON, 400, "invalid"),
        (b"null", JSON, 400, "invalid"),
        (b"1", JSON, 400, "invalid"),
        (b"", JSON, 400, "invalid"),
        (b"{}", f"{JSON}; charset=utf-16", 415, "unsupported_media_type"),
        (b"{}", f"{JSON}; charset=idna", 415, "unsupported_media_type"),
        (b"{}", f"{JSON}; charset=UTF-8", 400, "invalid"),
        (b"a=b", "application/x-www-form-urlencoded", 415, "unsupported_media_type"),
        (b"a=b", "text/plain", 415, "unsupported_media_type"),
    ],
)
def test_a_body_that_is_no_json_of_ours_is_a_problem(
    body: bytes, content_type: str, status: int, code: str, trainer: Script
) -> None:
    answer = trainer.post("sessions/", data=body, content_type=content_type)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["Content-Type"] == PROBLEM
    assert Session.objects.count() == 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("charset", ["bz2_codec", "zlib_codec", "punycode", "klingon"])
def test_a_charset_that_is_no_text_is_refused_by_the_server_too(charset: str, elia: Person) -> None:
    headers = {"Authorization": f"Bearer {script(elia).key}"}
    content_type = f"{JSON}; charset={charset}"

    async def send(method: str, body: bytes) -> HttpResponse:
        client = AsyncClient()
        return await client.generic(method, "/api/sessions/", body, content_type, headers=headers)

    for method, body in (("POST", b"BZh91AY&SY"), ("GET", b"{}")):
        answer = async_to_sync(send)(method, body)
        assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("size", "status"), [(0, 200), (1_048_576, 413)])
def test_a_body_sent_in_chunks_is_read_like_any_other(size: int, status: int, elia: Person) -> None:
    session = cast.make_session(elia)
    path = f"/api/sessions/{session.code}/"
    names = {"authorization": f"Bearer {script(elia).key}", "content-type": JSON, "host": "localhost"}
    headers = [(name.encode(), value.encode()) for name, value in names.items()]
    scope = {"type": "http", "method": "PATCH", "path": path, "query_string": b"", "headers": headers}

    async def send() -> int:
        door = ApplicationCommunicator(ASGIHandler(), scope)
        for chunk in (b'{"title": ', b" " * size, b'{"fr": "Autre"}}'):
            await door.send_input({"type": "http.request", "body": chunk, "more_body": chunk[-2:] != b"}}"})
        start = await door.receive_output(5)
        await door.wait(5)
        return int(start["status"])

    assert async_to_sync(send)() == status
    session.refresh_from_db()
    assert (session.title_fr == "Autre") == (status == 200)


def test_a_huge_accept_header_costs_nothing(trainer: Script) -> None:
    for accept in ("application/json," * 50_000, "a/b;" + "q=1;" * 100_000, "*/*," * 100_000):
        assert trainer.get("kinds/", headers={"Accept": accept}).status_code in (200, 406)


def test_other_media_types_are_not_served(trainer: Script) -> None:
    answer = trainer.get("sessions/", headers={"Accept": "text/html"})
    assert (answer.status_code, answer.headers["Content-Type"]) == (406, PROBLEM)


def test_a_thousand_faults_are_told_as_fifty(trainer: Script) -> None:
    answer = trainer.post("sessions/", {f"x{number}": 1 for number in range(1000)})
    assert len(answer.json()["errors"]) == 50


def test_a_refusal_speaks_the_language_that_is_asked_for(elia: Person, trainer: Script) -> None:
    said = {}
    for language in ("fr", "it", "en"):
        trainer.language = language
        answer = trainer.post("sessions/", {"kind": "x"})
        said[language] = next(
            fault["detail"] for fault in answer.json()["errors"] if fault["field"] == "host"
        )
        assert answer.headers["Content-Language"] == language
    assert len(set(said.values())) == 3


def test_hours_of_a_refusal_are_said_the_readers_way(trainer: Script) -> None:
    trainer.language = "fr"
    wrong = PLAN | {"slots": [{"start": "2031-03-11T09:05", "end": "2031-03-11T08:00"}]}
    assert "9\u202fh\u202f05" in trainer.post("sessions/", wrong).json()["detail"]


def test_reference_lists_name_what_bodies_may_say(trainer: Script, elia: Person) -> None:
    cast.activity("A2")
    assert [one["code"] for one in trainer.get("activities/").json()["results"]] == ["A1", "A2"]
    assert trainer.get("organisations/").json()["results"] == [
        {
            "key": "it-coop",
            "country": "IT",
            "name": {"fr": "Organisation it-coop", "it": "Organizzazione it-coop"},
        }
    ]
    kinds = trainer.get("kinds/").json()["results"]
    assert [one["kind"] for one in kinds] == list(Kind)
    assert kinds[0]["name"]["en"] == "Presentation seminar"


def test_the_schema_is_public_and_valid_and_nothing_in_it_is_guessed() -> None:
    caches["shared"].clear()
    answer = Script().get("schema/", headers={"Accept": "application/vnd.oai.openapi+json"})
    paths = json.loads(answer.content)["paths"]
    assert "/api/sessions/{code}/move/" in paths
    assert len(paths) == 11
    assert (paths["/api/sessions/"]["post"]["responses"]["422"]["content"][PROBLEM]["schema"]) == {
        "$ref": "#/components/schemas/Problem"
    }
    call_command("spectacular", "--validate", "--fail-on-warn", stdout=StringIO())


def test_each_answer_has_the_fields_that_the_schema_promises(trainer: Script) -> None:
    caches["shared"].clear()
    answer = Script().get("schema/", headers={"Accept": "application/vnd.oai.openapi+json"})
    shapes = json.loads(answer.content)["components"]["schemas"]
    session = trainer.post("sessions/", PLAN).json()
    assert set(session) == set(shapes["SessionOut"]["properties"])
    assert set(session["slots"][0]) == set(shapes["SlotOut"]["properties"])
    problem = trainer.get("sessions/zzz/").json()
    assert set(shapes["Problem"]["required"]) == set(problem)
