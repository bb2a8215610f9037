"""The supervised tree of the product on PostgreSQL and Valkey: whoever is killed comes back, and an end is whole.

By Daphne and by uvicorn, with two servers and a worker, as real processes.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from tests.config.test_serve import ROOT, SERVERS
from tests.services import Postgres, Valkey

SOCKETS = 30


class Deployment:
    """PostgreSQL, Valkey, a seeded database, and the tree that is started on them."""

    def __init__(self, state: Path) -> None:
        self.postgres, self.valkey, self.state = Postgres(), Valkey(), state
        found = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
        self.environment = {
            **found,
            **self.postgres.environment(),
            **self.valkey.environment(),
            "STATE_DIR": str(state),
            "WORK_PAUSE_SECONDS": "0.1",
        }
        self.data: dict[str, Any] = json.loads(self.run("-m", "tests.catalogue.seed", str(SOCKETS)))
        self.run("manage.py", "collectstatic", "--noinput", "--verbosity", "0")

    def run(self, *words: str) -> str:
        done = subprocess.run(
            [sys.executable, *words], cwd=ROOT, env=self.environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout

    def stop(self) -> None:
        self.valkey.stop()
        self.postgres.stop()


class Tree:
    """A running `serve --workers 2`."""

    def __init__(self, deployment: Deployment, kind: str, log: Path) -> None:
        self.deployment, self.log = deployment, log
        with log.open("w") as written:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "serve", "--port", "0", "--server", kind, "--workers", "2"],
                cwd=ROOT,
                env=deployment.environment,
                stdout=subprocess.PIPE,
                stderr=written,
                text=True,
            )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line.startswith("ready http://127.0.0.1:"), line + log.read_text()
        self.site = line.split()[1]

    def children(self, what: str) -> list[int]:
        """Process ids of the servers ("serve") or of the worker ("work")."""
        found = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return [pid for pid in map(int, found) if f"\0{what}\0" in command(pid)]

    def line(self, guest: str) -> ClientConnection:
        headers = {"Cookie": f"sessionid={self.deployment.data['cookies'][guest]}"}
        address = f"{self.site.replace('http', 'ws')}live/{self.deployment.data['code']}/"
        return connect(address, additional_headers=headers, origin="http://localhost:8000")  # type: ignore[arg-type]

    def ready(self) -> tuple[int, dict[str, Any], float]:
        """Status, body and seconds of one question about health."""
        began = time.monotonic()
        try:
            with urlopen(f"{self.site}health/ready", timeout=30) as answer:
                status, body = answer.status, answer.read()
        except HTTPError as refused:
            with refused:
                status, body = refused.code, refused.read()
        return status, json.loads(body), time.monotonic() - began

    def end(self, seconds: float = 10) -> int:
        assert self.process.stdout is not None
        self.process.stdout.close()
        return self.process.wait(seconds)


def command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except (FileNotFoundError, ProcessLookupError):  # it ended meanwhile
        return ""


def until(condition: Callable[[], bool], seconds: float = 15) -> None:
    last = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < last, "it never came true"
        time.sleep(0.05)


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    found = Deployment(tmp_path_factory.mktemp("scaled"))
    yield found
    found.stop()


@pytest.fixture(scope="module")
def trees(deployment: Deployment, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Tree]]:
    found: dict[str, Tree] = {}
    yield found
    for each in found.values():
        if each.process.poll() is None:
            each.process.terminate()
            each.end()


@pytest.fixture(params=SERVERS)
def tree(deployment: Deployment, trees: dict[str, Tree], request: pytest.FixtureRequest) -> Tree:
    """One that runs: the one of the test before, where it has not been stopped."""
    kind: str = request.param
    if kind not in trees or trees[kind].process.poll() is not None:
        trees[kind] = Tree(deployment, kind, deployment.state / f"{kind}.log")
    return trees[kind]


def test_a_server_and_a_worker_that_are_killed_come_back(tree: Tree) -> None:
    servers, [worker] = tree.children("serve"), tree.children("work")
    assert len(servers) == 2
    os.kill(servers[0], signal.SIGKILL)
    os.kill(worker, signal.SIGKILL)
    status, body, _seconds = tree.ready()
    assert (status, body["status"]) == (200, "ok"), "the other server did not take over"
    until(lambda: len(tree.children("serve")) == 2 and len(tree.children("work")) == 1)
    assert servers[0] not in tree.children("serve")
    assert servers[1] in tree.children("serve")
    assert tree.children("work") != [worker]
    os.kill(servers[1], signal.SIGKILL)  # now only those that came back can answer; who comes meanwhile waits
    until(lambda: servers[1] not in tree.children("serve"))
    until(lambda: tree.ready()[0] == 200)
    assert "ended with -9, again in 0.2 s" in tree.log.read_text()


def test_health_names_what_is_away_and_answers_in_time(tree: Tree) -> None:
    fine = {"status": "ok", "database": "ok", "realtime": True, "worker": "elsewhere"}
    assert tree.ready()[:2] == (200, fine)
    for service, status, words in (
        (tree.deployment.valkey, 200, {"status": "degraded", "realtime": False}),
        (tree.deployment.postgres, 503, {"status": "down", "database": "away"}),
    ):
        service.process.send_signal(signal.SIGSTOP)  # it hangs, which is worse than being gone
        try:
            time.sleep(1.1)
            found, body, seconds = tree.ready()
        finally:
            service.process.send_signal(signal.SIGCONT)
        assert (found, body) == (status, fine | body | words)
        assert seconds < 2
        until(lambda: tree.ready()[:2] == (200, fine))


def test_a_stop_tells_every_socket_of_both_servers_and_ends_all_in_time(tree: Tree) -> None:
    children = tree.children("serve") + tree.children("work")
    assert len(children) == 3
    with ExitStack() as stack:
        lines = [stack.enter_context(tree.line(guest)) for guest in tree.deployment.data["guests"]]
        assert len(lines) == SOCKETS
        began = time.monotonic()
        tree.process.terminate()
        codes = [code_of(line) for line in lines]
        assert codes == [1012] * SOCKETS
        assert time.monotonic() - began < 8
        assert tree.end() == 0
        assert time.monotonic() - began < 10
    assert [pid for pid in children if Path(f"/proc/{pid}").exists()] == []


def code_of(line: ClientConnection) -> int:
    """The close code that a socket gets, behind whatever frames come before."""
    try:
        while True:
            line.recv(8)
    except ConnectionClosed as closed:
        return closed.rcvd.code if closed.rcvd else 1006
