"""Presence: arrive, beat, leave, and the trainer's confirmation; every fact appended to the session's chain.

A connection: (nothing) -> open -> quiet (no beat for a while) -> open again | ended. Its lease is renewed in place by
beats; only arriving, leaving and coming back after the lease ran out are events. Silence after Join for the video is
neither presence nor absence: those minutes stay unseen until the trainer declares them.
"""

import uuid
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_noop

from seminars import moments
from seminars.actions.admission import check_inside, check_open, room_hours
from seminars.actions.book import Book
from seminars.actions.connections import Beat, Join, Leave, Message, Receipt, keep
from seminars.actions.ledger import append
from seminars.errors import Refused
from seminars.evidence import chain
from seminars.facts import PresenceChanged, announce
from seminars.models import Lease, Person, PresenceEvent, Session
from seminars.moments import now
from seminars.queries.counting import bounds_of, ledger_spans, undecided
from seminars.vocabulary import PresenceKind, Source, State

__all__ = [
    "Receipt",
    "arrive",
    "beat",
    "check_inside",
    "check_open",
    "confirm",
    "end_leases",
    "leave",
    "people_present",
    "put_out",
    "room_hours",
    "sweep",
]

SEEN_IN_VIDEO = gettext_noop("seen in the video by the trainer")
"""The reason of a confirmation that gives none; pages say it in the reader's language."""


def _changed(session: Session, people: Iterable[int]) -> None:
    if people := tuple(people):
        announce(PresenceChanged(session.pk, Session.objects.next_seq(session.pk), people))


def _kept(message: Message) -> Receipt:
    answer = keep([message])[0]
    if isinstance(answer, Refused):
        raise answer
    return answer


def arrive(
    *,
    session: Session,
    person: Person,
    connection: uuid.UUID,
    event: uuid.UUID,
    source: Source = Source.COMPANION,
    is_awake: bool = False,
    for_video: bool = False,
    age: timedelta = timedelta(),
    secret_hash: str = "",
) -> Receipt:
    """A connection begins, goes on, or returns after its lease ran out. Repeating an event id changes nothing.

    `is_awake` claims that the page ran all through the cut (minutes of the class replayed); one that slept claims none.
    """
    return _kept(
        Join(session.pk, person.pk, connection, event, age, is_awake, for_video, source, secret_hash)
    )


def beat(*, session: Session, person: Person, connection: uuid.UUID) -> Receipt:
    """Renews a lease. Refuses `lapsed` when it ran out: the page then arrives anew and says whether it was awake."""
    return _kept(Beat(session.pk, person.pk, connection))


def leave(
    *, session: Session, person: Person, connection: uuid.UUID, event: uuid.UUID, age: timedelta = timedelta()
) -> Receipt:
    """A connection ends by itself, `age` ago by the page's own monotonic clock; clamped to the lease."""
    return _kept(Leave(session.pk, person.pk, connection, event, age))


def sweep() -> int:
    """Marks the quiet, ends the lapsed at their last acknowledged beat, never at the sweep's hour; returns how many
    rows changed. Idempotent, safe in several processes. Who went to the video stays: nobody says she left."""
    silent = Lease.objects.filter(ended_at=None, seen_at__lt=now() - _silence())
    found: dict[int, set[uuid.UUID]] = {}
    for session_id, connection in silent.values_list("session_id", "connection"):
        found.setdefault(session_id, set()).add(connection)
    return sum(_sweep(session_id, connections) for session_id, connections in sorted(found.items()))


def _silence() -> timedelta:
    """After so long a line is quiet."""
    return timedelta(seconds=2.5 * settings.BEAT_SECONDS)


@transaction.atomic
def _sweep(session_id: int, connections: set[uuid.UUID]) -> int:
    people = Lease.objects.filter(pk__in=connections).values_list("person_id", flat=True)
    book = Book([session_id], connections=connections, leaving=people)
    touched = 0
    for line in [book.lines[connection] for connection in connections if connection in book.lines]:
        if line.ended_at is not None or book.present - line.seen_at <= _silence():
            continue  # heard of, or ended, since it was looked for
        if book.has_lapsed(line) and not book.is_in_video(line):
            book.end(line, line.seen_at)
        elif line.quiet_at is None:
            book.silence(line)
        else:
            continue
        touched += 1
    book.write()
    return touched


def put_out(*, session: Session, person: Person) -> None:
    """Ends what one person has open here, within the caller's transaction: she may not be here any more."""
    if Lease.objects.filter(session=session, person=person, ended_at=None).exists():
        end_leases(session, person)


def end_leases(session: Session, person: Person | None = None) -> None:
    """Ends every open connection, or one person's, at its last beat, in the caller's transaction; silence in the video
    stays unseen."""
    open_ = Lease.objects.filter(session=session, ended_at=None)
    people = set((open_.filter(person=person) if person else open_).values_list("person_id", flat=True))
    book = Book([session.pk], leaving=people)
    for line in list(book.lines.values()):
        if line.ended_at is not None:
            continue
        is_silent = book.present - line.seen_at > _silence()
        more: dict[str, Any] = (
            {"video_until": chain.stamp(book.present)} if is_silent and book.is_in_video(line) else {}
        )
        book.end(line, line.seen_at if is_silent else max(book.present, line.seen_at), **more)
    book.write()


def people_present(session: Session) -> list[int]:
    """Ids of everybody of whom the ledger holds a fact; that somebody is excused is none."""
    return list(
        PresenceEvent.objects.filter(session=session, person__isnull=False)
        .exclude(kind__in=[PresenceKind.DECLARED, PresenceKind.CORRECTED], data__has_key="excused")
        .order_by()
        .values_list("person_id", flat=True)
        .distinct()
    )


def _by_half_day(
    spans: Iterable[moments.Span], bounds: dict[int, list[moments.Span]]
) -> Iterator[tuple[int | None, moments.Span]]:
    """Each span with the half-day that it is of; one that reaches over several is parted."""
    for span in spans:
        parts = [(number, part) for number, bound in bounds.items() for part in moments.clip([span], bound)]
        if len(parts) > 1:
            yield from parts
        else:
            yield (parts[0][0] if parts else None), span


@transaction.atomic
def confirm(*, session: Session, by: Person, people: Iterable[Person] | None = None, reason: str = "") -> int:
    """The trainer declares the unseen minutes, and replayed ones too long to count by themselves, of some or of all.

    Returns for how many people something was declared. Printed as declared by the trainer, with its reason.
    """
    session = Session.objects.select_for_update().get(pk=session.pk)
    if session.state in (State.DRAFT, State.CANCELLED):
        raise Refused("not_now", state=session.get_state_display())
    wanted = None if people is None else {person.pk for person in people}
    until, declared = session.closed_at or now(), 0
    bounds = bounds_of(session, tuple(session.slots.all()), until)
    for person_id, found in ledger_spans(session, until).items():
        if wanted is not None and person_id not in wanted:
            continue
        open_minutes = [
            span for span in undecided(found, bounds) if span[1] - span[0] >= timedelta(seconds=1)
        ]
        for number, (start, end) in _by_half_day(open_minutes, bounds):
            append(
                session=session,
                person=Person.objects.get(pk=person_id),
                kind=PresenceKind.DECLARED,
                source=Source.TRAINER,
                at=now(),
                author=by,
                reason=reason.strip() or SEEN_IN_VIDEO,
                data={"from": chain.stamp(start), "to": chain.stamp(end)},
                slot_number=number,
            )
        declared += bool(open_minutes)
    _changed(session, [] if not declared else (wanted or people_present(session)))
    return declared
