"""Whether this process lives, and whether it is of use: answered before Django, without a cookie, whatever hangs.

`/health/live` says that the loop turns. `/health/ready` asks the database, Redis and the outbox, each in a thread of
its own with a connection of its own, at most once a second, and waits for none of them longer than PATIENCE.
"""

import asyncio
import json
import logging
import threading
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from datetime import timedelta
from typing import Any

from asgiref.typing import Scope
from django.apps import apps
from django.conf import settings
from django.db import OperationalError, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import load_backend
from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

from realtime.relay import relay
from seminars.moments import now
from seminars.work.outbox import IN_TURN

log = logging.getLogger(__name__)
PATIENCE = 1.5
"""Seconds for all answers together."""
FRESH = 1.0
"""Seconds for which an answer is given again: asking often must not cost more than asking."""
LATE_MINUTES = 10
"""A letter that could leave and has not for so long: nobody works the outbox, or the mail server is closed."""

Application = Callable[[Any, Any, Any], Awaitable[None]]


class Probe:
    """Asks one thing in a thread, one at a time; whoever asks meanwhile gets the same answer."""

    def __init__(self, ask: Callable[[], str], otherwise: str) -> None:
        self.ask, self.otherwise = ask, otherwise
        self.lock = threading.Lock()
        self.found: Future[str] | None = None
        self.began = 0.0

    def answer(self) -> "Future[str]":
        with self.lock:
            if self.found is None or (self.found.done() and time.monotonic() - self.began > FRESH):
                self.found, self.began = Future(), time.monotonic()
                threading.Thread(target=self.run, args=(self.found,), name="health", daemon=True).start()
            return self.found

    def run(self, found: "Future[str]") -> None:
        try:
            found.set_result(self.ask())
        except Exception:
            log.warning("a part of this installation does not answer", exc_info=True)
            found.set_result(self.otherwise)

    async def within(self, seconds: float) -> str:
        """The answer, or what stands for none."""
        waiting = asyncio.wrap_future(self.answer())
        await asyncio.wait({waiting}, timeout=seconds)
        return waiting.result() if waiting.done() else self.otherwise


def own_connection() -> BaseDatabaseWrapper:
    """A connection beside the pool, which may be empty or full of dead ones; whatever it waits for has an end."""
    told = connections["default"].settings_dict
    options = {name: value for name, value in told["OPTIONS"].items() if name not in ("pool", "init_command")}
    if told["ENGINE"].endswith("sqlite3"):
        options["timeout"] = 1
    else:
        options |= {"connect_timeout": 2, "tcp_user_timeout": 2000}
    return load_backend(told["ENGINE"]).DatabaseWrapper(told | {"OPTIONS": options}, "health")


def database() -> str:
    """ok | busy (it is being written all the time) | unwritable (also without its tables); raises when it is away."""
    connection = own_connection()
    try:
        with connection.cursor() as cursor:
            if connection.vendor == "sqlite":
                found = _sqlite(cursor)
            else:
                cursor.execute("SHOW transaction_read_only")
                found = "ok" if cursor.fetchone() == ("off",) else "unwritable"
            if found == "ok" and (missing := tables() - set(connection.introspection.table_names(cursor))):
                log.warning(
                    "%s tables are missing in the database: manage.py migrate makes them", len(missing)
                )
                return "unwritable"
            return found
    finally:
        connection.close()


def tables() -> set[str]:
    """What `migrate` makes for the installed apps."""
    return {
        model._meta.db_table for model in apps.get_models(include_auto_created=True) if model._meta.managed
    }


def _sqlite(cursor: Any) -> str:
    """By a write that changes nothing: only that meets a full disk as well as a file that may not be written."""
    cursor.execute("PRAGMA user_version")
    (version,) = cursor.fetchone()
    try:
        cursor.execute(f"PRAGMA user_version = {int(version)}")
    except OperationalError as fault:
        return "busy" if "locked" in str(fault) else "unwritable"
    return "ok"


def realtime() -> str:
    """yes | no: what several processes talk through answers, and this one listens. One process needs neither."""
    if not settings.REDIS_URL:
        return "yes"
    once = Retry(NoBackoff(), 0)
    with Redis.from_url(settings.REDIS_URL, socket_connect_timeout=1, socket_timeout=1, retry=once) as server:
        try:
            server.ping()
        except RedisError as fault:
            log.warning("Redis does not answer: %s", fault)
            return "no"
    return "no" if relay.pumping is not None and relay.pumping.done() else "yes"


LATE = f"""
SELECT 1 FROM seminars_letter AS mine WHERE state = 'pending' AND (
  (next_at < %s AND (lease_until IS NULL OR lease_until < %s) AND {IN_TURN})
  OR (created_at < %s AND last_error <> '' AND attempts <= CASE WHEN owner = '' THEN 0 ELSE 1 END)
) LIMIT 1
"""
"""A letter that anybody could claim and nobody did; or one that was tried and no try counted: none could leave then.

Each try moves `next_at`, so that with a closed mail server nothing is ever overdue: the posting is what tells. A letter
whose tries count is its recipient's affair (a full mailbox, a greylist)."""


def worker() -> str:
    """inline | elsewhere | late; raises when the database can't be asked."""
    connection = own_connection()
    try:
        with connection.cursor() as cursor:
            present = now()
            late = connection.ops.adapt_datetimefield_value(present - timedelta(minutes=LATE_MINUTES))
            cursor.execute(LATE, [late, connection.ops.adapt_datetimefield_value(present), late])
            if cursor.fetchone():
                return "late"
    finally:
        connection.close()
    return settings.WORKER if settings.WORKER == "inline" else "elsewhere"


PROBES = {
    "database": Probe(database, "away"),
    "realtime": Probe(realtime, "no"),
    "worker": Probe(worker, "unknown"),
}


async def ready() -> tuple[int, dict[str, Any]]:
    """Status and body: 503 while the database can't be read and written, else 200, `degraded` where a part is away."""
    names = list(PROBES)
    found = dict(
        zip(names, await asyncio.gather(*(PROBES[name].within(PATIENCE) for name in names)), strict=True)
    )
    is_live = found["realtime"] == "yes"
    if found["database"] in ("away", "unwritable"):
        status = "down"
    else:
        fine = found["database"] == "ok" and is_live and found["worker"] != "late"
        status = "ok" if fine else "degraded"
    return (503 if status == "down" else 200), {"status": status, **found, "realtime": is_live}


def in_front(application: Application) -> Application:
    """The outermost ASGI wrapper for HTTP: a question about health never enters the application."""

    async def answered(scope: Scope, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or not scope["path"].startswith("/health/"):
            await application(scope, receive, send)
            return
        path = scope["path"].rstrip("/")
        if path not in ("/health/live", "/health/ready"):
            await application(scope, receive, send)
        elif scope["method"] not in ("GET", "HEAD"):
            await _say(scope, send, 405, {"status": "no"}, (b"allow", b"GET, HEAD"))
        elif path == "/health/live":
            await _say(scope, send, 200, {"status": "ok"})
        else:
            await _say(scope, send, *await ready())

    return answered


async def _say(scope: Any, send: Any, status: int, body: dict[str, Any], *more: tuple[bytes, bytes]) -> None:
    content = json.dumps(body).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(content)).encode()),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
        *more,
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else content})
