"""One process: a server, the worker in a thread beside it where it has one, and one way to end for all reasons."""

import asyncio
import contextlib
import logging
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from types import FrameType
from typing import Protocol

from config.serving.bounds import AT_MOST, LAST_WORK, QUICK_WORK
from config.serving.by_daphne import Daphne
from config.serving.by_uvicorn import Uvicorn
from config.serving.leash import Leash
from seminars.work import Postman, let_go, new_owner, work

log = logging.getLogger(__name__)
STOPS = (signal.SIGINT, signal.SIGTERM)


class Door(Protocol):
    def run(self) -> None: ...

    def leave(self) -> None: ...


SERVERS: dict[str, Callable[..., Door]] = {"daphne": Daphne, "uvicorn": Uvicorn}


class Process:
    """`run` returns when it was told to stop: by a signal, by its worker's fault, or by the end of its parent.

    `said` is called once it listens; with a leash (a child of a tree) the parent is told instead.
    """

    def __init__(
        self,
        listener: socket.socket,
        server: str,
        *,
        has_worker: bool,
        said: Callable[[], None],
        leash: Leash | None = None,
    ) -> None:
        self.door: Door = SERVERS[server](listener, self.begin)
        self.said, self.leash, self.has_worker = said, leash, has_worker
        self.stop = threading.Event()
        self.failed = False
        self.postman: Postman | None = None
        self.worker = threading.Thread(target=self.labour, name="worker", daemon=True)

    def run(self) -> None:
        self.door.run()
        self.stop.set()
        if self.worker.ident:
            self._end_work()

    def _end_work(self) -> None:
        """A letter that leaves quickly ends here; behind a slow one the others are given back before the wait."""
        begun = time.monotonic()
        self.worker.join(QUICK_WORK)
        if self.worker.is_alive() and self.postman is not None:
            let_go(self.postman)
        self.worker.join(max(0.0, begun + LAST_WORK - time.monotonic()))

    def begin(self, loop: asyncio.AbstractEventLoop) -> None:
        """On the server's loop, once it listens."""
        self.loop = loop
        for number in STOPS:
            loop.add_signal_handler(number, self.leave)
        if self.leash is not None:
            self.leash.tell()
            loop.add_reader(self.leash.end, self.leave)
        self.said()
        if self.has_worker:
            self.worker.start()  # after the line, which a word of the worker must not cut in two

    def labour(self) -> None:
        """A server whose outbox stands still would look well and deliver nothing: it ends instead."""
        try:
            self.postman = Postman(new_owner())
            work(self.stop, self.postman)
        except Exception:
            self.failed = True
            log.exception("the worker has ended")
            with contextlib.suppress(RuntimeError):  # the loop has ended before
                self.loop.call_soon_threadsafe(self.leave)

    def leave(self) -> None:
        """Tells the worker and the server; a second signal waits for nothing, unless a parent minds the time."""
        if self.stop.is_set():
            return
        self.stop.set()
        if self.leash is not None:
            self.loop.remove_reader(self.leash.end)
        for number in STOPS:
            self.loop.remove_signal_handler(number)
            signal.signal(number, at_once if self.leash is None else signal.SIG_IGN)
        limit = threading.Timer(AT_MOST, at_once, (signal.SIGTERM,))
        limit.daemon = True
        limit.start()
        self.door.leave()


def at_once(number: int, frame: FrameType | None = None) -> None:
    sys.stdout.flush()
    os._exit(128 + number)
