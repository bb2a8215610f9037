"""Ends what was left open: a session lasts 12 hours from signing in, and 3 hours without a request."""

import time
from collections.abc import Callable
from typing import Any

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse

from seminars.facts import AccessRevoked, announce

LONGEST_SECONDS = 12 * 3600
IDLE_SECONDS = 3 * 3600
NOTED_EVERY_SECONDS = 300
"""So that most requests write nothing."""
BEGAN, SEEN = "began", "seen"


def start(session: Any) -> None:
    """At signing in. Real seconds, not the clock that a test moves: this is about the browser, not about a seminar."""
    session[BEGAN] = session[SEEN] = int(time.time())


def is_over(session: Any, present: float) -> bool:
    return bool(present - session[BEGAN] >= LONGEST_SECONDS or present - session[SEEN] >= IDLE_SECONDS)


def leave(request: HttpRequest) -> None:
    """Ends this browser's session, and its open sockets at once; she stays where another browser knows her."""
    person = request.user.pk
    logout(request)
    if person is not None:
        announce(AccessRevoked(person))


class EndsIdleSessions:
    """After Django's authentication, before the actor is named."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            self._mind(request)
        return self.get_response(request)

    def _mind(self, request: HttpRequest) -> None:
        session, present = request.session, time.time()
        if BEGAN not in session or SEEN not in session:
            start(session)
        elif is_over(session, present):
            leave(request)
        elif present - session[SEEN] >= NOTED_EVERY_SECONDS:
            session[SEEN] = int(present)
