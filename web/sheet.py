"""The attendance sheet as a document: every head in French and in Italian, the words of each class of minutes."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from seminars import moments, saying
from seminars.models import Session, Slot
from seminars.queries.sheets import Part, Row, Sheet
from seminars.vocabulary import Role

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
    zone, many = sheet.session.timezone, len(sheet.slots) > 1
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


def frame(session: Session, sheet: Sheet) -> list[tuple[Pair, Pair]]:
    """The identity of the session, as pairs of term and words, each in both languages."""
    head = heads()
    zone = session.timezone
    team = [row for row in sheet.rows if row.role != Role.PARTICIPANT]
    organisers = list(session.organisers.order_by("country", "name_fr"))
    rows = [
        (head["date"], both(lambda tongue: saying.day(session.starts_at, zone, tongue))),
        (
            head["organisers"],
            both(lambda tongue: "; ".join(_organisation(one, tongue) for one in organisers)),
        ),
        (
            head["activity"],
            both(
                lambda tongue: f"{session.activity.code} {saying.said(session.activity, 'name', tongue)[0]}"
            ),
        ),
        (head["team"], both(lambda _tongue: ", ".join(f"{row.person.name} ({role(row)})" for row in team))),
        (head["mode"], both(lambda _tongue: ", ".join(filter(None, [_mode(session), session.place])))),
    ]
    if session.held_reason:
        rows.append((head["reason"], [("", session.held_reason)]))
    return [(term, words) for term, words in rows if words[0][1]]


def _mode(session: Session) -> str:
    return str(session.get_mode_display())


def _organisation(organisation: Any, tongue: str) -> str:
    return f"{saying.said(organisation, 'name', tongue)[0]} ({organisation.country})"


def role(row: Row) -> str:
    return str(Role(row.role).label)


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the document. `cells` pairs each part with its first and last hour, as text."""

    number: int | None
    row: Row
    role: Pair
    organisation: Pair
    cells: list[tuple[Part, str]]
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
    zone, language = sheet.session.timezone, translation.get_language() or "en"

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
        [(part, hours(part)) for part in row.parts],
        sum(part.bridged for part in row.parts),
        row.replayed,
        verdict(sheet, row),
    )


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
