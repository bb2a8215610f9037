"""What a script writes about a session, and what it asks a list for: shapes here, rules in the actions."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import Q, QuerySet
from django.db.models.functions import Lower
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from api.fields import Line, Slot, Strict
from api.pages import Pages
from api.shapes import Summary, Title
from seminars import moments
from seminars.models import Activity, Organisation, Person, Session
from seminars.vocabulary import Interpretation, Kind, Language, Mode, Role, State, Zone

BOUNDS = (MinValueValidator(date(2000, 1, 1)), MaxValueValidator(date(2100, 1, 1)))


class Member(Strict):
    person = Line(max_length=254, help_text="Code or mail address")
    role = serializers.ChoiceField(choices=Role.choices)


class TextsIn(Strict):
    """What a session is about and who may see it; nothing that moves it."""

    title = Title(source="*")
    summary = Summary(source="*", required=False)
    kind = serializers.ChoiceField(choices=Kind.choices)
    activity = serializers.SlugRelatedField(slug_field="code", queryset=Activity.objects.all())
    languages = serializers.ListField(
        child=serializers.ChoiceField(choices=Language.choices),
        allow_empty=False,
        max_length=3,
        required=False,
    )
    interpretation = serializers.ChoiceField(choices=Interpretation.choices, allow_blank=True, required=False)
    capacity = serializers.IntegerField(min_value=1, max_value=2000, allow_null=True, required=False)
    min_presence_percent = serializers.IntegerField(
        min_value=0, max_value=100, allow_null=True, required=False
    )
    public = serializers.BooleanField(source="is_public", required=False)
    confidential = serializers.BooleanField(source="is_confidential", required=False)

    def validate_languages(self, languages: list[str]) -> list[str]:
        return list(dict.fromkeys(languages))


class PlanIn(TextsIn):
    """A whole session. Hours are wall times in `timezone`."""

    host = serializers.SlugRelatedField(slug_field="key", queryset=Organisation.objects.all())
    organisers = serializers.ListField(child=Line(max_length=60), max_length=30, required=False)
    team = Member(many=True, max_length=30, required=False)  # type: ignore[call-arg]  # an option of the list
    slots = Slot(many=True, max_length=60)  # type: ignore[call-arg]  # an option of the list
    timezone = serializers.ChoiceField(choices=Zone.choices)
    mode = serializers.ChoiceField(choices=Mode.choices, required=False)
    place = Line(max_length=200, allow_blank=True, required=False)
    past_meant = serializers.BooleanField(
        source="is_past_meant", required=False, help_text="A start in the past is meant so"
    )
    draft = serializers.BooleanField(source="is_draft", required=False)

    def validate_organisers(self, given: list[str]) -> list[Organisation]:
        found = {one.key: one for one in Organisation.objects.filter(key__in=given)}
        _refuse_unknown(given, found)
        return list(found.values())

    def validate_team(self, given: list[dict[str, str]]) -> list[tuple[Person, str]]:
        named = [member["person"] for member in given]
        lowered = [name.lower() for name in named]
        people = Person.objects.alias(address=Lower("email")).filter(
            Q(code__in=named) | Q(address__in=lowered), is_active=True
        )
        known = {key: person for person in people for key in (person.code, person.email.lower())}
        _refuse_unknown(lowered, known)
        return [(known[member["person"].lower()], member["role"]) for member in given]


def _refuse_unknown(given: Iterable[str], known: Iterable[str]) -> None:
    known = set(known)
    faults = {
        str(number): [_("Nothing is known by this name.")]
        for number, name in enumerate(given)
        if name not in known
    }
    if faults:
        raise ValidationError(faults, "does_not_exist")


class MoveIn(Strict):
    """Where and when from now on; what is left out stays."""

    slots = Slot(many=True, max_length=60)  # type: ignore[call-arg]  # an option of the list
    timezone = serializers.ChoiceField(choices=Zone.choices, required=False)
    mode = serializers.ChoiceField(choices=Mode.choices, required=False)
    place = Line(max_length=200, allow_blank=True, required=False)
    past_meant = serializers.BooleanField(source="is_past_meant", required=False)


class Filters(Strict):
    """Whole days in the programme's zone, both included; `activity` and `state` may be repeated."""

    to = serializers.DateField(required=False, validators=BOUNDS)
    activity = serializers.ListField(child=Line(max_length=8), max_length=20, required=False)
    mode = serializers.ChoiceField(choices=Mode.choices, required=False)
    state = serializers.ListField(
        child=serializers.ChoiceField(choices=State.choices), max_length=5, required=False
    )

    def get_fields(self) -> dict[str, serializers.Field]:
        first = serializers.DateField(required=False, validators=BOUNDS)  # `from` is no name in Python
        return {"from": first, **super().get_fields()}


def filtered(sessions: QuerySet[Session], query: Any) -> QuerySet[Session]:
    """The sessions that a query string asks for. Raises ValidationError, for a misspelt filter too."""
    wanted = query.copy()
    for name in (Pages.cursor_query_param, Pages.page_size_query_param):
        wanted.pop(name, None)
    filters = Filters(data=wanted)
    filters.is_valid(raise_exception=True)
    given = filters.validated_data
    if first := given.get("from"):
        sessions = sessions.filter(ends_at__gt=_midnight(first))
    if last := given.get("to"):
        sessions = sessions.filter(starts_at__lt=_midnight(last + timedelta(days=1)))
    names = {"activity": "activity__code__in", "mode": "mode", "state": "state__in"}
    return sessions.filter(**{names[name]: given[name] for name in names if given.get(name)})


def _midnight(day: date) -> datetime:
    """Paris and Rome share one clock."""
    return moments.at(datetime.combine(day, time.min), Zone.PARIS)
