"""What every paper of a session says of it: title, day, hours planned and held, place, organisers, team, state."""

from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from seminars import moments, saying
from seminars.documents.blocks import cell, column, line, table
from seminars.documents.project import provider
from seminars.documents.voices import Voice, Words, as_written
from seminars.models import Slot
from seminars.queries.sheets import About, Row, Sheet
from seminars.vocabulary import Kind, Mode, Role

Identity = list[dict[str, Any]]


def title(voice: Voice, about: About) -> Words:
    """The session's title in the paper's languages; one that has none is known by its day."""
    words = voice.named(about, "title")
    return words or day(voice, about)


def day(voice: Voice, about: About) -> Words:
    """`jeudi 4 février 2027`, or the first and the last day."""
    zone = about.timezone

    def said(language: str) -> str:
        first, last = (saying.day(at, zone, language) for at in (about.starts_at, about.ends_at))
        if first == last:
            return first
        return pgettext("days of a session", "%(first)s to %(last)s") % {"first": first, "last": last}

    return voice.say(said)


def names(voice: Voice, fr: str, it: str) -> Words:
    """An organisation's name in the paper's languages, each where the other lacks it."""
    return voice.say(lambda language: (it or fr) if language == "it" else (fr or it))


def rows(voice: Voice, about: About, *, is_held: bool) -> Identity:
    """Term and words of each row, empty ones left out; of a session that was held, also what went otherwise."""
    found: list[tuple[Words, Words]] = [
        (voice.say(lambda _l: _("Date")), day(voice, about)),
        (voice.say(lambda _l: pgettext("paper", "Kind")), voice.say(lambda _l: str(Kind(about.kind).label))),
        (voice.say(lambda _l: _("Organised by")), voice.say(lambda language: _organisers(about, language))),
        (voice.say(lambda _l: _("Mode and place")), voice.say(lambda _l: _where(about))),
        (voice.say(lambda _l: _("Activity")), voice.say(lambda language: _activity(about, language))),
        (voice.say(lambda _l: _("Training scheme")), as_written(about.scheme)),
        *provider(voice, about.project),
        *(_held(voice, about) if is_held else []),
        (voice.say(lambda _l: pgettext("paper", "Reference")), as_written(about.code)),
    ]
    return [{"term": term, "words": words} for term, words in found if words]


def _held(voice: Voice, about: About) -> list[tuple[Words, Words]]:
    return [
        (voice.say(lambda _l: _("Reason for the difference")), as_written(about.held_reason)),
        (voice.say(lambda _l: pgettext("paper", "Incident")), as_written(about.incident)),
    ]


def role(row: Row) -> str:
    return str(Role(row.role).label).lower()


def guests(sheet: Sheet) -> list[Row]:
    """Participants in the order of the sheet, without walk-ins whom the host did not see."""
    return [row for row in sheet.rows if row.is_guest and row.walk_in_state != "refused"]


def team(sheet: Sheet) -> list[Row]:
    return [row for row in sheet.rows if not row.is_guest]


def _organisers(about: About, language: str) -> str:
    every = [(fr, it, country) for fr, it, country in about.organisers]
    if not every:
        return (about.host_it or about.host_fr) if language == "it" else (about.host_fr or about.host_it)
    return " · ".join(
        f"{(it or fr) if language == 'it' else (fr or it)} ({country})" for fr, it, country in every
    )


def _where(about: About) -> str:
    mode = str(Mode(about.mode).label)
    if not about.place:
        return mode
    return _("%(mode)s, %(place)s") % {"mode": mode, "place": about.place}


def _activity(about: About, language: str) -> str:
    name = (about.activity_it or about.activity_fr) if language == "it" else about.activity_fr
    return f"{about.activity_code} {name}".strip()


def present(voice: Voice, sheet: Sheet) -> Words:
    """How many took part, the team apart: the same on every paper and where it is verified."""
    count = {"n": sheet.present}
    return voice.say(
        lambda _l: ngettext("%(n)s person present", "%(n)s people present", sheet.present) % count
    )


def short_day(moment: date, zone: str, language: str) -> str:
    """`jeu 4 fév 2027`: a paper is read years later."""
    on = moments.local(moment, zone).date() if isinstance(moment, datetime) else moment
    return f"{saying.short_day(on, zone, language)} {on.year}"


def half_day(voice: Voice, sheet: Sheet, slot: Slot) -> Words:
    """`Matin`; `Jeu 4 fév 2027, après-midi` where there are several days."""
    zone = sheet.about.timezone
    days = {moments.local(each.starts_at, zone).date() for each in sheet.slots}

    def said(language: str) -> str:
        part = part_of_day(slot, zone)
        words = f"{short_day(slot.starts_at, zone, language)}, {part}" if len(days) > 1 else part
        return words[:1].upper() + words[1:]

    return voice.say(said)


def half_of_day(voice: Voice, sheet: Sheet, slot: Slot) -> Words:
    """`Matin`, where the day is known."""
    return voice.say(lambda _l: part_of_day(slot, sheet.about.timezone).capitalize())


def part_of_day(slot: Slot, zone: str) -> str:
    """By the middle of the half-day on the wall clock of its zone."""
    hour = moments.local(slot.starts_at + (slot.ends_at - slot.starts_at) / 2, zone).hour
    if hour < 13:
        return pgettext("half-day", "morning")
    return pgettext("half-day", "afternoon") if hour < 18 else pgettext("half-day", "evening")


def hours(voice: Voice, sheet: Sheet, start: datetime | None, end: datetime | None) -> Words:
    """`9 h 30 à 12 h 30, heure de Paris (UTC+1)`; nothing without both."""
    zone = sheet.about.timezone
    if start is None or end is None:
        return []
    return voice.say(
        lambda language: (
            f"{saying.hours(start, end, zone, language)}, {saying.zone_words(start, zone, language)}"
        )
    )


def minutes_of(start: datetime | None, end: datetime | None) -> int:
    return int((end - start).total_seconds() // 60) if start and end else 0


def length(voice: Voice, start: datetime | None, end: datetime | None) -> Words:
    """`3 h`; nothing of no time."""
    minutes = minutes_of(start, end)
    return voice.say(lambda language: saying.duration(minutes, language)) if minutes else []


def half_days(voice: Voice, sheet: Sheet) -> dict[str, Any]:
    """The table of half-days: planned and held hours with their zone and offset, and minutes."""

    def row(slot: Slot) -> list[dict[str, Any]]:
        held = hours(voice, sheet, slot.held_from, slot.held_to)
        not_held = voice.say(lambda _l: pgettext("half-day", "not held")) if sheet.is_final else []
        return [
            cell(line(as_written(str(slot.number))), align="end"),
            cell(line(half_day(voice, sheet, slot), "strong"), head=True),
            cell(line(hours(voice, sheet, slot.starts_at, slot.ends_at))),
            cell(line(length(voice, slot.starts_at, slot.ends_at)), align="end"),
            cell(line(held or not_held)),
            cell(line(length(voice, slot.held_from, slot.held_to)), align="end"),
        ]

    heads = [
        cell(line(voice.say(lambda _l: pgettext("column: number of a row", "No."))), align="end"),
        cell(line(voice.say(lambda _l: _("Half-day")))),
        cell(line(voice.say(lambda _l: _("Planned")))),
        cell(line(voice.say(lambda _l: pgettext("paper", "Length"))), align="end"),
        cell(line(voice.say(lambda _l: pgettext("hours of a session", "Held")))),
        cell(line(voice.say(lambda _l: pgettext("paper", "Length"))), align="end"),
    ]
    columns = [column(9, fixed=True), column(2), column(4), column(1.2), column(4), column(1.2)]
    shown = voice.say(lambda _l: pgettext("paper", "Hours"))
    return table(shown, columns, heads, [row(slot) for slot in sheet.slots])
