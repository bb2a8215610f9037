"""The presence check, “still here?”: asked by a host, or by the clock at minutes that nobody knows beforehand.

An answer is one more fact in the ledger; a missing one is never the only ground for an absence (domain ATT-16). The
hour at which the server gets it counts; one that comes after CHECK_MINUTES counts too, and is marked late.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from seminars import keys, moments
from seminars.actions.admission import check_open
from seminars.actions.ledger import append
from seminars.errors import Refused
from seminars.facts import CheckAnswered, CheckAsked, announce
from seminars.models import Person, PresenceCheck, PresenceEvent, Session, Slot
from seminars.moments import now
from seminars.vocabulary import PresenceKind, Source, State

MOST_PER_PART = 4
MARGIN = timedelta(minutes=10)
"""The clock asks nobody so soon after the start of a half-day, nor so shortly before its end."""
APART = timedelta(minutes=12)
"""The clock leaves so much between two checks, whoever asked the other one."""


@dataclass(frozen=True, slots=True)
class Answer:
    """When it was given, whether late, and whether it is new: repeating one changes nothing."""

    at: datetime
    is_late: bool
    is_new: bool


def minutes(session: Session, slot: Slot) -> list[datetime]:
    """When the clock asks in a half-day, in order: whole minutes after its planned start.

    Drawn by HMAC from the session, the half-day and the number of the check: every worker finds the same, nobody else
    any. Each lies in a stretch of its own, at least APART from the next; a half-day that is too short gets fewer, or
    none.
    """
    first = slot.starts_at + MARGIN
    whole = (slot.ends_at - MARGIN - timedelta(minutes=settings.CHECK_MINUTES) - first) // timedelta(
        minutes=1
    )
    apart = APART // timedelta(minutes=1)
    if whole < 1 or not session.checks_per_part:
        return []
    count = max(1, min(session.checks_per_part, whole // (apart + 1)))
    stretch, asked = whole // count, []
    for number in range(count):
        drawn = int(keys.digits("check", session.uid, slot.number, number, length=12))
        free = max(1, stretch - (apart if number < count - 1 else 0))
        asked.append(first + timedelta(minutes=number * stretch + drawn % free))
    return asked


@transaction.atomic
def ask(*, session: Session, by: Person) -> PresenceCheck:
    """A host asks everybody now. Refuses `not_now` outside a running session, `check_open` while a question is open."""
    session = Session.objects.select_for_update().get(pk=session.pk)
    if session.state != State.RUNNING:
        raise Refused("not_now", state=session.get_state_display())
    present = now()
    latest = session.checks.order_by("asked_at", "pk").last()
    if latest and latest.answer_until > present:
        raise Refused("check_open", until=moments.local(latest.answer_until, session.timezone))
    return _asked(session, _running(session, present), present, by)


def _running(session: Session, present: datetime) -> Slot:
    """The half-day that began last, also when it lasts longer than planned."""
    slots = list(session.slots.all())
    begun = [slot for slot in slots if min(slot.starts_at, slot.held_from or slot.starts_at) <= present]
    return begun[-1] if begun else slots[0]


def _asked(session: Session, slot: Slot, present: datetime, by: Person | None) -> PresenceCheck:
    until = present + timedelta(minutes=settings.CHECK_MINUTES)
    check = PresenceCheck.objects.create(
        session=session, slot=slot, asked_at=present, answer_until=until, asked_by=by
    )
    announce(CheckAsked(session.pk, Session.objects.next_seq(session.pk)))
    return check


@transaction.atomic
def answer(*, session: Session, person: Person, code: str) -> Answer:
    """She is still there. The first answer to a check stands; repeating it answers with the instant that it has.

    Refuses `check_unknown`, `not_inside` for whoever has not come, `room_over` after the session. A line that lapsed
    meanwhile is no matter: a phone that slept wakes with this answer, before its page has arrived anew.
    """
    session = Session.objects.select_for_update().get(pk=session.pk)
    check = PresenceCheck.objects.select_related("slot").filter(session=session, code=code).first()
    if check is None:
        raise Refused("check_unknown")
    facts = PresenceEvent.objects.filter(session=session, person=person)
    for at, data in facts.filter(kind=PresenceKind.CONFIRMED).values_list("at", "data"):
        if data.get("check") == code:
            return Answer(at, bool(data.get("late")), is_new=False)
    check_open(session)
    if not facts.exists():
        raise Refused("not_inside")
    present = now()
    is_late = present > check.answer_until
    append(
        session=session,
        person=person,
        author=person,
        kind=PresenceKind.CONFIRMED,
        source=Source.COMPANION,
        at=present,
        slot_number=check.slot.number,
        data={"check": code, "late": is_late},
    )
    announce(CheckAnswered(session.pk, Session.objects.next_seq(session.pk), (person.pk,)))
    return Answer(present, is_late, is_new=True)


def ask_due() -> int:
    """Asks in each running session whose minute has come; returns in how many. Safe in several workers at once."""
    present = now()
    running = Session.objects.filter(state=State.RUNNING, checks_per_part__gt=0, starts_at__lte=present)
    waiting = [session for session in running.prefetch_related("slots", "checks") if _due(session, present)]
    return sum(_ask_if_due(session.pk) for session in waiting)


@transaction.atomic
def _ask_if_due(session_id: int) -> bool:
    """Looks once more under the lock: another worker may have been quicker."""
    session, present = Session.objects.select_for_update().get(pk=session_id), now()
    slot = _due(session, present) if session.state == State.RUNNING else None
    if slot is not None:
        _asked(session, slot, present, None)
    return slot is not None


def _due(session: Session, present: datetime) -> Slot | None:
    """The half-day in which the clock must ask now."""
    for slot in session.slots.all():
        if slot.starts_at <= present <= slot.ends_at - MARGIN:
            checks = [check for check in session.checks.all() if check.slot_id == slot.pk]
            return slot if _is_due(minutes(session, slot), checks, present) else None
    return None


def _is_due(drawn: Sequence[datetime], checks: Sequence[PresenceCheck], present: datetime) -> bool:
    """A check that a host asked shortly before a drawn minute stands for it; one that was delayed comes later."""
    passed = [moment for moment in drawn if moment <= present]
    if not passed or any(check.asked_at > present - APART for check in checks):
        return False
    latest = passed[-1]
    spared = latest - APART
    return not any(
        check.asked_at >= latest or (check.asked_by_id and check.asked_at > spared) for check in checks
    )
