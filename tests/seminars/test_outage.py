"""Which faults of a database pass by themselves, told by what the drivers really raise."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import psycopg
import psycopg_pool
import pytest
from django.db import (
    DatabaseError,
    IntegrityError,
    InterfaceError,
    InternalError,
    OperationalError,
    ProgrammingError,
)

from seminars.outage import is_away


def readonly(place: Path) -> None:
    sqlite3.connect(place).execute("CREATE TABLE t (a)").connection.close()
    sqlite3.connect(f"file:{place}?mode=ro", uri=True).execute("INSERT INTO t VALUES (1)")


def locked(place: Path) -> None:
    holder = sqlite3.connect(place, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    sqlite3.connect(place, timeout=0, isolation_level=None).execute("BEGIN IMMEDIATE")


def full(place: Path) -> None:
    line = sqlite3.connect(place)
    line.execute("CREATE TABLE t (a)")
    line.execute("PRAGMA max_page_count = 2")
    line.execute("INSERT INTO t VALUES (zeroblob(100000))")


def no_folder(place: Path) -> None:
    sqlite3.connect(place / "no" / "such" / "folder")


def no_database(place: Path) -> None:
    place.write_text("this is no database, but long enough to be taken for one " * 100)
    sqlite3.connect(place).execute("SELECT 1 FROM sqlite_master")


def no_table(place: Path) -> None:
    sqlite3.connect(place).execute("SELECT 1 FROM nowhere")


def no_sql(place: Path) -> None:
    sqlite3.connect(place).execute("SELEC 1")


def as_django(kind: type[DatabaseError] | type[InterfaceError], cause: Exception) -> Exception:
    try:
        raise kind(str(cause)) from cause
    except (DatabaseError, InterfaceError) as fault:
        return fault


@pytest.mark.parametrize(
    ("act", "away"),
    [
        (readonly, True),
        (locked, True),
        (full, True),
        (no_folder, True),
        (no_database, False),
        (no_table, False),
        (no_sql, False),
    ],
)
def test_sqlite_tells_an_outage_from_nonsense(
    act: Callable[[Path], None], away: bool, tmp_path: Path
) -> None:
    with pytest.raises(sqlite3.DatabaseError) as caught:
        act(tmp_path / "db")
    kind = OperationalError if isinstance(caught.value, sqlite3.OperationalError) else DatabaseError
    assert is_away(as_django(kind, caught.value)) == away


@pytest.mark.parametrize(
    ("kind", "cause", "away"),
    [
        (OperationalError, psycopg.OperationalError("connection refused"), True),
        (OperationalError, psycopg.errors.AdminShutdown("terminating connection"), True),
        (OperationalError, psycopg_pool.PoolTimeout("couldn't get a connection after 10.00 sec"), True),
        (InterfaceError, psycopg.InterfaceError("the connection is closed"), True),
        (InternalError, psycopg.errors.ReadOnlySqlTransaction("read-only"), True),
        (ProgrammingError, psycopg.errors.UndefinedTable("no such table"), False),
        (IntegrityError, psycopg.errors.UniqueViolation("twice"), False),
    ],
)
def test_postgresql_likewise(
    kind: type[DatabaseError] | type[InterfaceError], cause: Exception, away: bool
) -> None:
    assert is_away(as_django(kind, cause)) == away


def test_other_faults_are_none() -> None:
    assert not is_away(None)
    assert not is_away(ValueError("no"))
    assert not is_away(KeyboardInterrupt())
