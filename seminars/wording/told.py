"""What every letter about a session tells its reader: title, days, hours in her zone, place, her links."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from seminars import addresses, saying
from seminars.models import Letter, Message, SignInLink
from seminars.queries import occasions
from seminars.queries.occasions import Occasion
from seminars.vocabulary import Mode
from seminars.wording.beside import NOTHING, Beside, Decision, Seal

CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


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
    """A letter's content before it is put into words; `before` is what the last letter that left told her,
    `in_place_of` the name of whom she replaces, `own_words` what the trainer adds, by language."""

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
    in_place_of: str = ""
    decision: Decision | None = None
    trainer: str = ""
    own_words: Mapping[str, str] = field(default_factory=dict)
    seal: Seal | None = None

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


def tell(letter: Letter, beside: Beside = NOTHING) -> Telling:
    """Gathers what the rows say."""
    person, invitation = letter.person, letter.invitation
    inviter = invitation.invited_by if invitation else None
    frozen = letter.revision.content if letter.revision else {}
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
        before=occasions.of_letter(beside.before) if beside.before else None,
        answer=invitation.answer if invitation else "",
        inviter=inviter.name if inviter else "",
        is_invited=invitation is not None,
        message=letter.message,
        link=letter.link,
        in_place_of=beside.in_place_of,
        decision=beside.decision,
        trainer=beside.trainer or (inviter.name if inviter else settings.MAIL_NAME),
        own_words=frozen.get("words", {}).get(letter.kind, {}),
        seal=beside.seal,
    )


def agent(telling: Telling) -> str:
    """The address that organises this one invitation: unguessable, never shared, the same for each revision."""
    return f"sessions+{telling.reader.agent}@{settings.MAIL_DOMAIN}"


def line(text: str) -> str:
    """One line: nothing that a name or a title holds can begin another header."""
    return " ".join(CONTROL.sub(" ", text).split())


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
    title_tongue = language if occasion.is_confidential else saying.said(occasion, "title", language)[1]
    return {
        "title": name(occasion, zone, language),
        "title_language": title_tongue,
        "others": [{"text": text, "language": other} for text, other in others],
        **when(occasion, zone, language),
        "where": where(occasion),
        "is_online": occasion.is_online,
        "summary": summary,
        "summary_language": tongue,
        "answer_address": addresses.invitation(telling.reader.token),
        "room_address": addresses.invitation_room(telling.reader.token),
        "opens_minutes": settings.ROOM_OPENS_MINUTES,
        "is_the_day": on_day(telling.stamp, zone) >= on_day(occasion.starts_at, zone),
    }


def on_day(moment: datetime, zone: str) -> date:
    """The reader's date: from the day of the session on, the way into its room is what a letter is for."""
    return saying.local(moment, zone).date()


def subject_day(telling: Telling) -> str:
    return saying.day(telling.occasion.starts_at, telling.zone, telling.language)
