"""The page that a host shows in the room: the code and its square, renewed each minute, without a script too."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from segno import make_qr

from seminars import addresses
from seminars.actions import room_codes
from seminars.errors import Refused
from seminars.models import Session
from seminars.moments import now
from seminars.vocabulary import Mode
from web.access import asks, session_of
from web.forms.refusing import words
from web.sheet import both


def square(address: str) -> SafeString:
    """A QR code as SVG within the page, as wide as its place: dark on light whatever the page's look, no style."""
    code = make_qr(address, error="m")
    drawn = code.svg_inline(border=4, dark="#000", light="#fff", omitsize=True, svgclass=None, lineclass=None)
    return mark_safe(drawn)  # drawn by us from an address of ours


@asks("seminars.show_code", session_of)
@never_cache
@require_safe
def code_page(request: HttpRequest, session: Session, code: str) -> HttpResponse:
    """Full screen, for a wall; reloads itself when the next code comes."""
    at = now()
    is_online = session.mode == Mode.ONLINE
    is_shown = room_codes.is_shown(session, at) and not is_online
    word = room_codes.code_of(session, at)
    address = escape(addresses.here().partition("://")[2])

    def instruction(_tongue: str) -> SafeString:
        said = _("Scan the square, or type this code at <strong>%(address)s</strong>")
        return mark_safe(said % {"address": address})  # our words, and our address escaped

    left = max(1, int((room_codes.renewed_at(at) - at).total_seconds()) + 1)
    context = {
        "session": session,
        "is_shown": is_shown,
        "no_room": words(Refused("not_on_site")) if is_online else "",
        "from_at": None if is_shown else room_codes.shown_from(session, at),
        "word": word.upper() if is_shown else "",
        "spelt": " ".join(word.upper()) if is_shown else "",
        "square": square(addresses.here_code(session.code, word)) if is_shown else "",
        "instruction": both(instruction),
        "seconds": left if is_shown else 60,
    }
    return render(request, "signing/code.html", context)


routes = [path("sessions/<str:code>/code/", code_page, name="session-code")]
