"""The attendance sheet: minutes per person and half-day, from the ledger, each class named (domain ATT-3, 4, 10).

Minutes counted = union of what was seen, what the trainer declared, and what a companion replayed, over all tabs and
devices, clipped to the half-day's held times. Replayed minutes of a half-day count by themselves while they are no
more than REPLAY_FREE_MINUTES; beyond, none of them counts until it is declared. Gaps under BRIDGED_GAP_MINUTES are
bridged and their number is shown. Unseen minutes in the video are shown and not counted.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from seminars import moments
from seminars.evidence.intervals import Event, Spans, spans
from seminars.models import Lease, Person, Presence, PresenceEvent, Session, Slot
from seminars.moments import Span, now
from seminars.queries.rosters import Who, everybody
from seminars.vocabulary import PresenceKind, Role, State


@dataclass(frozen=True, slots=True)
class Part:
    """One person in one half-day. Minutes are whole, rounded down, of which `bridged`, `declared` and `replayed`;
    `unseen` (in the video) and `waiting` (replayed, too long to count by itself) are not in them. `first_in` and
    `last_out` lie within the held times and are None when nothing counts."""

    slot: Slot
    minutes: int
    bridged: int
    declared: int
    replayed: int
    unseen: int
    waiting: int
    first_in: datetime | None
    last_out: datetime | None
    times: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One person: who she was at the time, and her minutes. `percent` is of the planned minutes."""

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
    """The ledger holds a fact of her, even where no minute counts."""
    late_at: datetime | None
    """When the last fact came that her page told later than REPLAY_LATE_MINUTES; None: all came in time."""
    arrived_at: datetime | None
    """When the last replay came after the closing."""
    arrived: int
    """Minutes told after the closing that the ledger did not hold before, counted or not."""
    minutes_without: int
    """What `minutes` would be without them."""

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
    def open_minutes(self) -> int:
        """What the trainer may still declare."""
        return self.unseen + self.waiting


@dataclass(frozen=True, slots=True)
class Sheet:
    """A whole sheet. `head` is the hash of the last event it rests on, `count` how many events there are."""

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
    """Who declared minutes, and why; each pair once, in the order of the ledger."""

    @property
    def present(self) -> int:
        return sum(row.was_present for row in self.rows)

    @property
    def unseen(self) -> int:
        return sum(row.unseen for row in self.rows)


def ledger_spans(session: Session, until: datetime) -> dict[int, Spans]:
    """Raw spans per person id from the ledger and the open leases; silence in the video is unseen until `until`."""
    rows: dict[int, list[Event]] = {}
    for event in PresenceEvent.objects.filter(session=session, person__isnull=False).order_by("seq"):
        connection = str(event.connection) if event.connection else None
        fact = Event(event.kind, event.at, connection, event.data, event.recorded_at)
        rows.setdefault(event.person_id or 0, []).append(fact)
    leases = list(Lease.objects.filter(session=session, ended_at=None))
    in_video = set(
        Presence.objects.filter(session=session, video_since__isnull=False).values_list(
            "person_id", flat=True
        )
    )
    open_: dict[int, dict[str, datetime]] = {}
    for lease in leases:
        open_.setdefault(lease.person_id, {})[str(lease.connection)] = lease.seen_at
    whole = {
        person: spans(events, open_.get(person, {}), session.closed_at) for person, events in rows.items()
    }
    for lease in leases:
        if lease.person_id in in_video and lease.quiet_at and lease.person_id in whole:
            whole[lease.person_id].unseen.append((lease.seen_at, until))
    return whole


def _length(times: Iterable[Span]) -> timedelta:
    """Exact, where a sum of seconds as fractions would lose the last minute now and then."""
    return sum((end - start for start, end in moments.union(times)), timedelta())


def _minutes(times: Iterable[Span]) -> int:
    return _length(times) // timedelta(minutes=1)


def held_span(slot: Slot) -> list[Span]:
    return [(slot.held_from, slot.held_to)] if slot.held_from and slot.held_to else []


def part_of(slot: Slot, found: Spans, bounds: list[Span]) -> Part:
    """One person's minutes in one half-day; `bounds` are its held times (none: it was not held)."""
    seen, declared = moments.clip(found.seen, bounds), moments.clip(found.declared, bounds)
    replayed = moments.without(moments.clip(found.replayed, bounds), seen + declared)
    is_free = _length(replayed) <= timedelta(minutes=settings.REPLAY_FREE_MINUTES)
    sure = moments.union(seen + declared + (replayed if is_free else []))
    whole, gaps = moments.bridge(sure, timedelta(minutes=settings.BRIDGED_GAP_MINUTES))
    waiting = moments.without(replayed, whole)
    unseen = moments.without(moments.clip(found.unseen, bounds), whole + waiting)
    return Part(
        slot=slot,
        minutes=_minutes(whole),
        bridged=_minutes(gaps),
        declared=_minutes(moments.without(declared, seen)),
        replayed=_minutes(replayed) if is_free else 0,
        unseen=_minutes(unseen),
        waiting=_minutes(waiting),
        first_in=whole[0][0] if whole else None,
        last_out=whole[-1][1] if whole else None,
        times=tuple(whole),
    )


def bounds_of(session: Session, slots: tuple[Slot, ...], until: datetime) -> dict[int, list[Span]]:
    """What counts of each half-day, by its number: its held times; while it runs, its opening until now."""
    return {
        slot.number: held_span(slot) or _so_far(session, slot, slot == slots[-1], until) for slot in slots
    }


def undecided(found: Spans, bounds: dict[int, list[Span]]) -> list[Span]:
    """What a trainer may declare of one person: the unseen, and the replayed that is too long to count by itself."""
    proved = found.seen + found.declared
    spans_ = list(found.unseen)
    for bound in bounds.values():
        replayed = moments.without(moments.clip(found.replayed, bound), proved)
        if _length(replayed) > timedelta(minutes=settings.REPLAY_FREE_MINUTES):
            spans_ += replayed
    return moments.without(spans_, proved)


def sheet(session: Session) -> Sheet:
    """The sheet as the ledger stands now; final once the session has ended."""
    until = session.closed_at or now()
    found = ledger_spans(session, until)
    slots = tuple(session.slots.all())
    bounds = bounds_of(session, slots, until)
    planned = sum(int((slot.ends_at - slot.starts_at).total_seconds() // 60) for slot in slots)
    threshold = session.min_presence_percent
    rows = tuple(
        _row(who, slots, found.get(who.person.pk), bounds, planned, threshold)
        for who in everybody(session, set(found))
    )
    last = PresenceEvent.objects.filter(session=session).order_by("-seq").values("seq", "hash").first()
    events = PresenceEvent.objects.filter(session=session).exclude(reason="").order_by("seq")
    reasons = events.values_list("author__name", "reason")
    return Sheet(
        session=session,
        slots=slots,
        rows=rows,
        planned=planned,
        held=_minutes([span for spans_ in bounds.values() for span in spans_]),
        threshold=threshold,
        count=last["seq"] if last else 0,
        head=last["hash"] if last else "",
        until=until,
        is_final=session.state == State.ENDED,
        declarations=tuple(dict.fromkeys((name or "", reason) for name, reason in reasons)),
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


def _so_far(session: Session, slot: Slot, is_last: bool, until: datetime) -> list[Span]:
    """Before the closing: a running half-day counts from its opening to now."""
    if session.state != State.RUNNING or session.opened_at is None:
        return []
    begun = slot.held_from or (slot.starts_at if session.opened_at <= slot.ends_at else None)
    ended = until if is_last else min(slot.ends_at, until)
    return [(begun, ended)] if begun and begun < ended else []


def _row(
    who: Who,
    slots: tuple[Slot, ...],
    found: Spans | None,
    bounds: dict[int, list[Span]],
    planned: int,
    threshold: int | None,
) -> Row:
    whole = found or Spans()
    parts = tuple(part_of(slot, whole, bounds[slot.number]) for slot in slots)
    minutes = sum(part.minutes for part in parts)
    unseen, waiting = sum(part.unseen for part in parts), sum(part.waiting for part in parts)
    percent, at_best = _percent(minutes, planned), _percent(minutes + unseen + waiting, planned)
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
        has_come=found is not None,
        late_at=whole.late_at,
        arrived_at=whole.arrived_at,
        arrived=_arrived(slots, whole, bounds),
        minutes_without=_minutes_without(slots, whole, bounds) if whole.arrived else minutes,
    )


def _arrived(slots: tuple[Slot, ...], found: Spans, bounds: dict[int, list[Span]]) -> int:
    """What is declared is not taken off: a confirmation does not undo that something came."""
    known = found.seen + found.as_closed().replayed if found.arrived else []
    return sum(_minutes(moments.without(moments.clip(found.arrived, bounds[s.number]), known)) for s in slots)


def _minutes_without(slots: tuple[Slot, ...], found: Spans, bounds: dict[int, list[Span]]) -> int:
    earlier = found.as_closed()
    return sum(part_of(slot, earlier, bounds[slot.number]).minutes for slot in slots)


def _percent(minutes: int, planned: int) -> int:
    return min(100, minutes * 100 // planned) if planned else 0
