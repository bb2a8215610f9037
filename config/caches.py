"""The cache that all processes share: Redis while it answers, the own memory of each process while it does not."""

import logging
import time
from collections.abc import Callable
from typing import Any

from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

log = logging.getLogger(__name__)
REST_SECONDS = 5.0
"""So long nobody knocks again: a request must not wait for a server that does not answer, and the next neither."""


class Line:
    """The way to one Redis, of the whole process: under ASGI each request has a cache object of its own."""

    def __init__(self, server: str, options: dict[str, Any]) -> None:
        again = {"retry": Retry(NoBackoff(), 1)}  # a connection that was kept over a restart fails once
        self.client = RedisCacheClient([server], **(again | options))
        self.resumes: float | None = None

    @property
    def is_open(self) -> bool:
        return self.resumes is None or time.monotonic() >= self.resumes

    def lost(self, fault: Exception) -> None:
        if self.resumes is None:
            log.warning("Redis is away (%s): each process counts by itself meanwhile", type(fault).__name__)
        self.resumes = time.monotonic() + REST_SECONDS

    def found(self) -> None:
        if self.resumes is not None:
            self.resumes = None
            log.warning("Redis is back")


LINES: dict[str, Line] = {}
MOST_ENTRIES = 100_000
"""Of the own memory, as in settings: a third is dropped beyond, and the limits that were counted there."""


def _either(name: str) -> Callable[..., Any]:
    """A method of the cache: on Redis, else in memory. Never raises for a Redis that is away."""
    there, here = getattr(RedisCache, name), getattr(LocMemCache, name)

    def call(self: "SharedCache", *arguments: Any, **options: Any) -> Any:
        if self.line.is_open:
            try:
                answer = there(self, *arguments, **options)
            except (RedisError, OSError) as fault:
                self.line.lost(fault)
            else:
                self.line.found()
                return answer
        return here(self.own, *arguments, **options)

    return call


class SharedCache(RedisCache):
    """Counts made while Redis is away are not added later: a limit may then bite once per process, never too early."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self.own = LocMemCache("shared-while-away", params | {"OPTIONS": {"MAX_ENTRIES": MOST_ENTRIES}})
        if server not in LINES:
            LINES[server] = Line(server, params.get("OPTIONS", {}))
        self.line = LINES[server]

    @property
    def _cache(self) -> RedisCacheClient:
        return self.line.client

    add = _either("add")
    get = _either("get")
    set = _either("set")
    touch = _either("touch")
    delete = _either("delete")
    get_many = _either("get_many")
    has_key = _either("has_key")
    incr = _either("incr")
    set_many = _either("set_many")
    delete_many = _either("delete_many")

    def clear(self) -> None:
        """Only what is ours: the server may be shared with the live layer and with other installations."""
        self.own.clear()
        if not self.line.is_open:
            return
        try:
            client = self.line.client.get_client(None, write=True)
            for key in client.scan_iter(match=f"{self.key_prefix}:*"):
                client.delete(key)
        except (RedisError, OSError) as fault:
            self.line.lost(fault)
