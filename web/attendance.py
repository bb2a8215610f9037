"""The sheet of a session in the browser, for print, and for a spreadsheet: as sealed, or as the ledger stands."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.views.decorators.http import require_safe

from seminars import addresses, moments
from seminars.actions import exports
from seminars.documents.pictures import code_of
from seminars.models import SealedSheet, Session
from seminars.permissions import allows
from seminars.queries import sealed
from seminars.queries.sheets import Sheet
from seminars.vocabulary import State
from web import footnotes, spreadsheet
from web import sheet as document
from web.access import asker, asks, person_of, session_of
from web.closing import unseen
from web.posting import answers_form


@asks("seminars.see_sheet", session_of)
@require_safe
def sheet(request: HttpRequest, session: Session, code: str) -> HttpResponse:
    """The sheet as a document; a draft until the session is closed. `?version=` shows an earlier seal."""
    whole = _asked(request, session)
    context = {
        "session": session,
        "sheet": whole,
        "head": document.heads(),
        "tongues": document.tongues(),
        "frame": document.frame(whole),
        "half_days": document.half_days(whole),
        "lines": document.lines(whole),
        "tally": document.both(lambda _tongue: document.tally(whole)),
        **_beneath(whole),
        **_seal(session, whole),
        **_acts(request, session, whole),
    }
    return render(request, "attendance/sheet.html", context)


def _asked(request: HttpRequest, session: Session) -> Sheet:
    asked = request.GET.get("version", "")
    try:
        return sealed.sheet_of(session, int(asked) if asked.isdecimal() and len(asked) < 5 else None)
    except SealedSheet.DoesNotExist:
        raise Http404 from None


def _beneath(whole: Sheet) -> dict[str, Any]:
    """What stands under the table."""
    return {
        "notes": footnotes.notes(whole),
        "marks": footnotes.marks(whole),
        "declarations": footnotes.declarations(whole),
        "explanations": footnotes.explanations(whole),
        "withdrawn": footnotes.withdrawn(whole),
        "arrivals": footnotes.arrivals(whole),
        "basis": document.both(lambda _tongue: document.basis(whole)),
    }


def _seal(session: Session, whole: Sheet) -> dict[str, Any]:
    """The seal that the page shows, where to verify it, and every version there is."""
    versions = list(session.sealed.select_related("sealed_by").defer("content", "people").order_by("version"))
    if whole.seal is None or whole.is_changed:
        return {"versions": versions, "seal": None}
    address = addresses.verify(whole.seal.code)
    side, modules = code_of(address)
    code = {"address": address, "side": side, "modules": modules}
    is_latest = whole.seal.version == versions[-1].version
    return {"versions": versions, "seal": whole.seal, "code": code, "is_latest": is_latest}


def _acts(request: HttpRequest, session: Session, whole: Sheet) -> dict[str, Any]:
    """What may be done next: close, seal, seal again."""
    actor, is_kept = asker(request), session.condensed_at is not None
    is_ended = session.state == State.ENDED and not is_kept
    is_open = whole.seal is None or whole.is_changed
    return {
        "may_close": session.state == State.RUNNING and allows("seminars.close_session", actor, session),
        "may_seal": is_ended and is_open and allows("seminars.seal_sheet", actor, session),
        "may_change": not is_kept and allows("seminars.declare_presence", actor, session),
        "may_confirm": is_ended and is_open and allows("seminars.confirm_presence", actor, session),
        **unseen(whole),
    }


@asks("seminars.see_sheet", session_of)
@answers_form("session-sheet")
def sheet_csv(request: HttpRequest, session: Session, code: str) -> HttpResponse:
    """The same rows for a spreadsheet, in the reader's language; the log of exports says who took them."""
    whole = sealed.sheet_of(session)
    text = spreadsheet.as_csv(whole)
    exports.log(what="sheet", by=person_of(request), session=session, about="csv", rows=len(whole.rows))
    day = moments.local(session.starts_at, session.timezone).date()
    response = HttpResponse(text, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="viso-{session.code}-{day:%Y-%m-%d}.csv"'
    return response


routes: list[URLPattern] = [
    path("sessions/<str:code>/sheet/", sheet, name="session-sheet"),
    path("sessions/<str:code>/sheet.csv", sheet_csv, name="session-sheet-csv"),
]
