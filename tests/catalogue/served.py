"""The product as it runs: mode S is one process on SQLite; mode P is PostgreSQL, Valkey, two servers and two workers.

A test may copy the database, stop and kill each process by its id, and read the rows from outside.
"""

import itertools
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect

from tests.catalogue.stores import Rows, Store
from tests.services import child

ROOT = Path(__file__).resolve().parents[2]
ORIGIN = "http://localhost:8000"
FULL = os.environ.get("VISO_CHAOS") == "full"
"""Whether the cases run at the catalogue's own length, with the product's own numbers."""
SHORT = {"BEAT_SECONDS": "1", "SWEEP_SECONDS": "1", "WORK_PAUSE_SECONDS": "0.1"}
TICKS = os.sysconf("SC_CLK_TCK")
SERVE = ("manage.py", "serve", "--port", "0")


def environment(store: Store, **more: str) -> dict[str, str]:
    short = {} if FULL else SHORT
    return {**os.environ, **short, "STATE_DIR": str(store.state), **store.environment, **more}


def python(store: Store, *words: str, **more: str) -> str:
    """What a Python process of its own prints, with the settings of that deployment."""
    run = subprocess.run(
        [sys.executable, *words], cwd=ROOT, env=environment(store, **more), capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr[-3000:]
    return run.stdout


def prepare(store: Store, guests: int) -> dict[str, Any]:
    """Fills an empty place with static files, a schema and the seed's people; what the seed prints."""
    python(store, "manage.py", "collectstatic", "--noinput", "--verbosity", "0")
    data: dict[str, Any] = json.loads(python(store, "-m", "tests.catalogue.seed", str(guests)))
    return data


class Program:
    """A process of the deployment: a server or a worker; it dies with the test run."""

    def __init__(self, store: Store, words: tuple[str, ...], **extra: str) -> None:
        self.log_file = store.state / "server.log"
        with self.log_file.open("a") as log:
            self.process = subprocess.Popen(
                [sys.executable, *words],
                cwd=ROOT,
                env=environment(store, **extra),
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                preexec_fn=child(None, signal.SIGKILL),
            )
        self.port = 0

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def is_alive(self) -> bool:
        return self.process.poll() is None

    def ready(self) -> "Program":
        """Waits for its first line, and takes the port from it where it names one."""
        assert self.process.stdout is not None
        said = self.process.stdout.readline()
        found = re.fullmatch(r"ready http://127\.0\.0\.1:(\d+)/\n", said)
        assert found or said == "working\n", said + self.log_file.read_text()[-3000:]
        self.port = int(found[1]) if found else 0
        return self

    def kill(self) -> None:
        if self.is_alive:
            self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)
        assert self.process.stdout is not None
        self.process.stdout.close()

    @property
    def memory(self) -> int:
        """Resident octets."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) * 1024  # type: ignore[index]

    @property
    def seconds(self) -> float:
        """Processor time so far, all its threads."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS


@dataclass
class Real:
    """A deployment; `data` is what the seed printed. In mode P it has two doors, and workers of their own."""

    store: Store
    data: dict[str, Any]
    extra: dict[str, str] = field(default_factory=dict)
    program: tuple[str, ...] = SERVE
    workers_wanted: int = 2 if FULL else 0
    doors: list[Program] = field(default_factory=list)
    workers: list[Program] = field(default_factory=list)
    started: list[Program] = field(default_factory=list)
    turn: Iterator[int] = field(default_factory=itertools.count)

    @property
    def state(self) -> Path:
        return self.store.state

    @property
    def is_several(self) -> bool:
        return self.store.mode == "P"

    @property
    def process(self) -> "subprocess.Popen[str]":
        return self.doors[0].process

    @property
    def port(self) -> int:
        return self.doors[0].port

    @property
    def memory(self) -> int:
        return self.doors[0].memory

    @property
    def log(self) -> str:
        return (self.state / "server.log").read_text()

    def start(self) -> "Real":
        """The servers, and in mode P the workers; all at once, since each takes a second or two."""
        apart = {"WORKER": "off"} if self.is_several else {}
        self.doors = [self.run(self.program, **apart) for _ in range(1 + self.is_several)]
        self.workers = [self.worker() for _ in range(self.workers_wanted if self.is_several else 0)]
        for each in (*self.doors, *self.workers):
            each.ready()
        return self

    def worker(self) -> Program:
        return self.run(("manage.py", "work"))

    def run(self, words: tuple[str, ...], **more: str) -> Program:
        self.started.append(Program(self.store, words, **self.extra | more))
        return self.started[-1]

    def kill(self) -> None:
        """kill -9 of every server; workers of their own live on."""
        for door in self.doors:
            door.kill()

    def __enter__(self) -> "Real":
        return self.start()

    def __exit__(self, *_: object) -> None:
        for each in self.started:
            each.kill()
        self.started.clear()

    def line(
        self, who: str, origin: str | None = ORIGIN, door: int | None = None, **options: Any
    ) -> ClientConnection:
        """A live socket; without a door named, the doors take turns."""
        headers = {"Cookie": f"sessionid={self.data['cookies'][who]}"}
        return connect(self.address(door), additional_headers=headers, origin=origin, **options)  # type: ignore[arg-type]

    def address(self, door: int | None = None) -> str:
        place = self.doors[(next(self.turn) if door is None else door) % len(self.doors)]
        return f"ws://127.0.0.1:{place.port}/live/{self.data['code']}/"

    def raw(self, request: bytes, seconds: float = 10, door: int = 0) -> bytes:
        """All that the server answers to these octets, until it closes or the time is over."""
        port = self.doors[door % len(self.doors)].port
        with socket.create_connection(("127.0.0.1", port), seconds) as plain:
            plain.sendall(request)
            return everything(plain)

    def get(self, path: str, *headers: str, door: int = 0) -> tuple[int, str]:
        """Status, and head and body as text."""
        return self.ask("GET", path, *headers, door=door)

    def ask(self, method: str, path: str, *headers: str, body: str = "", door: int = 0) -> tuple[int, str]:
        lines = [f"{method} {path} HTTP/1.1", "Host: localhost", "Connection: close", *headers]
        if body:
            lines.append(f"Content-Length: {len(body.encode())}")
        answer = self.raw("\r\n".join([*lines, "", body]).encode(), door=door).decode("utf-8", "replace")
        return int(answer.split(" ", 2)[1]), answer

    def post(self, who: str, path: str, fields: str, door: int = 0) -> tuple[int, str]:
        """A form of a signed-in person, for a script."""
        token = "t" * 32
        headers = [
            f"Cookie: sessionid={self.data['cookies'][who]}; csrftoken={token}",
            f"Origin: {ORIGIN}",
            "Accept: application/json",
            "Content-Type: application/x-www-form-urlencoded",
        ]
        body = f"csrfmiddlewaretoken={token}&{fields}"
        return self.ask("POST", path, *headers, body=body, door=door)

    def spoil(self, statement: str) -> None:
        self.store.change(statement)

    def rows(self, query: str) -> Rows:
        return self.store.rows(query)


@contextmanager
def copied(store: Store, data: dict[str, Any], state: Path, **extra: str) -> Iterator[Real]:
    """A deployment of the test's own, not started yet, with the rows of `store`."""
    real = Real(store.copy(state), data, extra)
    try:
        yield real
    finally:
        real.__exit__()
        real.store.drop()


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


def until(condition: Callable[[], bool], seconds: float = 15) -> float:
    """Waits for it, and tells how long that took."""
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < seconds, "it never came true"
        time.sleep(0.05)
    return time.monotonic() - began
