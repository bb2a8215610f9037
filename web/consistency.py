"""The words of the consistency report: one sentence a line, in the reader's language, without the names."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import translation
from django.utils.functional import Promise
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from seminars import saying
from seminars.models import Session
from seminars.queries.consistency import Finding
from seminars.queries.sheets import Sheet
from seminars.vocabulary import Country

Words = str | Promise
PLAIN: Mapping[str, Words] = {
    "signed_at_once": gettext_lazy("These people signed within the same minute, from %(hour)s on."),
    "signed_outside_hours": gettext_lazy("Signed outside the hours in which this half-day may be signed."),
    "paper_without_page": gettext_lazy(
        "Typed in as signed on paper, and no scanned page of that paper is kept."
    ),
    "signed_without_connection": gettext_lazy(
        "Signed as present by video; the system saw no connection in this half-day."
    ),
    "signed_after_end": gettext_lazy("Signed after the end: declare the minutes."),
    "signed_without_minutes": gettext_lazy("Signed, but no minute of this half-day counts."),
    "room_unwitnessed": gettext_lazy(
        "Signed in the room, without the code shown there, a check-in, or an answer to a presence check."
    ),
    "unsigned": gettext_lazy("Present, but did not sign this half-day."),
    "nobody_signed": gettext_lazy("Nobody who was present signed this half-day."),
    "not_countersigned": gettext_lazy("No trainer has signed this half-day yet."),
    "absent": gettext_lazy("Said yes, did not come, and is not marked as excused."),
    "uninvited": gettext_lazy("Present without an invitation."),
    "walk_in_open": gettext_lazy("Came without an invitation; nobody has confirmed it yet."),
    "declined_present": gettext_lazy("Said no, and was present."),
    "excused_present": gettext_lazy(
        "Marked as excused, but there or signed all the same; no minute of this half-day counts."
    ),
    "over_capacity": gettext_lazy("%(present)s participants were present; there are %(capacity)s seats."),
    "not_held": gettext_lazy("Planned, but not held."),
    "held_differs": gettext_lazy("Held %(held)s, which is not what was planned."),
    "no_server_event": gettext_lazy(
        "The server saw no connection at all; the minutes rest on what was declared."
    ),
    "same_device": gettext_lazy("Signed for more than one person through one and the same connection."),
    "person_elsewhere": gettext_lazy(
        "Counted in another session at the same time: %(length)s between %(start)s and %(end)s."
    ),
    "trainer_elsewhere": gettext_lazy(
        "A member of the team was in another session at the same time: %(length)s between %(start)s and %(end)s."
    ),
    "same_place": gettext_lazy("Another session was held in the same place at the same time: %(place)s."),
    "outside_hours": gettext_lazy("Connected long before or after the hours of the session."),
    "holiday": gettext_lazy("%(day)s is a public holiday (%(countries)s)."),
    "sunday": gettext_lazy("%(day)s: the weekly day of rest."),
    "title_changed": gettext_lazy(
        "The title has changed since the first letter of %(told)s. It was: %(before)s. It is: %(after)s."
    ),
    "hours_changed": gettext_lazy("The hours have changed since the first letter of %(told)s."),
}
"""By kind of finding; every kind has one."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the report as a page shows it; `reason` and `author` are of who explained it, or empty."""

    finding: Finding
    words: str
    where: str
    names: tuple[str, ...]
    address: str
    reason: str = ""
    author: str = ""

    @property
    def is_open(self) -> bool:
        """Must be explained before a seal, and is not."""
        return self.finding.level == "bad" and not self.reason


def words(finding: Finding, session: Session) -> str:
    """One sentence in the active language."""
    return str(PLAIN[finding.kind]) % _facts(finding, session)


def where(finding: Finding, sheet: Sheet) -> str:
    """Which half-days, where a session has several; empty for the whole session."""
    if len(sheet.slots) < 2:
        return ""
    return _listed([_("Half-day %(n)s") % {"n": slot.number} for slot in finding.slots])


def _listed(several: list[str]) -> str:
    return get_text_list(several, pgettext("before the last of a list", "and"))


def lines(findings: tuple[Finding, ...], session: Session, sheet: Sheet) -> list[Line]:
    """The report with its reasons, in its order."""
    said = {key: (reason, name) for key, reason, name in sheet.explanations}
    return [
        Line(
            finding,
            words(finding, session),
            where(finding, sheet),
            tuple(person.name for person in finding.people),
            reverse(finding.link[0], args=finding.link[1]),
            *said.get(finding.key, ("", "")),
        )
        for finding in findings
    ]


def _facts(finding: Finding, session: Session) -> dict[str, str]:
    """The finding's facts as words, on the session's clock."""
    facts, zone, language = finding.facts, session.timezone, translation.get_language() or "en"
    found = {name: str(value) for name, value in facts.items() if isinstance(value, str | int)}
    say: dict[str, Callable[[Any], str]] = {
        "start": lambda at: saying.hour(at, zone, language),
        "end": lambda at: saying.hour(at, zone, language),
        "countries": lambda codes: _listed([str(Country(code).label) for code in codes]),
    }
    found |= {name: turn(facts[name]) for name, turn in say.items() if name in facts}
    if "minutes" in facts:
        found["length"] = saying.duration(facts["minutes"], language)
    if isinstance(at := facts.get("at"), datetime):
        day = saying.day(at, zone, language)
        found |= {"hour": saying.hour(at, zone, language), "day": day[:1].upper() + day[1:]}
    if "told_at" in facts:
        found["told"] = saying.day(facts["told_at"], zone, language)
    if "held_from" in facts:
        found["held"] = saying.hours(facts["held_from"], facts["held_to"], zone, language)
    return found
