"""One person's day: what runs now, what comes next, her week, her answers, and what waits for her; six queries."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

from django.conf import settings
from django.db.models import Count, Exists, OuterRef, Prefetch, Q, Subquery, Value

from seminars import moments
from seminars.evidence import chain
from seminars.models import (
    Explanation,
    FeedbackReceipt,
    Invitation,
    Person,
    PresenceEvent,
    SealedSheet,
    Session,
    TeamMember,
)
from seminars.queries import substitutions
from seminars.queries.undelivered import troubles
from seminars.vocabulary import HOST_ROLES, Answer, PresenceKind, Role, State

DAYS = 7
"""How many days, today included, are shown as her week."""
MOST = 300
SEAL_DAYS = 90
"""How long after its closing a sheet that is not sealed is a duty."""


@dataclass(slots=True)
class Entry:
    """A session as it stands for one person now; `act` is her one button: enter, prepare, invite, look, join, answer,
    wait."""

    session: Session
    is_host: bool
    is_mine: bool
    invitation: Invitation | None
    opens_at: datetime
    closes_at: datetime
    act: str = ""
    minutes_to_start: int = 0
    tally: dict[str, int] = field(default_factory=dict)
    """Answers by their kind, for hosts."""
    is_signed: bool = False
    """She has signed a half-day of it already, which answers the invitation."""
    is_clashing: bool = False
    is_late: bool = False
    """Runs past its planned end."""
    is_on_day: bool = False

    @property
    def is_pressing(self) -> bool:
        """Whether its button is the one to press first: not where there is only something to look at or wait for."""
        return bool(self.act) and self.act != "look" and (self.act != "wait" or self.is_on_day)

    @property
    def answer(self) -> str | None:
        return self.invitation.answer if self.invitation else None

    @property
    def can_answer(self) -> bool:
        """Until the start, as actions.answers.answer has it."""
        return bool(
            self.invitation
            and (self.answer or not self.is_signed)
            and not self.is_host
            and self.session.state == State.SCHEDULED
            and self.minutes_to_start > 0
        )


@dataclass(frozen=True, slots=True)
class Duty:
    """Something that waits: `close` a session, `seal` its sheet as version `count`, a `substitution` to decide,
    `letters` that did not arrive, or are `late`, a second `title`, `feedback` to give."""

    kind: str
    session: Session
    count: int = 0


@dataclass(frozen=True, slots=True)
class Day:
    present: datetime
    today: date
    until: date
    now: list[Entry]
    next: list[Entry]
    week: list[tuple[date, list[Entry]]]
    answers: list[Entry]
    """Coming sessions she is invited to and that are not shown above, unanswered first."""
    duties: list[Duty]

    @property
    def focus(self) -> list[Entry]:
        return self.now + self.next

    @property
    def waiting(self) -> int:
        """How many things wait for her: duties and answers."""
        open_ = [entry for entry in self.focus + self.answers if entry.can_answer and not entry.answer]
        return len(self.duties) + len(open_)


def is_its_day(session: Session, present: datetime) -> bool:
    """Whether the day of its start has come where it is held: from then on a host prepares and starts it."""
    first, today = (moments.local(at, session.timezone).date() for at in (session.starts_at, present))
    return first <= today


def day_of(person: Person, *, as_host: bool) -> Day:
    """`as_host`: whether she came in by a way that may run sessions; else they show as to a participant."""
    present = moments.now()
    today = moments.local(present, person.timezone).date()
    until = today + timedelta(days=DAYS - 1)
    midnight = datetime.combine(until + timedelta(days=1), datetime.min.time())
    entries = _entries(person, as_host, present, moments.at(midnight, person.timezone))
    running = [entry for entry in entries if entry.session.state == State.RUNNING]
    coming = [entry for entry in entries if entry.session.state == State.SCHEDULED]
    shown = [entry for entry in running if present < entry.closes_at and entry.answer != Answer.NO]
    shown.sort(key=lambda entry: entry.is_late)
    nearest = _nearest(coming, today, person.timezone)
    rest = [
        entry
        for entry in entries
        if entry.session.starts_at < moments.at(midnight, person.timezone)
        and entry not in nearest
        and entry.session.state != State.RUNNING
        and entry.session.ends_at > present
    ]
    answers = [entry for entry in coming if entry.can_answer and entry not in nearest]
    _mark_clashes([*shown, *coming])
    _count_answers([*shown, *nearest, *rest])
    return Day(
        present=present,
        today=today,
        until=until,
        now=shown,
        next=nearest,
        week=_by_date(rest, today, person.timezone),
        answers=sorted(answers, key=lambda entry: bool(entry.answer)),
        duties=[*_duties(entries), *_seals(person, as_host, present), *_feedback_of(person, present)],
    )


def _entries(person: Person, as_host: bool, present: datetime, week_end: datetime) -> list[Entry]:
    """Her sessions that are not over, in order of time; two queries."""
    team = TeamMember.objects.filter(session=OuterRef("pk"), person=person)
    asked = Invitation.objects.active().filter(person=person)
    signed = PresenceEvent.objects.filter(session=OuterRef("pk"), person=person, kind=PresenceKind.SIGNED)
    alive = (
        Q(state__in=[State.RUNNING, State.DRAFT])
        | Q(state=State.SCHEDULED, ends_at__gt=present)
        | Q(state=State.CANCELLED, ends_at__gt=present, starts_at__lt=week_end)
    )
    rows: Any = (  # the annotated names are known to no type
        Session.objects.filter(alive)
        .annotate(
            is_mine=Exists(team) | Exists(asked.filter(session=OuterRef("pk"))),
            is_led=Exists(team.filter(role__in=HOST_ROLES)),
            is_of_side=_is_of_side(person) if as_host else Value(False),
            is_signed=Exists(signed),
        )
        .filter(Q(is_mine=True) | Q(is_of_side=True))
        .select_related("activity", "host")
        .prefetch_related(Prefetch("invitations", queryset=asked, to_attr="asked"))
        .order_by("starts_at", "pk")[:MOST]
    )
    entries = [_entry(row, as_host and (row.is_led or row.is_of_side), present) for row in rows]
    return [entry for entry in entries if entry.is_host or entry.session.state != State.DRAFT]


def _is_of_side(person: Person) -> Any:
    """An annotation: hers as a coordinator."""
    if person.role != Role.COORDINATOR or person.organisation_id is None:
        return Value(False)
    return Exists(Session.objects.filter(pk=OuterRef("pk")).filter(_of_side(person)))


def _of_side(person: Person) -> Q:
    """Hosted or organised by her organisation, as permissions.has_session_of_own_side has it."""
    return Q(host=person.organisation_id) | Q(organisers=person.organisation_id)


def _entry(row: Any, is_host: bool, present: datetime) -> Entry:
    entry = Entry(
        session=row,
        is_host=is_host,
        is_mine=row.is_mine,
        invitation=row.asked[0] if row.asked else None,
        opens_at=row.starts_at - timedelta(minutes=settings.ROOM_OPENS_MINUTES),
        closes_at=row.ends_at + timedelta(minutes=settings.ROOM_CLOSES_MINUTES),
        minutes_to_start=-int((present - row.starts_at).total_seconds() // 60),
        is_signed=row.is_signed,
        is_late=row.ends_at <= present,
        is_on_day=is_its_day(row, present),
    )
    entry.act = _act(entry, present)
    return entry


def _act(entry: Entry, present: datetime) -> str:
    is_running = entry.session.state == State.RUNNING
    if not is_running and entry.session.state != State.SCHEDULED:
        return ""
    if entry.is_host:
        if is_running or entry.is_on_day:
            return "enter" if is_running else "prepare"
        return "look"
    if is_running or entry.opens_at <= present < entry.closes_at:
        return "join"
    return "answer" if entry.can_answer and not entry.answer else "wait"


def _nearest(coming: list[Entry], today: date, zone: str) -> list[Entry]:
    """What still comes today, or else the one that comes first; without what she declined."""
    wanted = [entry for entry in coming if entry.is_host or entry.answer != Answer.NO]
    of_today = [e for e in wanted if moments.local(e.session.starts_at, zone).date() <= today]
    return of_today or wanted[:1]


def _by_date(entries: Iterable[Entry], today: date, zone: str) -> list[tuple[date, list[Entry]]]:
    def day(entry: Entry) -> date:
        return max(today, moments.local(entry.session.starts_at, zone).date())

    return [(on, list(group)) for on, group in groupby(sorted(entries, key=day), key=day)]


def _mark_clashes(entries: list[Entry]) -> None:
    """Two of her own sessions at one hour; what she declined is no clash."""
    mine = [
        entry
        for entry in entries
        if entry.is_mine and not entry.is_late and (entry.is_host or entry.answer != Answer.NO)
    ]
    for number, one in enumerate(mine):
        for other in mine[number + 1 :]:
            span = other.session.starts_at, other.session.ends_at
            if moments.overlap((one.session.starts_at, one.session.ends_at), span):
                one.is_clashing = other.is_clashing = True


def _count_answers(entries: list[Entry]) -> None:
    led = {entry.session.pk: entry for entry in entries if entry.is_host}
    counted = Invitation.objects.active().filter(session__in=led).values("session", "answer")
    for row in counted.annotate(n=Count("pk")):
        led[row["session"]].tally[row["answer"]] = row["n"]
    for entry in led.values():
        if entry.act == "look" and not entry.tally:
            entry.act = "invite"


def _duties(entries: list[Entry]) -> list[Duty]:
    """What a host has to see to: sheets to close, substitutes to decide about, letters that did not arrive, drafts that
    speak one language only."""
    led = {entry.session.pk: entry.session for entry in entries if entry.is_host}
    ended = [e.session for e in entries if e.is_host and e.is_late and e.session.state == State.RUNNING]
    half = [s for s in led.values() if s.state == State.DRAFT and not (s.title_fr and s.title_it)]
    troubled = troubles(led.values())
    asked = substitutions.waiting(led.values())
    return [
        *(Duty("close", session) for session in ended),
        *(Duty("substitution", led[pk], count) for pk, count in asked.items()),
        *(Duty("letters", led[pk], found.missed) for pk, found in troubled.items() if found.missed),
        *(Duty("late", led[pk], found.late.count) for pk, found in troubled.items() if found.late.count),
        *(Duty("title", session) for session in half),
    ]


def _seals(person: Person, as_host: bool, present: datetime) -> list[Duty]:
    """Sheets of closed sessions that are not sealed yet, or have changed since; one query."""
    if not as_host:
        return []
    leads = TeamMember.objects.filter(session=OuterRef("pk"), person=person, role__in=HOST_ROLES)
    seals = SealedSheet.objects.filter(session=OuterRef("pk")).order_by("-version")
    events = PresenceEvent.objects.filter(session=OuterRef("pk")).order_by("-seq")
    given = Explanation.objects.filter(session=OuterRef("pk")).order_by("-at")
    rows: Any = (  # the annotated names are known to no type
        Session.objects.filter(
            state=State.ENDED, condensed_at=None, closed_at__gt=present - timedelta(days=SEAL_DAYS)
        )
        .annotate(is_led=Exists(leads), is_of_side=_is_of_side(person))
        .filter(Q(is_led=True) | Q(is_of_side=True))
        .annotate(
            version=Subquery(seals.values("version")[:1]),
            sealed_at=Subquery(seals.values("sealed_at")[:1]),
            sealed_head=Subquery(seals.values("head")[:1]),
            last_head=Subquery(events.values("hash")[:1]),
            explained_at=Subquery(given.values("at")[:1]),
        )
        .select_related("activity", "host")
        .order_by("closed_at", "pk")[:MOST]
    )
    return [Duty("seal", row, (row.version or 0) + 1) for row in rows if _is_unsealed(row)]


def _is_unsealed(row: Any) -> bool:
    """Never sealed, or a fact or a reason has come since."""
    if row.version is None:
        return True
    is_told = row.explained_at is not None and row.explained_at > row.sealed_at
    return is_told or (row.last_head or chain.GENESIS) != row.sealed_head


def _feedback_of(person: Person, present: datetime) -> list[Duty]:
    """Sessions she was at as an invited person, whose form is open and not yet filled by her."""
    hers = {"session": OuterRef("pk"), "person": person}
    sessions = (
        Session.objects.filter(
            state=State.ENDED, closed_at__gt=present - timedelta(days=settings.FEEDBACK_DAYS)
        )
        .filter(Exists(Invitation.objects.active().filter(**hers)))
        .filter(Exists(PresenceEvent.objects.filter(**hers)))
        .exclude(Exists(FeedbackReceipt.objects.filter(**hers)))
        .select_related("activity", "host")
    )
    return [Duty("feedback", session) for session in sessions]
