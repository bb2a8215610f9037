"""Feeds answered in front of Django: from the kept bytes, in the server's loop, while their version still stands.

Django stays the truth: it gives every first answer, 404 and 410, notes once an hour that a key is used, and adds to an
answer what all answers have; the lane repeats its headers. Whatever is unusual about a request is left to it as well.
"""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from django.conf import settings

from seminars import keys
from seminars.moments import now
from seminars.queries.scopes import PARTS, PUBLIC
from web import accesslines
from web.feeds import TICKET
from web.feedversions import Versions, versions
from web.keptfeeds import Address, Kept, Wire, is_unchanged, store, takes_gzip

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]
Spot = tuple[int, str, str]
"""Status, host, scheme."""

BEFORE, AFTER, OPEN = "/calendar/", ".ics", f"{PUBLIC}/"
METHODS = ("GET", "HEAD")
READ = {name.encode(): name for name in ("accept-encoding", "if-none-match", "if-modified-since", "host")}
UNUSUAL = frozenset({b"cookie", b"if-match", b"if-unmodified-since"})
MOST_FRAMES = 256
KEYED = "/calendar/<key>"
"""How a line names a personal feed."""


class FeedLane:
    """An ASGI application around Django's."""

    def __init__(self, django: Application, known: Versions | None = None) -> None:
        self.django = django
        self.versions = known or versions()
        self.languages = frozenset(dict(settings.LANGUAGES))
        self.frames: dict[Spot, Wire] = {}
        self.read = dict(READ)
        if proxy := getattr(settings, "SECURE_PROXY_SSL_HEADER", None):
            self.read[proxy[0].removeprefix("HTTP_").replace("_", "-").lower().encode()] = "proto"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        address = self.address(scope)
        asked = None if address is None else self.asked(scope)
        if address is None or asked is None:
            return await self.django(scope, receive, send)
        answer = self.answer(scope, address, asked)
        if answer is None:
            return await self.hand_over(scope, receive, send, address, asked)
        for message in answer:
            await send(message)

    def address(self, scope: Scope) -> Address | None:
        """Of which feed a request asks; None where it is another one's."""
        if scope["type"] != "http" or scope["method"] not in METHODS or scope.get("root_path"):
            return None
        path: str = scope["path"]
        if not path.startswith(BEFORE) or not path.endswith(AFTER):
            return None
        key = path[len(BEFORE) : -len(AFTER)]
        if key.startswith(OPEN):
            language, *part = key.removeprefix(OPEN).split("/")
            is_whole, is_part = not part, len(part) == 2 and part[0] in PARTS
            known = language in self.languages and (is_whole or is_part)
            return Address(PUBLIC, language, tuple(part)) if known else None
        return Address(keys.digest(key)) if key and "/" not in key else None

    def asked(self, scope: Scope) -> dict[str, str] | None:
        """The headers that matter; None where one says that this is no calendar program's ordinary question."""
        found: dict[str, str] = {}
        for name, value in scope["headers"]:
            if name in UNUSUAL:
                return None
            if known := self.read.get(name):
                text = value.decode("latin-1")
                found[known] = f"{found[known]},{text}" if known in found else text
        return found

    def answer(self, scope: Scope, address: Address, asked: dict[str, str]) -> tuple[Message, Message] | None:
        """Both messages of the answer, or None where Django has to give it."""
        kept, present = store.get(address), now()
        if kept is None or (kept.asks_again is not None and present >= kept.asks_again):
            return None
        if not kept.is_right(self.versions.version(address.name), present):
            return None
        form = kept.packed if takes_gzip(asked.get("accept-encoding", "")) else kept.plain
        status = 304 if is_unchanged(asked, form, kept.modified) else 200
        frame = self.frames.get(spot_of(scope, asked, status))
        if frame is None:
            return None
        accesslines.waiting.note(scope["method"], scope["path"] if address.is_public else KEYED, status)
        body = form.body if status == 200 and scope["method"] == "GET" else b""
        start = {"type": "http.response.start", "status": status, "headers": form.wire[status] + frame}
        return start, {"type": "http.response.body", "body": body}

    async def hand_over(
        self, scope: Scope, receive: Receive, send: Send, address: Address, asked: dict[str, str]
    ) -> None:
        """Lets Django answer, and learns from what it said."""
        ticket: list[Kept] = []
        mark = self.versions.mark()

        async def watched(message: Message) -> None:
            if ticket and message["type"] == "http.response.start":
                self.learn(spot_of(scope, asked, message["status"]), message, address, ticket[0], mark)
            await send(message)

        await self.django({**scope, TICKET: ticket}, receive, watched)

    def learn(self, spot: Spot, start: Message, address: Address, kept: Kept, mark: int) -> None:
        """The version that Django has read, and what every answer of this status has beside a feed's own headers."""
        if kept.version is not None:
            self.versions.learn(address.name, kept.version, mark)
        headers: Wire = [(bytes(name), bytes(value)) for name, value in start["headers"]]
        names = {name.lower() for name, _value in headers}
        if spot[0] not in kept.plain.headers or b"set-cookie" in names or spot in self.frames:
            return
        if len(self.frames) >= MOST_FRAMES:
            self.frames.clear()
        own = {name.lower().encode() for form in kept.forms for name, _value in form.headers[spot[0]]}
        self.frames[spot] = [(name, value) for name, value in headers if name.lower() not in own]


def spot_of(scope: Scope, asked: dict[str, str], status: int) -> Spot:
    """What decides which headers Django adds, or whether it answers at all: the host, and whether it came by https."""
    return status, asked.get("host", ""), asked.get("proto") or scope.get("scheme", "http")
