"""What settings about mail say in one line: a rate, a mailbox. Read by the worker, and by the checks before it."""

import re
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

FORM = re.compile(r"([1-9]\d{0,6})/([smh])")
SECONDS = {"s": 1, "m": 60, "h": 3600}
FINE = 10
"""At least so many places where the rate allows it: a long window is then cut into short ones."""


def read_rate(words: str) -> tuple[int, int]:
    """`200/m` as (places, seconds), here 10 each 3 s, which gives 200 in a minute and never more; few letters keep the
    whole window. Raises ValueError for any other form."""
    match = FORM.fullmatch(words.strip())
    if match is None:
        raise ValueError(f"{words!r} is no rate: write 10/s, 200/m or 2000/h")
    number, window = int(match[1]), SECONDS[match[2]]
    cuts = max(
        cut for cut in range(1, window + 1) if window % cut == 0 and (cut == 1 or number // cut >= FINE)
    )
    return number // cuts, window // cuts


PORTS = {"imaps": 993, "imap+tls": 143, "imap": 143}


@dataclass(frozen=True, slots=True)
class Place:
    """Where the mailbox is: `imaps` is TLS from the first octet, `imap+tls` STARTTLS, `imap` for a server next door."""

    scheme: str
    host: str
    port: int
    user: str
    password: str
    folder: str


def read_place(url: str) -> Place:
    """`imaps://user:password@host:993/INBOX`, user and password percent-encoded. Raises ValueError."""
    parts = urlsplit(url)
    if parts.scheme not in PORTS:
        raise ValueError(f"it begins with one of {', '.join(f'{scheme}://' for scheme in PORTS)}")
    if not (parts.hostname and parts.username and parts.password):
        raise ValueError("it needs user, password and host")
    if not unquote(parts.username + parts.password).isascii():
        raise ValueError("user and password are written in ASCII")
    return Place(
        parts.scheme,
        parts.hostname,
        parts.port or PORTS[parts.scheme],
        unquote(parts.username),
        unquote(parts.password),
        unquote(parts.path.strip("/")) or "INBOX",
    )
