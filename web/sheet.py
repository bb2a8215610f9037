"""The attendance sheet as a document: every head in French and in Italian, the words of each class of minutes."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from seminars import moments, saying
from seminars.models import Slot
from seminars.queries.sheets import About, Mark, Part, Row, Sheet
from seminars.vocabulary import Mode, Role, Where

Words = str | Promise
Pair = list[tuple[str, str]]
"""The same words as (language, text), the reader's language first; one entry where both are the same."""
HEADS: dict[str, Words] = {
    "document": gettext_lazy("Attendance sheet"),
    "number": pgettext_lazy("column: number of a row", "No."),
    "name": gettext_lazy("Name"),
    "organisation": gettext_lazy("Organisation"),
    "country": gettext_lazy("Country"),
    "role": pgettext_lazy("column: what a person does in a session", "Role"),
    "total": gettext_lazy("Minutes counted"),
    "percent": gettext_lazy("Of the plan"),
    "bridged": gettext_lazy("bridged"),
    "declared": gettext_lazy("declared"),
    "replayed": gettext_lazy("replayed"),
    "open": gettext_lazy("not counted"),
    "which": gettext_lazy("of which"),
    "threshold": gettext_lazy("Threshold"),
    "date": gettext_lazy("Date"),
    "organisers": gettext_lazy("Organised by"),
    "activity": gettext_lazy("Activity"),
    "mode": gettext_lazy("Mode and place"),
    "team": pgettext_lazy("people who run a session", "Team"),
    "planned": gettext_lazy("Planned"),
    "held": pgettext_lazy("hours of a session", "Held"),
    "reason": gettext_lazy("Reason for the difference"),
    "incident": gettext_lazy("Incident"),
    "onsite": gettext_lazy("on site"),
    "signed": pgettext_lazy("mark of a half-day", "signed"),
    "signed_paper": pgettext_lazy("mark of a half-day", "signed on paper"),
    "signed_declared": pgettext_lazy("mark of a half-day", "signature declared"),
    "excused": pgettext_lazy("mark of a half-day", "excused"),
    "corrected": pgettext_lazy("mark of a half-day", "corrected"),
    "walk_in": pgettext_lazy("mark of a person", "not invited"),
    "unconfirmed": pgettext_lazy("mark of a person", "not invited, not confirmed"),
    "absent": gettext_lazy("absent"),
    "not_held": pgettext_lazy("half-day", "not held"),
    "met": pgettext_lazy("threshold", "met"),
    "not_met": pgettext_lazy("threshold", "not met"),
    "undecided": pgettext_lazy("threshold", "to be decided"),
    "draft": pgettext_lazy("sheet of a running session", "Draft"),
}


def tongues() -> tuple[str, str]:
    """French and Italian, the reader's first."""
    return ("it", "fr") if saying.plain(translation.get_language() or "") == "it" else ("fr", "it")


def both(say: Callable[[str], Words]) -> Pair:
    """`say(language)` under each of the two languages."""
    pair: Pair = []
    for tongue in tongues():
        with translation.override(tongue):
            pair.append((tongue, str(say(tongue))))
    return pair[:1] if pair[0][1] == pair[1][1] else pair


def alike(words: Words) -> Pair:
    """Words that are translated by themselves, in both languages."""
    return both(lambda _tongue: words)


def heads() -> dict[str, Pair]:
    return {name: alike(words) for name, words in HEADS.items()}


@dataclass(frozen=True, slots=True)
class HalfDay:
    """A half-day's head: its name, and its planned and held hours in both languages."""

    slot: Slot
    name: Pair
    planned: Pair
    held: Pair
    minutes: int
    held_minutes: int


def half_days(sheet: Sheet) -> list[HalfDay]:
    zone, many = sheet.about.timezone, len(sheet.slots) > 1
    days = {moments.local(slot.starts_at, zone).date() for slot in sheet.slots}

    def name(slot: Slot) -> Callable[[str], str]:
        if not many:
            return lambda _tongue: _("Half-day")
        if len(days) > 1:
            return lambda tongue: f"{slot.number}. {saying.short_day(slot.starts_at, zone, tongue)}"
        return lambda _tongue: _("Half-day %(n)s") % {"n": slot.number}

    def hours(start: datetime | None, end: datetime | None) -> Pair:
        if start is None or end is None:
            return []
        return both(
            lambda tongue: (
                f"{saying.hours(start, end, zone, tongue)}, {saying.zone_words(start, zone, tongue)}"
            )
        )

    return [
        HalfDay(
            slot,
            both(name(slot)),
            hours(slot.starts_at, slot.ends_at),
            hours(slot.held_from, slot.held_to),
            _length(slot.starts_at, slot.ends_at),
            _length(slot.held_from, slot.held_to),
        )
        for slot in sheet.slots
    ]


def _length(start: datetime | None, end: datetime | None) -> int:
    return int((end - start).total_seconds() // 60) if start and end else 0


def frame(sheet: Sheet) -> list[tuple[Pair, Pair]]:
    """The identity of the session, as pairs of term and words, each in both languages."""
    head, about = heads(), sheet.about
    zone = about.timezone
    team = [row for row in sheet.rows if row.role != Role.PARTICIPANT]
    rows = [
        (head["date"], both(lambda tongue: saying.day(about.starts_at, zone, tongue))),
        (head["organisers"], both(lambda tongue: _organisers(about, tongue))),
        (
            head["activity"],
            both(lambda tongue: f"{about.activity_code} {saying.said(about, 'activity', tongue)[0]}"),
        ),
        (head["team"], both(lambda _tongue: ", ".join(f"{row.person.name} ({role(row)})" for row in team))),
        (head["mode"], both(lambda _tongue: ", ".join(filter(None, [_mode(about), about.place])))),
        (head["reason"], [("", about.held_reason)]),
        (head["incident"], [("", about.incident)]),
    ]
    return [(term, words) for term, words in rows if words[0][1]]


def _mode(about: About) -> str:
    return str(Mode(about.mode).label)


def _organisers(about: About, tongue: str) -> str:
    named = [
        (name_it if tongue == "it" else name_fr, country) for name_fr, name_it, country in about.organisers
    ]
    return "; ".join(f"{name} ({country})" for name, country in named)


def role(row: Row) -> str:
    return str(Role(row.role).label)


@dataclass(frozen=True, slots=True)
class Cell:
    """One person's half-day: first and last hour as text, and each mark with its hour, or none."""

    part: Part
    hours: str
    marks: list[tuple[Pair, str]]


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the document."""

    number: int | None
    row: Row
    role: Pair
    organisation: Pair
    cells: list[Cell]
    bridged: int
    replayed: int
    verdict: str


def lines(sheet: Sheet) -> list[Line]:
    """Participants first, numbered; then the team."""
    people = [row for row in sheet.rows if row.role == Role.PARTICIPANT]
    team = [row for row in sheet.rows if row.role != Role.PARTICIPANT]
    numbered: list[tuple[int | None, Row]] = [*enumerate(people, 1), *((None, row) for row in team)]
    return [_line(sheet, number, row) for number, row in numbered]


def _line(sheet: Sheet, number: int | None, row: Row) -> Line:
    zone, language = sheet.about.timezone, translation.get_language() or "en"

    def hours(part: Part) -> str:
        if part.first_in is None or part.last_out is None:
            return ""
        first, last = (saying.hour(at, zone, language) for at in (part.first_in, part.last_out))
        return f"{first}\u00a0–\u2060\u00a0{last}"

    return Line(
        number,
        row,
        both(lambda _tongue: role(row)),
        both(lambda tongue: row.organisation_it if tongue == "it" else row.organisation_fr),
        [Cell(part, hours(part), _marks(sheet, part, language)) for part in row.parts],
        sum(part.bridged for part in row.parts),
        row.replayed,
        verdict(sheet, row),
    )


def _marks(sheet: Sheet, part: Part, language: str) -> list[tuple[Pair, str]]:
    """Signatures, the room or the video where both were open, the excuse, and that the times are corrected."""
    zone = sheet.about.timezone
    found = [_mark(mark, part.slot, zone, language) for mark in (part.signature, *part.trainer_marks) if mark]
    if part.mode and sheet.about.mode == Mode.HYBRID:
        found.append((alike(Where(part.mode).label), ""))
    if part.is_excused:
        found.append((alike(HEADS["excused"]), ""))
    if part.corrected:
        found.append((alike(HEADS["corrected"]), ""))
    return found


def _mark(mark: Mark, slot: Slot, zone: str, language: str) -> tuple[Pair, str]:
    if mark.is_declared:
        return alike(HEADS["signed_declared"]), ""
    if mark.is_paper:
        return alike(HEADS["signed_paper"]), ""
    return alike(HEADS["signed"]), saying.hour_near(mark.at, slot.starts_at, zone, language)


def verdict(sheet: Sheet, row: Row) -> str:
    """`met`, `not_met`, `undecided`; empty for the team and without a threshold."""
    if sheet.threshold is None or row.role != Role.PARTICIPANT:
        return ""
    if row.is_undecided or (row.is_met is False and not sheet.is_final):
        return "undecided"
    return "met" if row.is_met else "not_met"


def tally(sheet: Sheet) -> str:
    people = [row for row in sheet.rows if row.role == Role.PARTICIPANT]
    present = sum(row.was_present for row in people)
    return ngettext(
        "%(present)s of %(n)s person registered was present.",
        "%(present)s of %(n)s people registered were present.",
        len(people),
    ) % {"present": present, "n": len(people)}


def basis(sheet: Sheet) -> str:
    return ngettext(
        "This sheet rests on %(n)s recorded fact of presence, chained one to the next.",
        "This sheet rests on %(n)s recorded facts of presence, chained one to the next.",
        sheet.count,
    ) % {"n": sheet.count}
