"""The door of the room: the code of the wall opens it, and whoever guesses at one waits.

The code is tried first: whoever stands in the room comes in, whatever others of her network have typed. One that this
room has shown before is no guess. Only far beyond what hands type is nothing tried any more.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from seminars import keys
from seminars.actions import room_codes
from seminars.errors import Refused
from seminars.limits import Limit
from seminars.models import Session
from seminars.moments import now
from web import errors, limits
from web.access import asker
from web.forms.refusing import refuse
from web.forms.signing import RoomCodeForm

GUESSES = Limit("room-code", 30, limits.WINDOW_SECONDS)
"""Codes that open nothing, of one network."""
TRIES = Limit("room-code-browser", 10, limits.WINDOW_SECONDS)
"""The same of one browser, which then counts against its network no more."""
WALL = Limit("room-code-wall", 300, limits.WINDOW_SECONDS)
"""The same of one person who is known here, or of one network's unknown: from there on a right one opens nothing."""
HERE = "here"
HERE_SECONDS = 15 * 60
"""Whoever opened the page by a good code may fill its form in peace."""
Stale = Callable[[Session], HttpResponse | None]


def _find(code: str, typed: str) -> Session | None:
    """The session whose room shows this code, of all or of one."""
    if not code:
        try:
            return room_codes.find(typed)
        except Refused:
            return None
    session = _session(code)
    is_right = session is not None and room_codes.accepts(session, typed) and room_codes.is_shown(session)
    return session if is_right else None


def _session(code: str) -> Session | None:
    return Session.objects.select_related("activity", "host").filter(code=code).first()


def tried(request: HttpRequest, code: str, typed: str) -> Session | HttpResponse:
    """What a code opens now, else the answer to it."""
    wait = WALL.wait(_who(request))
    session = None if wait else _find(code, typed)
    if session is not None:
        return session
    if wait := wait or _guessed(request, code, typed):
        return errors.too_often(request, wait)
    return page(request, code, wrong(typed))


def opened(request: HttpRequest, code: str, room_code: str, stale: Stale) -> Session | HttpResponse:
    """By a code that is right now, typed anew or in the address, or that this browser brought while it was. Where the
    address has one that was right once, `stale` says what becomes of the form that came with it."""
    typed, wait = request.POST.get("room_code") or room_code, WALL.wait(_who(request))
    session = None if wait else _find(code, typed)
    if session is not None:
        request.session[HERE] = [session.code, int(now().timestamp())]
        return session
    kept, at = request.session.get(HERE) or ("", 0)
    if kept == code and 0 <= now().timestamp() - at < HERE_SECONDS and (session := _session(code)):
        return session
    if wait := wait or _guessed(request, code, typed):
        return errors.too_often(request, wait)
    session = was_right(code, room_code) if request.method == "POST" else None
    again = stale(session) if session is not None else None
    return again or page(request, code, wrong(typed))


def wrong(typed: str) -> RoomCodeForm:
    form = RoomCodeForm({"room_code": typed})
    form.is_valid()
    refuse(form, Refused("room_code_wrong", field="room_code"))
    return form


def was_right(code: str, typed: str) -> Session | None:
    session = _session(code) if code else None
    return session if session is not None and room_codes.was_shown(session, typed) else None


def _who(request: HttpRequest) -> str:
    person = asker(request).person
    return f"person-{person.pk}" if person else limits.network_of(request)


def _guessed(request: HttpRequest, code: str, typed: str) -> int:
    """Counts a code that this room has never shown; the seconds to wait where it was one too many."""
    if was_right(code, typed):
        return 0
    WALL.count(_who(request))
    browser = request.session.session_key
    if browser and (wait := TRIES.take(keys.digest(browser))):
        return wait
    if wait := limits.wait(request, GUESSES):
        return wait
    limits.count(request, GUESSES)
    return 0


def page(request: HttpRequest, code: str, form: RoomCodeForm | None = None) -> HttpResponse:
    """Where the code is typed; it tells nothing of any session."""
    form = form or RoomCodeForm()
    action = reverse("here", args=[code]) if code else reverse("here-any")
    context = {"form": form, "action": action}
    return render(request, "signing/here.html", context, status=422 if form.errors else 200)
