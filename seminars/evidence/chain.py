"""A chain of events: each row quotes the hash of the row before it, so that no row can change unseen.

hash = SHA-256(prev_hash bytes || canonical JSON); the JSON is like RFC 8785: sorted keys, no spaces, UTF-8, integers
and strings only.
"""

import hashlib
import json
import secrets
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

GENESIS = "0" * 64
"""What the first event quotes."""


def stamp(moment: datetime) -> str:
    """An instant as text: UTC, microseconds, always the same length."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def canonical(record: Mapping[str, Any]) -> bytes:
    """The bytes that are hashed. Raises TypeError for anything but str, int, bool, None, lists and mappings."""
    return json.dumps(_plain(record), sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if value is None or isinstance(value, str | int | bool):
        return value
    raise TypeError(f"{type(value).__name__} has no canonical form")


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
