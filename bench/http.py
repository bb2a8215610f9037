"""Two pages that are asked often, beside the least a server can do for the same answer."""

import asyncio
import os
import statistics
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from bench.children import address, child, seconds
from bench.rows import Row, missing

FEED, PAGE = "/calendar/public/fr.ics", "/programme/"
CONNECTIONS = 8
UNIT = "server CPU ms per request"


class NotThere(Exception):
    """The page or the server that is to be measured can't be had; the text says why."""


@dataclass(frozen=True)
class Answer:
    """`status`, header names in small letters, `body` in octets."""

    status: int
    headers: dict[str, str]
    body: bytes


async def ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes) -> Answer:
    """One request on a connection that stays open. Raises NotThere where an answer has no length."""
    writer.write(request)
    status, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").strip().split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    code = int(status.split()[1])
    if code == 304:
        return Answer(code, headers, b"")
    if "content-length" in headers:
        return Answer(code, headers, await reader.readexactly(int(headers["content-length"])))
    if headers.get("transfer-encoding", "").lower() != "chunked":
        raise NotThere(f"{code} without a length")
    body = b""
    while size := int(await reader.readline(), 16):
        body += (await reader.readexactly(size + 2))[:-2]
    await reader.readline()
    return Answer(code, headers, body)


def request(path: str, tag: str = "") -> bytes:
    lines = [f"GET {path} HTTP/1.1", "Host: localhost", "Accept-Language: fr"]
    lines += [f"If-None-Match: {tag}"] if tag else []
    return "\r\n".join([*lines, "", ""]).encode()


async def once(port: int, asked: bytes) -> Answer:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        return await ask(reader, writer, asked)
    finally:
        writer.close()


async def load(port: int, asked: bytes, status: int, count: int) -> None:
    """`count` requests over a few connections. Raises NotThere when one is answered otherwise than by `status`."""

    async def line() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(count // CONNECTIONS):
            answer = await ask(reader, writer, asked)
            if answer.status != status:
                raise NotThere(f"{answer.status} under load")
        writer.close()

    await asyncio.gather(*(line() for _ in range(CONNECTIONS)))


def cost(process: int, port: int, asked: bytes, status: int, count: int) -> float:
    """CPU of the server per request, in milliseconds."""
    count -= count % CONNECTIONS
    began = seconds(process)
    asyncio.run(load(port, asked, status, count))
    return (seconds(process) - began) / count * 1000


@contextmanager
def product() -> Iterator[tuple[int, int, dict[str, str]]]:
    """The product with its demonstration data in a folder of its own: process, port, environment."""
    with tempfile.TemporaryDirectory(prefix="viso-bench-") as folder:
        environment = {"STATE_DIR": folder, "DEMO": "1", "DJANGO_SETTINGS_MODULE": "config.settings"}
        for command in (["collectstatic", "--noinput"], ["migrate"], ["demo", "--json"]):
            with child("manage.py", *command, **environment) as process:
                process.communicate()
            if process.returncode:
                raise NotThere(f"manage.py {command[0]} ends with {process.returncode}")
        with child("manage.py", "serve", "--host", "127.0.0.1", "--port", "0", **environment) as server:
            try:
                port = address(server)[1]
            except RuntimeError as broken:
                raise NotThere(str(broken)) from broken
            yield server.pid, port, environment


def programme(quick: bool) -> list[Row]:
    """The programme for a stranger, beside a bare view that makes the same queries and renders the same template."""
    name, goal, runs, count = "page.programme", "<= 1.3", 1 if quick else 3, 16 if quick else 64
    ours, floor = [], []
    try:
        with product() as (process, port, environment):
            first = asyncio.run(once(port, request(PAGE)))
            if first.status != 200:
                return [missing(name, "daphne", goal, f"GET {PAGE} gives {first.status}")]
            with child("-m", "bench.bare", "page", PAGE, **environment) as bare:
                there = address(bare)[1]
                for _ in range(runs):
                    ours.append(cost(process, port, request(PAGE), 200, count))
                    floor.append(cost(bare.pid, there, request(PAGE), 200, count))
    except (NotThere, RuntimeError) as reason:
        return [missing(name, "daphne", goal, str(reason))]
    return [pair(name, goal, ours, floor, inverse=False)]


def pair(name: str, goal: str, ours: list[float], floor: list[float], inverse: bool) -> Row:
    """`inverse`: the goal is written in requests per second, so the ratio is the floor's CPU over ours."""
    both = zip(ours, floor, strict=True)
    ratio = statistics.median(theirs / mine if inverse else mine / theirs for mine, theirs in both)
    middle = [round(statistics.median(figures), 4) for figures in (ours, floor)]
    database = os.environ.get("DATABASE_URL", "sqlite").partition(":")[0]
    return Row(name, "daphne", database, 0, middle[0], middle[1], round(ratio, 3), goal, UNIT, len(ours))
