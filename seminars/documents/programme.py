"""The programme of a session on one page: what, when, where, by whom; no participant is named."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from seminars import addresses
from seminars.documents import identity
from seminars.documents.blocks import cell, column, line, table
from seminars.documents.notes import Notes
from seminars.documents.voices import Voice, Words, as_written
from seminars.queries.sheets import About, Row, Sheet

SHOWN: frozenset[str] = frozenset()


def document() -> str:
    return _("Programme")


def tables(voice: Voice, sheet: Sheet, notes: Notes) -> list[dict[str, Any]]:
    return [_hours(voice, sheet), *([_team(voice, sheet)] if identity.team(sheet) else [])]


def _hours(voice: Voice, sheet: Sheet) -> dict[str, Any]:
    """Planned hours only: a programme is what was announced."""
    heads = [
        cell(line(voice.say(lambda _l: _("Half-day")))),
        cell(line(voice.say(lambda _l: pgettext("paper", "Hours")))),
        cell(line(voice.say(lambda _l: pgettext("paper", "Length"))), align="end"),
    ]
    rows = [
        [
            cell(line(identity.half_day(voice, sheet, slot), "strong"), head=True),
            cell(line(identity.hours(voice, sheet, slot.starts_at, slot.ends_at))),
            cell(line(identity.length(voice, slot.starts_at, slot.ends_at)), align="end"),
        ]
        for slot in sheet.slots
    ]
    title = voice.say(lambda _l: pgettext("paper", "Hours"))
    return table(title, [column(3), column(5), column(24, fixed=True, align="end")], heads, rows)


def _team(voice: Voice, sheet: Sheet) -> dict[str, Any]:
    heads = [
        cell(line(voice.say(lambda _l: _("Name")))),
        cell(line(voice.say(lambda _l: pgettext("column: what a person does in a session", "Role")))),
        cell(line(voice.say(lambda _l: _("Organisation")))),
        cell(line(voice.say(lambda _l: _("Country")))),
    ]
    rows = [
        [
            cell(line(as_written(row.person.name), "strong"), head=True),
            cell(line(_role(voice, row))),
            cell(line(identity.names(voice, row.organisation_fr, row.organisation_it))),
            cell(line(as_written(str(row.country)))),
        ]
        for row in identity.team(sheet)
    ]
    title = voice.say(lambda _l: pgettext("people who run a session", "Team"))
    columns = [column(3), column(3), column(4), column(16, fixed=True)]
    return table(title, columns, heads, rows, whole=True)


def _role(voice: Voice, row: Row) -> Words:
    return voice.say(lambda _l: identity.role(row))


def summary(voice: Voice, about: About) -> dict[str, Any] | None:
    """What the session is about, as it was written; of a sealed sheet, by the day of its seal."""
    words: Words = voice.named(about, "summary")
    if not words:
        return None
    head = voice.say(lambda _l: pgettext("paper", "Purpose and content"))
    return {
        "head": head,
        "items": [{"language": each["language"], "lines": _lines(each["text"])} for each in words],
    }


def _lines(text: str) -> list[str]:
    return [one.strip() for one in text.splitlines() if one.strip()]


def address(sheet: Sheet) -> str:
    return addresses.session(sheet.about.code)
