"""Who has completed a training cycle: minutes of its sealed sheets, forms where the scheme asks, the trainer's word.

`percent` is counted minutes of sealed sheets / planned minutes of ALL sessions of the scheme, rounded down. A session
that is not sealed yet counts nothing and is named as missing: until then nothing is decided.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from seminars.models import Completion, Invitation, Person, Scheme, SchemeForm, SealedSheet, Session
from seminars.queries import sealed
from seminars.queries.sheets import Row, Sheet
from seminars.vocabulary import Asked, Outcome


@dataclass(frozen=True, slots=True)
class Unit:
    """One session of a cycle; `planned` in minutes. Not sealed yet: neither `proof` nor `sheet`."""

    session: Session
    planned: int
    proof: SealedSheet | None
    sheet: Sheet | None


@dataclass(frozen=True, slots=True)
class Cycle:
    """A scheme with its sessions in order of time."""

    scheme: Scheme
    units: tuple[Unit, ...]

    @property
    def planned(self) -> int:
        return sum(unit.planned for unit in self.units)

    @property
    def missing(self) -> tuple[Session, ...]:
        """Sessions without a sealed sheet."""
        return tuple(unit.session for unit in self.units if unit.proof is None)

    @property
    def proofs(self) -> tuple[SealedSheet, ...]:
        return tuple(unit.proof for unit in self.units if unit.proof is not None)


@dataclass(frozen=True, slots=True)
class Progress:
    """One person in a cycle. `figures` is what the figures alone say, `why` the codes of what keeps it from completed:
    `sheets` (not sealed), `hours`, `hours_open` (a trainer may still declare some), `needs`, `needs_late`,
    `assessment`, `not_judged`, `not_passed`."""

    person: Person
    name: str
    rows: tuple[tuple[Unit, Row | None], ...]
    minutes: int
    credited: int
    """Of them towards the plan: of each half-day at most those planned for it."""
    planned: int
    percent: int
    forms: Mapping[str, SchemeForm] = field(default_factory=dict)
    why: tuple[str, ...] = ()
    figures: str = Outcome.OPEN
    decisions: tuple[Completion, ...] = ()
    """Of the trainer, the newest first."""

    @property
    def decided(self) -> Completion | None:
        return self.decisions[0] if self.decisions else None

    @property
    def outcome(self) -> str:
        """The trainer's decision stands only where the figures leave it open, now as when she decided."""
        if self.decided is None or self.figures != Outcome.OPEN or "sheets" in self.why:
            return self.figures
        return str(self.decided.outcome)

    @property
    def is_decidable(self) -> bool:
        return self.figures == Outcome.OPEN and "sheets" not in self.why


def last_sheets(sessions: Iterable[Session]) -> dict[int, SealedSheet]:
    """The last sealed version of each session, by its id; one query."""
    found = SealedSheet.objects.filter(session__in=[session.pk for session in sessions]).order_by("version")
    return {one.session_id: one for one in found.select_related("session", "sealed_by")}


def cycle(scheme: Scheme) -> Cycle:
    """Its sessions but drafts and cancelled ones."""
    found = Session.objects.alive().filter(training_scheme=scheme.name).prefetch_related("slots")
    sessions = list(found.select_related("host").order_by("starts_at", "pk"))
    proofs = last_sheets(sessions)
    return Cycle(scheme, tuple(_unit(session, proofs.get(session.pk)) for session in sessions))


def progress(whole: Cycle, people: Iterable[str] | None = None) -> list[Progress]:
    """Everybody of the cycle who is invited, or stands as a guest on a sealed sheet, by name; or only the people of
    these codes. The same number of queries for any number of people."""
    rows = [_rows(unit) for unit in whole.units]
    found = _people(whole, {code for each in rows for code in each}, people)
    forms: dict[int, dict[str, SchemeForm]] = {}
    for one in whole.scheme.forms.filter(person__in=found).select_related("judged_by"):
        forms.setdefault(one.person_id, {})[one.kind] = one
    decisions: dict[int, list[Completion]] = {}
    for each in whole.scheme.completions.filter(person__in=found).select_related("decided_by"):
        decisions.setdefault(each.person_id, []).append(each)
    return [
        _progress(whole, person, rows, forms.get(person.pk, {}), decisions.get(person.pk, []))
        for person in found
    ]


def progress_of(whole: Cycle, person: Person) -> Progress | None:
    """None: she is not of this cycle."""
    return next(iter(progress(whole, [person.code])), None)


def _unit(session: Session, proof: SealedSheet | None) -> Unit:
    if proof is None:
        planned = sum(int((s.ends_at - s.starts_at).total_seconds()) // 60 for s in session.slots.all())
        return Unit(session, planned, None, None)
    sheet = sealed.as_sheet(proof)
    return Unit(session, sheet.planned, proof, sheet)


def _rows(unit: Unit) -> dict[str, Row]:
    if unit.sheet is None:
        return {}
    return {row.code: row for row in unit.sheet.rows if row.code and is_participant(row)}


def is_participant(row: Row) -> bool:
    """A guest, walk-ins included once a host confirmed them."""
    return row.is_guest and (not row.is_walk_in or row.walk_in_state == "confirmed")


def _people(whole: Cycle, codes: set[str], wanted: Iterable[str] | None) -> list[Person]:
    sessions = [unit.session.pk for unit in whole.units]
    team = Person.objects.filter(teams__session__in=sessions).values("pk")
    invited = Invitation.objects.active().filter(session__in=sessions).exclude(person__in=team)
    ids = set(invited.values_list("person_id", flat=True))
    ids |= set(Person.objects.filter(code__in=codes).values_list("pk", flat=True))
    found = Person.objects.filter(pk__in=ids).select_related("organisation").order_by("name", "pk")
    return list(found if wanted is None else found.filter(code__in=list(wanted)))


def _progress(
    whole: Cycle,
    person: Person,
    rows: list[dict[str, Row]],
    forms: dict[str, SchemeForm],
    decisions: list[Completion],
) -> Progress:
    own = tuple((unit, each.get(person.code)) for unit, each in zip(whole.units, rows, strict=True))
    present = [row for _unit, row in own if row is not None]
    minutes, planned = sum(row.minutes for row in present), whole.planned
    credited, at_best = sum(row.credited for row in present), sum(row.at_best for row in present)
    why = _why(whole, _share(credited, planned), _share(at_best, planned), forms)
    return Progress(
        person=person,
        name=present[-1].person.name if present else person.name,
        rows=own,
        minutes=minutes,
        planned=planned,
        credited=credited,
        percent=_share(credited, planned),
        forms=forms,
        why=why,
        figures=_figures(why),
        decisions=tuple(reversed(decisions)),
    )


def _share(minutes: int, planned: int) -> int:
    return min(100, minutes * 100 // planned) if planned else 0


def _why(whole: Cycle, percent: int, at_best: int, forms: dict[str, SchemeForm]) -> tuple[str, ...]:
    scheme, found = whole.scheme, []
    if whole.missing or not whole.units:
        found.append("sheets")
    elif percent < scheme.min_percent:
        found.append("hours_open" if at_best >= scheme.min_percent else "hours")
    if scheme.asks_needs:
        needs = forms.get(Asked.NEEDS)
        if needs is None:
            found.append("needs")
        elif whole.units and needs.at > whole.units[0].session.starts_at:
            found.append("needs_late")
    if scheme.asks_assessment:
        assessment = forms.get(Asked.ASSESSMENT)
        if assessment is None:
            found.append("assessment")
        elif not assessment.passed:
            found.append("not_judged" if assessment.passed is None else "not_passed")
    return tuple(found)


FAILING = frozenset({"hours", "not_passed"})
"""What decides by itself once all sheets are sealed; whatever else is for the trainer to judge."""


def _figures(why: tuple[str, ...]) -> str:
    if not why:
        return Outcome.MET
    return Outcome.NOT_MET if FAILING & set(why) and "sheets" not in why else Outcome.OPEN
