"""The outbox: one small row per recipient, beside one frozen snapshot of the session's revision."""

import uuid
from typing import ClassVar, Self

from django.db import models
from django.db.models import Max, Q

from seminars.models.invitations import Invitation
from seminars.models.people import Person, SignInLink
from seminars.models.sessions import Session
from seminars.vocabulary import LetterKind, LetterState


class Revision(models.Model):
    """A session as it was when letters about it were posted; frozen, so that a retry says the same."""

    session = models.ForeignKey(Session, models.CASCADE, related_name="revisions")
    sequence = models.PositiveIntegerField()
    made_at = models.DateTimeField()
    content = models.JSONField()

    class Meta:
        ordering: ClassVar = ["pk"]


class Message(models.Model):
    """A word to everybody of a session, in mails and on open companions; one text per language given."""

    session = models.ForeignKey(Session, models.CASCADE, related_name="messages")
    author = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    text_fr = models.TextField(max_length=2000, blank=True)
    text_it = models.TextField(max_length=2000, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["at", "pk"]


class Letters(models.QuerySet["Letter"]):
    def undelivered(self) -> Self:
        """Refused or given up, to people who are still invited, or who don't know that they no longer are."""
        return self.filter(
            Q(invitation__withdrawn_at=None) | Q(kind=LetterKind.WITHDRAWAL),
            state__in=[LetterState.FAILED, LetterState.DEAD],
            invitation__isnull=False,
        )

    def standing(self, ordering_key: str) -> Self:
        """What one person may hold of a session: sent, perhaps arrived, or leaving, since its last CANCEL was sent."""
        ours = self.filter(ordering_key=ordering_key)
        ends = ours.filter(kind__in=[LetterKind.CANCELLATION, LetterKind.WITHDRAWAL], state=LetterState.SENT)
        last = ends.aggregate(last=Max("stamp"))["last"]
        held = ours.filter(
            Q(state=LetterState.SENT) | Q(unanswered__gt=0) | ~Q(owner=""),
            kind__in=[LetterKind.INVITATION, LetterKind.UPDATE],
        )
        return held.filter(stamp__gt=last) if last else held


class Letter(models.Model):
    """One mail to one person: posted in the action's transaction, rendered and sent by the worker, retried as it was.

    pending -> sent | superseded | failed (refused for good) | dead (given up).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    kind = models.CharField(max_length=20, choices=LetterKind)
    person = models.ForeignKey(Person, models.CASCADE, related_name="letters")
    session = models.ForeignKey(Session, models.CASCADE, null=True, related_name="letters")
    invitation = models.ForeignKey(Invitation, models.CASCADE, null=True, related_name="letters")
    revision = models.ForeignKey(Revision, models.PROTECT, null=True, related_name="letters")
    message = models.ForeignKey(Message, models.CASCADE, null=True, related_name="letters")
    link = models.ForeignKey(SignInLink, models.CASCADE, null=True, related_name="letters")
    ordering_key = models.CharField(max_length=200, blank=True)
    """UID and recipient: letters of one key leave in the order of their posting. Reminders, which wait for their day,
    have a key of their own and hold up nothing."""
    sequence = models.PositiveIntegerField(default=0)
    stamp = models.DateTimeField()
    """DTSTAMP of the calendar part: strictly later for each letter of one ordering key."""
    state = models.CharField(max_length=12, choices=LetterState, default=LetterState.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    """Tries, the one in hand included; a try that its worker did not outlive is taken up, not counted again."""
    unanswered = models.PositiveSmallIntegerField(default=0)
    """Tries that ended without an answer, by a killed worker or a line cut after the text: it may have arrived."""
    owner = models.CharField(max_length=60, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    next_at = models.DateTimeField()
    last_error = models.CharField(max_length=300, blank=True)
    content = models.BinaryField(null=True, blank=True)
    """The bytes of the mail, kept from before the first try so that each try is identical."""
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)

    objects = Letters.as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["state", "next_at"], name="letter_due"),
            models.Index(fields=["kind", "state", "next_at"], name="letter_first"),
            models.Index(fields=["ordering_key", "state", "stamp"], name="letter_in_order"),
            models.Index(fields=["session", "person", "created_at"], name="letter_of_person"),
        ]
