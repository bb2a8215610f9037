"""The papers of a session: chosen by kind and language, read as a page, or taken away as PDF, spreadsheet or bundle."""

import logging
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe

from seminars.actions import exports
from seminars.documents import bundle as bundles
from seminars.documents import connections, papers, pictures, tabular, workbook
from seminars.documents.voices import BOTH, CHOICES
from seminars.errors import Refused
from seminars.limits import Limit
from seminars.models import Session
from seminars.moments import now
from seminars.permissions import allows
from seminars.queries import sealed
from seminars.queries.sheets import Sheet
from seminars.vocabulary import Paper
from web import errors
from web.access import asker, asks, person_of, session_of
from web.forms.refusing import words

log = logging.getLogger(__name__)
TAKEN = Limit("sheet-papers", 40, 60)
BUNDLES = Limit("bundles", 4, 60)
"""A paper costs a tenth of a second, a bundle two seconds: so many a minute for each session."""
TONGUES = {
    "fr": pgettext_lazy("language of a document", "French"),
    "it": pgettext_lazy("language of a document", "Italian"),
    BOTH: pgettext_lazy("language of a document", "French and Italian"),
}
SPREADSHEET, CONNECTIONS = "presence", "connections"
"""Kinds that are no paper: rows for a spreadsheet, and the lines of the ledger."""
SANDBOX = "default-src 'none'; style-src 'unsafe-inline'; sandbox"


@asks("seminars.see_papers", session_of)
@never_cache
@require_safe
def index(request: HttpRequest, session: Session, code: str) -> HttpResponse:
    """Every kind in every language, what it is for, and whether it is sealed."""
    sheet = sealed.sheet_of(session)
    context = {
        "session": session,
        "sheet": sheet,
        "papers": [(kind, kind.label, kind in papers.SHEETS) for kind in Paper],
        "tongues": TONGUES.items(),
        "chosen": BOTH,
        "is_sealed": sheet.seal is not None and not sheet.is_changed,
        "may_export": allows("seminars.export_evidence", asker(request), session),
    }
    return render(request, "papers/papers.html", context)


@asks("seminars.see_papers", session_of)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def paper(request: HttpRequest, session: Session, code: str, paper_kind: str, fmt: str) -> HttpResponse:
    """A page is read; whatever leaves the house is posted for, and noted."""
    given = request.POST if request.method == "POST" else request.GET
    language = given.get("language", BOTH)
    if language not in CHOICES or (paper_kind, fmt) not in WAYS:
        raise Http404
    if fmt == "html":
        return _page(request, sealed.sheet_of(session), paper_kind, language)
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    if wait := TAKEN.take(str(session.pk)):
        return errors.too_often(request, wait)
    return _taken(request, session, paper_kind, fmt, language)


def _page(request: HttpRequest, sheet: Sheet, kind: str, language: str) -> HttpResponse:
    drawn = papers.drawn(kind, sheet, language)
    side, code = pictures.code_of(drawn.code) if drawn.code else (0, "")
    context = {
        "paper": drawn.facts,
        "session": sheet.session,
        "kind": kind,
        "language": language,
        "side": side,
        "code": code,
    }
    response = render(request, "papers/paper.html", context)
    response.headers["Content-Language"] = drawn.facts["language"]
    return response


def _taken(request: HttpRequest, session: Session, kind: str, fmt: str, language: str) -> HttpResponse:
    sheet = sealed.sheet_of(session)
    try:
        content, media_type = WAYS[kind, fmt](session, sheet, kind, language)
    except ValueError:
        log.exception("no %s of session %s can be made", kind, session.code)
        messages.error(request, _("The document could not be made. Ask whoever runs this site."))
        return redirect("session-papers", session.code)
    about = f"{kind} {fmt} {language}" + (f" v{sheet.version}" if sheet.version else "")
    exports.log(what="paper", by=person_of(request), session=session, about=about, rows=len(sheet.rows))
    return _file(content, media_type, f"{kind}-{session.code}-{language}.{fmt}")


def _file(content: bytes, media_type: str, name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"}
    return HttpResponse(content, content_type=media_type, headers=headers)


def _pdf(session: Session, sheet: Sheet, kind: str, language: str) -> tuple[bytes, str]:
    return papers.pdf(kind, sheet, language, at=now()), "application/pdf"


def _xlsx(session: Session, sheet: Sheet, kind: str, language: str) -> tuple[bytes, str]:
    return workbook.workbook(sheet, "it" if language == "it" else "fr", at=now()), workbook.TYPE


def _csv(session: Session, sheet: Sheet, kind: str, language: str) -> tuple[bytes, str]:
    return tabular.as_csv(connections.rows(session, language)).encode(), "text/csv; charset=utf-8"


def _nothing(session: Session, sheet: Sheet, kind: str, language: str) -> tuple[bytes, str]:
    raise ValueError("a page is no file")


WAYS: dict[tuple[str, str], Any] = {
    **{(str(kind.value), "pdf"): _pdf for kind in Paper},
    **{(str(kind.value), "html"): _nothing for kind in Paper},
    (SPREADSHEET, "xlsx"): _xlsx,
    (CONNECTIONS, "csv"): _csv,
}
"""What can be asked for: kind and format, and what makes it."""


@asks("seminars.export_evidence", session_of)
@require_POST
def bundle(request: HttpRequest, session: Session, code: str) -> HttpResponse:
    """Everything that proves the session, as one file."""
    if wait := BUNDLES.take(str(session.pk)):
        return errors.too_often(request, wait)
    try:
        content = bundles.bundle(session, at=now())
    except Refused as refused:
        messages.error(request, words(refused))
        return redirect("session-papers", code)
    except ValueError:
        log.exception("no bundle of session %s can be made", code)
        messages.error(request, _("The document could not be made. Ask whoever runs this site."))
        return redirect("session-papers", code)
    rows = session.invitations.count()
    exports.log(what="bundle", by=person_of(request), session=session, about="zip", rows=rows)
    return _file(content, "application/zip", f"bundle-{code}.zip")


@asks("seminars.read_page")
@require_GET
def emblem(request: HttpRequest) -> HttpResponse:
    """The picture that stands beside the statement of the fund; the same for everybody."""
    own = pictures.own_emblem()
    content, media_type = own or (pictures.emblem_svg().encode(), pictures.TYPES[".svg"])
    headers = {
        "Content-Security-Policy": SANDBOX,
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "public, max-age=3600",
    }
    return HttpResponse(content, content_type=media_type, headers=headers)


routes: list[URLPattern] = [
    path("sessions/<str:code>/papers/", index, name="session-papers"),
    path("sessions/<str:code>/papers/<slug:paper_kind>.<slug:fmt>", paper, name="session-paper"),
    path("sessions/<str:code>/bundle.zip", bundle, name="session-bundle"),
    path("emblem", emblem, name="emblem"),
]
