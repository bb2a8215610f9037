"""Catalogue A-04 to A-06, mode P: Valkey and PostgreSQL break off and come back while people are in a room."""

import asyncio
import contextlib
import json
import os
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.catalogue.crowd import AWAY, Crowd, Page, Refusal, when
from tests.catalogue.records import leases, shape
from tests.catalogue.served import FULL, Real, copied, prepare
from tests.catalogue.stores import Database, new_database
from tests.services import Postgres, Valkey

several = pytest.mark.skipif(
    "DATABASE_URL" not in os.environ or "REDIS_URL" not in os.environ,
    reason="mode P only: needs PostgreSQL and Valkey",
)
WATCH = {} if FULL else {"LIVE_WATCH_SECONDS": "1", "LIVE_HOLD_SECONDS": "1"}
FINE = {200, 204, 302, 303}
Fresh = Callable[..., Real]
Note = Callable[..., None]


@pytest.fixture
def valkey() -> Iterator[Valkey]:
    """One of the test's own, to be broken."""
    service = Valkey()
    yield service
    service.stop()


@pytest.fixture
def apart(fresh: Fresh, valkey: Valkey) -> Real:
    """A deployment with that Valkey."""
    real = fresh(**WATCH)
    assert isinstance(real.store, Database)
    real.store.redis = valkey.environment()["REDIS_URL"]
    return real


@contextlib.asynccontextmanager
async def room_of(real: Real, people: int) -> AsyncIterator[list[Page]]:
    """So many guests with a page each, on both doors by turns, all of them joined."""
    pages = [Page(real, who, door=number % 2) for number, who in enumerate(real.data["guests"][:people])]
    async with Crowd(pages):
        await asyncio.gather(*(page.joins() for page in pages))
        beating = [asyncio.create_task(beat_on(page)) for page in pages]
        yield pages
        for task in beating:
            task.cancel()
        await asyncio.gather(*beating, return_exceptions=True)


async def beat_on(page: Page) -> None:
    while True:
        await asyncio.sleep(20 if FULL else 1)
        try:
            await page.beats()
        except (Refusal, *AWAY) as fault:
            page.errors.append(str(fault))


async def asks(real: Real, who: str, path: str, fields: str | None = None, door: int = 0) -> tuple[int, str]:
    if fields is not None:
        return await asyncio.to_thread(real.post, who, path, fields, door)
    cookie = f"Cookie: sessionid={real.data['cookies'][who]}"
    return await asyncio.to_thread(real.get, path, cookie, door=door)


def is_running(page: Page) -> bool:
    return bool(page.state["session"]["state"] == "running")


async def ready(real: Real, door: int) -> dict[str, Any]:
    status, answer = await asks(real, "dominique", "/health/ready", door=door)
    assert status == 200, answer
    found: dict[str, Any] = json.loads(answer.partition("\r\n\r\n")[2])
    return found


@several
async def test_a04_valkey_is_killed_and_back_at_once_and_a_change_meanwhile_reaches_everybody(
    apart: Real, valkey: Valkey, figures: Note
) -> None:
    with apart:
        async with room_of(apart, 20) as pages:
            before = leases(apart)
            valkey.break_off()
            began = time.monotonic()
            status, _ = await asks(apart, "dominique", f"/sessions/{apart.data['code']}/open/", "")
            answered = time.monotonic() - began
            await asyncio.sleep(0.3)
            valkey.come_back()
            await when(lambda: all(map(is_running, pages)), 35 if FULL else 8)
            last = time.monotonic() - began
            kept = leases(apart)
            lines = sum(len(page.closes) for page in pages)
            status_after, _ = await asks(
                apart, pages[0].who, f"/sessions/{apart.data['code']}/hand/", "raised=true"
            )
            host = Page(apart, "dominique", as_host=True, door=1)
            async with Crowd([host]):
                await asks(apart, pages[0].who, f"/sessions/{apart.data['code']}/hand/", "raised=false")
                took = await when(lambda: hands(host) == 0, 5)
    figures(clients=20, status=status, answered_seconds=answered, all_saw_after_seconds=last)
    figures(lines_broken=lines, later_change_seconds=took)
    assert status in FINE
    assert answered < 2
    assert status_after == 200
    assert [key for key in before if key not in kept or kept[key][1]] == []
    assert "Internal Server Error" not in apart.log


def hands(page: Page) -> int:
    return sum(bool(row["hand"]) for row in page.state["people"].values())


@several
async def test_a05_without_valkey_pages_and_presence_go_on_and_nobody_restarts_anything(
    apart: Real, valkey: Valkey, figures: Note
) -> None:
    tally = Counter[int]()
    slowest = 0.0
    with apart:
        async with room_of(apart, 8) as pages:
            valkey.break_off()
            until, number = time.monotonic() + (600 if FULL else 6), 0
            while time.monotonic() < until:
                number += 1
                for status, seconds in await everything_asked(apart, pages[0], number):
                    tally[status] += 1
                    slowest = max(slowest, seconds)
                await asyncio.sleep(5 if FULL else 0.5)
            told = [await ready(apart, door) for door in (0, 1)]
            valkey.come_back()
            back = await back_again(apart)
            await asks(apart, "dominique", f"/sessions/{apart.data['code']}/open/", "", 0)
            took = await when(lambda: all(map(is_running, pages)), 35 if FULL else 8)
    figures(statuses=dict(tally), slowest_answer_seconds=slowest, health=told[0]["status"])
    figures(
        healthy_after_seconds=back, live_after_seconds=took, lines_broken=sum(len(p.closes) for p in pages)
    )
    assert set(tally) <= FINE
    assert [(each["status"], each["realtime"]) for each in told] == [("degraded", False)] * 2
    assert shape(apart)["joined"] == len(pages) + 1  # who opens the room is in it


async def everything_asked(real: Real, page: Page, number: int) -> list[tuple[int, float]]:
    """A round of pages and forms by turns at both doors; status and seconds of each."""
    code = f"/sessions/{real.data['code']}"
    presence = f"kind=beat&connection={page.connection}"
    asked: list[tuple[str, str | None]] = [
        ("/programme/", None),
        (f"{code}/", None),
        (f"{code}/live.json", None),
        (f"{code}/presence/", presence),
        (f"{code}/pulse/", f"value={('fine', 'lost')[number % 2]}"),
        (f"{code}/hand/", f"raised={('true', 'false')[number % 2]}"),
    ]
    found = []
    for place, (path, fields) in enumerate(asked):
        began = time.monotonic()
        status, _ = await asks(real, page.who, path, fields, door=(place + number) % 2)
        found.append((status, time.monotonic() - began))
    return found


async def back_again(real: Real) -> float:
    began = time.monotonic()
    while not all([(await ready(real, door))["realtime"] for door in (0, 1)]):
        assert time.monotonic() - began < 30, "realtime never came back"
        await asyncio.sleep(0.2)
    return time.monotonic() - began


@dataclass
class Visitors:
    """Ten requests a second at both doors, from threads of their own; when each was answered, and how."""

    real: Real
    answers: list[tuple[float, int, str]] = field(default_factory=list)

    async def come(self) -> None:
        paths = ["/today/", "/programme/", f"/sessions/{self.real.data['code']}/"]
        with ThreadPoolExecutor(30) as threads:
            number = 0
            try:
                while True:
                    number += 1
                    threads.submit(self.visit, paths[number % 3], number % 2)
                    await asyncio.sleep(0.1)
            finally:
                threads.shutdown(wait=False)

    def visit(self, path: str, door: int) -> None:
        cookie = f"Cookie: sessionid={self.real.data['cookies']['dominique']}"
        try:
            status, answer = self.real.get(path, cookie, door=door)
        except (OSError, ValueError, IndexError):
            status, answer = 0, ""
        self.answers.append((time.monotonic(), status, answer))


@pytest.fixture
def postgres() -> Iterator[Postgres]:
    """One of the test's own, to be broken."""
    service = Postgres()
    yield service
    service.stop()


@pytest.fixture
def breakable(postgres: Postgres, tmp_path: Path) -> Iterator[Real]:
    """A deployment on that PostgreSQL, with its workers."""
    cluster = postgres.environment()["DATABASE_URL"]
    store = new_database(tmp_path / "first", cluster, os.environ["REDIS_URL"])
    with copied(store, prepare(store, 20), tmp_path / "state", **WATCH) as real:
        real.workers_wanted = 2
        yield real


@several
async def test_a06_postgresql_restarts_at_once_and_answers_are_503_for_five_seconds_at_most(
    breakable: Real, postgres: Postgres, figures: Note
) -> None:
    visitors = Visitors(breakable)
    with breakable:
        async with room_of(breakable, 20) as pages:
            coming = asyncio.create_task(visitors.come())
            await asyncio.sleep(2)
            before, broken = shape(breakable), time.monotonic()
            postgres.break_off()
            postgres.come_back()  # in this thread, with which it dies
            away = time.monotonic() - broken
            await asyncio.sleep(30 if FULL else 9)
            coming.cancel()
            await asyncio.gather(coming, return_exceptions=True)
            alive = [each.is_alive for each in (*breakable.doors, *breakable.workers)]
            await asyncio.gather(*(page.beats() for page in pages))
            after = shape(breakable)
    statuses = Counter(status for _, status, _ in visitors.answers)
    bad = [at - broken for at, status, _ in visitors.answers if status not in FINE]
    lines = sum(len(page.closes) - 1 for page in pages if page.closes)
    figures(requests=len(visitors.answers), statuses=dict(statuses), database_away_seconds=away)
    figures(last_error_after_seconds=max(bad, default=0.0), lines_broken=lines)
    figures(beats_refused=sum(len(page.errors) for page in pages))
    assert set(statuses) <= {*FINE, 503}
    assert all(each <= 5 for each in bad)
    assert not [answer for _, status, answer in visitors.answers if "Traceback" in answer]
    assert alive == [True] * 4
    assert after == before
