"""What stands under the attendance sheet, in both languages: the rules of the count, what came late, who declared."""

from collections.abc import Callable
from datetime import datetime

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from seminars import saying
from seminars.actions.attendance import SEEN_IN_VIDEO
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
    gap = {"minutes": settings.BRIDGED_GAP_MINUTES}
    free = {"minutes": settings.REPLAY_FREE_MINUTES}
    said = [
        _(
            "Minutes are those of a person within the hours held, over all her devices, each minute once; hours are "
            "those of the server. The percentage is of the planned minutes (%(planned)s)."
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
    return [*said, _late_note()] if any(row.late_at for row in sheet.rows) else said


def _late_note() -> str:
    """The sixth; the mark stands by the name."""
    return _(
        "Reported late: this person's page told of her presence more than %(minutes)s minutes after it happened."
    ) % {"minutes": settings.REPLAY_LATE_MINUTES}


def arrivals(sheet: Sheet) -> list[Pair]:
    """What came after the closing, and what it changed: one sentence a person, in both languages."""
    zone = sheet.session.timezone

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
        words = _(reason) if reason == SEEN_IN_VIDEO else reason
        said.append(
            _("Declared by %(name)s: %(reason)s.")
            % {"name": name or _("the team"), "reason": words.rstrip(".")}
        )
    return said
