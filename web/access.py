"""Who asks, and whether she may: the actor of a request, and the decorator by which each route names its permission."""

from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth import get_user_model, login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from seminars.models import Invitation, Person, Session
from seminars.permissions import ANYBODY, Actor, Level, allows
from web import errors, idle, proving
from web.language import PROFILE

View = Callable[..., HttpResponse]
Finder = Callable[..., Any]
LEVEL = "level"
INSIDE = (
    "seminars.enter_room",
    "seminars.record_presence",
    "seminars.take_pulse",
    "seminars.raise_hand",
    "seminars.answer_check",
)


class ActorOfRequest:
    """Sets `request.actor`: nobody, somebody who came by an invitation's link, or somebody who signed in."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.actor = actor_of(request)  # type: ignore[attr-defined]  # Django offers no typed place for it
        return self.get_response(request)


def actor_of(request: HttpRequest) -> Actor:
    user = request.user
    if not isinstance(user, get_user_model()) or not user.is_active:
        return ANYBODY
    invited = request.session.get(LEVEL) == "invited"
    return Actor(user, Level.INVITED if invited else Level.FULL)


def asker(request: HttpRequest) -> Actor:
    """Who asks, as the middleware has found."""
    actor: Actor = request.actor  # type: ignore[attr-defined]  # Django offers no typed place for it
    return actor


def person_of(request: HttpRequest) -> Person:
    """Who asks, where the permission has made sure that somebody does."""
    person = asker(request).person
    assert person is not None
    return person


def enter(request: HttpRequest, person: Person, *, invited: bool) -> None:
    """Starts a session for a person; by an invitation's link it stays weak, unless she is signed in already, and proves
    nothing: what she proved here before stands. Signing in proves who she is, now."""
    if invited and asker(request).person == person:
        return
    if request.user.is_authenticated and request.user.pk != person.pk:
        idle.leave(request)
    login(request, person, backend="django.contrib.auth.backends.ModelBackend")
    request.session[LEVEL] = "invited" if invited else "full"
    request.session[PROFILE] = person.language
    idle.start(request.session)
    if invited:
        proving.forget(request.session)
    else:
        proving.note(request.session)
    request.actor = actor_of(request)  # type: ignore[attr-defined]


def session_of(request: HttpRequest, code: str, **more: str) -> Session | None:
    """The session that a path names, with what its pages show."""
    return Session.objects.select_related("activity", "host", "series").filter(code=code).first()


def invitation_of(request: HttpRequest, token: str, **more: str) -> Invitation | None:
    return Invitation.objects.by_token(token)


def asks(name: str, find: Finder | None = None) -> Callable[[View], View]:
    """The view asks the permission table by `name` about what `find` finds, and gets it as its second argument.

    Foreign and absent answer alike: 404 to whoever is signed in, the way to sign-in to whoever is not, and to whoever
    came by an invitation's link where signing in would open the door. 410 to whoever was invited until lately.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            thing = find(request, **kwargs) if find else None
            actor = asker(request)
            if (find and thing is None) or not allows(name, actor, thing):
                if would_open(name, actor, thing, is_found=not find or thing is not None):
                    words = _("This page is for whoever signed in: ask for a link at your own address.")
                    messages.info(request, words)
                    return to_sign_in(request)
                if was_withdrawn(name, actor, thing, kwargs.get("token", "")):
                    return errors.withdrawn(request)
                if actor or name in ("seminars.open_invitation", "seminars.see_demonstration"):
                    raise Http404
                return to_sign_in(request)
            response = view(request, thing, **kwargs) if find else view(request, *args, **kwargs)
            if response.status_code == 405:
                response = errors.not_allowed(request, response.headers["Allow"])
            if actor or name == "seminars.open_invitation":  # a page for one person, known or not
                patch_cache_control(response, private=True)
                patch_vary_headers(response, ["Cookie"])
            return response

        guarded.permission = name  # type: ignore[attr-defined]  # the grid test reads it
        return guarded

    return decorate


def would_open(name: str, actor: Actor, thing: Any, *, is_found: bool) -> bool:
    """Whether a door that is shut to a weak session opens once the same person signs in."""
    is_weak = bool(actor) and actor.level == Level.INVITED
    return is_weak and is_found and allows(name, replace(actor, level=Level.FULL), thing)


def was_withdrawn(name: str, actor: Actor, thing: Any, token: str) -> bool:
    """Whether it was open to whoever asks until her invitation was taken back: she knows of it, and may be told."""
    if name == "seminars.open_invitation":
        return Invitation.objects.withdrawn_by_token(token) is not None
    if name not in INSIDE or not actor or not isinstance(thing, Session):
        return False
    taken_back = Invitation.objects.filter(session=thing, person=actor.person).exclude(withdrawn_at=None)
    return taken_back.exists()


def to_sign_in(request: HttpRequest) -> HttpResponse:
    back = request.get_full_path() if request.method == "GET" else reverse("today")
    return HttpResponseRedirect(f"{reverse('sign-in')}?{urlencode({'next': back})}")


def safe_next(request: HttpRequest, fallback: str) -> str:
    """A path of our own from `next`, whatever was written there."""
    given = request.POST.get("next") or request.GET.get("next") or ""
    ours = given.startswith("/") and not given.startswith(("//", "/\\", "/%"))
    is_safe = ours and url_has_allowed_host_and_scheme(given, allowed_hosts=None) and given.isprintable()
    return given if is_safe and "\\" not in given else fallback
