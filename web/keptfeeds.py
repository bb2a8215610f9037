"""Feeds kept in this process, ready to send: bytes, packed bytes, headers, and until when they are right."""

import gzip
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from threading import Lock

from django.conf import settings
from django.utils.http import http_date, parse_etags, parse_http_date_safe

from seminars.queries.calendars import Edition
from seminars.queries.scopes import PUBLIC

Headers = tuple[tuple[str, str], ...]
Wire = list[tuple[bytes, bytes]]
BUILDERS = 64
AGE = "max-age=0, must-revalidate"
"""Right at the next request: whoever keeps a feed asks each time, which costs a 304."""


@dataclass(frozen=True, slots=True)
class Address:
    """Which feed is asked for: `name` is that of its version; what is public has one version in all languages and
    parts. `part` is (way of parting, key), empty for the whole."""

    name: str
    language: str = ""
    part: tuple[str, ...] = ()

    @property
    def is_public(self) -> bool:
        return self.name == PUBLIC

    @property
    def file(self) -> str:
        return f"{'-'.join(('viso', self.language, *self.part))}.ics" if self.is_public else "viso.ics"


@dataclass(frozen=True, slots=True)
class Form:
    """A feed in one coding, with the headers of its 200 and of its 304; `wire` is the same as ASGI wants it."""

    etag: str
    body: bytes
    headers: dict[int, Headers]
    wire: dict[int, Wire]


@dataclass(slots=True)
class Kept:
    """A feed of one version, right until `until` (None: for good), last changed at `modified` (second since 1970).

    `asks_again`: when its key has to be looked at again, so that its use is noted; None for what is public.
    """

    version: int | None
    until: datetime | None
    modified: int
    plain: Form
    packed: Form
    asks_again: datetime | None = None

    def is_right(self, version: int | None, present: datetime) -> bool:
        return (
            version is not None and version == self.version and (self.until is None or present <= self.until)
        )

    @property
    def forms(self) -> tuple[Form, Form]:
        return self.plain, self.packed

    @property
    def size(self) -> int:
        return sum(len(form.body) for form in self.forms)


def keep(address: Address, language: str, version: int | None, edition: Edition) -> Kept:
    """An edition in both codings. Its tags are digests of its bytes, so that every process says the same."""
    modified = max(version or 0, edition.left)
    shared = (
        *((("Last-Modified", http_date(modified)),) if modified else ()),
        ("Content-Language", language),
        ("Cache-Control", f"{'public' if address.is_public else 'private'}, {AGE}"),
        ("Vary", "Accept-Encoding"),
        ("X-Robots-Tag", "noindex"),
        ("Referrer-Policy", "no-referrer"),
    )
    digest = sha256(edition.body).hexdigest()[:32]
    plain = _form(address, f'"{digest}"', edition.body, shared)
    body = gzip.compress(edition.body, 6, mtime=0)
    packed = _form(address, f'"{digest}-gzip"', body, shared, "gzip")
    return Kept(version, edition.until, modified, plain, packed)


def _form(address: Address, etag: str, body: bytes, shared: Headers, coding: str = "") -> Form:
    unchanged = (("ETag", etag), *shared)
    content = (
        ("Content-Type", "text/calendar; charset=utf-8"),
        ("Content-Disposition", f'inline; filename="{address.file}"'),
        ("Content-Length", str(len(body))),
        *((("Content-Encoding", coding),) if coding else ()),
    )
    headers = {200: (*content, *unchanged), 304: unchanged}
    wire = {
        status: [(name.encode(), value.encode()) for name, value in pairs]
        for status, pairs in headers.items()
    }
    return Form(etag, body, headers, wire)


@lru_cache(256)
def takes_gzip(accepted: str) -> bool:
    """Whether an Accept-Encoding names gzip, and not with the weight 0 (RFC 9110, 12.5.3)."""
    for wish in accepted.lower().split(","):
        coding, *parameters = (part.strip() for part in wish.split(";"))
        if coding == "gzip":
            weights = [part.partition("=")[2].strip() for part in parameters if part.startswith("q")]
            return not any(weight.replace(".", "").strip("0") == "" for weight in weights)
    return False


def is_unchanged(asked: Mapping[str, str], form: Form, modified: int) -> bool:
    """Whether If-None-Match, or without it If-Modified-Since, is answered by 304 (RFC 9110, 13.2.2)."""
    if tags := asked.get("if-none-match", ""):
        if tags == form.etag:
            return True
        if found := parse_etags(tags):
            return found == ["*"] or form.etag in (tag.removeprefix("W/") for tag in found)
    since = parse_http_date_safe(asked.get("if-modified-since", ""))
    return bool(since and modified and modified <= since)


class Store:
    """What was asked for last, within FEED_KEPT_BYTES; asked by the loop, filled by the threads of requests."""

    def __init__(self) -> None:
        self.kept: OrderedDict[Address, Kept] = OrderedDict()
        self.size = 0
        self.lock = Lock()
        self.builders = [Lock() for _ in range(BUILDERS)]

    def get(self, address: Address) -> Kept | None:
        with self.lock:
            found = self.kept.get(address)
            if found is not None:
                self.kept.move_to_end(address)
            return found

    def put(self, address: Address, kept: Kept) -> None:
        with self.lock:
            self._drop(address)
            self.kept[address] = kept
            self.size += kept.size
            while self.size > settings.FEED_KEPT_BYTES:
                self._drop(next(iter(self.kept)))

    def drop(self, address: Address) -> None:
        with self.lock:
            self._drop(address)

    def _drop(self, address: Address) -> None:
        if dropped := self.kept.pop(address, None):
            self.size -= dropped.size

    def clear(self) -> None:
        with self.lock:
            self.kept.clear()
            self.size = 0

    def builder(self, address: Address) -> Lock:
        """Who builds holds it: a feed is built once, however many ask for it."""
        return self.builders[hash(address) % BUILDERS]


store = Store()
