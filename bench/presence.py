"""People who come and go before a full room: what ticks save, and how late the news is for it."""

import asyncio
import json
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass

from websockets.asyncio.client import connect

from bench.children import address, child
from bench.deployments import deployment
from bench.fanout import Ears, Room, enough_files
from bench.http import NotThere
from bench.latency import p95
from bench.rows import Row, compared, missing

SERVERS = ("daphne", "uvicorn")
TICK, GRACE = "live.presence.tick", "live.presence.p95"
GOALS = {TICK: ">= 5", GRACE: "<= 1"}
TICK_SECONDS, GRACE_SECONDS = 0.2, 0.03
PATIENCE = 10.0
TEXT = 0x81
UNIT = "server CPU s per 100 000 deliveries: ticked / one by one"


class Reader(Ears):
    """A screen that notes when it has heard of each number."""

    def __init__(self, room: Room) -> None:
        super().__init__(room)
        self.rest, self.told, self.hours = b"", 0, dict[int, float]()

    def data_received(self, data: bytes) -> None:
        joining = self.head is not None
        super().data_received(data)
        if joining:
            return
        texts, self.rest = whole(self.rest + data)
        present = time.monotonic()
        for text in texts:  # ["live.changed",SEQ,…] and all other live frames
            seq = int(text.split(b",", 2)[1])
            self.hours.update(dict.fromkeys(range(self.told + 1, seq + 1), present))
            self.told = max(self.told, seq)


def whole(data: bytes) -> tuple[list[bytes], bytes]:
    """The texts that have come in whole, from unmasked frames (RFC 6455 section 5.2), and the octets left over."""
    texts, start = [], 0
    while len(data) >= start + 2:
        head, size = start + 2, data[start + 1]
        if size > 125:
            head += 2 if size == 126 else 8
            size = int.from_bytes(data[start + 2 : head])
        if len(data) < head + size:
            break
        if data[start] == TEXT:
            texts.append(data[head : head + size])
        start = head + size
    return texts, data[start:]


@dataclass
class Rounds:
    """CPU seconds per 100 000 deliveries, less those of writing the rows; p95 of the ticked ones in ms."""

    single: list[float]
    ticked: list[float]
    late: list[float]


async def play(room: Room, ears: list[Reader], mode: str, deltas: int) -> tuple[float, list[float]]:
    """CPU seconds, and how late each number was at each reader. Raises NotThere when one does not arrive."""
    await room.control.send(f"{mode} {deltas}")
    answer = json.loads(await room.control.recv())
    if mode == "alone":
        return answer["cpu"], []
    written = {int(seq): hour for seq, hour in answer["written"].items()}
    until = time.monotonic() + PATIENCE
    while min(each.told for each in ears) < max(written):
        if time.monotonic() > until:
            raise NotThere("a reader was not told of every number")
        await asyncio.sleep(0.01)
    return answer["cpu"], [each.hours[seq] - hour for each in ears for seq, hour in written.items()]


async def rounds(server: str, readers: int, deltas: int, runs: int) -> Rounds:
    """In rotation on one server: the same gathering with a tick and without."""
    found = Rounds([], [], [])
    async with AsyncExitStack() as stack:
        environment = stack.enter_context(deployment("sqlite")) | {"LIVE_TICK_SECONDS": str(TICK_SECONDS)}
        process = stack.enter_context(child("-m", "bench.screens", server, str(readers - 1), **environment))
        port = address(process)[1]
        control = await stack.enter_async_context(
            connect(f"ws://127.0.0.1:{port}/control", compression=None, ping_interval=None)
        )
        room = Room(control, port, 0)
        ears: list[Reader] = await room.fill(readers, Reader)  # type: ignore[assignment]
        await play(room, ears, "ticked", deltas // 5)  # warm
        for _ in range(runs):
            alone, _none = await play(room, ears, "alone", deltas)
            single, _delays = await play(room, ears, "single", deltas)
            ticked, delays = await play(room, ears, "ticked", deltas)
            for costs, cpu in ((found.single, single), (found.ticked, ticked)):
                costs.append((cpu - alone) / (deltas * readers) * 100_000)
            found.late.append(p95(delays))
    return found


def presence(quick: bool) -> list[Row]:
    readers, deltas, runs = (200, 60, 1) if quick else (500, 300, 3)
    promised = (TICK_SECONDS + GRACE_SECONDS) * 1000
    rows = []
    for server in SERVERS:
        if not enough_files(readers):
            rows += [missing(name, server, GOALS[name], "too few open files", readers) for name in GOALS]
            continue
        try:
            found = asyncio.run(rounds(server, readers, deltas, runs))
        except (NotThere, RuntimeError) as reason:
            rows += [missing(name, server, GOALS[name], str(reason), readers) for name in GOALS]
            continue
        what = server, "sqlite", readers
        rows += [
            compared(TICK, *what, found.ticked, found.single, GOALS[TICK], UNIT, inverse=True),
            compared(GRACE, *what, found.late, [promised] * runs, GOALS[GRACE], "p95, ms / tick + 30 ms"),
        ]
    return rows
