"""Registro presenze: every entry and exit of each person, her minutes by class and her share of the plan (Italy)."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from seminars import saying
from seminars.documents import identity
from seminars.documents.blocks import Cell, cell, column, line, number, table
from seminars.documents.cells import Cells
from seminars.documents.emargement import columns_of_people, head_of_people
from seminars.documents.notes import EXPLAINED, Notes
from seminars.documents.voices import Voice, Words, as_written
from seminars.models import Slot
from seminars.queries.sheets import Part, Row, Sheet

SHOWN = frozenset(EXPLAINED)


def document() -> str:
    return pgettext("paper", "Register of presence")


def tables(voice: Voice, sheet: Sheet, notes: Notes) -> list[dict[str, Any]]:
    """One table per half-day, then the totals."""
    cells = Cells(voice, sheet, notes)
    found = [_half_day(cells, at, slot) for at, slot in enumerate(sheet.slots)]
    return [identity.half_days(voice, sheet), *found, _totals(cells)]


def _half_day(cells: Cells, at: int, slot: Slot) -> dict[str, Any]:
    voice, sheet = cells.voice, cells.sheet
    length = identity.minutes_of(slot.starts_at, slot.ends_at)
    heads = [
        *head_of_people(voice)[:2],
        _head(voice, lambda: pgettext("paper", "Present")),
        cell(
            line(identity.half_day(voice, sheet, slot), "strong"),
            line(voice.say(lambda _l: pgettext("paper", "Entry and exit"))),
        ),
        _head(voice, lambda: _("Minutes counted"), cells.notes.marks("count"), end=True),
        _head(voice, lambda: _("of which")),
        _head(voice, lambda: _("not counted"), cells.notes.marks("open"), end=True),
        _head(voice, lambda: _("Of the plan"), end=True),
        _head(voice, lambda: pgettext("paper", "Signature")),
    ]
    people: list[tuple[int | str, Row]] = [
        *enumerate(identity.guests(sheet), 1),
        *(("", row) for row in identity.team(sheet)),
    ]
    rows = [
        [number(place), *_person(cells, row), *_presence(cells, row, row.parts[at], length)]
        for place, row in people
    ]
    return table(
        identity.half_day(voice, sheet, slot),
        [
            column(9, fixed=True, align="end"),
            column(3.2),
            column(1.5),
            column(2.4),
            column(17, fixed=True, align="end"),
            column(2.2),
            column(17, fixed=True, align="end"),
            column(14, fixed=True, align="end"),
            column(2.6),
        ],
        heads,
        rows,
        about=_held(voice, sheet, slot),
        empty=voice.say(lambda _l: pgettext("paper", "Nobody is registered.")),
    )


def _head(voice: Voice, said: Any, marks: str = "", *, end: bool = False) -> Cell:
    return cell(line(voice.say(lambda _l: said()), "plain", marks), align="end" if end else "start")


def _held(voice: Voice, sheet: Sheet, slot: Slot) -> list[Words]:
    """Planned and held hours under the head of a half-day, with zone and offset."""
    planned = identity.hours(voice, sheet, slot.starts_at, slot.ends_at)
    held = identity.hours(voice, sheet, slot.held_from, slot.held_to)
    by = {each["language"]: each["text"] for each in held}

    def said(language: str) -> str:
        hours = {each["language"]: each["text"] for each in planned}.get(language, planned[0]["text"])
        if not by:
            return f"{_('Planned')} {hours}"
        held_ = by.get(language, held[0]["text"])
        return f"{_('Planned')} {hours} · {pgettext('hours of a session', 'Held')} {held_}"

    return [voice.say(said)]


def _person(cells: Cells, row: Row) -> list[Cell]:
    """Name, organisation and country in one cell: this table needs its width for hours."""
    who = cells.who(row, with_role=not row.is_guest)
    words = cells.voice.say(lambda language: _from(row, language))
    who["lines"] += [line(words, "small")] if words else []
    return [who]


def _from(row: Row, language: str) -> str:
    names = (row.organisation_it, row.organisation_fr)
    organisation = next(filter(None, names if language == "it" else reversed(names)), "")
    return ", ".join(filter(None, [organisation, str(row.country)]))


def _presence(cells: Cells, row: Row, part: Part, length: int) -> list[Cell]:
    share = f"{part.credited * 100 // length}\u00a0%" if length else ""
    uncounted = part.unseen + part.waiting
    return [
        cells.mode(part),
        cells.visits(part),
        number(part.minutes, "strong"),
        cells.classes(part),
        number(uncounted or ""),
        number(share),
        cells.signature(row, part, minutes=False),
    ]


def _totals(cells: Cells) -> dict[str, Any]:
    """Minutes of all half-days, share of the plan, and the threshold where one is set."""
    voice, sheet = cells.voice, cells.sheet
    heads = [
        *head_of_people(voice),
        _head(voice, lambda: _("Minutes counted"), cells.notes.marks("count"), end=True),
        _head(voice, lambda: _("Minutes planned"), end=True),
        _head(voice, lambda: _("not counted"), cells.notes.marks("open"), end=True),
        _head(voice, lambda: _("Of the plan"), end=True),
    ]
    columns = [*columns_of_people(), *(column(1.2, align="end") for _each in range(4))]
    if sheet.threshold is not None:
        limit = sheet.threshold
        heads.append(_head(voice, lambda: f"{_('Threshold')} {limit}\u00a0%"))
        columns.append(column(1.6))
    rows = [_total(cells, at, row) for at, row in enumerate(identity.guests(sheet), 1)]
    there = [identity.present(voice, sheet)] if sheet.present else []
    title = voice.say(lambda _l: pgettext("paper", "Totals"))
    return table(title, columns, heads, rows, about=there, whole=True)


def _total(cells: Cells, at: int, row: Row) -> list[Cell]:
    voice, sheet = cells.voice, cells.sheet
    shown = [
        number(at),
        cells.who(row),
        cells.organisation(row),
        cells.country(row),
        cell(
            line(as_written(str(row.minutes)), "strong"),
            line(voice.say(lambda language: saying.duration(row.minutes, language))[:1], "small"),
            align="end",
        ),
        number(sheet.planned),
        number(row.open_minutes or ""),
        cell(*cells.share(row), align="end"),
    ]
    if sheet.threshold is not None:
        shown.append(cell(line(voice.say(lambda _l: _verdict(sheet, row)))))
    return shown


def _verdict(sheet: Sheet, row: Row) -> str:
    if row.is_undecided or (row.is_met is False and not sheet.is_final):
        return pgettext("threshold", "to be decided")
    return pgettext("threshold", "met") if row.is_met else pgettext("threshold", "not met")
