"""The consistency report (domain ATT-11, 1.2): what an auditor would ask about, before the sheet is sealed.

Each line names its people and half-days. Nothing here accuses: a line is right once somebody has said why.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings

from seminars import moments
from seminars.evidence.holidays import countries_off
from seminars.models import Person, PresenceEvent, Session, Slot
from seminars.queries import clashes
from seminars.queries.findings import BAD, CARE, HEADCOUNTS, Finding, Ground
from seminars.queries.sheets import Mark, Part, Row, Sheet
from seminars.vocabulary import Answer, Hand, Mode, PresenceKind, Source, State, Where

TOGETHER = timedelta(minutes=1)
BY_CODE = ("code", "walk_in")
"""Signatures that need the code shown in the room."""
MANY = 4
"""Signatures within a minute that are worth a question, where they are three quarters of all."""

__all__ = ["Finding", "findings", "unexplained"]


def findings(session: Session, sheet: Sheet, by: Person | None = None) -> tuple[Finding, ...]:
    """The whole report of a session with its live sheet, worst first, else in the order of `CHECKS`; as it will be
    when `by` seals, whose seal countersigns."""
    ground = Ground(session, sheet, by)
    found = [finding for check in CHECKS for finding in check(ground)]
    return tuple(sorted(found, key=lambda one: one.level != BAD))


def unexplained(session: Session, sheet: Sheet) -> tuple[Finding, ...]:
    """Lines that must be explained before a seal, and are not."""
    said = {finding for finding, _reason, _name in sheet.explanations}
    return tuple(one for one in findings(session, sheet) if one.level == BAD and one.key not in said)


def _parts(ground: Ground, slot: Slot, *, all_: bool = False) -> list[tuple[Row, Part]]:
    rows = ground.sheet.rows if all_ else ground.guests
    return [(row, part) for row in rows for part in row.parts if part.slot.number == slot.number]


def _own(part: Part) -> Mark | None:
    """Her signature, where she gave it herself and there and then."""
    mark = part.signature
    return mark if mark and not mark.is_declared and not mark.is_paper else None


def _at_once(ground: Ground) -> Iterator[Finding]:
    for slot in ground.sheet.slots:
        signed = sorted(
            ((mark.at, row.person) for row, part in _parts(ground, slot) if (mark := _own(part))),
            key=lambda one: one[0],
        )
        most: list[tuple[datetime, Person]] = []
        for first, _person in signed:
            within = [one for one in signed if first <= one[0] < first + TOGETHER]
            most = max(most, within, key=len)
        if len(most) >= MANY and len(most) * 4 >= len(signed) * 3:
            people = [person for _at, person in most]
            yield ground.finding("signed_at_once", people=people, slots=[slot], at=most[0][0])


def _paper(ground: Ground) -> Iterator[Finding]:
    """Signatures that are said to stand on a paper of which no page was kept."""
    parts = [part for row in ground.sheet.rows for part in row.parts]
    if not any(mark and mark.is_paper for part in parts for mark in (part.signature, *part.trainer_marks)):
        return
    rows = PresenceEvent.objects.filter(session=ground.session, kind=PresenceKind.SIGNED, source=Source.PAPER)
    columns = rows.filter(person__isnull=False).values_list("person_id", "slot__number", "at", "data")
    bare = {(person, slot, at) for person, slot, at, data in columns if not data.get("scan")}
    for slot in ground.sheet.slots:
        found = [
            (row, mark)
            for row, part in _parts(ground, slot, all_=True)
            for mark in (part.signature, *part.trainer_marks)
            if mark and mark.is_paper and (row.person.pk, slot.number, mark.at) in bare
        ]
        if found:
            people = dict.fromkeys(row.person for row, _mark in found)
            about = " ".join(sorted({mark.at.isoformat() for _row, mark in found}))
            yield ground.finding("paper_without_page", BAD, people=people, slots=[slot], about=about)


def _hours(slot: Slot) -> tuple[datetime, datetime]:
    """Planned and held hours together."""
    return min(slot.starts_at, slot.held_from or slot.starts_at), max(
        slot.ends_at, slot.held_to or slot.ends_at
    )


def _signed_outside(ground: Ground) -> Iterator[Finding]:
    opens, closes = (
        timedelta(minutes=n) for n in (settings.SIGN_OPENS_MINUTES, settings.SIGN_CLOSES_MINUTES)
    )
    for slot in ground.sheet.slots:
        begins, ends = _hours(slot)
        people = []
        for row, part in _parts(ground, slot, all_=True):
            mark = _own(part)
            is_out = mark is not None and not begins - opens <= mark.at <= ends + closes
            if is_out or any(one.at < begins for one in part.trainer_marks):
                people.append(row.person)
        if people:
            yield ground.finding("signed_outside_hours", BAD, people=people, slots=[slot])


def _days_off(ground: Ground) -> Iterator[Finding]:
    days: dict[str, list[Slot]] = {}
    for slot in ground.sheet.slots:
        days.setdefault(_day(ground, slot.starts_at), []).append(slot)
    for day, slots in days.items():
        at = moments.local(slots[0].starts_at, ground.session.timezone)
        countries = countries_off(at.date())
        if countries:
            yield ground.finding(
                "holiday", slots=slots, about=day, at=slots[0].starts_at, countries=countries
            )
        elif at.weekday() == 6:
            yield ground.finding("sunday", slots=slots, about=day, at=slots[0].starts_at)


def _day(ground: Ground, at: datetime) -> str:
    return moments.local(at, ground.session.timezone).date().isoformat()


def _has_line(part: Part) -> bool:
    """Whether any connection of hers touched the half-day; of a corrected one nothing is known here."""
    told = part.minutes - part.declared - part.onsite - part.bridged
    return part.corrected or told > 0 or part.unseen > 0 or part.waiting > 0


def _signatures(ground: Ground) -> Iterator[Finding]:
    """Signed without having been seen, and seen without having signed."""
    if ground.session.kind in HEADCOUNTS:
        return
    level = BAD if ground.must_prove else CARE
    for slot in ground.sheet.slots:
        parts = _parts(ground, slot)
        blind = [row.person for row, part in parts if _is_blind(part)]
        if blind:
            told = {"incident": ground.session.incident}
            excused = CARE if ground.is_failed(slot) else BAD
            yield ground.finding("signed_without_connection", excused, people=blind, slots=[slot], **told)
        late = [row.person for row, part in parts if _is_after_end(part)]
        if late:
            yield ground.finding("signed_after_end", people=late, slots=[slot])
        empty = [row.person for row, part in parts if _is_empty(part)]
        if empty:
            yield ground.finding("signed_without_minutes", BAD, people=empty, slots=[slot])
        there = [(row, part) for row, part in parts if part.minutes]
        unsigned = [row.person for row, part in there if part.signature is None]
        if unsigned and len(unsigned) == len(there):
            yield ground.finding("nobody_signed", level, slots=[slot], people=unsigned)
        elif unsigned:
            yield ground.finding("unsigned", level, people=unsigned, slots=[slot])
        if there and not _will_be_countersigned(ground, slot):
            yield ground.finding("not_countersigned", BAD if ground.is_ruled else CARE, slots=[slot])


def _unwitnessed(ground: Ground) -> Iterator[Finding]:
    """Signed in the room by a page that may be anywhere: neither the code shown there, nor coming by it, nor an answer
    to a check."""
    if ground.session.mode != Mode.IN_PERSON or ground.session.kind in HEADCOUNTS:
        return
    slots = ground.sheet.slots
    alone = {
        slot.number: [row.person for row, part in _parts(ground, slot) if _is_alone(part)] for slot in slots
    }
    if not any(alone.values()):
        return
    moves = PresenceEvent.objects.filter(session=ground.session, kind=PresenceKind.CHECKED_IN)
    came = set(moves.values_list("person_id", "slot__number"))
    for slot in ground.sheet.slots:
        people = [person for person in alone[slot.number] if (person.pk, slot.number) not in came]
        if people:
            yield ground.finding("room_unwitnessed", people=people, slots=[slot])


def _is_alone(part: Part) -> bool:
    mark = _own(part)
    is_page = mark is not None and mark.mode == Where.ROOM and mark.by not in BY_CODE
    return is_page and not any(at for _asked, at, _late in part.checks)


def _is_blind(part: Part) -> bool:
    mark = part.signature
    is_by_video = mark and mark.mode == Where.VIDEO and not mark.is_paper
    return bool(is_by_video and not part.is_excused and not _has_line(part))


def _is_after_end(part: Part) -> bool:
    """In the room, when nothing was left to stay for: it says nothing of how long she was there."""
    mark = _own(part)
    if mark is None or mark.mode != Where.ROOM or part.minutes or part.corrected or part.is_excused:
        return False
    return mark.at >= (part.slot.held_to or part.slot.ends_at)


def _is_empty(part: Part) -> bool:
    is_bare = bool(part.signature) and not part.minutes and not part.is_excused
    return is_bare and not _is_blind(part) and not _is_after_end(part)


def _will_be_countersigned(ground: Ground, slot: Slot) -> bool:
    if any(_is_countersigned(part) for _row, part in _parts(ground, slot, all_=True)):
        return True
    return ground.signs_at_seal and (slot.held_from is not None or ground.session.state != State.ENDED)


def _is_countersigned(part: Part) -> bool:
    return any(mark.hand == Hand.TRAINER for mark in part.trainer_marks)


def _people(ground: Ground) -> Iterator[Finding]:
    """Who was to come and did not, and the other way round."""
    came = [row for row in ground.guests if row.was_present or row.open_minutes]
    signed = {row.code for row in ground.guests if any(part.signature for part in row.parts)}
    absent = [
        row.person
        for row in ground.guests
        if row.answer == Answer.YES and row not in came and row.code not in signed and not row.is_excused
    ]
    if absent and ground.session.state == State.ENDED:
        yield ground.finding("absent", people=absent)
    besides = [row.person for row in came if not row.is_invited and not row.is_walk_in]
    if besides:
        yield ground.finding("uninvited", people=besides)
    waiting = [row.person for row in ground.sheet.rows if row.walk_in_state == "open"]
    if waiting:
        yield ground.finding("walk_in_open", BAD, people=waiting)
    declined = [row.person for row in came if row.answer == Answer.NO]
    if declined:
        yield ground.finding("declined_present", people=declined)
    most = ground.session.capacity
    if most is not None and len(came) > most:
        yield ground.finding("over_capacity", about=f"{len(came)}>{most}", present=len(came), capacity=most)
    for slot in ground.sheet.slots:
        both = [
            row.person
            for row, part in _parts(ground, slot)
            if part.is_excused and (part.set_aside or part.signature)
        ]
        if both:
            yield ground.finding("excused_present", BAD, people=both, slots=[slot])


def _held(ground: Ground) -> Iterator[Finding]:
    """Held times beside planned ones; of a running session nothing is said yet."""
    if ground.session.state != State.ENDED:
        return
    most = timedelta(minutes=settings.HELD_DIFFERENCE_MINUTES)
    reason = ground.session.held_reason
    for slot in ground.sheet.slots:
        if slot.held_from is None or slot.held_to is None:
            yield ground.finding("not_held", slots=[slot], reason=reason)
        elif abs(slot.held_from - slot.starts_at) > most or abs(slot.held_to - slot.ends_at) > most:
            hours: dict[str, Any] = {"held_from": slot.held_from, "held_to": slot.held_to, "reason": reason}
            about = f"{slot.held_from.isoformat()} {slot.held_to.isoformat()}"
            yield ground.finding("held_differs", slots=[slot], about=about, **hours)


def _server(ground: Ground) -> Iterator[Finding]:
    """What the server itself saw: nothing at all, or one device signing for two."""
    session = ground.session
    facts = PresenceEvent.objects.filter(session=session)
    by_video = any(part.mode == Where.VIDEO for row in ground.guests for part in row.parts)
    lines = facts.filter(kind__in=[PresenceKind.JOINED, PresenceKind.RESUMED])
    if session.mode != Mode.IN_PERSON and by_video and not lines.exists():
        held = [slot for slot in ground.sheet.slots if slot.held_from is not None]
        level = CARE if ground.is_failed(*held or ground.sheet.slots) else BAD
        yield ground.finding("no_server_event", level, incident=session.incident)
    rows = {row.person.pk: row.person for row in ground.sheet.rows}
    hands: dict[UUID, set[int]] = {}
    signed = facts.filter(kind=PresenceKind.SIGNED, connection__isnull=False, person__isnull=False)
    for line, person in signed.values_list("connection", "person_id"):
        if line and person:
            hands.setdefault(line, set()).add(person)
    for line, several in sorted(hands.items()):
        people = [rows[pk] for pk in rows if pk in several]
        if len(people) > 1:
            yield ground.finding("same_device", BAD, people=people, about=str(line))


Check = Callable[[Ground], Iterator[Finding]]
CHECKS: tuple[Check, ...] = (
    clashes.elsewhere,
    clashes.same_place,
    _signed_outside,
    _paper,
    _signatures,
    _unwitnessed,
    _server,
    _at_once,
    clashes.outside_hours,
    _people,
    _held,
    _days_off,
    clashes.changed,
)
