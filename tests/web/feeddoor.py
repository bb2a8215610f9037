"""Both ways to a feed, for tests: the lane, which counts what it hands over, and Django alone."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from asgiref.sync import async_to_sync
from django.core.asgi import get_asgi_application
from django.core.signals import request_finished, request_started
from django.db import close_old_connections

from web import accesslines
from web.feedlane import FeedLane
from web.keptfeeds import store


class Known:
    """Versions as a test says them."""

    def __init__(self) -> None:
        self.now: dict[str, int] = {}
        self.asked = 0

    def version(self, name: str) -> int | None:
        self.asked += 1
        return self.now.get(name)

    def mark(self) -> int:
        return 0

    def learn(self, name: str, version: int, mark: int) -> None:
        self.now[name] = version


class Door:
    """Both ways in: the lane, which counts what it hands over, and Django alone."""

    def __init__(self) -> None:
        self.django = get_asgi_application()
        self.known = Known()
        self.handed = 0
        self.lane = FeedLane(self.count, self.known)

    async def count(self, scope: Any, receive: Any, send: Any) -> None:
        self.handed += 1
        await self.django(scope, receive, send)

    def ask(self, path: str, method: str = "GET", by: Any = None, **more: Any) -> "Answer":
        """Keywords are headers, `scheme` apart."""
        scheme = more.pop("scheme", "http")
        given = {"host": "localhost", "user-agent": "phone"} | more
        scope = {
            "type": "http",
            "http_version": "1.1",
            "method": method,
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "root_path": "",
            "scheme": scheme,
            "headers": [(name.replace("_", "-").encode(), text.encode()) for name, text in given.items()],
            "client": ("127.0.0.1", 5),
            "server": ("127.0.0.1", 8000),
        }
        said: list[dict[str, Any]] = []

        whole: list[dict[str, Any]] = [{"type": "http.request", "body": b"", "more_body": False}]

        async def receive() -> dict[str, Any]:
            if not whole:  # the caller stays until she has her answer
                await asyncio.Event().wait()
            return whole.pop()

        async def send(message: dict[str, Any]) -> None:
            said.append(message)

        async_to_sync(by or self.lane)(scope, receive, send)
        body = b"".join(message.get("body", b"") for message in said[1:])
        return Answer(said[0]["status"], sorted((n.lower(), v) for n, v in said[0]["headers"]), body)

    def kept(self, path: str, *given: Any, **more: Any) -> "Answer":
        """The lane's own answer; what it has to learn for it is asked for first."""
        self.ask(path, *given, **more)
        before = self.handed
        answer = self.ask(path, *given, **more)
        assert self.handed == before, "Django was asked"
        return answer

    def handed_over(self, path: str, *given: Any, **more: Any) -> "Answer":
        """Django's answer, through the lane."""
        before = self.handed
        answer = self.ask(path, *given, **more)
        assert self.handed == before + 1, "Django was not asked"
        return answer


class Answer:
    def __init__(self, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
        self.status, self.headers, self.body = status, headers, body

    def __getitem__(self, name: str) -> str:
        return dict(self.headers)[name.lower().encode()].decode()


@contextmanager
def opened() -> Iterator[Door]:
    """As Django's own test client does, it keeps a request's end from closing the connection of the test."""
    store.clear()
    accesslines.waiting.flush()  # none of a test before
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield Door()
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)
    store.clear()
    accesslines.waiting.flush()
