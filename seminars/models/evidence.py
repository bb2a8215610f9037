"""What proves a session beside its ledger: sealed sheets, checks, walk-ins, scans, reasons, inspectors, exports."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from seminars import keys
from seminars.models.people import Person
from seminars.models.sessions import Session, Slot


def new_verification() -> str:
    """What a document prints to be verified by: 79 bits."""
    return keys.new_code(16)


class SealedSheet(models.Model):
    """One version of a sheet, as it was sealed; the next in its project's chain. Never changed (the database refuses),
    but for what erasure takes: `people`, and who sealed.

    `content` speaks of people by what stands for them; `people` gives each one's salt and identity, to which a
    commitment in `content` holds. `seal_hash` is what the next sheet of the project quotes as `previous`.
    """

    session = models.ForeignKey(Session, models.PROTECT, related_name="sealed")
    version = models.PositiveSmallIntegerField()
    project = models.CharField(max_length=40, blank=True)
    number = models.PositiveIntegerField()
    code = models.CharField(max_length=16, unique=True, default=new_verification, editable=False)
    sealed_at = models.DateTimeField()
    sealed_by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    count = models.PositiveIntegerField()
    head = models.CharField(max_length=64)
    reason = models.CharField(max_length=300, blank=True)
    content = models.JSONField()
    people = models.JSONField(default=dict)
    digest = models.CharField(max_length=64)
    """SHA-256 of the canonical `content`."""
    previous = models.CharField(max_length=64)
    supersedes = models.CharField(max_length=64, blank=True)
    """`seal_hash` of the version before it; empty for the first."""
    seal_hash = models.CharField(max_length=64)
    public_key = models.CharField(max_length=44)
    """Ed25519, base64 of 32 octets (RFC 8032)."""
    signature = models.CharField(max_length=88)
    """Ed25519 over the canonical seal, base64 of 64 octets."""

    class Meta:
        ordering: ClassVar = ["project", "number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["session", "version"], name="one_sheet_per_version"),
            models.UniqueConstraint(fields=["project", "number"], name="one_sheet_per_number"),
        ]


class PresenceCheck(models.Model):
    """ "Still here?": asked at once, by a host or by the clock; answers are `confirmed` events that quote its code."""

    code = models.CharField(max_length=12, unique=True, default=keys.new_code, editable=False)
    session = models.ForeignKey(Session, models.CASCADE, related_name="checks")
    slot = models.ForeignKey(Slot, models.CASCADE, related_name="+")
    asked_at = models.DateTimeField()
    answer_until = models.DateTimeField()
    """Later answers count too, and are marked late."""
    asked_by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    """Nobody: the schedule asked."""

    class Meta:
        ordering: ClassVar = ["asked_at", "pk"]


class WalkIn(models.Model):
    """Somebody who signed in the room without being invited; flagged until a host says that she was there."""

    session = models.ForeignKey(Session, models.CASCADE, related_name="walk_ins")
    person = models.ForeignKey(Person, models.CASCADE, related_name="walk_ins")
    organisation = models.CharField(max_length=200, blank=True)
    email = models.EmailField(max_length=254, blank=True)
    """As she typed it, proved by nothing: for the host to read, never an address of the person."""
    at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    is_confirmed = models.BooleanField(null=True)

    class Meta:
        ordering: ClassVar = ["at", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["session", "person"], name="one_walk_in_each"),
        ]


class Scan(models.Model):
    """A page that was signed on paper, as it was scanned; kept in the database, so that a backup holds it."""

    code = models.CharField(max_length=12, unique=True, default=keys.new_code, editable=False)
    session = models.ForeignKey(Session, models.PROTECT, related_name="scans")
    slot = models.ForeignKey(Slot, models.PROTECT, null=True, related_name="+")
    name = models.CharField(max_length=120)
    media_type = models.CharField(max_length=40)
    size = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    """SHA-256 of `content`; typed rows quote it in the ledger."""
    content = models.BinaryField()
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")

    class Meta:
        ordering: ClassVar = ["added_at", "pk"]


class Explanation(models.Model):
    """Why one line of the consistency report is right as it is; printed with the sheet."""

    session = models.ForeignKey(Session, models.CASCADE, related_name="explanations")
    finding = models.CharField(max_length=120)
    """The line's key: its kind and what it is about."""
    reason = models.CharField(max_length=300)
    by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["session", "finding"], name="one_reason_per_finding"),
        ]


class InspectorLink(models.Model):
    """The way of an outside inspector into one session: labelled, ends by itself, revocable; shown in the room, never
    counted (domain ATT-12). The link itself is derived."""

    code = models.CharField(max_length=12, unique=True, default=keys.new_code, editable=False)
    session = models.ForeignKey(Session, models.CASCADE, related_name="inspectors")
    label = models.CharField(max_length=120)
    created_by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    seen_at = models.DateTimeField(null=True, blank=True)
    """When her page was last open during the session, by its own word."""

    class Meta:
        ordering: ClassVar = ["created_at", "pk"]

    @property
    def token(self) -> str:
        return keys.derive("inspector", self.code)


class InspectorVisit(models.Model):
    """That a link was used; at most one row an hour and link."""

    link = models.ForeignKey(InspectorLink, models.CASCADE, related_name="visits")
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["at", "pk"]


class Export(models.Model):
    """Who took which data out of the house, and when; personal data leave by no other way."""

    at = models.DateTimeField()
    person = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    session = models.ForeignKey(Session, models.SET_NULL, null=True, related_name="+")
    what = models.CharField(max_length=40)
    about = models.CharField(max_length=200, blank=True)
    """Filter, language, number of a document: whatever tells one export from another; no name of a person."""
    rows = models.PositiveIntegerField(default=0)

    class Meta:
        ordering: ClassVar = ["-at", "-pk"]


class LastPayment(models.Model):
    """When the funder of a project paid last: from the end of that year evidence is kept, until then without end. Each
    day that was entered has a row, the newest is true."""

    project = models.CharField(max_length=40, blank=True)
    paid_on = models.DateField()
    entered_by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    entered_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["pk"]


class ErasureRequest(models.Model):
    """Somebody asks to be forgotten: what may go has gone at once, the rest waits for its date."""

    person = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="erasures")
    asked_at = models.DateTimeField()
    keep_until = models.DateField(null=True, blank=True)
    """None while the date of the last payment is not known."""
    erased_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["asked_at", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["person"], condition=Q(erased_at=None, person__isnull=False), name="one_open_erasure"
            ),
        ]
