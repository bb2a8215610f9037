"""Feuille d'émargement: who signed which half-day, how and when, and who countersigned (France; ATT-8)."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from seminars import saying
from seminars.documents import identity
from seminars.documents.blocks import Cell, cell, column, in_groups, line, number, table
from seminars.documents.cells import Cells
from seminars.documents.notes import EXPLAINED, Notes
from seminars.documents.voices import Voice, Words
from seminars.models import Slot
from seminars.queries.sheets import Row, Sheet

Group = Sequence[tuple[int, Slot]]
"""Half-days that stand side by side, each with its place among the parts of a row."""


def tables(voice: Voice, sheet: Sheet, notes: Notes) -> list[dict[str, Any]]:
    cells = Cells(voice, sheet, notes)
    groups = in_groups(list(enumerate(sheet.slots)))
    guests, team = identity.guests(sheet), identity.team(sheet)
    found = [identity.half_days(voice, sheet)]
    found += [_people(cells, group, guests, is_last=group is groups[-1]) for group in groups]
    found += [_team(cells, group, team) for group in groups] if team else []
    return found


def document() -> str:
    return pgettext("paper", "Signed attendance sheet")


SHOWN = frozenset(EXPLAINED)


def _people(cells: Cells, group: Group, guests: Sequence[Row], *, is_last: bool) -> dict[str, Any]:
    voice, sheet = cells.voice, cells.sheet
    title = voice.say(lambda _l: pgettext("paper", "People who take part"))
    heads = [*head_of_people(voice), *(head_of_slot(voice, sheet, slot) for _at, slot in group)]
    columns = [*columns_of_people(), *(column(3) for _each in group)]
    if is_last:
        heads.append(_total_head(voice, cells.notes))
        columns.append(column(20, fixed=True, align="end"))

    def row(at: int, who: Row) -> list[Cell]:
        shown = [number(at), cells.who(who), cells.organisation(who), cells.country(who)]
        shown += [cells.signature(who, who.parts[place]) for place, _slot in group]
        return [*shown, _total(cells, who)] if is_last else shown

    rows = [row(at, who) for at, who in enumerate(guests, 1)]
    nobody = voice.say(lambda _l: pgettext("paper", "Nobody is registered."))
    there = [identity.present(voice, sheet)] if sheet.present else []
    return table(title, columns, heads, rows, about=there, empty=nobody)


def _team(cells: Cells, group: Group, team: Sequence[Row]) -> dict[str, Any]:
    voice, sheet = cells.voice, cells.sheet
    title = voice.say(lambda _l: pgettext("people who run a session", "Team"))
    heads = [*head_of_people(voice)[1:], *(head_of_slot(voice, sheet, slot) for _at, slot in group)]
    columns = [*columns_of_people()[1:], *(column(3) for _each in group)]
    rows = [
        [
            cells.who(who, with_role=True),
            cells.organisation(who),
            cells.country(who),
            *(cells.signature(who, who.parts[place]) for place, _slot in group),
        ]
        for who in team
    ]
    return table(title, columns, heads, rows, whole=True)


def head_of_people(voice: Voice) -> list[Cell]:
    """Number, name, organisation, country."""
    return [
        cell(line(voice.say(lambda _l: pgettext("column: number of a row", "No."))), align="end"),
        cell(line(voice.say(lambda _l: pgettext("paper", "First name and surname")))),
        cell(line(voice.say(lambda _l: _("Organisation")))),
        cell(line(voice.say(lambda _l: _("Country")))),
    ]


def columns_of_people() -> list[dict[str, Any]]:
    return [column(9, fixed=True, align="end"), column(3.4), column(3), column(13, fixed=True)]


def head_of_slot(voice: Voice, sheet: Sheet, slot: Slot) -> Cell:
    """The half-day and its planned hours; zone and offset stand in the table of hours and in the note."""
    zone = sheet.about.timezone

    def hours(language: str) -> str:
        said = saying.hours(slot.starts_at, slot.ends_at, zone, language)
        return f"{said} ({saying.offset(slot.starts_at, zone)})"

    return cell(line(identity.half_day(voice, sheet, slot), "strong"), line(voice.say(hours), "small"))


def _total_head(voice: Voice, notes: Notes) -> Cell:
    words = voice.say(lambda _l: pgettext("paper", "Counted"))
    return cell(line(words, "strong", notes.marks("count")), align="end")


def _total(cells: Cells, row: Row) -> Cell:
    """Hours counted, and what they are of the plan."""
    counted: Words = cells.voice.say(lambda language: saying.duration(row.minutes, language))
    share = [each | {"style": "small"} for each in cells.share(row)]
    return cell(line(counted[:1], "strong"), *share, align="end")
