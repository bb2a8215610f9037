"""Who is invited to a session, and what she answered."""

from datetime import timedelta
from typing import ClassVar, Self

from django.conf import settings
from django.db import models

from seminars import keys
from seminars.models.people import Person
from seminars.models.sessions import Session
from seminars.moments import now
from seminars.vocabulary import Answer, Country


class Invitations(models.QuerySet["Invitation"]):
    def active(self) -> Self:
        return self.filter(withdrawn_at=None)

    def reached(self) -> Self:
        """Whom a word to everybody reaches: who said no is left in peace."""
        return self.active().exclude(answer=Answer.NO)

    def by_token(self, token: str) -> "Invitation | None":
        """The invitation that a personal link names; None when absent, withdrawn, not written by us, or long over."""
        code = keys.code_of(token)
        found = code and self.active().filter(code=code).select_related("session", "person").first()
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
