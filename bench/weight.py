"""What one open companion weighs in the product's server, beside a bare WebSocket."""

import asyncio
import json
import resource
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path

from websockets.asyncio.client import ClientConnection, connect

from bench.children import address, child
from bench.fanout import enough_files
from bench.latency import room_of
from bench.rows import Row, missing

SERVERS = ("daphne", "uvicorn")
EACH = 5  # sockets of one person, as many as she may have
ORIGIN = "http://localhost:8000"
UNIT = "resident KiB per socket"
SETTLED = 1.5


def resident(process: int) -> int:
    """Octets that a process holds in memory; Linux."""
    return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * resource.getpagesize()


@contextmanager
def product(people: int, server: str) -> Iterator[tuple[int, int, dict[str, object]]]:
    """The product with one session of so many people: process, port, and what its seed printed."""
    with tempfile.TemporaryDirectory(prefix="viso-bench-") as folder:
        environment = {
            "STATE_DIR": folder,
            "SERVER": server,
            "WORKER": "off",
            "DJANGO_SETTINGS_MODULE": "config.settings",
        }
        with child("-m", "tests.catalogue.seed", str(people), **environment) as seed:
            printed, _ = seed.communicate()
        with child("manage.py", "serve", "--port", "0", **environment) as process:
            port = address(process)[1]
            yield process.pid, port, json.loads(printed)


async def open_all(port: int, data: dict[str, object], stack: AsyncExitStack) -> list[ClientConnection]:
    cookies = data["cookies"]
    assert isinstance(cookies, dict)
    lines = []
    for who in (cookie for name, cookie in cookies.items() if name != "dominique"):
        for _ in range(EACH):
            line = await stack.enter_async_context(
                connect(
                    f"ws://127.0.0.1:{port}/live/{data['code']}/",
                    additional_headers={"Cookie": f"sessionid={who}"},
                    origin=ORIGIN,  # type: ignore[arg-type]
                    compression=None,
                    ping_interval=None,
                )
            )
            await asyncio.wait_for(line.recv(), 20)  # its snapshot: it is seated
            lines.append(line)
    return lines


async def companion(server: str, people: int) -> float:
    with product(people, server) as (process, port, data):
        async with AsyncExitStack() as stack:
            cookies = data["cookies"]
            assert isinstance(cookies, dict)
            names = [name for name in cookies if name != "dominique"]
            first = {**data, "cookies": {name: cookies[name] for name in names[:4]}}
            rest = {**data, "cookies": {name: cookies[name] for name in names[4:]}}
            await open_all(port, first, stack)  # what the first sockets cost once is not theirs
            time.sleep(SETTLED)
            before = resident(process)
            lines = await open_all(port, rest, stack)
            time.sleep(SETTLED)
            return (resident(process) - before) / len(lines) / 1024


async def bare(sockets: int) -> float:
    async with AsyncExitStack() as stack:
        room = await room_of("floor", stack)
        await room.fill(20)
        before = await room.ask("memory")
        await room.fill(20 + sockets)
        await asyncio.sleep(SETTLED)
        return (await room.ask("memory") - before) / sockets / 1024


def memory(quick: bool) -> list[Row]:
    """A seat holds its session, its person, her rights and her cookie session's key."""
    name, goal, people, runs = "live.memory", "<= 2.4", 12 if quick else 104, 1 if quick else 3
    sockets = EACH * (people - 4)
    if not enough_files(sockets):
        return [missing(name, each, goal, "too few open files", sockets) for each in SERVERS]
    floor = [asyncio.run(bare(sockets)) for _ in range(runs)]
    rows = []
    for each in SERVERS:
        ours = [asyncio.run(companion(each, people)) for _ in range(runs)]
        ratio = statistics.median(a / b for a, b in zip(ours, floor, strict=True))
        middle = [round(statistics.median(found), 1) for found in (ours, floor)]
        rows.append(
            Row(name, each, "sqlite", sockets, middle[0], middle[1], round(ratio, 2), goal, UNIT, runs)
        )
    return rows
