"""The numbered notes of a paper: each class of presence that its sheet holds, marked in its place, explained below."""

from collections.abc import Callable, Iterable

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from seminars.documents.voices import Voice, Words
from seminars.queries.sealed import rule
from seminars.queries.sheets import Mark, Part, Row, Sheet

Explains = Callable[[Sheet], str]


def _count(sheet: Sheet) -> str:
    return _(
        "Minutes are those of a person within the hours held, over all her devices, each minute once; hours are "
        "those of the server. The percentage is of the planned minutes (%(planned)s): of each half-day at most the "
        "minutes planned for it go towards them."
    ) % {"planned": sheet.planned}


def _signed(sheet: Sheet) -> str:
    return pgettext(
        "paper",
        "Signed: the person herself, on her own page, by her personal link or by the code shown in the room, with her "
        "name typed, from %(opens)s minutes before the planned start of the half-day to %(closes)s minutes after its "
        "end, planned or held, whichever is later; trainers and tutors from its start until the sheet is sealed. The "
        "hour is the server’s. No signature is drawn.",
    ) % {"opens": rule(sheet, "sign_opens_minutes"), "closes": rule(sheet, "sign_closes_minutes")}


def _sealing(_sheet: Sheet) -> str:
    return pgettext(
        "paper",
        "Countersigned by sealing: whoever sealed the sheet signed with it, her name typed once, every half-day held "
        "that she had not countersigned before.",
    )


def _late(_sheet: Sheet) -> str:
    return pgettext(
        "paper",
        "Signed late or forgotten: the trainer declares this signature; the reason stands under the remarks.",
    )


def _paper(_sheet: Sheet) -> str:
    return pgettext("paper", "On paper: signed by hand on a printed sheet and typed in by the person named.")


def _onsite(sheet: Sheet) -> str:
    return pgettext(
        "paper",
        "On site: from the signature in the room, or the arrival noted there, until the leaving noted, or the end of "
        "the half-day. Whoever signs or arrives no later than %(grace)s minutes after the beginning counts from the "
        "beginning; on paper, and where a signature is declared, the hours written there count, else the whole "
        "half-day. A signature after the end gives no minute.",
    ) % {"grace": rule(sheet, "sign_opens_minutes")}


def _bridged(sheet: Sheet) -> str:
    gap = {"minutes": rule(sheet, "bridged_gap_minutes")}
    return _("Bridged: gaps under %(minutes)s minutes between two presences, counted.") % gap


def _declared(_sheet: Sheet) -> str:
    return _("Declared: the system did not see these minutes; the trainer declares them, and they count.")


def _replayed(sheet: Sheet) -> str:
    return _(
        "Replayed: told by the person's own page after its line was cut; up to %(minutes)s minutes of a half-day "
        "count."
    ) % {"minutes": rule(sheet, "replay_free_minutes")}


def _open(sheet: Sheet) -> str:
    return _(
        "Not counted: in the video while the page slept, so that nobody saw; or replayed, where that is more than "
        "%(minutes)s minutes. They count once the trainer declares them."
    ) % {"minutes": rule(sheet, "replay_free_minutes")}


def _reported(sheet: Sheet) -> str:
    return _(
        "Reported late: this person's page told of her presence more than %(minutes)s minutes after it happened."
    ) % {"minutes": rule(sheet, "replay_late_minutes")}


def _corrected(_sheet: Sheet) -> str:
    return pgettext(
        "paper",
        "Corrected: the trainer replaced what was recorded; the reason stands under the remarks, and the record stays "
        "as it was.",
    )


def _excused(_sheet: Sheet) -> str:
    return pgettext("paper", "Excused: an absence that was announced; no minute counts.")


def _walk_in(_sheet: Sheet) -> str:
    return pgettext(
        "paper", "Not invited: signed in the room, and was there by the word of the person who hosts."
    )


def _walk_in_open(_sheet: Sheet) -> str:
    return pgettext(
        "paper", "Not invited: signed in the room; the person who hosts has not confirmed it yet."
    )


def _substitute(_sheet: Sheet) -> str:
    return pgettext("paper", "Substitution: comes in the place of the person named, by her own wish.")


def _check(sheet: Sheet) -> str:
    return pgettext(
        "paper",
        "Presence check: asked at an unannounced minute; answered later than %(minutes)s minutes counts as late, and "
        "no absence follows from it.",
    ) % {"minutes": rule(sheet, "check_minutes")}


EXPLAINED: dict[str, Explains] = {
    "count": _count,
    "signed": _signed,
    "sealing": _sealing,
    "late": _late,
    "paper": _paper,
    "onsite": _onsite,
    "bridged": _bridged,
    "declared": _declared,
    "replayed": _replayed,
    "open": _open,
    "reported": _reported,
    "corrected": _corrected,
    "excused": _excused,
    "walk_in": _walk_in,
    "walk_in_open": _walk_in_open,
    "substitute": _substitute,
    "check": _check,
}
"""In the order in which they are numbered."""
MINUTES = frozenset({"onsite", "bridged", "declared", "replayed", "open"})


def of_mark(mark: Mark) -> str:
    """Which of the notes on signatures tells of this one."""
    if mark.is_declared or mark.is_paper:
        return "late" if mark.is_declared else "paper"
    return "sealing" if mark.by == "seal" else "signed"


def of_part(part: Part) -> set[str]:
    """Classes of one person in one half-day."""
    found = {name for name in ("onsite", "bridged", "declared", "replayed") if getattr(part, name)}
    if part.unseen or part.waiting:
        found.add("open")
    if part.corrected:
        found.add("corrected")
    if part.is_excused:
        found.add("excused")
    for mark in (part.signature, *part.trainer_marks):
        if mark is not None:
            found.add(of_mark(mark))
    return found | ({"check"} if any(is_late for _asked, _answered, is_late in part.checks) else set())


def of_row(row: Row) -> set[str]:
    """Classes of one person as such."""
    found = {"reported"} if row.late_at else set()
    if row.is_walk_in:
        found.add("walk_in_open" if row.walk_in_state == "open" else "walk_in")
    return found | ({"substitute"} if row.replaces or row.replaced_by else set())


class Notes:
    """Numbers for the classes that a sheet holds, of those that a paper shows; `count` always has one."""

    def __init__(self, voice: Voice, sheet: Sheet, shown: Iterable[str]) -> None:
        self.voice, self.sheet = voice, sheet
        held = {"count"}.union(*(of_row(row) for row in sheet.rows))
        held = held.union(*(of_part(part) for row in sheet.rows for part in row.parts))
        wanted = held & set(shown)
        self.numbers = {name: at for at, name in enumerate((each for each in EXPLAINED if each in wanted), 1)}

    def marks(self, *names: str) -> str:
        """`2, 5`: the numbers of these classes, of those that have one."""
        found = sorted(self.numbers[name] for name in set(names) if name in self.numbers)
        return ",\u202f".join(map(str, found))

    def listed(self) -> list[dict[str, object]]:
        return [{"mark": str(at), "words": self._words(EXPLAINED[name])} for name, at in self.numbers.items()]

    def _words(self, explains: Explains) -> Words:
        return self.voice.say(lambda _language: explains(self.sheet))
