"""A sealed sheet as files: the seal, which names nobody, and the whole sheet with its people, which is logged."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import URLPattern, path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from seminars.actions import exports
from seminars.models import SealedSheet, Session
from seminars.queries import sealed
from web.access import asks, person_of, session_of


def _chosen(session: Session, version: str) -> SealedSheet:
    """The version that is asked for, or the last one. Raises Http404 where there is none."""
    if not version:
        found = sealed.latest(session)
    else:
        found = session.sealed.filter(version=version).first() if version.isdecimal() else None
    if found is None:
        raise Http404
    return found


def _file(told: dict[str, Any], name: str) -> HttpResponse:
    response = JsonResponse(told, json_dumps_params={"indent": 1, "sort_keys": True, "ensure_ascii": False})
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@asks("seminars.see_papers", session_of)
@never_cache
@require_safe
def seal_json(request: HttpRequest, session: Session, code: str) -> HttpResponse:
    """`?version=`; without it the last."""
    made = _chosen(session, request.GET.get("version", ""))
    return _file(sealed.seal_file(made), f"viso-{session.code}-v{made.version}.seal.json")


@asks("seminars.export_evidence", session_of)
@never_cache
@require_POST
def sheet_json(request: HttpRequest, session: Session, code: str) -> HttpResponse:
    """With `version` in the form, or the last: names leave the house, so it is a press and stands in the log."""
    made = _chosen(session, request.POST.get("version", ""))
    about = f"{session.code} v{made.version} json"
    exports.log(
        what="sealed sheet", by=person_of(request), session=session, about=about, rows=len(made.people)
    )
    return _file(sealed.sheet_file(made), f"viso-{session.code}-v{made.version}.json")


routes: list[URLPattern] = [
    path("sessions/<str:code>/seal.json", seal_json, name="session-seal-json"),
    path("sessions/<str:code>/sheet.json", sheet_json, name="session-sheet-json"),
]
