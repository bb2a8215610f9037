"""Pages and answers for what went wrong: in the reader's language, in the form that the asker reads, and where the
database is away, 503 at every door and no traceback in the log."""

import io
import logging
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import caches
from django.db import OperationalError, connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.utils import translation
from django.utils.translation import gettext

from config.logs import Line, MaskSecrets, Shorten
from web import errors, pages

LANGUAGES = ("fr", "it", "en")
PROBLEM = "application/problem+json"
TITLES = {
    400: "This request could not be read",
    403: "This page was open for too long",
    404: "Nothing here",
    410: "This link is no longer valid",
    413: "This is too large",
    429: "Too many attempts",
    500: "A fault on our side",
    503: "Interrupted for a moment",
}


@pytest.fixture(autouse=True)
def _no_counts() -> None:
    caches["shared"].clear()


@pytest.fixture
def reader() -> Client:
    return Client(raise_request_exception=False)


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """What the log writes, as settings.LOGGING says."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(Line())
    handler.addFilter(Shorten())
    handler.addFilter(MaskSecrets())
    logging.getLogger().addHandler(handler)
    yield stream
    logging.getLogger().removeHandler(handler)


def fail(fault: Exception) -> Any:
    def view(*arguments: Any, **options: Any) -> HttpResponse:
        raise fault

    return view


@pytest.fixture
def away(monkeypatch: pytest.MonkeyPatch) -> None:
    """No query is answered, by whomever it is asked."""

    def refuse(self: BaseDatabaseWrapper, *arguments: Any) -> None:
        raise OperationalError("connection to server at 127.0.0.1 failed: refused for ange@example.org")

    monkeypatch.setattr(BaseDatabaseWrapper, "cursor", refuse)


def h1(answer: Any) -> str:
    found = re.search(r"<h1>(.*?)</h1>", answer.content.decode())
    assert found, answer.content
    return found[1]


def provoked(status: int, language: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The answer to a request that goes wrong in that way."""
    client = Client(
        headers={"Accept-Language": language},
        enforce_csrf_checks=status == 403,
        raise_request_exception=False,
    )
    match status:
        case 400:
            return client.get("/help/", HTTP_HOST="evil.example")
        case 403:
            return client.post("/sign-in/", {"email": "a@example.org"})
        case 404:
            return client.get("/no/such/page/")
        case 410:
            return client.get("/sign-in/abc.def/")
        case 413:
            return client.post(
                "/sign-in/", {"email": "a" * 1_100_000}, content_type="application/x-www-form-urlencoded"
            )
        case 429:
            for _ in range(20):
                client.post("/sign-in/abc.def/")
            return client.post("/sign-in/abc.def/")
    fault = OperationalError("away") if status == 503 else ZeroDivisionError("a fault")
    monkeypatch.setattr(pages, "render", fail(fault))
    return client.get("/help/")


@pytest.mark.django_db
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("status", sorted(TITLES))
def test_each_page_says_what_happened_in_the_language_of_its_reader(
    status: int, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = provoked(status, language, monkeypatch)
    assert answer.status_code == status
    with translation.override(language):
        assert h1(answer) == gettext(TITLES[status]).replace("'", "&#x27;")
    assert f'<html lang="{language}"' in answer.content.decode()
    assert answer.headers["Content-Language"].startswith(language)
    assert "default-src" in answer.headers["Content-Security-Policy"]
    assert ("Retry-After" in answer.headers) == (status in (429, 503))


@pytest.mark.parametrize("status", [500, 503])
def test_the_pages_for_our_own_faults_ask_no_database(status: int, reader: Client) -> None:
    """This test may not: whatever asked would raise, and the page of last resort come."""
    with pytest.MonkeyPatch.context() as patch:
        answer = provoked(status, "it", patch)
    page = answer.content.decode()
    assert answer.status_code == status
    assert 'lang="it"' in page and 'lang="fr"' in page and 'lang="en"' in page
    assert "<link" in page
    assert answer.headers["X-Request-ID"] in page
    assert "ZeroDivisionError" not in page


def test_a_page_that_can_not_be_made_still_answers(
    reader: Client, monkeypatch: pytest.MonkeyPatch, written: io.StringIO
) -> None:
    monkeypatch.setattr(pages, "render", fail(ZeroDivisionError("a fault")))
    monkeypatch.setattr(errors, "render_to_string", fail(ValueError("no such file in the manifest")))
    answer = reader.get("/help/")
    assert (answer.status_code, answer.content.decode()) == (500, errors.LAST_RESORT)
    assert "no such file in the manifest" in written.getvalue()


PATHS = {
    "/programme/": "text/html",
    "/today/": "text/html",
    "/no/such/page/": "text/html",
    "/i/abc.def/": "text/html",
    "/calendar/no-such-key.ics": "text/plain",
    "/calendar/public/fr.ics": "text/plain",
    "/sessions/zzzzzzzzzzzz/live.json": "application/json",
    "/api/sessions/": PROBLEM,
    "/api/sessions/zzzzzzzzzzzz/": PROBLEM,
}


@pytest.mark.usefixtures("away")
@pytest.mark.parametrize("cookie", ["", "k7qm2xv9plr4ts8wz1yb6nc3k7qm2xv9"])
@pytest.mark.parametrize("path", PATHS)
def test_a_database_that_is_away_is_503_at_every_door(
    path: str, cookie: str, reader: Client, written: io.StringIO
) -> None:
    """Also where a middleware asks first, for the session of a cookie."""
    if cookie:
        reader.cookies["sessionid"] = cookie
    answer = reader.get(path, headers={"Authorization": "Bearer abc"})
    if answer.status_code in (302, 404) and not cookie and path in ("/today/", "/no/such/page/"):
        return  # nobody asked the database
    assert (answer.status_code, answer.headers["Content-Type"].split(";")[0]) == (503, PATHS[path])
    assert answer.headers["Retry-After"] == "5"
    log = written.getvalue()
    assert "Traceback" not in log
    assert "ange@example.org" not in log + answer.content.decode()
    assert "refused" not in answer.content.decode()


@pytest.mark.usefixtures("away")
def test_a_script_that_posts_hears_503_in_json(reader: Client) -> None:
    reader.cookies["sessionid"] = "k7qm2xv9plr4ts8wz1yb6nc3k7qm2xv9"
    path = "/sessions/zzzzzzzzzzzz/presence/"
    answer = reader.post(
        path, {"kind": "beat"}, headers={"Accept": "application/json", "Accept-Language": "fr"}
    )
    assert (answer.status_code, answer.json()["code"]) == (503, "away")
    assert reader.post(path, {"kind": "beat"}, content_type="application/json").json()["code"] == "away"


@pytest.mark.django_db
def test_a_table_that_is_missing_is_our_fault_and_stands_in_the_log(
    reader: Client, monkeypatch: pytest.MonkeyPatch, written: io.StringIO
) -> None:
    def ask(request: HttpRequest, *more: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM no_such_table")

    monkeypatch.setattr(pages, "render", ask)
    assert reader.get("/help/").status_code == 500
    assert "Traceback" in written.getvalue()


def test_a_fault_below_the_api_is_a_problem(reader: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.rates.PerNetwork.allow_request", fail(ZeroDivisionError("a fault")))
    answer = reader.get("/api/schema/", headers={"Accept-Language": "en"})
    assert (answer.status_code, answer.headers["Content-Type"]) == (500, PROBLEM)
    assert answer.json() == {
        "type": "urn:viso:problem:fault",
        "title": "Internal Server Error",
        "status": 500,
        "detail": "A fault on our side. What you sent may not have been kept. Go back and try again in a minute.",
        "code": "fault",
    }


@pytest.mark.django_db
@pytest.mark.parametrize("status", [400, 413])
def test_what_somebody_sent_is_no_traceback_in_the_log(
    status: int, monkeypatch: pytest.MonkeyPatch, written: io.StringIO
) -> None:
    provoked(status, "en", monkeypatch)
    assert str(status) in written.getvalue()
    assert "Traceback" not in written.getvalue()


@pytest.mark.django_db
def test_a_form_with_too_many_fields_can_not_be_read(reader: Client) -> None:
    assert reader.post("/sign-in/", {f"field{n}": "1" for n in range(1100)}).status_code == 400


@pytest.mark.django_db
def test_waiting_is_told_in_minutes_and_in_seconds(reader: Client) -> None:
    for _ in range(20):
        reader.post("/sign-in/abc.def/")
    answer = reader.post("/sign-in/abc.def/", headers={"Accept-Language": "en"})
    assert 880 < int(answer.headers["Retry-After"]) <= 900
    assert "15 minutes" in answer.content.decode()
