"""Which version of a feed is the one of this moment, asked in the server's loop: so fast that it waits for nothing.

SQLite: a look at the row by a connection of its own that only reads; in WAL mode readers never wait for the writer.
PostgreSQL: a look over the wire would cost more than the answer. A version is known from when Django has read it until
the database says that the row changed (LISTEN), and nothing is known while nobody listens.
"""

import asyncio
import logging
import os
import sqlite3
from typing import Any, Protocol
from urllib.parse import quote

import psycopg
from django.db import connection

from seminars.models import FeedVersion

log = logging.getLogger(__name__)
ASK = f"SELECT version FROM {FeedVersion._meta.db_table} WHERE name = ?"
BUSY_MS = 50
CHANNEL = "feed"
LISTENER = "viso feeds"
"""As what the line is listed in pg_stat_activity."""
RETRY_SECONDS = 1.0
CHECK_SECONDS = 5.0
"""A line that was cut without a word is found out at the second check at the latest."""
CONNECT_SECONDS = 5


class Versions(Protocol):
    """`version` is what is so now, None where that is not known: then Django is asked, and what it read is learnt,
    together with the mark that was taken before it read."""

    def version(self, name: str) -> int | None: ...
    def mark(self) -> int: ...
    def learn(self, name: str, version: int, mark: int) -> None: ...


class Looked:
    """SQLite; opened at the first look, in the loop's thread. Any error closes it, and Django answers."""

    def __init__(self, place: str) -> None:
        self.place = place
        self.line: sqlite3.Connection | None = None

    def version(self, name: str) -> int | None:
        try:
            line = self.line or self._open()
            row = line.execute(ASK, (name,)).fetchone()
        except sqlite3.Error as error:
            log.warning("feeds: not looked at: %s", error)
            self.close()
            return None
        return row[0] if row else None

    def _open(self) -> sqlite3.Connection:
        self.line = sqlite3.connect(f"file:{quote(self.place)}?mode=ro", uri=True, isolation_level=None)
        self.line.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
        self.line.execute("PRAGMA query_only = 1")
        return self.line

    def close(self) -> None:
        if self.line is not None:
            self.line.close()
            self.line = None

    def mark(self) -> int:
        return 0

    def learn(self, name: str, version: int, mark: int) -> None:
        """A look costs less than to remember."""


class Told:
    """PostgreSQL. Three rules make it right: nothing is learnt before it listens; nothing that was read while any row
    changed; nothing is known once the line is lost."""

    def __init__(self) -> None:
        self.known: dict[str, int] = {}
        self.heard = 0
        self.line: psycopg.Connection[Any] | None = None
        self.ear = -1  # our own copy of the socket: the driver closes its own in the midst of reading
        self.is_busy = self.is_asked = False

    def version(self, name: str) -> int | None:
        return self.known.get(name)

    def mark(self) -> int:
        if self.line is None and not self.is_busy:
            self.listen()
        return self.heard

    def learn(self, name: str, version: int, mark: int) -> None:
        if self.line is not None and mark == self.heard:
            self.known[name] = version

    def listen(self) -> None:
        """Connects in a thread, since that may take its time."""
        self.is_busy = True
        loop = asyncio.get_running_loop()
        loop.run_in_executor(None, _listening, connection.get_connection_params()).add_done_callback(
            self._begin
        )

    def _begin(self, connected: "asyncio.Future[psycopg.Connection[Any]]") -> None:
        if connected.cancelled():
            return
        if error := connected.exception():
            log.warning("feeds: not listening: %s", error)
            self._later(RETRY_SECONDS, self.listen)
            return
        line, ear = connected.result(), -1
        try:
            ear = os.dup(line.fileno())
            asyncio.get_running_loop().add_reader(ear, self._hear)
        except Exception as error:  # a line that nobody reads must not be taken for one
            log.warning("feeds: not listening: %r", error)
            if ear >= 0:
                os.close(ear)
            line.close()
            self._later(RETRY_SECONDS, self.listen)
            return
        self.ear, self.is_busy, self.is_asked = ear, False, False
        self._forget()
        self.line = line
        self._later(CHECK_SECONDS, self._check, line)

    def _later(self, seconds: float, call: Any, *given: Any) -> None:
        asyncio.get_running_loop().call_later(seconds, call, *given)

    def _forget(self) -> None:
        self.heard += 1
        self.known.clear()

    def _hear(self) -> None:
        """Something has come in: changes, or the answer to a check."""
        assert self.line is not None
        server = self.line.pgconn
        try:
            server.consume_input()
            while note := server.notifies():
                self.heard += 1
                self.known.pop(note.extra.decode(), None)
            while self.is_asked and not server.is_busy():
                self.is_asked = server.get_result() is not None
        except Exception as error:  # whatever it was, something may not have been heard
            self._lose(error)

    def _check(self, line: "psycopg.Connection[Any]") -> None:
        """A line that says nothing may be a quiet one, or a dead one."""
        if line is not self.line:
            return
        try:
            if self.is_asked:
                raise psycopg.OperationalError("no answer")
            self.is_asked = True
            line.pgconn.send_query(b"SELECT 1")
            line.pgconn.flush()
        except Exception as error:
            self._lose(error)
        else:
            self._later(CHECK_SECONDS, self._check, line)

    def _lose(self, error: Exception) -> None:
        assert self.line is not None
        log.warning("feeds: no longer listening: %s", error)
        asyncio.get_running_loop().remove_reader(self.ear)
        os.close(self.ear)
        self.line.close()
        self.line, self.is_busy = None, True
        self._forget()
        self._later(RETRY_SECONDS, self.listen)


def _listening(given: dict[str, Any]) -> "psycopg.Connection[Any]":
    own = {"autocommit": True, "connect_timeout": CONNECT_SECONDS, "application_name": LISTENER}
    line = psycopg.connect(**(given | own))
    line.execute(f"LISTEN {CHANNEL}")
    return line


class Unknown:
    """A database in memory, which only its own connections see: Django answers everything."""

    def version(self, name: str) -> int | None:
        return None

    def mark(self) -> int:
        return 0

    def learn(self, name: str, version: int, mark: int) -> None:
        """Nothing to compare it with."""


def versions() -> Versions:
    """The way that fits the database of this installation."""
    if connection.vendor == "postgresql":
        return Told()
    place = str(connection.settings_dict["NAME"])
    return Unknown() if "memory" in place else Looked(place)
