"""Closing a session: the hours held, what does not fit with a place for each reason, and one confirmation."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from seminars import moments
from seminars.actions import attendance, explaining
from seminars.actions import sessions as session_actions
from seminars.errors import Refused
from seminars.models import Person, Session
from seminars.queries import consistency as report
from seminars.queries import sheets
from seminars.queries.sheets import Sheet
from seminars.vocabulary import Answer, State
from web import consistency
from web.access import asks, person_of, session_of
from web.forms.attendance import CloseForm, ConfirmForm
from web.forms.refusing import refuse, words
from web.forms.report import ReportForm


@asks("seminars.close_session", session_of)
@require_http_methods(["GET", "HEAD", "POST"])
def close(request: HttpRequest, session: Session, code: str) -> HttpResponse:
    """The hours held, what does not fit, and one confirmation."""
    if session.state != State.RUNNING:
        return _not_running(request, session)
    given = request.POST if request.method == "POST" else None
    proposal = session_actions.proposed_held(session, moments.now())
    form, sheet = CloseForm(given, session=session, proposal=proposal), sheets.sheet(session)
    lines = consistency.lines(report.findings(session, sheet, person_of(request)), session, sheet)
    reasons = ReportForm(given, lines=lines, owner="closing")
    if given and form.is_valid() and reasons.is_valid() and _closed(request, session, form, reasons):
        return redirect("session-sheet", code)
    context = _before_closing(session, sheet, form) | {"report": reasons, "lines": lines}
    status = 422 if form.errors or reasons.errors else 200
    return render(request, "attendance/close.html", context, status=status)


def _not_running(request: HttpRequest, session: Session) -> HttpResponse:
    if session.state == State.ENDED:
        messages.info(request, _("This session is closed already."))
        return redirect("session-sheet", session.code)
    messages.warning(request, words(Refused("not_now", state=session.get_state_display())))
    return redirect("session", session.code)


def _closed(request: HttpRequest, session: Session, form: CloseForm, reasons: ReportForm) -> bool:
    """Closed, and the reasons kept: a reason alone is kept too where the hours are refused."""
    by = person_of(request)
    try:
        explaining.explain(session=session, by=by, reasons=reasons.reasons())
        session_actions.close(session=session, by=by, held=form.held(), reason=form.cleaned_data["reason"])
    except Refused as refused:
        refuse(form, refused)
        return False
    messages.success(
        request, _("The session is closed. The feedback form is open to those who were present.")
    )
    return True


def _before_closing(session: Session, sheet: Sheet, form: CloseForm) -> dict[str, Any]:
    return {
        "session": session,
        "sheet": sheet,
        "form": form,
        "half_days": form.half_days(),
        "must_explain": form.must_explain(),
        "came": sum(row.has_come for row in sheet.rows),
        "connected": sheets.connected(session),
        "missing": [row for row in sheet.rows if row.answer == Answer.YES and not row.has_come],
        **unseen(sheet),
        **_late(sheet),
    }


def unseen(sheet: Sheet) -> dict[str, Any]:
    """Whose minutes in the video nobody saw, for `attendance/unseen.html`."""
    rows = [row for row in sheet.rows if row.open_minutes]
    return {"unseen": rows, "unseen_minutes": sum(row.open_minutes for row in rows), "confirm": ConfirmForm()}


def _late(sheet: Sheet) -> dict[str, Any]:
    """Who was reported late, and of them those of whom nothing waits for the trainer."""
    rows = [row for row in sheet.rows if row.late_at]
    only = [row for row in rows if not row.open_minutes]
    return {"late": rows, "late_only": only, "late_minutes": settings.REPLAY_LATE_MINUTES}


@asks("seminars.confirm_presence", session_of)
@require_POST
def confirm(request: HttpRequest, session: Session, code: str) -> HttpResponse:
    """The trainer declares the unseen minutes of the people named by `person`, or with `everybody` of all."""
    form = ConfirmForm(request.POST)
    people = None if "everybody" in request.POST else _named(session, request.POST.getlist("person"))
    back = redirect("session-close" if session.state == State.RUNNING else "session-sheet", code)
    if not form.is_valid():
        messages.warning(request, _("Nothing was confirmed: the reason may have 300 characters at most."))
        return back
    reason = form.cleaned_data["reason"]
    count = attendance.confirm(session=session, by=person_of(request), people=people, reason=reason)
    said = ngettext(
        "Confirmed for %(n)s person: the sheet prints these minutes as declared by the trainer.",
        "Confirmed for %(n)s people: the sheet prints these minutes as declared by the trainer.",
        count,
    )
    messages.success(request, said % {"n": count} if count else _("There was nothing left to confirm."))
    return back


def _named(session: Session, codes: list[str]) -> list[Person]:
    return list(Person.objects.filter(code__in=codes, presence_events__session=session).distinct())


routes: list[URLPattern] = [
    path("sessions/<str:code>/close/", close, name="session-close"),
    path("sessions/<str:code>/confirm/", confirm, name="session-confirm"),
]
