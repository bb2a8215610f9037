"""The trainer's desk in words: what each half-day of a person stands at, every event of the ledger as a sentence."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _

from seminars import saying
from seminars.models import PresenceEvent, Session, Slot
from seminars.moments import now
from seminars.queries import reasons
from seminars.queries.sheets import Mark, Part, Row, Sheet
from seminars.vocabulary import Hand, Role, Where


@dataclass(frozen=True, slots=True)
class Standing:
    """One half-day of one person: an icon of the sprite, words, and a second line."""

    icon: str
    words: str
    more: str = ""
    is_open: bool = False
    """Something is left for the trainer to say."""


def _tongue() -> str:
    return saying.plain(get_language() or "en")


def hour(moment: datetime, zone: str) -> str:
    return saying.hour(moment, zone, _tongue())


def half_day(slot: Slot, slots: tuple[Slot, ...], zone: str) -> str:
    """`Half-day 1`, with its day where they are on several; `Half-day` where there is one."""
    if len(slots) == 1:
        return _("Half-day")
    days = {saying.local(each.starts_at, zone).date() for each in slots}
    named = _("Half-day %(n)s") % {"n": slot.number}
    return f"{named}, {saying.short_day(slot.starts_at, zone, _tongue())}" if len(days) > 1 else named


def half_days(sheet: Sheet) -> dict[int, tuple[Slot, str]]:
    """Each half-day with its name and planned hours, by number: for choices in forms."""
    zone = sheet.session.timezone
    return {
        slot.number: (
            slot,
            f"{half_day(slot, sheet.slots, zone)}, {saying.hours(slot.starts_at, slot.ends_at, zone, _tongue())}",
        )
        for slot in sheet.slots
    }


def signature(mark: Mark, zone: str) -> str:
    """`signed at 9:21`, or how else it came there."""
    if mark.is_declared:
        return _("signature declared by the trainer")
    if mark.is_paper:
        return _("signed on paper")
    return _("signed at %(hour)s") % {"hour": hour(mark.at, zone)}


def standing(part: Part, row: Row, zone: str) -> Standing:
    """Where somebody's half-day stands, the most telling fact first; her minutes beneath."""
    length = saying.duration(part.minutes, _tongue()) if part.minutes else ""
    mark = part.signature or (part.trainer_marks[0] if part.trainer_marks else None)
    more = ", ".join(filter(None, [length, _("corrected") if part.corrected else ""]))
    if part.is_excused:
        return Standing("info", _("excused"), more)
    if mark:
        return Standing("check", signature(mark, zone), more)
    if part.slot.starts_at > now() and not part.minutes:
        return Standing("clock", pgettext("half-day", "to come"))
    open_ = part.unseen + part.waiting
    if open_:
        unseen = _("%(length)s that nobody saw") % {"length": saying.duration(open_, _tongue())}
        return Standing("video", _("not signed"), ", ".join(filter(None, [more, unseen])), is_open=True)
    if part.minutes:
        if not row.is_guest:
            return Standing("info", pgettext("half-day", "present"), more)
        return Standing("care", _("present, not signed"), more, is_open=True)
    if (part.slot.held_to or part.slot.ends_at) > now():
        return Standing("clock", pgettext("half-day", "not here yet"), more)
    return Standing("cross", _("absent"), more)


def of_which(part: Part) -> str:
    """`of which 12 declared, 5 bridged` in minutes; empty where all was seen."""
    named = [
        (part.onsite, _("%(n)s on site")),
        (part.declared, _("%(n)s declared")),
        (part.replayed, _("%(n)s replayed")),
        (part.bridged, _("%(n)s bridged")),
    ]
    said = ", ".join(words % {"n": count} for count, words in named if count)
    return _("of which %(classes)s minutes") % {"classes": said} if said else ""


@dataclass(frozen=True, slots=True)
class Told:
    """One event: when it happened, what, who vouched for it, and why."""

    at: datetime
    words: str
    by: str = ""
    reason: str = ""
    late_at: datetime | None = None
    """When the server heard of it, where that was more than a minute later."""


MOST_TOLD = 400
"""Events of one person on a page; a page that reconnects all day long has more."""


def told(session: Session, person_id: int) -> list[Told]:
    """Everything the ledger holds of one person, oldest first."""
    events = PresenceEvent.objects.filter(session=session, person=person_id).select_related("slot", "author")
    slots = tuple(session.slots.all())
    return [_told(event, slots, session) for event in events.order_by("seq")[:MOST_TOLD]]


def _told(event: PresenceEvent, slots: tuple[Slot, ...], session: Session) -> Told:
    by = event.author.name if event.author and event.author_id != event.person_id else ""
    is_late = (event.recorded_at - event.at).total_seconds() > 60
    words = _words(event, session.timezone)
    if event.slot and len(slots) > 1 and event.kind in ("signed", "declared", "corrected"):
        words = f"{words} ({half_day(event.slot, slots, session.timezone)})"
    return Told(event.at, words, by, reasons.said(event.reason), event.recorded_at if is_late else None)


def _words(event: PresenceEvent, zone: str) -> str:
    data: Mapping[str, Any] = event.data
    match event.kind:
        case "joined":
            return _("came in")
        case "left":
            return _("left")
        case "resumed":
            return _("came back after a cut of the line")
        case "checked_in":
            return _("checked in by the code of the room")
        case "checked_out":
            return _("checked out by the code of the room")
        case "confirmed":
            late = _("answered “still here”, late") if data.get("late") else ""
            return late or _("answered “still here”")
        case "signed":
            return _signed(data)
        case "declared":
            return _declared(data, zone)
        case _:
            return _corrected(data, zone)


def _signed(data: Mapping[str, Any]) -> str:
    hand, mode = data.get("as", Hand.PARTICIPANT), data.get("mode", "")
    ways = {
        "page": _("signed"),
        "code": _("signed by the code of the room"),
        "link": _("signed by the link of the letter"),
        "paper": _("signed on paper, typed in"),
        "walk_in": _("signed without being invited"),
        "seal": _("signed by sealing the sheet"),
    }
    words = ways.get(str(data.get("by")), _("signed"))
    whose = "" if hand == Hand.PARTICIPANT else str(Hand(hand).label)
    where = str(Where(mode).label) if mode in Where.values else ""
    return ", ".join(filter(None, [words, whose, where]))


def _span(first: str, last: str, zone: str) -> str:
    start, end = datetime.fromisoformat(first), datetime.fromisoformat(last)
    return saying.hours(start, end, zone, _tongue())


def _stay(data: Mapping[str, Any], zone: str) -> str:
    """Hours of a declared fact; `from 9:30` where it lasts to the end of the half-day; empty without hours."""
    if "from" in data and "to" not in data:
        return _("from %(hour)s") % {"hour": hour(datetime.fromisoformat(data["from"]), zone)}
    return _span(data["from"], data["to"], zone) if "from" in data else ""


def _declared(data: Mapping[str, Any], zone: str) -> str:
    if "excused" in data:
        return _("marked as excused")
    hours = _stay(data, zone)
    if data.get("signature"):
        return _("signature declared by the trainer") + (f", {hours}" if hours else "")
    return _("presence declared: %(hours)s") % {"hours": hours}


def _corrected(data: Mapping[str, Any], zone: str) -> str:
    if "times" in data:
        times = [_span(first, last, zone) for first, last in data["times"]]
        if not times:
            return _("times corrected: no time counts")
        return _("times corrected: %(times)s") % {"times": "; ".join(times)}
    if data.get("signature") is False:
        return _("signature voided")
    if data.get("excused") is False:
        return _("no longer excused")
    if data.get("withdrawn_walk_in"):
        return _("was not there, says the host: the row leaves the counts")
    return _("corrected: %(hours)s") % {
        "hours": _span(data["from"], data["to"], zone) if "from" in data else "–"
    }


def role_words(row: Row) -> str:
    return str(Role(row.role).label)


def open_words(count: int) -> str:
    """How many people have a half-day that waits for a word of the trainer."""
    return ngettext(
        "%(n)s person has a half-day that is not signed or not seen.",
        "%(n)s people have a half-day that is not signed or not seen.",
        count,
    ) % {"n": count}
