"""Short ways from a frame's bytes into Daphne's and uvicorn's transports.

This is the only file that touches private names of the two servers; they are pinned, and each way has a test.
The setting LIVE_LANES = False, another server or TLS inside Daphne leave the plain ASGI send. Under Daphne
that one never waits, so a reader who stalls is then bounded by Daphne's ping timeout only.
"""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from daphne.ws_protocol import WebSocketProtocol
from django.conf import settings
from twisted.internet.tcp import Server as Connection

from .hub import Frame, Message, Send, Socket

SERVER_SEND = "viso.server_send"
OPEN = WebSocketProtocol.STATE_OPEN
UVICORN = ("uvicorn.protocols.websockets.websockets_sansio_impl", "WebSocketsSansIOProtocol")

Application = Callable[[Message, Callable[[], Awaitable[Any]], Send], Awaitable[None]]


def keep_send(application: Application) -> Application:
    """The outermost ASGI wrapper: keeps the server's own `send` in the scope, since middleware wraps it."""

    async def kept(scope: Message, receive: Callable[[], Awaitable[Any]], send: Send) -> None:
        await application({SERVER_SEND: send} | scope, receive, send)

    return kept


def socket_for(scope: Message, send: Send, lost: Callable[[], None], behind: Callable[[], Frame]) -> Socket:
    """The shortest writing side there is for this connection.

    `send` is what the consumer was given, `lost` the slow way to end it, for servers without a lane.
    """
    if not getattr(settings, "LIVE_LANES", True):
        return Socket(send, lost, behind)
    own = scope.get(SERVER_SEND, send)
    if isinstance(own, partial) and own.args and isinstance(own.args[0], WebSocketProtocol):
        transport = own.args[0].transport
        if type(transport) is Connection and not transport.TLS:
            return DaphneSocket(own, own.args[0], behind)
    protocol = getattr(own, "__self__", None)
    if (type(protocol).__module__, type(protocol).__qualname__) == UVICORN:
        return UvicornSocket(own, protocol, behind)
    return Socket(send, lost, behind)


class Gate:
    """Twisted says here when more than 64 KiB wait in a transport, and when they are gone (IPushProducer)."""

    __slots__ = ("wake",)

    def __init__(self, transport: Any) -> None:
        self.wake: asyncio.Future[None] | None = None
        transport.unregisterProducer()  # the HTTP channel's registration is left over from the upgrade
        transport.registerProducer(self, True)

    def pauseProducing(self) -> None:
        self.wake = self.wake or asyncio.get_running_loop().create_future()

    def resumeProducing(self) -> None:
        if self.wake is not None:
            wake, self.wake = self.wake, None
            if not wake.done():
                wake.set_result(None)

    stopProducing = resumeProducing


class DaphneSocket(Socket):
    """Writes at once, where Twisted would register, send in the next turn of the loop and unregister."""

    __slots__ = ("gate", "plain", "protocol")

    def __init__(self, send: Send, protocol: Any, behind: Callable[[], Frame]) -> None:
        super().__init__(self.gated, protocol.transport.abortConnection, behind)
        self.plain, self.protocol, self.gate = send, protocol, Gate(protocol.transport)

    async def gated(self, message: Message) -> None:
        while self.gate.wake is not None:
            await self.gate.wake
        await self.plain(message)

    def push(self, frame: Frame) -> None:
        if self.task is not None or self.gate.wake is not None:
            super().push(frame)
        elif self.protocol.state == OPEN and not self.gone:
            data, transport = frame.wire, self.protocol.transport
            sent = 0 if transport.dataBuffer or transport._tempDataBuffer else transport.writeSomeData(data)
            if isinstance(sent, int) and sent < len(data):  # else the peer is gone, and the reactor finds out
                transport.write(data[sent:] if sent else data)


class UvicornSocket(Socket):
    """Writes to the asyncio transport, past the task, the event and the protocol object of each send."""

    __slots__ = ("protocol",)

    def __init__(self, send: Send, protocol: Any, behind: Callable[[], Frame]) -> None:
        super().__init__(send, protocol.transport.abort, behind)
        self.protocol = protocol

    def push(self, frame: Frame) -> None:
        own = self.protocol
        if self.task is not None or not own.writable.is_set():
            super().push(frame)
        elif own.handshake_complete and not (
            self.gone or own.close_sent or own.disconnected or own.transport.is_closing()
        ):
            own.transport.write(frame.wire)
