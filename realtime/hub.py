"""Who is in which room of this process, and how one frame reaches all of them without waiting for anybody."""

import asyncio
import contextlib
import json
import types
from collections import deque
from collections.abc import Callable, Coroutine, Generator
from typing import Any, ClassVar

Message = dict[str, Any]
Send = Callable[[Message], Coroutine[Any, Any, None]]


def frame_text(name: str, seq: int, body: Any, *more: int) -> str:
    """The text of one live frame: the JSON array `[name, seq, body]`, or `[name, seq, body, since]`, without spaces.

    Raises TypeError when body holds something JSON has no form for.
    """
    return json.dumps([name, seq, body, *more], ensure_ascii=False, separators=(",", ":"))


class Frame:
    """One text message, encoded once for all its readers.

    `message` is the ASGI event, `wire` the same as unmasked, uncompressed WebSocket bytes (RFC 6455 section
    5.2), `size` its payload in octets. A lone surrogate, which UTF-8 has no form for, becomes a `?`.
    """

    __slots__ = ("message", "size", "wire")

    def __init__(self, text: str) -> None:
        data = text.encode("utf-8", "replace")
        self.size = len(data)
        if self.size < 126:
            head = bytes((0x81, self.size))
        elif self.size < 65536:
            head = b"\x81\x7e" + self.size.to_bytes(2, "big")
        else:
            head = b"\x81\x7f" + self.size.to_bytes(8, "big")
        self.wire = head + data
        self.message = {"type": "websocket.send", "text": data.decode()}


@types.coroutine
def rest(coro: Coroutine[Any, Any, None], future: Any) -> Generator[Any, Any, None]:
    """Goes on with a coroutine that was stepped by hand and waits for `future`; raises what it raises."""
    step: Callable[[Any], Any]
    given: Any
    while True:
        try:
            given = yield future
            step = coro.send
        except BaseException as exc:  # a cancellation belongs to the coroutine inside as well
            step, given = coro.throw, exc
        try:
            future = step(given)
        except StopIteration:
            return


def closing(code: int) -> Message:
    return {"type": "websocket.close", "code": code}


class Socket:
    """The writing side of one connection: `push` and `close` never wait and never raise.

    A reader that lags has up to `most_frames` frames or `most_bytes` octets kept in order. Beyond that the
    backlog is worthless: it is dropped, and the reader gets the one frame that tells it to fetch again.
    A reader that takes nothing for `patience` seconds is cut. Closing drops the backlog too, and the code follows
    what is on its way.

    `send` is the server's ASGI send, `lost` cuts the connection at once, `behind` makes that one frame.
    """

    __slots__ = ("__weakref__", "backlog", "behind", "code", "gone", "lost", "missed", "send", "size", "task")
    most_frames: ClassVar[int] = 256
    most_bytes: ClassVar[int] = 512 * 1024
    patience: ClassVar[float] = 20.0

    def __init__(self, send: Send, lost: Callable[[], None], behind: Callable[[], Frame]) -> None:
        self.send, self.lost, self.behind = send, lost, behind
        self.backlog: deque[Frame] = deque()
        self.size = 0
        self.task: asyncio.Task[None] | None = None
        self.missed = self.gone = False
        self.code: int | None = None

    def push(self, frame: Frame) -> None:
        if self.gone or (self.task is not None and self.missed):
            return
        if self.task is None:
            self.start(frame.message)
        elif len(self.backlog) >= self.most_frames or self.size + frame.size > self.most_bytes:
            self.backlog.clear()
            self.size, self.missed = 0, True
        else:
            self.backlog.append(frame)
            self.size += frame.size

    def close(self, code: int) -> None:
        """Ends the connection with `code`; a reader who does not take what is on its way is cut without it."""
        if self.gone:
            return
        self.gone, self.missed, self.size = True, False, 0
        self.backlog.clear()
        if self.task is not None:
            self.code = code
        else:
            self.start(closing(code))

    def start(self, message: Message) -> None:
        """Takes one step by hand, which nearly always is the whole way, and needs no task then."""
        coro = self.send(message)
        try:
            future = coro.send(None)
        except StopIteration:
            return
        except Exception:  # the server says in its own way that the peer is gone
            self.give_up()
            return
        self.task = asyncio.get_running_loop().create_task(self.drain(coro, future))

    async def drain(self, coro: Coroutine[Any, Any, None], future: Any) -> None:
        try:
            async with asyncio.timeout(self.patience):
                await rest(coro, future)
            while (self.backlog or self.missed) and not self.gone:
                if self.missed:
                    self.missed, frame = False, self.behind()
                else:
                    frame = self.backlog.popleft()
                    self.size -= frame.size
                async with asyncio.timeout(self.patience):
                    await self.send(frame.message)
            if self.code is not None:
                async with asyncio.timeout(self.patience):
                    await self.send(closing(self.code))
        except Exception:  # time is up, or the peer is gone
            self.give_up()
        finally:
            self.task = None

    def give_up(self) -> None:
        self.gone, self.missed, self.size = True, False, 0
        self.backlog.clear()
        self.lost()


class Hub:
    """The rooms of this process. All but `announce` belongs on the server's loop."""

    def __init__(self) -> None:
        self.rooms: dict[str, dict[Socket, None]] = {}
        self.loop: asyncio.AbstractEventLoop | None = None

    def begin(self) -> None:
        """A socket opens: the running loop is the server's, and hears of what happens from now on."""
        loop = asyncio.get_running_loop()
        if self.loop is not loop and self.loop is not None and self.loop.is_closed():
            self.rooms.clear()  # sockets of a server that has ended in this process
        self.loop = loop

    def join(self, room: str, socket: Socket) -> None:
        self.begin()
        self.rooms.setdefault(room, {})[socket] = None

    def leave(self, room: str, socket: Socket) -> None:
        sockets = self.rooms.get(room)
        if sockets is not None:
            sockets.pop(socket, None)
            if not sockets:
                del self.rooms[room]

    def deliver(self, room: str, text: str | Frame) -> None:
        """Gives one frame to everybody in `room`, encoded here unless it was before."""
        if sockets := self.rooms.get(room):
            frame = text if isinstance(text, Frame) else Frame(text)
            for socket in tuple(sockets):
                socket.push(frame)

    def announce(self, room: str, text: str) -> None:
        """From any thread: delivers soon, in the order of this thread's calls; nobody here is no error."""
        if self.loop is not None:
            with contextlib.suppress(RuntimeError):  # the loop has closed, and its readers with it
                self.loop.call_soon_threadsafe(self.deliver, room, text)


hub = Hub()
