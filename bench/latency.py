"""How late one frame is, how little a socket weighs, and what a reader who never reads costs the others."""

import asyncio
import statistics
import time
from contextlib import AsyncExitStack

from websockets.asyncio.client import connect

from bench.children import address, child
from bench.fanout import Ears, Room, enough_files
from bench.rooms import TEXT
from bench.rows import Row, missing
from realtime.hub import Frame, frame_text

SERVERS = ("daphne", "uvicorn")
OFFERED = 2000  # deliveries per second
LARGE = 20_000  # octets of one frame for the slow reader's room


class Clocked(Ears):
    """A reader that notes when each frame has come in whole."""

    wire = len(Frame(TEXT).wire)

    def __init__(self, room: Room) -> None:
        super().__init__(room)
        self.octets, self.hours = 0, list[float]()

    def data_received(self, data: bytes) -> None:
        joining, before = self.head is not None, self.octets
        super().data_received(data)
        if joining:
            return
        self.octets += len(data)
        whole = self.octets // self.wire - before // self.wire
        self.hours.extend([time.perf_counter()] * whole)


class ClockedLarge(Clocked):
    wire = len(Frame(frame_text("feedback.pulsed", 1, "x" * LARGE)).wire)


async def room_of(kind: str, stack: AsyncExitStack) -> Room:
    port = address(stack.enter_context(child("-m", "bench.rooms", kind)))[1]
    control = await stack.enter_async_context(
        connect(f"ws://127.0.0.1:{port}/control", compression=None, ping_interval=None)
    )
    return Room(control, port, Clocked.wire)


def p95(values: list[float]) -> float:
    return statistics.quantiles(values, n=20)[-1] * 1000


async def late(room: Room, ears: list[Clocked], frames: int, pause: float, words: str = "") -> list[float]:
    """Seconds from asking for each frame to its arrival at each reader; what never arrived is left out."""
    for each in ears:
        each.hours.clear()
        each.octets = 0
    room.open = 1 << 60
    asked = []
    for number in range(frames):
        asked.append(time.perf_counter())
        await room.control.send(f"publish 1{words}")
        await asyncio.sleep(max(0.0, asked[0] + (number + 1) * pause - time.perf_counter()))
    await asyncio.sleep(1)
    return [came - went for each in ears for went, came in zip(asked, each.hours, strict=False)]


async def _latency(readers: int, runs: int, frames: int) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {}
    async with AsyncExitStack() as stack:
        rooms = {kind: await room_of(kind, stack) for kind in ("floor", "hub-daphne", "hub-uvicorn")}
        ears = {kind: await room.fill(readers, Clocked) for kind, room in rooms.items()}
        for _ in range(runs):
            for kind, room in rooms.items():
                delays = await late(room, ears[kind], frames, readers / OFFERED)  # type: ignore[arg-type]
                found.setdefault(kind, []).append(p95(delays))
    return found


def latency(quick: bool) -> list[Row]:
    name, goal, readers, runs = "live.latency.p95", "<= 1.15", 100 if quick else 1000, 1 if quick else 3
    if not enough_files(readers):
        return [missing(name, each, goal, "too few open files", readers) for each in SERVERS]
    found = asyncio.run(_latency(readers, runs, 10 if quick else 20))
    return [
        _pair(name, each, readers, found[f"hub-{each}"], found["floor"], goal, "p95, ms") for each in SERVERS
    ]


def _pair(name: str, server: str, n: int, ours: list[float], floor: list[float], goal: str, unit: str) -> Row:
    ratio = statistics.median(mine / theirs for mine, theirs in zip(ours, floor, strict=True))
    middle = [round(statistics.median(each), 3) for each in (ours, floor)]
    return Row(name, server, "", n, middle[0], middle[1], round(ratio, 3), goal, unit, len(ours))


async def _slow(kind: str, readers: int, frames: int) -> tuple[float, float, int]:
    """p95 in ms without and with somebody who never reads, and how many deliveries to the others are missing."""
    async with AsyncExitStack() as stack:
        room = await room_of(kind, stack)
        ears: list[Clocked] = await room.fill(readers, ClockedLarge)  # type: ignore[assignment]
        words, pause = f" {LARGE}", 0.02
        await late(room, ears, 20, pause, words)  # warm
        calm = await late(room, ears, frames, pause, words)
        [deaf] = await room.fill(readers + 1)
        assert deaf.transport is not None
        deaf.transport.pause_reading()
        beside = await late(room, ears, frames, pause, words)
        return p95(calm), p95(beside), readers * frames - len(beside)


def slow_reader(quick: bool) -> list[Row]:
    rows, frames, readers = [], 50 if quick else 400, 50
    for each in SERVERS:
        rounds = [asyncio.run(_slow(f"hub-{each}", readers, frames)) for _ in range(1 if quick else 3)]
        calm, beside = [one[0] for one in rounds], [one[1] for one in rounds]
        rows.append(
            _pair("live.slow_reader", each, readers, beside, calm, "<= 1.2", "p95, ms: with / without")
        )
        lost = sum(one[2] for one in rounds)
        rows.append(
            Row(
                "live.slow_reader.lost",
                each,
                "",
                readers,
                lost,
                0,
                lost,
                "0",
                "deliveries missing",
                len(rounds),
            )
        )
    return rows
