"""Presence: arrive, beat, leave, and the trainer's confirmation; every fact appended to the session's chain.

A connection: (nothing) -> open -> quiet (no beat for a while) -> open again | ended. Its lease is renewed in place by
beats; only arriving, leaving and coming back after the lease ran out are events. Silence after Join for the video is
neither presence nor absence: those minutes stay unseen until the trainer declares them.
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_noop

from seminars import moments
from seminars.actions.ledger import append
from seminars.errors import Refused
from seminars.evidence import chain
from seminars.facts import PresenceChanged, announce
from seminars.models import Lease, Person, Presence, PresenceEvent, PulseVote, Session
from seminars.moments import now
from seminars.queries.sheets import bounds_of, ledger_spans, undecided
from seminars.vocabulary import PresenceKind, Source, State

SEEN_IN_VIDEO = gettext_noop("seen in the video by the trainer")
"""The reason of a confirmation that gives none; pages say it in the reader's language."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the server has kept: `at` is the instant that counts; `is_new` is false for a repeated event."""

    at: datetime
    is_new: bool


def _hold(session: Session) -> Session:
    return Session.objects.select_for_update().get(pk=session.pk)


def room_hours(session: Session) -> tuple[datetime, datetime]:
    """When presence is taken: from some minutes before the start; until some minutes after the end, or the closing."""
    closes = session.ends_at + timedelta(minutes=settings.ROOM_CLOSES_MINUTES)
    return session.starts_at - timedelta(minutes=settings.ROOM_OPENS_MINUTES), closes


def check_open(session: Session) -> None:
    """Refuses before the room opens, and when the session is over. An opened session stays open until it is closed."""
    opens, closes = room_hours(session)
    present = now()
    if session.state in (State.ENDED, State.CANCELLED, State.DRAFT) or (
        session.state != State.RUNNING and present >= closes
    ):
        raise Refused("room_over")
    if session.state != State.RUNNING and present < opens:
        raise Refused("room_not_open", hour=moments.local(opens, session.timezone))


def check_inside(session: Session, person: Person) -> None:
    """Refuses whoever has no open connection: a mood or a hand of somebody who is not there says nothing."""
    if not Lease.objects.filter(session=session, person=person, ended_at=None).exists():
        raise Refused("not_inside")


def _changed(session: Session, people: Iterable[int]) -> None:
    if people := tuple(people):
        announce(PresenceChanged(session.pk, Session.objects.next_seq(session.pk), people))


def _seen(session: Session, person: Person, **values: Any) -> None:
    Presence.objects.update_or_create(
        session=session, person=person, defaults=values, create_defaults={"since": now(), **values}
    )


@transaction.atomic
def arrive(
    *,
    session: Session,
    person: Person,
    connection: uuid.UUID,
    event: uuid.UUID,
    source: Source = Source.COMPANION,
    is_awake: bool = False,
    for_video: bool = False,
) -> Receipt:
    """A connection begins, goes on, or returns after its lease ran out. Repeating an event id changes nothing.

    `is_awake` claims that the page ran all through the cut (minutes of the class replayed); one that slept claims none.
    """
    session = _hold(session)
    if known := PresenceEvent.objects.filter(pk=event).first():
        if known.person_id != person.pk or known.session_id != session.pk:
            raise Refused("foreign_connection")
        return Receipt(known.at, False)
    check_open(session)
    present = now()
    lease = Lease.objects.filter(pk=connection).first()
    if lease and (lease.session_id, lease.person_id) != (session.pk, person.pk):
        raise Refused("foreign_connection")
    if (
        lease
        and lease.ended_at is None
        and present - lease.seen_at <= timedelta(seconds=settings.LEASE_SECONDS)
    ):
        Lease.objects.filter(pk=connection).update(seen_at=max(present, lease.seen_at), quiet_at=None)
        if for_video or lease.quiet_at:
            _seen(session, person, left_at=None, **({"video_since": present} if for_video else {}))
            _changed(session, [person.pk])
        return Receipt(present, False)
    presence = Presence.objects.filter(session=session, person=person).first()
    kind = PresenceKind.JOINED
    data: dict[str, Any] = {}
    if lease:
        kind, data = PresenceKind.RESUMED, {"last_beat": chain.stamp(lease.seen_at)}
        if is_awake and lease.ended_at in (None, lease.seen_at):  # who left by herself was not cut
            data["awake"] = True
        elif presence and presence.video_since and lease.ended_at is None:
            data["video"] = True
    _leave_elsewhere(session, person, present)
    append(
        session=session,
        person=person,
        kind=kind,
        source=source,
        at=present,
        event=event,
        connection=connection,
        data=data,
    )
    Lease.objects.update_or_create(
        pk=connection,
        defaults={
            "session": session,
            "person": person,
            "seen_at": present,
            "ended_at": None,
            "quiet_at": None,
        },
        create_defaults={"session": session, "person": person, "seen_at": present, "opened_at": present},
    )
    fresh: dict[str, Any] = {"since": present} if presence is None or presence.left_at is not None else {}
    if for_video:  # stays until she leaves: on a phone she goes to and fro without pressing Join again
        fresh["video_since"] = present
    _seen(session, person, left_at=None, **fresh)
    _changed(session, [person.pk])
    return Receipt(present, True)


@transaction.atomic
def beat(*, session: Session, person: Person, connection: uuid.UUID) -> Receipt:
    """Renews a lease. Refuses `lapsed` when it ran out: the page then arrives anew and says whether it was awake."""
    present = now()
    lease = Lease.objects.select_for_update().filter(pk=connection, session=session, person=person).first()
    if (
        lease is None
        or lease.ended_at is not None
        or present - lease.seen_at > timedelta(seconds=settings.LEASE_SECONDS)
    ):
        raise Refused("lapsed")
    if lease.quiet_at is None:
        Lease.objects.filter(pk=connection).update(seen_at=max(present, lease.seen_at))
    else:
        check_open(_hold(session))
        Lease.objects.filter(pk=connection).update(seen_at=max(present, lease.seen_at), quiet_at=None)
        _changed(session, [person.pk])
    return Receipt(present, True)


@transaction.atomic
def leave(
    *, session: Session, person: Person, connection: uuid.UUID, event: uuid.UUID, age: timedelta = timedelta()
) -> Receipt:
    """A connection ends by itself, `age` ago by the page's own monotonic clock; clamped to the lease."""
    session = _hold(session)
    if known := PresenceEvent.objects.filter(pk=event).first():
        if known.person_id != person.pk or known.session_id != session.pk:
            raise Refused("foreign_connection")
        return Receipt(known.at, False)
    lease = Lease.objects.filter(pk=connection, session=session, person=person).first()
    if lease is None or lease.ended_at is not None:
        return Receipt(now(), False)
    at, more = max(now() - max(age, timedelta()), lease.seen_at), {}
    if at - lease.seen_at > timedelta(seconds=settings.LEASE_SECONDS):
        if _is_in_video(session, person):
            more = {"video_until": chain.stamp(at)}
        at = lease.seen_at
    _end(session, lease, at, event, **more)
    _changed(session, [person.pk])
    return Receipt(at, True)


def _leave_elsewhere(session: Session, person: Person, at: datetime) -> None:
    """Nobody is in two videos: arriving here ends the silence that another session kept for her as "in video"."""
    others = Presence.objects.filter(person=person, video_since__isnull=False).exclude(session=session)
    for presence in others.select_related("session"):
        other = _hold(presence.session)
        for lease in Lease.objects.filter(
            session=other, person=person, ended_at=None, quiet_at__isnull=False
        ):
            _end(other, lease, lease.seen_at, video_until=chain.stamp(max(at, lease.seen_at)))
        Presence.objects.filter(pk=presence.pk).update(video_since=None)
        _changed(other, [person.pk])


def _is_in_video(session: Session, person: Person) -> bool:
    return Presence.objects.filter(session=session, person=person, video_since__isnull=False).exists()


def _end(session: Session, lease: Lease, at: datetime, event: uuid.UUID | None = None, **data: Any) -> None:
    append(
        session=session,
        person=lease.person,
        kind=PresenceKind.LEFT,
        source=Source.COMPANION,
        at=at,
        event=event,
        connection=lease.connection,
        data={"last_beat": chain.stamp(lease.seen_at), **data},
    )
    Lease.objects.filter(pk=lease.pk).update(ended_at=at, quiet_at=None)
    hers = Lease.objects.filter(session=session, person=lease.person)
    if not hers.filter(ended_at=None).exists():
        latest = hers.aggregate(latest=Max("ended_at"))[
            "latest"
        ]  # an older line may be swept after a newer one ended
        _seen(session, lease.person, left_at=latest, video_since=None, hand_at=None)
        PulseVote.objects.filter(session=session, person=lease.person).delete()


def sweep() -> int:
    """Marks the quiet, ends the lapsed at their last acknowledged beat, never at the sweep's hour; returns how many
    rows changed. Idempotent, safe in several processes. Who went to the video stays: nobody says she left."""
    present = now()
    quiet = present - timedelta(seconds=2.5 * settings.BEAT_SECONDS)
    lapsed = present - timedelta(seconds=settings.LEASE_SECONDS)
    open_ = Lease.objects.filter(ended_at=None, seen_at__lt=quiet).select_related("session", "person")
    touched = 0
    for lease in open_:
        with transaction.atomic():
            session = _hold(lease.session)
            fresh = Lease.objects.filter(pk=lease.pk, ended_at=None, seen_at=lease.seen_at).first()
            if fresh is None:
                continue
            if fresh.seen_at < lapsed and not _is_in_video(session, lease.person):
                _end(session, lease, lease.seen_at)
            elif fresh.quiet_at is None:
                Lease.objects.filter(pk=lease.pk).update(quiet_at=present)
            else:
                continue
            touched += 1
            _changed(session, [lease.person_id])
    return touched


def put_out(*, session: Session, person: Person) -> None:
    """Ends what one person has open here, within the caller's transaction: she may not be here any more."""
    if Lease.objects.filter(session=session, person=person, ended_at=None).exists():
        end_leases(session, person)
        _changed(session, [person.pk])


def end_leases(session: Session, person: Person | None = None) -> None:
    """Ends every open connection, or one person's, at its last beat, in the caller's transaction; silence in the video
    stays unseen."""
    present = now()
    in_video = set(
        Presence.objects.filter(session=session, video_since__isnull=False).values_list(
            "person_id", flat=True
        )
    )
    leases = Lease.objects.filter(session=session, ended_at=None).select_related("person")
    for lease in leases if person is None else leases.filter(person=person):
        lapsed = present - lease.seen_at > timedelta(seconds=2.5 * settings.BEAT_SECONDS)
        more: dict[str, Any] = (
            {"video_until": chain.stamp(present)} if lease.person_id in in_video and lapsed else {}
        )
        _end(session, lease, lease.seen_at if lapsed else max(present, lease.seen_at), **more)


def people_present(session: Session) -> list[int]:
    """Ids of everybody of whom the ledger holds a fact."""
    return list(
        PresenceEvent.objects.filter(session=session, person__isnull=False)
        .order_by()
        .values_list("person_id", flat=True)
        .distinct()
    )


@transaction.atomic
def confirm(*, session: Session, by: Person, people: Iterable[Person] | None = None, reason: str = "") -> int:
    """The trainer declares the unseen minutes, and replayed ones too long to count by themselves, of some or of all.

    Returns for how many people something was declared. Printed as declared by the trainer, with its reason.
    """
    session = _hold(session)
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
        for start, end in open_minutes:
            append(
                session=session,
                person=Person.objects.get(pk=person_id),
                kind=PresenceKind.DECLARED,
                source=Source.TRAINER,
                at=now(),
                author=by,
                reason=reason.strip() or SEEN_IN_VIDEO,
                data={"from": chain.stamp(start), "to": chain.stamp(end)},
            )
        declared += bool(open_minutes)
    _changed(session, [] if not declared else (wanted or people_present(session)))
    return declared
