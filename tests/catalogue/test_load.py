"""Catalogue B with many sockets or requests at once: a full session, bursts, a slow command, a reader left behind."""

import asyncio
import os
import random
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest

from tests.catalogue.crowd import Crowd, Page, Refusal, fresh_state, percentile, when
from tests.catalogue.records import leases, millis
from tests.catalogue.served import FULL, Real
from tests.catalogue.stores import Database

MIB = 1024 * 1024
HOOKED = ("-m", "tests.catalogue.hooked", "serve", "--port", "0")
Fresh = Callable[..., Real]
Note = Callable[..., None]


def seats(real: Real, people: int) -> list[Page]:
    return [Page(real, who, door=number) for number, who in enumerate(real.data["guests"][:people])]


async def test_b01_a_full_session_beats_on_and_every_beat_is_kept(fresh: Fresh, figures: Note) -> None:
    people, seconds, every = (200, 600, 20.0) if FULL else (40, 6, 1.0)
    real = fresh()
    with real:
        pages = seats(real, people)
        async with Crowd(pages):
            await asyncio.gather(*(page.joins() for page in pages))
            for page in pages:
                page.acks.clear()
            end = time.monotonic() + seconds
            last = await asyncio.gather(
                *(beats_until(page, end, every, place) for place, page in enumerate(pages)), watch(real, end)
            )
            early, late = last.pop()  # type: ignore[misc]
            kept = leases(real)
        lost = [at for page, at in zip(pages, last, strict=True) if millis(kept[page.connection][0]) != at]
        acks = [ack for page in pages for ack in page.acks]
    growth = (late - early) / MIB
    figures(
        sockets=people,
        beats=len(acks),
        p95_ms=1000 * percentile(acks, 95),
        p99_ms=1000 * percentile(acks, 99),
    )
    figures(lost=len(lost), broken=sum(len(page.closes) for page in pages), grown_mib=growth)
    assert lost == []
    if FULL:  # the short form shares its cores with other tests
        assert percentile(acks, 95) < 0.3
        assert percentile(acks, 99) < 1
    assert growth < 50
    assert "locked" not in real.log


async def beats_until(page: Page, end: float, every: float, place: int) -> datetime:
    """Beats as a page does, with its spread of a fifth; the instant of the last acknowledgement."""
    chance = random.Random(place)
    await asyncio.sleep(every * chance.random())
    while True:
        answer = await page.beats()
        pause = every * chance.uniform(0.8, 1.2)
        if time.monotonic() + pause > end:
            return datetime.fromisoformat(answer["at"])
        await asyncio.sleep(pause)


async def watch(real: Real, end: float) -> tuple[int, int]:
    """Memory of the servers after the second minute (in the short form the second second), and at the end."""
    await asyncio.sleep(120 if FULL else 2)
    early = sum(door.memory for door in real.doors)
    await asyncio.sleep(max(0, end - time.monotonic() - 0.2))
    return early, sum(door.memory for door in real.doors)


# --- B-04: connections of the pool ----------------------------------------------------------------------------

POOL, BESIDE = 6, 4
"""Connections of a process's pool, and those it may have beside it: writer, feeds, health, one to spare."""


@pytest.mark.skipif("DATABASE_URL" not in os.environ, reason="mode P only: counts PostgreSQL's connections")
async def test_b04_bursts_never_take_more_connections_than_are_set(fresh: Fresh, figures: Note) -> None:
    real = fresh(DATABASE_POOL=str(POOL))
    assert isinstance(real.store, Database)
    statuses, held, slowest = Counter[int](), [0], [0.0]
    path = f"/sessions/{real.data['code']}/"
    cookies = [f"Cookie: sessionid={real.data['cookies'][who]}" for who in real.data["guests"][:20]]

    def visit(number: int) -> None:
        began = time.monotonic()
        try:
            status = real.get(path, cookies[number % 20], door=number % 2)[0]
        except (OSError, ValueError, IndexError):
            status = 0
        slowest.append(time.monotonic() - began)
        statuses[status] += 1

    async def count(end: float) -> None:
        while time.monotonic() < end:
            held.append(len(await asyncio.to_thread(real.store.connections)))  # type: ignore[union-attr]
            await asyncio.sleep(0.2)

    with real, ThreadPoolExecutor(100) as threads:
        end = time.monotonic() + (30 if FULL else 3)
        counting = asyncio.create_task(count(end + 1))
        asked = 0
        while time.monotonic() < end:
            if asked - statuses.total() < 300:  # bounded: a backlog of one burst
                for _ in range(30):
                    threads.submit(visit, asked)
                    asked += 1
            await asyncio.sleep(0.1)
        await when(lambda: statuses.total() == asked, 60)
        await counting
        await asyncio.sleep(60 if FULL else 0)
        idle = len(real.store.connections())
    figures(requests=asked, statuses=dict(statuses), most_connections=max(held), slowest_seconds=max(slowest))
    figures(ceiling=2 * (POOL + BESIDE), idle_connections=idle if FULL else "not waited for")
    assert max(held) <= 2 * (POOL + BESIDE)
    assert "too many clients" not in real.log
    assert set(statuses) == {200}
    assert not FULL or idle <= 2 * (1 + BESIDE)


HOLD = 5
"""LIVE_HOLD_SECONDS as it is set when nobody sets it."""


# --- B-06, B-07: one slow command ---------------------------------------------------------------------------------


async def test_b06_a_slow_call_in_one_command_holds_up_nobodys_heartbeat(fresh: Fresh, figures: Note) -> None:
    real = fresh()
    real.program = HOOKED
    with real:
        slow, *pages = (Page(real, who, door=0) for who in real.data["guests"][:12])
        async with Crowd([slow, *pages]):
            await asyncio.gather(*(page.joins() for page in (slow, *pages)))
            for page in pages:
                page.acks.clear()
            blocked = asyncio.create_task(slow.says("feedback.pulse", value="break"))
            began = time.monotonic()
            while not blocked.done():
                await asyncio.gather(*(page.beats() for page in pages))
                await asyncio.sleep(0.2)
            await blocked
            took = time.monotonic() - began
    acks = [ack for page in pages for ack in page.acks]
    figures(blocked_seconds=took, beats=len(acks), slowest_ack_ms=1000 * max(acks))
    assert took >= 2
    assert max(acks) < 1


async def test_b07_a_reader_whose_command_is_slow_ends_with_the_state_of_a_fresh_read(
    fresh: Fresh, figures: Note
) -> None:
    real = fresh()
    real.program = HOOKED
    with real:
        slow, *pages = (Page(real, who) for who in real.data["guests"][:16])
        host = Page(real, "dominique", as_host=True)
        async with Crowd([slow, host, *pages]):
            await asyncio.gather(*(page.joins() for page in (slow, *pages)))
            before = slow.number
            blocked = asyncio.create_task(slow.says("feedback.pulse", value="break"))
            await asyncio.gather(*(fidgets(page) for page in pages), return_exceptions=True)
            await blocked
            end = time.monotonic() + HOLD + 10  # what is held back about one person follows within the hold
            while (stale := [key for page in (slow, host) for key in await stale_of(page)]) != []:
                if time.monotonic() > end:
                    break
                await asyncio.sleep(0.2)
    figures(changes=slow.number - before, frames=len(slow.frames), stale_fields=len(stale))
    assert slow.number - before >= 150
    assert stale == []


async def stale_of(page: Page) -> list[str]:
    """What this page shows otherwise than a fresh read, which it must have reached by its number."""
    seq, state = await fresh_state(page)
    await when(lambda: page.number >= seq, 10)
    return [key for key in state if page.state[key] != state[key]]


async def fidgets(page: Page) -> None:
    """Ten changes of one person, as fast as a socket may speak."""
    for turn in range(10):
        try:
            await page.says("rooms.hand", raised=turn % 2 == 0)
        except Refusal:
            await asyncio.sleep(0.2)
