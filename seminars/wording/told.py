"""What every letter about a session tells its reader: title, days, hours in her zone, place, her links."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from seminars import addresses, saying
from seminars.models import Letter, Message, SignInLink
from seminars.queries import occasions
from seminars.queries.occasions import Occasion
from seminars.vocabulary import Mode


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """To whom a letter speaks, and what in it is hers alone: `token` opens her links, `agent` marks the address that
    organises her invitation. Both are empty where she is not invited."""

    name: str
    email: str
    token: str
    agent: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """A letter's content before it is put into words; `before` is what the last letter that left told her."""

    kind: str
    reader: Reader
    language: str
    zone: str
    stamp: datetime
    about: Occasion | None
    before: Occasion | None
    answer: str
    inviter: str
    is_invited: bool
    message: Message | None
    link: SignInLink | None

    @property
    def occasion(self) -> Occasion:
        if self.about is None or not self.is_invited:
            raise ValueError("letter: about no session or no invitation")
        return self.about


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """A letter before it is drawn: `kind` names its two templates, `context` is what they say, `sender` an address."""

    kind: str
    subject: str
    sender: str
    context: dict[str, Any]


def tell(letter: Letter, before: Occasion | None = None) -> Telling:
    """Gathers what the rows say."""
    person, invitation = letter.person, letter.invitation
    inviter = invitation.invited_by if invitation else None
    return Telling(
        kind=letter.kind,
        reader=Reader(
            name=person.name,
            email=person.email,
            token=invitation.token if invitation else "",
            agent=invitation.agent if invitation else "",
        ),
        language=person.language,
        zone=person.timezone,
        stamp=letter.stamp,
        about=occasions.of_letter(letter) if letter.session and letter.revision else None,
        before=before,
        answer=invitation.answer if invitation else "",
        inviter=inviter.name if inviter else "",
        is_invited=invitation is not None,
        message=letter.message,
        link=letter.link,
    )


def agent(telling: Telling) -> str:
    """The address that organises this one invitation: unguessable, never shared, the same for each revision."""
    return f"sessions+{telling.reader.agent}@{settings.MAIL_DOMAIN}"


def name(occasion: Occasion, zone: str, language: str) -> str:
    """The title in running text; a confidential session is named by its day alone."""
    if occasion.is_confidential:
        return _("Session of %(day)s") % {"day": saying.day(occasion.starts_at, zone, language)}
    return saying.said(occasion, "title", language)[0]


def when(occasion: Occasion, zone: str, language: str) -> dict[str, Any]:
    """Its half-days, one line each, and the zone in words, on the reader's clock."""
    return {
        "half_days": occasions.half_days(occasion.slots, zone, language),
        "zone": saying.zone_words(occasion.starts_at, zone, language),
    }


def where(occasion: Occasion) -> str:
    mode = str(Mode(occasion.mode).label)
    if occasion.mode == Mode.ONLINE or not occasion.place:
        return mode
    return _("%(mode)s, %(place)s") % {"mode": mode, "place": occasion.place}


def session_words(telling: Telling) -> dict[str, Any]:
    """The part of the context that all letters about a session share."""
    occasion, language, zone = telling.occasion, telling.language, telling.zone
    others = [] if occasion.is_confidential else saying.other_said(occasion, "title", language)
    summary, tongue = (
        ("", language) if occasion.is_confidential else saying.said(occasion, "summary", language)
    )
    return {
        "title": name(occasion, zone, language),
        "others": [{"text": text, "language": other} for text, other in others],
        **when(occasion, zone, language),
        "where": where(occasion),
        "is_online": occasion.is_online,
        "summary": summary,
        "summary_language": tongue,
        "answer_address": addresses.invitation(telling.reader.token),
        "room_address": addresses.invitation_room(telling.reader.token),
        "opens_minutes": settings.ROOM_OPENS_MINUTES,
    }


def subject_day(telling: Telling) -> str:
    return saying.day(telling.occasion.starts_at, telling.zone, telling.language)
