"""What the other bodies name by code or key: activities, organisations, kinds of session."""

from django.utils import translation
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.access import asks
from api.door import Door
from api.fields import Names
from api.schema import READING, answers
from seminars.models import Activity, Organisation
from seminars.vocabulary import Country, Kind


class NamesInThree(Names):
    en = serializers.CharField(source="name_en")


class ActivityOut(serializers.Serializer):
    code = serializers.CharField()
    name = NamesInThree(source="*")


class OrganisationOut(serializers.Serializer):
    key = serializers.CharField()
    country = serializers.ChoiceField(choices=Country.choices)
    name = Names(source="*")


class KindOut(serializers.Serializer):
    kind = serializers.ChoiceField(choices=Kind.choices)
    name = NamesInThree(source="*")


class ActivitiesDoor(Door):
    queryset = Activity.objects.all()
    serializer_class = ActivityOut
    order = ("code",)

    @extend_schema(responses=answers({200: ActivityOut(many=True)}, READING))
    @asks("seminars.read_api")
    def list(self, request: Request) -> Response:
        """The programme's activities, by their codes."""
        page = self.paginate_queryset(self.get_queryset())
        return self.get_paginated_response(ActivityOut(page, many=True).data)


class OrganisationsDoor(Door):
    queryset = Organisation.objects.all()
    serializer_class = OrganisationOut
    order = ("key",)

    @extend_schema(responses=answers({200: OrganisationOut(many=True)}, READING))
    @asks("seminars.read_api")
    def list(self, request: Request) -> Response:
        """Who hosts and organises sessions, by their keys."""
        page = self.paginate_queryset(self.get_queryset())
        return self.get_paginated_response(OrganisationOut(page, many=True).data)


class KindsDoor(Door):
    serializer_class = KindOut

    @extend_schema(responses=answers({200: KindOut(many=True)}, READING))
    @asks("seminars.read_api")
    def list(self, request: Request) -> Response:
        """All of them on one page: the list is part of the program."""
        rows = [{"kind": kind.value} | _names(kind) for kind in Kind]
        return Response({"next": None, "previous": None, "results": KindOut(rows, many=True).data})


def _names(kind: Kind) -> dict[str, str]:
    names = {}
    for language in ("fr", "it", "en"):
        with translation.override(language):
            names[f"name_{language}"] = str(kind.label)
    return names
