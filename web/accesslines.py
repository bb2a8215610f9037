"""Lines of requests that are answered before Django, written by the handful: one by itself costs more than its answer.

Each has the form and the fields of `web.asking`'s. A handful is written after ACCESS_LOG_SECONDS, when it is full, and
when the process ends; between two lines of the same words only their moment differs, so only that is made anew.
"""

import asyncio
import atexit
import logging
import time
from collections.abc import Iterable, Iterator

from django.conf import settings

log = logging.getLogger("web.asking")
MOST = 500
Seen = tuple[float, str, str, int]
"""When (seconds since 1970), method, path, status."""


class Lines:
    """What is to be written; used in the loop of its process only."""

    def __init__(self) -> None:
        self.waiting: list[Seen] = []
        self.seconds: float = settings.ACCESS_LOG_SECONDS
        self.timer: asyncio.TimerHandle | None = None
        self.loop: asyncio.AbstractEventLoop | None = None
        atexit.register(self.flush)

    def note(self, method: str, path: str, status: int) -> None:
        """`path` without a key: nothing here looks for one."""
        if not log.isEnabledFor(logging.INFO):
            return
        self.waiting.append((time.time(), method, path, status))
        if len(self.waiting) >= MOST or not self.seconds:
            self.flush()
            return
        loop = asyncio.get_running_loop()
        if self.timer is None or self.loop is not loop:  # a loop that has ended fires no timer
            self.loop, self.timer = loop, loop.call_later(self.seconds, self.flush)

    def flush(self) -> None:
        seen, self.waiting = self.waiting, []
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None
        if seen:
            for handler in handlers():
                write(handler, seen)


waiting = Lines()


def handlers() -> Iterator[logging.Handler]:
    """Those that a line of this logger reaches."""
    logger: logging.Logger | None = log
    while logger is not None:
        yield from (handler for handler in logger.handlers if handler.level <= logging.INFO)
        logger = logger.parent if logger.propagate else None


def record_of(seen: Seen) -> logging.LogRecord:
    at, method, path, status = seen
    words = (method, path, status)
    record = log.makeRecord(log.name, logging.INFO, __file__, 0, "%s %s %s at once", words, None)
    record.created, record.msecs = at, float(int(at % 1 * 1000))
    record.facts = {"method": method, "path": path, "status": status, "ms": 0.0}
    return record


def write(handler: logging.Handler, seen: Iterable[Seen]) -> None:
    """A plain stream gets all lines at once; any other handler record by record, as it may want to count them."""
    if type(handler) is not logging.StreamHandler:
        for one in seen:
            handler.handle(record_of(one))
        return
    every = list(seen)
    try:
        text = "".join(f"{line}{handler.terminator}" for line in written(handler, every))
        handler.acquire()
        try:
            handler.stream.write(text)
            handler.flush()
        finally:
            handler.release()
    except Exception:  # as each handler does: a log that can't be written stops nobody
        handler.handleError(record_of(every[-1]))


def written(handler: logging.Handler, seen: Iterable[Seen]) -> Iterator[str]:
    """As the handler itself would write them, its filters included."""
    formatter = handler.formatter or logging.Formatter()
    stencils: dict[tuple[str, str, int], tuple[str, str, str] | None] = {}
    moment = record_of((0.0, "", "", 0))
    for one in seen:
        if one[1:] not in stencils:
            stencils[one[1:]] = stencil(handler, formatter, record_of(one))
        if (found := stencils[one[1:]]) is None:
            continue
        before, has_moment, after = found
        moment.created, moment.msecs = one[0], float(int(one[0] % 1 * 1000))
        yield before + (formatter.formatTime(moment, formatter.datefmt) if has_moment else "") + after


def stencil(
    handler: logging.Handler, formatter: logging.Formatter, record: logging.LogRecord
) -> tuple[str, str, str] | None:
    """A line before its moment, the moment, and after it; None where a filter wants no such line."""
    if not handler.filter(record):
        return None
    return handler.format(record).partition(formatter.formatTime(record, formatter.datefmt))
