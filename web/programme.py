"""The public programme: an agenda by day and a week, by plain links that carry all they need."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_safe

from seminars import moments
from seminars.models import Activity, Session
from seminars.moments import now
from seminars.permissions import Actor
from seminars.queries import agenda
from seminars.vocabulary import Mode, Zone
from web.access import asker, asks

FEW_DAYS = timedelta(days=8)
FEW_ROWS = 5
"""Under so many rows a page names the session that comes after them."""
YEARS = range(2000, 2100)


@dataclass(frozen=True, slots=True)
class Window:
    """The days a page shows, and where its arrows lead. `is_open`: it begins today, whatever the month."""

    view: str
    first: date
    last: date
    before: date
    after: date
    is_open: bool = False

    @property
    def is_same_month(self) -> bool:
        """Whether the arrow back leads to the start of the month that is shown already."""
        return (self.before.year, self.before.month) == (self.first.year, self.first.month)


def month_after(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1)


def month_before(day: date) -> date:
    """The first of this month where part of it is shown, else of the month before."""
    return day.replace(day=1) if day.day > 1 else (day - timedelta(days=1)).replace(day=1)


def week_of(day: date) -> Window:
    monday = day - timedelta(days=day.weekday())
    week = timedelta(days=7)
    return Window("week", monday, monday + timedelta(days=6), monday - week, monday + week)


def agenda_from(day: date, *, is_open: bool) -> Window:
    """To the end of the month; an open one takes the next month too when little is left of this one."""
    after = month_after(day)
    if is_open and after - day < FEW_DAYS:
        after = month_after(after)
    return Window("agenda", day, after - timedelta(days=1), month_before(day), after, is_open)


def today() -> date:
    return moments.local(now(), Zone.PARIS).date()


def window_of(request: HttpRequest) -> Window:
    """Whatever cannot be read is left out: an address typed by hand still shows a programme."""
    try:
        given = parse_date(request.GET.get("from", ""))
    except ValueError:
        given = None
    if given is not None and given.year not in YEARS:
        given = None
    start = given or today()
    return week_of(start) if request.GET.get("view") == "week" else agenda_from(start, is_open=given is None)


def filters_of(request: HttpRequest, activities: list[Activity]) -> agenda.Filters:
    known, mode = {activity.code for activity in activities}, request.GET.get("mode", "")
    codes = [code for code in request.GET.getlist("activity") if code in known]
    return agenda.Filters(codes, mode if mode in Mode.values else "")


def address(view: str, filters: agenda.Filters, start: date | None = None) -> str:
    query = [("view", view)] if view == "week" else []
    query += [("from", start.isoformat())] if start else []
    query += [("activity", code) for code in filters.activities]
    query += [("mode", filters.mode)] if filters.mode else []
    return reverse("programme") + (f"?{urlencode(query)}" if query else "")


def links(window: Window, filters: agenda.Filters) -> dict[str, str]:
    start = None if window.is_open else window.first
    return {
        "before": address(window.view, filters, window.before),
        "after": address(window.view, filters, window.after),
        "today": address(window.view, filters),
        "agenda": address("agenda", filters, start),
        "week": address("week", filters, start),
        "all": address(window.view, agenda.Filters(), start),
    }


def next_session(actor: Actor, window: Window, filters: agenda.Filters) -> Session | None:
    """Never one that has passed: an empty month of last year leads to what comes."""
    return agenda.next_after(actor, max(window.last, today() - timedelta(days=1)), filters)


def page(request: HttpRequest) -> HttpResponse:
    """The programme as this reader may see it; `home` shows it too."""
    actor = asker(request)
    activities = list(Activity.objects.all())
    window, filters = window_of(request), filters_of(request, activities)
    if window.view == "week":
        days = agenda.week(actor, window.first, filters)
    else:
        days = agenda.days(actor, window.first, window.last, filters)
    count = sum(len(day.rows) for day in days)
    context: dict[str, Any] = {"window": window, "filters": filters, "links": links(window, filters)}
    context |= {"days": days, "today": today(), "activities": activities, "modes": Mode.choices}
    context |= {"place": "programme", "is_empty": not count}
    coming = next_session(actor, window, filters)
    context["next"] = coming if count < FEW_ROWS else None
    return render(request, f"programme/{window.view}.html", context)


@asks("seminars.see_programme")
@require_safe
def programme(request: HttpRequest) -> HttpResponse:
    return page(request)


routes: list[URLPattern] = [path("programme/", programme, name="programme")]
