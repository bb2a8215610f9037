"""Which faults of a database mean that it is away for a while, and not that we asked it for nonsense."""

from sqlite3 import (
    SQLITE_BUSY,
    SQLITE_CANTOPEN,
    SQLITE_FULL,
    SQLITE_IOERR,
    SQLITE_LOCKED,
    SQLITE_PROTOCOL,
    SQLITE_READONLY,
)

from django.db import DatabaseError, InterfaceError, OperationalError, connection

SQLITE_AWAY = frozenset(
    {
        SQLITE_BUSY,
        SQLITE_LOCKED,
        SQLITE_READONLY,
        SQLITE_IOERR,
        SQLITE_FULL,
        SQLITE_CANTOPEN,
        SQLITE_PROTOCOL,
    }
)
READ_ONLY = "25006"
"""SQLSTATE of PostgreSQL while a standby takes over."""
RETRY_SECONDS = 5


def is_away(fault: BaseException | None) -> bool:
    """Whether the same request may succeed in a moment: no connection, none free in the pool, locked, full, read-only.

    Takes Django's errors and the driver's own (PEP 249). A table that is missing, or SQL that can't be read, is none of
    these, though SQLite gives it the same class: its primary result code tells them apart.
    """
    if not isinstance(fault, Exception):
        return False
    driver = connection.Database  # type: ignore[attr-defined]  # each backend names its driver so
    cause = fault.__cause__ if isinstance(fault, DatabaseError | InterfaceError) else fault
    if getattr(cause, "sqlstate", None) == READ_ONLY:
        return True
    if not isinstance(
        fault, OperationalError | InterfaceError | driver.OperationalError | driver.InterfaceError
    ):
        return False
    code = getattr(cause, "sqlite_errorcode", None)
    return code is None or code & 0xFF in SQLITE_AWAY
