"""The log of what left the house, for those who answer for it."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_safe

from seminars.queries import exported
from web.access import asks, person_of

A_PAGE = 50
WHAT: dict[str, str | Promise] = {
    "own data": lazy("Archive of one’s own data"),
    "bundle": lazy("Bundle of a session"),
    "paper": lazy("Document of a session"),
    "scan": lazy("Scanned page of a paper sheet"),
    "sheet": lazy("Attendance sheet"),
    "sealed sheet": lazy("Sealed sheet"),
    "certificate": lazy("Certificate"),
    "certificates": lazy("Certificates"),
}
"""Kinds of exports in words; one that is not here shows the word it was logged by."""


@asks("seminars.see_exports")
@require_safe
def exports(request: HttpRequest) -> HttpResponse:
    found = Paginator(exported.seen_by(person_of(request)), A_PAGE).get_page(request.GET.get("page"))
    rows = [(each, WHAT.get(each.what, each.what)) for each in found]
    return render(request, "keeping/exports.html", {"rows": rows, "page": found})


routes: list[URLPattern] = [path("exports/", exports, name="exports")]
