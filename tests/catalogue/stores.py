"""Where a deployment of the catalogue keeps its rows: SQLite's file, or a database of its own on PostgreSQL.

Both are asked in plain SQL, from outside. Ids come as 32 hex digits and instants as text in UTC, as SQLite keeps them.
"""

import os
import secrets
import shutil
import sqlite3
import uuid
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from psycopg.sql import SQL, Identifier

Rows = list[tuple[Any, ...]]


@dataclass
class File:
    """SQLite in the state folder: mode S, one process for all."""

    state: Path
    mode = "S"
    name = ""

    @property
    def environment(self) -> dict[str, str]:
        return {}

    def copy(self, state: Path) -> "File":
        shutil.copytree(self.state, state)
        return File(state)

    def rows(self, query: str) -> Rows:
        with closing(sqlite3.connect(self.state / "db.sqlite3", timeout=10)) as database:
            return database.execute(query).fetchall()

    def change(self, statement: str) -> None:
        with closing(sqlite3.connect(self.state / "db.sqlite3", timeout=10)) as database:
            database.execute(statement)
            database.commit()

    def drop(self) -> None:
        """The folder is pytest's."""


@dataclass
class Database:
    """A database on the run's PostgreSQL, or on one that a test may break: mode P, several processes."""

    state: Path
    cluster: str
    name: str
    redis: str
    mode = "P"

    @property
    def environment(self) -> dict[str, str]:
        """Deployments share one Valkey: the prefix keeps them from hearing one another."""
        url = f"{self.cluster.rpartition('/')[0]}/{self.name}"
        return {"DATABASE_URL": url, "REDIS_URL": self.redis, "REDIS_PREFIX": self.name}

    def copy(self, state: Path) -> "Database":
        shutil.copytree(self.state, state)
        fresh = Database(state, self.cluster, new_name(), self.redis)
        self.rule(SQL("CREATE DATABASE {} TEMPLATE {}").format(Identifier(fresh.name), Identifier(self.name)))
        return fresh

    def rule(self, statement: Any) -> None:
        with psycopg.connect(where(self.cluster), dbname="postgres", autocommit=True) as outside:
            outside.execute(statement)

    def rows(self, query: str) -> Rows:
        with psycopg.connect(where(self.cluster), dbname=self.name) as inside:
            found = inside.execute(query)  # type: ignore[call-overload]  # the catalogue's own words
            return [tuple(plain(value) for value in row) for row in found.fetchall()]

    def change(self, statement: str) -> None:
        with psycopg.connect(where(self.cluster), dbname=self.name, autocommit=True) as inside:
            inside.execute(statement)  # type: ignore[call-overload]  # likewise

    def connections(self) -> Rows:
        """State and name of each connection that the deployment holds now."""
        with psycopg.connect(where(self.cluster), dbname="postgres") as outside:
            query = "SELECT state, application_name FROM pg_stat_activity WHERE datname = %s"
            return outside.execute(query, [self.name]).fetchall()

    def drop(self) -> None:
        self.rule(SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(self.name)))


Store = File | Database


def new_name() -> str:
    return f"viso_{secrets.token_hex(4)}"


def where(cluster: str) -> str:
    """What psycopg wants of `postgres://user@/folder-of-the-socket/database`."""
    user, _, rest = cluster.removeprefix("postgres://").partition("@/")
    return f"host={rest.rpartition('/')[0]} user={user}"


def plain(value: Any) -> Any:
    if isinstance(value, uuid.UUID):
        return value.hex
    if isinstance(value, datetime):
        return str(value.astimezone(UTC).replace(tzinfo=None))
    return bytes(value) if isinstance(value, memoryview) else value


def new_store(state: Path) -> Store:
    """An empty place in the mode of this run: P where it has PostgreSQL and Valkey, else S."""
    state.mkdir(parents=True)
    if "DATABASE_URL" not in os.environ or "REDIS_URL" not in os.environ:
        return File(state)
    return new_database(state, os.environ["DATABASE_URL"], os.environ["REDIS_URL"])


def known_store(state: Path, name: str) -> Store:
    """The one that another worker of this run has made."""
    if not name:
        return File(state)
    return Database(state, os.environ["DATABASE_URL"], name, os.environ["REDIS_URL"])


def new_database(state: Path, cluster: str, redis: str) -> Database:
    state.mkdir(parents=True, exist_ok=True)
    made = Database(state, cluster, new_name(), redis)
    made.rule(SQL("CREATE DATABASE {}").format(Identifier(made.name)))
    return made
