"""A person's own invitation, by the link in her letter: to look changes nothing, each act is a click of hers.

Her click starts a weak session: a forwarded letter lets nobody do more than a participant may.
"""

import uuid
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from seminars import saying
from seminars.actions import answers as actions
from seminars.actions import attendance, rooms
from seminars.errors import Refused
from seminars.models import Invitation, Person
from seminars.permissions import Level
from seminars.queries import dates as queries
from seminars.queries import substitutions
from seminars.vocabulary import PLANNING_ROLES, Answer
from web import live, receipts
from web.access import asker, asks, enter, invitation_of, safe_next
from web.account import keep
from web.forms.answers import AnswerForm, DatesForm, LanguageForm, SubstituteForm, sequence, when
from web.forms.refusing import refuse, words
from web.language import COOKIE, PROFILE
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


def page(request: HttpRequest, invitation: Invitation, **typed: Form) -> HttpResponse:
    """Her page; `typed` are forms with what was typed and what is wrong, by their names in the template."""
    session = invitation.session
    context: dict[str, Any] = room_facts(session) | forms_of(invitation) | typed
    context |= {"invitation": invitation, "slots": session.slots.all()}
    context["organisers"] = session.organisers.exclude(pk=session.host_id)
    replacement = context["replacement"] = invitation.replacement
    context["may_answer"] = may_be_answered(session) and replacement is None
    context["words"] = "" if replacement else answer_words(invitation)
    context["coming"] = session.invitations.active().filter(answer=Answer.YES).count()
    context["is_earlier"] = bool(queries.answered_earlier([invitation]))
    asked = context["substitution"] = substitutions.newest(invitation)
    context["is_asked_earlier"] = bool(asked and substitutions.asked_earlier(session, [asked]))
    sign = reverse("invitation-sign", args=[invitation.token])
    context["signing"] = receipts.offers(session, invitation.person, sign)
    context["may_settle"] = may_be_answered(session) and may_settle(request, invitation)
    status = 422 if any(form.errors for form in typed.values()) else 200
    return render(request, "invitations/invitation.html", context, status=status)


def forms_of(invitation: Invitation) -> dict[str, Form]:
    """The forms of her page as they stand before she types."""
    person = invitation.person
    return {
        "form": AnswerForm(initial={"note": invitation.note}),
        "dates_form": DatesForm(queries.coming(invitation)),
        "instead_form": SubstituteForm(prefix="instead", initial={"language": person.language}),
        "language_form": LanguageForm(
            prefix="own", initial={"language": person.language, "timezone": person.timezone}
        ),
    }


@asks("seminars.open_invitation", invitation_of)
@require_safe
@in_her_language
def invitation(request: HttpRequest, invitation: Invitation, token: str) -> HttpResponse:
    return page(request, invitation)


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
                note=form.cleaned_data["note"] if "note" in form.data else None,
                shown=sequence(form.data.get("shown", "")),
            )
        except Refused as refused:
            refuse(form, refused)
            invitation.refresh_from_db()
        else:
            answered(request, kept)
            return HttpResponseRedirect(safe_next(request, reverse("invitation", args=[token])))
    return page(request, invitation, form=form)


def answered(request: HttpRequest, kept: Invitation) -> None:
    if become(request, kept.person):
        messages.success(request, answer_words(kept))
        return
    told = _("The answer of %(name)s is kept: %(answer)s. You stay signed in as yourself.")
    answer = Answer(kept.answer).label
    messages.success(request, told % {"name": kept.person.name, "answer": answer})


def become(request: HttpRequest, person: Person) -> bool:
    """She is known from now on; False where somebody else is signed in: the browser stays with that one."""
    actor = asker(request)
    if actor.level == Level.FULL and actor.person != person:
        return False
    enter(request, person, invited=True)
    return True


@asks("seminars.open_invitation", invitation_of)
@answers_form("invitation")
@in_her_language
def dates(request: HttpRequest, invitation: Invitation, token: str) -> HttpResponse:
    """Answers to all dates of a series at once; each date that is closed meanwhile is named."""
    shown = queries.listed(invitation, request.POST.getlist("date"))
    form = DatesForm([queries.Date(one) for one in shown], request.POST)
    if form.is_valid() and not form.answers:
        refuse(form, Refused("dates_missing", field="all"))
    if form.errors:
        return page(request, invitation, dates_form=form)
    done = actions.answer_several(
        person=invitation.person,
        answers=form.answers,
        note=form.cleaned_data["note"],
        shown={one.pk: sequence(request.POST.get(f"shown-{one.code}", "")) for one in shown},
    )
    several_answered(request, done)
    return redirect("invitation", token=token)


def several_answered(request: HttpRequest, done: actions.Answered) -> None:
    if done.kept:
        count, name = {"n": len(done.kept)}, {"name": done.kept[0].person.name}
        told = ngettext("One answer is kept.", "%(n)s answers are kept.", len(done.kept)) % count
        if not become(request, done.kept[0].person):
            told = _("The answers of %(name)s are kept. You stay signed in as yourself.") % name
        messages.success(request, told)
    for one, refused in done.refused:
        told = _("Not kept for %(date)s. %(why)s") % {"date": when(one.session), "why": words(refused)}
        messages.warning(request, told)


def may_settle(request: HttpRequest, invitation: Invitation) -> bool:
    """A link, which may have been forwarded, changes nothing of those who plan: their letters tell of everybody."""
    actor, person = asker(request), invitation.person
    return person.role not in PLANNING_ROLES or (actor.level == Level.FULL and actor.person == person)


@asks("seminars.open_invitation", invitation_of)
@answers_form("invitation")
@in_her_language
def language(request: HttpRequest, invitation: Invitation, token: str) -> HttpResponse:
    """In what language and zone she reads: her letters, her calendar, and this browser where it is hers."""
    form = LanguageForm(request.POST, prefix="own")
    if form.is_valid():
        try:
            actions.check_open(invitation)
            if not may_settle(request, invitation):
                raise Refused("settings_of_planner")
        except Refused as refused:
            refuse(form, refused)
    if form.errors:
        return page(request, invitation, language_form=form)
    person = actions.settle_language(person=invitation.person, **form.cleaned_data)
    response = redirect("invitation", token=token)
    if not become(request, person):
        told = _("Kept for %(name)s. You stay signed in as yourself.")
        messages.success(request, told % {"name": person.name})
        return response
    request.session[PROFILE] = person.language
    with translation.override(person.language):
        messages.success(request, _("Kept. Your pages and letters follow."))
    keep(response, COOKIE, person.language)
    return response


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
    if request.method == "POST" and not session.closed_at:
        messages.warning(request, _("The form opens once the session is over."))
        return redirect("invitation", token=token)
    if request.method == "POST":
        enter(request, invitation.person, invited=True)
        return redirect("session-feedback", code=session.code)
    context = {"invitation": invitation, "session": session, "slots": session.slots.all()}
    return render(request, "invitations/feedback.html", context)


routes: list[URLPattern] = [
    path("i/<str:token>/", invitation, name="invitation"),
    path("i/<str:token>/answer/", answer, name="invitation-answer"),
    path("i/<str:token>/answers/", dates, name="invitation-dates"),
    path("i/<str:token>/language/", language, name="invitation-language"),
    path("i/<str:token>/room/", room, name="invitation-room"),
    path("i/<str:token>/join/", join, name="invitation-join"),
    path("i/<str:token>/feedback/", feedback, name="invitation-feedback"),
]
