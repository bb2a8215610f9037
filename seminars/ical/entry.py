"""One calendar entry and its people, checked when made, so that writing them can't fail."""

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from .lines import checked_address, checked_language, checked_web_address, clean_name, clean_text
from .rules import Rule
from .zones import UTC_NAME, local_moment, zone_of

STATUSES = ("CONFIRMED", "TENTATIVE", "CANCELLED")
PARTSTATS = ("NEEDS-ACTION", "ACCEPTED", "DECLINED", "TENTATIVE", "DELEGATED")
ROLES = ("REQ-PARTICIPANT", "OPT-PARTICIPANT", "CHAIR", "NON-PARTICIPANT")
CLASSES = ("PUBLIC", "PRIVATE", "CONFIDENTIAL")
HIGHEST_SEQUENCE = 2**31 - 1
_COLOR = re.compile(r"[a-z]{3,24}")
_UID = re.compile(r"[!-~]{1,255}")


def _one_of(value: str, choices: tuple[str, ...], field: str) -> None:
    if value not in choices:
        raise ValueError(f"{field}: {value!r} is none of {', '.join(choices)}")


@dataclass(frozen=True, slots=True)
class Organizer:
    """The mailbox that answers go to, which must also be the sender of the mail (RFC 6047, 2.4)."""

    email: str
    name: str

    def __post_init__(self) -> None:
        checked_address(self.email, "organizer.email")
        object.__setattr__(self, "name", clean_name(self.name))


@dataclass(frozen=True, slots=True)
class Attendee:
    """An invited person (RFC 5545, 3.8.4.1); raises ValueError naming the field."""

    email: str
    name: str
    partstat: str = "NEEDS-ACTION"
    role: str = "REQ-PARTICIPANT"
    rsvp: bool = True
    language: str | None = None

    def __post_init__(self) -> None:
        checked_address(self.email, "attendee.email")
        object.__setattr__(self, "name", clean_name(self.name))
        _one_of(self.partstat, PARTSTATS, "attendee.partstat")
        _one_of(self.role, ROLES, "attendee.role")
        if self.language is not None:
            checked_language(self.language, "attendee.language")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A VEVENT as values (RFC 5545, 3.6.1); raises ValueError naming the field.

    `stamp` (DTSTAMP) is the time of the message, or of the last revision in a feed. `start` and `end` are
    aware, in one zone: Europe/Paris, Europe/Rome or UTC. `url` is the page of the session, `conference` the
    address that joins it; the writer repeats the latter where clients look for it. `alarm_minutes` None is no
    reminder. Texts lose their control characters, moments their fractions of a second, `exdates` come out
    sorted in the zone of `start`; `recurrence_id` keeps its zone, which must be that of the series.
    """

    uid: str
    sequence: int
    stamp: datetime
    created: datetime
    modified: datetime
    start: datetime
    end: datetime
    summary: str
    description: str = ""
    location: str = ""
    url: str = ""
    conference: str | None = None
    conference_label: str = ""
    status: str = "CONFIRMED"
    language: str = "fr"
    organizer: Organizer | None = None
    attendees: tuple[Attendee, ...] = ()
    alarm_minutes: int | None = 15
    alarm_text: str = ""
    categories: tuple[str, ...] = ()
    transparent: bool = False
    rrule: Rule | None = None
    exdates: tuple[datetime, ...] = ()
    recurrence_id: datetime | None = None
    classification: str | None = None
    related_to: str | None = None
    color: str | None = None

    def __post_init__(self) -> None:
        self._check_identity()
        self._check_times()
        self._check_recurrence()
        self._check_texts()
        self._check_people()

    @property
    def zones(self) -> frozenset[str]:
        """The zones whose VTIMEZONE has to go with this entry."""
        moments = [self.start] if self.recurrence_id is None else [self.start, self.recurrence_id]
        return frozenset(zone_of(moment, "start") for moment in moments) - {UTC_NAME}

    @property
    def instance(self) -> tuple[str, datetime | None]:
        """What a client tells entries apart by: UID and, in UTC, RECURRENCE-ID."""
        return self.uid, self.recurrence_id and self.recurrence_id.astimezone(UTC)

    def without_people(self) -> "Entry":
        """The same entry for a feed, where nobody is named and nobody is asked for an answer."""
        return replace(self, organizer=None, attendees=())

    def _set(self, field: str, value: object) -> None:
        object.__setattr__(self, field, value)

    def _check_identity(self) -> None:
        for field, uid in (("uid", self.uid), ("related_to", self.related_to)):
            if uid is not None and not _UID.fullmatch(uid):
                raise ValueError(f"{field}: 1 to 255 visible ASCII characters")
        if isinstance(self.sequence, bool) or not 0 <= self.sequence <= HIGHEST_SEQUENCE:
            raise ValueError(f"sequence: not within 0 to {HIGHEST_SEQUENCE}")
        _one_of(self.status, STATUSES, "status")
        if self.classification is not None:
            _one_of(self.classification, CLASSES, "classification")
        if self.color is not None and not _COLOR.fullmatch(self.color):
            raise ValueError("color: not a CSS name")
        if self.alarm_minutes is not None and self.alarm_minutes < 0:
            raise ValueError("alarm_minutes: below 0")

    def _check_times(self) -> None:
        for field in ("stamp", "created", "modified"):
            moment: datetime = getattr(self, field)
            if moment.utcoffset() is None:
                raise ValueError(f"{field}: needs a time zone")
            self._set(field, moment.astimezone(UTC).replace(microsecond=0))
        self._set("start", local_moment(self.start, "start"))
        self._set("end", local_moment(self.end, "end"))
        if zone_of(self.end, "end") != zone_of(self.start, "start"):
            raise ValueError("end: not in the zone of start")
        # Wall times compare as instants here, since the hours of the clock change were refused.
        if self.end <= self.start:
            raise ValueError("end: not after start")

    def _check_recurrence(self) -> None:
        if self.recurrence_id is not None:
            if self.rrule is not None:
                raise ValueError("recurrence_id: one occurrence has no rule of its own")
            self._set("recurrence_id", local_moment(self.recurrence_id, "recurrence_id"))
        if self.rrule is not None:
            if zone_of(self.start, "start") == UTC_NAME:
                raise ValueError("rrule: a series in UTC would move by an hour at the clock change")
            self.rrule.check_start(self.start)
        elif self.exdates:
            raise ValueError("exdates: need a rule")
        if any(moment.utcoffset() is None for moment in self.exdates):
            raise ValueError("exdates: need a time zone")
        instants = {moment.astimezone(UTC).replace(microsecond=0) for moment in self.exdates}
        self._set("exdates", tuple(moment.astimezone(self.start.tzinfo) for moment in sorted(instants)))

    def _check_texts(self) -> None:
        self._set("summary", " ".join(clean_text(self.summary).split()))
        if not self.summary:
            raise ValueError("summary: empty")
        for field in ("description", "location", "alarm_text"):
            self._set(field, clean_text(getattr(self, field)).strip())
        self._set("conference_label", clean_name(self.conference_label))
        cleaned = (" ".join(clean_text(category).split()) for category in self.categories)
        self._set("categories", tuple(category for category in cleaned if category))
        checked_language(self.language, "language")
        if self.url:
            checked_web_address(self.url, "url")
        if self.conference is not None:
            checked_web_address(self.conference, "conference")

    def _check_people(self) -> None:
        self._set("attendees", tuple(self.attendees))
        if self.attendees and self.organizer is None:
            raise ValueError("organizer: attendees need one")
        addresses = [attendee.email.casefold() for attendee in self.attendees]
        if len(set(addresses)) < len(addresses):
            raise ValueError("attendees: an address stands there twice")
        # Google sends no answer where both are one mailbox.
        if self.organizer is not None and self.organizer.email.casefold() in addresses:
            raise ValueError("attendees: the organizer's own mailbox can't be invited")
