"""What a programme file says, as typed records, and the error that lists what is wrong with one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time


class ProgrammeError(ValueError):
    """A programme file that cannot be used.

    `path` and `problem` are the first problem ("sessions[3].start", an English sentence); `problems` holds
    all of them as (path, sentence), list by list. The path "file" means the file as a whole.
    """

    def __init__(self, path: str, problem: str, problems: Sequence[tuple[str, str]] | None = None) -> None:
        super().__init__(path, problem)
        self.path, self.problem = path, problem
        self.problems = list(problems) if problems else [(path, problem)]

    def __str__(self) -> str:
        return "\n".join(f"{path}: {problem}" for path, problem in self.problems)


@dataclass(frozen=True, kw_only=True, slots=True)
class Words:
    """One text in the two languages of the programme, sometimes in English too."""

    fr: str
    it: str
    en: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Activity:
    code: str
    slug: str
    name: Words


@dataclass(frozen=True, kw_only=True, slots=True)
class Kind:
    """`attendance` is one of terms.ATTENDANCES, `indicator` one of terms.INDICATORS."""

    code: str
    name: Words
    attendance: str
    indicator: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Organisation:
    key: str
    country: str
    name: Words
    type: str
    email: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    """`organisation` is the key of one; `role` and `sector` are words of `seminars.vocabulary`."""

    key: str
    name: str
    email: str
    role: str
    country: str
    language: str
    organisation: str
    function: Words
    sector: str


@dataclass(frozen=True, kw_only=True, slots=True)
class TeamMember:
    """`person` is the key of one."""

    person: str
    role: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Timing:
    """When a seminar takes place, in wall time of its zone.

    Either `minutes` (of one occurrence, breaks included) or `days` (consecutive ones) is set. `slots` are the
    attended half-days of each day. `recurrence` is an RRULE without DTSTART whose COUNT includes `exdates`.
    """

    start: datetime
    timezone: str
    minutes: int | None
    days: int | None
    slots: tuple[tuple[time, time], ...] | None
    recurrence: str | None
    exdates: tuple[datetime, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Seminar(Timing):
    """One entry of the file's `sessions`: organisations and people are named by their keys."""

    key: str
    kind: str
    activity: str
    title: Words
    summary: Words
    mode: str
    place: str | None
    host_org: str
    organisers: tuple[str, ...]
    team: tuple[TeamMember, ...]
    capacity: int
    languages: tuple[str, ...]
    interpretation: str | None
    min_presence_percent: int | None
    training_scheme: str | None
    involves_minors: bool
    public: bool
    confidential: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Programme:
    """A whole file, each list in the order of the file."""

    year: int
    activities: tuple[Activity, ...]
    kinds: tuple[Kind, ...]
    organisations: tuple[Organisation, ...]
    people: tuple[Person, ...]
    seminars: tuple[Seminar, ...]
