"""The programme as a reader may see it: days with their sessions, for any window, in a fixed number of queries."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from django.db.models import Count, Q

from seminars import moments
from seminars.models import Invitation, Revision, Session, TeamMember
from seminars.models.sessions import Sessions
from seminars.permissions import Actor, Level
from seminars.vocabulary import Answer, Role, State, Zone

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Filters:
    """What a reader wants to see; empty means all. `activities` holds codes."""

    activities: Sequence[str] = ()
    mode: str = ""

    def __bool__(self) -> bool:
        return bool(self.activities or self.mode)


@dataclass(frozen=True, slots=True)
class Row:
    """One session on one day. `until` is its last day where it goes on; `places` is None without a limit."""

    session: Session
    starts_at: datetime
    ends_at: datetime
    until: date | None = None
    places: int | None = None
    invitation: Invitation | None = None
    before: datetime | None = None
    """When it would have begun, for one that has moved."""


@dataclass(slots=True)
class Day:
    date: date
    rows: list[Row] = field(default_factory=list)


def seen_by(actor: Actor) -> Sessions:
    """Sessions the actor may see in a programme, as `seminars.see_session` says, in one query; drafts never."""
    seen = Q(is_public=True, is_confidential=False)
    person = actor.person
    if actor and person is not None:
        team = TeamMember.objects.filter(person=person).values("session")
        invited = Invitation.objects.active().filter(person=person).values("session")
        seen |= Q(pk__in=team) | Q(pk__in=invited)
        if actor.level >= Level.READING and person.role == Role.COORDINATOR and person.organisation_id:
            side = Session.organisers.through.objects.filter(organisation=person.organisation_id)
            seen |= Q(host=person.organisation_id) | Q(pk__in=side.values("session"))
    return Session.objects.shown().filter(seen)


def _chosen(sessions: Sessions, filters: Filters) -> Sessions:
    if filters.activities:
        sessions = sessions.filter(activity__code__in=filters.activities)
    return sessions.filter(mode=filters.mode) if filters.mode else sessions


def _span(first: date, last: date) -> moments.Span:
    """Whole days; Paris and Rome share one clock."""
    return moments.at(datetime.combine(first, time.min), Zone.PARIS), moments.at(
        datetime.combine(last + DAY, time.min), Zone.PARIS
    )


def _sessions(actor: Actor, first: date, last: date, filters: Filters) -> list[Session]:
    coming = Count(
        "invitations", filter=Q(invitations__withdrawn_at=None, invitations__answer=Answer.YES), distinct=True
    )
    chosen = _chosen(seen_by(actor).between(*_span(first, last)), filters)
    return list(
        chosen.select_related("activity")
        .annotate(coming=coming)
        .prefetch_related("slots")
        .order_by("starts_at", "pk")
    )


def _invitations(actor: Actor, sessions: Sequence[Session]) -> dict[int, Invitation]:
    if not actor:
        return {}
    mine = Invitation.objects.active().filter(person=actor.person, session__in=[one.pk for one in sessions])
    return {invitation.session_id: invitation for invitation in mine}


def moved_from(sessions: Iterable[Session]) -> dict[int, moments.Span]:
    """The last other start and end that people were told of, by session, while it is still to come; one query."""
    coming = {one.pk: one for one in sessions if one.state == State.SCHEDULED}
    told = Revision.objects.filter(session__in=coming).order_by("pk")
    found: dict[int, moments.Span] = {}
    for pk, content in told.values_list("session", "content"):
        span = datetime.fromisoformat(content["starts_at"]), datetime.fromisoformat(content["ends_at"])
        if content["state"] == State.SCHEDULED and span != (coming[pk].starts_at, coming[pk].ends_at):
            found[pk] = span
    return found


def _rows(
    session: Session, invitation: Invitation | None, before: datetime | None
) -> Iterator[tuple[date, Row]]:
    """A row for each day on which the session has a half-day; its hours are those of that day."""
    held: dict[date, list[moments.Span]] = {}
    slots = [(slot.starts_at, slot.ends_at) for slot in session.slots.all()]
    for start, end in slots or [(session.starts_at, session.ends_at)]:
        held.setdefault(moments.local(start, session.timezone).date(), []).append((start, end))
    last = max(held)
    coming: int = session.coming  # type: ignore[attr-defined]  # annotated above
    places = max(0, session.capacity - coming) if session.capacity is not None else None
    if session.state not in (State.SCHEDULED, State.RUNNING):
        places = None
    for on, spans in held.items():
        until = last if last != on else None
        yield on, Row(session, spans[0][0], spans[-1][1], until, places, invitation, before)


def days(
    actor: Actor, first: date, last: date, filters: Filters | None = None, *, is_once: bool = True
) -> list[Day]:
    """The days from `first` to `last`, both included, that hold something the actor may see.

    A session of several days stands once, on its first day in the window; with `is_once=False`, on each of its days.
    """
    sessions = _sessions(actor, first, last, filters or Filters())
    invitations = _invitations(actor, sessions)
    moved = moved_from(sessions)
    found: dict[date, Day] = {}
    for session in sessions:
        before = moved[session.pk][0] if session.pk in moved else None
        for on, row in _rows(session, invitations.get(session.pk), before):
            if first <= on <= last:
                found.setdefault(on, Day(on)).rows.append(row)
                if is_once:
                    break
    for day in found.values():
        day.rows.sort(key=lambda row: (row.starts_at, row.session.pk))
    return [found[on] for on in sorted(found)]


def week(actor: Actor, monday: date, filters: Filters | None = None) -> list[Day]:
    """Seven days from a Monday, the empty ones too."""
    found = {day.date: day for day in days(actor, monday, monday + 6 * DAY, filters, is_once=False)}
    return [found.get(on) or Day(on) for on in (monday + number * DAY for number in range(7))]


def next_after(actor: Actor, on: date, filters: Filters | None = None) -> Session | None:
    """The first session that takes place and starts after a day; for the page that has nothing to show."""
    start = _span(on, on)[1]
    coming = _chosen(seen_by(actor).alive().filter(starts_at__gte=start), filters or Filters())
    return coming.order_by("starts_at", "pk").first()
