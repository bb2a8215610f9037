"""Fields that the bodies share: bounded strings, wall times, and shapes that refuse what they do not know."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError

WALL = re.compile(r"20\d\d-\d\d-\d\dT\d\d:\d\d(:00)?", re.ASCII)


class Strict(serializers.Serializer):
    """A shape that names unknown fields instead of dropping them: a script's typing error must not pass for success."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping) and (unknown := sorted(set(data) - set(self.fields))):
            fault = ErrorDetail(_("There is no such field."), "unknown_field")
            raise ValidationError({name: [fault] for name in unknown})
        return super().to_internal_value(data)


class Empty(Strict):
    """No fields at all."""


class Line(serializers.CharField):
    """One line without control characters: it may end in the header of a mail."""

    banned = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
    default_error_messages = {"control": lazy("Control characters can't be used here.")}

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        if self.banned.search(text):
            self.fail("control")
        return text


class Text(Line):
    """Several lines."""

    banned = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


@extend_schema_field(
    {"type": "string", "pattern": r"^20\d\d-\d\d-\d\dT\d\d:\d\d(:00)?$", "example": "2027-03-11T14:00"}
)
class Wall(serializers.Field):
    """A wall time, `2027-03-11T14:00`, without offset: the zone stands beside it."""

    default_error_messages = {
        "invalid": lazy("Write the hour on the wall without an offset, as 2027-03-11T14:00.")
    }

    def to_internal_value(self, data: Any) -> datetime:
        if not isinstance(data, str) or not WALL.fullmatch(data):
            self.fail("invalid")
        try:
            return datetime.fromisoformat(data)
        except ValueError:
            self.fail("invalid")

    def to_representation(self, value: datetime) -> str:
        return value.isoformat(timespec="minutes")


class Slot(Strict):
    """One half-day, or part of one."""

    start = Wall()
    end = Wall()


def walls(slots: list[dict[str, datetime]]) -> list[tuple[datetime, datetime]]:
    """As the actions take them."""
    return [(slot["start"], slot["end"]) for slot in slots]


class Names(serializers.Serializer):
    """A name in both languages of the programme, which are equal."""

    fr = serializers.CharField(source="name_fr")
    it = serializers.CharField(source="name_it")
