"""What a companion page asks while it is open, without a socket too: presence, pulse, hand, leaving, the state."""

import uuid
from datetime import timedelta

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from seminars import saying
from seminars.actions import attendance, checks, feedback, rooms
from seminars.errors import Refused
from seminars.limits import Limit
from seminars.models import Lease, Session
from seminars.moments import instant
from seminars.permissions import allows
from seminars.queries import live
from web import presence as replays
from web.access import asker, asks, person_of, session_of
from web.checks import answered_words
from web.forms.refusing import words
from web.posting import answers_form

TAPS = Limit("tap", 30, 60)
"""Pulses and hands of one person in one session."""


def key_of(request: HttpRequest, name: str) -> uuid.UUID:
    """An id that the page made, or a new one where no script runs."""
    try:
        return uuid.UUID(request.POST.get(name, ""))
    except ValueError:
        return uuid.uuid4()


def is_host(request: HttpRequest, session: Session) -> bool:
    return allows("seminars.host_session", asker(request), session)


@asks("seminars.record_presence", session_of)
@answers_form("session-room")
def leave(request: HttpRequest, session: Session, code: str) -> HttpResponse:
    """Ends the connection that the page names; without a script, each one she has here."""
    open_leases = Lease.objects.filter(session=session, person=person_of(request), ended_at=None)
    if request.POST.get("connection"):
        open_leases = open_leases.filter(pk=key_of(request, "connection"))
    for lease in open_leases:
        attendance.leave(
            session=session, person=person_of(request), connection=lease.connection, event=uuid.uuid4()
        )
    messages.success(request, _("You have left. Your minutes are saved; you may come back until the end."))
    return redirect("session-room", session.code)


def _check_pace(request: HttpRequest, session: Session, limit: Limit) -> None:
    """Raises Refused("too_fast"): a form says no more than a socket may, or each press would lengthen the chain."""
    if limit.take(f"{session.pk}-{person_of(request).pk}"):
        raise Refused("too_fast")


def _age(request: HttpRequest) -> timedelta:
    given = request.POST.get("age_ms", "")
    return timedelta(
        milliseconds=int(given) if given.isascii() and given.isdigit() and len(given) < 10 else 0
    )


@asks("seminars.record_presence", session_of)
@require_POST
def presence(request: HttpRequest, session: Session, code: str) -> HttpResponse:
    """Join, beat or leave by a form, for pages whose scripts keep no queue; docs/protocol.md."""
    person, connection, event = person_of(request), key_of(request, "connection"), key_of(request, "event")
    try:
        _check_pace(request, session, replays.REQUESTS)
        match request.POST.get("kind"):
            case "join":
                is_awake = request.POST.get("awake") == "true"
                kept = attendance.arrive(
                    session=session, person=person, connection=connection, event=event, is_awake=is_awake
                )
            case "beat":
                kept = attendance.beat(session=session, person=person, connection=connection)
            case "leave":
                age = _age(request)
                kept = attendance.leave(
                    session=session, person=person, connection=connection, event=event, age=age
                )
            case _:
                raise Refused("bad_command")
    except Refused as refused:
        return JsonResponse({"code": refused.code, "message": words(refused)}, status=409)
    return JsonResponse({"at": instant(kept.at), "new": kept.is_new})


def _taken(request: HttpRequest, session: Session, refused: Refused | None) -> HttpResponse:
    """The answer to a small act: to a script in JSON, to a form by going back to the page."""
    if request.headers.get("Accept") == "application/json":
        body = {"code": refused.code, "message": words(refused)} if refused else {}
        return JsonResponse(body, status=409 if refused else 200)
    if refused:
        messages.error(request, words(refused))
    return redirect("session-room", session.code)


@asks("seminars.take_pulse", session_of)
@answers_form("session-room")
def pulse(request: HttpRequest, session: Session, code: str) -> HttpResponse:
    try:
        _check_pace(request, session, TAPS)
        feedback.take_pulse(session=session, person=person_of(request), value=request.POST.get("value", ""))
    except Refused as refused:
        return _taken(request, session, refused)
    return _taken(request, session, None)


@asks("seminars.raise_hand", session_of)
@answers_form("session-room")
def hand(request: HttpRequest, session: Session, code: str) -> HttpResponse:
    try:
        _check_pace(request, session, TAPS)
        rooms.raise_hand(
            session=session, person=person_of(request), is_raised=request.POST.get("raised") == "true"
        )
    except Refused as refused:
        return _taken(request, session, refused)
    return _taken(request, session, None)


@asks("seminars.answer_check", session_of)
@answers_form("session-room")
def check(request: HttpRequest, session: Session, code: str) -> HttpResponse:
    """She is still there."""
    try:
        _check_pace(request, session, TAPS)
        kept = checks.answer(
            session=session, person=person_of(request), code=request.POST.get("check", "")[:12]
        )
    except Refused as refused:
        return _taken(request, session, refused)
    if request.headers.get("Accept") != "application/json":
        said = answered_words(kept.at, kept.is_late, session.timezone, saying.plain(get_language() or "en"))
        messages.success(request, said)
    return _taken(request, session, None)


@asks("seminars.enter_room", session_of)
@never_cache
@require_GET
def state(request: HttpRequest, session: Session, code: str) -> HttpResponse:
    """The whole state as JSON; 204 for a reader who names the present number. Hosts' state by ?as=host."""
    as_host = request.GET.get("as") == "host"
    if as_host and not is_host(request, session):
        raise Http404
    if request.GET.get("after") == str(session.live_seq):
        return HttpResponse(status=204)
    seq, found = live.snapshot(session_id=session.pk, person_id=person_of(request).pk, is_host=as_host)
    return JsonResponse({"seq": seq, "state": found})


routes: list[URLPattern] = [
    path("sessions/<str:code>/leave/", leave, name="session-leave"),
    path("sessions/<str:code>/presence/", presence, name="session-presence"),
    path("sessions/<str:code>/pulse/", pulse, name="session-pulse"),
    path("sessions/<str:code>/hand/", hand, name="session-hand"),
    path("sessions/<str:code>/check/", check, name="session-check"),
    path("sessions/<str:code>/live.json", state, name="session-live"),
    *replays.routes,
]
