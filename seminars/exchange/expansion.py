"""From a programme to its dated sessions: recurrences expanded in wall time, excluded dates left out."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from seminars.exchange.records import Programme, Seminar, Timing
from seminars.exchange.recurrence import occurrences
from seminars.exchange.walltime import moment

Span = tuple[datetime, datetime]


@dataclass(frozen=True, kw_only=True, slots=True)
class DatedSession:
    """One session with its moments, all aware and in the seminar's zone.

    `key` is unique and stable: the seminar's own ("A1-05"), with the date for a recurring one
    ("A1-04/2027-03-11"). `number` counts a seminar's sessions that take place, from 1. `slots` are the
    half-days in order; a session of several days is one, with the slots of all its days.
    """

    key: str
    number: int
    seminar: Seminar
    start: datetime
    end: datetime
    slots: tuple[Span, ...]


def dated(programme: Programme) -> list[DatedSession]:
    """Every session that takes place, by start and then key. Expects what `read` has checked."""
    sessions = [session for seminar in programme.seminars for session in sessions_of(seminar)]
    return sorted(sessions, key=lambda session: (session.start.astimezone(UTC), session.key))


def sessions_of(seminar: Seminar) -> list[DatedSession]:
    """The sessions of one seminar, in order."""
    return [
        DatedSession(
            key=f"{seminar.key}/{wall:%Y-%m-%d}" if seminar.recurrence else seminar.key,
            number=number,
            seminar=seminar,
            start=moment(wall, seminar.timezone),
            end=end_of(seminar, wall),
            slots=tuple(slots_of(seminar, wall)),
        )
        for number, wall in enumerate(held(seminar), start=1)
    ]


def held(timing: Timing) -> list[datetime]:
    """Naive wall times at which the occurrences start, without the excluded ones. Raises RuleError."""
    if timing.recurrence is None:
        return [timing.start]
    every = occurrences(timing.recurrence, timing.start, timing.timezone)
    return [wall for wall in every if wall not in timing.exdates]


def end_of(timing: Timing, wall: datetime) -> datetime:
    """When the occurrence from `wall` on ends: after its minutes, or with the last slot of its last day."""
    if timing.minutes is not None:
        return _later(moment(wall, timing.timezone), timing.minutes)
    return slots_of(timing, wall)[-1][1]


def slots_of(timing: Timing, wall: datetime) -> list[Span]:
    """The slots of the occurrence that starts at `wall`.

    Without half-days in the file there is one slot for the minutes, or one a day, from the hour of the
    start to midnight.
    """
    if timing.minutes is not None and timing.slots is None:
        return [(moment(wall, timing.timezone), end_of(timing, wall))]
    return [
        (moment(start, timing.timezone), moment(end, timing.timezone))
        for start, end in wall_slots(timing, wall)
    ]


def wall_slots(timing: Timing, wall: datetime) -> list[Span]:
    """The slots that the file gives in wall time, as naive pairs, for each day of an occurrence."""
    spans: list[Span] = []
    for day in (wall.date() + timedelta(days=past) for past in range(timing.days or 1)):
        if timing.slots is None:
            midnight = datetime.combine(day + timedelta(days=1), time())
            spans.append((datetime.combine(day, wall.time()), midnight))
        else:
            spans += [(datetime.combine(day, a), datetime.combine(day, b)) for a, b in timing.slots]
    return spans


def as_json(sessions: Iterable[DatedSession]) -> list[dict[str, str]]:
    """`key` of the seminar as given, `start` and `end` (RFC 3339 with offset), `timezone` (IANA); for json.dumps."""
    return [
        {
            "key": session.seminar.key,
            "start": session.start.isoformat(timespec="seconds"),
            "end": session.end.isoformat(timespec="seconds"),
            "timezone": session.seminar.timezone,
        }
        for session in sessions
    ]


def _later(start: datetime, minutes: int) -> datetime:
    # through UTC: ninety minutes last ninety minutes also in the night of a clock change
    return (start.astimezone(UTC) + timedelta(minutes=minutes)).astimezone(start.tzinfo)
