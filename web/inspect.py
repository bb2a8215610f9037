"""The page of an outside inspector: the session live and after, read only, by a link that ends.

To look changes nothing: "Enter" is a click of hers, which notes a visit and shows her in the room. What she sees is
open for an hour after it; her page says each minute that it is still open, or she asks for the present state herself.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from seminars import moments
from seminars.actions import inspectors
from seminars.errors import Refused
from seminars.models import InspectorLink, Session
from seminars.queries import inspection, sealed
from seminars.vocabulary import State
from web.access import asks
from web.forms.refusing import words

ENTERED = "inspecting"
"""In the browser's session: {code of a link: when it was last used, seconds since 1970}."""


def opens(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """The view gets the link. Absent, expired, revoked and forged answer alike, to everybody."""

    @wraps(view)
    def opened(request: HttpRequest, token: str) -> HttpResponse:
        link = inspection.opened_by(token)
        if link is None:
            raise Http404
        return view(request, link, token)

    return opened


def has_entered(request: HttpRequest, link: InspectorLink) -> bool:
    used = request.session.get(ENTERED, {}).get(link.code, 0)
    return bool(used > moments.now().timestamp() - inspectors.VISIT.total_seconds())


@asks("seminars.inspect")
@never_cache
@require_safe
@opens
def inspect(request: HttpRequest, link: InspectorLink, token: str) -> HttpResponse:
    context: dict[str, Any] = {"link": link, "session": link.session, "token": token}
    if not has_entered(request, link):
        return render(request, "inspect/enter.html", context)
    return render(request, "inspect/inspect.html", context | facts(link.session))


def facts(session: Session) -> dict[str, Any]:
    """The programme, planned and held hours, who is present; after the closing the sheet."""
    is_over = session.state == State.ENDED
    return {
        "slots": session.slots.all(),
        "team": session.team.select_related("person").order_by("person__name"),
        "organisers": session.organisers.exclude(pk=session.host_id),
        "is_open": session.state in (State.SCHEDULED, State.RUNNING),
        "people": inspection.present(session),
        "checks": inspection.checks(session),
        "sheet": sealed.sheet_of(session) if is_over else None,
        "seal": sealed.latest(session) if is_over else None,
        "now": moments.now(),
    }


@asks("seminars.inspect")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@opens
def enter(request: HttpRequest, link: InspectorLink, token: str) -> HttpResponse:
    """The click that opens, and the one that asks for the present state."""
    if request.method == "POST":
        try:
            _look(request, link)
        except Refused as refused:
            messages.warning(request, words(refused))
    return redirect("inspect", token)


@asks("seminars.inspect")
@never_cache
@require_POST
@opens
def beat(request: HttpRequest, link: InspectorLink, token: str) -> HttpResponse:
    """Said by her open page each minute; the answer is the part of it that changes."""
    if not has_entered(request, link):
        return HttpResponse(_("This page has rested too long: enter again."), status=409)
    _look(request, link)
    return render(request, "inspect/_now.html", {"session": link.session} | facts(link.session))


def _look(request: HttpRequest, link: InspectorLink) -> None:
    inspectors.look(link=link)
    entered = request.session.get(ENTERED, {})
    request.session[ENTERED] = entered | {link.code: int(moments.now().timestamp())}


routes: list[URLPattern] = [
    path("inspect/<str:token>/", inspect, name="inspect"),
    path("inspect/<str:token>/enter/", enter, name="inspect-enter"),
    path("inspect/<str:token>/now/", beat, name="inspect-now"),
]
