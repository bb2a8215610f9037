"""What the clock is due to say of sessions, and to whom: reminders, asking again, asking for feedback again.

A few queries for each CHUNK of sessions; what is found is posted by `seminars.actions.reminders`.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby, islice

from django.conf import settings
from django.db.models import Case, DateTimeField, Exists, OuterRef, QuerySet, Value, When

from seminars.models import FeedbackReceipt, Invitation, Letter, PresenceEvent, Session, Unsubscription
from seminars.moments import now
from seminars.vocabulary import Answer, LetterKind, LetterState, State

REMINDERS = (10080, 2880, 1440, 180, 60)
"""Minutes before the start that may be chosen."""
ASKING = (14, 7, 3, 1)
"""Days before the start that may be chosen."""
FEEDBACK_AFTER = (2, 5)
"""Days after the closing on which the form is brought to mind (domain FB-3)."""
FEEDBACK_LATE = timedelta(days=1)
CLOSED_LATE = timedelta(days=30)
"""A session that was forgotten open for longer asks for feedback once."""
ONCE_IN = timedelta(days=1)
"""Nobody is asked by hand more often, nor on the day of her invitation."""
CHUNK = 200
"""Sessions asked about at once."""
TOLD = (LetterKind.INVITATION, LetterKind.UPDATE, LetterKind.ASKING)
"""Who got one of these since the moment of a reminder needs none."""


@dataclass(frozen=True, slots=True)
class Due:
    """One thing to say of one session; `about` names it, `moment` is when it was due."""

    session_id: int
    kind: LetterKind
    about: str
    moment: datetime


def due(present: datetime, most: int | None = None) -> list[Due]:
    """What nobody has posted yet and somebody is to read, at most so much; asking comes first, since it reminds as
    well."""
    return list(islice(_open([*_before_start(present), *_after_closing(present)]), most))


def readers(
    kind: str, moment: datetime | OuterRef, inside: datetime | OuterRef | None = None
) -> QuerySet[Invitation]:
    """Who is to get such a letter: invited by that moment, not told since, and willing. `inside` is the moment as a
    query inside this one names it."""
    stopped = Unsubscription.objects.filter(person=OuterRef("person"), kind=kind)
    willing = Invitation.objects.active().filter(~Exists(stopped))
    if kind == LetterKind.FEEDBACK:
        hers = {"session": OuterRef("session"), "person": OuterRef("person")}
        was_there = PresenceEvent.objects.filter(**hers)
        return willing.filter(Exists(was_there), ~Exists(FeedbackReceipt.objects.filter(**hers)))
    asked = willing.filter(invited_at__lte=moment).filter(~Exists(told_since(inside or moment, TOLD)))
    if kind == LetterKind.ASKING:
        return asked.filter(answer=Answer.NONE)
    return asked.exclude(answer=Answer.NO)


def told_since(moment: datetime | OuterRef, kinds: Sequence[str]) -> QuerySet[Letter]:
    """Letters to the person of the invitation around this query."""
    told = Letter.objects.filter(invitation=OuterRef("pk"), kind__in=kinds, created_at__gt=moment)
    return told.exclude(state=LetterState.SUPERSEDED)


@dataclass(frozen=True, slots=True)
class Unanswered:
    """How many people have not answered, and how many of them may be asked now."""

    count: int
    rested: int


def unanswered(session: Session) -> Unanswered:
    return Unanswered(_unanswered(session).count(), rested(session).count())


def rested(session: Session) -> QuerySet[Invitation]:
    """Who has not answered, wants such letters, and was neither invited nor asked for ONCE_IN."""
    lately = told_since(now() - ONCE_IN, [LetterKind.INVITATION, LetterKind.ASKING])
    stopped = Unsubscription.objects.filter(person=OuterRef("person"), kind=LetterKind.ASKING)
    return _unanswered(session).filter(~Exists(lately), ~Exists(stopped))


def _unanswered(session: Session) -> QuerySet[Invitation]:
    return session.invitations.active().filter(answer=Answer.NONE)


def _before_start(present: datetime) -> Iterator[Due]:
    coming = Session.objects.filter(
        state=State.SCHEDULED, starts_at__gt=present, starts_at__lte=present + _horizon()
    )
    rows = list(coming.order_by("starts_at", "pk").values_list("pk", "starts_at", "asks_again", "reminders"))
    for pk, start, asks, _ in rows:
        if before := _nearest((timedelta(days=each) for each in asks), start - present):
            yield _due(pk, LetterKind.ASKING, f"ask-{before.days}", start, start - before)
    for pk, start, _, reminders in rows:
        if before := _nearest((timedelta(minutes=each) for each in reminders), start - present):
            yield _due(pk, LetterKind.REMINDER, f"{before // timedelta(minutes=1)}", start, start - before)


def _after_closing(present: datetime) -> Iterator[Due]:
    since = present - timedelta(days=max(FEEDBACK_AFTER)) - FEEDBACK_LATE
    closed = Session.objects.filter(
        state=State.ENDED, ends_at__gt=since - CLOSED_LATE, closed_at__gt=since, closed_at__lte=present
    )
    for pk, closed_at in closed.order_by("closed_at", "pk").values_list("pk", "closed_at"):
        for number, days in enumerate(FEEDBACK_AFTER, 1):
            moment = (closed_at or present) + timedelta(days=days)  # never empty, by the query
            if moment <= present < moment + FEEDBACK_LATE and days < settings.FEEDBACK_DAYS:
                yield _due(
                    pk, LetterKind.FEEDBACK, f"feedback-{number}", moment - timedelta(days=days), moment
                )


def _due(pk: int, kind: LetterKind, name: str, at: datetime, moment: datetime) -> Due:
    return Due(pk, kind, f"{name}@{at.astimezone(UTC):%Y%m%dT%H%M%SZ}", moment)


def _nearest(offsets: Iterable[timedelta], left: timedelta) -> timedelta | None:
    """The shortest that is due when so much time is left; None once more than half of it has gone by: a word "one day
    before" that comes on the morning itself, after an outage, helps nobody."""
    reached = min((each for each in offsets if left <= each), default=None)
    return reached if reached is not None and left >= reached / 2 else None


def _horizon() -> timedelta:
    minutes = timedelta(minutes=max([*REMINDERS, *settings.REMINDER_MINUTES]))
    return max(minutes, timedelta(days=max([*ASKING, *settings.ASK_AGAIN_DAYS])))


def _open(found: Sequence[Due]) -> Iterator[Due]:
    for _, of_kind in groupby(found, key=lambda each: each.kind):
        rest = iter(of_kind)
        while few := list(islice(rest, CHUNK)):
            yield from _unsaid(few)


def _unsaid(few: Sequence[Due]) -> Iterator[Due]:
    """Of some things of one kind, each about a session of its own: those not posted yet that somebody is to read."""
    kind, abouts = few[0].kind, [each.about for each in few]
    said = Letter.objects.filter(kind=kind, session__in=[each.session_id for each in few], about__in=abouts)
    posted = set(said.values_list("session", "about").distinct())
    left = [each for each in few if (each.session_id, each.about) not in posted]
    if not left:
        return
    moments = [When(pk=each.session_id, then=Value(each.moment)) for each in left]
    asked = readers(kind, OuterRef("moment"), OuterRef(OuterRef("moment"))).filter(session=OuterRef("pk"))
    sessions = Session.objects.filter(pk__in=[each.session_id for each in left]).annotate(
        moment=Case(*moments, output_field=DateTimeField())
    )
    wanted = set(sessions.filter(Exists(asked)).values_list("pk", flat=True))
    yield from (each for each in left if each.session_id in wanted)
