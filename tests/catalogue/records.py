"""Leases and events as the database has them, read from outside, beside what a companion was told."""

import uuid
from datetime import UTC, datetime

from tests.catalogue.served import Real

Moment = datetime


def moment(text: str) -> Moment:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def leases(real: Real) -> dict[str, tuple[Moment, Moment | None]]:
    """Last beat and end of each connection."""
    rows = real.rows("SELECT connection, seen_at, ended_at FROM seminars_lease")
    return {str(uuid.UUID(key)): (moment(seen), moment(end) if end else None) for key, seen, end in rows}


def events(real: Real, kind: str) -> list[str]:
    found = real.rows(f"SELECT id FROM seminars_presenceevent WHERE kind = '{kind}'")
    return [str(uuid.UUID(row[0])) for row in found]


def millis(at: Moment) -> Moment:
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


def shape(real: Real) -> dict[str, int]:
    """How many connections, open ones, and events by kind; and of how many people."""
    found = {
        "connections": real.rows("SELECT COUNT(*) FROM seminars_lease")[0][0],
        "open": real.rows("SELECT COUNT(*) FROM seminars_lease WHERE ended_at IS NULL")[0][0],
        "people": real.rows("SELECT COUNT(DISTINCT person_id) FROM seminars_lease")[0][0],
    }
    return found | dict(real.rows("SELECT kind, COUNT(*) FROM seminars_presenceevent GROUP BY kind"))
