"""What a cell says of one person: who she is, how and when she signed, when she was there; the same on every paper."""

from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from seminars import moments, saying
from seminars.documents.blocks import Cell, Line, cell, line
from seminars.documents.identity import names, role
from seminars.documents.notes import Notes, of_mark, of_part, of_row
from seminars.documents.voices import Voice, Words, as_written
from seminars.moments import Span
from seminars.queries.sheets import Mark, Part, Row, Sheet
from seminars.queries.signing import as_team
from seminars.vocabulary import Hand, Where


class Cells:
    """Writes the cells of one sheet in one voice; marks go by the numbers of `notes`."""

    def __init__(self, voice: Voice, sheet: Sheet, notes: Notes) -> None:
        self.voice, self.sheet, self.notes = voice, sheet, notes
        self.zone = sheet.about.timezone

    def who(self, row: Row, *, with_role: bool = False) -> Cell:
        """The name, which heads its row; beneath it her role, and in whose place she is."""
        marks = self.notes.marks(*of_row(row))
        small = [
            line(self.voice.say(lambda _l: role(row)), "small") if with_role else None,
            line(self._instead(row), "small"),
        ]
        return cell(line(as_written(row.person.name), "strong", marks), *small, head=True)

    def _instead(self, row: Row) -> Words:
        if row.replaces:
            return self.voice.say(
                lambda _l: pgettext("paper", "in the place of %(name)s") % {"name": row.replaces}
            )
        if row.replaced_by:
            return self.voice.say(
                lambda _l: pgettext("paper", "represented by %(name)s") % {"name": row.replaced_by}
            )
        return []

    def organisation(self, row: Row) -> Cell:
        return cell(line(names(self.voice, row.organisation_fr, row.organisation_it)))

    def country(self, row: Row) -> Cell:
        return cell(line(as_written(str(row.country))))

    def _is_other_day(self, at: datetime, part: Part) -> bool:
        return moments.local(at, self.zone).date() != moments.local(part.slot.starts_at, self.zone).date()

    def hour(self, at: datetime, language: str, part: Part) -> str:
        """The hour; with its day where that is not the half-day's, and its offset where the clock changed between."""
        said = self._clock(at, language, part)
        if self._is_other_day(at, part):
            said = f"{saying.short_day(at, self.zone, language)}, {said}"
        return said

    def _clock(self, at: datetime, language: str, part: Part) -> str:
        said, start = saying.hour(at, self.zone, language), part.slot.starts_at
        if saying.offset(at, self.zone) != saying.offset(start, self.zone):
            said = f"{said} ({saying.offset(at, self.zone)})"
        return said

    def signature(self, row: Row, part: Part, *, minutes: bool = True) -> Cell:
        """How and when she signed a half-day, or why there is no signature."""
        mark = part.signature or (None if row.is_guest else next(iter(part.trainer_marks), None))
        if mark is None and not self._was_held(part):
            return self._not_held()
        if not row.is_guest:
            return self._of_team(row, part)
        if mark is None:
            return self._unsigned(row, part)
        counted = self._minutes(part) if minutes else None
        return cell(
            *self._mark(mark, part), line(self._asked_late(part), "small", self.notes.marks("check")), counted
        )

    def _was_held(self, part: Part) -> bool:
        """Whether it has begun; of a closed session, whether it took place at all."""
        if self.sheet.is_final:
            return part.slot.held_from is not None
        return part.slot.starts_at <= self.sheet.until

    def _not_held(self) -> Cell:
        """Nobody is absent from what did not take place; what is to come stays empty."""
        if not self.sheet.is_final:
            return cell()
        return cell(line(self.voice.say(lambda _l: pgettext("half-day", "not held")), "quiet"))

    def _asked_late(self, part: Part) -> Words:
        if not any(is_late for _asked, _answered, is_late in part.checks):
            return []
        return self.voice.say(lambda _l: pgettext("paper", "presence check answered late"))

    def _mark(self, mark: Mark, part: Part) -> list[Line]:
        return [
            line(
                self.voice.say(lambda language: self._signed(mark, part, language)),
                "strong",
                self.notes.marks(of_mark(mark)),
            ),
            line(self.voice.say(lambda _l: _ways(mark)), "small"),
            line(as_written(mark.reason if mark.is_declared else ""), "small"),
        ]

    def _signed(self, mark: Mark, part: Part, language: str) -> str:
        if mark.is_declared:
            return pgettext("paper", "declared by %(name)s") % {"name": mark.author_name or _("the team")}
        if mark.is_paper:
            return pgettext("paper", "signed on paper")
        given = {"hour": self._clock(mark.at, language, part)}
        is_hers = mark.hand == Hand.PARTICIPANT
        if self._is_other_day(mark.at, part):
            given["day"] = saying.day_of_month(mark.at, self.zone, language)
            words = (
                pgettext("paper", "signed on %(day)s at %(hour)s")
                if is_hers
                else pgettext("paper", "countersigned on %(day)s at %(hour)s")
            )
            return words % given
        words = (
            pgettext("paper", "signed %(hour)s") if is_hers else pgettext("paper", "countersigned %(hour)s")
        )
        return words % given

    def _of_team(self, row: Row, part: Part) -> Cell:
        """Countersignatures, and the signature of whoever of the team signs as everybody does."""
        marks = [*part.trainer_marks, *filter(None, [part.signature])]
        if marks:
            return cell(*(each for mark in marks for each in self._mark(mark, part)))
        vouches = as_team({row.role}) != Hand.PARTICIPANT
        said = self.voice.say(
            lambda _l: pgettext("paper", "not countersigned") if vouches else pgettext("paper", "not signed")
        )
        return cell(line(said, "quiet"))

    def _unsigned(self, row: Row, part: Part) -> Cell:
        """No signature: excused, absent, or there without having signed."""
        if part.is_excused:
            said, marks = self.voice.say(lambda _l: pgettext("paper", "excused")), self.notes.marks("excused")
            return cell(line(said, "quiet", marks))
        if not (part.minutes or part.unseen or part.waiting):
            return cell(line(self.voice.say(lambda _l: _("absent")), "quiet"))
        unsigned = self.voice.say(lambda _l: pgettext("paper", "not signed"))
        return cell(line(unsigned, "quiet"), self._minutes(part))

    def _minutes(self, part: Part) -> Line:
        """The minutes counted of a half-day, with the classes they hold."""
        said = self.voice.say(
            lambda language: (
                pgettext("paper", "present %(length)s") % {"length": saying.duration(part.minutes, language)}
            )
        )
        classes = of_part(part) & {"onsite", "bridged", "declared", "replayed", "open", "corrected"}
        return line(said, "small", self.notes.marks(*classes))

    def visits(self, part: Part) -> Cell:
        """Every entry and exit that counts, one line each."""
        spans = part.visits or part.times
        return cell(*(line(self._span(span, part)) for span in spans))

    def _span(self, span: Span, part: Part) -> Words:
        """In the first voice alone: figures are read in both."""
        return as_written("\u00a0–\u2060\u00a0".join(self.hour(at, self.voice.first, part) for at in span))

    def classes(self, part: Part) -> Cell:
        """Of which bridged, declared …: minutes by class, each with the number of its note."""
        lines = [
            line(self._class(name, getattr(part, name)), "plain", self.notes.marks(name))
            for name in ("onsite", "bridged", "declared", "replayed")
            if getattr(part, name)
        ]
        if part.corrected:
            said = self.voice.say(lambda _l: pgettext("minutes", "corrected"))
            lines.append(line(said, "plain", self.notes.marks("corrected")))
        return cell(*lines)

    def _class(self, name: str, minutes: int) -> Words:
        return self.voice.say(lambda _l: f"{minutes}\u00a0min {_class_words(name)}")

    def share(self, row: Row) -> list[Line]:
        """Per cent of the plan; beneath it the minutes that go towards it, where more were counted."""
        credited = {"credited": row.credited, "planned": self.sheet.planned}
        words = self.voice.say(lambda _l: pgettext("paper", "%(credited)s of %(planned)s min") % credited)
        whole = line(as_written(f"{row.percent}\u00a0%"), "strong")
        return [whole] if row.credited == row.minutes else [whole, line(words[:1], "small")]

    def mode(self, part: Part) -> Cell:
        if not part.mode:
            return cell()
        return cell(line(self.voice.say(lambda _l: str(Where(part.mode).label))))


def _class_words(name: str) -> str:
    return {
        "onsite": pgettext("minutes", "on site"),
        "bridged": _("bridged"),
        "declared": _("declared"),
        "replayed": _("replayed"),
    }[name]


def _ways(mark: Mark) -> str:
    """By which way she signed, and from where."""
    ways = {
        "page": pgettext("paper", "own page"),
        "code": pgettext("paper", "code shown in the room"),
        "link": pgettext("paper", "personal link"),
        "walk_in": pgettext("paper", "code shown in the room"),
        "seal": pgettext("paper", "by sealing the sheet"),
    }
    way = ways.get(mark.by, "")
    if mark.is_paper and mark.author_name:
        way = pgettext("paper", "typed in by %(name)s") % {"name": mark.author_name}
    where = str(Where(mark.mode).label) if mark.mode else ""
    return ", ".join(dict.fromkeys(filter(None, [where, way])))
