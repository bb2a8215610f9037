"""Taking a programme file in: organisations, people, activities, and every dated session; all of it or nothing."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from seminars.actions import feeds, sessions
from seminars.exchange.expansion import DatedSession, dated
from seminars.exchange.programme import Activity as ActivityRow
from seminars.exchange.programme import Organisation as OrganisationRow
from seminars.exchange.programme import Person as PersonRow
from seminars.exchange.programme import Programme, Seminar
from seminars.models import Activity, Organisation, Person, Series, Session
from seminars.moments import local
from seminars.vocabulary import Country, Zone


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of a programme by their keys and codes."""

    organisations: dict[str, Organisation] = field(default_factory=dict)
    activities: dict[str, Activity] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)


HOME_ZONE = {Country.FRANCE: Zone.PARIS, Country.ITALY: Zone.ROME}


@dataclass(slots=True)
class Report:
    """How many rows of each sort were made, and how many stood there already and were left as they are."""

    made: Counter[str] = field(default_factory=Counter)
    kept: Counter[str] = field(default_factory=Counter)

    def note(self, sort: str, is_new: bool) -> None:
        (self.made if is_new else self.kept)[sort] += 1


def _person(row: PersonRow, organisations: dict[str, Organisation]) -> tuple[Person, bool]:
    return Person.objects.get_or_create(
        key=row.key,
        defaults={
            "email": row.email,
            "name": row.name,
            "role": row.role,
            "country": row.country,
            "language": row.language,
            "timezone": HOME_ZONE[Country(row.country)],
            "organisation": organisations[row.organisation],
            "function_fr": row.function.fr,
            "function_it": row.function.it,
            "sector": row.sector,
        },
    )


def plan_of(seminar: Seminar, slots: list[sessions.Wall], rows: Rows, **extra: Any) -> sessions.Plan:
    """What a seminar of the file says, for the given half-days (wall times in its zone)."""
    return sessions.Plan(
        kind=seminar.kind,
        activity=rows.activities[seminar.activity],
        host=rows.organisations[seminar.host_org],
        slots=slots,
        timezone=seminar.timezone,
        title_fr=seminar.title.fr,
        title_it=seminar.title.it,
        title_en=seminar.title.en or "",
        summary_fr=seminar.summary.fr if seminar.summary else "",
        summary_it=seminar.summary.it if seminar.summary else "",
        mode=seminar.mode,
        place=seminar.place or "",
        organisers=[rows.organisations[key] for key in seminar.organisers],
        team=[(rows.people[member.person], member.role) for member in seminar.team],
        languages=seminar.languages,
        interpretation=seminar.interpretation or "",
        capacity=seminar.capacity,
        min_presence_percent=seminar.min_presence_percent,
        is_public=seminar.public,
        is_confidential=seminar.confidential,
        is_past_meant=True,
        extra=extra,
    )


def walls(one: DatedSession) -> list[sessions.Wall]:
    zone = one.seminar.timezone
    return [(local(a, zone).replace(tzinfo=None), local(b, zone).replace(tzinfo=None)) for a, b in one.slots]


@transaction.atomic
@feeds.together()
def take_in(*, programme: Programme) -> Report:
    """Rows that exist by their key stay as they are: a second run makes only what is missing and moves nothing."""
    report, rows = Report(), Rows()
    for line in programme.organisations:
        rows.organisations[line.key], is_new = _organisation(line)
        report.note("organisations", is_new)
    for activity in programme.activities:
        rows.activities[activity.code], is_new = _activity(activity)
        report.note("activities", is_new)
    for person in programme.people:
        rows.people[person.key], is_new = _person(person, rows.organisations)
        report.note("people", is_new)
    known = set(Session.objects.filter(key__isnull=False).values_list("key", flat=True))
    for one in dated(programme):
        if one.key not in known:
            _session(one, rows)
        report.note("sessions", one.key not in known)
    return report


def _organisation(line: OrganisationRow) -> tuple[Organisation, bool]:
    names = {"name_fr": line.name.fr, "name_it": line.name.it}
    more = {"country": line.country, "kind": line.type, "email": line.email}
    return Organisation.objects.get_or_create(key=line.key, defaults=names | more)


def _activity(line: ActivityRow) -> tuple[Activity, bool]:
    names = {"name_fr": line.name.fr, "name_it": line.name.it, "name_en": line.name.en or ""}
    return Activity.objects.get_or_create(code=line.code, defaults={"slug": line.slug, **names})


def _session(one: DatedSession, rows: Rows) -> None:
    plan = plan_of(
        one.seminar,
        walls(one),
        rows,
        key=one.key,
        series=_series(one.seminar),
        training_scheme=one.seminar.training_scheme or "",
        involves_minors=one.seminar.involves_minors,
    )
    sessions.plan(by=None, plan=plan)


def _series(seminar: Seminar) -> Series | None:
    if not seminar.recurrence:
        return None
    dates = [moment.isoformat(timespec="minutes") for moment in seminar.exdates]
    return Series.objects.get_or_create(
        key=seminar.key, defaults={"rrule": seminar.recurrence, "exdates": dates}
    )[0]
