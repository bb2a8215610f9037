"""Letters drawn to be looked at: to a reader who does not exist, with links that lead nowhere, from the session of now.

Nothing is written: the rows that a letter speaks from are made here and never saved.
"""

from dataclasses import dataclass, replace
from datetime import timedelta

from django.conf import settings
from django.utils import translation
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from seminars import saying
from seminars.actions import letters
from seminars.models import Invitation, Letter, Message, Person, Revision, Session, SignInLink
from seminars.moments import now
from seminars.queries import sheets
from seminars.queries.due import FEEDBACK_AFTER
from seminars.queries.occasions import Occasion
from seminars.vocabulary import LetterKind, State
from seminars.wording import own_words
from seminars.wording.beside import NOTHING, Decision, Seal, beside
from seminars.wording.mail import Draft
from seminars.wording.mail import draft as drawn
from seminars.wording.told import Reader, Telling, tell

NAMES = {"fr": "Prénom Nom", "it": "Nome Cognome", "en": "First Last"}
EXAMPLE = "example"
"""Stands for the key of links, which opens nothing."""
MOVED_BY = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Purpose:
    """What a kind of letter is for, and when it leaves."""

    purpose: str | Promise
    leaves: str | Promise


PURPOSES: dict[LetterKind, Purpose] = {
    LetterKind.INVITATION: Purpose(
        gettext_lazy("Asks one person to come, with her links and the entry for her calendar."),
        gettext_lazy("As soon as you invite her."),
    ),
    LetterKind.ASKING: Purpose(
        gettext_lazy("Asks those who have not answered once more."),
        gettext_lazy("Some days before the start, as set for this session."),
    ),
    LetterKind.UPDATE: Purpose(
        gettext_lazy("Says what has changed. After another time or place, everybody is asked again."),
        format_lazy(
            gettext_lazy("At once for time and place; words that change are gathered for {minutes} min."),
            minutes=settings.EDITS_MERGED_MINUTES,
        ),
    ),
    LetterKind.REMINDER: Purpose(
        gettext_lazy("Reminds those who come, and those who have not answered."),
        gettext_lazy("Before the start, as set for this session."),
    ),
    LetterKind.MESSAGE: Purpose(
        gettext_lazy("Carries what you write to everybody."),
        gettext_lazy("As soon as you send it."),
    ),
    LetterKind.CONVOCATION: Purpose(
        gettext_lazy("Brings the convocation for the employer."),
        gettext_lazy("When you send it."),
    ),
    LetterKind.SUBSTITUTION: Purpose(
        gettext_lazy("Tells whoever asked for a substitute what you decided."),
        gettext_lazy("As soon as you decide."),
    ),
    LetterKind.WITHDRAWAL: Purpose(
        gettext_lazy("Takes one invitation back, and the entry out of that calendar."),
        gettext_lazy("As soon as you withdraw it."),
    ),
    LetterKind.CANCELLATION: Purpose(
        gettext_lazy("Tells everybody that the session does not take place, and takes it out of calendars."),
        gettext_lazy("As soon as you cancel the session."),
    ),
    LetterKind.FEEDBACK: Purpose(
        gettext_lazy("Asks those who were there for a few answers."),
        format_lazy(
            gettext_lazy("When you close the session, and again {first} and {second} days later."),
            first=FEEDBACK_AFTER[0],
            second=FEEDBACK_AFTER[1],
        ),
    ),
    LetterKind.SEAL: Purpose(
        gettext_lazy(
            "Brings the seal of the attendance sheet to the trainers and coordinators of the team, to keep."
        ),
        gettext_lazy("As soon as the sheet is sealed."),
    ),
    LetterKind.SIGN_IN: Purpose(
        gettext_lazy("Brings the link to enter by, of this or any session."),
        gettext_lazy("As soon as somebody asks for it."),
    ),
}


def draft(session: Session, kind: LetterKind, language: str, *, by: Person) -> Draft:
    """One letter in words. Raises ValueError for a session that no letter can tell of."""
    zone = str(saying.own_zone(session.timezone, language))
    person = Person(name=NAMES[language], email="reader@example.org", language=language, timezone=zone)
    state = State.CANCELLED if kind == LetterKind.CANCELLATION else State.SCHEDULED
    letter = Letter(
        kind=kind,
        person=person,
        session=session,
        invitation=Invitation(session=session, person=person, invited_by=by),
        revision=Revision(
            session=session, sequence=session.sequence, content=letters.content(session) | {"state": state}
        ),
        message=_message(session, language, by) if kind == LetterKind.MESSAGE else None,
        link=_link(person) if kind == LetterKind.SIGN_IN else None,
        sequence=session.sequence,
        stamp=now(),
    )
    return drawn(_told(letter, language))


def _told(letter: Letter, language: str) -> Telling:
    """With what stands in other rows made up as well."""
    with translation.override(language):
        somebody = pgettext("somebody made up, in a preview", "Another Name")
    more = replace(beside([letter]).get(letter.pk, NOTHING), decision=Decision(somebody, True))
    reader = Reader(name=letter.person.name, email=letter.person.email, token=EXAMPLE, agent=EXAMPLE)
    telling = replace(tell(letter, more), reader=reader)
    if letter.kind == LetterKind.SEAL and letter.session is not None:
        return replace(telling, seal=_seal(letter.session))
    if letter.kind == LetterKind.UPDATE and telling.about is not None:
        return replace(telling, before=_earlier(telling.about))
    return telling


def _earlier(occasion: Occasion) -> Occasion:
    slots = tuple((start - MOVED_BY, end - MOVED_BY) for start, end in occasion.slots)
    return replace(occasion, slots=slots)


def _seal(session: Session) -> Seal:
    """Made up, about the real session."""
    return Seal(
        about=sheets.about(session),
        number="0001/1",
        version=1,
        code=EXAMPLE,
        sealed_at=session.ends_at,
        count=0,
        head="0" * 64,
        digest="0" * 64,
        key="0" * 16,
        reason="",
        file=b"{}",
    )


def _message(session: Session, language: str, by: Person) -> Message:
    with translation.override(language if language in ("fr", "it") else "fr"):  # as messages are written
        text = _("Here stands what you write.")
    return Message(session=session, author=by, text_fr=text, text_it=text, at=now())


def _link(person: Person) -> SignInLink:
    present = now()
    lasts = timedelta(minutes=15)
    return SignInLink(code=EXAMPLE, person=person, created_at=present, expires_at=present + lasts)


def placeholders() -> list[tuple[str, str]]:
    """Each placeholder, as the writer's language names it, with what comes in its place."""
    meanings = {
        "name": _("the reader’s name"),
        "title": _("the title, in the reader’s language"),
        "day": _("the day it begins, in full"),
        "hour": _("the hour it begins, on the reader’s clock"),
        "place": _("the place, or that it is online"),
        "trainer": _("who trains, or who invited"),
    }
    language = saying.plain(translation.get_language() or "en")
    return [(own_words.placeholder(name, language), meaning) for name, meaning in meanings.items()]
