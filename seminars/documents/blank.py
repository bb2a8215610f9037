"""The sheet that is signed by hand: printed with its names before a session, typed in and kept as a scan after it."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import pgettext

from seminars import addresses
from seminars.documents import identity
from seminars.documents.blocks import Cell, cell, column, in_groups, line, number, table
from seminars.documents.cells import Cells
from seminars.documents.emargement import Group, columns_of_people, head_of_people, head_of_slot
from seminars.documents.notes import Notes
from seminars.documents.voices import Voice, Words
from seminars.queries.sheets import Row, Sheet
from seminars.vocabulary import Answer

SHOWN: frozenset[str] = frozenset()
TALL = 11.0
"""Millimetres: a row that a hand can sign in."""
SPARE = 6
"""Rows without a name, for whoever was not invited."""
MOST = 3
"""Half-days side by side: each has hours beside its signature."""


def document() -> str:
    return pgettext("paper", "Sheet to be signed on paper")


def tables(voice: Voice, sheet: Sheet, notes: Notes) -> list[dict[str, Any]]:
    cells = Cells(voice, sheet, notes)
    expected = [row for row in identity.guests(sheet) if row.answer != Answer.NO]
    groups = in_groups(list(enumerate(sheet.slots)), MOST)
    team = identity.team(sheet)
    people = voice.say(lambda _l: pgettext("paper", "People who take part"))
    helpers = voice.say(lambda _l: pgettext("people who run a session", "Team"))
    found = [_table(cells, people, group, expected, SPARE) for group in groups]
    return found + [_table(cells, helpers, group, team, 0) | {"whole": True} for group in groups if team]


def _table(cells: Cells, title: Words, group: Group, people: Sequence[Row], spare: int) -> dict[str, Any]:
    voice, sheet = cells.voice, cells.sheet
    heads = [*head_of_people(voice)]
    columns = columns_of_people()
    for _at, slot in group:
        heads += [_hours(voice), head_of_slot(voice, sheet, slot)]
        columns += [column(24, fixed=True), column(3.4)]
    empty = [cell() for _each in range(2 * len(group))]
    rows: list[list[Cell]] = [
        [
            number(at),
            cells.who(row, with_role=not row.is_guest),
            cells.organisation(row),
            cells.country(row),
            *empty,
        ]
        for at, row in enumerate(people, 1)
    ]
    blank = [cell() for _each in range(3)]
    rows += [[number(len(people) + at), *blank, *empty] for at in range(1, spare + 1)]
    return table(title, columns, heads, rows, tall=TALL)


def _hours(voice: Voice) -> Cell:
    return cell(line(voice.say(lambda _l: pgettext("paper", "from … to …"))))


def instructions(voice: Voice) -> list[Words]:
    """What a hand needs to know before it signs."""
    return [
        voice.say(
            lambda _l: pgettext(
                "paper",
                "Everybody signs for herself or himself, in each half-day, and never in advance. Write the hours only "
                "where you came later or left earlier.",
            )
        ),
        voice.say(
            lambda _l: pgettext(
                "paper",
                "Whoever was not invited writes name, organisation and country in one of the last rows.",
            )
        ),
        voice.say(
            lambda _l: pgettext(
                "paper",
                "Afterwards the team scans each page and types it in; the code leads to this session’s page.",
            )
        ),
    ]


def code_words(voice: Voice) -> str:
    return voice.plain(voice.say(lambda _l: pgettext("paper", "QR code of the session’s page")))


def address(sheet: Sheet) -> str:
    return addresses.session(sheet.about.code)
