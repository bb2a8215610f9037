"""The rows of an attendance sheet for a spreadsheet: UTF-8 with its mark, semicolons, no cell that is a formula."""

import csv
import io
from collections.abc import Sequence
from datetime import datetime

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from seminars import moments, saying
from seminars.queries.sheets import Sheet
from seminars.vocabulary import Answer
from web.sheet import HEADS, Line, lines, role

BOM = "\ufeff"
SEPARATOR = ";"
"""What spreadsheets of French and Italian systems expect, whose comma stands in numbers."""
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def safe(cell: str) -> str:
    """Text that a spreadsheet does not take for a formula."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def as_csv(sheet: Sheet) -> str:
    """UTF-8 with its mark, RFC 4180 quoting and line ends, one row per person; hours in ISO 8601 with their offset."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=SEPARATOR, lineterminator="\r\n")
    writer.writerow([safe(cell) for cell in _csv_heads(sheet)])
    for line in lines(sheet):
        writer.writerow([safe(cell) if isinstance(cell, str) else cell for cell in _csv_cells(sheet, line)])
    return BOM + out.getvalue()


def _csv_heads(sheet: Sheet) -> list[str]:
    names = [
        pgettext("column: number of a row", "No."),
        _("Name"),
        _("Organisation"),
        _("Country"),
        pgettext("column: what a person does in a session", "Role"),
        _("Answer"),
    ]
    which = _("of which")
    of_half_day = [_("in"), _("out"), _("minutes"), _("not counted")]
    for slot in sheet.slots:
        hours = f"{_iso(slot.held_from, sheet)}/{_iso(slot.held_to, sheet)}" if slot.held_from else "-"
        title = _("Half-day %(n)s") % {"n": slot.number}
        names += [f"{title} ({hours}): {words}" for words in of_half_day]
    return [
        *names,
        _("Minutes counted"),
        *(f"{which} {words}" for words in (_("bridged"), _("declared"), _("replayed"))),
        _("Minutes not seen in the video"),
        _("Minutes replayed, not counted"),
        _("Minutes planned"),
        _("Per cent of the plan"),
        _("Threshold"),
        _("Reported late"),
        _("Minutes arrived after the closing"),
    ]


def _csv_cells(sheet: Sheet, line: Line) -> Sequence[str | int]:
    row, language = line.row, saying.plain(translation.get_language() or "en")
    cells: list[str | int] = [
        line.number or "",
        row.person.name,
        saying.said(row, "organisation", language)[0],
        row.country,
        role(row),
        str(Answer(row.answer).label) if row.is_invited else "",
    ]
    for part in row.parts:
        cells += [
            _iso(part.first_in, sheet),
            _iso(part.last_out, sheet),
            part.minutes,
            part.unseen + part.waiting,
        ]
    verdict_ = str(HEADS[line.verdict]) if line.verdict else ""
    totals = [row.minutes, line.bridged, row.declared, line.replayed, row.unseen, row.waiting]
    told: list[str | int] = [_iso(row.late_at, sheet), row.arrived]
    return [*cells, *totals, sheet.planned, row.percent, verdict_, *told]


def _iso(moment: datetime | None, sheet: Sheet) -> str:
    return moments.local(moment, sheet.session.timezone).isoformat(timespec="seconds") if moment else ""
