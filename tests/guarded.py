"""The guards of the database, out of the way where a test empties it, or plays somebody who took them down."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

from seminars.evidence import guards


@contextmanager
def tampering() -> Iterator[None]:
    """Whoever holds the database may drop its triggers: what is done here is found by other means."""
    with connection.cursor() as cursor:
        for statement in guards.removed(connection.vendor):
            cursor.execute(statement)
        yield
        for statement in guards.installed(connection.vendor):
            cursor.execute(statement)


def let_flush() -> None:
    """Emptying all tables after a test that commits takes the guards down and puts them up again."""
    plain = connection.ops.sql_flush

    def sql_flush(style: Any, tables: Any, **how: Any) -> list[str]:
        vendor = connection.vendor
        statements = plain(style, tables, **how)
        return [*guards.removed(vendor), *statements, *guards.installed(vendor)] if statements else []

    connection.ops.sql_flush = sql_flush  # type: ignore[method-assign]
