"""A sheet as rows for spreadsheets: one of people, one of every entry and exit; and CSV that holds no formula."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from seminars import moments, saying
from seminars.documents import identity, verifying
from seminars.documents.voices import Voice, pause
from seminars.exchange.cells import safe
from seminars.queries.sheets import Mark, Part, Row, Sheet
from seminars.vocabulary import Answer, Where

BOM = "\ufeff"
SEPARATOR = ";"
"""What spreadsheets of French and Italian systems expect, whose comma stands in numbers."""
Value = str | int | datetime
"""A moment is a wall time of the session's zone, without its offset: spreadsheets know no other."""
Cells = list[Value]
Table = tuple[str, list[Cells]]
"""Name and rows; the first row heads the others."""


def as_csv(rows: Iterable[Sequence[Value]]) -> str:
    """UTF-8 with its mark, RFC 4180 quoting and line ends, semicolons, no cell that is a formula."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=SEPARATOR, lineterminator="\r\n")
    writer.writerows([safe(cell) if isinstance(cell, str) else cell for cell in row] for row in rows)
    return BOM + out.getvalue()


def tables(sheet: Sheet, language: str) -> list[Table]:
    """The session, its people, every entry and exit, in one language; hours are those of the session's zone."""
    with translation.override(language):
        return [
            (pgettext("spreadsheet", "Session"), _session(sheet, language)),
            (pgettext("spreadsheet", "People"), _people(sheet, language)),
            (pgettext("spreadsheet", "Entries and exits"), _visits(sheet, language)),
        ]


def _session(sheet: Sheet, language: str) -> list[Cells]:
    voice = Voice((language,))
    heads = (
        pgettext("spreadsheet", "What"),
        pgettext("spreadsheet", "Value"),
        pgettext("spreadsheet", "Until"),
    )
    rows: list[Cells] = [[*heads]]
    rows.append([pgettext("spreadsheet", "Title"), voice.plain(identity.title(voice, sheet.about))])
    for row in identity.rows(voice, sheet.about, is_held=True):
        rows.append([voice.plain(row["term"]), voice.plain(row["words"])])
    state = verifying.state(voice, sheet)
    rows.append(
        [pgettext("spreadsheet", "State"), voice.plain(state["words"] + state["why"]) or _sealed(sheet)]
    )
    zone = sheet.about.timezone
    said = f"{saying.zone_words(sheet.about.starts_at, zone, language)}, {zone}"
    rows.append([pgettext("spreadsheet", "Hours in the time zone"), said])
    for slot in sheet.slots:
        name = voice.plain(identity.half_day(voice, sheet, slot))
        rows.append([f"{name}, {_('Planned')}", _wall(slot.starts_at, sheet), _wall(slot.ends_at, sheet)])
        held = f"{name}, {pgettext('hours of a session', 'Held')}"
        rows.append([held, _wall(slot.held_from, sheet), _wall(slot.held_to, sheet)])
    rows.append([_("Minutes planned"), sheet.planned])
    return rows


def _sealed(sheet: Sheet) -> str:
    seal = sheet.seal
    return f"{verifying.number(sheet)} SHA-256 {seal.digest}" if seal is not None else ""


def _people(sheet: Sheet, language: str) -> list[Cells]:
    """One row a person: who she is, then each half-day, then totals."""
    heads: Cells = [
        _("Name"),
        _("Organisation"),
        _("Country"),
        pgettext("column: what a person does in a session", "Role"),
        _("Answer"),
    ]
    voice = Voice((language,))
    for slot in sheet.slots:
        name = voice.plain(identity.half_day(voice, sheet, slot))
        told = (
            pgettext("paper", "Signature"),
            pgettext("paper", "Present"),
            _("minutes"),
            _("bridged"),
            _("declared"),
            _("replayed"),
            pgettext("minutes", "on site"),
            pgettext("minutes", "corrected"),
            pgettext("paper", "excused"),
            _("not counted"),
        )
        heads += [f"{name}{pause(':', language)}{words}" for words in told]
    heads += [_("Minutes counted"), _("Minutes planned"), pgettext("minutes", "Credited to the plan")]
    heads += [_("Per cent of the plan"), _("Threshold")]
    return [heads, *(_person(sheet, row, language) for row in sheet.rows)]


def _person(sheet: Sheet, row: Row, language: str) -> Cells:
    cells: Cells = [
        row.person.name,
        saying.said(row, "organisation", language)[0],
        str(row.country),
        identity.role(row),
        str(Answer(row.answer).label) if row.is_invited else "",
    ]
    for part in row.parts:
        cells += _part(sheet, part, language)
    met = {True: pgettext("threshold", "met"), False: pgettext("threshold", "not met")}
    verdict = pgettext("threshold", "to be decided") if row.is_undecided else met.get(bool(row.is_met), "")
    return [
        *cells,
        row.minutes,
        sheet.planned,
        row.credited,
        row.percent,
        "" if row.is_met is None and not row.is_undecided else verdict,
    ]


def _part(sheet: Sheet, part: Part, language: str) -> Cells:
    marks = [mark for mark in (part.signature, *part.trainer_marks) if mark is not None]
    yes = pgettext("spreadsheet", "yes")
    return [
        _signed(sheet, marks, language),
        str(Where(part.mode).label) if part.mode else "",
        part.minutes,
        part.bridged,
        part.declared,
        part.replayed,
        part.onsite,
        yes if part.corrected else "",
        yes if part.is_excused else "",
        part.unseen + part.waiting,
    ]


def _signed(sheet: Sheet, marks: Sequence[Mark], language: str) -> Value:
    """The moment of the one signature there is; words, where there is more to say."""
    if len(marks) == 1 and not marks[0].is_declared and not marks[0].is_paper:
        return _wall(marks[0].at, sheet)
    return ", ".join(_mark(sheet, mark, language) for mark in marks)


def _mark(sheet: Sheet, mark: Mark, language: str) -> str:
    if mark.is_declared:
        return pgettext("paper", "declared by %(name)s") % {"name": mark.author_name or _("the team")}
    zone = sheet.about.timezone
    at = f"{identity.short_day(mark.at, zone, language)} {saying.hour(mark.at, zone, language)}"
    return f"{pgettext('paper', 'signed on paper')} ({at})" if mark.is_paper else at


def _visits(sheet: Sheet, language: str) -> list[Cells]:
    voice = Voice((language,))
    heads: Cells = [_("Name"), _("Half-day"), pgettext("paper", "Present"), _("in"), _("out")]
    heads.append(pgettext("spreadsheet", "Offset"))
    rows: list[Cells] = [
        [
            row.person.name,
            voice.plain(identity.half_day(voice, sheet, part.slot)),
            str(Where(part.mode).label) if part.mode else "",
            _wall(start, sheet),
            _wall(end, sheet),
            " – ".join(dict.fromkeys(saying.offset(at, sheet.about.timezone) for at in (start, end))),
        ]
        for row in sheet.rows
        for part in row.parts
        for start, end in part.visits
    ]
    return [heads, *rows]


def _wall(moment: datetime | None, sheet: Sheet) -> Value:
    """Empty where there is none."""
    return moments.local(moment, sheet.about.timezone).replace(tzinfo=None) if moment else ""
