"""Keys of links: derived by HMAC from the installation's secret, or random and stored as a digest only.

A link that a letter carries is derived: the worker can write it again at each try, while the database alone
opens nothing. A key that is shown once (calendar, API) is random, and its SHA-256 is kept.
"""

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64encode

from django.conf import settings

ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # no letter that is read as another


def new_code(length: int = 12) -> str:
    """A public code for addresses: unguessable enough to be no serial number, 59 bits at 12 characters."""
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


def new_key() -> str:
    """A random key of 256 bits, to be shown once."""
    return secrets.token_urlsafe(32)


def digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def _mac(purpose: str, *parts: object) -> bytes:
    text = "\x1f".join([purpose, *map(str, parts)])
    return hmac.digest(settings.SECRET_KEY.encode(), text.encode(), "sha256")


def derive(purpose: str, code: str, *parts: object) -> str:
    """`code.mac`: the code finds the row, the MAC (160 bits) proves that we wrote the link for this purpose."""
    mac = urlsafe_b64encode(_mac(purpose, code, *parts)[:20]).decode().rstrip("=")
    return f"{code}.{mac}"


def code_of(token: str) -> str:
    """The public half of a derived key; empty when it has no such form."""
    code, dot, _ = token.partition(".")
    return code if dot and len(code) <= 40 else ""


def is_derived(token: str, purpose: str, code: str, *parts: object) -> bool:
    return hmac.compare_digest(token.encode(), derive(purpose, code, *parts).encode())


def digits(purpose: str, *parts: object, length: int = 6) -> str:
    """A short number to be typed by hand, derived like the links."""
    return str(int.from_bytes(_mac(purpose, *parts)[:8]) % 10**length).zfill(length)


def letters(purpose: str, *parts: object, length: int = 6) -> str:
    """A short word of ALPHABET to be read from a wall and typed, derived like the links."""
    rest, found = int.from_bytes(_mac(purpose, *parts)[:16]), ""
    for _place in range(length):
        rest, sign = divmod(rest, len(ALPHABET))
        found += ALPHABET[sign]
    return found
