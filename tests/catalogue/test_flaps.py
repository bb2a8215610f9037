"""Catalogue A-15: a line that breaks again and again is one presence, and others' screens are left in peace."""

import asyncio
import random
import time
from collections.abc import Callable

from tests.catalogue.crowd import AWAY, Crowd, Page
from tests.catalogue.served import FULL, Real

LOSSES, WAYS, HOLD = (100, (1.0, 4.0), 5.0) if FULL else (12, (0.1, 0.6), 1.0)


async def test_a15_a_hundred_losses_of_the_network_are_one_presence_and_few_words_to_others(
    fresh: Callable[..., Real], figures: Callable[..., None]
) -> None:
    real = fresh(**({} if FULL else {"LIVE_HOLD_SECONDS": str(HOLD), "LEASE_SECONDS": "6"}))
    chance = random.Random(15)
    flapping = Page(real, real.data["guests"][0])
    with real:
        host, other = (
            Page(real, "dominique", as_host=True, door=0),
            Page(real, real.data["guests"][1], door=1),
        )
        async with Crowd([host, other, flapping]):
            await other.joins()
            await flapping.joins()
            began, kept = time.monotonic(), asyncio.create_task(beats(flapping, other))
            for _ in range(LOSSES):
                await asyncio.sleep(chance.uniform(*WAYS))
                await loses_its_line(flapping, chance.uniform(*WAYS))
                await flapping.joins()
            seconds = time.monotonic() - began
            kept.cancel()
            await asyncio.sleep(HOLD + 1)
            words = {name: told(page) for name, page in (("host", host), ("other", other))}
            state = host.state["people"]
    rows = real.rows(
        "SELECT kind, COUNT(*) FROM seminars_presenceevent e JOIN seminars_person p "
        f"ON p.id = e.person_id WHERE p.key = '{flapping.who}' GROUP BY kind"
    )
    open_ = real.rows(
        "SELECT COUNT(*) FROM seminars_lease l JOIN seminars_person p ON p.id = l.person_id "
        f"WHERE p.key = '{flapping.who}' AND ended_at IS NULL"
    )
    figures(
        losses=LOSSES, seconds=seconds, events=dict(rows), told_host=words["host"], told_other=words["other"]
    )
    assert open_ == [(1,)]
    assert dict(rows).get("joined") == 1
    assert "left" not in dict(rows)
    assert sum(count for _, count in rows) <= LOSSES
    assert words["host"] <= seconds / HOLD + 3  # she came, and the last word
    assert words["other"] <= seconds / HOLD + 3
    assert [row["standing"] for row in state.values() if row["standing"] != "expected"] == ["here", "here"]


async def beats(*pages: Page) -> None:
    while True:
        await asyncio.sleep(10 if FULL else 0.5)
        for page in pages:
            try:
                await page.beats()
            except AWAY:
                continue


async def loses_its_line(page: Page, seconds: float) -> None:
    """No close frame: the line is just gone, and the next one stands some seconds later."""
    page.pause = seconds
    if page.line is not None:
        page.line.transport.abort()
    while page.standing.is_set():
        await asyncio.sleep(0.02)
    await page.standing.wait()


def told(page: Page) -> int:
    """How many frames moved this screen by a row or a count of people."""
    return sum(
        1 for _, frame in page.frames if frame[0] == "live.changed" and {"people", "counts"} & set(frame[2])
    )
