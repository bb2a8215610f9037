"""Writing the ledger: each fact of attendance as the next link of its session's chain."""

import uuid
from datetime import datetime
from typing import Any

from seminars.evidence import chain
from seminars.models import Person, PresenceEvent, Session, Slot
from seminars.moments import now
from seminars.vocabulary import PresenceKind, Source


def subject_of(person: Person) -> str:
    """What stands for a person in the chain; her salt is made at her first event."""
    if not person.salt:
        person.salt = chain.new_salt()
        Person.objects.filter(pk=person.pk, salt="").update(salt=person.salt)
        person.refresh_from_db(fields=["salt"])
    return chain.commitment(person.salt, person.code)


def _slot_at(session: Session, at: datetime) -> Slot | None:
    """The half-day an instant belongs to: the one running then, else the next one, else the last."""
    slots = list(session.slots.all())
    return next((slot for slot in slots if at < slot.ends_at), slots[-1] if slots else None)


def append(
    *,
    session: Session,
    person: Person,
    kind: PresenceKind,
    source: Source,
    at: datetime,
    event: uuid.UUID | None = None,
    connection: uuid.UUID | None = None,
    author: Person | None = None,
    reason: str = "",
    data: dict[str, Any] | None = None,
) -> PresenceEvent:
    """The next row of the session's chain, within the caller's transaction, which must hold the session's row."""
    last = (
        PresenceEvent.objects.filter(session=session)
        .order_by("-seq")
        .only("seq", "hash", "recorded_at")
        .first()
    )
    recorded = (
        now() if last is None else max(now(), last.recorded_at)
    )  # a clock stepped back does not reverse the ledger
    row = PresenceEvent(
        id=event or uuid.uuid4(),
        session=session,
        seq=last.seq + 1 if last else 1,
        kind=kind,
        source=source,
        person=person,
        subject=subject_of(person),
        slot=_slot_at(session, at),
        author=author,
        author_subject=subject_of(author) if author else "",
        connection=connection,
        at=at,
        recorded_at=recorded,
        reason=reason,
        data=data or {},
        prev_hash=last.hash if last else chain.GENESIS,
    )
    row.hash = chain.link(row.prev_hash, row.record())
    row.save(force_insert=True)
    return row
