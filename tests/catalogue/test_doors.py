"""Catalogue D at running doors: what one process revokes opens nothing in the other; an address is counted once.

D-05 tests/catalogue/test_authorisation.py; D-07 inside one process tests/catalogue/test_keys.py.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.catalogue.crowd import Companion
from tests.catalogue.served import ORIGIN, Real, heard, python
from tests.catalogue.stores import Database
from tests.services import Valkey

Fresh = Callable[..., Real]
Note = Callable[..., None]
FAILURES = 20


def opened(real: Real, door: int) -> dict[str, int]:
    """What each key opens at that door: the calendar's, the script's, the cookie's."""
    cookie = f"Cookie: sessionid={real.data['cookies'][real.data['guests'][0]]}"
    feed = f"/calendar/{real.data['calendar']}.ics"
    return {
        "feed": real.get(feed, door=door)[0],
        "api": real.get("/api/sessions/", f"Authorization: Bearer {real.data['api']}", door=door)[0],
        "page": real.get("/today/", cookie, door=door)[0],
    }


def test_d07_what_one_process_revokes_opens_nothing_at_the_next_request_to_another(
    fresh: Fresh, figures: Note
) -> None:
    real = fresh()
    guest = real.data["guests"][0]
    with real:
        last = len(real.doors) - 1
        for door in range(last + 1):
            assert opened(real, door) == {"feed": 200, "api": 200, "page": 200}
        calendar = real.rows("SELECT id FROM seminars_calendarkey")[0][0]
        token = real.rows("SELECT id FROM seminars_apitoken")[0][0]
        began = time.monotonic()
        real.post(guest, f"/calendar/keys/{calendar}/revoke/", "", door=0)
        real.post("dominique", f"/account/tokens/{token}/revoke/", "", door=0)
        for door in (last, 0):
            assert opened(real, door) == {"feed": 410, "api": 401, "page": 200}
        figures(after_revocation="feed 410, api 401 at each door", seconds=time.monotonic() - began)


OUT = """
import sys, django; django.setup()
from seminars.actions import people
from seminars.models import Person
people.suspend(person=Person.objects.get(key=sys.argv[1]))
"""


def test_d07_whom_a_command_suspends_has_no_feed_no_page_and_no_socket(fresh: Fresh, figures: Note) -> None:
    real = fresh()
    guest = real.data["guests"][0]
    one = Companion(guest)
    with real:
        last = len(real.doors) - 1
        with real.line(guest, door=last) as line:
            one.live(line, beats=1)
            assert opened(real, last)["feed"] == 200
            python(real.store, "-c", OUT, guest)
            began = time.monotonic()
            found = [opened(real, door) for door in (last, 0)]
            if real.is_several:  # without a layer another process's word waits for the next look, within 60 s
                with pytest.raises(Exception, match="44") as closed:
                    heard(line, "never")
                figures(socket_closed_seconds=time.monotonic() - began, close=str(closed.value)[:60])
    figures(feed=found[0]["feed"], page=found[0]["page"])
    assert [(each["feed"], each["page"]) for each in found] == [(410, 302), (410, 302)]


@pytest.fixture
def counted(fresh: Fresh) -> Iterator[Real]:
    """With a Valkey of its own in mode P: other tests empty theirs."""
    real = fresh()
    if isinstance(real.store, Database):
        valkey = Valkey()
        real.store.redis = valkey.environment()["REDIS_URL"]
        with real:
            yield real
        valkey.stop()
        return
    with real:
        yield real


FORGED: list[Callable[[int], str]] = [
    lambda n: f"X-Forwarded-For: 198.51.100.{n}",
    lambda n: f"X_Forwarded_For: 198.51.100.{n}",
    lambda n: f"Forwarded: for=198.51.100.{n}",
    lambda n: f"X-Real-IP: 2001:db8::{n:x}",
    lambda n: f"X-Forwarded-For: 2001:db8::{n:x}, 198.51.100.{n}",
]


def test_d12_an_address_that_is_only_written_in_a_header_is_not_believed(
    counted: Real, figures: Note
) -> None:
    found = []
    for number in range(100):
        forged = FORGED[number % len(FORGED)](number)
        found.append(guessed(counted, forged, door=number % 2))
    figures(statuses=dict(Counter(found)), first_refused=found.index(429) + 1 if 429 in found else "never")
    assert found == [410] * FAILURES + [429] * (100 - FAILURES)


def guessed(real: Real, header: str, door: int) -> int:
    token = "t" * 32
    headers = [
        f"Cookie: csrftoken={token}",
        f"Origin: {ORIGIN}",
        "Content-Type: application/x-www-form-urlencoded",
        header,
    ]
    return real.ask(
        "POST", f"/sign-in/{'x' * 43}/", *headers, body=f"csrfmiddlewaretoken={token}", door=door
    )[0]


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "localhost:80@evil.example"])
def test_d12_another_host_is_refused_and_no_forwarded_one_is_believed(real: Real, host: str) -> None:
    for line in (f"Host: {host}", f"Host: localhost\r\nX-Forwarded-Host: {host}\r\nX_Forwarded_Host: {host}"):
        answer = real.raw(f"GET /programme/ HTTP/1.1\r\n{line}\r\nConnection: close\r\n\r\n".encode())
        status: Any = answer.split(b" ", 2)[1]
        assert status == (b"400" if line.startswith(f"Host: {host}") else b"200")
        assert b"evil.example" not in answer.partition(b"\r\n\r\n")[2]
