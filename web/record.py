"""One's own record: hours and certificates by year, and the training cycles with what they still ask."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from seminars.queries import record as queries
from web.access import asks, person_of
from web.schemes import forms_of, reasons


@asks("seminars.see_own_record")
@never_cache
@require_safe
def record(request: HttpRequest) -> HttpResponse:
    person = person_of(request)
    cycles = [
        {
            "scheme": scheme,
            "progress": progress,
            "reasons": reasons(progress),
            "forms": forms_of(scheme, progress),
        }
        for scheme, progress in queries.cycles(person)
    ]
    return render(request, "record/record.html", {"years": queries.years(person), "cycles": cycles})


routes: list[URLPattern] = [path("me/record/", record, name="my-record")]
