"""Beats: lines that are well are renewed by one statement a session, which holds nothing but their own rows."""

import json
import uuid
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection

from seminars.actions.rows import Form, read
from seminars.models import Lease


class Quiet(Exception):
    """Beats of lines that the sweep found silent: their return shows on screens, so their sessions must be held."""

    def __init__(self, lines: set[int]) -> None:
        super().__init__()
        self.lines = lines


RENEWED = {
    "sqlite": "FROM json_each(%s) AS said WHERE connection = said.key AND +person_id = said.value"
    " AND +session_id = %s AND +ended_at IS NULL AND quiet_at IS NULL AND +seen_at >= %s",
    "postgresql": "WHERE connection IN (SELECT connection FROM {table}"
    " WHERE (connection, person_id) IN (SELECT * FROM unnest(%s::uuid[], %s::bigint[]))"
    " AND session_id = %s AND ended_at IS NULL AND quiet_at IS NULL AND seen_at >= %s"
    " ORDER BY connection FOR NO KEY UPDATE)",
}
"""Pairs of connection and person, as one or two parameters, find their rows. SQLite has to be kept from the index of
open lines, which it would read from end to end: a `+` hides a column from its planner. In PostgreSQL an UPDATE locks
rows as it finds them, the book in order."""


def renewed(session_id: int, owners: dict[int, int], present: datetime) -> int:
    """How many of these lines are open, heard of within the lease and theirs: they are renewed, by one statement."""
    form, table = Form(), Lease._meta.db_table
    at, oldest = form.moment(present), form.moment(present - timedelta(seconds=settings.LEASE_SECONDS))
    pairs: list[Any]
    if connection.vendor == "sqlite":
        pairs = [json.dumps({f"{line:032x}": person_id for line, person_id in owners.items()})]
    else:
        lines = ",".join([f"{line:032x}" for line in owners])
        pairs = [
            f"{{{lines}}}",
            list(owners.values()),
        ]  # as one text: the driver would adapt each UUID by itself
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} SET seen_at = CASE WHEN seen_at > %s THEN seen_at ELSE %s END"
            f" {RENEWED[connection.vendor].format(table=table)}",
            [at, at, *pairs, session_id, oldest],
        )
        return int(cursor.rowcount)


def lost_of(session_id: int, owners: dict[int, int], present: datetime) -> set[int]:
    """Which of these lines were not renewed. Raises Quiet for those that only the sweep found silent."""
    form = Form()
    rows = read(
        f"SELECT connection, person_id, quiet_at FROM {Lease._meta.db_table} WHERE connection IN keys(%s)"
        " AND session_id = %s AND ended_at IS NULL AND seen_at >= %s",
        [uuid.UUID(int=line) for line in owners],
        session_id,
        form.moment(present - timedelta(seconds=settings.LEASE_SECONDS)),
    )
    hers = {form.key_of(key).int: (person_id, quiet_at) for key, person_id, quiet_at in rows}
    hers = {line: found for line, found in hers.items() if found[0] == owners[line]}
    if quiet := {line for line, (_person_id, quiet_at) in hers.items() if quiet_at is not None}:
        raise Quiet(quiet)
    return owners.keys() - hers.keys()
