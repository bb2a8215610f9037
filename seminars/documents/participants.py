"""List of participants for an Interreg controller: presence and signature per day, and the sides counted (ATT-8)."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from seminars import moments, saying
from seminars.documents import identity
from seminars.documents.blocks import Cell, Line, cell, column, in_groups, line, number, table
from seminars.documents.cells import Cells
from seminars.documents.emargement import columns_of_people, head_of_people
from seminars.documents.notes import EXPLAINED, Notes
from seminars.documents.voices import Voice, Words, as_written
from seminars.models import Slot
from seminars.queries.sheets import Row, Sheet

Day = tuple[date, tuple[int, ...]]
"""A day and the places of its half-days among the parts of a row."""
MOST_DAYS = 3
SHOWN = frozenset(EXPLAINED) - {"bridged", "replayed", "reported", "check"}


def document() -> str:
    return pgettext("paper", "List of participants")


def tables(voice: Voice, sheet: Sheet, notes: Notes) -> list[dict[str, Any]]:
    cells = Cells(voice, sheet, notes)
    groups = in_groups(_days(sheet), MOST_DAYS)
    guests, team = identity.guests(sheet), identity.team(sheet)
    title = voice.say(lambda _l: pgettext("paper", "Participants"))
    speakers = voice.say(lambda _l: pgettext("paper", "Team and speakers"))
    found = [_people(cells, title, group, guests, numbered=True) for group in groups]
    found += [_people(cells, speakers, group, team, numbered=False) for group in groups] if team else []
    return [identity.half_days(voice, sheet), *found, _sides(cells, guests)]


def _days(sheet: Sheet) -> list[Day]:
    found: dict[date, list[int]] = {}
    for place, slot in enumerate(sheet.slots):
        found.setdefault(moments.local(slot.starts_at, sheet.about.timezone).date(), []).append(place)
    return [(day, tuple(places)) for day, places in found.items()]


def _people(
    cells: Cells, title: Words, days: Sequence[Day], people: Sequence[Row], *, numbered: bool
) -> dict[str, Any]:
    voice, sheet = cells.voice, cells.sheet
    role = cell(line(voice.say(lambda _l: pgettext("column: what a person does in a session", "Role"))))
    heads = [*head_of_people(voice), role, *(_head(voice, sheet, day) for day, _places in days)]
    columns = [*columns_of_people(), column(2), *(column(4) for _each in days)]
    rows = [_row(cells, at if numbered else "", row, days) for at, row in enumerate(people, 1)]
    nobody = voice.say(lambda _l: pgettext("paper", "Nobody is registered."))
    return table(title, columns, heads, rows, whole=not numbered, empty=nobody)


def _head(voice: Voice, sheet: Sheet, day: date) -> Cell:
    return cell(
        line(voice.say(lambda language: identity.short_day(day, sheet.about.timezone, language)), "strong")
    )


def _row(cells: Cells, at: int | str, row: Row, days: Sequence[Day]) -> list[Cell]:
    voice = cells.voice
    return [
        number(at),
        cells.who(row),
        cells.organisation(row),
        cells.country(row),
        cell(line(voice.say(lambda _l: identity.role(row)))),
        *(_day(cells, row, places) for _date, places in days),
    ]


def _day(cells: Cells, row: Row, places: Sequence[int]) -> Cell:
    """Each half-day of a day: its name where there are several, how she signed, and her minutes of the day."""
    voice, sheet = cells.voice, cells.sheet
    lines: list[Line] = []
    for place in places:
        shown = cells.signature(row, row.parts[place], minutes=False)["lines"][:1]
        lines += [_named(cells, each, sheet.slots[place]) for each in shown] if len(places) > 1 else shown
    minutes = sum(row.parts[place].minutes for place in places)
    if minutes:
        said = voice.say(
            lambda language: (
                pgettext("paper", "present %(length)s") % {"length": saying.duration(minutes, language)}
            )
        )
        lines.append(line(said, "small", cells.notes.marks("count")))
    return cell(*lines)


def _named(cells: Cells, shown: Line, slot: Slot) -> Line:
    """`Matin : signé à 9 h 02`, in each language."""
    name = {each["language"]: each["text"] for each in identity.half_of_day(cells.voice, cells.sheet, slot)}
    words = [
        each | {"text": f"{name.get(each['language'], next(iter(name.values())))} – {each['text']}"}
        for each in shown["words"]
    ]
    return shown | {"words": words}


def _sides(cells: Cells, guests: Sequence[Row]) -> dict[str, Any]:
    """How many people and organisations of each country were there: present, not only registered."""
    voice = cells.voice
    there = [row for row in guests if row.was_present]
    people = Counter(str(row.country) for row in there)
    organisations = {(str(row.country), row.organisation_fr or row.organisation_it) for row in there}
    houses = Counter(country for country, name in organisations if name)
    heads = [
        cell(line(voice.say(lambda _l: _("Country")))),
        cell(line(voice.say(lambda _l: pgettext("paper", "Participants present"))), align="end"),
        cell(line(voice.say(lambda _l: _("Organisations"))), align="end"),
    ]
    rows = [
        [cell(line(as_written(country or "–"), "strong"), head=True), number(count), number(houses[country])]
        for country, count in sorted(people.items())
    ]
    title = voice.say(lambda _l: pgettext("paper", "Present from each side"))
    nobody = voice.say(lambda _l: pgettext("paper", "Nobody was present."))
    columns = [
        column(30, fixed=True),
        column(45, fixed=True, align="end"),
        column(45, fixed=True, align="end"),
    ]
    total = [identity.present(voice, cells.sheet)] if there else []
    return table(title, columns, heads, rows, about=total, whole=True, empty=nobody)
