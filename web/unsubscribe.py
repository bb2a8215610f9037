"""Stopping one kind of letters by the link at its end: to look changes nothing, one click does, also that of a mail
program without a browser (RFC 8058). The link works for ever, whatever became of the invitation."""

from functools import wraps
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from seminars.actions import unsubscribing
from seminars.models import Person
from seminars.queries import stopping
from seminars.vocabulary import STOPPABLE, LetterKind
from web import errors, limits
from web.access import View, asker, asks, person_of
from web.language import COOKIE
from web.posting import answers_form

ONE_CLICK = "List-Unsubscribe"


def stoppable(kind: str) -> LetterKind:
    """Raises Http404 for a kind that can't be stopped, or is none."""
    if kind not in STOPPABLE:
        raise Http404
    return LetterKind(kind)


def for_reader(view: View) -> View:
    """Finds who is meant, in her language unless this browser's reader is known or has chosen one. A click on an
    unknown link counts as a failure of its network, whose unknown links then wait: a provider sends the good clicks of
    all its customers from one address."""

    @wraps(view)
    def found(request: HttpRequest, token: str, kind: str) -> HttpResponse:
        invitation = stopping.by_any_turn(token)
        if invitation is None:
            if request.method != "POST":
                raise Http404
            if wait := limits.wait(request):
                return errors.too_often(request, wait)
            limits.count(request)
            raise Http404
        person, chosen = invitation.person, stoppable(kind)
        if asker(request) or request.COOKIES.get(COOKIE) in dict(settings.LANGUAGES):
            return view(request, person, chosen, token)
        with translation.override(person.language):
            response = view(request, person, chosen, token)
            response.headers["Content-Language"] = person.language
            return response

    return found


@csrf_exempt  # a mail program has no cookie; the link itself is the proof
@asks("seminars.unsubscribe")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@for_reader
def stop(request: HttpRequest, person: Person, kind: LetterKind, token: str) -> HttpResponse:
    if request.method == "POST":
        return _post(request, person, kind, token)
    context: dict[str, Any] = {"reader": person, "kind": kind, "token": token}
    context["is_stopped"] = kind in stopping.stopped(person)
    return render(request, "invitations/stop.html", context)


def _post(request: HttpRequest, person: Person, kind: LetterKind, token: str) -> HttpResponse:
    """The page's own buttons lead back to it; a mail program gets a line, no cookie and no redirect."""
    if "again" in request.POST and ONE_CLICK not in request.POST:
        unsubscribing.resume(person=person, kind=kind)
    else:
        unsubscribing.stop(person=person, kind=kind)
    if ONE_CLICK not in request.POST and {"again", "stop"} & set(request.POST):
        return HttpResponseRedirect(reverse("invitation-stop", args=[token, kind]), status=303)
    return HttpResponse(
        _("No more letters of this kind will come.") + "\n", content_type="text/plain; charset=utf-8"
    )


@asks("seminars.keep_account")
@answers_form("account")
def again(request: HttpRequest, **more: str) -> HttpResponse:
    """On her account page: letters of a kind that she had stopped."""
    unsubscribing.resume(person=person_of(request), kind=stoppable(request.POST.get("kind", "")))
    return redirect(reverse("account") + "#letters")


routes: list[URLPattern] = [
    path("i/<str:token>/stop/<str:kind>/", stop, name="invitation-stop"),
    path("account/letters/", again, name="letters-again"),
]
