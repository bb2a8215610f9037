"""How often somebody may try: counts that all processes share, each for a window that begins with its first."""

import time
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address, ip_network

from django.core.cache import BaseCache, caches

SHARED_PREFIX = 64
"""Bits of an IPv6 address that one household or one machine has all of the rest of."""


def network_of(seen: str, forwarded: str, proxies: int) -> str:
    """Where somebody asks from: the address that the outermost of our `proxies` proxies saw, else the socket's.

    `seen` is the socket's address, `forwarded` the whole of X-Forwarded-For. Whatever a client writes into that header
    itself stands further left and is never read.
    """
    if proxies:
        passed = [part.strip() for part in forwarded.split(",")]
        seen = _without_port(passed[-min(proxies, len(passed))]) or seen
    try:
        address = ip_address(seen)
    except ValueError:
        return "unknown"
    if isinstance(address, IPv6Address):
        return str(address.ipv4_mapped or ip_network((address, SHARED_PREFIX), strict=False))
    return str(address)


def _without_port(entry: str) -> str:
    """Some proxies add the port, `192.0.2.1:4711` or `[2001:db8::1]:4711`: each connection would count apart, or all
    as one unknown."""
    if entry.startswith("["):
        return entry[1:].partition("]")[0]
    address, _colon, port = entry.partition(":")
    return address if port.isdigit() and "." in address else entry


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` in `seconds` for each `who`, which is a network or the number of a row, never a word of a person.

    Redis that is away changes only that each process counts for itself: see CACHES["shared"].
    """

    name: str
    most: int
    seconds: int

    def count(self, who: str) -> int:
        """One more; how many there are."""
        key, shared = self._key(who), _shared()
        if shared.add(key, 1, self.seconds):
            shared.set(f"{key}:until", int(time.time()) + self.seconds, self.seconds)
            return 1
        try:
            number = shared.incr(key)
        except ValueError:  # it ran out between the two calls
            shared.add(key, 1, self.seconds)
            return 1
        if number == 1:  # Redis: it ran out a little later still, and would now stay for ever
            shared.touch(key, self.seconds)
        return number

    def wait(self, who: str) -> int:
        """Seconds until the next may be; 0: now."""
        key = self._key(who)
        found = _shared().get_many([key, f"{key}:until"])
        if found.get(key, 0) < self.most:
            return 0
        left = int(found.get(f"{key}:until", 0) - time.time()) + 1
        return min(max(1, left), self.seconds)

    def take(self, who: str) -> int:
        """Counts one more; 0 if it may be, else the seconds until the next may."""
        if self.count(who) <= self.most:
            return 0
        return self.wait(who) or 1

    def _key(self, who: str) -> str:
        return f"limit:{self.name}:{who}"


def _shared() -> BaseCache:
    return caches["shared"]
