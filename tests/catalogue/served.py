"""The product's own server in a process of its own, with a database that a test may copy, kill and read."""

import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect

ROOT = Path(__file__).resolve().parents[2]
ORIGIN = "http://localhost:8000"
QUICK = {"BEAT_SECONDS": "1", "SWEEP_SECONDS": "1", "WORK_PAUSE_SECONDS": "0.1"}


def environment(state: Path, **more: str) -> dict[str, str]:
    return {**os.environ, **QUICK, "STATE_DIR": str(state), **more}


def python(state: Path, *words: str, **more: str) -> str:
    """What a Python process of its own prints, with the settings of that state folder."""
    run = subprocess.run(
        [sys.executable, *words], cwd=ROOT, env=environment(state, **more), capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr[-3000:]
    return run.stdout


def prepare(state: Path, guests: int) -> dict[str, Any]:
    """A new state folder with a database and static files; what the seed prints."""
    state.mkdir(parents=True)
    python(state, "manage.py", "collectstatic", "--noinput", "--verbosity", "0")
    data: dict[str, Any] = json.loads(python(state, "-m", "tests.catalogue.seed", str(guests)))
    return data


@dataclass
class Real:
    """A server on a free port; `data` is what the seed printed."""

    state: Path
    data: dict[str, Any]
    extra: dict[str, str] = field(default_factory=dict)
    port: int = 0
    child: "subprocess.Popen[str] | None" = None

    @classmethod
    def copy_of(cls, template: Path, state: Path, data: dict[str, Any], **extra: str) -> "Real":
        shutil.copytree(template, state)
        return cls(state, data, extra)

    @property
    def process(self) -> "subprocess.Popen[str]":
        assert self.child is not None
        return self.child

    def start(self) -> "Real":
        with (self.state / "server.log").open("a") as log:
            self.child = subprocess.Popen(
                [sys.executable, "manage.py", "serve", "--port", "0"],
                cwd=ROOT,
                env=environment(self.state, **self.extra),
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        assert self.child.stdout is not None
        said = self.child.stdout.readline()
        ready = re.fullmatch(r"ready http://127\.0\.0\.1:(\d+)/\n", said)
        assert ready, said + self.log
        self.port = int(ready[1])
        return self

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)
        assert self.process.stdout is not None
        self.process.stdout.close()

    def __enter__(self) -> "Real":
        return self.start()

    def __exit__(self, *_: object) -> None:
        if self.child is not None and self.child.poll() is None:
            self.kill()
        elif self.child is not None and self.child.stdout is not None:
            self.child.stdout.close()

    @property
    def log(self) -> str:
        return (self.state / "server.log").read_text()

    @property
    def memory(self) -> int:
        """Resident octets of the server."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) * 1024  # type: ignore[index]

    def line(self, who: str, origin: str | None = ORIGIN, **options: Any) -> ClientConnection:
        headers = {"Cookie": f"sessionid={self.data['cookies'][who]}"}
        address = f"ws://127.0.0.1:{self.port}/live/{self.data['code']}/"
        return connect(address, additional_headers=headers, origin=origin, **options)  # type: ignore[arg-type]

    def raw(self, request: bytes, seconds: float = 10) -> bytes:
        """All that the server answers to these octets, until it closes or the time is over."""
        with socket.create_connection(("127.0.0.1", self.port), seconds) as plain:
            plain.sendall(request)
            return everything(plain)

    def get(self, path: str, *headers: str) -> tuple[int, str]:
        """Status, and head and body as text."""
        lines = [f"GET {path} HTTP/1.1", "Host: localhost", "Connection: close", *headers, "", ""]
        answer = self.raw("\r\n".join(lines).encode()).decode("utf-8", "replace")
        return int(answer.split(" ", 2)[1]), answer

    def spoil(self, statement: str) -> None:
        with closing(sqlite3.connect(self.state / "db.sqlite3", timeout=10)) as database:
            database.execute(statement)
            database.commit()

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self.state / "db.sqlite3", timeout=10)) as database:
            return database.execute(query).fetchall()


def everything(plain: socket.socket) -> bytes:
    found = b""
    try:
        while piece := plain.recv(65536):
            found += piece
    except OSError:  # a reset, or the time is over: what came before counts
        pass
    return found


def heard(line: ClientConnection, name: str, number: Any = None) -> list[Any]:
    """The next frame of that name, and of that id where one is given."""
    while True:
        frame: list[Any] = json.loads(line.recv(10))
        if frame[0] == name and number in (None, frame[1]):
            return frame


def until(true: Callable[[], Any], seconds: float = 15.0) -> Any:
    """What `true` returns once it is true; fails when it never is."""
    end = time.monotonic() + seconds
    while not (found := true()):
        assert time.monotonic() < end, "it never came true"
        time.sleep(0.05)
    return found
