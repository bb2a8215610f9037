"""Training cycles: their scheme, what it asks for, who has completed, and the certificates."""

from typing import ClassVar

from django.db import models

from seminars import keys
from seminars.models.evidence import SealedSheet, new_verification
from seminars.models.people import Person
from seminars.models.sessions import Session
from seminars.vocabulary import Asked, Certified, Language, Outcome


class Scheme(models.Model):
    """What the sessions of one `training_scheme` have in common: the rule of completion, as it is printed."""

    code = models.CharField(max_length=12, unique=True, default=keys.new_code, editable=False)
    name = models.CharField(max_length=100, unique=True)
    title_fr = models.CharField(max_length=200, blank=True)
    title_it = models.CharField(max_length=200, blank=True)
    min_percent = models.PositiveSmallIntegerField(default=80)
    """Of the planned minutes of all its sessions."""
    asks_needs = models.BooleanField(default=False)
    asks_assessment = models.BooleanField(default=False)
    questions = models.JSONField(default=dict, blank=True)
    """By kind of form: [{"fr": …, "it": …}, …]; empty: the usual ones."""


class SchemeForm(models.Model):
    """One form that a person filled for a scheme: answers in the order of its questions."""

    scheme = models.ForeignKey(Scheme, models.CASCADE, related_name="forms")
    person = models.ForeignKey(Person, models.CASCADE, related_name="scheme_forms")
    kind = models.CharField(max_length=12, choices=Asked)
    answers = models.JSONField(default=list)
    passed = models.BooleanField(null=True)
    """Of an assessment, as the trainer judged it."""
    judged_by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    judged_at = models.DateTimeField(null=True, blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["scheme", "person", "kind"], name="one_form_each"),
        ]


class Completion(models.Model):
    """What the trainer decided of one person's cycle where the figures leave it open, and why. Another decision is
    another row: the newest is true, those before it stay to be read."""

    scheme = models.ForeignKey(Scheme, models.CASCADE, related_name="completions")
    person = models.ForeignKey(Person, models.CASCADE, related_name="completions")
    outcome = models.CharField(max_length=8, choices=Outcome)
    reason = models.CharField(max_length=300)
    decided_by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    decided_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["pk"]


class Certificate(models.Model):
    """One document of one person, with the facts it was made of: the same facts print the same page again.

    A reissue keeps `number` and raises `issue`; what was printed before is then superseded. Erasure takes `facts` and
    `person`; number and digest stay.
    """

    number = models.CharField(max_length=40)
    issue = models.PositiveSmallIntegerField(default=1)
    code = models.CharField(max_length=16, unique=True, default=new_verification, editable=False)
    kind = models.CharField(max_length=12, choices=Certified)
    language = models.CharField(max_length=2, choices=Language, default=Language.FRENCH)
    person = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="certificates")
    session = models.ForeignKey(Session, models.PROTECT, null=True, related_name="certificates")
    scheme = models.ForeignKey(Scheme, models.PROTECT, null=True, related_name="certificates")
    sheets = models.ManyToManyField(SealedSheet, related_name="certificates")
    """The sealed sheets it rests on."""
    facts = models.JSONField(default=dict)
    digest = models.CharField(max_length=64)
    """SHA-256 of the canonical `facts`."""
    public_key = models.CharField(max_length=44, blank=True)
    """Ed25519, base64 of 32 octets (RFC 8032)."""
    signature = models.CharField(max_length=88, blank=True)
    """Ed25519 over `seals.certificate`, base64 of 64 octets."""
    issued_at = models.DateTimeField()
    issued_by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    reason = models.CharField(max_length=300, blank=True)
    """Of a reissue."""
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["number", "issue"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["number", "issue"], name="one_certificate_per_issue"),
        ]


class CertificateBatch(models.Model):
    """Certificates for many people in one go, made by the worker some at a time; `done` says how far it is."""

    code = models.CharField(max_length=12, unique=True, default=keys.new_code, editable=False)
    kind = models.CharField(max_length=12, choices=Certified)
    session = models.ForeignKey(Session, models.CASCADE, null=True, related_name="certificate_batches")
    scheme = models.ForeignKey(Scheme, models.CASCADE, null=True, related_name="certificate_batches")
    language = models.CharField(max_length=2, choices=Language, blank=True)
    """Empty: each in its reader's language."""
    people = models.JSONField(default=list)
    """Codes of those who are still to come."""
    total = models.PositiveIntegerField()
    done = models.PositiveIntegerField(default=0)
    refused = models.JSONField(default=list)
    """[code, why] of those who get none."""
    asked_by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    asked_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    owner = models.CharField(max_length=60, blank=True)

    class Meta:
        ordering: ClassVar = ["asked_at", "pk"]
