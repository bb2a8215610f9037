"""What every letter about a session tells its reader: title, days, hours in her zone, place, her links."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from seminars import addresses, saying
from seminars.models import Invitation, Letter
from seminars.queries import occasions
from seminars.queries.occasions import Occasion
from seminars.vocabulary import Mode


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """A letter before it is drawn: `kind` names its two templates, `context` is what they say, `sender` an address."""

    kind: str
    subject: str
    sender: str
    context: dict[str, Any]


def invitation_of(letter: Letter) -> Invitation:
    if letter.invitation is None:
        raise ValueError("letter: about no invitation")
    return letter.invitation


def agent(letter: Letter) -> str:
    """The address that organises this one invitation: unguessable, never shared, the same for each revision."""
    return f"sessions+{invitation_of(letter).agent}@{settings.MAIL_DOMAIN}"


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


def session_words(letter: Letter, occasion: Occasion) -> dict[str, Any]:
    """The part of the context that all letters about a session share."""
    person, invitation = letter.person, invitation_of(letter)
    language, zone = person.language, person.timezone
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
        "answer_address": addresses.invitation(invitation.token),
        "room_address": addresses.invitation_room(invitation.token),
        "opens_minutes": settings.ROOM_OPENS_MINUTES,
    }


def subject_day(letter: Letter, occasion: Occasion) -> str:
    return saying.day(occasion.starts_at, letter.person.timezone, letter.person.language)
