"""What people said, as figures: the pulse over time, and the short form (domain FB-2, FB-4).

Under FEW_PEOPLE answers nothing of the form is told; a mean never stands without its distribution and response rate.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from seminars.models import (
    FeedbackAnswer,
    FeedbackReceipt,
    PresenceEvent,
    PulseTally,
    Session,
    TeamMember,
)
from seminars.vocabulary import Pulse

STEPS = ("useful", "goals", "pace", "own_language", "technique")
FOLLOWS = (Pulse.FOLLOWING, Pulse.FINE, Pulse.FASTER)
MOST_MOMENTS = 24
PACES = (1, 2, 5, 10, 15, 20, 30, 60)
"""Minutes between two moments of the pulse; the finest that gives at most MOST_MOMENTS."""


@dataclass(frozen=True, slots=True)
class Steps:
    """Answers to one question: how many chose each step from 1 to 5. `mean` is None without an answer."""

    name: str
    counts: tuple[int, ...]
    mean: float | None

    @property
    def answered(self) -> int:
        return sum(self.counts)


@dataclass(frozen=True, slots=True)
class Comment:
    text: str
    language: str


@dataclass(frozen=True, slots=True)
class Results:
    """`asked` could answer, `answered` did. Unless `is_shown`, nothing else is filled; `missing` says how many lack."""

    asked: int
    answered: int
    missing: int
    steps: tuple[Steps, ...] = ()
    met: int = 0
    not_met: int = 0
    keep: tuple[Comment, ...] = ()
    improve: tuple[Comment, ...] = ()

    @property
    def is_shown(self) -> bool:
        return self.missing == 0

    @property
    def percent(self) -> int:
        """The response rate."""
        return rate(self.answered, self.asked)


def rate(part: int, whole: int) -> int:
    """Whole per cent, rounded half up; 0 of nothing."""
    return min(100, (200 * part + whole) // (2 * whole)) if whole else 0


def results(session: Session) -> Results:
    """The short form of a session; comments stand by alphabet, so that neither hour nor hand shows."""
    asked, answered = _asked(session), FeedbackAnswer.objects.filter(session=session).count()
    if answered < settings.FEW_PEOPLE:
        return Results(asked=asked, answered=answered, missing=settings.FEW_PEOPLE - answered)
    rows = list(FeedbackAnswer.objects.filter(session=session))
    met = [row.met_somebody for row in rows]
    return Results(
        asked=asked,
        answered=answered,
        missing=0,
        steps=tuple(_steps(name, [getattr(row, name) for row in rows]) for name in STEPS),
        met=met.count(True),
        not_met=met.count(False),
        keep=_comments([(row.keep, row.language) for row in rows]),
        improve=_comments([(row.improve, row.language) for row in rows]),
    )


def _asked(session: Session) -> int:
    """Who was present; of the team only who did answer, since the form is made for the others."""
    present = PresenceEvent.objects.filter(session=session, person__isnull=False)
    people = set(present.order_by().values_list("person_id", flat=True))
    team = set(TeamMember.objects.filter(session=session).values_list("person_id", flat=True))
    gave = set(FeedbackReceipt.objects.filter(session=session).values_list("person_id", flat=True))
    return len((people - team) | gave)


def _steps(name: str, given: list[int | None]) -> Steps:
    values = [value for value in given if value is not None]
    counts = tuple(values.count(step) for step in range(1, 6))
    return Steps(name, counts, sum(values) / len(values) if values else None)


def _comments(given: list[tuple[str, str]]) -> tuple[Comment, ...]:
    written = [Comment(text.strip(), language) for text, language in given if text.strip()]
    return tuple(sorted(written, key=lambda comment: (comment.text.casefold(), comment.language)))


@dataclass(frozen=True, slots=True)
class Moment:
    """The pulse as it stood at one time; `counts` is by `Pulse` value."""

    at: datetime
    counts: dict[str, int]

    @property
    def follows(self) -> int:
        return sum(self.counts.get(value, 0) for value in FOLLOWS)

    @property
    def lost(self) -> int:
        return self.counts.get(Pulse.LOST, 0) + self.counts.get(Pulse.BREAK, 0)


def pulse(session: Session) -> list[Moment]:
    """The last total of each stretch of minutes, at most MOST_MOMENTS; empty when few people were ever present."""
    tallies = list(PulseTally.objects.filter(session=session))
    if not tallies:
        return []
    begun, whole = tallies[0].at, tallies[-1].at - tallies[0].at
    length = next((n for n in PACES if whole < timedelta(minutes=n * MOST_MOMENTS)), 0)
    pace = timedelta(minutes=length) if length else whole / MOST_MOMENTS + timedelta(seconds=1)
    last = {(tally.at - begun) // pace: tally for tally in tallies}
    return [Moment(tally.at, tally.counts) for tally in last.values()]
