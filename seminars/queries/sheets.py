"""The attendance sheet of a session: who stands on it, the minutes and marks of each half-day, and what it rests on.

How minutes are counted is said in `counting`. Documents read `about`, never the session: a sealed sheet prints what
was true when it was sealed.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings

from seminars import moments
from seminars.evidence import chain
from seminars.evidence.intervals import Spans
from seminars.models import Explanation, Lease, Person, PresenceEvent, SealedSheet, Session, Slot
from seminars.moments import now
from seminars.queries.counting import (
    Beside,
    Mark,
    Part,
    beside,
    bounds_of,
    ledger_spans,
    minutes_of,
    part_of,
    planned_of,
    stay_of,
)
from seminars.queries.rosters import Who, everybody
from seminars.vocabulary import PresenceKind, Role, State

__all__ = [
    "About",
    "Mark",
    "Part",
    "Row",
    "Sheet",
    "about",
    "connected",
    "minutes_after_closing",
    "people_counted",
    "sheet",
]


@dataclass(frozen=True, slots=True)
class About:
    """The session's identity as documents print it. Organisers are (French name, Italian name, country); `project` is
    settings.PROJECT (code, number, programme, emblem, provider, provider_number) with FUNDING (line, project)."""

    code: str
    uid: str
    title_fr: str
    title_it: str
    title_en: str
    kind: str
    mode: str
    place: str
    timezone: str
    starts_at: datetime
    ends_at: datetime
    activity_code: str
    activity_fr: str
    activity_it: str
    host_fr: str
    host_it: str
    organisers: tuple[tuple[str, str, str], ...]
    scheme: str
    is_confidential: bool
    is_public: bool
    held_reason: str
    incident: str
    closed_at: datetime | None
    opened_at: datetime | None
    project: Mapping[str, str] = field(default_factory=dict)
    summary_fr: str = ""
    summary_it: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One person: who she was at the time, and her minutes. `percent` is what she is credited of the planned ones."""

    person: Person
    role: str
    organisation_fr: str
    organisation_it: str
    country: str
    is_invited: bool
    answer: str
    parts: tuple[Part, ...]
    minutes: int
    declared: int
    unseen: int
    waiting: int
    percent: int
    is_met: bool | None
    """Whether the threshold is met; None for the team, where no threshold is set, and while it is to be decided."""
    is_undecided: bool
    """Not met, and would be met if the trainer declared what is unseen or waiting."""
    has_come: bool
    """The ledger says that she was there, even where no minute counts."""
    late_at: datetime | None
    """When the last fact came that her page told later than REPLAY_LATE_MINUTES; None: all came in time."""
    arrived_at: datetime | None
    """When the last replay came after the closing."""
    arrived: int
    """Minutes told after the closing that the ledger did not hold before, counted or not."""
    minutes_without: int
    """What `minutes` would be without them."""
    is_walk_in: bool = False
    walk_in_state: str = ""
    """Empty, `open`, `confirmed` or `refused`."""
    replaces: str = ""
    """In whose place she came, by name."""
    replaced_by: str = ""
    replaces_code: str = ""
    replaced_by_code: str = ""
    code: str = ""
    """The person's."""
    subject: str = ""
    """What stands for her in the ledger; empty before her first fact."""

    @property
    def is_guest(self) -> bool:
        """Not of the team, nor a host by her organisation."""
        return self.role == Role.PARTICIPANT

    @property
    def was_present(self) -> bool:
        return any(part.first_in for part in self.parts)

    @property
    def replayed(self) -> int:
        return sum(part.replayed for part in self.parts)

    @property
    def onsite(self) -> int:
        return sum(part.onsite for part in self.parts)

    @property
    def credited(self) -> int:
        """Minutes towards the plan: of each half-day at most those planned for it."""
        return sum(part.credited for part in self.parts)

    @property
    def at_best(self) -> int:
        return sum(part.at_best for part in self.parts)

    @property
    def is_corrected(self) -> bool:
        return any(part.corrected for part in self.parts)

    @property
    def is_excused(self) -> bool:
        """For every half-day."""
        return bool(self.parts) and all(part.is_excused for part in self.parts)

    @property
    def open_minutes(self) -> int:
        """What the trainer may still declare."""
        return self.unseen + self.waiting


@dataclass(frozen=True, slots=True)
class Sheet:
    """A whole sheet. `head` is the hash of the last event it rests on, `count` how many events there are. `withdrawn`
    are walk-ins of whom a host says that they were not there: no part of any count."""

    about: About
    session: Session
    slots: tuple[Slot, ...]
    rows: tuple[Row, ...]
    planned: int
    held: int
    threshold: int | None
    count: int
    head: str
    until: datetime
    is_final: bool
    declarations: tuple[tuple[str, str], ...] = ()
    """Who declared or corrected something, and why; each pair once, in the order of the ledger."""
    version: int = 0
    """Of the last seal; 0: never sealed."""
    seal: SealedSheet | None = None
    is_changed: bool = False
    """Since the seal."""
    explanations: tuple[tuple[str, str, str], ...] = ()
    """(key of the finding, reason, who gave it)."""
    withdrawn: tuple[Row, ...] = ()

    @property
    def present(self) -> int:
        """How many of those who take part were there; the team is not counted among them."""
        return sum(row.was_present for row in self.rows if row.is_guest)

    @property
    def unseen(self) -> int:
        return sum(row.unseen for row in self.rows)


def about(session: Session) -> About:
    """The session as it is called now."""
    activity, host = session.activity, session.host
    organisers = session.organisers.order_by("country", "name_fr")
    return About(
        code=session.code,
        uid=session.uid,
        title_fr=session.title_fr,
        title_it=session.title_it,
        title_en=session.title_en,
        kind=str(session.kind),
        mode=str(session.mode),
        place=session.place,
        timezone=session.timezone,
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        activity_code=activity.code,
        activity_fr=activity.name_fr,
        activity_it=activity.name_it,
        host_fr=host.name_fr,
        host_it=host.name_it,
        organisers=tuple((one.name_fr, one.name_it, str(one.country)) for one in organisers),
        scheme=session.training_scheme,
        is_confidential=session.is_confidential,
        is_public=session.is_public,
        held_reason=session.held_reason,
        incident=session.incident,
        closed_at=session.closed_at,
        opened_at=session.opened_at,
        project={**settings.PROJECT, **settings.FUNDING},
        summary_fr=session.summary_fr,
        summary_it=session.summary_it,
    )


def sheet(session: Session) -> Sheet:
    """The sheet as the ledger stands now; final once the session has ended."""
    until = session.closed_at or now()
    found = ledger_spans(session, until)
    slots = tuple(session.slots.all())
    bounds = bounds_of(session, slots, until)
    planned = sum(planned_of(slot) for slot in slots)
    threshold, more = session.min_presence_percent, beside(session, found)
    rows = [
        _row(who, slots, found.get(who.person.pk), bounds, planned, threshold, more)
        for who in everybody(session, set(found))
    ]
    last = PresenceEvent.objects.filter(session=session).order_by("-seq").values("seq", "hash").first()
    events = PresenceEvent.objects.filter(session=session).exclude(reason="").order_by("seq")
    reasons = events.values_list("author__name", "reason")
    explained = Explanation.objects.filter(session=session).order_by("finding")
    return Sheet(
        about=about(session),
        session=session,
        slots=slots,
        rows=tuple(row for row in rows if row.walk_in_state != "refused"),
        planned=planned,
        held=minutes_of([span for spans_ in bounds.values() for span in spans_]),
        threshold=threshold,
        count=last["seq"] if last else 0,
        head=last["hash"] if last else "",
        until=until,
        is_final=session.state == State.ENDED,
        declarations=tuple(dict.fromkeys((name or "", reason) for name, reason in reasons)),
        explanations=tuple(
            (finding, reason, name or "")
            for finding, reason, name in explained.values_list("finding", "reason", "by__name")
        ),
        withdrawn=tuple(row for row in rows if row.walk_in_state == "refused"),
    )


def people_counted(session: Session) -> list[int]:
    """Ids of the guests who were there while the session was held, seen or in the video: who is asked for feedback."""
    rows = sheet(session).rows
    return [row.person.pk for row in rows if row.is_guest and (row.was_present or row.open_minutes)]


def minutes_after_closing(session: Session) -> int:
    """Minutes of everybody that were told after the closing; one query where nothing was."""
    if session.closed_at is None:
        return 0
    entered = (PresenceKind.JOINED, PresenceKind.RESUMED)
    told = PresenceEvent.objects.filter(session=session, kind__in=entered, recorded_at__gt=session.closed_at)
    return sum(row.arrived for row in sheet(session).rows) if told.exists() else 0


def connected(session: Session) -> list[Person]:
    """Who has a connection that is heard of now."""
    open_ = Lease.objects.filter(session=session, ended_at=None, quiet_at=None).values("person")
    return list(Person.objects.filter(pk__in=open_).select_related("organisation").order_by("name"))


def _row(
    who: Who,
    slots: tuple[Slot, ...],
    found: Spans | None,
    bounds: dict[int, list[moments.Span]],
    planned: int,
    threshold: int | None,
    more: Beside,
) -> Row:
    whole = found or Spans()
    parts = tuple(part_of(slot, whole, bounds[slot.number], more) for slot in slots)
    minutes = sum(part.minutes for part in parts)
    unseen, waiting = sum(part.unseen for part in parts), sum(part.waiting for part in parts)
    percent = percent_of(sum(part.credited for part in parts), planned)
    at_best = percent_of(sum(part.at_best for part in parts), planned)
    needed = threshold if who.role == Role.PARTICIPANT else None
    is_undecided = needed is not None and percent < needed <= at_best
    return Row(
        person=who.person,
        role=who.role,
        organisation_fr=who.organisation_fr,
        organisation_it=who.organisation_it,
        country=who.country,
        is_invited=who.is_invited,
        answer=who.answer,
        parts=parts,
        minutes=minutes,
        declared=sum(part.declared for part in parts),
        unseen=unseen,
        waiting=waiting,
        percent=percent,
        is_met=None if needed is None or is_undecided else percent >= needed,
        is_undecided=is_undecided,
        has_come=whole.has_come,
        late_at=whole.late_at,
        arrived_at=whole.arrived_at,
        arrived=_arrived(slots, whole, bounds),
        minutes_without=_minutes_without(slots, whole, bounds) if whole.arrived else minutes,
        is_walk_in=who.is_walk_in,
        walk_in_state="refused" if whole.is_withdrawn else who.walk_in_state,
        replaces=who.replaces,
        replaced_by=who.replaced_by,
        replaces_code=who.replaces_code,
        replaced_by_code=who.replaced_by_code,
        code=who.person.code,
        subject=chain.commitment(who.person.salt, who.person.code) if who.person.salt else "",
    )


def _arrived(slots: Iterable[Slot], found: Spans, bounds: dict[int, list[moments.Span]]) -> int:
    """What is declared is not taken off: a confirmation does not undo that something came."""
    if not found.arrived:
        return 0
    known = found.seen + found.as_closed().replayed
    total = 0
    for slot in slots:
        bound = bounds[slot.number]
        came = moments.clip(found.arrived, bound)
        total += minutes_of(moments.without(came, known + stay_of(found, slot.number, bound)))
    return total


def _minutes_without(slots: Iterable[Slot], found: Spans, bounds: dict[int, list[moments.Span]]) -> int:
    earlier = found.as_closed()
    return sum(part_of(slot, earlier, bounds[slot.number]).minutes for slot in slots)


def percent_of(minutes: int, planned: int) -> int:
    """Whole, rounded down, never above 100."""
    return min(100, minutes * 100 // planned) if planned else 0
