"""Sessions, their half-day slots, their team, and what groups them."""

import uuid
from datetime import datetime
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from seminars.jitsi.tokens import new_room
from seminars.keys import new_code
from seminars.models.people import Organisation, Person
from seminars.vocabulary import Interpretation, Kind, Mode, Role, State, Zone


def new_uid() -> str:
    """An iCalendar UID: opaque, made once, never derived from host, row or time (RFC 7986 5.3)."""
    return f"{uuid.uuid4()}@viso"


def both_languages() -> list[str]:
    return ["fr", "it"]


def usual_reminders() -> list[int]:
    """Minutes before the start."""
    return list(settings.REMINDER_MINUTES)


def usual_asking() -> list[int]:
    """Days before the start."""
    return list(settings.ASK_AGAIN_DAYS)


def usual_checks() -> int:
    return int(settings.CHECKS_PER_PART)


def usual_retention() -> list[str]:
    return list(settings.RETENTION)


class Activity(models.Model):
    """One of the programme's activities; its code stands beside its colour, always."""

    code = models.CharField(max_length=8, unique=True)
    slug = models.SlugField(max_length=60, unique=True)
    name_fr = models.CharField(max_length=120)
    name_it = models.CharField(max_length=120)
    name_en = models.CharField(max_length=120, blank=True)

    class Meta:
        ordering: ClassVar = ["code"]

    def __str__(self) -> str:
        return self.code


class Series(models.Model):
    """What recurring sessions share: the rule they came from (RFC 5545 3.8.5.3) and its excluded dates."""

    key = models.CharField(max_length=60, unique=True)
    rrule = models.CharField(max_length=200)
    exdates = models.JSONField(default=list)


class Sessions(models.QuerySet["Session"]):
    def alive(self) -> Self:
        return self.exclude(state__in=[State.DRAFT, State.CANCELLED])

    def shown(self) -> Self:
        """What a programme shows: no drafts; cancelled ones stay, struck through."""
        return self.exclude(state=State.DRAFT)

    def public(self) -> Self:
        return self.shown().filter(is_public=True, is_confidential=False)

    def between(self, start: datetime, end: datetime) -> Self:
        return self.filter(starts_at__lt=end, ends_at__gt=start)

    def of(self, person: Person) -> Self:
        """Where a person is in the team or actively invited."""
        mine = Q(team__person=person) | Q(invitations__person=person, invitations__withdrawn_at=None)
        return self.filter(pk__in=self.model._base_manager.filter(mine).values("pk"))

    def next_seq(self, pk: int) -> int:
        """Numbers one live change, without gap or repeat; within the caller's transaction, which holds the row."""
        self.filter(pk=pk).update(live_seq=F("live_seq") + 1)
        return self.values_list("live_seq", flat=True).get(pk=pk)


class Session(models.Model):
    """One dated occurrence. Texts are plain columns per language; times are instants plus the zone it is held in."""

    code = models.CharField(max_length=12, unique=True, default=new_code, editable=False)
    key = models.CharField(max_length=80, unique=True, null=True, blank=True)
    series = models.ForeignKey(Series, models.SET_NULL, null=True, blank=True, related_name="sessions")
    kind = models.CharField(max_length=30, choices=Kind, default=Kind.DISTANCE_TRAINING)
    activity = models.ForeignKey(Activity, models.PROTECT, related_name="sessions")
    title_fr = models.CharField(max_length=200, blank=True)
    title_it = models.CharField(max_length=200, blank=True)
    title_en = models.CharField(max_length=200, blank=True)
    summary_fr = models.TextField(max_length=4000, blank=True)
    summary_it = models.TextField(max_length=4000, blank=True)
    starts_at = models.DateTimeField(db_index=True)
    ends_at = models.DateTimeField(db_index=True)
    timezone = models.CharField(max_length=40, choices=Zone, default=Zone.PARIS)
    mode = models.CharField(max_length=10, choices=Mode, default=Mode.ONLINE)
    place = models.CharField(max_length=200, blank=True)
    host = models.ForeignKey(Organisation, models.PROTECT, related_name="hosted")
    organisers = models.ManyToManyField(Organisation, related_name="organised", blank=True)
    capacity = models.PositiveIntegerField(null=True, blank=True)
    languages = models.JSONField(default=both_languages)
    interpretation = models.CharField(max_length=20, choices=Interpretation, blank=True)
    min_presence_percent = models.PositiveSmallIntegerField(null=True, blank=True)
    training_scheme = models.CharField(max_length=100, blank=True)
    involves_minors = models.BooleanField(default=False)
    is_public = models.BooleanField(default=False)
    is_confidential = models.BooleanField(default=False)
    state = models.CharField(max_length=12, choices=State, default=State.DRAFT, db_index=True)
    reminders = models.JSONField(default=usual_reminders, blank=True)
    """How many minutes before the start everybody who comes is reminded."""
    asks_again = models.JSONField(default=usual_asking, blank=True)
    """How many days before the start those who have not answered are asked again."""
    room = models.CharField(max_length=60, unique=True, default=new_room, editable=False)
    uid = models.CharField(max_length=80, unique=True, default=new_uid, editable=False)
    sequence = models.PositiveIntegerField(default=0)
    live_seq = models.PositiveIntegerField(default=0)
    created_by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField()
    revised_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    held_reason = models.CharField(max_length=300, blank=True)
    incident = models.CharField(max_length=300, blank=True)
    """What failed in the video or the log, in the trainer's words; printed (domain ATT-15)."""
    checks_per_part = models.PositiveSmallIntegerField(default=usual_checks)
    """How many times in a half-day everybody is asked at an unannounced minute whether she is still there."""
    retention = models.JSONField(default=usual_retention, blank=True)
    """Profiles of retention; the longest wins."""
    condensed_at = models.DateTimeField(null=True, blank=True)
    """Since when the events are gone and the sealed sheet stands alone."""
    condensed_seal = models.CharField(max_length=88, blank=True)
    """Our signature over that (`seals.condensing`): without it somebody has set the mark by hand."""
    roster = models.JSONField(default=dict, blank=True)
    """Names, roles and organisations as they were at the closing, by person: people move, the sheet must not."""

    objects = Sessions.as_manager()

    class Meta:
        ordering: ClassVar = ["starts_at", "pk"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="session_ends_after_start"),
            models.CheckConstraint(
                condition=Q(min_presence_percent__isnull=True) | Q(min_presence_percent__lte=100),
                name="percent_to_100",
            ),
        ]

    def __str__(self) -> str:
        return self.title_fr or self.title_it or self.code

    @property
    def is_online(self) -> bool:
        return self.mode != Mode.IN_PERSON


class Slot(models.Model):
    """A half-day or part of a session: planned times, and the times it was held."""

    session = models.ForeignKey(Session, models.CASCADE, related_name="slots")
    number = models.PositiveSmallIntegerField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    held_from = models.DateTimeField(null=True, blank=True)
    held_to = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["session", "number"], name="one_slot_per_number"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="slot_ends_after_start"),
        ]


class TeamMember(models.Model):
    """Who does what in a session."""

    session = models.ForeignKey(Session, models.CASCADE, related_name="team")
    person = models.ForeignKey(Person, models.CASCADE, related_name="teams")
    role = models.CharField(max_length=30, choices=Role)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["session", "person", "role"], name="one_role_once"),
        ]
