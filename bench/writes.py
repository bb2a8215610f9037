"""Presence kept by the writer and by the bare driver, in rotation: `python -m bench.writes CLIENTS RUNS`.

Each client says a join and nine beats, one after the other, each when the one before is acknowledged. The join comes at
another place with each client, so that every batch holds a tenth of joins. Prints rates in messages per second as JSON.
"""

import asyncio
import itertools
import json
import sqlite3
import sys
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from django.db import connection

from bench.crowd import session_of  # sets Django up: before the models
from realtime.writer import writer
from seminars.actions import connections
from seminars.actions.connections import Beat, Join, Message
from seminars.models import Lease, Person, PresenceEvent, Session
from seminars.moments import now
from seminars.vocabulary import PresenceKind, Source

SESSIONS = 4
EACH = 10  # messages of one client in one round
KEY = "7" * 64


@dataclass
class Client:
    """One companion; `line` is its open connection, `place` says which of its messages is the join."""

    session_id: int
    person_id: int
    place: int
    line: uuid.UUID

    def beat(self) -> Beat:
        return Beat(self.session_id, self.person_id, self.line)

    def join(self) -> Join:
        self.line = uuid.uuid4()
        return Join(self.session_id, self.person_id, self.line, uuid.uuid4())

    def words(self) -> list[Message]:
        return [self.join() if place == self.place else self.beat() for place in range(EACH)]


async def say(words: Sequence[Message]) -> None:
    for message in words:
        await writer.keep(message)  # raises Refused for what was not kept


async def closed_loop(clients: Sequence[Client]) -> float:
    said = [client.words() for client in clients]
    began = time.perf_counter()
    await asyncio.gather(*map(say, said))
    return EACH * len(clients) / (time.perf_counter() - began)


def driver() -> Any:
    """A connection without Django. Raises RuntimeError unless a commit waits for the disk."""
    named: Any = connection.settings_dict
    if connection.vendor == "sqlite":
        raw: Any = sqlite3.connect(named["NAME"], isolation_level=None)
        raw.executescript(named["OPTIONS"]["init_command"])
        is_durable = raw.execute("PRAGMA synchronous").fetchone()[0] == 2
    else:
        raw = psycopg.connect(host=named["HOST"], user=named["USER"], dbname=named["NAME"], autocommit=True)
        is_durable = all(
            raw.execute(f"SHOW {name}").fetchone()[0] == "on" for name in ("fsync", "synchronous_commit")
        )
    if not is_durable:
        raise RuntimeError("this database does not wait for its disk")
    return raw


def values(row: PresenceEvent | Lease) -> dict[str, Any]:
    """A row by its columns, as the driver takes it."""
    fields = row._meta.concrete_fields
    return {field.column: field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields}


def insertion(model: type[PresenceEvent | Lease], mark: str) -> str:
    columns = [field.column for field in model._meta.concrete_fields]
    places = ", ".join([mark] * len(columns))
    return (
        f"INSERT INTO {model._meta.db_table} ({', '.join(columns)}) VALUES ({places}) ON CONFLICT DO NOTHING"
    )


class Floor:
    """The events, leases and renewals of as many messages, in transactions as large as the writer's can be."""

    def __init__(self, session: Session, people: Sequence[Person]) -> None:
        self.session, self.slot, self.numbers = session, session.slots.get(), itertools.count(1)
        self.clients = [
            Client(session.pk, person.pk, number % EACH, uuid.uuid4()) for number, person in enumerate(people)
        ]
        self.raw, mark = driver(), "?" if connection.vendor == "sqlite" else "%s"
        self.statements = (
            insertion(PresenceEvent, mark),
            insertion(Lease, mark),
            f"UPDATE {Lease._meta.db_table} SET seen_at = {mark} WHERE connection = {mark}",
        )
        self.write([[], [[*values(self.lease(client)).values()] for client in self.clients], []])

    def lease(self, client: Client) -> Lease:
        present = now()
        return Lease(
            connection=client.line,
            session=self.session,
            person_id=client.person_id,
            opened_at=present,
            seen_at=present,
        )

    def event(self, client: Client) -> PresenceEvent:
        present = now()
        return PresenceEvent(
            session=self.session,
            seq=next(self.numbers),
            kind=PresenceKind.JOINED,
            source=Source.COMPANION,
            person_id=client.person_id,
            subject=KEY,
            slot=self.slot,
            connection=client.line,
            at=present,
            recorded_at=present,
            prev_hash=KEY,
            hash=KEY,
        )

    def batch(self, place: int) -> list[list[list[Any]]]:
        """Rows for each statement; whoever's join stands at `place` is on a new line from here on."""
        events, leases, beats = [], [], []
        for client in self.clients:
            if client.place == place:
                client.join()
                events.append([*values(self.event(client)).values()])
                leases.append([*values(self.lease(client)).values()])
            else:
                row = values(self.lease(client))
                beats.append([row["seen_at"], row["connection"]])
        return [events, leases, beats]

    def write(self, batch: list[list[list[Any]]]) -> None:
        cursor = self.raw.cursor()
        cursor.execute("BEGIN IMMEDIATE" if connection.vendor == "sqlite" else "BEGIN")
        for statement, rows in zip(self.statements, batch, strict=True):
            if rows:
                cursor.executemany(statement, rows)
        cursor.execute("COMMIT")

    def rate(self) -> float:
        batches = [self.batch(place) for place in range(EACH)]
        began = time.perf_counter()
        for batch in batches:
            self.write(batch)
        return EACH * len(self.clients) / (time.perf_counter() - began)


def main(count: int, runs: int) -> dict[str, list[float]]:
    clients = []
    for _ in range(SESSIONS):
        session, people = session_of(count // SESSIONS, is_open=True)
        clients += [
            Client(session.pk, each.pk, number % EACH, uuid.uuid4()) for number, each in enumerate(people)
        ]
    connections.keep([client.join() for client in clients])
    floor = Floor(*session_of(len(clients), is_open=True))
    found: dict[str, list[float]] = {"ours": [], "floor": []}
    for _ in range(runs + 1):
        found["floor"].append(floor.rate())
        found["ours"].append(asyncio.run(closed_loop(clients)))
    writer.rest()
    joins = PresenceEvent.objects.exclude(session=floor.session).count()
    if joins != len(clients) * (runs + 2):
        raise RuntimeError(f"{joins} facts stand where {len(clients) * (runs + 2)} were acknowledged")
    return {name: rates[1:] for name, rates in found.items()}  # the first round warms


if __name__ == "__main__":
    json.dump(main(*map(int, sys.argv[1:3])), sys.stdout)
