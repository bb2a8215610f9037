"""The only crossing between threads and the server's loop: acts go out to a thread, announcements come in."""

import contextlib
import contextvars
import logging
from collections.abc import Callable
from typing import TypeVar

from channels.db import database_sync_to_async

from .hub import hub

log = logging.getLogger(__name__)
Answer = TypeVar("Answer")


async def act(function: Callable[..., Answer], **arguments: object) -> Answer:
    """Runs an action or query in the database thread and gives its answer.

    Old connections are closed before and after. Raises what `function` raises.
    """
    return await database_sync_to_async(function)(**arguments)


def announce(room: str, text: str) -> None:
    """Gives `text`, one live frame, to everybody in `room`; from any thread, the loop's own included.

    Never waits and never raises, since it is called after a commit that stands. The order is that of one
    thread's calls.
    """
    try:
        hub.announce(room, text)
    except Exception:
        log.exception("an announcement did not reach its room")


def soon(function: Callable[..., None], *arguments: object) -> None:
    """Has the server's loop call `function` soon; from any thread. Without a server nothing happens.

    In a context of its own: the caller's may hold the database thread, which `act` would then wait for.
    """
    if hub.loop is not None:
        with contextlib.suppress(RuntimeError):  # the loop has closed, and its sockets with it
            hub.loop.call_soon_threadsafe(function, *arguments, context=contextvars.Context())


def is_heard(room: str) -> bool:
    """Whether anybody in this process is in `room`; from any thread. Who joins later takes her snapshot later still."""
    return room in hub.rooms
