"""The paper sheet that came back: its scanned pages, and the grid in which its signatures are typed."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from seminars.actions import exports
from seminars.actions import scans as actions
from seminars.errors import Refused
from seminars.evidence.scanning import ENDINGS
from seminars.models import Scan, Session
from seminars.queries import sheets
from seminars.queries.sheets import Sheet
from web import deskacts, deskwords
from web.access import asks, person_of, session_of
from web.forms.paper import GridForm, ScanForm
from web.forms.refusing import refuse, words

SANDBOX = "default-src 'none'; sandbox"


@asks("seminars.keep_scans", session_of)
@require_http_methods(["GET", "HEAD", "POST"])
def scans(request: HttpRequest, session: Session, code: str) -> HttpResponse:
    """Every page that came back, and one more."""
    slots = deskwords.half_days(sheets.sheet(session))
    if request.method == "POST":
        form = ScanForm(request.POST, request.FILES, slots=slots)
        if form.is_valid() and (kept := _kept(request, session, form)):
            messages.success(request, _("The page is kept. Now type in who signed it."))
            return redirect(f"{reverse('session-typed', args=[code])}?scan={kept.code}")
    else:
        form = ScanForm(slots=slots)
    context = {
        "session": session,
        "form": form,
        "scans": session.scans.defer("content").select_related("slot", "added_by"),
        "takes_facts": deskacts.is_open(session),
    }
    return render(request, "desk/scans.html", context, status=422 if form.errors else 200)


def _kept(request: HttpRequest, session: Session, form: ScanForm) -> Scan | None:
    file = form.cleaned_data["file"]
    try:
        return actions.keep(
            session=session,
            by=person_of(request),
            name=file.name,
            content=file.read(),
            slot_number=form.cleaned_data["slot"],
        )
    except Refused as refused:
        refuse(form, refused)
        return None


def _scan(session: Session, scan_code: str) -> Scan:
    scan = session.scans.filter(code=scan_code).first()
    if scan is None:
        raise Http404
    return scan


@asks("seminars.keep_scans", session_of)
@require_http_methods(["GET", "HEAD", "POST"])
def scan(request: HttpRequest, session: Session, code: str, scan_code: str) -> HttpResponse:
    """One page as it was uploaded: never shown in our pages, under a name of ours, with nothing that could act; the log
    of exports says who took it."""
    found = _scan(session, scan_code)
    if request.method != "POST":
        return redirect("session-scans", code)
    exports.log(what="scan", by=person_of(request), session=session, about=f"scan {found.code}", rows=1)
    response = HttpResponse(bytes(found.content), content_type=found.media_type)
    name = f"viso-{session.code}-{found.code}.{ENDINGS[found.media_type]}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Content-Security-Policy"] = SANDBOX
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


@asks("seminars.keep_scans", session_of)
@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: HttpRequest, session: Session, code: str, scan_code: str) -> HttpResponse:
    if request.method != "POST":
        return redirect("session-scans", code)
    try:
        actions.remove(scan=_scan(session, scan_code), by=person_of(request))
    except Refused as refused:
        messages.warning(request, words(refused))
    else:
        messages.success(request, _("The page is removed."))
    return redirect("session-scans", code)


@asks("seminars.keep_scans", session_of)
@require_http_methods(["GET", "HEAD", "POST"])
def typed(request: HttpRequest, session: Session, code: str) -> HttpResponse:
    """The grid: a tick for each signature on the paper; `?hours=1` is half-day 1 with the hours written beside them."""
    whole = sheets.sheet(session)
    form = _grid(request, whole)
    if request.method == "POST" and form.is_valid() and _typed(request, session, form):
        return redirect("session-desk", code)
    context: dict[str, Any] = {
        "session": session,
        "form": form,
        "lines": form.lines(),
        "half_days": [
            (slot.number, deskwords.half_day(slot, whole.slots, session.timezone)) for slot in whole.slots
        ],
        "takes_facts": deskacts.is_open(session),
    }
    return render(request, "desk/typed.html", context, status=422 if form.errors else 200)


def _grid(request: HttpRequest, whole: Sheet) -> GridForm:
    asked = request.GET.get("hours", "")
    return GridForm(
        request.POST if request.method == "POST" else None,
        rows=list(whole.rows),
        zone=whole.session.timezone,
        scans=list(whole.session.scans.defer("content")),
        hours_of=next((slot.number for slot in whole.slots if str(slot.number) == asked), None),
        initial={"scan": request.GET.get("scan", "")},
    )


def _typed(request: HttpRequest, session: Session, form: GridForm) -> bool:
    reason = form.cleaned_data["reason"] if form.scan is None else ""
    try:
        count = actions.type_in(
            session=session, by=person_of(request), rows=form.typed, scan=form.scan, reason=reason
        )
    except Refused as refused:
        refuse(form, refused)
        return False
    told = ngettext("%(n)s signature is typed in.", "%(n)s signatures are typed in.", count) % {"n": count}
    messages.success(request, told if count else _("All of these were signed already."))
    return True


routes: list[URLPattern] = [
    path("sessions/<str:code>/scans/", scans, name="session-scans"),
    path("sessions/<str:code>/scans/typed/", typed, name="session-typed"),
    path("sessions/<str:code>/scans/<str:scan_code>/", scan, name="session-scan"),
    path("sessions/<str:code>/scans/<str:scan_code>/remove/", remove, name="session-scan-remove"),
]
