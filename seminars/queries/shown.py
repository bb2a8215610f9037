"""What a page has shown of a sheet, as a short text that comes back with the confirmation: nobody seals what she has
not seen."""

import hashlib
import hmac
from collections.abc import Iterable

from seminars.models import Session
from seminars.queries import consistency
from seminars.queries.sheets import Row, Sheet

LENGTH = 32


def _digest(told: Iterable[object]) -> str:
    return hashlib.sha256("\x1f".join(map(repr, told)).encode()).hexdigest()[:LENGTH]


def facts(session: Session, sheet: Sheet) -> str:
    """The ledger, whatever else stands on the sheet, and the lines of the report; without the reasons for them."""
    rows = [_row(row) for row in (*sheet.rows, *sheet.withdrawn)]
    slots = [
        (slot.number, slot.starts_at, slot.ends_at, slot.held_from, slot.held_to) for slot in sheet.slots
    ]
    lines = [finding.key for finding in consistency.findings(session, sheet)]
    return _digest((sheet.count, sheet.head, sheet.about, slots, rows, lines))


def _row(row: Row) -> tuple[object, ...]:
    who = (row.person.name, row.role, row.organisation_fr, row.organisation_it, row.country, row.answer)
    came = (row.is_walk_in, row.walk_in_state, row.replaces, row.replaced_by)
    return (row.code, *who, *came, row.minutes, row.percent, row.is_met)


def reasons(sheet: Sheet) -> str:
    return _digest(sheet.explanations)


def seen(session: Session, sheet: Sheet) -> str:
    """Both, as a hidden field has them."""
    return f"{facts(session, sheet)}.{reasons(sheet)}"


def is_seen(said: str, now: str) -> bool:
    return hmac.compare_digest(said.encode(), now.encode())
