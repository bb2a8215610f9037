"""Answers for what went wrong, in the form that the asker reads: a page, JSON for a script, a problem for the API."""

import logging
import sys
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _

from seminars import trace
from seminars.outage import RETRY_SECONDS, is_away
from web.language import language_of

log = logging.getLogger(__name__)
CODES = {
    400: "bad_request",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    410: "gone",
    413: "too_large",
    429: "throttled",
    500: "fault",
    503: "away",
}
LAST_RESORT = """<!doctype html><html lang="fr"><meta charset="utf-8"><title>Viso</title>
<p>Une panne de notre côté. Réessayez dans une minute.</p>
<p lang="it">Un guasto da parte nostra. Riprovi tra un minuto.</p>
<p lang="en">A fault on our side. Try again in a minute.</p></html>"""


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    if isinstance(exception, RequestDataTooBig):
        return _answer(request, 413, _("What was sent is larger than 1 MiB. Nothing of it was kept."))
    return _answer(request, 400, _("This request could not be read"))


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _answer(request, 403, _("This page is not open to you"))


def absent(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _answer(request, 404, _("Nothing at this address, or nothing you may see."))


def gone(request: HttpRequest) -> HttpResponse:
    return _answer(request, 410, _("This link is no longer valid"))


def withdrawn(request: HttpRequest) -> HttpResponse:
    return _answer(request, 410, _("This invitation has been withdrawn. Ask the team."), is_withdrawn=True)


def not_allowed(request: HttpRequest, allowed: str) -> HttpResponse:
    """`allowed`: the methods that the address takes."""
    response = _answer(request, 405, _("This address opens no page"))
    response.headers["Allow"] = allowed
    return response


def too_often(request: HttpRequest, wait: int) -> HttpResponse:
    """`wait`: the seconds until it makes sense to come again."""
    minutes = -(-wait // 60)
    response = _answer(request, 429, _("Too many attempts"), minutes=minutes)
    response.headers["Retry-After"] = str(wait)
    return response


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return _answer(request, 403, _("This page was open for too long"), is_stale_form=True)


def broken(request: HttpRequest) -> HttpResponse:
    """The answer to whatever nobody caught: 503 where the database is away for a while, else 500.

    Django calls it while it handles the exception, wherever in the chain that was raised. Needs no database, no context
    processor, no language that a middleware chose: whatever broke may be what they need.
    """
    is_short = is_away(sys.exc_info()[1])
    status = 503 if is_short else 500
    with translation.override(language_of(request)):
        words = _interrupted(request) if is_short else _fault()
        response = _said(request, status, f"{words['title']}. {words['lead']}") or _bare(request, status)
    if is_short:
        response.headers["Retry-After"] = str(RETRY_SECONDS)
    response.headers["Cache-Control"] = "no-store"
    patch_vary_headers(response, ("Accept-Language", "Cookie"))
    return response


def _fault() -> dict[str, str]:
    lead = _("What you sent may not have been kept. Go back and try again in a minute.")
    return {"title": _("A fault on our side"), "lead": lead}


def _interrupted(request: HttpRequest) -> dict[str, str]:
    lead = _("Wait half a minute, then try again.")
    if request.method not in ("GET", "HEAD"):
        lead = _("What you sent may not have been kept. Wait half a minute, then try again.")
    return {"title": _("Interrupted for a moment"), "lead": lead}


def _answer(request: HttpRequest, status: int, words: str, **context: Any) -> HttpResponse:
    return _said(request, status, words) or render(request, f"{status}.html", context, status=status)


def _said(request: HttpRequest, status: int, words: str) -> HttpResponse | None:
    """For whoever is no reader of pages; `words` in the active language. None for a reader."""
    code, accepts = CODES[status], request.headers.get("Accept", "")
    if request.path.startswith("/api/"):
        body = {"type": f"urn:viso:problem:{code}", "title": HTTPStatus(status).phrase, "status": status}
        body |= {"detail": words, "code": code}
        return JsonResponse(body, status=status, content_type="application/problem+json")
    is_script = "application/json" in accepts and "text/html" not in accepts
    if is_script or request.path.endswith(".json") or request.content_type == "application/json":
        return JsonResponse({"code": code, "message": words}, status=status)
    if request.path.endswith(".ics"):
        return HttpResponse(f"{words}\n", status=status, content_type="text/plain; charset=utf-8")
    return None


def _bare(request: HttpRequest, status: int) -> HttpResponse:
    """A page in all languages, the reader's first: what says which one she chose may be what is away."""
    reader = translation.get_language()
    tongues = []
    for code in sorted(dict(settings.LANGUAGES), key=lambda each: each != reader):
        with translation.override(code):
            tongues.append({"code": code} | (_interrupted(request) if status == 503 else _fault()))
    look = request.COOKIES.get("look", "")
    context = {
        "reader": reader,
        "tongues": tongues,
        "look": look if look in ("light", "dark") else "",
        "again": request.get_full_path() if request.method == "GET" else "/",
        "out": "/programme/",  # written out: what broke may be the list of addresses
        "number": trace.doing().get("request", ""),
        "contact": settings.CONTACT["email"],
    }
    try:
        page = str(render_to_string(f"{status}.html", context))
    except Exception:  # the style sheet that is not there, say: the answer still comes, and the log says why
        log.exception("the page for %s could not be made", status)
        page = LAST_RESORT
    response = HttpResponse(page, status=status)
    response.headers["Content-Language"] = ", ".join(each["code"] for each in tongues)
    return response
