"""Health is told before Django, in time, and says which part is away; each part is asked once for all who ask."""

import asyncio
import json
import resource
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connections

from config import health
from config.health import Probe, in_front
from seminars.models import Letter, Person
from seminars.moments import now
from seminars.work import deliveries, outbox
from seminars.work.mailing import Away
from tests import cast

FINE = {"database": "ok", "realtime": "yes", "worker": "inline"}


async def ask(path: str, method: str = "GET", **parts: str) -> tuple[int, dict[str, str], bytes]:
    """What the wrapper answers; the application behind it answers 418."""
    sent: list[dict[str, Any]] = []

    async def behind(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 418, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def send(event: dict[str, Any]) -> None:
        sent.append(event)

    await in_front(behind)({"type": "http", "path": path, "method": method}, None, send)
    headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], headers, sent[1]["body"]


@pytest.fixture
def parts(monkeypatch: pytest.MonkeyPatch) -> dict[str, Probe]:
    """Stand-ins that answer as FINE; a test puts others in their stead."""
    found = {name: Probe(lambda word=word: word, "away") for name, word in FINE.items()}
    monkeypatch.setattr(health, "PROBES", found)
    return found


@pytest.mark.parametrize("path", ["/health/live", "/health/live/"])
async def test_a_living_process_asks_nobody(path: str, parts: dict[str, Probe]) -> None:
    parts.clear()
    status, headers, body = await ask(path)
    assert (status, json.loads(body)) == (200, {"status": "ok"})
    assert headers["cache-control"] == "no-store"
    assert "set-cookie" not in headers


async def test_what_is_no_question_about_health_goes_on(parts: dict[str, Probe]) -> None:
    for path in ("/", "/health", "/health/", "/health/else", "/healthy/live"):
        assert (await ask(path))[0] == 418


async def test_it_is_read_only(parts: dict[str, Probe]) -> None:
    status, headers, body = await ask("/health/ready", "HEAD")
    assert (status, body) == (200, b"")
    assert int(headers["content-length"]) > 0
    status, headers, _ = await ask("/health/ready", "POST")
    assert (status, headers["allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize(
    ("part", "word", "status", "said"),
    [
        ("worker", "elsewhere", 200, "ok"),
        ("worker", "late", 200, "degraded"),
        ("realtime", "no", 200, "degraded"),
        ("database", "busy", 200, "degraded"),
        ("database", "unwritable", 503, "down"),
        ("database", "away", 503, "down"),
    ],
)
async def test_one_word_says_how_it_is(
    parts: dict[str, Probe], part: str, word: str, status: int, said: str
) -> None:
    parts[part] = Probe(lambda: word, "away")
    found, _, body = await ask("/health/ready")
    expected = FINE | {"status": said} | {part: word}
    assert (found, json.loads(body)) == (status, expected | {"realtime": expected["realtime"] == "yes"})


async def test_a_part_that_hangs_is_not_waited_for(
    parts: dict[str, Probe], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "PATIENCE", 0.2)
    hung = threading.Event()
    parts["database"] = Probe(lambda: str(hung.wait(20)), "away")
    began = time.monotonic()
    for _ in range(2):
        status, _, body = await ask("/health/ready")
        assert (status, json.loads(body)["database"]) == (503, "away")
    assert time.monotonic() - began < 2
    hung.set()


async def test_a_part_that_fails_is_away_and_its_reason_stays_inside(parts: dict[str, Probe]) -> None:
    def fails() -> str:
        raise RuntimeError("postgres://viso:password@host")

    parts["database"] = Probe(fails, "away")
    status, _, body = await ask("/health/ready")
    assert status == 503
    assert b"password" not in body


async def test_many_who_ask_at_once_ask_once(
    parts: dict[str, Probe], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[float] = []

    def slowly() -> str:
        asked.append(time.monotonic())
        time.sleep(0.1)
        return "ok"

    parts["database"] = Probe(slowly, "away")
    assert {status for status, _, _ in await asyncio.gather(*[ask("/health/ready")] * 20)} == {200}
    await ask("/health/ready")
    assert len(asked) == 1
    monkeypatch.setattr(health, "FRESH", 0.0)
    await ask("/health/ready")
    assert len(asked) == 2


@pytest.fixture
def place(db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A database in a file, asked in the stead of this run's."""
    path = tmp_path / "db.sqlite3"
    told = connections["default"].settings_dict | {"ENGINE": "django.db.backends.sqlite3", "NAME": str(path)}
    told["OPTIONS"] = {"transaction_mode": "IMMEDIATE", "timeout": 20}
    monkeypatch.setattr(health, "connections", {"default": SimpleNamespace(settings_dict=told)})
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("PRAGMA user_version=7")
        for table in health.tables():
            database.execute(f'CREATE TABLE "{table}" (id)')
        yield path


def test_a_database_that_can_be_written_is_left_as_it_was(place: Path) -> None:
    assert health.database() == "ok"
    with closing(sqlite3.connect(place)) as database:
        assert database.execute("PRAGMA user_version").fetchone() == (7,)


def test_a_database_without_its_tables_is_of_no_use(place: Path) -> None:
    with closing(sqlite3.connect(place)) as database:
        database.execute("DROP TABLE seminars_letter")
    assert health.database() == "unwritable"
    with closing(sqlite3.connect(place)) as database:
        for table in health.tables() - {"seminars_letter"}:
            database.execute(f'DROP TABLE "{table}"')
    assert health.database() == "unwritable"


@pytest.mark.django_db(transaction=True)
def test_the_database_of_this_run_has_all_its_tables() -> None:
    assert health.database() == "ok"


def test_a_long_writing_makes_it_busy_and_not_away(place: Path) -> None:
    with closing(sqlite3.connect(place, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        began = time.monotonic()
        assert health.database() == "busy"
        assert time.monotonic() - began < health.PATIENCE


def test_a_file_that_may_not_be_written_is_named(place: Path) -> None:
    health.connections["default"].settings_dict["NAME"] = f"file:{place}?mode=ro"
    assert health.database() == "unwritable"


def test_a_disk_without_room_is_named(place: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        found = health.database()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert found == "unwritable"
    assert health.database() == "ok"


def test_one_process_needs_no_redis_and_several_need_theirs(settings: Any, tmp_path: Path) -> None:
    settings.REDIS_URL = ""
    assert health.realtime() == "yes"
    settings.REDIS_URL = f"unix://{tmp_path / 'nobody'}"
    assert health.realtime() == "no"


@pytest.fixture
def letter(transactional_db: None, elia: Person, ange: Person) -> Letter:
    """An invitation that waits to leave."""
    cast.invite(cast.make_session(elia), ange)
    return Letter.objects.get()


LONG_AGO = timedelta(minutes=health.LATE_MINUTES + 1)


def test_letters_that_nobody_sends_are_noticed(settings: Any, letter: Letter) -> None:
    settings.WORKER = "inline"
    assert health.worker() == "inline"
    settings.WORKER = "off"
    assert health.worker() == "elsewhere"
    Letter.objects.update(next_at=now() - LONG_AGO)
    assert health.worker() == "late"


def test_a_letter_that_nobody_may_claim_is_not_late(letter: Letter) -> None:
    """A worker has it in hand, or it waits behind an older one of its key, which is tried again later."""
    held = {"owner": "somebody/1", "lease_until": now() + timedelta(minutes=1), "attempts": 1}
    Letter.objects.update(next_at=now() - LONG_AGO, created_at=now() - LONG_AGO, **held)
    assert health.worker() != "late"
    Letter.objects.update(lease_until=now() - timedelta(seconds=1))
    assert health.worker() == "late"
    Letter.objects.update(
        owner="", lease_until=None, next_at=now() + timedelta(hours=1), last_error="451 later"
    )
    later = {"stamp": letter.stamp + timedelta(seconds=1), "next_at": now() - LONG_AGO, "created_at": now()}
    Letter.objects.create(kind=letter.kind, person=letter.person, ordering_key=letter.ordering_key, **later)
    assert health.worker() != "late"


class Closed:
    """A way out that is closed: no letter is to blame."""

    def ready(self) -> None:
        raise Away("421 closed")

    def close(self) -> None:
        """Nothing is open."""


def test_a_mail_server_that_is_closed_for_long_is_noticed(
    letter: Letter, clock: cast.Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each try moves the letter's next one, so that it is never overdue."""
    monkeypatch.setattr(deliveries, "outlet", Closed)
    clock.at(letter.created_at)
    for _ in range(7):
        with pytest.raises(Away):
            deliveries.deliver(owner="worker", stop=threading.Event())
        assert health.worker() != "late"
        clock.forward(minutes=1.3)
    clock.forward(minutes=2)
    with pytest.raises(Away):
        deliveries.deliver(owner="worker", stop=threading.Event())
    assert Letter.objects.get().next_at > now()
    assert health.worker() == "late"
    outbox.claim(owner="worker")  # while the next try is under way too
    assert health.worker() == "late"


def test_a_mailbox_that_is_full_for_long_is_its_owners_affair(letter: Letter) -> None:
    again = {"attempts": 4, "last_error": "452 mailbox full", "next_at": now() + timedelta(minutes=8)}
    Letter.objects.update(created_at=now() - LONG_AGO, **again)
    assert health.worker() != "late"
