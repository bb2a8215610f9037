"""What time does to evidence: a sealed session is condensed after some months, and loses its names when no law asks
for them any more (domain GDPR-4).

Events and names -> sealed sheet and names -> sealed sheet without names. Totals, heads and seals stay for ever.
"""

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any, TypeVar

from django.db import connection, transaction
from django.db.models import Model, Q, QuerySet

from seminars import moments
from seminars.actions import feeds
from seminars.errors import Refused
from seminars.evidence import chain, seals
from seminars.models import (
    Certificate,
    CertificateBatch,
    Explanation,
    Export,
    FeedbackReceipt,
    InspectorLink,
    Invitation,
    LastPayment,
    Lease,
    Letter,
    Message,
    OwnWords,
    Person,
    Presence,
    PresenceCheck,
    PresenceEvent,
    PulseVote,
    Revision,
    Scan,
    Scheme,
    SealedSheet,
    Session,
    TeamMember,
    WalkIn,
)
from seminars.queries import retention, sealed
from seminars.vocabulary import Profile

T = TypeVar("T")
log = logging.getLogger(__name__)
GOING: tuple[type[Model], ...] = (
    Letter,
    Revision,
    Message,
    OwnWords,
    CertificateBatch,
    WalkIn,
    Scan,
    InspectorLink,
    Lease,
    Presence,
    PulseVote,
    FeedbackReceipt,
    Invitation,
    TeamMember,
)
"""Rows of a session that go with its names, in an order in which nothing that stays refers to what goes."""
LOSING: Mapping[type[Model], tuple[str, ...]] = {
    PresenceEvent: ("person", "author"),
    SealedSheet: ("sealed_by",),
    PresenceCheck: ("asked_by",),
    Explanation: ("by",),
    Certificate: ("person", "issued_by"),
    Export: ("person",),
}
"""Rows of a session that stay, and the references to people that they lose."""
CONDENSED: tuple[type[Model], ...] = (PresenceEvent, Lease, Presence)
"""Rows that condensing takes."""
STAYING = ("slots", "quotas", "pulse_tallies", "feedback_answers")
"""Relations of a session in which nobody is named."""


@transaction.atomic
def note_payment(*, project: str, paid_on: date, by: Person, sure_of: int | None = None) -> LastPayment:
    """The funder of a project has paid on that day, and so far last; the days before it stay in the table.

    A day that is earlier than the one before, or that lets go of names today, is taken only from somebody who knows
    how many sessions will name nobody any more: `sure_of`, as `retention.effect` says. Raises Refused: `paid_to_come`,
    `paid_unsure`.
    """
    present = moments.now()
    if paid_on > present.date():
        raise Refused("paid_to_come", field="paid_on")
    last = LastPayment.objects.select_for_update().filter(project=project).last()
    if last is not None and last.paid_on == paid_on:
        return last
    released = retention.effect(project, paid_on).released
    is_earlier = last is not None and paid_on < last.paid_on
    if (released or is_earlier) and sure_of != released:
        raise Refused("paid_unsure", field="paid_on")
    return LastPayment.objects.create(project=project, paid_on=paid_on, entered_by=by, entered_at=present)


@transaction.atomic
def choose_profiles(*, session: Session, by: Person, profiles: list[str]) -> Session:
    """Which rules keep a session; once it is sealed it may be kept longer, never shorter. Raises Refused:
    `no_profile`, `retention_sealed`."""
    session = Session.objects.select_for_update().get(pk=session.pk)
    chosen = [str(each) for each in Profile if each in profiles]
    if not chosen:
        raise Refused("no_profile", field="profiles")
    is_shorter = any(str(rule.profile) not in chosen for rule in retention.rules_of(session))
    if is_shorter and sealed.latest(session) is not None:
        raise Refused("retention_sealed", field="profiles")
    session.retention = chosen
    session.save(update_fields=["retention"])
    return session


def condense(*, session: Session) -> int:
    """The events of a session go, and what the live screens were made of; the sealed sheet stands alone. Returns how
    many events went.

    Only with a seal that verifies, of these very events, after which nothing has changed. Raises Refused: `not_sealed`,
    `seal_changed`, `seal_broken`; then nothing has gone.
    """
    session = Session.objects.get(pk=session.pk)
    if session.condensed_at is not None:
        return 0
    # long, and outside the lock: what is written stays as it is, only more may come
    return _let_go(condensable(session))


def condensable(session: Session) -> SealedSheet:
    """The seal by which a session can be condensed now. Raises Refused as `condense`."""
    made = sealed.latest(session)
    if made is None:
        raise Refused("not_sealed")
    if sealed.is_changed(made):
        raise Refused("seal_changed")
    _check_seal(session, made)
    return made


def _check_seal(session: Session, made: SealedSheet) -> None:
    """That what would go is what was sealed. Raises Refused("seal_broken")."""
    told = sealed.seal_of(made)
    events = PresenceEvent.objects.filter(session=session).select_related("session", "slot").order_by("seq")
    read: list[str] = [chain.GENESIS]

    def rows() -> Iterator[tuple[int, str, str, Mapping[str, Any]]]:
        for row in events.iterator(chunk_size=2000):
            read.append(row.hash)
            yield row.seq, row.prev_hash, row.hash, row.record()

    holds = (
        seals.digest(made.content) == made.digest
        and seals.digest(told) == made.seal_hash
        and made.public_key in seals.known_keys()
        and seals.is_signed(told, made.signature)
        and chain.first_fault(rows()) is None
        and (len(read) - 1, read[-1]) == (made.count, made.head)
    )
    if not holds:
        raise Refused("seal_broken")


@transaction.atomic
def _let_go(made: SealedSheet) -> int:
    """The mark and the events in one transaction: the database lets events go by nothing else."""
    session = Session.objects.select_for_update().get(pk=made.session_id)
    if session.condensed_at is not None:
        return 0
    if sealed.latest(session) != made or sealed.is_changed(made):
        raise Refused("seal_changed")
    session.condensed_at = moments.now()
    session.condensed_seal = _signed(session, made, session.condensed_at)
    session.save(update_fields=["condensed_at", "condensed_seal"])
    gone, _rows = PresenceEvent.objects.filter(session=session).delete()
    Lease.objects.filter(session=session).delete()
    Presence.objects.filter(session=session).delete()
    return gone


def _signed(session: Session, made: SealedSheet, at: datetime) -> str:
    """That it was us who let the events go. Raises Refused("no_seal_key")."""
    try:
        return seals.condensing(
            session=str(session.uid),
            version=made.version,
            count=made.count,
            head=made.head,
            at=chain.stamp(at),
        )
    except (OSError, ValueError) as fault:
        raise Refused("no_seal_key") from fault


def condense_one(session: Session) -> Counter[str]:
    """What can't be condensed stays, and the log says why."""
    try:
        return Counter(events=condense(session=session), condensed=1)
    except Refused as refused:
        log.warning("session %s can't be condensed: %s", session.code, refused.code)
        return Counter(waiting=1)


def condense_due() -> Counter[str]:
    """Every session that is ripe, one transaction each."""
    return sum(each_of(retention.ripe, condense_one), start=Counter())


def each_of(due: Callable[[], Iterable[T]], act: Callable[[T], Counter[str]]) -> Iterator[Counter[str]]:
    """What came of each that is due. A fault of one is logged and counted, and holds up no other; a database that is
    away is the caller's."""
    try:
        found = list(due())
    except Exception:
        if _is_away():
            raise
        log.exception("what is due for retention could not be found")
        yield Counter(failed=1)
        return
    for each in found:
        try:
            done = act(each)
        except Exception:
            if _is_away():
                raise
            log.exception("retention of %s %s failed", type(each).__name__, getattr(each, "pk", ""))
            done = Counter(failed=1)
        yield done


def _is_away() -> bool:
    return not connection.is_usable()


@transaction.atomic
def release(*, session: Session) -> Counter[str]:
    """Nobody is named by this session any more: letters, invitations and scans go, what stays loses its references and
    names. Returns how many rows went or changed, by table."""
    session = Session.objects.select_for_update().get(pk=session.pk)
    counts: Counter[str] = Counter()
    people = list(session.invitations.values_list("person", flat=True))
    for model in GOING:
        _all, rows = _rows_of(session, model).delete()
        counts[model.__name__.lower()] += rows.get(model._meta.label, 0)
    for model, names in LOSING.items():
        counts[model.__name__.lower()] += _losing(session, model).update(**dict.fromkeys(names))
    session.certificates.exclude(facts={}).update(facts={})
    counts["sheets"] += session.sealed.exclude(people={}).update(people={})
    counts["rosters"] += bool(session.roster)
    session.roster, session.created_by = {}, None
    session.save(update_fields=["roster", "created_by"])
    feeds.touch_people(people)
    return +counts


def _rows_of(session: Session, model: type[Model]) -> QuerySet[Model]:
    return model._base_manager.filter(session=session)


def _losing(session: Session, model: type[Model]) -> QuerySet[Model]:
    named = Q()
    for name in LOSING[model]:
        named |= Q(**{f"{name}__isnull": False})
    return _rows_of(session, model).filter(named)


def naming(session: Session, *, is_condensed: bool = False) -> Counter[str]:
    """What `release` would take or change, by table; `is_condensed`: after its events have gone."""
    counts = Counter({model.__name__.lower(): _rows_of(session, model).count() for model in GOING})
    counts.update({model.__name__.lower(): _losing(session, model).count() for model in LOSING})
    if is_condensed:
        counts -= Counter({model.__name__.lower(): counts[model.__name__.lower()] for model in CONDENSED})
    counts["sheets"] = session.sealed.exclude(people={}).count()
    counts["rosters"] = int(bool(session.roster))
    return +counts


def release_one(session: Session) -> Counter[str]:
    return release(session=session) + Counter(released=1)


def release_due() -> Counter[str]:
    """Every session whose evidence nobody has to keep any more, and every cycle of such sessions, one transaction
    each."""
    found = sum(each_of(retention.over, release_one), start=Counter())
    return found + sum(each_of(retention.over_schemes, release_scheme), start=Counter())


@transaction.atomic
def release_scheme(scheme: Scheme) -> Counter[str]:
    """A training cycle all of whose sessions are released names nobody either: forms, decisions and batches go, its
    certificates keep number, code and digest."""
    scheme = Scheme.objects.select_for_update().get(pk=scheme.pk)
    for rows in (scheme.forms, scheme.completions, CertificateBatch.objects.filter(scheme=scheme)):
        rows.all().delete()
    found = scheme.certificates.filter(retention.naming_certificate())
    found.update(person=None, issued_by=None, facts={})
    return Counter(cycles=1)
