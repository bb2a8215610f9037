"""Each request has a number that its answer and its log lines share, and leaves one line."""

import json
import logging
from io import BytesIO, StringIO
from typing import Any
from wsgiref.headers import Headers

import pytest
from django.conf import settings as ours
from django.core.cache import caches
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponse
from django.test import Client

from config.logs import MaskSecrets, Structured
from seminars import trace
from web import limits, pages

pytestmark = pytest.mark.django_db
KEY = "k7Qm2xV9pLr4Ts8Wz1Yb6Nc3"


@pytest.fixture
def lines() -> Any:
    """What the log writes, line by line, as objects."""
    stream = StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(Structured())
    handler.addFilter(MaskSecrets())
    logging.getLogger().addHandler(handler)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    logging.getLogger().removeHandler(handler)


def test_a_request_leaves_one_line_with_its_number(lines: Any) -> None:
    answer = Client().get(
        "/sessions/k3m4n5p6q7r8/live.json?next=ange@example.org", HTTP_ACCEPT="application/json"
    )
    (line,) = lines()
    assert line["request"] == answer.headers["X-Request-ID"]
    assert (line["method"], line["path"], line["status"]) == ("GET", "/sessions/k3m4n5p6q7r8/live.json", 302)
    assert line["session"] == "k3m4n5p6q7r8"
    assert line["ms"] >= 0
    assert "next" not in line["message"]


@pytest.mark.parametrize(
    "path", [f"/i/{KEY}/", f"/sign-in/{KEY}/", f"/calendar/{KEY}.ics", "/a/ange@example.org/"]
)
def test_no_line_holds_the_key_of_a_link(path: str, lines: Any) -> None:
    Client().get(path)
    (line,) = lines()
    assert line["path"] != path
    assert KEY not in json.dumps(line) and "ange@" not in json.dumps(line)


def test_what_a_view_logs_carries_the_number_of_its_request(
    lines: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def view(request: HttpRequest, *more: Any) -> HttpResponse:
        logging.getLogger("any").warning("a word")
        return HttpResponse()

    monkeypatch.setattr(pages, "render", view)
    numbers = [Client().get("/help/").headers["X-Request-ID"] for _ in range(2)]
    assert [line["request"] for line in lines() if line["message"] == "a word"] == numbers
    assert len(set(numbers)) == 2


def test_what_can_be_sent_begins_no_line_of_its_own(lines: Any) -> None:
    Client().get("/x%0a2031-03-11 CRITICAL all is lost/")
    (line,) = lines()
    assert "\n" not in line["message"]


@pytest.mark.parametrize(
    ("proxies", "given", "is_kept"),
    [
        (1, "7f3a9c52-1111-4222-8333-944455556666", True),
        (1, "short", False),
        (1, "two words and more", False),
        (1, "x" * 37, False),
        (0, "7f3a9c52-1111-4222-8333-944455556666", False),
    ],
)
def test_only_a_trusted_proxy_may_give_the_number(
    settings: Any, proxies: int, given: str, is_kept: bool
) -> None:
    settings.NUM_PROXIES = proxies
    found = Client().get("/help/", headers={"X-Request-ID": given}).headers["X-Request-ID"]
    assert (found == given) == is_kept
    assert len(found) >= 16


def test_health_leaves_no_line_and_a_feed_has_no_number(lines: Any) -> None:
    Client().get("/health/live")
    assert lines() == []
    assert "X-Request-ID" not in Client().get("/calendar/public/fr.ics").headers


def test_nothing_async_stands_between_the_loop_and_the_view() -> None:
    """One change of thread for the whole chain: the files first, in the loop, then plain code to the last one."""
    chain = ours.MIDDLEWARE
    assert chain[0].startswith("servestatic.")
    assert chain[1] == "web.asking.Asking"
    assert chain[-1] == "web.access.ActorOfRequest"


def test_files_carry_what_pages_get_from_the_chain(settings: Any) -> None:
    headers = Headers()
    settings.SERVESTATIC_ADD_HEADERS_FUNCTION(headers, "any.css", "/static/any.css")
    page = Client().get("/help/")
    for name in ("X-Content-Type-Options", "Referrer-Policy"):
        assert headers[name] == page.headers[name]


def test_names_end_with_the_work_they_were_given_for() -> None:
    trace.begin(request="one", session="k3m4n5p6q7r8")
    trace.begin(request="two", session="")
    assert trace.doing() == {"request": "two"}


# --- Who asks, behind a proxy and without (D-12) -------------------------------------------------------------------


def asked(*headers: tuple[str, str], seen: str = "192.0.2.1") -> HttpRequest:
    """A request as the server hands it over, with the header names as they came."""
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/",
        "query_string": b"",
        "headers": [(name.lower().encode(), words.encode()) for name, words in headers],
        "client": (seen, 40000),
    }
    return ASGIRequest(scope, BytesIO())


@pytest.mark.parametrize("proxies", [0, 1])
@pytest.mark.parametrize(
    "name", ["X-Forwarded-For", "X_Forwarded_For", "Forwarded", "X-Real-IP", "Client-IP"]
)
def test_names_that_a_client_writes_change_no_count(settings: Any, name: str, proxies: int) -> None:
    """Behind one proxy the last entry is the proxy's own, however many the client wrote before it."""
    settings.NUM_PROXIES = proxies
    networks = set()
    for n in range(100):
        headers = [(name, f"203.0.113.{n}"), ("X_Forwarded_For", f"198.51.100.{n}")]
        if proxies:
            headers.append(("X-Forwarded-For", "192.0.2.7"))
        networks.add(limits.network_of(asked(*headers)))
    assert networks == {"192.0.2.7" if proxies else "192.0.2.1"}


@pytest.mark.parametrize("proxies", [0, 1])
def test_a_hundred_tries_wait_after_twenty_whatever_address_they_write(settings: Any, proxies: int) -> None:
    caches["shared"].clear()
    settings.NUM_PROXIES = proxies
    statuses = []
    for n in range(100):
        seen = f"2001:db8:1:2::{n:x}"  # one household of IPv6
        forwarded = f"203.0.113.{n}, {seen}" if proxies else f"203.0.113.{n}"
        where = {"REMOTE_ADDR": "10.0.0.1" if proxies else seen}
        statuses.append(
            Client().post("/sign-in/abc.def/", headers={"X-Forwarded-For": forwarded}, **where).status_code
        )
    assert statuses == [410] * 20 + [429] * 80


def test_another_host_name_is_refused() -> None:
    assert Client().get("/programme/", HTTP_HOST="evil.example").status_code == 400
