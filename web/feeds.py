"""Calendar feeds, as programs fetch them: no cookie, no login, 304 when nothing changed.

Here Django answers; `web.feedlane` answers before it whatever was answered here and has not changed since.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils import translation
from django.utils.cache import get_conditional_response
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from seminars import keys
from seminars.models import CalendarKey
from seminars.moments import now
from seminars.queries import calendars, scopes
from seminars.queries.scopes import PUBLIC, Scope
from seminars.vocabulary import Language
from web.access import asks
from web.headers import VARIES_ONLY
from web.keptfeeds import Address, Kept, keep, store, takes_gzip

TICKET = "viso.feed"
"""Key of an ASGI scope under which the lane leaves a list, for what is answered to be put in."""
NOTED_EVERY = timedelta(hours=1)
MOST_BUILDS = 3
ABSENT = gettext_lazy("There is no calendar at this address.")
REVOKED = gettext_lazy("This calendar address has been revoked.")
EXPIRED = gettext_lazy(
    "This calendar address has expired. Whoever made it can renew it on the page of calendars."
)


def _told(status: int, words: Promise) -> HttpResponse:
    """An answer for a program, and whoever looks over its shoulder, in both languages: no page, so no cookie either."""
    tongues, lines = (Language.FRENCH, Language.ITALIAN), []
    for tongue in tongues:
        with translation.override(tongue):
            lines.append(f"{words}\n")
    response = HttpResponse("".join(lines), status=status, content_type="text/plain; charset=utf-8")
    response.headers["Content-Language"] = ", ".join(tongues)
    response.headers["Cache-Control"] = "no-store"
    response.headers[VARIES_ONLY] = "Accept-Encoding"
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _note_use(key: CalendarKey) -> datetime:
    """When it was last fetched, so that its owner can tell keys apart; to the hour, since feeds are fetched all day.
    Returns when it is to be noted again."""
    present, noted = now(), key.last_used_at
    if noted is None or noted <= present - NOTED_EVERY:
        CalendarKey.objects.filter(pk=key.pk).update(last_used_at=present)
        noted = present
    return noted + NOTED_EVERY


def _kept(address: Address, version: int | None, scope: Scope, find: Callable[[], Scope]) -> Kept:
    """The feed of today. `version` was read before `scope`: whatever changes later changes that too. `find` reads
    the scope once more."""
    found = store.get(address)
    if found is not None and found.is_right(version, now()):
        return found
    with store.builder(address):
        found = store.get(address)  # whoever was before us may have built it
        if found is not None and found.is_right(version, now()):
            return found
        for _ in range(MOST_BUILDS):  # again where something changed in the midst of reading
            made = keep(address, scope.language, version, calendars.feed(scope))
            before, version = version, calendars.feed_version(address.name)
            if before == version:
                break
            scope = find()
        if made.version is not None:
            store.put(address, made)
    return made


def _answer(request: HttpRequest, address: Address, kept: Kept) -> HttpResponse:
    form = kept.packed if takes_gzip(request.headers.get("Accept-Encoding", "")) else kept.plain
    response = get_conditional_response(request, etag=form.etag, last_modified=kept.modified)
    if response is None:
        response = HttpResponse(form.body)
    if response.status_code in form.headers:
        for name, value in form.headers[response.status_code]:
            response.headers[VARIES_ONLY if name == "Vary" else name] = value
        ticket: list[Kept] = getattr(request, "scope", {}).get(TICKET, [])
        ticket.append(kept)
    return response


def _key_of(name: str) -> CalendarKey | None:
    return CalendarKey.objects.select_related("person").filter(key_hash=name).first()


def _shut(key: CalendarKey | None) -> HttpResponse | None:
    """Why a key opens nothing: an unknown one is 404; one that is revoked or over, or of somebody who is out, 410."""
    if key is None:
        return _told(404, ABSENT)
    if key.revoked_at is not None or not key.person.is_active:
        return _told(410, REVOKED)
    return _told(410, EXPIRED) if scopes.has_expired(key, now()) else None


@asks("seminars.read_feed")
@require_safe
def feed(request: HttpRequest, key: str) -> HttpResponse:
    """A person's own sessions, as far as its key goes."""
    address = Address(keys.digest(key))
    version, found = calendars.feed_version(address.name), _key_of(address.name)
    shut = _shut(found)
    if found is None or shut is not None:
        store.drop(address)
        return shut or _told(404, ABSENT)
    again, scope = _note_use(found), scopes.of_key(found)
    kept = _kept(address, version, scope, lambda: scopes.of_key(_key_of(address.name) or found))
    kept.asks_again = again
    return _answer(request, address, kept)


@asks("seminars.read_feed")
@require_safe
def public(request: HttpRequest, language: str, by: str = "", key: str = "") -> HttpResponse:
    """What is public of the programme, all of it or a part: no names, no way into a room."""
    if language not in dict(settings.LANGUAGES):
        return _told(404, ABSENT)
    address = Address(PUBLIC, language, (by, key) if by else ())
    version = calendars.feed_version(address.name)
    scope = scopes.of_part(language, by, key) if by else scopes.of_everybody(language)
    if scope is None:
        return _told(404, ABSENT)
    return _answer(request, address, _kept(address, version, scope, lambda: scope))


routes = [
    path("calendar/public/<str:language>.ics", public, name="calendar-public"),
    path("calendar/public/<str:language>/<slug:by>/<slug:key>.ics", public, name="calendar-public-part"),
    path("calendar/<str:key>.ics", feed, name="calendar-feed"),
]
