"""Seals: what is signed of a sheet (Ed25519, RFC 8032), by the key of this installation, and how it is checked.

A seal is a small mapping; its canonical bytes are signed, and their SHA-256 is what the next sheet quotes. Whoever has
the public key, the file and `docs/evidence.md` checks it without this software.
"""

import contextlib
import hashlib
import secrets
from base64 import b64decode, b64encode
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings

from seminars.evidence.chain import canonical

FORMAT = "viso-seal-1"
CERTIFICATE_FORMAT = "viso-certificate-1"
CONDENSING_FORMAT = "viso-condensing-1"
OCTETS = 32
SIGNATURE_OCTETS = 64


def octets(text: str, length: int) -> bytes:
    """Strict base64 of exactly `length` octets. Raises ValueError."""
    found = b64decode(text.strip(), validate=True)
    if len(found) != length:
        raise ValueError(f"{len(found)} octets instead of {length}")
    return found


def _kept_key() -> str:
    """The key of an installation that names none: made at the first seal, readable by its owner only. Raises
    OSError."""
    place = settings.SEAL_KEY_PLACE
    if place.exists() and (kept := place.read_text().strip()):
        return str(kept)
    place.parent.mkdir(parents=True, exist_ok=True)
    fresh = place.with_name(f"{place.name}.{secrets.token_hex(4)}")
    fresh.touch(mode=0o600)
    fresh.write_text(b64encode(secrets.token_bytes(OCTETS)).decode())
    if place.exists():  # empty: a start that was cut off
        place.unlink()
    with contextlib.suppress(FileExistsError):  # another process was first: its key is the one
        place.hardlink_to(fresh)
    fresh.unlink()
    return str(place.read_text().strip())


def _private() -> Ed25519PrivateKey:
    """Raises ValueError for a key that is none, OSError where none can be kept."""
    return Ed25519PrivateKey.from_private_bytes(octets(settings.SEAL_KEY or _kept_key(), OCTETS))


def public_key() -> str:
    """The installation's, base64; made with its private half where there is none yet."""
    raw = _private().public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return b64encode(raw).decode()


def known_keys() -> frozenset[str]:
    """Public keys whose seals are this installation's: the present one, and those before it. Makes none."""
    present = settings.SEAL_KEY or settings.SEAL_KEY_PLACE.exists()
    return frozenset([*settings.SEAL_OLD_KEYS, *([public_key()] if present else [])])


def key_id(public: str) -> str:
    """A public key in short, to be printed and compared by eye: 16 hexadecimal digits of its SHA-256."""
    return hashlib.sha256(octets(public, OCTETS)).hexdigest()[:16]


def digest(content: Mapping[str, Any]) -> str:
    """SHA-256 of canonical content: 64 hexadecimal digits."""
    return hashlib.sha256(canonical(content)).hexdigest()


def seal(
    *,
    code: str,
    project: str,
    number: int,
    session: str,
    session_code: str,
    version: int,
    sealed_at: str,
    count: int,
    head: str,
    digest: str,
    previous: str,
    supersedes: str,
    public_key: str,
) -> dict[str, Any]:
    """What is signed: `session` by its UID, `sealed_at` as chain.stamp, hashes as 64 hexadecimal digits."""
    return {"format": FORMAT, **locals()}


def certificate(
    *, code: str, number: str, issue: int, issued_at: str, digest: str, public_key: str
) -> dict[str, Any]:
    """What is signed of a certificate; `digest` of its facts, which erasure may take."""
    return {"format": CERTIFICATE_FORMAT, **locals()}


def _condensing(session: str, version: int, count: int, head: str, at: str) -> dict[str, Any]:
    return {"format": CONDENSING_FORMAT, **locals()}


def condensing(*, session: str, version: int, count: int, head: str, at: str) -> str:
    """The signature (base64, for `Session.condensed_seal`) of a condensing: the session by its UID, the version, count
    and head of its last sealed sheet, `at` as chain.stamp(condensed_at). Raises ValueError, OSError without a key."""
    record = _condensing(session, version, count, head, at)
    return b64encode(_private().sign(canonical(record))).decode()


def is_condensing(signature: str, *, session: str, version: int, count: int, head: str, at: str) -> bool:
    """Whether one of our keys, the present or an old one, has signed that condensing."""
    record = _condensing(session, version, count, head, at)
    return any(_fits(key, record, signature) for key in known_keys())


def sign(seal: Mapping[str, Any]) -> str:
    """Base64 of 64 octets. Raises ValueError where the seal names another key than the one that signs."""
    if seal["public_key"] != public_key():
        raise ValueError("the seal names another key")
    return b64encode(_private().sign(canonical(seal))).decode()


def is_signed(seal: Mapping[str, Any], signature: str) -> bool:
    """Whether the signature is by the key that the seal names; whose key that is, `known_keys` says."""
    return _fits(str(seal.get("public_key", "")), seal, signature)


def _fits(public: str, record: Mapping[str, Any], signature: str) -> bool:
    try:
        key = Ed25519PublicKey.from_public_bytes(octets(public, OCTETS))
        key.verify(octets(signature, SIGNATURE_OCTETS), canonical(record))
    except (InvalidSignature, TypeError, ValueError):
        return False
    return True
