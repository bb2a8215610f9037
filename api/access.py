"""Who calls, and whether she may: personal tokens, and the permission table asked by name for each action of a view."""

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from django.db.models import Q
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import (
    AuthenticationFailed,
    MethodNotAllowed,
    NotAuthenticated,
    PermissionDenied,
)
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from seminars import keys
from seminars.models import ApiToken, Person
from seminars.moments import now
from seminars.permissions import ANYBODY, Actor, Level, allows

if TYPE_CHECKING:  # the framework reads this module while it makes its views
    from rest_framework.views import APIView

Finder = Callable[..., Any]
Method = TypeVar("Method", bound=Callable[..., Any])
OPEN = "seminars.read_schema"
"""The one name that needs no token."""
USE_IS_NOTED_EVERY = timedelta(hours=1)


def asks(name: str, find: Finder | None = None) -> Callable[[Method], Method]:
    """The action asks the table by `name` about what `find(**path)` finds; the view then holds it as `thing`."""

    def mark(method: Method) -> Method:
        method.permission, method.find = name, find  # type: ignore[attr-defined]  # the grid test reads the name
        return method

    return mark


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer <key>` (RFC 6750 2.1); nothing else lets in, a signed-in browser neither."""

    def authenticate(self, request: Request) -> tuple[Person, ApiToken] | None:
        scheme, _space, key = get_authorization_header(request).partition(b" ")
        if scheme.lower() != b"bearer":
            return None
        found = ApiToken.objects.select_related("person__organisation").filter(
            key_hash=keys.digest(key.strip().decode("latin-1")), revoked_at=None, person__is_active=True
        )
        token = found.first()
        if token is None:
            raise AuthenticationFailed
        _note_use(token)
        return token.person, token

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="viso"'


def _note_use(token: ApiToken) -> None:
    """At most one write an hour, so that reading stays reading."""
    present = now()
    stale = present - USE_IS_NOTED_EVERY
    if token.last_used_at is None or token.last_used_at < stale:
        unnoted = Q(last_used_at=None) | Q(last_used_at__lt=stale)
        ApiToken.objects.filter(unnoted, pk=token.pk).update(last_used_at=present)


def actor_of(request: Request) -> Actor:
    token = request.auth
    if not isinstance(token, ApiToken):
        return ANYBODY
    return Actor(token.person, Level.FULL if token.may_write else Level.READING)


class AsksTheTable(BasePermission):
    """Asks by the name that the action carries. An action without a name is denied; foreign and absent answer alike."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        actor = actor_of(request)
        action = getattr(view, "action", None) or (request.method or "").lower()
        method = getattr(view, action, None)
        name = getattr(method, "permission", "")
        if name == OPEN:
            return True
        if not allows("seminars.read_api", actor):
            raise NotAuthenticated
        if request.method not in view.allowed_methods:
            raise MethodNotAllowed(request.method or "")
        if not name:
            return False
        find = getattr(method, "find", None)
        thing = find(**view.kwargs) if find else None
        if find and thing is None:
            raise Http404
        if not allows(name, actor, thing):
            raise _denial(name, actor, thing)
        view.thing = thing  # type: ignore[attr-defined]  # declared by Door
        return True


def _denial(name: str, actor: Actor, thing: Any) -> Exception:
    """404 for what the caller may not even see; else 403, which says so when another token of hers would do."""
    if thing is not None and not allows("seminars.see_session", actor, thing):
        return Http404()
    if actor.level == Level.READING and allows(name, Actor(actor.person, Level.FULL), thing):
        return PermissionDenied(
            _("This token may only read. Make one on your account page that may write."), "read_only"
        )
    return PermissionDenied()
