"""Calendar feeds, as programs fetch them: no cookie, no login, 304 when nothing changed."""

import gzip
from datetime import timedelta
from hashlib import sha256

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils import translation
from django.utils.cache import get_conditional_response
from django.utils.functional import Promise
from django.utils.http import http_date
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from seminars import keys
from seminars.models import CalendarKey
from seminars.moments import now
from seminars.queries import calendars
from seminars.queries.calendars import Scope, Version
from seminars.vocabulary import Language
from web.access import asks
from web.headers import VARIES_ONLY

KEPT_SECONDS = 600
NOTED_EVERY = timedelta(hours=1)
ABSENT = gettext_lazy("There is no calendar at this address.")
REVOKED = gettext_lazy("This calendar address has been revoked.")


def _told(status: int, words: Promise) -> HttpResponse:
    """An answer for a program, and whoever looks over its shoulder, in both languages: no page, so no cookie either."""
    tongues, lines = (Language.FRENCH, Language.ITALIAN), []
    for tongue in tongues:
        with translation.override(tongue):
            lines.append(f"{words}\n")
    response = HttpResponse("".join(lines), status=status, content_type="text/plain; charset=utf-8")
    response.headers["Content-Language"] = ", ".join(tongues)
    response.headers["Cache-Control"] = "no-store"
    return _sheltered(response)


def _sheltered(response: HttpResponse) -> HttpResponse:
    response.headers[VARIES_ONLY] = "Accept-Encoding"
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _note_use(key: CalendarKey) -> None:
    """When it was last fetched, so that its owner can tell keys apart; to the hour, since feeds are fetched all day."""
    present = now()
    if key.last_used_at is None or key.last_used_at <= present - NOTED_EVERY:
        CalendarKey.objects.filter(pk=key.pk).update(last_used_at=present)


def _kept(scope: Scope, version: Version) -> tuple[str, bytes]:
    """Digest of the feed's bytes, and the bytes packed; made once for each version."""
    place = f"feed:{scope.name}:{scope.language}:{version.mark}"
    found: tuple[str, bytes] | None = cache.get(place)
    if found is None:
        body = calendars.feed(scope, version)
        found = sha256(body).hexdigest()[:32], gzip.compress(body, 6, mtime=0)
        cache.set(place, found, KEPT_SECONDS)
    return found


def _takes_gzip(request: HttpRequest) -> bool:
    wishes = request.headers.get("Accept-Encoding", "").replace(" ", "").lower().split(",")
    return any(wish.split(";")[0] == "gzip" and not wish.endswith((";q=0", ";q=0.0")) for wish in wishes)


def _answer(request: HttpRequest, scope: Scope, name: str) -> HttpResponse:
    version = calendars.feed_version(scope)
    digest, packed = _kept(scope, version)
    is_packed = _takes_gzip(request)
    etag = f'"{digest}-gzip"' if is_packed else f'"{digest}"'
    modified = int(version.modified.timestamp())
    response = get_conditional_response(request, etag=etag, last_modified=modified)
    if response is None:
        body = packed if is_packed else gzip.decompress(packed)
        response = HttpResponse(body, content_type="text/calendar; charset=utf-8")
        response.headers["Content-Disposition"] = f'inline; filename="{name}.ics"'
        if is_packed:
            response.headers["Content-Encoding"] = "gzip"
    response.headers["ETag"] = etag
    if modified:
        response.headers["Last-Modified"] = http_date(modified)
    response.headers["Content-Language"] = scope.language
    response.headers["Cache-Control"] = f"{'private' if scope.person else 'public'}, max-age=300"
    return _sheltered(response)


@asks("seminars.read_feed")
@require_safe
def feed(request: HttpRequest, key: str) -> HttpResponse:
    """A person's own sessions. An unknown key is 404; a revoked one, or one of somebody who is out, 410."""
    found = CalendarKey.objects.select_related("person").filter(key_hash=keys.digest(key)).first()
    if found is None:
        return _told(404, ABSENT)
    if found.revoked_at is not None or not found.person.is_active:
        return _told(410, REVOKED)
    _note_use(found)
    return _answer(request, calendars.of_person(found.person), "viso")


@asks("seminars.read_feed")
@require_safe
def public(request: HttpRequest, language: str) -> HttpResponse:
    """What is public of the programme: no names, no way into a room."""
    if language not in dict(settings.LANGUAGES):
        return _told(404, ABSENT)
    return _answer(request, calendars.of_everybody(language), f"viso-{language}")


routes = [
    path("calendar/public/<str:language>.ics", public, name="calendar-public"),
    path("calendar/<str:key>.ics", feed, name="calendar-feed"),
]
