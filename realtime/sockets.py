"""What every live consumer stands on: a read loop of its own, and a writing side that belongs to the hub."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from channels.consumer import get_handler_name
from channels.exceptions import StopConsumer
from channels.generic.websocket import AsyncWebsocketConsumer

from .hub import Frame, Message, Send, Socket, frame_text, hub
from .lanes import socket_for

BEHIND = "live.behind"
FAILED, TOO_SLOW = 1011, 4408


class HubConsumer(AsyncWebsocketConsumer):
    """A Channels consumer without a channel layer and without a thread hop per message.

    Subclasses write `connect`, `receive(text_data, bytes_data)` and `disconnect(code)` as usual; all that
    goes out after `accept` goes through `push`, so that its order is that of the calls. Handlers run on the
    server's loop: database work belongs in `bridge.act`.
    """

    channel_layer_alias = "none"  # a name that does not exist: no channel, no queue, no clean-up per socket
    channel_layer = None

    async def __call__(self, scope: Message, receive: Callable[[], Awaitable[Message]], send: Send) -> None:
        self.scope, self.base_send = scope, send
        self.rooms: set[str] = set()
        self.reader = asyncio.current_task()
        self.cut_off = self.parted = False
        hub.begin()
        self.socket: Socket = socket_for(scope, send, self.abandon, self.behind)
        try:
            while True:
                await self.dispatch(await receive())
        except StopConsumer:
            return
        except asyncio.CancelledError:
            if not self.cut_off or self.reader is None:
                raise
            self.reader.uncancel()
            await self.part(TOO_SLOW)
        except Exception:
            await self.part(FAILED)  # Channels would leave the subclass's own things standing
            raise  # the server logs it and closes by the same code
        finally:
            self.vanish()

    async def dispatch(self, message: Message) -> None:
        await getattr(self, get_handler_name(message))(message)

    async def websocket_connect(self, message: Message) -> None:
        await self.connect()

    async def websocket_disconnect(self, message: Message) -> None:
        await self.part(message.get("code", 1005))
        raise StopConsumer

    async def part(self, code: int) -> None:
        """Runs `disconnect`, once, however this connection ends."""
        self.vanish()
        if not self.parted:
            self.parted = True
            await self.disconnect(code)

    async def send(
        self, text_data: str | None = None, bytes_data: bytes | None = None, close: bool | int = False
    ) -> None:
        """Channels' own way of sending text, kept in the order of `push`. Raises ValueError for bytes."""
        if text_data is None:
            raise ValueError("live frames are text")
        self.socket.push(Frame(text_data))
        if close is not False:
            self.cut(1000 if close is True else close)

    async def accept(self, subprotocol: str | None = None, headers: Any = None) -> None:
        message: Message = {"type": "websocket.accept", "subprotocol": subprotocol}
        await self.base_send(message | ({"headers": list(headers)} if headers else {}))

    async def close(self, code: int | bool | None = None, reason: str | None = None) -> None:
        """Before `accept` this refuses the handshake (HTTP 403); after it, the same as `cut`."""
        self.cut(1000 if code is None or code is True else int(code))

    def join(self, room: str) -> None:
        """Hears `room` from now on; call it after `accept` and before taking the snapshot."""
        self.rooms.add(room)
        hub.join(room, self.socket)

    def leave(self, room: str) -> None:
        self.rooms.discard(room)
        hub.leave(room, self.socket)

    def push(self, name: str, seq: int, body: Any) -> None:
        """One frame `[name, seq, body]` to this socket only; never waits. Raises TypeError for no JSON."""
        self.socket.push(Frame(frame_text(name, seq, body)))

    def cut(self, code: int) -> None:
        """Ends this connection with `code` (1000 or 3000-4999), at once; `disconnect` follows.

        May be called from anywhere on the server's loop. A reader who takes nothing any more sees no code.
        """
        for room in tuple(self.rooms):
            self.leave(room)
        self.socket.close(code)

    def behind(self) -> Frame:
        """The frame for a reader who missed frames: fetch again."""
        return Frame(frame_text(BEHIND, 0, {}))

    def abandon(self) -> None:
        """The way out where the server offers no short one: end the reader, which then runs `disconnect`."""
        if self.reader is not None and not self.reader.done():
            self.cut_off = True
            self.reader.cancel()

    def vanish(self) -> None:
        for room in tuple(self.rooms):
            self.leave(room)
        self.socket.gone = True
