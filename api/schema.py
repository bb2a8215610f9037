"""The OpenAPI description: its address, the tokens, and the problems that every action may answer with."""

from collections.abc import Sequence
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.utils import OpenApiResponse, extend_schema
from drf_spectacular.views import SpectacularAPIView
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from api import rates
from api.access import asks
from api.problems import CONTENT_TYPE, Problem

READING = (400, 401, 403, 404, 429)
WRITING = (*READING, 409, 413, 415, 422)


class TokenScheme(OpenApiAuthenticationExtension):
    target_class = "api.access.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {
            "type": "http",
            "scheme": "bearer",
            "description": "A personal token, made on the account page.",
        }


def answers(good: dict[int, Any], problems: Sequence[int] = WRITING) -> dict[Any, Any]:
    """Responses for `extend_schema`: the good ones, and the problems beside them."""
    return {**good, **{(status, CONTENT_TYPE): OpenApiResponse(Problem) for status in problems}}


class Schema(rates.CountsBadKeys, SpectacularAPIView):
    """Public, as the rest needs a token."""

    throttle_classes = rates.EACH

    def handle_exception(self, exc: Exception) -> Response:
        """Problems are JSON, also where the answer would be YAML."""
        response: Response = super().handle_exception(exc)
        self.request.accepted_renderer, self.request.accepted_media_type = (
            JSONRenderer(),
            JSONRenderer.media_type,
        )
        return response

    @extend_schema(exclude=True)
    @asks("seminars.read_schema")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        answer: Response = super().get(request, *args, **kwargs)
        return answer
