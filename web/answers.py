"""A person's own invitation, by the link in her letter: to look changes nothing, each act is a click of hers.

Her click starts a weak session: a forwarded letter lets nobody do more than a participant may.
"""

import uuid
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from seminars import saying
from seminars.actions import attendance, rooms
from seminars.actions import invitations as actions
from seminars.errors import Refused
from seminars.models import Invitation
from seminars.permissions import Level
from seminars.vocabulary import Answer
from web import live
from web.access import asker, asks, enter, invitation_of, safe_next
from web.forms.invitations import AnswerForm
from web.forms.refusing import refuse, words
from web.language import COOKIE
from web.offers import answer_words, may_be_answered, room_facts
from web.posting import answers_form

View = Callable[..., HttpResponse]


def in_her_language(view: View) -> View:
    """A letter's link opens in the language of its letter, unless this browser's reader is known or has chosen one."""

    @wraps(view)
    def spoken(request: HttpRequest, invitation: Invitation, token: str) -> HttpResponse:
        if asker(request) or request.COOKIES.get(COOKIE) in dict(settings.LANGUAGES):
            return view(request, invitation, token)
        with translation.override(invitation.person.language):
            response = view(request, invitation, token)
            response.headers["Content-Language"] = invitation.person.language
            return response

    return spoken


def page(request: HttpRequest, invitation: Invitation, form: AnswerForm) -> HttpResponse:
    session = invitation.session
    context: dict[str, Any] = room_facts(session) | {"invitation": invitation, "form": form}
    context |= {"slots": session.slots.all(), "organisers": session.organisers.exclude(pk=session.host_id)}
    context["may_answer"] = may_be_answered(session)
    context["words"] = answer_words(invitation)
    context["coming"] = session.invitations.active().filter(answer=Answer.YES).count()
    return render(request, "invitations/invitation.html", context, status=422 if form.errors else 200)


@asks("seminars.open_invitation", invitation_of)
@require_safe
@in_her_language
def invitation(request: HttpRequest, invitation: Invitation, token: str) -> HttpResponse:
    return page(request, invitation, AnswerForm(initial={"note": invitation.note}))


@asks("seminars.open_invitation", invitation_of)
@answers_form("invitation")
@in_her_language
def answer(request: HttpRequest, invitation: Invitation, token: str) -> HttpResponse:
    form = AnswerForm(request.POST)
    if form.is_valid():
        try:
            kept = actions.answer(
                invitation=invitation,
                answer=Answer(form.cleaned_data["answer"]),
                note=form.cleaned_data["note"],
            )
        except Refused as refused:
            refuse(form, refused)
        else:
            answered(request, kept)
            return HttpResponseRedirect(safe_next(request, reverse("invitation", args=[token])))
    return page(request, invitation, form)


def answered(request: HttpRequest, kept: Invitation) -> None:
    """She is known from now on; where somebody else is signed in, the browser stays with that one."""
    actor = asker(request)
    if actor.level == Level.FULL and actor.person != kept.person:
        words = _("The answer of %(name)s is kept: %(answer)s. You stay signed in as yourself.")
        answer = Answer(kept.answer).label
        messages.success(request, words % {"name": kept.person.name, "answer": answer})
        return
    enter(request, kept.person, invited=True)
    messages.success(request, answer_words(kept))


@asks("seminars.open_invitation", invitation_of)
@require_safe
@in_her_language
def room(request: HttpRequest, invitation: Invitation, token: str) -> HttpResponse:
    session = invitation.session
    context = room_facts(session) | {"invitation": invitation, "slots": session.slots.all()}
    context["action_url"] = reverse("invitation-join", args=[token])
    if asker(request).person == invitation.person:  # her companion opens for her alone
        context["is_inside_since"] = live.inside_since(session, invitation.person)
    return render(request, "invitations/room.html", context)


def id_of(request: HttpRequest, name: str) -> uuid.UUID:
    """An id that the page's script has made, so that a repeated click is one event; else a new one."""
    try:
        return uuid.UUID(request.POST.get(name, ""))
    except ValueError:
        return uuid.uuid4()


@asks("seminars.open_invitation", invitation_of)
@never_cache
@answers_form("invitation-room")
@in_her_language
def join(request: HttpRequest, invitation: Invitation, token: str) -> HttpResponse:
    """Into the room, and on to the video: in a tab of its own, or embedded in the room's page."""
    try:
        target = way_in(request, invitation)
    except Refused as refused:
        messages.error(request, words(refused))
        return redirect("invitation-room", token=token)
    enter(request, invitation.person, invited=True)
    return HttpResponseRedirect(target, status=303)


def way_in(request: HttpRequest, invitation: Invitation) -> str:
    """Records the arrival; the address where it leads. A guest by link is never the video's moderator."""
    session, person = invitation.session, invitation.person
    connection, event = id_of(request, "connection"), id_of(request, "event")
    here = reverse("session-room", kwargs={"code": session.code})
    if not session.is_online:
        attendance.arrive(session=session, person=person, connection=connection, event=event)
        return here
    rooms.enter_video(session=session, person=person, connection=connection, event=event)
    if settings.VIDEO_MODE == "embed" and "tab" not in request.POST:
        return here
    language = saying.plain(translation.get_language() or person.language)
    return rooms.video_address(session=session, person=person, language=language, is_moderator=False)


@asks("seminars.open_invitation", invitation_of)
@require_http_methods(["GET", "HEAD", "POST"])
@in_her_language
def feedback(request: HttpRequest, invitation: Invitation, token: str) -> HttpResponse:
    session = invitation.session
    if request.method == "POST":
        enter(request, invitation.person, invited=True)
        return redirect("session-feedback", code=session.code)
    context = {"invitation": invitation, "session": session, "slots": session.slots.all()}
    return render(request, "invitations/feedback.html", context)


routes: list[URLPattern] = [
    path("i/<str:token>/", invitation, name="invitation"),
    path("i/<str:token>/answer/", answer, name="invitation-answer"),
    path("i/<str:token>/room/", room, name="invitation-room"),
    path("i/<str:token>/join/", join, name="invitation-join"),
    path("i/<str:token>/feedback/", feedback, name="invitation-feedback"),
]
