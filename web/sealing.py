"""Sealing a sheet in three acts: the sheet, what does not fit with its reasons, one confirmation."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from seminars.actions import explaining
from seminars.actions import sealing as actions
from seminars.actions.signing import is_her_name
from seminars.errors import Refused
from seminars.models import SealedSheet, Session
from seminars.permissions import allows
from seminars.queries import consistency as report
from seminars.queries import sealed, sheets, shown
from seminars.queries.sheets import Sheet
from seminars.vocabulary import State
from web import consistency, deskwords
from web.access import asker, asks, person_of, session_of
from web.forms.refusing import refuse, words
from web.forms.report import ReportForm, SealForm
from web.posting import answers_form


@asks("seminars.seal_sheet", session_of)
@require_http_methods(["GET", "HEAD", "POST"])
def seal(request: HttpRequest, session: Session, code: str) -> HttpResponse:
    """The next version of the sheet; reasons that were written on the way are kept with it."""
    if session.state != State.ENDED:
        return _not_ended(request, session)
    before = sealed.latest(session)
    form = _form(request, session, before)
    if request.method == "POST" and form.is_valid() and (made := _sealed(request, session, form)):
        told = _("Sealed, version %(version)s. The seal leaves by mail to the team.")
        messages.success(request, told % {"version": made.version})
        return redirect("session-sheet", code)
    return _page(request, session, form, before)


def _not_ended(request: HttpRequest, session: Session) -> HttpResponse:
    if session.state == State.RUNNING:
        messages.info(request, _("Close the session first: then its sheet can be sealed."))
        return redirect("session-close", session.code)
    messages.warning(request, words(Refused("not_now", state=session.get_state_display())))
    return redirect("session", session.code)


def _form(request: HttpRequest, session: Session, before: SealedSheet | None) -> SealForm:
    whole = sheets.sheet(session)
    lines = consistency.lines(report.findings(session, whole, person_of(request)), session, whole)
    sent = request.POST if request.method == "POST" else None
    signs_as = person_of(request) if _signs_too(request, session, before) else None
    form = SealForm(sent, lines=lines, is_next=before is not None, signs_as=signs_as)
    _, _, reasons = request.POST.get("seen", "").partition(".")
    if sent is not None and reasons != shown.reasons(whole):
        form.fill_in()
    return form


def _signs_too(request: HttpRequest, session: Session, before: SealedSheet | None) -> bool:
    """Whether whoever seals countersigns by it: of the team, at the first seal."""
    return before is None and allows("seminars.countersign", asker(request), session)


def _sealed(request: HttpRequest, session: Session, form: SealForm) -> SealedSheet | None:
    """The reasons are kept even where the seal is refused: nobody writes them twice."""
    by = person_of(request)
    facts, _dot, reasons = request.POST.get("seen", "").partition(".")
    try:
        if not shown.is_seen(reasons, shown.reasons(sheets.sheet(session))):
            explaining.explain(session=session, by=by, reasons=form.own_reasons())
            raise Refused("sheet_moved")
        explaining.explain(session=session, by=by, reasons=form.reasons())
        if form.signs_as is not None and not is_her_name(form.cleaned_data["name"], by):
            raise Refused("name_differs", field="name", name=by.name)
        return actions.seal(session=session, by=by, reason=form.cleaned_data.get("reason", ""), seen=facts)
    except Refused as refused:
        refuse(form, refused)
        return None


def _page(
    request: HttpRequest, session: Session, form: ReportForm, before: SealedSheet | None
) -> HttpResponse:
    whole = sheets.sheet(session)
    context: dict[str, Any] = {
        "session": session,
        "sheet": whole,
        "form": form,
        "report": form,
        "before": before,
        "is_fresh": session.condensed_at is None and (before is None or sealed.is_changed(before)),
        "seen": shown.seen(session, whole),
        "open_walk_ins": sum(row.walk_in_state == "open" for row in whole.rows),
        "must_explain": sum(line.is_open for line in form.lines),
        "figures": _figures(whole),
        "signs_too": _signs_too(request, session, before),
        "half_days": [deskwords.half_day(slot, whole.slots, session.timezone) for slot in whole.slots],
    }
    return render(request, "attendance/seal.html", context, status=422 if form.errors else 200)


def _figures(sheet: Sheet) -> list[dict[str, int]]:
    """Of each half-day: how many participants were present, signed, had it declared, or are excused."""
    guests = [row for row in sheet.rows if row.is_guest and row.walk_in_state != "refused"]
    found = []
    for number in range(len(sheet.slots)):
        parts = [row.parts[number] for row in guests]
        marks = [part.signature for part in parts if part.signature]
        declared = sum(mark.is_declared for mark in marks)
        found.append(
            {
                "present": sum(part.first_in is not None for part in parts),
                "signed": len(marks) - declared,
                "declared": declared,
                "excused": sum(part.is_excused for part in parts),
            }
        )
    return found


@asks("seminars.explain_finding", session_of)
@answers_form("session-seal")
def finding(request: HttpRequest, session: Session, code: str) -> HttpResponse:
    """Keeps the reasons written so far; the seal may wait."""
    whole = sheets.sheet(session)
    lines = consistency.lines(report.findings(session, whole, person_of(request)), session, whole)
    form = ReportForm(request.POST, lines=lines)
    if form.is_valid():
        try:
            explaining.explain(session=session, by=person_of(request), reasons=form.reasons())
        except Refused as refused:
            refuse(form, refused)
        else:
            messages.success(request, _("The reasons are kept."))
            return redirect("session-seal", code)
    return _page(request, session, form, sealed.latest(session))


routes: list[URLPattern] = [
    path("sessions/<str:code>/seal/", seal, name="session-seal"),
    path("sessions/<str:code>/findings/", finding, name="session-finding"),
]
