"""How often one network address may fail before its tries wait; good tries never count: a training room shares one."""

from ipaddress import IPv6Address, ip_address, ip_network

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest

FAILURES = 20
REQUESTS = 100
"""Mails asked for, whether the address is known or not: counting the unknown ones apart would tell which they are."""
WINDOW_SECONDS = 15 * 60
SHARED_PREFIX = 64
"""Bits of an IPv6 address that one household or one machine has all of the rest of."""


def network_of(request: HttpRequest) -> str:
    """Where a request comes from: the address that the outermost of our NUM_PROXIES proxies saw, else the socket's.

    Whatever a client writes into X-Forwarded-For itself stands further left and is never read.
    """
    seen = request.META.get("REMOTE_ADDR", "")
    if settings.NUM_PROXIES:
        passed = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")]
        seen = passed[-min(settings.NUM_PROXIES, len(passed))] or seen
    try:
        address = ip_address(seen)
    except ValueError:
        return "unknown"
    if isinstance(address, IPv6Address):
        return str(address.ipv4_mapped or ip_network((address, SHARED_PREFIX), strict=False))
    return str(address)


def _key(request: HttpRequest, what: str) -> str:
    return f"limit:{what}:{network_of(request)}"


def count(request: HttpRequest, what: str = "failure") -> None:
    """One more; the window begins with the first."""
    key = _key(request, what)
    if not cache.add(key, 1, WINDOW_SECONDS):
        try:
            cache.incr(key)
        except ValueError:  # it ran out between the two calls
            cache.add(key, 1, WINDOW_SECONDS)


def is_over(request: HttpRequest, what: str = "failure", most: int = FAILURES) -> bool:
    return int(cache.get(_key(request, what), 0)) >= most
