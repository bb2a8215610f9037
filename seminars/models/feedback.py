"""The live pulse, and the short form at the end; answers are kept apart from who gave them."""

import secrets
from typing import ClassVar

from django.db import models

from seminars.models.people import Person
from seminars.models.sessions import Session
from seminars.vocabulary import Language, Pulse


def new_number() -> int:
    """A random key of 63 bits: rows that are numbered in turn would pair answers with who gave them."""
    return secrets.randbits(63)


class PulseVote(models.Model):
    """What one person feels now; one row each, replaced by the next tap, dropped when the session closes."""

    session = models.ForeignKey(Session, models.CASCADE, related_name="pulse_votes")
    person = models.ForeignKey(Person, models.CASCADE, related_name="+")
    value = models.CharField(max_length=10, choices=Pulse)
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["session", "person"], name="one_pulse_per_person")
        ]


class PulseTally(models.Model):
    """How a session felt at one moment: totals only, kept; written only while enough people are present."""

    session = models.ForeignKey(Session, models.CASCADE, related_name="pulse_tallies")
    at = models.DateTimeField()
    counts = models.JSONField(default=dict)

    class Meta:
        ordering: ClassVar = ["at", "pk"]


class FeedbackReceipt(models.Model):
    """That a person has answered; no way leads from here to the answers (domain FB-2)."""

    id = models.BigIntegerField(primary_key=True, default=new_number, editable=False)
    session = models.ForeignKey(Session, models.CASCADE, related_name="feedback_receipts")
    person = models.ForeignKey(Person, models.CASCADE, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["session", "person"], name="one_feedback_per_person")
        ]


class FeedbackAnswer(models.Model):
    """One filled form, without name and without hour. Steps run 1 to 5; empty is "no opinion"."""

    id = models.BigIntegerField(primary_key=True, default=new_number, editable=False)
    session = models.ForeignKey(Session, models.CASCADE, related_name="feedback_answers")
    language = models.CharField(max_length=2, choices=Language)
    useful = models.PositiveSmallIntegerField(null=True, blank=True)
    goals = models.PositiveSmallIntegerField(null=True, blank=True)
    pace = models.PositiveSmallIntegerField(null=True, blank=True)
    own_language = models.PositiveSmallIntegerField(null=True, blank=True)
    technique = models.PositiveSmallIntegerField(null=True, blank=True)
    met_somebody = models.BooleanField(null=True, blank=True)
    keep = models.TextField(max_length=1000, blank=True)
    improve = models.TextField(max_length=1000, blank=True)
