"""Facts cross from one process to the others by Redis: what happened and to whom by number, never a word of it.

One channel of the layer for each process, in one group, from its first live screen on. A fact may get lost on the
way: whoever missed its number finds out (`realtime.ticks`), so that Redis decides how soon, never whether.
"""

import asyncio
import contextlib
import logging
import os
import time
import uuid
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import asdict
from functools import cache
from typing import Any

from channels.layers import get_channel_layer
from django.conf import settings
from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

from realtime.hub import hub
from seminars.facts import (
    AccessRevoked,
    AnswerChanged,
    CheckAnswered,
    CheckAsked,
    Fact,
    HandChanged,
    InspectorSeen,
    MessagePublished,
    PresenceChanged,
    PulseTaken,
    SessionChanged,
)

log = logging.getLogger(__name__)
GROUP = "facts"
BOOT = uuid.uuid4().hex
PATIENCE = 1.0
"""Seconds that one message may take; whoever announces waits at most half of it, and only without a loop."""
REST = 1.0
"""Seconds without a try after two that failed."""
MOST_OWED = 1000
"""Revocations that wait for Redis; of what is beyond, others find out by the watch."""
KINDS: dict[str, type[Fact] | type[AccessRevoked]] = {
    kind.__name__: kind
    for kind in (
        SessionChanged,
        PresenceChanged,
        AnswerChanged,
        PulseTaken,
        HandChanged,
        MessagePublished,
        CheckAsked,
        CheckAnswered,
        InspectorSeen,
        AccessRevoked,
    )
}

Message = dict[str, Any]
Hear = Callable[[Fact | AccessRevoked], None]


def me() -> str:
    """This process among all that share the Redis; a child of a fork is another one."""
    return f"{BOOT}.{os.getpid()}"


def packed(fact: Fact | AccessRevoked) -> Message:
    return {"type": "fact", "from": me(), "kind": type(fact).__name__, "body": asdict(fact)}


def unpacked(message: Message) -> Fact | AccessRevoked:
    """A kind or a field that only a newer process knows makes a bare Fact, which means: anything may have changed.

    Raises KeyError, TypeError where there is no fact in it.
    """
    body: Message = {
        name: tuple(value) if isinstance(value, list) else value for name, value in message["body"].items()
    }
    try:
        return KINDS[message["kind"]](**body)
    except (KeyError, TypeError):
        return Fact(int(body["session_id"]), int(body["seq"]))


@cache
def _client(address: str) -> Redis:
    quarter = PATIENCE / 4
    return Redis.from_url(
        address, socket_connect_timeout=quarter, socket_timeout=quarter, retry=Retry(NoBackoff(), 1)
    )


class Relay:
    """The way out, from any thread, and the way in, on the server's loop."""

    def __init__(self) -> None:
        self.resting_until = 0.0
        self.pumping: asyncio.Task[None] | None = None
        self.loop: asyncio.AbstractEventLoop | None = None
        self.channel = ""
        self.owed: deque[Message] = deque(maxlen=MOST_OWED)
        self.paying: asyncio.Task[None] | None = None

    def publish(self, fact: Fact | AccessRevoked) -> None:
        """Tells the other processes; from any thread. Never raises; waits for nothing where a server runs."""
        if not settings.REDIS_URL:
            return
        message = packed(fact)
        if self.is_resting:
            return self.owe(message)
        for each in (*self.dues(), message):
            self.say(each)

    def say(self, message: Message) -> None:
        try:
            if hub.loop is not None and not hub.loop.is_closed():
                asyncio.run_coroutine_threadsafe(self.send(message), hub.loop)
            else:
                self.send_from_here(message)
        except (RuntimeError, RedisError, OSError) as fault:
            self.rest(fault)
            self.owe(message)

    @property
    def is_resting(self) -> bool:
        return time.monotonic() < self.resting_until

    def owe(self, message: Message) -> None:
        """A revocation has no number that others could miss: it is said again until it could be said."""
        if message["kind"] != AccessRevoked.__name__:
            return
        self.owed.append(message)
        if hub.loop is not None:
            with contextlib.suppress(RuntimeError):  # the loop has closed: the next message takes it along
                hub.loop.call_soon_threadsafe(self.remind)

    def remind(self) -> None:
        loop = asyncio.get_running_loop()
        if self.paying is None or self.paying.done() or self.paying.get_loop() is not loop:
            self.paying = loop.create_task(self.pay())

    async def pay(self) -> None:
        while self.owed:
            await asyncio.sleep(REST)
            for message in self.dues():
                await self.send(message)

    def dues(self) -> Iterator[Message]:
        """What is owed, as long as it can be said."""
        while self.owed and not self.is_resting:
            with contextlib.suppress(IndexError):  # another thread was faster
                yield self.owed.popleft()

    async def send(self, message: Message) -> None:
        """Twice, since the first one after a short absence of Redis fails; then others find the number missing."""
        layer = get_channel_layer()
        try:
            try:
                await asyncio.wait_for(layer.group_send(GROUP, message), PATIENCE)
            except (RedisError, OSError):  # a time-out is an OSError too
                await asyncio.wait_for(layer.group_send(GROUP, message), PATIENCE)
        except Exception as fault:
            self.rest(fault)
            self.owe(message)

    def send_from_here(self, message: Message) -> None:
        """Where no loop runs (a worker, a shell, a server without a screen): straight to the group's channel."""
        data = get_channel_layer().serialize(message)
        _client(settings.REDIS_URL).publish(f"{settings.REDIS_PREFIX}__group__{GROUP}", data)

    def rest(self, fault: Exception) -> None:
        self.resting_until = time.monotonic() + REST
        log.warning("other processes were not told and will find out by themselves: %r", fault)

    def listen(self, hear: Hear, joined: Callable[[], Awaitable[None]]) -> None:
        """Hears the other processes from now on; `joined` runs each time that facts may have been missed before."""
        if not settings.REDIS_URL:
            return
        loop = asyncio.get_running_loop()
        if self.loop is not loop or self.pumping is None or self.pumping.done():
            self.loop, self.pumping = loop, loop.create_task(self.pump(hear, joined))

    async def pump(self, hear: Hear, joined: Callable[[], Awaitable[None]]) -> None:
        """Never ends while the server runs."""
        while True:
            try:
                layer = get_channel_layer()
                self.channel = await layer.new_channel()
                await layer.group_add(GROUP, self.channel)
                await joined()
                while True:
                    await self.receive(hear)
            except Exception as fault:
                log.warning("other processes are not heard, trying again: %r", fault)
                await self.let_go()
                await asyncio.sleep(REST)

    async def receive(self, hear: Hear) -> None:
        """The next message; one that cannot be decoded costs itself only."""
        try:
            message = await get_channel_layer().receive(self.channel)
        except (ValueError, TypeError) as fault:
            log.warning("a message in the group of facts was none: %r", fault)
        else:
            self.take(message, hear)

    async def let_go(self) -> None:
        """Leaves no channel behind that nobody reads: the layer, which is the relay's alone, begins anew."""
        self.channel = ""
        try:
            await asyncio.wait_for(get_channel_layer().flush(), PATIENCE)
        except Exception as fault:
            log.warning("the layer could not be emptied: %r", fault)

    def take(self, message: Message, hear: Hear) -> None:
        """Own facts were told already, without Redis. What is no fact is logged."""
        if message.get("from") == me():
            return
        try:
            hear(unpacked(message))
        except Exception:
            log.exception("a message of another process was not understood")

    async def rejoin(self) -> None:
        """Once more into the group, which a layer may have forgotten. Never raises."""
        if self.channel and settings.REDIS_URL and self.loop is asyncio.get_running_loop():
            try:
                await asyncio.wait_for(get_channel_layer().group_add(GROUP, self.channel), PATIENCE)
            except Exception as fault:
                log.warning("the group of facts could not be joined again: %r", fault)


relay = Relay()
