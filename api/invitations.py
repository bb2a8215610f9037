"""Who is invited and what they answered; inviting by addresses; taking an invitation back."""

from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.http import Http404
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.access import asks
from api.door import Door
from api.fields import Line, Strict, Text
from api.schema import READING, answers
from seminars.actions import invitations as actions
from seminars.errors import Refused
from seminars.exchange.pasted import read_addresses
from seminars.models import Invitation, Letter, Session
from seminars.vocabulary import Answer, LetterKind, LetterState

MOST_LINES = 2000
REPLIES = [(value, label) for value, label in Answer.choices if value]


def session_of(code: str, **more: str) -> Session | None:
    return Session.objects.select_related("host").filter(code=code).first()


def with_letters(invitations: QuerySet[Invitation]) -> QuerySet[Invitation]:
    """Each with its latest letter that no newer one replaced, in the same query."""
    letters = Letter.objects.filter(invitation=OuterRef("pk")).exclude(state=LetterState.SUPERSEDED)
    latest = letters.order_by("-stamp", "-created_at")
    names = ("kind", "state", "sent_at")
    return invitations.select_related("person").annotate(
        **{f"letter_{name}": Subquery(latest.values(name)[:1]) for name in names}
    )


@extend_schema_field(
    {"oneOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "maxItems": MOST_LINES}]}
)
class AddressesField(serializers.Field):
    """Addresses as a list, or as the text that a person would paste; both become lines."""

    def to_internal_value(self, data: Any) -> str:
        if isinstance(data, str):
            return str(Text(max_length=60_000, allow_blank=True).run_validation(data))
        lines = serializers.ListField(child=Line(max_length=400), max_length=MOST_LINES).run_validation(data)
        return "\n".join(lines)

    def to_representation(self, value: str) -> str:
        return value


class InviteIn(Strict):
    addresses = AddressesField(help_text="a@b.org, or “Name <a@b.org>”")
    is_over_meant = serializers.BooleanField(
        default=False, help_text="Invites people beyond the seats of their organisation too"
    )


class Guest(serializers.Serializer):
    person = serializers.CharField(source="code")
    name = serializers.CharField()
    email = serializers.CharField()


class Bad(serializers.Serializer):
    line = serializers.IntegerField(help_text="From 1: the line, or the place in the list")
    text = serializers.CharField()
    why = serializers.CharField()


class Round(serializers.Serializer):
    """What an invitation round did. `again` are people invited before whose last letter did not arrive: they get a new
    one. `already` get none. `unknown` are those of the invited who were new to the system."""

    invited = Guest(many=True)
    again = Guest(many=True)
    already = Guest(many=True)
    unknown = serializers.ListField(child=serializers.CharField())
    twice = serializers.ListField(child=serializers.CharField())
    bad = Bad(many=True)


class OrganisationThen(serializers.Serializer):
    """As it was when the invitation was written."""

    fr = serializers.CharField(source="organisation_fr")
    it = serializers.CharField(source="organisation_it")


class LetterOut(serializers.Serializer):
    kind = serializers.ChoiceField(choices=LetterKind.choices, source="letter_kind", allow_null=True)
    state = serializers.ChoiceField(choices=LetterState.choices, source="letter_state", allow_null=True)
    sent_at = serializers.DateTimeField(source="letter_sent_at", allow_null=True)


class InvitationOut(serializers.Serializer):
    person = serializers.CharField(source="person.code")
    name = serializers.CharField(source="person.name")
    email = serializers.CharField(source="person.email")
    organisation = OrganisationThen(source="*")
    country = serializers.CharField()
    answer = serializers.SerializerMethodField(help_text="null: no answer yet")
    answered_at = serializers.DateTimeField(allow_null=True)
    note = serializers.CharField()
    invited_at = serializers.DateTimeField()
    letter = LetterOut(source="*")

    @extend_schema_field(serializers.ChoiceField(choices=REPLIES, allow_null=True))
    def get_answer(self, invitation: Invitation) -> str | None:
        return invitation.answer or None


class InvitationsDoor(Door):
    serializer_class = InvitationOut
    queryset = Invitation.objects.none()
    thing: Session

    @extend_schema(responses=answers({200: InvitationOut(many=True)}, READING))
    @asks("seminars.see_people", session_of)
    def list(self, request: Request, code: str) -> Response:
        """Everybody invited now, in the order of inviting; who was withdrawn is left out."""
        page = self.paginate_queryset(with_letters(self.thing.invitations.active()))
        return self.get_paginated_response(InvitationOut(page, many=True).data)

    @extend_schema(request=InviteIn, responses=answers({200: Round}))
    @asks("seminars.invite_person", session_of)
    def create(self, request: Request, code: str) -> Response:
        """Invites whom it can and says of each other address why not; 422 when all of them are bad."""
        given = self.given(InviteIn)
        pasted = read_addresses(given["addresses"])
        if pasted.bad and not pasted.good:
            raise Refused("bad_addresses", field="addresses")
        done = actions.invite(
            session=self.thing,
            by=self.caller,
            addresses=pasted.good,
            is_over_meant=given["is_over_meant"],
        )
        said = {
            "invited": [invitation.person for invitation in done.new],
            "again": done.again,
            "already": done.already,
            "unknown": done.unknown,
            "twice": pasted.twice,
            "bad": pasted.bad,
        }
        return Response(Round(said).data)

    @extend_schema(responses=answers({204: None}))
    @asks("seminars.invite_person", session_of)
    def destroy(self, request: Request, code: str, person: str) -> Response:
        """Takes an invitation back: its link opens nothing any more."""
        invitation = self.thing.invitations.active().filter(person__code=person).first()
        if invitation is None:
            raise Http404
        actions.withdraw(invitation=invitation, by=self.caller)
        return Response(status=204)
