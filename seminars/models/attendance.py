"""Presence: append-only events in a hash chain, leases renewed by beats, and one live row per person."""

import uuid
from collections.abc import Mapping
from typing import Any, ClassVar

from django.db import models

from seminars.evidence.chain import record
from seminars.models.people import Person
from seminars.models.sessions import Session, Slot
from seminars.vocabulary import PresenceKind, Source


class PresenceEvent(models.Model):
    """A fact of attendance. Appended, never changed: each row quotes the hash of the row before it in its session.

    `at` is when it happened by the server's clock, `recorded_at` when it was written; they differ for replays.
    `subject` stands for the person: a salted commitment, so that erasing the person leaves the chain valid.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    session = models.ForeignKey(Session, models.PROTECT, related_name="presence_events")
    seq = models.PositiveIntegerField()
    kind = models.CharField(max_length=12, choices=PresenceKind)
    source = models.CharField(max_length=10, choices=Source)
    person = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="presence_events")
    subject = models.CharField(max_length=64)
    slot = models.ForeignKey(Slot, models.PROTECT, null=True, related_name="+")
    author = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    author_subject = models.CharField(max_length=64, blank=True)
    """Stands for who vouched, as `subject` for whom."""
    connection = models.UUIDField(null=True)
    at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    reason = models.CharField(max_length=300, blank=True)
    data = models.JSONField(default=dict)
    prev_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        ordering: ClassVar = ["session", "seq"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["session", "seq"], name="one_event_per_number"),
        ]

    def record(self) -> Mapping[str, Any]:
        """What the hash covers."""
        return record(
            id=self.id,
            session=self.session.uid,
            seq=self.seq,
            kind=str(self.kind),
            source=str(self.source),
            subject=self.subject,
            author=self.author_subject,
            slot=self.slot.number if self.slot else None,
            connection=self.connection,
            at=self.at,
            recorded_at=self.recorded_at,
            reason=self.reason,
            data=self.data,
        )


class Lease(models.Model):
    """One connection of one person: opened once, renewed by acknowledged beats, ended by leaving or by the sweep."""

    connection = models.UUIDField(primary_key=True)
    session = models.ForeignKey(Session, models.CASCADE, related_name="leases")
    person = models.ForeignKey(Person, models.CASCADE, related_name="leases")
    opened_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    quiet_at = models.DateTimeField(null=True, blank=True)
    """Since when the sweep has found no beat: a cut line, or a phone that shows the video."""
    ended_at = models.DateTimeField(null=True, blank=True)
    secret_hash = models.CharField(max_length=64, blank=True)
    """SHA-256 of the secret the page made with it: what the page kept while its cookie lapsed is still hers."""

    class Meta:
        indexes: ClassVar = [models.Index(fields=["ended_at", "seen_at"], name="lease_open")]


class Presence(models.Model):
    """The live row of one person in one session: what the screens show now. All of it follows from events and leases,
    except the raised hand, which is no evidence."""

    session = models.ForeignKey(Session, models.CASCADE, related_name="presences")
    person = models.ForeignKey(Person, models.CASCADE, related_name="presences")
    since = models.DateTimeField(null=True, blank=True)
    left_at = models.DateTimeField(null=True, blank=True)
    video_since = models.DateTimeField(null=True, blank=True)
    """Pressed Join for the video and has not come back to the companion since: silence is not absence."""
    hand_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["session", "person"], name="one_presence_per_person")
        ]
