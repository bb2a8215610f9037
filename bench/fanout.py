"""One frame to everybody in a room: processor time of the server per delivery."""

import asyncio
import json
import resource
import statistics
from contextlib import AsyncExitStack
from dataclasses import replace

from websockets.asyncio.client import ClientConnection, connect

from bench.children import address, child
from bench.rooms import FRAME, TEXT
from bench.rows import Row, missing
from realtime.hub import Frame
from tests.services import Valkey

WINDOW = 20  # frames under way: below the 100 that the in-memory layer keeps per consumer
WIRE = len(Frame(TEXT).wire)
TEXTBOOK_WIRE = len(Frame(json.dumps(FRAME)).wire)  # its encoder leaves spaces in
UPGRADE = (
    b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
)
GOALS = {"daphne": "<= 1.2", "uvicorn": "<= 0.9"}
UNIT = "server CPU s per 100 000 deliveries"


class Ears(asyncio.Protocol):
    """A reader that only counts octets: frames have one length, and the client must stay cheaper than the server."""

    def __init__(self, room: "Room") -> None:
        self.room = room
        self.head: bytes | None = b""
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.write(UPGRADE)

    def data_received(self, data: bytes) -> None:
        if self.head is not None:
            self.head += data
            if b"\r\n\r\n" not in self.head:
                return
            data = self.head.partition(b"\r\n\r\n")[2]
            self.head = None
            self.room.took(self.room.joining)
        if data:
            self.room.took(len(data))


class Room:
    """A server, its readers and the line by which it is told to publish."""

    joining = 1_000_000

    def __init__(self, control: ClientConnection, port: int, wire: int) -> None:
        self.control, self.port, self.wire, self.readers = control, port, wire, 0
        self.open, self.enough = 0, asyncio.Event()

    def took(self, octets: int) -> None:
        self.open -= octets
        if self.open <= 0:
            self.enough.set()

    async def fill(self, readers: int, kind: type[Ears] = Ears) -> list[Ears]:
        """Readers of a kind, until there are so many; those that are new."""
        loop, found = asyncio.get_running_loop(), []
        while self.readers < readers:
            more = min(50, readers - self.readers)
            self.open, self.readers = self.joining * more, self.readers + more
            self.enough.clear()
            for _ in range(more):
                found.append((await loop.create_connection(lambda: kind(self), "127.0.0.1", self.port))[1])
            await asyncio.wait_for(self.enough.wait(), 30)
        return found

    async def ask(self, question: str) -> float:
        await self.control.send(question)
        return float(await self.control.recv())

    async def cpu(self) -> float:
        return await self.ask("cpu")

    async def cost(self, deliveries: int) -> float:
        """Publishes until there were `deliveries`; CPU seconds per 100 000."""
        frames = max(1, deliveries // self.readers)
        began = await self.cpu()
        for start in range(0, frames, WINDOW):
            count = min(WINDOW, frames - start)
            self.open = count * self.readers * self.wire
            self.enough.clear()
            await self.control.send(f"publish {count}")
            await asyncio.wait_for(self.enough.wait(), 60)
        return (await self.cpu() - began) / (frames * self.readers) * 100_000


async def compare(
    kinds: dict[str, int], readers: int, runs: int, **environment: str
) -> dict[str, list[float]]:
    """Costs of each kind of server, {kind: deliveries per run}, with `readers` each, in rotation."""
    costs: dict[str, list[float]] = {kind: [] for kind in kinds}
    async with AsyncExitStack() as stack:
        rooms = {}
        for kind in kinds:
            port = address(stack.enter_context(child("-m", "bench.rooms", kind, **environment)))[1]
            control = await stack.enter_async_context(
                connect(f"ws://127.0.0.1:{port}/control", compression=None, ping_interval=None)
            )
            rooms[kind] = Room(control, port, TEXTBOOK_WIRE if "textbook" in kind else WIRE)
            await rooms[kind].fill(readers)
            await rooms[kind].cost(min(kinds[kind], WINDOW * readers) // 2)  # warm
        for _ in range(runs):
            for kind, room in rooms.items():
                costs[kind].append(await room.cost(kinds[kind]))
    return costs


def row(name: str, server: str, readers: int, ours: list[float], floor: list[float], inverse: bool) -> Row:
    """The medians, and the median of the ratios of each round."""
    pairs = zip(ours, floor, strict=True)
    ratio = statistics.median(theirs / mine if inverse else mine / theirs for mine, theirs in pairs)
    goal = ">= 60" if inverse else GOALS[server]
    return Row(
        name,
        server,
        "",
        readers,
        round(statistics.median(ours), 3),
        round(statistics.median(floor), 3),
        round(ratio, 3),
        goal,
        UNIT,
        len(ours),
    )


def enough_files(readers: int) -> bool:
    """Each reader of each server is an open file here; raises the limit as far as this user may."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 5 * readers + 200
    if soft != resource.RLIM_INFINITY and soft < wanted:
        ceiling = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (ceiling, hard))
        return ceiling == wanted
    return True


def mem(quick: bool) -> list[Row]:
    rows = []
    name, deliveries, runs = "live.fanout.mem", 20_000 if quick else 100_000, 1 if quick else 3
    for readers in (100,) if quick else (500, 1000):
        if not enough_files(readers):
            rows += [missing(name, each, GOALS[each], "too few open files", readers) for each in GOALS]
            continue
        kinds = {"floor": deliveries, "hub-daphne": deliveries, "hub-uvicorn": deliveries}
        costs = asyncio.run(compare(kinds, readers, runs))
        rows += [row(name, each, readers, costs[f"hub-{each}"], costs["floor"], False) for each in GOALS]
    return rows


def redis(quick: bool) -> list[Row]:
    """The same while each frame goes through Valkey first, as it does from one process to another."""
    name, deliveries, runs = "live.fanout.redis", 20_000 if quick else 100_000, 1 if quick else 3
    goals, rows = {"daphne": "<= 1.5", "uvicorn": "<= 1.2"}, []
    valkey = Valkey()
    try:
        for readers in (100,) if quick else (500, 1000):
            if not enough_files(readers):
                rows += [missing(name, each, goals[each], "too few open files", readers) for each in goals]
                continue
            kinds = {"floor": deliveries, "redis-daphne": deliveries, "redis-uvicorn": deliveries}
            costs = asyncio.run(compare(kinds, readers, runs, **valkey.environment()))
            found = {
                each: row(name, each, readers, costs[f"redis-{each}"], costs["floor"], False)
                for each in goals
            }
            rows += [replace(one, goal=goals[each]) for each, one in found.items()]
    finally:
        valkey.stop()
    return rows


def flat(quick: bool) -> list[Row]:
    """How much dearer a delivery becomes from a small room to a large one, beside the floor's own growth."""
    name, goal, deliveries, runs = (
        "live.fanout.flat",
        "<= 1.0",
        20_000 if quick else 100_000,
        1 if quick else 3,
    )
    small, large = (50, 200) if quick else (100, 2000)
    if not enough_files(large):
        return [missing(name, each, goal, "too few open files", large) for each in GOALS]
    kinds = {"floor": deliveries, "hub-daphne": deliveries, "hub-uvicorn": deliveries}
    few, many = (asyncio.run(compare(kinds, readers, runs)) for readers in (small, large))
    growth = {kind: [b / a for a, b in zip(few[kind], many[kind], strict=True)] for kind in kinds}
    rows = []
    for each in GOALS:
        found = row(name, each, large, growth[f"hub-{each}"], growth["floor"], False)
        rows.append(replace(found, goal=goal, unit=f"CPU per delivery, N={large} / N={small}"))
    return rows


def textbook(quick: bool) -> list[Row]:
    rows = []
    name, readers, runs = "live.fanout.textbook", 200 if quick else 1000, 1 if quick else 2
    if not enough_files(readers):
        return [missing(name, each, ">= 60", "too few open files", readers) for each in GOALS]
    for each in GOALS:
        kinds = {f"hub-{each}": 50_000, f"textbook-{each}": 5 * readers}
        costs = asyncio.run(compare(kinds, readers, runs))
        rows.append(row(name, each, readers, costs[f"hub-{each}"], costs[f"textbook-{each}"], True))
    return rows
