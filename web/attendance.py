"""Closing a session, its sheet in the browser, for print and as CSV."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from seminars import moments
from seminars.actions import attendance
from seminars.actions import sessions as session_actions
from seminars.errors import Refused
from seminars.models import Person, Session
from seminars.permissions import allows
from seminars.queries import sheets
from seminars.queries.sheets import Sheet
from seminars.vocabulary import Answer, State
from web import footnotes, spreadsheet
from web import sheet as document
from web.access import asker, asks, person_of, session_of
from web.forms.attendance import CloseForm, ConfirmForm
from web.forms.refusing import refuse, words


@asks("seminars.close_session", session_of)
@require_http_methods(["GET", "HEAD", "POST"])
def close(request: HttpRequest, session: Session, code: str) -> HttpResponse:
    """The hours held, what does not fit, and one confirmation."""
    if session.state != State.RUNNING:
        return _not_running(request, session)
    proposal = session_actions.proposed_held(session, moments.now())
    given = request.POST if request.method == "POST" else None
    form = CloseForm(given, session=session, proposal=proposal)
    if request.method == "POST" and form.is_valid() and _closed(request, session, form):
        return redirect("session-sheet", code)
    status = 422 if form.errors else 200
    return render(request, "attendance/close.html", _before_closing(session, form), status=status)


def _not_running(request: HttpRequest, session: Session) -> HttpResponse:
    if session.state == State.ENDED:
        messages.info(request, _("This session is closed already."))
        return redirect("session-sheet", session.code)
    messages.warning(request, words(Refused("not_now", state=session.get_state_display())))
    return redirect("session", session.code)


def _closed(request: HttpRequest, session: Session, form: CloseForm) -> bool:
    reason = form.cleaned_data["reason"]
    try:
        session_actions.close(session=session, by=person_of(request), held=form.held(), reason=reason)
    except Refused as refused:
        refuse(form, refused)
        return False
    messages.success(
        request, _("The session is closed. The feedback form is open to those who were present.")
    )
    return True


def _before_closing(session: Session, form: CloseForm) -> dict[str, Any]:
    sheet = sheets.sheet(session)
    return {
        "session": session,
        "sheet": sheet,
        "form": form,
        "half_days": form.half_days(),
        "must_explain": form.must_explain(),
        "came": sum(row.has_come for row in sheet.rows),
        "connected": sheets.connected(session),
        "missing": [row for row in sheet.rows if row.answer == Answer.YES and not row.has_come],
        **_unseen(sheet),
        **_late(sheet),
    }


def _unseen(sheet: Sheet) -> dict[str, Any]:
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


@asks("seminars.see_sheet", session_of)
@require_safe
def sheet(request: HttpRequest, session: Session, code: str) -> HttpResponse:
    """The sheet as a document; a draft until the session is closed."""
    whole = sheets.sheet(session)
    context = {
        "session": session,
        "sheet": whole,
        "head": document.heads(),
        "tongues": document.tongues(),
        "frame": document.frame(session, whole),
        "half_days": document.half_days(whole),
        "lines": document.lines(whole),
        "notes": footnotes.notes(whole),
        "declarations": footnotes.declarations(whole),
        "arrivals": footnotes.arrivals(whole),
        "tally": document.both(lambda _tongue: document.tally(whole)),
        "basis": document.both(lambda _tongue: document.basis(whole)),
        "may_close": session.state == State.RUNNING
        and allows("seminars.close_session", asker(request), session),
        "may_confirm": whole.is_final and allows("seminars.confirm_presence", asker(request), session),
        **_unseen(whole),
    }
    return render(request, "attendance/sheet.html", context)


@asks("seminars.see_sheet", session_of)
@require_safe
def sheet_csv(request: HttpRequest, session: Session, code: str) -> HttpResponse:
    """The same rows for a spreadsheet, in the reader's language."""
    text = spreadsheet.as_csv(sheets.sheet(session))
    day = moments.local(session.starts_at, session.timezone).date()
    response = HttpResponse(text, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="viso-{session.code}-{day:%Y-%m-%d}.csv"'
    return response


routes = [
    path("sessions/<str:code>/close/", close, name="session-close"),
    path("sessions/<str:code>/confirm/", confirm, name="session-confirm"),
    path("sessions/<str:code>/sheet/", sheet, name="session-sheet"),
    path("sessions/<str:code>/sheet.csv", sheet_csv, name="session-sheet-csv"),
]
