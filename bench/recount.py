"""The sheet of one session with very many events, beside reading their rows: `python -m bench.recount EVENTS RUNS`.

The floor is the same rows, read in their order as the values that are counted. Prints seconds of CPU of this process as
JSON; a database server's own work is in neither.
"""

import json
import sys
import time
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from bench.crowd import session_of  # sets Django up: before the models
from seminars.actions.ledger import Ledger
from seminars.evidence.chain import stamp
from seminars.models import Person, PresenceEvent, Session
from seminars.moments import now
from seminars.queries.counting import EVENT
from seminars.queries.sheets import sheet
from seminars.vocabulary import PresenceKind, Source, State

PEOPLE = 500
FACTS = 8
"""Of one line: joined, five returns, left, and a signature."""


def line(ledger: Ledger, session: Session, person: Person, start: datetime, length: timedelta) -> None:
    """One connection with returns from cuts, sleeps and the video, and a signature."""
    step, key = length / FACTS, uuid.uuid4()

    def add(kind: PresenceKind, at: datetime, **more: Any) -> None:
        ledger.add(
            session_id=session.pk,
            person_id=person.pk,
            kind=kind,
            source=Source.COMPANION,
            at=at,
            connection=key,
            **more,
        )

    add(PresenceKind.JOINED, start)
    for number in range(1, FACTS - 2):
        how: dict[str, Any] = [{"awake": True}, {"video": True}, {}][number % 3]
        last = {"last_beat": stamp(start + step * number - timedelta(seconds=40))}
        add(PresenceKind.RESUMED, start + step * number, data=last | how)
    add(
        PresenceKind.SIGNED,
        start + step * (FACTS - 2),
        data={"as": "participant", "mode": "video", "by": "page"},
    )
    add(PresenceKind.LEFT, start + step * (FACTS - 1))


def filled(count: int) -> Session:
    """An ended session whose ledger holds so many events."""
    session, people = session_of(min(PEOPLE, count // FACTS), is_open=True)
    each = count // FACTS // len(people)
    length = (session.ends_at - session.starts_at) / each
    with transaction.atomic():
        ledger = Ledger({session.pk: session}, [person.pk for person in people], now())
        for number in range(each):
            for person in people:
                line(ledger, session, person, session.starts_at + length * number, length)
            ledger.write()
    Session.objects.filter(pk=session.pk).update(state=State.ENDED, closed_at=session.ends_at)
    session.slots.update(held_from=session.starts_at, held_to=session.ends_at)
    session.refresh_from_db()
    return session


def reading(session: Session) -> Callable[[], int]:
    """The same rows as the values that are counted, and nothing done with them; returns their number."""
    rows = PresenceEvent.objects.filter(session=session, person__isnull=False).order_by("seq")
    return lambda: sum(1 for _row in rows.values_list(*EVENT).all())


def cost(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def main(count: int, runs: int) -> dict[str, list[float]]:
    session = filled(count)
    read, found = reading(session), dict[str, list[float]](ours=[], floor=[])
    held = read()
    if held < count * 0.9:
        raise RuntimeError(f"{held} events stand where {count} were asked for")
    if not all(row.minutes for row in sheet(session).rows if row.is_guest):
        raise RuntimeError("somebody is counted no minute")
    for _ in range(runs + 1):
        found["floor"].append(cost(read))
        found["ours"].append(cost(lambda: sheet(session)))
    return {name: costs[1:] for name, costs in found.items()}  # the first round warms


if __name__ == "__main__":
    json.dump(main(*map(int, sys.argv[1:3])), sys.stdout)
