"""Uvicorn behind a listening socket that is ours, with the same bounds and the same end as Daphne."""

import asyncio
import contextlib
import socket
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from typing import Any

import uvicorn
from channels.routing import get_default_application

from config.serving.bounds import GRACE, MOST_OCTETS, MOST_OF_A_BODY
from config.serving.listening import BACKLOG

LINGER = 1.0
"""Seconds in which the rest of a refused body is thrown away: an early close would destroy the answer under way."""
KEPT_OPEN = 75
"""Seconds for an idle connection: longer than a proxy's own, so that the proxy is the one to close."""

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Message, Receive, Send], Awaitable[None]]


class TooLarge(Exception):
    """A body went on past its end."""


async def bounded(application: Application, scope: Message, receive: Receive, send: Send) -> None:
    """The application, with a refusal (413) of bodies that are too large, by their length or while they come."""
    if scope["type"] != "http":
        await application(scope, receive, send)
        return
    taken, started = 0, False

    async def counted() -> Message:
        nonlocal taken
        event = await receive()
        taken += len(event.get("body", b""))
        if taken > MOST_OF_A_BODY:
            raise TooLarge
        return event

    async def noticed(event: Message) -> None:
        nonlocal started
        started = True
        await send(event)

    if told_length(scope) > MOST_OF_A_BODY:
        await refuse(receive, send)
        return
    try:
        await application(scope, counted, noticed)
    except TooLarge:
        if not started:
            await refuse(receive, send)


def told_length(scope: Message) -> int:
    lengths = [value for name, value in scope["headers"] if name == b"content-length" and value.isdigit()]
    return max(map(int, lengths), default=0)


async def refuse(receive: Receive, send: Send) -> None:
    headers = [(b"content-length", b"0"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": b"", "more_body": True})
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(LINGER):
            while (await receive()).get("more_body"):
                pass
    await send({"type": "http.response.body", "body": b""})


class Uvicorn(uvicorn.Server):
    """Runs on the calling thread until `leave` was called, which is for its own loop only."""

    def __init__(self, listener: socket.socket, begin: Callable[[asyncio.AbstractEventLoop], None]) -> None:
        super().__init__(
            uvicorn.Config(
                partial(bounded, get_default_application()),
                interface="asgi3",
                lifespan="off",
                ws="websockets-sansio",
                ws_max_size=MOST_OCTETS,
                ws_per_message_deflate=False,  # compression per socket would undo "encode once"
                ws_ping_interval=20,
                ws_ping_timeout=30,
                timeout_keep_alive=KEPT_OPEN,
                timeout_graceful_shutdown=int(GRACE),
                backlog=BACKLOG,
                proxy_headers=False,  # who is behind a proxy is read by NUM_PROXIES, in one place
                server_header=False,
                access_log=False,
                log_config=None,
            )
        )
        self.listener, self.begin = listener, begin

    def run(self, sockets: list[socket.socket] | None = None) -> None:
        super().run(sockets=[self.listener])

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        self.begin(asyncio.get_running_loop())

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals are ours: uvicorn would raise them again after its end, before the worker has ended."""
        yield

    def leave(self) -> None:
        """Its loop sees this within 0.1 s, stops listening, closes every socket with 1012 and waits for the rest."""
        self.should_exit = True
