"""Who is invited to a session, and what she answered."""

from datetime import timedelta
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from seminars import keys
from seminars.models.people import Organisation, Person
from seminars.models.sessions import Session
from seminars.moments import now
from seminars.vocabulary import Answer, Country, Language


class Invitations(models.QuerySet["Invitation"]):
    def active(self) -> Self:
        return self.filter(withdrawn_at=None)

    def reached(self) -> Self:
        """Whom a word to everybody reaches: who said no is left in peace."""
        return self.active().exclude(answer=Answer.NO)

    def replaced(self) -> Self:
        """Who said no because somebody comes in her place, as long as that one's invitation stands."""
        return self.active().filter(pk__in=Substitution.objects.standing().values("invitation"))

    def concerned(self) -> Self:
        """Whom a change of the session concerns: everybody but those who are replaced."""
        return self.active().exclude(pk__in=Substitution.objects.standing().values("invitation"))

    def by_token(self, token: str) -> "Invitation | None":
        """The invitation that a personal link names; None when absent, withdrawn, of somebody suspended, not written
        by us, or long over."""
        code = keys.code_of(token)
        known = self.active().filter(person__is_active=True)
        found = code and known.filter(code=code).select_related("session", "person").first()
        return found if found and found.opens_by(token, found.turn) else None

    def withdrawn_by_token(self, token: str) -> "Invitation | None":
        """The withdrawn invitation that this link opened until then."""
        code = keys.code_of(token)
        found = code and self.exclude(withdrawn_at=None).filter(code=code).select_related("session").first()
        return found if found and found.opens_by(token, found.turn - 1) else None


class Invitation(models.Model):
    """One person and one session. Organisation and country are copied at the time: people move, the sheet must not."""

    code = models.CharField(max_length=12, unique=True, default=keys.new_code, editable=False)
    turn = models.PositiveSmallIntegerField(default=0)
    """Raised to make an earlier link worthless."""
    session = models.ForeignKey(Session, models.CASCADE, related_name="invitations")
    person = models.ForeignKey(Person, models.CASCADE, related_name="invitations")
    answer = models.CharField(max_length=6, choices=Answer, default=Answer.NONE, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_sequence = models.PositiveIntegerField(null=True, blank=True)
    note = models.CharField(max_length=300, blank=True)
    organisation_fr = models.CharField(max_length=200, blank=True)
    organisation_it = models.CharField(max_length=200, blank=True)
    country = models.CharField(max_length=2, choices=Country, blank=True)
    invited_by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    invited_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = Invitations.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["session", "person"], name="invited_once"),
        ]

    @property
    def replacement(self) -> "Substitution | None":
        """The confirmed request by which somebody comes in her place; a query for who said no, else none."""
        if self.answer != Answer.NO:
            return None
        return Substitution.objects.standing().filter(invitation=self).select_related("made__person").last()

    @property
    def token(self) -> str:
        """The key of the personal link."""
        return keys.derive("invitation", self.code, self.turn)

    def opens_by(self, token: str, turn: int) -> bool:
        """Whether we wrote this link for that turn, and it is not long over."""
        lapses = self.session.ends_at + timedelta(days=settings.FEEDBACK_DAYS)
        return keys.is_derived(token, "invitation", self.code, turn) and now() < lapses

    @property
    def agent(self) -> str:
        """The mark in the agent address that organises this invitation, the same for every revision."""
        return keys.derive("agent", self.code).replace(".", "-")


class Substitutions(models.QuerySet["Substitution"]):
    def standing(self) -> Self:
        """Confirmed ones that still hold: neither invitation was taken back, and she who asked has said no since."""
        hers = Q(invitation__withdrawn_at=None, invitation__answer=Answer.NO)
        return self.filter(
            hers,
            is_accepted=True,
            asked_at__gte=F("invitation__invited_at"),
            made__isnull=False,
            made__withdrawn_at=None,
        )


class Substitution(models.Model):
    """ "X comes in my place": asked by an invited person, open until a host of the session decides."""

    code = models.CharField(max_length=12, unique=True, default=keys.new_code, editable=False)
    invitation = models.ForeignKey(Invitation, models.CASCADE, related_name="substitutions")
    name = models.CharField(max_length=120)
    email = models.EmailField(max_length=254)
    language = models.CharField(max_length=2, choices=Language, default=Language.FRENCH)
    note = models.CharField(max_length=300, blank=True)
    asked_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    is_accepted = models.BooleanField(null=True)
    made = models.ForeignKey(Invitation, models.SET_NULL, null=True, related_name="replaces")
    """The invitation of whoever comes instead, once that is confirmed."""

    objects = Substitutions.as_manager()

    class Meta:
        ordering: ClassVar = ["asked_at", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["invitation"], condition=Q(decided_at=None), name="one_open_substitution"
            ),
        ]


class Quota(models.Model):
    """How many people of an organisation may be invited to a session."""

    session = models.ForeignKey(Session, models.CASCADE, related_name="quotas")
    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="quotas")
    seats = models.PositiveSmallIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["session", "organisation"], name="one_quota_each"),
        ]
