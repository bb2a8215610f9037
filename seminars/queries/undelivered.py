"""Letters of a session that did not arrive, for whoever runs it: refused, given up, or waiting far too long."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from seminars.models import Letter, Person, Session
from seminars.moments import now
from seminars.vocabulary import LetterKind, LetterState

LATE = timedelta(minutes=15)
"""A letter that waits for longer waits for a mail server that does not take it."""


@dataclass(frozen=True, slots=True)
class Undelivered:
    """`kinds` are in words, `answer` is what the mail server said of the newest."""

    person: Person
    kinds: tuple[str, ...]
    is_refused: bool
    """For good, at the first try; else given up after many."""
    answer: str


@dataclass(frozen=True, slots=True)
class Late:
    """How many letters wait too long, since when, and why the newest does."""

    count: int
    since: datetime | None
    answer: str


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
    return Undelivered(newest.person, tuple(kinds), newest.state == LetterState.FAILED, newest.last_error)


def people_missed(session: Session) -> int:
    """How many people a letter did not reach."""
    return Letter.objects.undelivered().filter(session=session).values("person").distinct().count()


def late(session: Session) -> Late:
    waiting = Letter.objects.filter(
        session=session, state=LetterState.PENDING, created_at__lt=now() - LATE
    ).exclude(last_error="")
    rows = list(waiting.order_by("created_at").values_list("created_at", "last_error"))
    return Late(len(rows), rows[0][0] if rows else None, rows[-1][1] if rows else "")
