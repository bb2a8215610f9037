"""Pages of lists: by cursor, so that a page costs the same wherever it lies and nothing is shown twice."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.exceptions import ValidationError as BadValue
from django.db.models import Field, Model, QuerySet
from django.utils.translation import gettext as _
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request

if TYPE_CHECKING:  # the framework reads this module while it makes its views
    from rest_framework.views import APIView

# What a cursor can be wrong in: it is the caller's to garble.
GARBLED = (NotFound, BadValue, ValueError, OverflowError)


class Pages(CursorPagination):
    """`next` and `previous` are whole addresses, built from SITE_URL. The view names its `order`."""

    page_size = 50
    max_page_size = 200
    page_size_query_param = "page_size"

    def get_ordering(self, request: Request, queryset: QuerySet[Any], view: "APIView") -> tuple[str, ...]:
        order: tuple[str, ...] = view.order  # type: ignore[attr-defined]  # declared by Door
        return order

    def paginate_queryset(
        self, queryset: QuerySet[Any], request: Request, view: "APIView | None" = None
    ) -> list[Any] | None:
        try:
            if view is not None:
                self.check(queryset.model, self.get_ordering(request, queryset, view)[0], request)
            page = super().paginate_queryset(queryset, request, view)
        except GARBLED as error:
            raise ValidationError({"cursor": [_("This is no cursor of ours.")]}) from error
        self.base_url = f"{settings.SITE_URL}{request.get_full_path()}"
        return page

    def check(self, model: type[Model], order: str, request: Request) -> None:
        """Raises one of GARBLED for a position that no row can have, before a stricter database is asked."""
        cursor = self.decode_cursor(request)
        position = getattr(cursor, "position", None)
        if not isinstance(position, str):
            return
        name = order.lstrip("-")
        field = model._meta.pk if name == "pk" else model._meta.get_field(name)
        value = field.to_python(position) if isinstance(field, Field) else position
        if "\0" in position:
            raise ValueError("no text of ours")
        if isinstance(value, datetime):
            value.astimezone(UTC)
