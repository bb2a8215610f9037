"""What all views of the API share: one way in, one form of body, one form of refusal, nothing kept by caches."""

from collections.abc import Mapping
from typing import Any, TypeVar

from django.http import Http404
from django.utils.cache import patch_vary_headers
from django.utils.http import parse_header_parameters
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotAuthenticated, ParseError, UnsupportedMediaType
from rest_framework.parsers import JSONParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.viewsets import GenericViewSet

from api import rates
from api.access import actor_of, asks
from seminars.models import Person

Shape = TypeVar("Shape", bound=Serializer)
UTF8 = frozenset({"", "utf-8", "utf8"})


class Json(JSONParser):
    def parse(
        self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        try:
            return super().parse(stream, media_type, parser_context)
        except RecursionError as error:
            raise ParseError(_("The body is nested too deeply.")) from error


class Door(rates.CountsBadKeys, GenericViewSet):
    """A view whose actions each name their permission with `@asks`; `thing` is what the asking found."""

    parser_classes = [Json]
    throttle_classes = rates.EACH
    filter_backends = []
    metadata_class = None
    http_method_names = ["get", "head", "post", "patch", "delete"]
    order: tuple[str, ...] = ("pk",)
    thing: Any = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Bodies are UTF-8 (RFC 8259 8.1); a codec that a header chooses may decompress, or take quadratic time."""
        charset = parse_header_parameters(request.content_type or "")[1].get("charset", "")
        if charset.lower() not in UTF8:
            raise UnsupportedMediaType(str(request.content_type)[:100])
        super().initial(request, *args, **kwargs)

    def check_permissions(self, request: Request) -> None:
        """Counts first: a refused request is one too, so that codes can't be guessed without end."""
        super().check_throttles(request)
        super().check_permissions(request)

    def check_throttles(self, request: Request) -> None:
        """Done before the permissions."""

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        final: Response = super().finalize_response(request, response, *args, **kwargs)
        final.headers["Cache-Control"] = "private, no-store"
        patch_vary_headers(final, ["Authorization"])
        return final

    @property
    def caller(self) -> Person:
        """Whose token this is."""
        person = actor_of(self.request).person
        if person is None:
            raise NotAuthenticated
        return person

    def given(self, shape: type[Shape], **options: Any) -> dict[str, Any]:
        """The body in the shape of a serializer. Raises ValidationError."""
        meta = self.request.META
        if not meta.get("CONTENT_LENGTH"):  # sent in chunks: the framework would take it for empty
            meta["CONTENT_LENGTH"] = str(len(self.request.body))
        serializer = shape(data=self.request.data, **options)
        serializer.is_valid(raise_exception=True)
        return dict(serializer.validated_data)


@extend_schema(exclude=True)
class Nowhere(Door):
    """Any other path below /api/: absent, in the API's own words."""

    @asks("seminars.read_api")
    def absent(self, request: Request, **path: str) -> Response:
        raise Http404
