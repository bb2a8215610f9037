"""How often one network address may fail before its tries wait; good tries never count: a training room shares one."""

from django.conf import settings
from django.http import HttpRequest

from seminars import limits
from seminars.limits import Limit

WINDOW_SECONDS = 15 * 60
FAILURES = Limit("failure", 20, WINDOW_SECONDS)
MAILS = Limit("mail", 100, WINDOW_SECONDS)
"""Mails asked for, whether the address is known or not: counting the unknown ones apart would tell which they are."""


def network_of(request: HttpRequest) -> str:
    meta = request.META
    return limits.network_of(
        meta.get("REMOTE_ADDR", ""), meta.get("HTTP_X_FORWARDED_FOR", ""), settings.NUM_PROXIES
    )


def count(request: HttpRequest, limit: Limit = FAILURES) -> None:
    limit.count(network_of(request))


def wait(request: HttpRequest, limit: Limit = FAILURES) -> int:
    """Seconds until this network may try again; 0: now."""
    return limit.wait(network_of(request))
