"""What a process knows of feeds' versions, when the system refuses it something."""

import asyncio
import os
import socket
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from web import feedversions
from web.feedversions import ASK, Looked, Told

TABLE = ASK.split(" FROM ")[1].split(" ")[0]


class Notes:
    """The driver's side of a line: nothing to say, or a fault."""

    fault: Exception | None = None

    def consume_input(self) -> None:
        if self.fault is not None:
            raise self.fault

    def notifies(self) -> None:
        return None


class Line:
    def __init__(self) -> None:
        self.here, self.there = socket.socketpair()
        self.pgconn, self.is_closed = Notes(), False

    def fileno(self) -> int:
        return self.here.fileno()

    def close(self) -> None:
        self.is_closed = True
        self.here.close()
        self.there.close()


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Line]]:
    made: list[Line] = []

    def listening(given: dict[str, Any]) -> Line:
        made.append(Line())
        return made[-1]

    monkeypatch.setattr(feedversions, "_listening", listening)
    monkeypatch.setattr(feedversions, "RETRY_SECONDS", 0.01)
    yield made
    for line in made:
        line.close()


@asynccontextmanager
async def told() -> AsyncIterator[Told]:
    made = Told()
    yield made
    if made.line is not None:
        asyncio.get_running_loop().remove_reader(made.ear)
        os.close(made.ear)


async def until(is_so: Any) -> None:
    async with asyncio.timeout(3):
        while not is_so():
            await asyncio.sleep(0.005)


@pytest.mark.parametrize("what", ["dup", "add_reader"])
async def test_a_line_that_nobody_can_read_is_none_and_is_tried_again(
    lines: list[Line], monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    def refused(*given: Any) -> None:
        raise OSError(24, "Too many open files")

    async with told() as versions:
        with monkeypatch.context() as patch:
            patch.setattr(*((os, what) if what == "dup" else (asyncio.get_running_loop(), what)), refused)
            versions.learn("feed", 5, versions.mark())
            await until(lambda: len(lines) >= 2)
            versions.learn("feed", 5, versions.mark())
            assert versions.version("feed") is None
            assert versions.line is None
        assert lines[0].is_closed
        await until(lambda: versions.line is not None)
        versions.learn("feed", 6, versions.mark())
        assert versions.version("feed") == 6


async def test_whatever_goes_wrong_in_hearing_is_a_lost_line(lines: list[Line]) -> None:
    async with told() as versions:
        versions.mark()
        await until(lambda: versions.line is not None)
        versions.learn("feed", 5, versions.mark())
        lines[0].pgconn.fault = UnicodeDecodeError("utf-8", b"\xff", 0, 1, "no text")
        lines[0].there.send(b"x")
        await until(lambda: versions.version("feed") is None)
        assert lines[0].is_closed
        await until(lambda: versions.line is not None)


@pytest.mark.parametrize("name", ["a?b#c.sqlite3", "100%25.sqlite3"])
def test_a_database_is_found_whatever_its_path_is_called(tmp_path: Path, name: str) -> None:
    place = str(tmp_path / name)
    with sqlite3.connect(place) as made:
        made.execute(f"CREATE TABLE {TABLE} (name text, version integer)")
        made.execute(f"INSERT INTO {TABLE} VALUES ('feed', 7)")
    made.close()
    looked = Looked(place)
    assert looked.version("feed") == 7
    looked.close()
