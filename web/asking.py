"""Gives each request a number that its log lines and its answer carry, and writes one line when it is answered."""

import logging
import re
import secrets
import time
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from seminars import trace

log = logging.getLogger(__name__)
HEADER = "X-Request-ID"
GIVEN = re.compile(r"[A-Za-z0-9-]{8,36}")
SESSION = re.compile(r"/(?:api/)?sessions/([a-z0-9]{12})(?:/|$)")
QUIET = "/health/"
FEED = ".ics"
"""A feed's headers are the same, byte for byte, whether Django or the lane before it answers."""


def number_of(request: HttpRequest) -> str:
    """A trusted proxy's own number, so that its log and ours meet; else a new one: nobody else may choose."""
    given = request.headers.get(HEADER, "") if settings.NUM_PROXIES else ""
    return given if GIVEN.fullmatch(given) else secrets.token_hex(8)


class Asking:
    """Outermost of what runs in the request's own thread. It is plain code, since an async hook would cost a change of
    thread; whatever goes wrong further in comes out as a response."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began, number, found = time.perf_counter(), number_of(request), SESSION.match(request.path)
        trace.begin(request=number, session=found[1] if found else "")
        response = self.get_response(request)
        if not request.path.endswith(FEED):
            response.headers[HEADER] = number
        if not request.path.startswith(QUIET):
            _note(request, response, (time.perf_counter() - began) * 1000)
        return response


def _note(request: HttpRequest, response: HttpResponse, ms: float) -> None:
    """The path without its query, in which people search for people."""
    if log.isEnabledFor(logging.INFO):
        facts = {
            "method": request.method,
            "path": request.path,
            "status": response.status_code,
            "ms": round(ms, 1),
        }
        log.info(
            "%s %s %s %.0f ms", request.method, request.path, response.status_code, ms, extra={"facts": facts}
        )
