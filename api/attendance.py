"""The attendance sheet: minutes per person and half-day, each class of minutes by its name."""

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.access import asks
from api.door import Door
from api.invitations import OrganisationThen, session_of
from api.schema import READING, answers
from seminars.models import Session
from seminars.queries import reasons, sheets
from seminars.vocabulary import Role


class PartOut(serializers.Serializer):
    """Whole minutes, rounded down. `unseen` and `waiting` ones are shown and not counted in `minutes`."""

    slot = serializers.IntegerField(source="slot.number")
    minutes = serializers.IntegerField()
    bridged = serializers.IntegerField(help_text="Of them, short gaps that were closed")
    declared = serializers.IntegerField(help_text="Of them, declared by the trainer")
    replayed = serializers.IntegerField(help_text="Of them, told by the page after a cut")
    unseen = serializers.IntegerField(help_text="In the video, not seen by the companion")
    waiting = serializers.IntegerField(help_text="Told after a cut, too long to count undeclared")
    first_in = serializers.DateTimeField(allow_null=True)
    last_out = serializers.DateTimeField(allow_null=True)


class RowOut(serializers.Serializer):
    person = serializers.CharField(source="person.code")
    name = serializers.CharField(source="person.name")
    role = serializers.ChoiceField(choices=Role.choices)
    organisation = OrganisationThen(source="*")
    country = serializers.CharField()
    invited = serializers.BooleanField(source="is_invited")
    present = serializers.BooleanField(source="was_present")
    came = serializers.BooleanField(
        source="has_come", help_text="The ledger holds a fact of her, even where no minute counts"
    )
    minutes = serializers.IntegerField()
    declared = serializers.IntegerField()
    unseen = serializers.IntegerField()
    waiting = serializers.IntegerField()
    percent = serializers.IntegerField(help_text="Of the planned minutes")
    met = serializers.BooleanField(
        source="is_met", allow_null=True, help_text="The threshold; null: none, or undecided"
    )
    undecided = serializers.BooleanField(
        source="is_undecided", help_text="Would be met if unseen and waiting minutes were declared"
    )
    late_at = serializers.DateTimeField(
        allow_null=True, help_text="When the server heard of a presence that was reported late"
    )
    arrived_at = serializers.DateTimeField(
        allow_null=True, help_text="When something of her arrived after the closing"
    )
    arrived = serializers.IntegerField(help_text="Minutes that arrived after the closing")
    minutes_without = serializers.IntegerField(help_text="Minutes counted without them")
    slots = PartOut(source="parts", many=True)


class HeldOut(serializers.Serializer):
    """One half-day: planned hours, and the hours it was held."""

    number = serializers.IntegerField()
    start = serializers.DateTimeField(source="starts_at")
    end = serializers.DateTimeField(source="ends_at")
    held_from = serializers.DateTimeField(allow_null=True)
    held_to = serializers.DateTimeField(allow_null=True)


class DeclarationOut(serializers.Serializer):
    """Who declared minutes, and why."""

    by = serializers.CharField()
    reason = serializers.CharField()


class SheetOut(serializers.Serializer):
    session = serializers.CharField(source="session.code")
    final = serializers.BooleanField(source="is_final")
    until = serializers.DateTimeField()
    planned = serializers.IntegerField(help_text="Minutes")
    held = serializers.IntegerField(help_text="Minutes")
    threshold = serializers.IntegerField(allow_null=True, help_text="Percent")
    present = serializers.IntegerField(help_text="People")
    declarations = serializers.SerializerMethodField()
    count = serializers.IntegerField(help_text="Events of the ledger that the sheet rests on")
    head = serializers.CharField(help_text="Hash of the last of them")
    slots = HeldOut(many=True)
    people = RowOut(source="rows", many=True)

    @extend_schema_field(DeclarationOut(many=True))
    def get_declarations(self, sheet: sheets.Sheet) -> list[dict[str, str]]:
        return [{"by": author, "reason": reasons.said(reason)} for author, reason in sheet.declarations]


class AttendanceDoor(Door):
    serializer_class = SheetOut
    queryset = Session.objects.none()

    @extend_schema(responses=answers({200: SheetOut}, READING))
    @asks("seminars.see_sheet", session_of)
    def retrieve(self, request: Request, code: str) -> Response:
        return Response(SheetOut(sheets.sheet(self.thing)).data)
