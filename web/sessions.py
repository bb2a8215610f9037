"""A session's page, planning one, and changing it: words, hours, cancelling, scheduling."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from seminars import saying
from seminars.actions import invitations
from seminars.actions import sessions as actions
from seminars.errors import Refused
from seminars.models import Session
from seminars.queries import undelivered
from seminars.queries.agenda import moved_from
from seminars.queries.sheets import minutes_after_closing
from seminars.vocabulary import Country, LetterKind, LetterState, State
from web.access import asker, asks, person_of, session_of
from web.forms.hours import WhenForm
from web.forms.refusing import refuse, words
from web.forms.sessions import PlanForm, WordsForm
from web.offers import standing
from web.outcomes import letters_leave, letters_of_edit, letters_of_end, round_words


def typed(request: HttpRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None


def one_country(session: Session) -> str:
    """The country's name when all organisers come from one side, else empty."""
    countries = {session.host.country, *session.organisers.values_list("country", flat=True)}
    return str(Country(countries.pop()).label) if len(countries) == 1 else ""


@asks("seminars.see_session", session_of)
@require_safe
def session(request: HttpRequest, session: Session, code: str) -> HttpResponse:
    here, is_cancelled = standing(asker(request), session), session.state == State.CANCELLED
    context: dict[str, Any] = {"session": session, "here": here, "slots": session.slots.all()}
    context["team"] = session.team.select_related("person__organisation").order_by("role", "person__name")
    context["organisers"] = session.organisers.exclude(pk=session.host_id).order_by("country", "name_fr")
    context["coming"] = session.invitations.active().filter(answer="yes").count()
    context["one_country"] = one_country(session) if here.is_host and not is_cancelled else ""
    context["trouble"] = undelivered.trouble(session) if here.is_host else undelivered.NONE
    context["arrived"] = minutes_after_closing(session) if here.is_host else 0
    context["before"] = moved_from([session]).get(session.pk)
    context["may_change"] = here.is_host and session.state in (State.DRAFT, State.SCHEDULED)
    context["may_write"] = here.is_host and session.state in (State.SCHEDULED, State.RUNNING)
    return render(request, "sessions/session.html", context)


@asks("seminars.plan_session")
@require_http_methods(["GET", "HEAD", "POST"])
def plan(request: HttpRequest) -> HttpResponse:
    form = PlanForm(typed(request), planner=person_of(request))
    is_draft = "draft" in request.POST
    if request.method == "POST" and form.is_valid():
        try:
            return planned(request, form, is_draft=is_draft)
        except Refused as refused:
            refuse(form, refused)
    context = {"form": form, "place": "plan"}
    return render(request, "sessions/plan.html", context, status=422 if form.errors else 200)


def planned(request: HttpRequest, form: PlanForm, *, is_draft: bool) -> HttpResponse:
    """Plans and invites in one transaction: both, or neither."""
    pasted, by = form.pasted(), person_of(request)
    with transaction.atomic():
        session = actions.plan(by=by, plan=form.plan(), is_draft=is_draft)
        done = invitations.invite(session=session, by=by, addresses=pasted.good) if pasted.good else None
    messages.success(request, _("Draft kept.") if is_draft else _("The session is scheduled."))
    for level, sentence in round_words(done, pasted) if done else []:
        messages.add_message(request, level, sentence)
    return redirect("session", code=session.code)


@asks("seminars.edit_session", session_of)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, session: Session, code: str) -> HttpResponse:
    form = WordsForm.with_words_of(session, typed(request))
    if request.method == "POST" and form.is_valid():
        try:
            kept = actions.edit(session=session, by=person_of(request), **form.words())
        except Refused as refused:
            refuse(form, refused)
        else:
            leave = letters_of_edit(kept) if kept.sequence > session.sequence else ""
            messages.success(request, " ".join(filter(None, [_("The words are kept."), leave])))
            return redirect("session", code=code)
    context = {
        "form": form,
        "session": session,
        "letters": session.invitations.active().count(),
        "minutes": settings.EDITS_MERGED_MINUTES,
    }
    return render(request, "sessions/edit.html", context, status=422 if form.errors else 200)


@asks("seminars.move_session", session_of)
@require_http_methods(["GET", "HEAD", "POST"])
def move(request: HttpRequest, session: Session, code: str) -> HttpResponse:
    form = WhenForm.at_hours_of(session, typed(request))
    if request.method == "POST" and form.is_valid():
        papers = convoked(session)
        try:
            kept = actions.move(session=session, by=person_of(request), **form.moved())
        except Refused as refused:
            refuse(form, refused)
        else:
            is_new = kept.sequence > session.sequence
            told = moved_words(kept, is_new=is_new)
            messages.success(request, with_papers(told, kept) if is_new and papers else told)
            return redirect("session", code=code)
    count = session.invitations.active().count()
    context = {"form": form, "session": session, "letters": count, "convoked": convoked(session)}
    return render(request, "sessions/move.html", context, status=422 if form.errors else 200)


def convoked(session: Session) -> int:
    """How many people hold a convocation that says this time and place."""
    papers = session.letters.filter(kind=LetterKind.CONVOCATION, sequence=session.sequence)
    lost = (LetterState.FAILED, LetterState.DEAD, LetterState.SUPERSEDED)
    here = session.invitations.active().values("person")
    return papers.exclude(state__in=lost).filter(person__in=here).values("person").distinct().count()


def with_papers(told: str, session: Session) -> str:
    """With the way to the convocations: new ones go to whoever says yes to the session as it is now."""
    where = reverse("session-letters-preview", args=[session.code])
    return format_html(
        '{} {} <a href="{}?kind={}#letter">{}</a>',
        told,
        _("The convocations sent before no longer hold; new ones go to whoever says yes again."),
        where,
        LetterKind.CONVOCATION.value,
        _("Send the convocations again"),
    )


def moved_words(session: Session, *, is_new: bool) -> str:
    if not is_new:
        return _("Nothing has changed: date, hours and place are the same.")
    language = get_language() or "en"
    on = saying.day(session.starts_at, session.timezone, language)
    hour = saying.hour(session.starts_at, session.timezone, language)
    told = _("Moved: %(day)s, %(hour)s.") % {"day": on, "hour": hour}
    return " ".join(filter(None, [told, letters_leave(session)]))


@asks("seminars.cancel_session", session_of)
@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: HttpRequest, session: Session, code: str) -> HttpResponse:
    if request.method == "POST" and session.state == State.DRAFT:
        actions.discard(session=session, by=person_of(request))
        messages.success(request, _("The draft is deleted."))
        return redirect("today")
    if request.method == "POST":
        return acted(request, session, actions.cancel, _("The session is cancelled."), letters_of_end)
    count = session.invitations.active().count()
    is_possible = session.state in (State.DRAFT, State.SCHEDULED, State.RUNNING)
    context = {"session": session, "letters": count, "is_possible": is_possible}
    return render(request, "sessions/cancel.html", context)


@asks("seminars.edit_session", session_of)
@require_POST
def schedule(request: HttpRequest, session: Session, code: str) -> HttpResponse:
    done = _("The session is scheduled: the programme shows it, and people can be invited.")
    return acted(request, session, actions.schedule, done)


def acted(
    request: HttpRequest, session: Session, act: Any, done: str, more: Callable[[Session], str] | None = None
) -> HttpResponse:
    """One act without a form: what it did, or why not, is said on the session's page."""
    try:
        kept = act(session=session, by=person_of(request))
    except Refused as refused:
        messages.error(request, words(refused))
    else:
        messages.success(request, f"{done} {more(kept)}" if more else done)
    return redirect("session", code=session.code)


routes: list[URLPattern] = [
    path("plan/", plan, name="plan"),
    path("sessions/<str:code>/", session, name="session"),
    path("sessions/<str:code>/edit/", edit, name="session-edit"),
    path("sessions/<str:code>/move/", move, name="session-move"),
    path("sessions/<str:code>/cancel/", cancel, name="session-cancel"),
    path("sessions/<str:code>/schedule/", schedule, name="session-schedule"),
]
