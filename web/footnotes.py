"""What stands under the attendance sheet, in both languages: the rules of the count, what came late, who declared."""

from collections.abc import Callable
from datetime import datetime

from django.utils import translation
from django.utils.translation import gettext as _

from seminars import saying
from seminars.queries import reasons
from seminars.queries.sealed import rule
from seminars.queries.sheets import Row, Sheet
from web.sheet import Pair, both, tongues


def notes(sheet: Sheet) -> list[tuple[str, list[str]]]:
    """The counting rule, and each class of minutes, in both languages."""
    found = []
    for tongue in tongues():
        with translation.override(tongue):
            found.append((tongue, _notes(sheet)))
    return found[:1] if found[0][1] == found[1][1] else found


def _notes(sheet: Sheet) -> list[str]:
    gap = {"minutes": rule(sheet, "bridged_gap_minutes")}
    free = {"minutes": rule(sheet, "replay_free_minutes")}
    said = [
        _(
            "Minutes are those of a person within the hours held, over all her devices, each minute once; hours are "
            "those of the server. The percentage is of the planned minutes (%(planned)s): of each half-day at most the "
            "minutes planned for it go towards them."
        )
        % {"planned": sheet.planned},
        _("Bridged: gaps under %(minutes)s minutes between two presences, counted.") % gap,
        _("Declared: the system did not see these minutes; the trainer declares them, and they count."),
        _(
            "Replayed: told by the person's own page after its line was cut; up to %(minutes)s minutes of a half-day "
            "count."
        )
        % free,
        _(
            "Not counted: in the video while the page slept, so that nobody saw; or replayed, where that is more than "
            "%(minutes)s minutes. They count once the trainer declares them."
        )
        % free,
    ]
    return [*said, *(say(sheet) for name, say in MORE.items() if APPLIES[name](sheet))]


def _late(sheet: Sheet) -> str:
    return _(
        "Reported late: this person's page told of her presence more than %(minutes)s minutes after it happened."
    ) % {"minutes": rule(sheet, "replay_late_minutes")}


def _onsite(_sheet: Sheet) -> str:
    return _(
        "On site: in the room from signing or checking in until checking out or the end of the half-day; on paper "
        "and where a signature is declared, for the hours written there, else for the whole half-day."
    )


def _signed(sheet: Sheet) -> str:
    return _(
        "Signed: by the person herself, from %(opens)s minutes before a half-day to %(closes)s minutes after it, by "
        "the hour of the server. A signature that is declared comes from the trainer, with the reason beneath."
    ) % {"opens": rule(sheet, "sign_opens_minutes"), "closes": rule(sheet, "sign_closes_minutes")}


def _corrected(_sheet: Sheet) -> str:
    return _(
        "Corrected: the trainer has put these times in the place of all others, with the reason beneath."
    )


MORE: dict[str, Callable[[Sheet], str]] = {
    "late": _late,
    "onsite": _onsite,
    "signed": _signed,
    "corrected": _corrected,
}
"""Notes that stand only where something on the sheet needs them, after the first five."""
APPLIES: dict[str, Callable[[Sheet], bool]] = {
    "late": lambda sheet: any(row.late_at for row in sheet.rows),
    "onsite": lambda sheet: any(row.onsite for row in sheet.rows),
    "signed": lambda sheet: any(
        part.signature or part.trainer_marks for row in sheet.rows for part in row.parts
    ),
    "corrected": lambda sheet: any(row.is_corrected for row in sheet.rows),
}
FIRST = 5


def marks(sheet: Sheet) -> dict[str, int]:
    """The number of each further note that stands on this sheet, by its name."""
    there = [name for name in MORE if APPLIES[name](sheet)]
    return {name: FIRST + number for number, name in enumerate(there, 1)}


def explanations(sheet: Sheet) -> list[str]:
    """Reasons given for lines of the consistency report, as they were written."""
    return [
        _("Explained by %(name)s: %(reason)s.")
        % {"name": name or _("the team"), "reason": reason.rstrip(".")}
        for _finding, reason, name in sheet.explanations
    ]


def withdrawn(sheet: Sheet) -> list[str]:
    """Who signed without being invited and was not there, says a host: listed apart, counted nowhere."""
    return [row.person.name for row in sheet.withdrawn]


def arrivals(sheet: Sheet) -> list[Pair]:
    """What came after the closing, and what it changed: one sentence a person, in both languages."""
    zone = sheet.about.timezone

    def say(row: Row, at: datetime) -> Callable[[str], str]:
        def said(tongue: str) -> str:
            hour = f"{saying.hour(at, zone, tongue)}, {saying.zone_words(at, zone, tongue)}"
            return _(
                "Arrived after the closing, on %(day)s, %(hour)s: %(name)s, %(length)s. Minutes counted without it: "
                "%(without)s; with it: %(minutes)s."
            ) % {
                "day": saying.day(at, zone, tongue),
                "hour": hour,
                "name": row.person.name,
                "length": saying.duration(row.arrived, tongue),
                "without": row.minutes_without,
                "minutes": row.minutes,
            }

        return said

    return [both(say(row, row.arrived_at)) for row in sheet.rows if row.arrived_at]


def declarations(sheet: Sheet) -> list[str]:
    """Who declared, and why; a reason that somebody wrote stays as it was written."""
    said = []
    for name, reason in sheet.declarations:
        words = reasons.said(reason).rstrip(".")
        said.append(_("Declared by %(name)s: %(reason)s.") % {"name": name or _("the team"), "reason": words})
    return said
