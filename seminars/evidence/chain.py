"""A chain of events: each row quotes the hash of the row before it, so that no row can change unseen.

hash = SHA-256(prev_hash bytes || canonical JSON); the JSON is like RFC 8785: sorted keys, no spaces, UTF-8, integers
and strings only.
"""

import hashlib
import json
import secrets
import uuid
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

GENESIS = "0" * 64
"""What the first event quotes."""


@lru_cache(maxsize=256)
def stamp(moment: datetime) -> str:
    """An instant as text: UTC, microseconds, always the same length."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")[:26] + "Z"


def canonical(record: Mapping[str, Any]) -> bytes:
    """The bytes that are hashed. Raises TypeError for anything but str, int, bool, None, lists and mappings."""
    return _json.encode(_plain(record)).encode()


_json = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)


_PLAIN = frozenset({str, int, bool, type(None)})


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): item if type(item) in _PLAIN else _plain(item) for key, item in value.items()}
    if value is None or isinstance(value, str | int | bool):
        return value
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    raise TypeError(f"{type(value).__name__} has no canonical form")


def record(
    *,
    id: uuid.UUID,
    session: str,
    seq: int,
    kind: str,
    source: str,
    subject: str,
    author: str,
    slot: int | None,
    connection: uuid.UUID | None,
    at: datetime,
    recorded_at: datetime,
    reason: str,
    data: Mapping[str, Any],
) -> Mapping[str, Any]:
    """What the hash of a presence event covers: `session` by its UID, people by what stands for them."""
    return {
        "id": str(id),
        "session": session,
        "seq": seq,
        "kind": kind,
        "source": source,
        "subject": subject,
        "author": author,
        "slot": slot,
        "connection": str(connection) if connection else None,
        "at": stamp(at),
        "recorded_at": stamp(recorded_at),
        "reason": reason,
        "data": data,
    }


def link(previous: str, record: Mapping[str, Any]) -> str:
    """The hash of a record that follows `previous` (64 hexadecimal digits)."""
    return hashlib.sha256(bytes.fromhex(previous) + canonical(record)).hexdigest()


def first_fault(rows: Iterable[tuple[int, str, str, Mapping[str, Any]]]) -> tuple[int, str] | None:
    """The first (seq, why) of rows (seq, prev_hash, hash, record) in order, or None when the chain holds."""
    previous, expected = GENESIS, 1
    for seq, prev_hash, own, record in rows:
        if seq != expected:
            return seq, f"expected number {expected}"
        if prev_hash != previous:
            return seq, "does not quote the event before it"
        if link(previous, record) != own:
            return seq, "content differs from its hash"
        previous, expected = own, expected + 1
    return None


def new_salt() -> str:
    return secrets.token_hex(16)


def commitment(salt: str, identity: str) -> str:
    """Stands for a person in the chain: dropping the salt erases the link, and the chain stays valid."""
    return hashlib.sha256(f"{salt}\x1f{identity}".encode()).hexdigest()
