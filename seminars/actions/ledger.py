"""Writing the ledger: each fact of attendance as the next link of its session's chain."""

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from seminars.actions.rows import Form, insert_many, read, write_many
from seminars.evidence import chain
from seminars.models import Person, PresenceEvent, Session, Slot
from seminars.moments import now
from seminars.vocabulary import PresenceKind, Source

COLUMNS = [
    "id",
    "session_id",
    "seq",
    "kind",
    "source",
    "person_id",
    "subject",
    "slot_id",
    "author_id",
    "author_subject",
    "connection",
    "at",
    "recorded_at",
    "reason",
    "data",
    "prev_hash",
    "hash",
]


def subjects_of(people: Collection[int]) -> dict[int, str]:
    """What stands for each person in the chain, by id; a salt is made at a person's first event."""
    table = Person._meta.db_table
    asked = f"SELECT id, salt, code FROM {table} WHERE id IN numbers(%s)"
    found = read(asked, people)
    if bare := sorted(pk for pk, salt, _code in found if not salt):
        salts = [(chain.new_salt(), pk) for pk in bare]
        write_many(f"UPDATE {table} SET salt = %s WHERE id = %s AND salt = ''", salts)
        found += read(asked, bare)  # another session's chain may have been quicker
    return {pk: chain.commitment(salt, code) for pk, salt, code in found}


@dataclass(frozen=True, slots=True)
class Half:
    """A half-day, as the ledger quotes it."""

    pk: int
    number: int
    ends_at: datetime


class Ledger:
    """The chains of sessions that the caller's transaction holds: heads are read once and kept while rows gather."""

    def __init__(self, sessions: Mapping[int, Session], people: Collection[int], present: datetime) -> None:
        self.sessions, self.present = sessions, present
        self.subjects = subjects_of(people)
        self.form = form = Form()
        self.rows: list[tuple[object, ...]] = []
        events, halves = PresenceEvent._meta.db_table, Slot._meta.db_table
        heads = read(
            f"SELECT e.session_id, e.seq, e.hash, e.recorded_at FROM {Session._meta.db_table} s JOIN {events} e"
            f" ON e.session_id = s.id AND e.seq = (SELECT max(seq) FROM {events} WHERE session_id = s.id)"
            " WHERE s.id IN numbers(%s)",
            sessions.keys(),
        )
        self.heads = {row[0]: (int(row[1]), str(row[2]), form.moment_of(row[3])) for row in heads}
        self.slots: dict[int, list[Half]] = {}
        asked = f"SELECT session_id, id, number, ends_at FROM {halves} WHERE session_id IN numbers(%s) ORDER BY number"
        for session_id, pk, number, ends_at in read(asked, sessions.keys()):
            self.slots.setdefault(session_id, []).append(Half(pk, number, form.moment_of(ends_at)))

    def slot_at(self, session_id: int, at: datetime) -> Half | None:
        """The half-day an instant belongs to: the one running then, else the next one, else the last."""
        slots = self.slots.get(session_id, [])
        return next((slot for slot in slots if at < slot.ends_at), slots[-1] if slots else None)

    def slot_of(self, session_id: int, at: datetime, number: int | None) -> Half | None:
        """The half-day of that number; without one, that of the instant. Raises LookupError for a number that is not
        of this session."""
        if number is None:
            return self.slot_at(session_id, at)
        for slot in self.slots.get(session_id, []):
            if slot.number == number:
                return slot
        raise LookupError(f"no half-day {number}")

    def add(
        self,
        *,
        session_id: int,
        person_id: int,
        kind: PresenceKind,
        source: Source,
        at: datetime,
        event: uuid.UUID | None = None,
        connection: uuid.UUID | None = None,
        author_id: int | None = None,
        reason: str = "",
        data: Mapping[str, Any] | None = None,
        slot_number: int | None = None,
    ) -> None:
        """The next row of a session's chain; `slot_number`: where it is about another half-day than that of `at`."""
        number, previous, last = self.heads.get(session_id, (0, chain.GENESIS, self.present))
        recorded = max(self.present, last)  # a clock may step back, a ledger does not
        slot, key = self.slot_of(session_id, at, slot_number), event or uuid.uuid4()
        author = self.subjects[author_id] if author_id else ""
        record = chain.record(
            id=key,
            session=self.sessions[session_id].uid,
            seq=number + 1,
            kind=str(kind),
            source=str(source),
            subject=self.subjects[person_id],
            author=author,
            slot=slot.number if slot else None,
            connection=connection,
            at=at,
            recorded_at=recorded,
            reason=reason,
            data=data or {},
        )
        own = chain.link(previous, record)
        self.heads[session_id] = (number + 1, own, recorded)
        form = self.form
        self.rows.append(
            (
                form.key(key),
                session_id,
                number + 1,
                str(kind),
                str(source),
                person_id,
                self.subjects[person_id],
                slot.pk if slot else None,
                author_id,
                author,
                form.key(connection) if connection else None,
                form.moment(at),
                form.moment(recorded),
                reason,
                form.json(data or {}),
                previous,
                own,
            )
        )

    def write(self) -> None:
        """Inserts what has gathered."""
        insert_many(PresenceEvent._meta.db_table, COLUMNS, self.rows)
        self.rows = []


def append(*, session: Session, person: Person, author: Person | None = None, **fact: Any) -> None:
    """One row of a session's chain, within the caller's transaction, which must hold the session's row. `fact` as in
    Ledger.add."""
    ledger = Ledger({session.pk: session}, [person.pk, *([author.pk] if author else [])], now())
    ledger.add(session_id=session.pk, person_id=person.pk, author_id=author.pk if author else None, **fact)
    ledger.write()
