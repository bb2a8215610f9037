"""What calendars and letters say of a session, from its row of today or from a frozen revision."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from seminars import saying
from seminars.ical.entry import Attendee, Entry, Organizer
from seminars.models import Letter, Session
from seminars.moments import Span
from seminars.vocabulary import Mode, State

REMINDER_MINUTES = 15
COLORS = {
    "A1": "teal",
    "A2": "olivedrab",
    "A3": "royalblue",
    "A4": "sienna",
    "A5": "mediumvioletred",
    "A6": "goldenrod",
    "A7": "mediumpurple",
    "A8": "steelblue",
}
"""CSS names (RFC 7986, 5.9) of activities by their code, near to the colours of our pages."""
TEXTS = ("title_fr", "title_it", "title_en", "summary_fr", "summary_it", "timezone", "mode", "place")


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """A session as it is said outside: identity, times, texts. Its texts are columns per language, as `saying.said`
    reads them; `slots` are instants in order, at least one."""

    uid: str
    code: str
    sequence: int
    created_at: datetime
    revised_at: datetime
    timezone: str
    mode: str
    place: str
    is_cancelled: bool
    is_confidential: bool
    slots: tuple[Span, ...]
    title_fr: str
    title_it: str
    title_en: str
    summary_fr: str
    summary_it: str
    activity: str = ""
    """Its code; empty where a letter speaks, which was frozen without it."""

    @property
    def starts_at(self) -> datetime:
        return self.slots[0][0]

    @property
    def ends_at(self) -> datetime:
        return self.slots[-1][1]

    @property
    def is_online(self) -> bool:
        return self.mode != Mode.IN_PERSON


def of_session(session: Session) -> Occasion:
    """As the row is now; reads its slots and its activity."""
    slots = tuple((slot.starts_at, slot.ends_at) for slot in session.slots.all())
    return Occasion(
        uid=session.uid,
        code=session.code,
        sequence=session.sequence,
        created_at=session.created_at,
        revised_at=session.revised_at,
        is_cancelled=session.state == State.CANCELLED,
        is_confidential=session.is_confidential,
        slots=slots or ((session.starts_at, session.ends_at),),
        activity=session.activity.code,
        **{name: getattr(session, name) for name in TEXTS},
    )


def of_content(content: dict[str, Any], session: Session, sequence: int) -> Occasion:
    """As a revision froze it; the live row gives only what never changes, UID and code."""
    moment = datetime.fromisoformat
    whole = [[content["starts_at"], content["ends_at"]]]
    return Occasion(
        uid=session.uid,
        code=session.code,
        sequence=sequence,
        created_at=moment(content["created_at"]),
        revised_at=moment(content["revised_at"]),
        is_cancelled=content["state"] == State.CANCELLED,
        is_confidential=content["is_confidential"],
        slots=tuple((moment(start), moment(end)) for start, end in content["slots"] or whole),
        **{name: content[name] for name in TEXTS},
    )


def of_letter(letter: Letter) -> Occasion:
    """What a letter is about. Raises ValueError for one that is about no session."""
    if letter.session is None or letter.revision is None:
        raise ValueError("letter: about no session")
    return of_content(letter.revision.content, letter.session, letter.sequence)


def title(occasion: Occasion, language: str) -> str:
    """The title; neutral for what is confidential (domain GDPR-10)."""
    if occasion.is_confidential:
        return pgettext("in place of a confidential title", "Occupied")
    return saying.said(occasion, "title", language)[0]


def half_days(slots: Sequence[Span], zone: str, language: str) -> list[str]:
    """`jeudi 4 février 2027, 14 h 00 à 15 h 30` for each slot."""
    return [
        f"{saying.day(start, zone, language)}, {saying.hours(start, end, zone, language)}"
        for start, end in slots
    ]


def about(occasion: Occasion, language: str) -> list[str]:
    """Paragraphs for a calendar entry: the half-days if several, the other title, the summary; nothing of what is
    confidential but its hours."""
    parts = []
    if len(occasion.slots) > 1:
        parts.append("\n".join(half_days(occasion.slots, occasion.timezone, language)))
    if occasion.is_confidential:
        return parts
    parts += [text for text, _language in saying.other_said(occasion, "title", language)]
    parts.append(saying.said(occasion, "summary", language)[0])
    return [part for part in parts if part]


def entry_of(
    occasion: Occasion,
    *,
    language: str,
    stamp: datetime,
    page: str,
    room: str | None,
    words: Sequence[str] = (),
    organizer: Organizer | None = None,
    attendee: Attendee | None = None,
    is_transparent: bool = False,
    is_marked: bool = False,
    has_reminder: bool = False,
) -> Entry:
    """The VEVENT of the whole session, from its first start to its last end, in its own zone.

    `page` is its URL, `room` the address that joins it (only said where people meet online), `words` paragraphs that
    come before the session's own; `is_marked` says in the title that it is cancelled, for clients that show no STATUS.
    In the active language, which must be `language`. Raises ValueError as `Entry` does.
    """
    zone, said = ZoneInfo(occasion.timezone), title(occasion, language)
    is_told = bool(occasion.activity) and not occasion.is_confidential
    summary = _("[cancelled] %(title)s") % {"title": said} if is_marked and occasion.is_cancelled else said
    return Entry(
        uid=occasion.uid,
        sequence=occasion.sequence,
        stamp=stamp,
        created=occasion.created_at,
        modified=occasion.revised_at,
        start=occasion.starts_at.astimezone(zone),
        end=occasion.ends_at.astimezone(zone),
        summary=summary,
        description="\n\n".join([*words, *about(occasion, language)]),
        location="" if occasion.is_confidential or occasion.mode == Mode.ONLINE else occasion.place,
        url=page,
        conference=room if occasion.is_online else None,
        conference_label=_("Join the session"),
        status="CANCELLED" if occasion.is_cancelled else "CONFIRMED",
        language=language,
        organizer=organizer,
        attendees=(attendee,) if attendee else (),
        alarm_minutes=REMINDER_MINUTES if has_reminder else None,
        alarm_text=said,
        transparent=is_transparent,
        classification="CONFIDENTIAL" if occasion.is_confidential else None,
        categories=(occasion.activity,) if is_told else (),
        color=COLORS.get(occasion.activity) if is_told else None,
    )
