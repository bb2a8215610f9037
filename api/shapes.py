"""A session as the API says it."""

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from api.fields import Line, Strict, Text
from seminars import addresses, moments
from seminars.models import Session
from seminars.vocabulary import Interpretation, Kind, Language, Mode, Role, State, Zone


class Title(Strict):
    """Required: French or Italian; both where the session is public."""

    fr = Line(source="title_fr", max_length=200, allow_blank=True, required=False)
    it = Line(source="title_it", max_length=200, allow_blank=True, required=False)
    en = Line(source="title_en", max_length=200, allow_blank=True, required=False)


class Summary(Strict):
    fr = Text(source="summary_fr", max_length=4000, allow_blank=True, required=False)
    it = Text(source="summary_it", max_length=4000, allow_blank=True, required=False)


class SlotOut(serializers.Serializer):
    """Instants with the offset of the session's zone; the held times once the session was opened or closed."""

    number = serializers.IntegerField()
    start = serializers.DateTimeField()
    end = serializers.DateTimeField()
    held_from = serializers.DateTimeField(allow_null=True)
    held_to = serializers.DateTimeField(allow_null=True)


class MemberOut(serializers.Serializer):
    person = serializers.CharField(source="person.code")
    name = serializers.CharField(source="person.name")
    role = serializers.ChoiceField(choices=Role.choices)


class SessionOut(serializers.Serializer):
    code = serializers.CharField()
    url = serializers.SerializerMethodField(help_text="The session's page")
    state = serializers.ChoiceField(choices=State.choices)
    kind = serializers.ChoiceField(choices=Kind.choices)
    activity = serializers.CharField(source="activity.code")
    title = Title(source="*")
    summary = Summary(source="*")
    timezone = serializers.ChoiceField(choices=Zone.choices)
    start = serializers.SerializerMethodField()
    end = serializers.SerializerMethodField()
    slots = serializers.SerializerMethodField()
    mode = serializers.ChoiceField(choices=Mode.choices)
    place = serializers.CharField()
    host = serializers.CharField(source="host.key")
    organisers = serializers.SerializerMethodField()
    team = MemberOut(source="team.all", many=True)
    languages = serializers.ListField(child=serializers.ChoiceField(choices=Language.choices))
    interpretation = serializers.ChoiceField(choices=Interpretation.choices, allow_blank=True)
    capacity = serializers.IntegerField(allow_null=True)
    min_presence_percent = serializers.IntegerField(allow_null=True)
    public = serializers.BooleanField(source="is_public")
    confidential = serializers.BooleanField(source="is_confidential")
    sequence = serializers.IntegerField(help_text="SEQUENCE of its calendar entry: raised by each revision")
    revised_at = serializers.DateTimeField()

    def get_url(self, session: Session) -> str:
        return addresses.session(session.code)

    @extend_schema_field({"type": "string", "format": "date-time"})
    def get_start(self, session: Session) -> str:
        return moments.local(session.starts_at, session.timezone).isoformat()

    @extend_schema_field({"type": "string", "format": "date-time"})
    def get_end(self, session: Session) -> str:
        return moments.local(session.ends_at, session.timezone).isoformat()

    @extend_schema_field(SlotOut(many=True))
    def get_slots(self, session: Session) -> list[dict[str, object]]:
        slots: list[dict[str, object]] = []
        for slot in session.slots.all():
            edges = {"start": slot.starts_at, "end": slot.ends_at}
            held = {"held_from": slot.held_from, "held_to": slot.held_to}
            said = {
                name: moments.local(moment, session.timezone).isoformat() if moment else None
                for name, moment in (edges | held).items()
            }
            slots.append({"number": slot.number, **said})
        return slots

    def get_organisers(self, session: Session) -> list[str]:
        return sorted(organisation.key for organisation in session.organisers.all())
