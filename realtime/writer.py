"""The writer of presence: one thread with one connection keeps what gathered while its last transaction ran.

Each message is answered after its commit and never before; their order is kept. Batches grow by themselves with the
load, so no tick is needed. What can not be taken is refused as `failed`: the page keeps it, and says it again.
"""

import asyncio
import contextlib
import logging
import threading
import time
from collections.abc import Sequence

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection

from seminars.actions import connections
from seminars.actions.connections import Message, Receipt
from seminars.errors import Refused

log = logging.getLogger(__name__)
MOST_AT_ONCE = 2000
"""Messages of one transaction."""
REST_SECONDS = 1.0
"""After so long without a message the thread ends and gives its connection back."""

Answer = Receipt | Refused
Waiting = tuple[Message, "asyncio.Future[Answer]"]


class Writer:
    """`keep` belongs on an event loop; the rest is the thread's own, but for `rest`."""

    def __init__(self) -> None:
        self.waiting: list[Waiting] = []
        self.wake = threading.Condition()
        self.thread: threading.Thread | None = None
        self.is_leaving = False

    async def keep(self, message: Message) -> Receipt:
        """What stands committed. Raises Refused: by the rules, or `failed` when nothing was kept."""
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        with self.wake:
            if len(self.waiting) >= settings.ATTENDANCE_MOST_WAITING:
                raise Refused("failed")
            self.waiting.append((message, answer))
            if self.thread is None or not self.thread.is_alive():
                try:
                    self._start()
                except RuntimeError:
                    self.waiting.pop()
                    log.exception("no thread for presence could be started")
                    raise Refused("failed") from None
            self.wake.notify()
        done = await answer
        if isinstance(done, Refused):
            raise done
        return done

    def rest(self) -> None:
        """Waits until what waits is kept and the connection given back; from any thread but an event loop's."""
        with self.wake:
            thread, self.is_leaving = self.thread, True
            self.wake.notify()
        if thread is not None:
            thread.join()
        self.is_leaving = False

    def _start(self) -> None:
        """Under the lock. What can not start is no thread to wait for."""
        thread = threading.Thread(target=self._run, name="presence", daemon=True)
        thread.start()
        self.thread = thread

    def _run(self) -> None:
        try:
            while batch := self._next():
                _round(batch)
        finally:
            left: list[Waiting] = []
            with self.wake:
                if self.thread is threading.current_thread():  # broken: nobody else answers
                    self.thread, left, self.waiting = None, self.waiting, []
            _answer(left, [Refused("failed")] * len(left))
            connection.close()

    def _next(self) -> list[Waiting]:
        """What has gathered, in order; empty when the thread is to end."""
        if settings.ATTENDANCE_TICK_SECONDS:
            time.sleep(settings.ATTENDANCE_TICK_SECONDS)
        with self.wake:
            self.wake.wait_for(lambda: self.waiting or self.is_leaving, REST_SECONDS)
            batch, self.waiting = self.waiting[:MOST_AT_ONCE], self.waiting[MOST_AT_ONCE:]
            if not batch:
                self.thread = None  # under the lock: whoever comes next starts another
            return batch


def _round(batch: Sequence[Waiting]) -> None:
    """Whatever happens, everybody in the batch is answered, and the next batch is kept."""
    try:
        _answer(batch, _kept([message for message, _future in batch]))
    except Exception:
        log.exception("%d messages of presence were not answered", len(batch))
        _answer(batch, [Refused("failed")] * len(batch))


def _kept(messages: Sequence[Message]) -> Sequence[Answer]:
    """The answers to a batch. A lost connection is replaced once; a fault in one message does not take the others."""
    try:
        try:
            return connections.keep(messages)
        except (OperationalError, InterfaceError):
            connection.close()
            return connections.keep(messages)  # saying an event twice keeps it once
    except Exception as fault:
        connection.close()
        if len(messages) > 1 and not isinstance(fault, OperationalError | InterfaceError):
            return [_kept([message])[0] for message in messages]
        log.exception("%d messages of presence were not kept", len(messages))
        return [Refused("failed")] * len(messages)


def _answer(batch: Sequence[Waiting], answers: Sequence[Answer]) -> None:
    """One call into each loop: a call a message would cost more than the writing."""
    by_loop: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[Answer], Answer]]] = {}
    for (_message, future), answer in zip(batch, answers, strict=True):
        by_loop.setdefault(future.get_loop(), []).append((future, answer))
    for loop, done in by_loop.items():
        with contextlib.suppress(RuntimeError):  # the loop has closed, and whoever waited with it
            loop.call_soon_threadsafe(_tell, done)


def _tell(done: Sequence[tuple["asyncio.Future[Answer]", Answer]]) -> None:
    for future, answer in done:
        if not future.done():
            future.set_result(answer)


writer = Writer()
