"""The rows of an attendance sheet for a spreadsheet: UTF-8 with its mark, semicolons, no cell that is a formula."""

import csv
import io
from collections.abc import Sequence
from datetime import datetime

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from seminars import moments, saying
from seminars.exchange.cells import safe
from seminars.queries.sheets import Part, Sheet
from seminars.vocabulary import Answer, Where
from web.sheet import HEADS, Line, lines, role

BOM = "\ufeff"
SEPARATOR = ";"
"""What spreadsheets of French and Italian systems expect, whose comma stands in numbers."""


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
        _("Minutes on site"),
        *_marks_heads(sheet),
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
    marks = [cell for part in row.parts for cell in _marks(part, sheet)]
    return [*cells, *totals, sheet.planned, row.percent, verdict_, *told, row.onsite, *marks]


def _marks_heads(sheet: Sheet) -> list[str]:
    names = [_("signature"), _("presence by"), _("excused")]
    titles = [_("Half-day %(n)s") % {"n": slot.number} for slot in sheet.slots]
    return [f"{title}: {name}" for title in titles for name in names]


def _marks(part: Part, sheet: Sheet) -> list[str | int]:
    """When she signed, or how else her signature came there; where she was; 1 where she is excused."""
    mark = part.signature or (part.trainer_marks[0] if part.trainer_marks else None)
    said = ""
    if mark is not None:
        at = _iso(mark.at, sheet)
        said = str(
            HEADS["signed_declared"] if mark.is_declared else HEADS["signed_paper"] if mark.is_paper else at
        )
    return [said, str(Where(part.mode).label) if part.mode else "", 1 if part.is_excused else 0]


def _iso(moment: datetime | None, sheet: Sheet) -> str:
    return moments.local(moment, sheet.about.timezone).isoformat(timespec="seconds") if moment else ""
