"""The outbox: one small row per recipient, beside one frozen snapshot of the session's revision."""

import uuid
from typing import ClassVar, Self

from django.db import models
from django.db.models import Exists, OuterRef, Q, Value
from django.db.models.functions import Replace

from seminars.models.invitations import Invitation
from seminars.models.people import Person, SignInLink
from seminars.models.sessions import Session
from seminars.vocabulary import Answer, Audience, LetterKind, LetterState


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
    audience = models.CharField(max_length=12, choices=Audience, default=Audience.EVERYBODY)
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["at", "pk"]


class OwnWords(models.Model):
    """What a trainer adds to one kind of letter about her session, a text per language given; plain placeholders."""

    session = models.ForeignKey(Session, models.CASCADE, related_name="own_words")
    kind = models.CharField(max_length=20, choices=LetterKind)
    text_fr = models.TextField(max_length=2000, blank=True)
    text_it = models.TextField(max_length=2000, blank=True)
    text_en = models.TextField(max_length=2000, blank=True)
    author = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["kind"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["session", "kind"], name="own_words_once"),
        ]


class Unsubscription(models.Model):
    """A kind of letter that a person no longer wants, of any session."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="unsubscriptions")
    kind = models.CharField(max_length=20, choices=LetterKind)
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person", "kind"], name="unsubscribed_once"),
        ]


REMINDING = "/reminder"
"""Ends the ordering key of reminders, which must hold up nothing."""
TELLING = (
    LetterKind.INVITATION,
    LetterKind.UPDATE,
    LetterKind.ASKING,
    LetterKind.CANCELLATION,
    LetterKind.WITHDRAWAL,
)
"""Letters with a calendar object: each says all of how a session stands for its reader."""
LEFT = Q(state=LetterState.SENT) | Q(unanswered__gt=0) | ~Q(owner="")
"""Sent, perhaps arrived, or leaving."""


class Letters(models.QuerySet["Letter"]):
    def undelivered(self) -> Self:
        """Refused or given up, to people who are still invited, or who don't know that they no longer are; without what
        a newer letter has made needless."""
        return self.current().filter(
            Q(invitation__withdrawn_at=None) | Q(kind=LetterKind.WITHDRAWAL),
            state__in=[LetterState.FAILED, LetterState.DEAD],
            invitation__isnull=False,
        )

    def current(self) -> Self:
        """All but those about a session after which their readers were posted a newer state of it: sent once more, they
        would contradict it."""
        newer = self.model.objects.filter(
            ~Q(pk=OuterRef("pk")),
            ~Q(state=LetterState.SUPERSEDED),
            ordering_key=Replace(OuterRef("ordering_key"), Value(REMINDING), Value("")),
            kind__in=TELLING,
            stamp__gte=OuterRef("stamp"),  # a reminder's, of another key, may be the same
        )
        return self.exclude(Exists(newer), kind__in=[*TELLING, LetterKind.REMINDER, LetterKind.CONVOCATION])

    def standing(self, *ordering_keys: str) -> Self:
        """What people may hold of a session since their last CANCEL was sent: what has LEFT, even if it came back, as a
        report may speak of a copy; and whatever was posted to those who have answered."""
        end = self.model.objects.filter(
            ordering_key=OuterRef("ordering_key"),
            kind__in=[LetterKind.CANCELLATION, LetterKind.WITHDRAWAL],
            state=LetterState.SENT,
            stamp__gte=OuterRef("stamp"),
        )
        return self.filter(
            LEFT | Q(sent_at__isnull=False) | ~Q(invitation__answer=Answer.NONE),
            ~Exists(end),
            ordering_key__in=ordering_keys,
            kind__in=[LetterKind.INVITATION, LetterKind.UPDATE, LetterKind.ASKING],
        )


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
    about = models.CharField(max_length=60, blank=True)
    """What a letter that is posted by the clock is about, so that several workers post it once."""
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
    delivered_at = models.DateTimeField(null=True, blank=True)
    """When her mail server said that it arrived (RFC 3464, Action: delivered)."""
    returned_at = models.DateTimeField(null=True, blank=True)
    """When it came back after it was sent (RFC 3464, Action: failed)."""

    objects = Letters.as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["state", "next_at"], name="letter_due"),
            models.Index(fields=["kind", "state", "next_at"], name="letter_first"),
            models.Index(fields=["ordering_key", "state", "stamp"], name="letter_in_order"),
            models.Index(fields=["session", "person", "created_at"], name="letter_of_person"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["invitation", "kind", "about"],
                condition=~Q(about=""),
                name="posted_by_the_clock_once",
            ),
        ]
