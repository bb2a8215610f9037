"""Processes of the deployment on one database: what one does, the screens of another show.

With PostgreSQL and Valkey two servers stand side by side; on SQLite one server and another program that acts.
"""

import json
import os
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from websockets.sync.client import ClientConnection

from tests.catalogue.served import Real, copied, heard, prepare, python
from tests.catalogue.stores import Store, new_store

WATCH = 1.0
PUBLISH = (
    "import django; django.setup();"
    "from seminars.actions import letters; from seminars.models import Person, Session;"
    "letters.publish(session=Session.objects.get(), by=Person.objects.get(key='dominique'), text_fr='{}')"
)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, dict[str, object]]]:
    made = new_store(tmp_path_factory.mktemp("processes") / "template")
    yield made, prepare(made, 2)
    made.drop()


def running(store: tuple[Store, dict[str, object]], place: Path, **extra: str) -> Iterator[Real]:
    with copied(store[0], store[1], place / "state", **extra) as made, made:
        yield made


def publish(real: Real, text: str, **more: str) -> float:
    """An action of a program without a server; when it had ended, on the clock of this process."""
    python(real.store, "-c", PUBLISH.format(text), DJANGO_SETTINGS_MODULE="config.settings", **more)
    return time.monotonic()


def test_what_another_program_does_shows_within_the_watch_without_redis(
    store: tuple[Store, dict[str, object]], tmp_path: Path
) -> None:
    for real in running(store, tmp_path, LIVE_WATCH_SECONDS=str(WATCH)):
        with real.line("guest00") as page:
            [_, before, _] = heard(page, "live.snapshot")
            began = publish(real, "Pause", REDIS_URL="")
            [_, seq, patch, since] = heard(page, "live.changed")
            if "messages" not in patch:  # her own part came first
                [_, seq, patch, since] = heard(page, "live.changed")
            assert time.monotonic() - began < WATCH + 10
            assert (patch["messages"][0]["text_fr"], seq, since) == ("Pause", before + 1, before)


@pytest.mark.skipif("REDIS_URL" not in os.environ, reason="needs VISO_TEST_REDIS=1")
def test_what_another_program_does_shows_at_once_with_redis(
    store: tuple[Store, dict[str, object]], tmp_path: Path
) -> None:
    for real in running(store, tmp_path, LIVE_WATCH_SECONDS="60"):
        with real.line("guest00") as page:
            heard(page, "live.snapshot")
            time.sleep(0.3)  # the process joins the group of facts with its first screen
            began = publish(real, "Pause")
            [_, _, patch, _] = heard(page, "live.changed")
            assert time.monotonic() - began < 10  # the watch would need a minute
            assert patch["messages"][0]["text_fr"] == "Pause"


def test_a_change_at_one_door_shows_at_the_other_at_once(
    store: tuple[Store, dict[str, object]], tmp_path: Path
) -> None:
    if store[0].mode != "P":
        pytest.skip("needs VISO_TEST_DATABASE=postgres and VISO_TEST_REDIS=1")
    for real in running(store, tmp_path, LIVE_WATCH_SECONDS="60"):
        with real.line("guest00", door=0) as here, real.line("guest01", door=1) as there:
            readers = [Reader(line) for line in (here, there)]
            time.sleep(0.3)
            for reader in readers:
                body = {"connection": str(uuid.uuid4()), "event": str(uuid.uuid4())}
                reader.line.send(json.dumps(["attendance.join", "in", body]))
                reader.until(oks=1)
            for step in range(8):
                for reader in readers:
                    reader.line.send(json.dumps(["rooms.hand", step, {"raised": step % 2 == 0}]))
            for reader in readers:
                reader.until(oks=9)
            began = time.monotonic()
            last = real.rows("SELECT live_seq FROM seminars_session")[0][0]
            for reader in readers:
                reader.until(number=last)
            assert last >= 18
            assert time.monotonic() - began < 10  # the watch would need a minute


class Reader:
    """A screen that counts what it was told, and would notice a missing number."""

    def __init__(self, line: ClientConnection) -> None:
        self.line, self.oks = line, 0
        [_, self.number, _] = heard(line, "live.snapshot")

    def until(self, *, oks: int = 0, number: int = 0) -> None:
        while self.oks < oks or self.number < number:
            name, seq, _, *since = json.loads(self.line.recv(5))
            self.oks += name == "ok"
            if name in ("live.changed", "tick"):
                assert since[0] <= self.number
                self.number = max(self.number, seq)
