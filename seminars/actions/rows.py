"""Many rows by one statement: the writer of presence does it all day, and the ORM's cost a row would be most of it."""

import json
import uuid
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any

from django.db import connection


def write_many(sql: str, rows: Sequence[Sequence[Any]]) -> int:
    """One statement for many rows of values made by a Form; returns how many rows of the table it touched."""
    if not rows:
        return 0
    with connection.cursor() as cursor:
        cursor.executemany(sql, rows)
        return int(cursor.rowcount)


def insert_many(table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """New rows of values made by a Form. Django sends PostgreSQL each row as a statement of its own, to be parsed anew;
    as one JSON value they cost half."""
    names = ", ".join(map(connection.ops.quote_name, columns))
    if connection.vendor == "sqlite":
        write_many(f"INSERT INTO {table} ({names}) VALUES ({', '.join(['%s'] * len(columns))})", rows)
    elif rows:
        said = json.dumps([dict(zip(columns, row, strict=True)) for row in rows], default=_as_text)
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {table} ({names}) SELECT {names} FROM json_populate_recordset(null::{table}, %s)",
                [said],
            )


def _as_text(value: Any) -> Any:
    """A Form's value within JSON, from which PostgreSQL reads it by the column's type."""
    return str(value) if isinstance(value, uuid.UUID | datetime) else value.obj


LISTS = {
    "sqlite": {
        "IN numbers(%s)": "IN (SELECT value FROM json_each(%s))",
        "IN keys(%s)": "IN (SELECT value FROM json_each(%s))",
    },
    "postgresql": {"IN numbers(%s)": "= ANY(%s::bigint[])", "IN keys(%s)": "= ANY(%s::uuid[])"},
}
"""PostgreSQL finds no index for a subquery beside an OR."""


def read(sql: str, *values: Any) -> list[tuple[Any, ...]]:
    """The rows of a query. `IN numbers(%s)` and `IN keys(%s)` take any integers and any UUIDs as one value; ` HELD`
    locks the rows where the database locks rows."""
    is_plain = connection.vendor == "sqlite"
    for ours, theirs in LISTS[connection.vendor].items():
        sql = sql.replace(ours, theirs)
    given = [
        list(value) if isinstance(value, Collection) and not isinstance(value, str) else value
        for value in values
    ]
    if is_plain:
        given = [
            json.dumps([one.hex if isinstance(one, uuid.UUID) else one for one in value])
            if isinstance(value, list)
            else value
            for value in given
        ]
    with connection.cursor() as cursor:
        cursor.execute(sql.replace(" HELD", "" if is_plain else " FOR UPDATE"), given)
        return list(cursor.fetchall())


class Form:
    """Values as this database's driver takes them in plain SQL; SQLite knows neither UUID nor time nor JSON."""

    def __init__(self) -> None:
        self.is_native = connection.features.has_native_uuid_field
        self.nothing = connection.ops.adapt_json_value({}, None)
        self.moment = cache(connection.ops.adapt_datetimefield_value)  # a batch has few different instants

    def key(self, value: uuid.UUID) -> object:
        return value if self.is_native else value.hex

    def json(self, value: Mapping[str, Any]) -> object:
        return connection.ops.adapt_json_value(value, None) if value else self.nothing

    def key_of(self, value: Any) -> uuid.UUID:
        return value if self.is_native else uuid.UUID(value)

    def moment_of(self, value: Any) -> Any:
        """An instant as it was read, or None."""
        return value if self.is_native or value is None else value.replace(tzinfo=UTC)
