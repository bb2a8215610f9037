"""One session as a file for a calendar program: what everybody may see, or with the reader's own way to the room.

To look changes nothing: no answer, no presence, no cookie. The file has the UID and SEQUENCE of letters and feeds, so
that a program which knows the session replaces its entry.
"""

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.cache import patch_cache_control
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from seminars import saying
from seminars.models import Invitation, Session
from seminars.permissions import allows
from seminars.queries import calendars
from seminars.vocabulary import State
from web.access import asker, asks, invitation_of, session_of


def planned_session_of(request: HttpRequest, code: str) -> Session | None:
    """A draft is in no calendar, not even its trainer's."""
    found = session_of(request, code)
    return None if found is None or found.state == State.DRAFT else found


def _file(body: bytes, session: Session, language: str) -> HttpResponse:
    response = HttpResponse(body, content_type="text/calendar; charset=utf-8")
    response.headers["Content-Disposition"] = f'inline; filename="viso-{session.code}.ics"'
    response.headers["Content-Language"] = language
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers["Referrer-Policy"] = "no-referrer"
    patch_cache_control(response, no_cache=True)
    return response


@asks("seminars.read_file", planned_session_of)
@require_safe
def session_file(request: HttpRequest, session: Session, code: str) -> HttpResponse:
    """In the reader's language; its members find the way to the room in it."""
    language = saying.plain(get_language() or "")
    actor = asker(request)
    member = actor.person if allows("seminars.enter_room", actor, session) else None
    return _file(calendars.file_of(session, language, member), session, language)


@asks("seminars.open_invitation", invitation_of)
@require_safe
def invitation_file(request: HttpRequest, invitation: Invitation, token: str) -> HttpResponse:
    """In her language, with the links of her letter: for her own calendar."""
    return _file(calendars.file_for(invitation), invitation.session, invitation.person.language)


routes = [
    path("sessions/<str:code>/session.ics", session_file, name="session-file"),
    path("i/<str:token>/session.ics", invitation_file, name="invitation-file"),
]
