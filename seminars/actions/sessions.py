"""Planning and running a session: draft -> scheduled -> running -> ended; scheduled | running -> cancelled.

Times arrive as wall times with a zone, as people write them; each change of what a calendar shows raises SEQUENCE
(RFC 5546 2.1.4) and posts its letters in the same transaction.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction

from seminars import moments
from seminars.actions import attendance, feeds, letters
from seminars.errors import Refused
from seminars.facts import SessionChanged, announce
from seminars.models import Activity, Organisation, Person, PresenceEvent, Session, Slot, TeamMember
from seminars.moments import now
from seminars.queries.rosters import roster
from seminars.queries.signing import is_signed
from seminars.vocabulary import Answer, LetterKind, Mode, Role, State

Wall = tuple[datetime, datetime]
"""Start and end as naive wall times."""
LONGEST = timedelta(hours=12)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a trainer writes about a session."""

    kind: str
    activity: Activity
    host: Organisation
    slots: Sequence[Wall]
    timezone: str
    title_fr: str = ""
    title_it: str = ""
    title_en: str = ""
    summary_fr: str = ""
    summary_it: str = ""
    mode: str = Mode.ONLINE
    place: str = ""
    organisers: Sequence[Organisation] = ()
    team: Sequence[tuple[Person, str]] = ()
    languages: Sequence[str] = ("fr", "it")
    interpretation: str = ""
    capacity: int | None = None
    min_presence_percent: int | None = None
    is_public: bool = False
    is_confidential: bool = False
    is_past_meant: bool = False
    checks_per_part: int | None = None
    """None: as many as usual."""
    extra: dict[str, Any] = field(default_factory=dict)
    """Columns that only an import sets: key, series, training_scheme, involves_minors."""


def check_titles(*, title_fr: str, title_it: str, is_public: bool) -> None:
    if not (title_fr.strip() or title_it.strip()):
        raise Refused("title_missing", field="title_fr")
    if is_public and not title_it.strip():
        raise Refused("second_title_missing_it", field="title_it")
    if is_public and not title_fr.strip():
        raise Refused("second_title_missing_fr", field="title_fr")


def check_slots(*, slots: Sequence[Wall], zone: str, is_past_meant: bool) -> list[moments.Span]:
    """Instants of wall times. Refuses hours that are missing or come twice, ends before starts, overlaps, the past."""
    if not slots:
        raise Refused("slots_missing", field="date")
    spans: list[moments.Span] = []
    for number, (start, end) in enumerate(slots, 1):
        suffix = "" if number == 1 else f"_{number}"
        for name, wall in (("start", start), ("end", end)):
            if not moments.is_real(wall, zone):
                raise Refused("no_such_hour", field=f"{name}{suffix}", day=wall.date(), hour=wall.time())
            if moments.is_twice(wall, zone):
                raise Refused("hour_twice", field=f"{name}{suffix}", day=wall.date(), hour=wall.time())
        if end <= start:
            raise Refused("end_before_start", field=f"end{suffix}", start=start.time(), end=end.time())
        span = moments.at(start, zone), moments.at(end, zone)
        if span[1] - span[0] > LONGEST:
            raise Refused("too_long", field=f"end{suffix}")
        if spans and span[0] < spans[-1][1]:
            raise Refused(
                "slots_overlap", field=f"start{suffix}", end=moments.local(spans[-1][1], zone).time()
            )
        spans.append(span)
    if spans[0][0] < now() and not is_past_meant:
        raise Refused("past_date", field="date")
    return spans


def check_place(*, mode: str, place: str) -> None:
    if mode != Mode.ONLINE and not place.strip():
        raise Refused("place_missing", field="place")


def _set_slots(session: Session, spans: Sequence[moments.Span]) -> None:
    """Rows stay by their number, since presence events quote them; one that is quoted can't be dropped."""
    surplus = session.slots.filter(number__gt=len(spans))
    if PresenceEvent.objects.filter(slot__in=surplus).exists():
        raise Refused("not_now", state=session.get_state_display())
    surplus.delete()
    for number, (start, end) in enumerate(spans, 1):
        Slot.objects.update_or_create(
            session=session, number=number, defaults={"starts_at": start, "ends_at": end}
        )


def _changed(session: Session) -> None:
    announce(SessionChanged(session.pk, Session.objects.next_seq(session.pk)))


def _must_be(session: Session, *states: str) -> None:
    if session.state not in states:
        raise Refused("not_now", state=session.get_state_display())


def locked(session: Session) -> Session:
    """The row as it is now, held until the transaction ends (a row lock on PostgreSQL; SQLite holds the database)."""
    return Session.objects.select_for_update().get(pk=session.pk)


@transaction.atomic
def plan(*, by: Person | None, plan: Plan, is_draft: bool = False) -> Session:
    """-> DRAFT | SCHEDULED. Who plans joins the team as trainer unless the plan gives her a role."""
    check_titles(title_fr=plan.title_fr, title_it=plan.title_it, is_public=plan.is_public)
    check_place(mode=plan.mode, place=plan.place)
    spans = check_slots(slots=plan.slots, zone=plan.timezone, is_past_meant=plan.is_past_meant)
    present = now()
    texts = (
        "kind",
        "activity",
        "host",
        "timezone",
        "title_fr",
        "title_it",
        "title_en",
        "summary_fr",
        "summary_it",
    )
    more = ("mode", "interpretation", "capacity", "min_presence_percent", "is_public", "is_confidential")
    checks = {} if plan.checks_per_part is None else {"checks_per_part": plan.checks_per_part}
    session = Session.objects.create(
        **{name: getattr(plan, name) for name in texts + more},
        **checks,
        place=plan.place.strip(),
        languages=list(plan.languages),
        starts_at=spans[0][0],
        ends_at=spans[-1][1],
        state=State.DRAFT if is_draft else State.SCHEDULED,
        created_by=by,
        created_at=present,
        revised_at=present,
        **plan.extra,
    )
    session.organisers.set({plan.host, *plan.organisers})
    _set_slots(session, spans)
    team = list(plan.team)
    if by is not None and by not in [person for person, _ in team]:
        team.append((by, Role.TRAINER if by.role == Role.PARTICIPANT else by.role))
    TeamMember.objects.bulk_create(
        (TeamMember(session=session, person=person, role=role) for person, role in team),
        ignore_conflicts=True,
    )
    feeds.touch(session)
    _changed(session)
    return session


@transaction.atomic
def schedule(*, session: Session, by: Person) -> Session:
    """DRAFT -> SCHEDULED: from here on the programme shows it, and people can be invited."""
    session = locked(session)
    _must_be(session, State.DRAFT)
    session.state, session.revised_at = State.SCHEDULED, now()
    session.save(update_fields=["state", "revised_at"])
    feeds.touch(session)
    _changed(session)
    return session


def revise(
    session: Session,
    *,
    answers_fall: bool,
    was_until: datetime | None = None,
    was_public: bool = False,
    may_wait: bool = False,
) -> None:
    """SEQUENCE + 1, one snapshot, one letter to each invited person; answers to another time or place are void, but who
    is replaced keeps her no and is told nothing. A letter that `may_wait` for others like it leaves
    EDITS_MERGED_MINUTES after the first of them."""
    session.sequence += 1
    session.revised_at = max(now(), session.revised_at + timedelta(seconds=1))
    session.save()
    if answers_fall:
        session.invitations.concerned().update(answer=Answer.NONE, answered_at=None)
    if max(session.ends_at, was_until or session.ends_at) > now():
        letters.tell_everybody(session, LetterKind.UPDATE, may_wait=may_wait)
    feeds.touch(session, was_public=was_public)
    _changed(session)


@transaction.atomic
def move(
    *,
    session: Session,
    by: Person,
    slots: Sequence[Wall],
    timezone: str = "",
    mode: str = "",
    place: str | None = None,
    is_past_meant: bool = False,
) -> Session:
    """Another time, zone, mode or place: same UID, SEQUENCE + 1, answers asked anew, everybody told; refused
    `signed_already_move` once somebody has signed."""
    session = locked(session)
    _must_be(session, State.DRAFT, State.SCHEDULED)
    if is_signed(session):
        raise Refused("signed_already_move")
    zone, mode = timezone or session.timezone, mode or session.mode
    place = session.place if place is None else place.strip()
    check_place(mode=mode, place=place)
    spans = check_slots(slots=slots, zone=zone, is_past_meant=is_past_meant)
    before = [(slot.starts_at, slot.ends_at) for slot in session.slots.all()]
    if (before, session.timezone, session.mode, session.place) == (spans, zone, mode, place):
        return session
    session.timezone, session.mode, session.place = zone, mode, place
    was_until = session.ends_at
    session.starts_at, session.ends_at = spans[0][0], spans[-1][1]
    _set_slots(session, spans)
    revise(session, answers_fall=True, was_until=was_until)
    return session


@transaction.atomic
def edit(*, session: Session, by: Person, **texts: Any) -> Session:
    """Titles, summaries and other words: SEQUENCE + 1 and letters where a calendar shows them, answers kept. Letters
    about words wait a while for the next edit; whatever else is told at once."""
    session = locked(session)
    _must_be(session, State.DRAFT, State.SCHEDULED, State.RUNNING)
    changed = {name: value for name, value in texts.items() if getattr(session, name) != value}
    if not changed:
        return session
    was_public = session.is_public
    for name, value in changed.items():
        setattr(session, name, value)
    check_titles(title_fr=session.title_fr, title_it=session.title_it, is_public=session.is_public)
    if letters.SAID & changed.keys():
        is_words = letters.SAID & changed.keys() <= letters.MERGED
        revise(session, answers_fall=False, was_public=was_public, may_wait=is_words)
    else:
        # Feeds must see it too: a session that is no longer public leaves them.
        session.revised_at = max(now(), session.revised_at + timedelta(seconds=1))
        session.save(update_fields=[*changed, "revised_at"])
        feeds.touch(session, was_public=was_public)
        _changed(session)
    return session


@transaction.atomic
def cancel(*, session: Session, by: Person) -> Session:
    """SCHEDULED | RUNNING -> CANCELLED: same UID, SEQUENCE + 1, METHOD:CANCEL to everybody; kept in the history."""
    session = locked(session)
    _must_be(session, State.SCHEDULED, State.RUNNING)
    session.state, session.cancelled_at = State.CANCELLED, now()
    session.sequence += 1
    session.revised_at = max(now(), session.revised_at + timedelta(seconds=1))
    session.save()
    attendance.end_leases(session)
    session.pulse_votes.all().delete()
    if session.ends_at > now():
        letters.tell_everybody(session, LetterKind.CANCELLATION)
    feeds.touch(session)
    _changed(session)
    return session


@transaction.atomic
def discard(*, session: Session, by: Person) -> None:
    """DRAFT -> nothing: nobody has seen it, so nobody is told, and no history is kept."""
    session = locked(session)
    _must_be(session, State.DRAFT)
    session.delete()


def opens_at(session: Session) -> datetime:
    return session.starts_at - timedelta(minutes=settings.ROOM_OPENS_MINUTES)


@transaction.atomic
def open_(*, session: Session, by: Person) -> Session:
    """SCHEDULED -> RUNNING: the held time of the present half-day begins now. Running already: nothing changes."""
    session = locked(session)
    if session.state == State.RUNNING:
        return session
    _must_be(session, State.SCHEDULED)
    present = now()
    if present < opens_at(session):
        raise Refused("too_early_to_open", hour=moments.local(opens_at(session), session.timezone))
    session.state, session.opened_at = State.RUNNING, present
    session.save(update_fields=["state", "opened_at"])
    slots = list(session.slots.all())
    slot = next((slot for slot in slots if slot.ends_at > present), slots[-1])
    slot.held_from = present
    slot.save(update_fields=["held_from"])
    _changed(session)
    return session


def proposed_held(session: Session, until: datetime) -> list[tuple[Slot, datetime | None, datetime | None]]:
    """Held times as far as the opening and the hour tell: planned half-days while open; the last one until `until`,
    unless that is another day: a session forgotten overnight was not held overnight."""
    proposal: list[tuple[Slot, datetime | None, datetime | None]] = []
    for slot in session.slots.all():
        begun = slot.held_from or (
            slot.starts_at
            if session.opened_at and session.opened_at <= slot.ends_at and slot.starts_at < until
            else None
        )
        ended = slot.held_to or (min(slot.ends_at, until) if begun else None)
        proposal.append((slot, begun, ended))
    reached = [item for item in proposal if item[1] is not None]
    if reached and reached[-1][0].number == len(proposal) and reached[-1][0].held_to is None:
        slot, begun, planned = proposal[-1]
        days = {moments.local(moment, session.timezone).date() for moment in (slot.ends_at, until)}
        proposal[-1] = (slot, begun, until if len(days) == 1 else planned)
    return [
        (slot, begun, ended if begun and ended and ended > begun else None) for slot, begun, ended in proposal
    ]


def _check_held(slot: Slot, begun: datetime, ended: datetime, reason: str) -> None:
    if ended <= begun or ended > now() + timedelta(minutes=1):
        raise Refused("held_times_wrong", field=f"held_to_{slot.number}")
    most = timedelta(minutes=settings.HELD_DIFFERENCE_MINUTES)
    if (abs(begun - slot.starts_at) > most or abs(ended - slot.ends_at) > most) and not reason.strip():
        raise Refused("held_reason_missing", field="reason", minutes=settings.HELD_DIFFERENCE_MINUTES)


def _check_all_held(
    session: Session,
    slots: dict[int, Slot],
    held: Iterable[tuple[int, datetime, datetime]],
    reason: str,
) -> None:
    """Each half-day once, none before the one before it has ended; one that was not held needs a reason."""
    left, before = dict(slots), None
    for number, begun, ended in sorted(held):
        if number not in left:
            raise Refused("held_times_wrong", field=f"held_to_{number}")
        _check_held(left.pop(number), begun, ended, reason)
        if before and begun < before:
            end = moments.local(before, session.timezone).time()
            raise Refused("slots_overlap", field=f"held_from_{number}", end=end)
        before = ended
    if left and not reason.strip():
        raise Refused("held_reason_missing", field="reason", minutes=settings.HELD_DIFFERENCE_MINUTES)


@transaction.atomic
def close(
    *,
    session: Session,
    by: Person,
    held: Iterable[tuple[int, datetime, datetime]] | None = None,
    reason: str = "",
) -> Session:
    """RUNNING -> ENDED: held times are kept, open connections end at their last beat, the feedback form opens for those
    who were present. `held` gives (slot number, from, to); without it the proposal stands."""
    session = locked(session)
    _must_be(session, State.RUNNING)
    present = now()
    slots = {slot.number: slot for slot in session.slots.all()}
    given = list(held or ())
    if held is None:
        proposal = proposed_held(session, present)
        given = [(slot.number, begun, ended) for slot, begun, ended in proposal if begun and ended]
    _check_all_held(session, slots, given, reason)
    Slot.objects.filter(session=session).update(held_from=None, held_to=None)
    for number, begun, ended in given:
        Slot.objects.filter(session=session, number=number).update(held_from=begun, held_to=ended)
    attendance.end_leases(session)
    session.state, session.closed_at, session.held_reason = State.ENDED, present, reason.strip()
    session.roster = roster(session, set(attendance.people_present(session)))
    session.save(update_fields=["state", "closed_at", "held_reason", "roster"])
    session.pulse_votes.all().delete()
    letters.post_all(
        kind=LetterKind.FEEDBACK,
        invitations=session.invitations.active().filter(person__in=attendance.people_present(session)),
        revision=letters.freeze(session),
    )
    _changed(session)
    return session
