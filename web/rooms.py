"""The room: the companion page, the host's page, the ways in and out."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.translation import get_language, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from seminars import saying
from seminars.actions import attendance, rooms
from seminars.actions import checks as check_actions
from seminars.actions import sessions as session_actions
from seminars.errors import Refused
from seminars.models import Person, Session
from seminars.moments import now
from seminars.queries import everybody, readiness
from seminars.queries import live as live_queries
from seminars.queries.sheets import people_counted
from seminars.vocabulary import State
from web import checks, companion, live, signing
from web.access import asker, asks, person_of, session_of
from web.companion import is_host, key_of
from web.forms.refusing import words
from web.offers import may_give_feedback
from web.posting import answers_form

Context = dict[str, Any]


def _both(request: HttpRequest, session: Session, as_host: bool, embed: Context | None) -> Context:
    """What both live pages show."""
    seq, state = live_queries.snapshot(
        session_id=session.pk, person_id=person_of(request).pk, is_host=as_host
    )
    language = saying.plain(get_language() or "en")
    phase = live.phase(session)
    more = {"me": person_of(request).code, "embed": embed}
    return {
        "session": session,
        "state": everybody.settled(state),
        "now": now(),
        "phase": phase,
        "is_open": phase == "open",
        "is_over": phase == "over",
        "opens_at": live.opens_at(session),
        "minutes_left": live.minutes_until(live.part_ends_at(session)),
        "minutes_to_start": live.minutes_until(session.starts_at),
        "video_host": settings.VIDEO_HOST,
        "video_mode": settings.VIDEO_MODE,
        "embed": embed,
        "language": language,
        "notes": live.notes(state, session.timezone, language),
        "inspectors": checks.inspectors(state),
        "blank": None,
        "config": live.config(session, seq=seq, state=state, is_host=as_host, language=language, **more),
    }


def _room(request: HttpRequest, session: Session, embed: Context | None = None) -> HttpResponse:
    context = _both(request, session, False, embed)
    mine, here = context["state"]["mine"], context["state"]["counts"]["here"]
    return render(
        request,
        "rooms/room.html",
        context
        | {
            "action_url": reverse("session-join", args=[session.code]),
            "mine": mine,
            "mine_words": live.said_mine(mine, session.timezone, context["language"]),
            "is_inside": context["is_open"] and (bool(embed) or mine["standing"] in live.INSIDE),
            "here_words": live.plural(context["config"]["words"]["here"], here, context["language"]),
            "signing": signing.offers(session, person_of(request)),
            "question": checks.question(context["state"], context["language"]),
            "pulses": live.pulses(),
            "few": settings.FEW_PEOPLE,
            "can_host": is_host(request, session),
            "gives_feedback": may_give_feedback(asker(request), session),
        },
    )


def _host(request: HttpRequest, session: Session, embed: Context | None = None) -> HttpResponse:
    context = _both(request, session, True, embed)
    state, language = context["state"], context["language"]
    people = live.people(state, session.timezone, language)
    unseen = [row for row in people if row["standing"] == "video"]
    said, mine = context["config"]["words"], live.own_row(state, person_of(request))
    return render(
        request,
        "rooms/host.html",
        context
        | {
            "people": people,
            "hands": live.hands(people, session.timezone, language),
            "unseen_words": live.plural(said["unseen"], len(unseen), language) if unseen else "",
            "present_words": said["present"] % state["counts"],
            "asked": checks.asked(state, language),
            "walk_ins": session.walk_ins.filter(is_confirmed=None).count(),
            "pulses": live.pulses(state["pulse"].get("counts")),
            "votes_words": live.plural(said["votes"], state["pulse"].get("votes", 0), language),
            "alerts": [said["alert"][each] for each in state["pulse"].get("alert", [])],
            "mine": mine,
            "mine_words": live.said_mine(mine, session.timezone, language),
            "came_words": _came(session) if context["is_over"] else "",
            "is_running": session.state == State.RUNNING,
            "is_early": now() < live.opens_at(session),
            "ready": readiness.of(session),
        },
    )


def _came(session: Session) -> str:
    """How many guests the sheet counts."""
    came = len(people_counted(session))
    return ngettext("%(n)s person came.", "%(n)s people came.", came) % {"n": came}


@asks("seminars.enter_room", session_of)
@never_cache
@require_GET
def room(request: HttpRequest, session: Session, code: str) -> HttpResponse:
    return _room(request, session)


@asks("seminars.host_session", session_of)
@never_cache
@require_GET
def host(request: HttpRequest, session: Session, code: str) -> HttpResponse:
    return _host(request, session)


def _to_video(request: HttpRequest, session: Session, *, as_host: bool) -> HttpResponse:
    """Records the arrival, then leads to the video: by its address, or on the page that this click alone gets."""
    page, person = ("session-host" if as_host else "session-room"), person_of(request)
    connection, event = key_of(request, "connection"), key_of(request, "event")
    wants_tab = settings.VIDEO_MODE != "embed" or "tab" in request.POST
    try:
        if not session.is_online:
            attendance.arrive(session=session, person=person, connection=connection, event=event)
            return redirect(page, session.code)
        rooms.enter_video(session=session, person=person, connection=connection, event=event)
        if not wants_tab:
            embed = _embed(request, session, person) | {"connection": str(connection)}
            return (_host if as_host else _room)(request, session, embed)
        address = rooms.video_address(
            session=session,
            person=person,
            language=saying.plain(get_language() or "en"),
            is_moderator=is_host(request, session),
        )
    except Refused as refused:
        messages.error(request, words(refused))
        return redirect(page, session.code)
    return HttpResponse(status=303, headers={"Location": address, "Cache-Control": "no-store"})


def _embed(request: HttpRequest, session: Session, person: Person) -> Context:
    """What the video's frame needs; the token lives in this one page and nowhere else."""
    token = rooms.video_token(session=session, person=person, is_moderator=is_host(request, session))
    return {"host": settings.VIDEO_HOST, "room": session.room, "name": person.short_name, "token": token}


@asks("seminars.record_presence", session_of)
@never_cache
@answers_form("session-room")
def join(request: HttpRequest, session: Session, code: str) -> HttpResponse:
    return _to_video(request, session, as_host=False)


@asks("seminars.record_presence", session_of)
@never_cache
@answers_form("session-room")
def video(request: HttpRequest, session: Session, code: str) -> HttpResponse:
    """The video once more; a host comes back to her own page."""
    return _to_video(request, session, as_host="host" in request.POST and is_host(request, session))


@asks("seminars.open_session", session_of)
@never_cache
@answers_form("session-host")
def open_(request: HttpRequest, session: Session, code: str) -> HttpResponse:
    """Opens the session and enters."""
    try:
        session = session_actions.open_(session=session, by=person_of(request))
    except Refused as refused:
        messages.error(request, words(refused))
        return redirect("session-host", session.code)
    return _to_video(request, session, as_host=True)


@asks("seminars.ask_check", session_of)
@answers_form("session-host")
def ask_check(request: HttpRequest, session: Session, code: str) -> HttpResponse:
    """Everybody is asked whether she is still there."""
    try:
        check_actions.ask(session=session, by=person_of(request))
    except Refused as refused:
        messages.error(request, words(refused))
    return redirect("session-host", session.code)


routes: list[URLPattern] = [
    path("sessions/<str:code>/room/", room, name="session-room"),
    path("sessions/<str:code>/join/", join, name="session-join"),
    path("sessions/<str:code>/video/", video, name="session-video"),
    path("sessions/<str:code>/host/", host, name="session-host"),
    path("sessions/<str:code>/open/", open_, name="session-open"),
    path("sessions/<str:code>/host/check/", ask_check, name="session-ask-check"),
    *companion.routes,
]
