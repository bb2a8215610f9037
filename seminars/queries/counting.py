"""Minutes per person and half-day: what the ledger proves, each class named (domain ATT-3, 4, 10, 14).

Minutes counted = union of what was seen, the stay on site, what the trainer declared, and what a companion replayed,
over all tabs and devices, clipped to the half-day's held times. Replayed minutes of a half-day count by themselves
while they are no more than REPLAY_FREE_MINUTES; beyond, none of them counts until it is declared. Gaps under
BRIDGED_GAP_MINUTES are bridged and their number is shown. Unseen minutes in the video are shown and not counted. A
correction by the trainer stands in the place of all of it. Of an excused half-day no minute counts. Towards the plan a
half-day gives at most the minutes that are planned for it: a long morning pays for no missed afternoon.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings

from seminars import moments
from seminars.evidence.intervals import Event, Page, Spans, spans
from seminars.models import Lease, Person, Presence, PresenceCheck, PresenceEvent, Session, Slot
from seminars.moments import Span
from seminars.vocabulary import Hand, Mode, Source, State, Where


@dataclass(frozen=True, slots=True)
class Mark:
    """One signature of one half-day. `by` is page, code, link, paper or walk_in, empty where it was declared;
    `reason` and `author_name` are of who declared it, or typed it from paper."""

    at: datetime
    hand: str = Hand.PARTICIPANT
    mode: str = ""
    by: str = ""
    is_declared: bool = False
    is_paper: bool = False
    reason: str = ""
    author_name: str = ""
    author_code: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """One person in one half-day. Minutes are whole, rounded down, of which `bridged`, `onsite`, `declared` and
    `replayed`; `unseen` (in the video) and `waiting` (replayed, too long to count by itself) are not in them.
    `first_in` and `last_out` lie within the held times and are None when nothing counts. A corrected half-day has
    none of the classes: its minutes are the trainer's. An excused one has no minutes at all."""

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
    onsite: int = 0
    corrected: bool = False
    visits: tuple[Span, ...] = ()
    """Every entry and exit that counts, before gaps are bridged; devices merged."""
    mode: str = ""
    """`room`, `video`, or empty where nothing says it."""
    signature: Mark | None = None
    trainer_marks: tuple[Mark, ...] = ()
    """Hers, as trainer or tutor."""
    is_excused: bool = False
    checks: tuple[tuple[datetime, datetime | None, bool], ...] = ()
    """(asked, answered or None, late) of each presence check of the half-day."""
    set_aside: int = 0
    """Minutes that would count, were she not excused."""

    @property
    def planned(self) -> int:
        return planned_of(self.slot)

    @property
    def credited(self) -> int:
        """Minutes that count towards the plan."""
        return min(self.minutes, self.planned)

    @property
    def at_best(self) -> int:
        """What would be credited, were all open minutes declared."""
        return min(self.minutes + self.unseen + self.waiting, self.planned)


@dataclass(frozen=True, slots=True)
class Beside:
    """What a part needs beside its spans: names and codes of authors by id, checks by half-day number, and the mode of
    the session."""

    authors: Mapping[int, tuple[str, str]] = field(default_factory=dict)
    checks: Mapping[int, tuple[tuple[str, datetime], ...]] = field(default_factory=dict)
    mode: str = Mode.ONLINE


def _length(times: Iterable[Span]) -> timedelta:
    """Exact, where a sum of seconds as fractions would lose the last minute now and then."""
    return sum((end - start for start, end in moments.union(times)), timedelta())


def minutes_of(times: Iterable[Span]) -> int:
    return _length(times) // timedelta(minutes=1)


def planned_of(slot: Slot) -> int:
    """Whole minutes."""
    return (slot.ends_at - slot.starts_at) // timedelta(minutes=1)


def held_span(slot: Slot) -> list[Span]:
    return [(slot.held_from, slot.held_to)] if slot.held_from and slot.held_to else []


def _so_far(session: Session, slot: Slot, is_last: bool, until: datetime) -> list[Span]:
    """Before the closing: a running half-day counts from its opening to now, and a session that was left open for days
    to the planned end, as its closing proposes."""
    if session.state != State.RUNNING or session.opened_at is None:
        return []
    begun = slot.held_from or (slot.starts_at if session.opened_at <= slot.ends_at else None)
    days = {moments.local(at, session.timezone).date() for at in (slot.ends_at, until)}
    ended = until if is_last and len(days) == 1 else min(slot.ends_at, until)
    return [(begun, ended)] if begun and begun < ended else []


def bounds_of(session: Session, slots: tuple[Slot, ...], until: datetime) -> dict[int, list[Span]]:
    """What counts of each half-day, by its number: its held times; while it runs, its opening until now."""
    return {
        slot.number: held_span(slot) or _so_far(session, slot, slot == slots[-1], until) for slot in slots
    }


EVENT = (
    "person_id",
    "kind",
    "at",
    "connection",
    "data",
    "recorded_at",
    "slot__number",
    "source",
    "author_id",
    "reason",
)
"""Columns of a row, in the order of `Event` after the person."""


def ledger_spans(session: Session, until: datetime, person: Person | None = None) -> dict[int, Spans]:
    """Raw spans per person id, of all or of one, from the ledger and the open leases; silence in the video is unseen
    until `until`."""
    rows: dict[int, list[Event]] = {}
    facts = PresenceEvent.objects.filter(session=session, person__isnull=False).order_by("seq")
    facts = facts.filter(person=person) if person else facts
    for key, kind, at, line, *rest in facts.values_list(*EVENT):
        rows.setdefault(key, []).append(Event(kind, at, str(line) if line else None, *rest))
    leases = list(Lease.objects.filter(session=session, ended_at=None))
    in_video = set(
        Presence.objects.filter(session=session, video_since__isnull=False).values_list(
            "person_id", flat=True
        )
    )
    open_: dict[int, dict[str, datetime]] = {}
    for lease in leases:
        open_.setdefault(lease.person_id, {})[str(lease.connection)] = lease.seen_at
    whole = {key: spans(events, open_.get(key, {}), session.closed_at) for key, events in rows.items()}
    for lease in leases:
        if lease.person_id in in_video and lease.quiet_at and lease.person_id in whole:
            whole[lease.person_id].unseen.append((lease.seen_at, until))
    return whole


def beside(session: Session, found: Mapping[int, Spans]) -> Beside:
    """Two queries, one where nobody vouched for anybody."""
    authors = {author for whole in found.values() for author in whole.authors}
    rows = Person.objects.filter(pk__in=authors).values_list("pk", "code", "name") if authors else ()
    names = {pk: (session.roster.get(code, {}).get("name", name), code) for pk, code, name in rows}
    checks: dict[int, tuple[tuple[str, datetime], ...]] = {}
    asked = PresenceCheck.objects.filter(session=session).order_by("asked_at", "pk")
    for number, code, at in asked.values_list("slot__number", "code", "asked_at"):
        checks[number] = (*checks.get(number, ()), (code, at))
    return Beside(names, checks, session.mode)


def stay_of(found: Spans, number: int, bounds: list[Span]) -> list[Span]:
    """Her time in the room in one half-day."""
    page = found.pages.get(number)
    if page is None or not bounds:
        return []
    begun, ended = bounds[0][0], bounds[-1][1]
    grace = timedelta(minutes=settings.SIGN_OPENS_MINUTES)
    return moments.clip(page.stays(begun, ended, grace), bounds)


def part_of(slot: Slot, found: Spans, bounds: list[Span], more: Beside | None = None) -> Part:
    """One person's minutes in one half-day; `bounds` are its held times (none: it was not held)."""
    more, page = more or Beside(), found.pages.get(slot.number) or Page()
    if page.is_excused:
        there = (
            _corrected(slot, page, bounds) if page.times is not None else _present(slot, page, found, bounds)
        )
        return _excused(slot, page, more, there.minutes)
    if page.times is not None:
        return _corrected(slot, page, bounds, more)
    return _present(slot, page, found, bounds, more)


def _present(slot: Slot, page: Page, found: Spans, bounds: list[Span], more: Beside | None = None) -> Part:
    more = more or Beside()
    seen, stay = moments.clip(found.seen, bounds), stay_of(found, slot.number, bounds)
    declared = moments.clip(found.declared_in(slot.number), bounds)
    proved = moments.union(seen + stay + declared)
    replayed = moments.without(moments.clip(found.replayed, bounds), proved)
    is_free = _length(replayed) <= timedelta(minutes=settings.REPLAY_FREE_MINUTES)
    sure = moments.union(proved + (replayed if is_free else []))
    whole, gaps = moments.bridge(sure, timedelta(minutes=settings.BRIDGED_GAP_MINUTES))
    waiting = moments.without(replayed, whole)
    unseen = moments.without(moments.clip(found.unseen, bounds), whole + waiting)
    lines = moments.clip([*found.seen, *found.replayed, *found.unseen], bounds)
    return Part(
        slot=slot,
        minutes=minutes_of(whole),
        bridged=minutes_of(gaps),
        declared=minutes_of(moments.without(declared, moments.union(seen + stay))),
        replayed=minutes_of(replayed) if is_free else 0,
        unseen=minutes_of(unseen),
        waiting=minutes_of(waiting),
        first_in=whole[0][0] if whole else None,
        last_out=whole[-1][1] if whole else None,
        times=tuple(whole),
        onsite=minutes_of(moments.without(stay, seen)),
        visits=tuple(sure),
        mode=_mode(page, bool(lines), bool(whole), more.mode),
        signature=_signature(page, more),
        trainer_marks=_trainer_marks(page, more),
        checks=_answers(page, slot, more),
    )


def _excused(slot: Slot, page: Page, more: Beside, set_aside: int) -> Part:
    return Part(
        slot=slot,
        minutes=0,
        bridged=0,
        declared=0,
        replayed=0,
        unseen=0,
        waiting=0,
        first_in=None,
        last_out=None,
        times=(),
        mode=_mode(page, False, False, more.mode),
        signature=_signature(page, more),
        trainer_marks=_trainer_marks(page, more),
        is_excused=True,
        checks=_answers(page, slot, more),
        set_aside=set_aside,
    )


def _corrected(slot: Slot, page: Page, bounds: list[Span], more: Beside | None = None) -> Part:
    more = more or Beside()
    times = moments.clip(page.times or [], bounds)
    return Part(
        slot=slot,
        minutes=minutes_of(times),
        bridged=0,
        declared=0,
        replayed=0,
        unseen=0,
        waiting=0,
        first_in=times[0][0] if times else None,
        last_out=times[-1][1] if times else None,
        times=tuple(times),
        corrected=True,
        visits=tuple(times),
        mode=_mode(page, False, bool(times), more.mode),
        signature=_signature(page, more),
        trainer_marks=_trainer_marks(page, more),
        checks=_answers(page, slot, more),
    )


def _mode(page: Page, has_line: bool, is_there: bool, mode: str) -> str:
    """What she signed for; else where she was seen. A page that is open in the room is no video."""
    said = next((mark.data["mode"] for mark in reversed(page.marks) if mark.data.get("mode")), "")
    if said:
        return str(said)
    if page.moves:
        return Where.ROOM
    if not (has_line or is_there):
        return ""
    if mode == Mode.IN_PERSON:
        return Where.ROOM
    return Where.VIDEO if has_line or mode == Mode.ONLINE else ""


def _mark(event: Event, more: Beside) -> Mark:
    is_declared, is_paper = event.kind == "declared", event.source == Source.PAPER
    name, code = more.authors.get(event.author or 0, ("", "")) if is_declared or is_paper else ("", "")
    return Mark(
        at=event.at,
        hand=str(event.data.get("as", Hand.PARTICIPANT)),
        mode=str(event.data.get("mode", "")),
        by=str(event.data.get("by", "")),
        is_declared=is_declared,
        is_paper=is_paper,
        reason=event.reason,
        author_name=name,
        author_code=code,
    )


def _signature(page: Page, more: Beside) -> Mark | None:
    found = [one for one in page.marks if one.data.get("as", Hand.PARTICIPANT) == Hand.PARTICIPANT]
    return _mark(found[0], more) if found else None


def _trainer_marks(page: Page, more: Beside) -> tuple[Mark, ...]:
    return tuple(
        _mark(one, more) for one in page.marks if one.data.get("as", Hand.PARTICIPANT) != Hand.PARTICIPANT
    )


def _answers(page: Page, slot: Slot, more: Beside) -> tuple[tuple[datetime, datetime | None, bool], ...]:
    found = []
    for code, asked in more.checks.get(slot.number, ()):
        at, is_late = page.answers.get(code, (None, False))
        found.append((asked, at, is_late))
    return tuple(found)


def modes_of(session: Session, person: Person, slots: Iterable[Slot]) -> dict[int, str]:
    """Where the ledger has somebody in each of these half-days, by its number: `video` by her connections, `room` by
    her code, or where a session is nowhere else; else empty."""
    until = session.closed_at or moments.now()
    found = ledger_spans(session, until, person).get(person.pk, Spans())
    bounds = bounds_of(session, tuple(session.slots.all()), until)
    more = Beside(mode=session.mode)
    otherwise = str(Where.ROOM) if session.mode == Mode.IN_PERSON else ""
    return {
        slot.number: str(part_of(slot, found, bounds[slot.number], more).mode) or otherwise for slot in slots
    }


def undecided(found: Spans, bounds: dict[int, list[Span]]) -> list[Span]:
    """What a trainer may declare of one person: the unseen, and the replayed that is too long to count by itself.
    Nothing of a half-day that was corrected or excused: there she has spoken."""
    proved = found.seen + found.declared
    for number, bound in bounds.items():
        page = found.pages.get(number) or Page()
        is_said = page.is_excused or page.times is not None
        told = stay_of(found, number, bound) + moments.clip(page.told, bound)
        proved = proved + (bound if is_said else told)
    spans_ = list(found.unseen)
    for bound in bounds.values():
        replayed = moments.without(moments.clip(found.replayed, bound), proved)
        if _length(replayed) > timedelta(minutes=settings.REPLAY_FREE_MINUTES):
            spans_ += replayed
    return moments.without(spans_, proved)
