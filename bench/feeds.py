"""Calendar feeds beside the same bytes from the same server, on SQLite and PostgreSQL, Daphne and uvicorn."""

import asyncio
import json
import statistics
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bench.children import address, child
from bench.http import FEED, NotThere, cost, once, request
from bench.rows import Row, missing
from tests.services import Postgres

GOALS = {
    ("feed.200", "daphne"): ">= 0.8",
    ("feed.200", "uvicorn"): ">= 0.8",
    ("feed.304", "daphne"): ">= 0.8",
    ("feed.304", "uvicorn"): ">= 0.65",
    ("feed.304.pg", "daphne"): ">= 0.7",
    ("feed.304.pg", "uvicorn"): ">= 0.7",
}
SERVERS = ("daphne", "uvicorn")
UNIT = "server CPU ms per request"


@contextmanager
def product(server: str, entries: int, **more: str) -> Iterator[tuple[int, int]]:
    """The product with so many public sessions: process and port."""
    with tempfile.TemporaryDirectory(prefix="viso-bench-") as folder:
        environment = {
            "STATE_DIR": folder,
            "SERVER": server,
            "WORKER": "off",
            "ACCESS_LOG": "off",
        }  # the floor writes none either
        environment |= {"DJANGO_SETTINGS_MODULE": "config.settings"} | more
        with child("-m", "bench.many", str(entries), **environment) as seed:
            seed.communicate()
        if seed.returncode:
            raise NotThere(f"the programme could not be made: {seed.returncode}")
        with child("manage.py", "serve", "--port", "0", **environment) as process:
            yield process.pid, address(process)[1]


def pair(
    server: str, entries: int, runs: int, count: int, **more: str
) -> dict[int, tuple[list[float], list[float]]]:
    """Costs of a 200 and a 304, ours and the floor's, by status. Raises NotThere."""
    found: dict[int, tuple[list[float], list[float]]] = {200: ([], []), 304: ([], [])}
    with ExitStack() as stack:
        process, port = stack.enter_context(product(server, entries, **more))
        whole = asyncio.run(once(port, request(FEED)))
        if whole.status != 200 or "etag" not in whole.headers:
            raise NotThere(f"GET {FEED} gives {whole.status}")
        kept = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "answer.json"
        kept.write_text(json.dumps({"headers": whole.headers, "body": whole.body.decode()}))
        bare = stack.enter_context(child("-m", "bench.bare", f"feed-{server}", str(kept)))
        there = address(bare)[1]
        for status, asked in ((200, request(FEED)), (304, request(FEED, whole.headers["etag"]))):
            ours, floor = found[status]
            times = count if status == 304 else max(8, count // 4)
            for ears in (process, port), (bare.pid, there):
                cost(*ears, asked, status, times // 4)  # warm
            for _ in range(runs):
                ours.append(cost(process, port, asked, status, times))
                floor.append(cost(bare.pid, there, asked, status, times))
    return found


def row(name: str, server: str, database: str, entries: int, costs: tuple[list[float], list[float]]) -> Row:
    """The goals are written in requests per second, so the ratio is the floor's CPU over ours."""
    ours, floor = costs
    ratio = statistics.median(b / a for a, b in zip(ours, floor, strict=True))
    middle = [round(statistics.median(each), 4) for each in costs]
    return Row(
        name,
        server,
        database,
        entries,
        middle[0],
        middle[1],
        round(ratio, 3),
        GOALS[name, server],
        UNIT,
        len(ours),
    )


def sqlite(quick: bool) -> list[Row]:
    entries, runs, count = (60, 1, 400) if quick else (2000, 3, 4000)
    rows = []
    for server in SERVERS:
        try:
            costs = pair(server, entries, runs, count)
        except (NotThere, RuntimeError) as reason:
            rows += [
                missing(f"feed.{s}", server, GOALS[f"feed.{s}", server], str(reason)) for s in (200, 304)
            ]
            continue
        rows += [row(f"feed.{status}", server, "sqlite", entries, costs[status]) for status in costs]
    return rows


def postgres(quick: bool) -> list[Row]:
    entries, runs, count = (60, 1, 400) if quick else (2000, 3, 4000)
    name, rows = "feed.304.pg", []
    for server in SERVERS:
        database = Postgres()
        try:
            costs = pair(server, entries, runs, count, **database.environment())
            rows.append(row(name, server, "postgres", entries, costs[304]))
        except (NotThere, RuntimeError) as reason:
            rows.append(missing(name, server, GOALS[name, server], str(reason), database="postgres"))
        finally:
            database.stop()
    return rows
