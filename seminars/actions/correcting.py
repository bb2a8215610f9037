"""Corrections: times replaced, a signature voided, an excuse taken back. What was there before stays in the ledger, and
after a seal the next seal is a new version (domain ATT-6)."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction

from seminars.actions.declaring import check_begun, check_person, check_reason, check_times, lock, tell
from seminars.actions.ledger import append
from seminars.errors import Refused
from seminars.evidence import chain
from seminars.models import Person, Session
from seminars.moments import Span, now
from seminars.queries import signatures
from seminars.vocabulary import PresenceKind, Source


def _write(
    session: Session, person: Person, by: Person, slot: int, reason: str, data: dict[str, Any]
) -> None:
    append(
        session=session,
        person=person,
        author=by,
        kind=PresenceKind.CORRECTED,
        source=Source.TRAINER,
        at=now(),
        slot_number=slot,
        reason=reason,
        data=data,
    )
    tell(session, [person])


@transaction.atomic
def replace_times(
    *, session: Session, person: Person, by: Person, slot_number: int, times: Iterable[Span], reason: str
) -> None:
    """These times count in that half-day and nothing else, whatever was or will be told; none: she was not there."""
    session = lock(session)
    check_person(session, person)
    slot = check_begun(session, slot_number)
    said = check_reason(reason, session=session)
    whole = check_times(session, slot, times)
    stamps = [[chain.stamp(first), chain.stamp(last)] for first, last in whole]
    _write(session, person, by, slot_number, said, {"times": stamps})


@transaction.atomic
def void_signature(*, session: Session, person: Person, by: Person, slot_number: int, reason: str) -> None:
    """Her signature of that half-day no longer stands; a new one may follow. Refuses `nothing_signed`."""
    session = lock(session)
    said = check_reason(reason, session=session)
    signed, _excused = signatures.standing(session)
    if not any(mark[:2] == (person.pk, slot_number) for mark in signed):
        raise Refused("nothing_signed")
    _write(session, person, by, slot_number, said, {"signature": False})


@transaction.atomic
def withdraw_excuse(*, session: Session, person: Person, by: Person, slot_number: int, reason: str) -> None:
    """She is not excused after all. Refuses `not_excused`."""
    session = lock(session)
    said = check_reason(reason, session=session)
    if (person.pk, slot_number) not in signatures.standing(session)[1]:
        raise Refused("not_excused")
    _write(session, person, by, slot_number, said, {"excused": False})
