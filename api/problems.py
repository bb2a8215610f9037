"""Everything that goes wrong, as problem details (RFC 9457) with a code that scripts can rely on."""

import re
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied as NotAllowed
from django.core.exceptions import RequestDataTooBig
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.exceptions import (
    APIException,
    AuthenticationFailed,
    ErrorDetail,
    NotAuthenticated,
    PermissionDenied,
    Throttled,
    ValidationError,
)
from rest_framework.response import Response

from seminars import refusals
from seminars.errors import Refused
from seminars.outage import RETRY_SECONDS, is_away

CONTENT_TYPE = "application/problem+json"
CONFLICTS = frozenset({"not_now", "draft_first"})
"""Refusals that another state of the session would not give."""
MOST_ERRORS = 50
PLAN_FIELD = re.compile(r"(?P<edge>start|end)(?:_(?P<number>\d+))?")


class Fault(serializers.Serializer):
    """One fault of a body or query."""

    field = serializers.CharField(help_text="Path of the field, with dots: slots.0.start")
    code = serializers.CharField()
    detail = serializers.CharField()


class Problem(serializers.Serializer):
    """Problem details (RFC 9457). `code` is stable, `detail` is a sentence in the language of Accept-Language."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    code = serializers.CharField()
    field = serializers.CharField(required=False)
    errors = Fault(many=True, required=False)  # type: ignore[assignment]  # a field, not the property


def problem(exc: Exception, context: dict[str, Any]) -> Response | None:
    """The answer to whatever a view raised; None for a fault of ours, which Django reports."""
    if isinstance(exc, Refused):
        status = HTTPStatus.CONFLICT if exc.code in CONFLICTS else HTTPStatus.UNPROCESSABLE_ENTITY
        return told(status, exc.code, refusals.sentence(exc), field=field_of(exc))
    if isinstance(exc, ValidationError):
        errors = [fault for fault, _number in zip(flat(exc.detail), range(MOST_ERRORS), strict=False)]
        detail = _("Some fields can't be used; the errors name them.")
        return told(HTTPStatus.BAD_REQUEST, "invalid", detail, errors=errors)
    if isinstance(exc, RequestDataTooBig):
        return told(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large", _("The body is larger than 1 MiB."))
    if isinstance(exc, Http404):
        return told(HTTPStatus.NOT_FOUND, "not_found", _("Nothing at this address, or nothing you may see."))
    if isinstance(exc, NotAllowed):
        exc = PermissionDenied()
    if is_away(exc):
        detail = _("Interrupted for a moment. Nothing was kept: send it again.")
        return told(HTTPStatus.SERVICE_UNAVAILABLE, "away", detail, {"Retry-After": str(RETRY_SECONDS)})
    return _of_framework(exc) if isinstance(exc, APIException) else None


def _of_framework(exc: APIException) -> Response:
    headers: dict[str, str] = {}
    code, detail = str(exc.get_codes()), str(exc.detail)
    if isinstance(exc, NotAuthenticated | AuthenticationFailed):
        detail = _("Send a token of yours that is valid: “Authorization: Bearer …”.")
        code = "unauthenticated" if isinstance(exc, NotAuthenticated) else "bad_token"
        headers["WWW-Authenticate"] = str(getattr(exc, "auth_header", "Bearer"))
        if code == "bad_token":
            headers["WWW-Authenticate"] += ', error="invalid_token"'
    elif isinstance(exc, PermissionDenied) and code == "permission_denied":
        code, detail = "forbidden", _("You may not do this here.")
    elif isinstance(exc, Throttled):
        detail = _("Too many requests. Wait as many seconds as Retry-After says, then go on.")
        headers["Retry-After"] = str(int(getattr(exc, "wait", None) or 1) + 1)
    return told(exc.status_code, code, detail, headers)


def told(status: int, code: str, detail: str, headers: dict[str, str] | None = None, **more: Any) -> Response:
    """Problem details as a response; empty members are left out."""
    body = {
        "type": f"urn:viso:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": int(status),
        "detail": detail,
        "code": code,
    }
    body |= {name: value for name, value in more.items() if value}
    return Response(body, status=status, headers=headers, content_type=CONTENT_TYPE)


def flat(detail: Any, path: str = "") -> Iterator[dict[str, str]]:
    """The tree of faults as a list, each with the path of its field."""
    if isinstance(detail, ErrorDetail):
        yield {"field": path, "code": detail.code or "invalid", "detail": str(detail)}
        return
    pairs = detail.items() if isinstance(detail, dict) else enumerate(detail)
    for name, part in pairs:
        is_step = not isinstance(part, ErrorDetail) and name != "non_field_errors"
        step = str(name)[:100] if is_step else ""
        yield from flat(part, f"{path}.{step}".strip(".") if step else path)


def field_of(refused: Refused) -> str:
    """The body's name for the field that an action refused."""
    name = refused.field or ""
    if edge := PLAN_FIELD.fullmatch(name):
        return f"slots.{int(edge['number'] or 1) - 1}.{edge['edge']}"
    if name == "date":
        return "slots"
    return name.replace("title_", "title.").replace("summary_", "summary.")
