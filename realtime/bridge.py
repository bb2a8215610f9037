"""The only crossing between threads and the server's loop: acts go out to a thread, what happened comes in."""

import asyncio
import contextlib
import contextvars
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

from channels.db import database_sync_to_async
from django.db import close_old_connections

from .hub import hub

Answer = TypeVar("Answer")
beside = ThreadPoolExecutor(max_workers=1, thread_name_prefix="audiences")
"""Where changes are read for their audiences: no action waits for those who look on."""


async def act(function: Callable[..., Answer], **arguments: object) -> Answer:
    """Runs an action or query in the database thread and gives its answer.

    Old connections are closed before and after. Raises what `function` raises.
    """
    return await database_sync_to_async(function)(**arguments)


def look(function: Callable[..., Answer], *arguments: object) -> "asyncio.Future[Answer]":
    """Runs a query in a thread of its own, beside the actions; from the server's loop. Fails as `function` fails."""
    call = partial(_look, function, *arguments)
    return asyncio.get_running_loop().run_in_executor(beside, call)


def _look(function: Callable[..., Answer], *arguments: object) -> Answer:
    close_old_connections()
    try:
        return function(*arguments)
    finally:
        close_old_connections()


def soon(function: Callable[..., None], *arguments: object) -> None:
    """Has the server's loop call `function` soon; from any thread. Without a server nothing happens.

    Never waits and never raises; the order is that of one thread's calls. In a context of its own: the
    caller's may hold the database thread, which `act` would then wait for.
    """
    if hub.loop is not None:
        with contextlib.suppress(RuntimeError):  # the loop has closed, and its sockets with it
            hub.loop.call_soon_threadsafe(function, *arguments, context=contextvars.Context())


def is_heard(room: str) -> bool:
    """Whether anybody in this process is in `room`; from any thread. Who joins later takes her snapshot later still."""
    return room in hub.rooms
