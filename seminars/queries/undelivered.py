"""Letters of a session that did not arrive, for whoever runs it: refused, given up, or waiting far too long."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Case, Count, Min, Q, QuerySet, When

from seminars.models import Letter, Person, Session
from seminars.moments import now
from seminars.queries.reasons import reason
from seminars.vocabulary import LetterKind, LetterState

LATE = timedelta(minutes=15)
"""A letter that waits for longer waits for a mail server that does not take it."""
SINCE = Case(When(Q(last_error="") | Q(kind=LetterKind.REMINDER), then="next_at"), default="created_at")
"""Untried it waits since it was due: reminders are posted long before."""


@dataclass(frozen=True, slots=True)
class Undelivered:
    """`kinds` are in words, `answer` is what the mail server said of the newest, `reason` the same in words where there
    are any. `returned_at`: it came back then, after its server had taken it."""

    person: Person
    kinds: tuple[str, ...]
    is_refused: bool
    """For good, at the first try; else given up after many."""
    answer: str
    reason: str = ""
    returned_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Late:
    """How many letters wait too long, since when, and why the newest does."""

    count: int
    since: datetime | None
    answer: str


@dataclass(frozen=True, slots=True)
class Trouble:
    """How many people a letter did not reach, and what waits."""

    missed: int
    late: Late


NONE = Trouble(0, Late(0, None, ""))


def undelivered(session: Session) -> list[Undelivered]:
    """By name, one for each person whatever the number of her letters; one query."""
    rows = Letter.objects.undelivered().filter(session=session).select_related("person").defer("content")
    found: dict[int, list[Letter]] = {}
    for letter in rows.order_by("person__name", "person", "stamp"):
        found.setdefault(letter.person_id, []).append(letter)
    return [_of(letters) for letters in found.values()]


def _of(letters: Sequence[Letter]) -> Undelivered:
    newest = letters[-1]
    kinds = dict.fromkeys(str(LetterKind(letter.kind).label) for letter in letters)
    is_refused = newest.state == LetterState.FAILED
    return Undelivered(
        newest.person,
        tuple(kinds),
        is_refused,
        newest.last_error,
        reason=reason(newest.last_error),
        returned_at=newest.returned_at if is_refused else None,
    )


def waiting() -> QuerySet[Letter]:
    """Letters that are late: tried and put off, or due as long and not even tried, since nothing leaves."""
    limit = now() - LATE
    put_off = Q(created_at__lt=limit) & ~Q(last_error="") & ~Q(kind=LetterKind.REMINDER)
    return Letter.objects.filter(
        put_off | Q(next_at__lt=limit), state=LetterState.PENDING, session__isnull=False
    )


def troubles(sessions: Collection[Session]) -> dict[int, Trouble]:
    """By session, those that have any; one query."""
    rows = (Letter.objects.undelivered() | waiting()).filter(session__in=sessions)
    waits = Q(state=LetterState.PENDING)
    counted = rows.values("session").annotate(
        missed=Count("person", distinct=True, filter=~waits),
        late=Count("pk", filter=waits),
        since=Min(SINCE, filter=waits),
    )
    return {
        row["session"]: Trouble(row["missed"], Late(row["late"], row["since"], ""))
        for row in counted.order_by("session")
    }


def trouble(session: Session) -> Trouble:
    return troubles([session]).get(session.pk, NONE)


def late(session: Session) -> Late:
    rows = list(waiting().filter(session=session).order_by(SINCE).values_list(SINCE, "last_error"))
    answers = [answer for _, answer in rows if answer]
    return Late(len(rows), rows[0][0] if rows else None, answers[-1] if answers else "")
