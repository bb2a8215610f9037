"""The live door on a real server: exact origins, a fact of a request on an idle socket, and kill -9 in mid-session."""

import json
import os
import re
import sqlite3
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import HTTPRedirectHandler, Request, build_opener

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from seminars.evidence.chain import GENESIS

ROOT = Path(__file__).resolve().parent.parent.parent
ORIGIN = "http://localhost:8000"
pytestmark = pytest.mark.skipif("DATABASE_URL" in os.environ, reason="the crash reads the file of SQLite")


class Served:
    """A server of its own on a free port, with the database of `state`."""

    def __init__(self, state: Path) -> None:
        self.state = state
        self.environment = {**os.environ, "STATE_DIR": str(state), "BEAT_SECONDS": "20"}
        self.data = json.loads(self.run("-m", "tests.realtime.live_data"))

    def run(self, *words: str) -> str:
        found = subprocess.run(
            [sys.executable, *words],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=True,
        )
        return found.stdout

    @contextmanager
    def running(self) -> Iterator["subprocess.Popen[str]"]:
        command = [sys.executable, "manage.py", "serve", "--port", "0"]
        with subprocess.Popen(
            command, cwd=ROOT, env=self.environment, text=True, stdout=subprocess.PIPE
        ) as child:
            try:
                assert child.stdout is not None
                ready = re.fullmatch(r"ready http://127\.0\.0\.1:(\d+)/\n", child.stdout.readline())
                assert ready is not None
                self.port = int(ready[1])
                yield child
            finally:
                child.kill()

    def line(self, who: str, query: str = "", origin: str = ORIGIN) -> ClientConnection:
        headers = {"Cookie": f"sessionid={self.data['cookies'][who]}"}
        address = f"ws://127.0.0.1:{self.port}/live/{self.data['code']}/?{query}"
        return connect(address, additional_headers=headers, origin=origin)  # type: ignore[arg-type]

    def post(self, who: str, path: str, **fields: str) -> int:
        token = "t" * 32
        body = urlencode({"csrfmiddlewaretoken": token, **fields}).encode()
        headers = {
            "Cookie": f"sessionid={self.data['cookies'][who]}; csrftoken={token}",
            "Origin": ORIGIN,
            "Accept": "application/json",
        }
        address = f"http://127.0.0.1:{self.port}/sessions/{self.data['code']}/{path}/"
        with build_opener(Stay()).open(Request(address, body, headers), timeout=5) as answer:
            return int(answer.status)


class Stay(HTTPRedirectHandler):
    def redirect_request(self, *arguments: Any) -> None:
        return None


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Served:
    state = tmp_path_factory.mktemp("live")
    (state / "static").mkdir()
    return Served(state)


def heard(line: ClientConnection, name: str) -> list[Any]:
    while True:
        frame: list[Any] = json.loads(line.recv(5))
        if frame[0] == name:
            return frame


def test_origin_is_exact_and_a_request_reaches_an_idle_socket_at_once(server: Served) -> None:
    with server.running():
        for origin in ("http://localhost:8001", "https://localhost:8000", "http://evil.example"):
            with pytest.raises(InvalidStatus) as refused:
                server.line("ange", origin=origin)
            assert refused.value.response.status_code == 403
        with server.line("dominique", "as=host") as host, server.line("ange") as page:
            heard(host, "live.snapshot")
            heard(page, "live.snapshot")
            fresh = {"connection": str(uuid.uuid4()), "event": str(uuid.uuid4())}
            page.send(json.dumps(["attendance.join", "in", fresh]))
            heard(host, "live.changed")
            heard(page, "live.changed")
            began = time.monotonic()
            assert server.post("ange", "pulse", value="lost") == 200
            assert heard(host, "live.changed")[2]["pulse"]["alert"] == ["lost"]
            assert heard(page, "tick")[2] == {}
            assert time.monotonic() - began < 5


def test_kill_9_loses_no_acknowledged_presence_and_the_page_goes_on(server: Served) -> None:
    sent: list[str] = []
    kept: set[str] = set()
    mine = str(uuid.uuid4())
    with server.running() as child, server.line("ange") as one, server.line("bruna") as two:
        for line in (one, two):
            heard(line, "live.snapshot")
        one.send(json.dumps(["attendance.join", "mine", {"connection": mine, "event": str(uuid.uuid4())}]))
        assert heard(one, "ok")[1] == "mine"
        with pytest.raises(ConnectionClosed):
            for number in range(60):
                line = (one, two)[number % 2]
                event, body = str(uuid.uuid4()), {"connection": str(uuid.uuid4())}
                line.send(json.dumps(["attendance.join", event, {**body, "event": event}]))
                sent.append(event)
                if number == 30:
                    child.kill()
                if number % 3 == 2:  # some commands are under way all the time
                    kept.add(heard(line, "ok")[1])
        for line in (one, two):
            kept |= rest(line)
    assert 8 <= len(kept) < len(sent)
    rows = ledger(server.state)
    assert kept <= {str(uuid.UUID(row[0])) for row in rows}
    assert chain_holds(rows)
    with server.running(), server.line("ange") as again:
        assert heard(again, "live.snapshot")[2]["mine"]["standing"] == "here"
        again.send(json.dumps(["attendance.beat", 1, {"connection": mine, "seq": 0}]))
        assert heard(again, "ok")[2]["new"] is True


def rest(line: ClientConnection) -> set[str]:
    """The acknowledgements that had arrived before the line broke."""
    found = set()
    try:
        while True:
            found.add(heard(line, "ok")[1])
    except ConnectionClosed:
        return found


def ledger(state: Path) -> list[tuple[str, int, str, str]]:
    with closing(sqlite3.connect(state / "db.sqlite3")) as database:
        return database.execute(
            "SELECT id, seq, prev_hash, hash FROM seminars_presenceevent ORDER BY seq"
        ).fetchall()


def chain_holds(rows: list[tuple[str, int, str, str]]) -> bool:
    quoted = [GENESIS, *(row[3] for row in rows[:-1])]
    return [row[1] for row in rows] == list(range(1, len(rows) + 1)) and [row[2] for row in rows] == quoted
