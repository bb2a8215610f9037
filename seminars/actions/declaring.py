"""The trainer's hand: minutes and signatures that she declares, excused absences, and what failed in the video.

Whatever the system did not see is printed as declared by the trainer, with her reason (domain ATT-5, ATT-15).
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from django.conf import settings
from django.db import transaction

from seminars import moments
from seminars.actions.ledger import append
from seminars.errors import Refused
from seminars.evidence import chain
from seminars.facts import PresenceChanged, SessionChanged, announce
from seminars.models import Person, Session, Slot
from seminars.moments import Span, now
from seminars.queries import counting, naming, signatures
from seminars.vocabulary import Hand, PresenceKind, Source, State, Where

LONGEST_REASON = 300


def lock(session: Session) -> Session:
    """The row as it is now, held until the transaction ends. Refuses `not_now` for what takes no facts, `condensed`
    once the events are gone."""
    found = Session.objects.select_for_update().get(pk=session.pk)
    if found.state in (State.DRAFT, State.CANCELLED):
        raise Refused("not_now", state=found.get_state_display())
    if found.condensed_at is not None:
        raise Refused("condensed")
    return found


def check_reason(reason: str, field: str = "reason", *, session: Session) -> str:
    """The reason without blanks around it. Refuses `reason_missing`, `reason_long`, `reason_names`."""
    said = reason.strip()
    if not said:
        raise Refused("reason_missing", field=field)
    if len(said) > LONGEST_REASON:
        raise Refused("reason_long", field=field, most=LONGEST_REASON)
    check_nameless(session, said, field)
    return said


def check_nameless(session: Session, words: str, field: str) -> None:
    """Refuses `reason_names` where words that can't be erased hold the full name of somebody on the sheet."""
    if naming.names_somebody(words, naming.names_of(session)):
        raise Refused("reason_names", field=field)


def check_person(session: Session, person: Person) -> None:
    if not signatures.is_of(session, person.pk):
        raise Refused("not_on_sheet")


def check_begun(session: Session, slot_number: int) -> Slot:
    """The half-day of that number, once it has begun: nothing is declared in advance."""
    slot = session.slots.filter(number=slot_number).first()
    if slot is None:
        raise Refused("no_half_day", field="slot")
    begins = min(slot.starts_at, slot.held_from or slot.starts_at)
    if begins > now() or session.state == State.SCHEDULED:
        raise Refused("half_day_to_come", field="slot")
    return slot


def check_times(session: Session, slot: Slot, times: Iterable[Span], field: str = "end") -> list[Span]:
    """Times in order, each within what was held of the half-day at least in part, and nowhere further from its planned
    and held hours than somebody may sign; none in the future."""
    whole = sorted(times)
    bounds = counting.bounds_of(session, tuple(session.slots.all()), session.closed_at or now())[slot.number]
    if whole and not bounds:
        raise Refused("half_day_not_held", field="slot")
    for first, last in whole:
        if first >= last:
            raise Refused("times_reversed", field=field)
        if last > now() + timedelta(minutes=1):
            raise Refused("times_to_come", field=field)
        if not moments.clip([(first, last)], bounds) or not _is_near(first, last, slot, bounds):
            hours = {"start": _wall(bounds[0][0], session), "end": _wall(bounds[-1][1], session)}
            raise Refused("times_outside", field=field, **hours)
    if any(one[1] > other[0] for one, other in pairwise(whole)):
        raise Refused("times_overlap", field=field)
    return whole


def _check_stay(session: Session, slot: Slot, first: datetime, last: datetime | None) -> dict[str, str]:
    """The hours of a stay as the ledger keeps them. Without its end it lasts as long as the half-day is held, which may
    still run."""
    if last is None:
        bounds = counting.bounds_of(session, tuple(session.slots.all()), session.closed_at or now())
        held_to = max((end for _start, end in bounds[slot.number]), default=now())
        check_times(session, slot, [(first, held_to)], field="start")
        return {"from": chain.stamp(first)}
    [(first, last)] = check_times(session, slot, [(first, last)])
    return {"from": chain.stamp(first), "to": chain.stamp(last)}


def _is_near(first: datetime, last: datetime, slot: Slot, bounds: list[Span]) -> bool:
    """Whatever is declared of the morning is none of the afternoon's."""
    opens, closes = (
        timedelta(minutes=n) for n in (settings.SIGN_OPENS_MINUTES, settings.SIGN_CLOSES_MINUTES)
    )
    begins, ends = min(slot.starts_at, bounds[0][0]), max(slot.ends_at, bounds[-1][1])
    return begins - opens <= first and last <= ends + closes


def _wall(moment: datetime, session: Session) -> datetime:
    """An instant on the session's clock, which a sentence says as its hour."""
    return moments.local(moment, session.timezone)


def _write(
    session: Session, person: Person, by: Person, slot: int, reason: str, data: dict[str, Any]
) -> None:
    append(
        session=session,
        person=person,
        author=by,
        kind=PresenceKind.DECLARED,
        source=Source.TRAINER,
        at=now(),
        slot_number=slot,
        reason=reason,
        data=data,
    )


def tell(session: Session, people: Iterable[Person]) -> None:
    """After the commit, every screen hears whose presence has changed."""
    changed = tuple(person.pk for person in people)
    announce(PresenceChanged(session.pk, Session.objects.next_seq(session.pk), changed))


@transaction.atomic
def declare_minutes(
    *,
    session: Session,
    person: Person,
    by: Person,
    slot_number: int,
    start: datetime,
    end: datetime,
    reason: str,
) -> None:
    """She was there from `start` to `end`, says the trainer, though nobody saw it. Counted as declared."""
    session = lock(session)
    check_person(session, person)
    slot = check_begun(session, slot_number)
    said = check_reason(reason, session=session)
    [(first, last)] = check_times(session, slot, [(start, end)])
    _write(session, person, by, slot_number, said, {"from": chain.stamp(first), "to": chain.stamp(last)})
    tell(session, [person])


@transaction.atomic
def declare_signature(
    *,
    session: Session,
    person: Person,
    by: Person,
    slot_number: int,
    mode: Where,
    reason: str,
    times: tuple[datetime, datetime | None] | None = None,
) -> None:
    """A signature that she forgot, or could not give in time. Printed as declared, never as hers. `times` are her hours
    where they differ from those held; without an end she stayed to the held one. Refuses `signed_already`, and
    `excused_already` for who is marked as excused."""
    session = lock(session)
    check_person(session, person)
    slot = check_begun(session, slot_number)
    said = check_reason(reason, session=session)
    signed, excused = signatures.standing(session)
    if (person.pk, slot_number, Hand.PARTICIPANT) in signed:
        raise Refused("signed_already")
    if (person.pk, slot_number) in excused:
        raise Refused("excused_already")
    data: dict[str, Any] = {"signature": True, "mode": str(mode)}
    if times:
        data |= _check_stay(session, slot, *times)
    _write(session, person, by, slot_number, said, data)
    tell(session, [person])


@transaction.atomic
def excuse(
    *, session: Session, person: Person, by: Person, slot_number: int, everywhere: bool = False
) -> None:
    """An absence that was announced; only the mark is kept, never why. `everywhere`: also in each other half-day that
    she has not signed. Refuses `excused_already`, `signed_and_excused`."""
    session = lock(session)
    check_person(session, person)
    numbers = list(session.slots.values_list("number", flat=True))
    if slot_number not in numbers:
        raise Refused("no_half_day", field="slot")
    signed, excused = signatures.standing(session)
    if (person.pk, slot_number) in excused:
        raise Refused("excused_already")
    taken = {number for pk, number, *_hand in signed if pk == person.pk}
    if slot_number in taken:
        raise Refused("signed_and_excused")
    taken |= {number for pk, number in excused if pk == person.pk}
    for number in numbers if everywhere else [slot_number]:
        if number not in taken:
            _write(session, person, by, number, "", {"excused": True})
    tell(session, [person])


@transaction.atomic
def note_incident(
    *,
    session: Session,
    by: Person,
    incident: str,
    people: Iterable[Person] = (),
    slot_number: int | None = None,
    times: Span | None = None,
) -> int:
    """What failed in the video or in the log, printed on every sheet; with people, a half-day and its hours, those
    minutes are declared for them with the incident as reason. Returns for how many."""
    session = lock(session)
    said = check_reason(incident, "incident", session=session)
    chosen = list(people)
    if chosen and (slot_number is None or times is None):
        raise Refused("half_day_missing", field="slot")
    session.incident = said
    session.save(update_fields=["incident"])
    if slot_number is not None and times is not None:
        slot = check_begun(session, slot_number)
        [(first, last)] = check_times(session, slot, [times])
        for person in chosen:
            check_person(session, person)
            data = {"from": chain.stamp(first), "to": chain.stamp(last)}
            _write(session, person, by, slot_number, said, data)
    if chosen:
        tell(session, chosen)
    else:
        announce(SessionChanged(session.pk, Session.objects.next_seq(session.pk)))
    return len(chosen)
