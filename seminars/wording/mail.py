"""A letter of the outbox as the bytes of a mail, drawn for itself alone; the same row gives the same bytes."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation

from seminars import addresses
from seminars.ical import imip
from seminars.models import Letter
from seminars.vocabulary import LetterKind
from seminars.wording import (
    asking,
    convocation,
    ending,
    feedback,
    invitation,
    message,
    own_words,
    reminder,
    seal,
    sign_in,
    stopping,
    substitution,
    update,
)
from seminars.wording.beside import NOTHING, beside
from seminars.wording.calendar_part import calendar_part
from seminars.wording.told import Telling, Words, line, tell

KINDS: dict[str, Callable[[Telling], Words]] = {
    LetterKind.INVITATION: invitation.words,
    LetterKind.UPDATE: update.words,
    LetterKind.CANCELLATION: ending.cancellation,
    LetterKind.WITHDRAWAL: ending.withdrawal,
    LetterKind.MESSAGE: message.words,
    LetterKind.REMINDER: reminder.words,
    LetterKind.ASKING: asking.words,
    LetterKind.CONVOCATION: convocation.words,
    LetterKind.SUBSTITUTION: substitution.words,
    LetterKind.FEEDBACK: feedback.words,
    LetterKind.SIGN_IN: sign_in.words,
    LetterKind.SEAL: seal.words,
}
EMPTY_LINES = re.compile(r"[ \t]*\n(?:[ \t]*\n){2,}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A letter in words, before it is one mail's bytes; `sender` is an address, `method` that of the calendar part,
    `unsubscribe` where its reader stops such letters, empty for what she must know."""

    sender: str
    subject: str
    text: str
    html: str
    calendar: bytes | None
    method: str | None
    unsubscribe: str


def draft(telling: Telling) -> Draft:
    """In the reader's language. Raises ValueError, naming the field, for what no mail can carry."""
    with translation.override(telling.language):
        words = KINDS[telling.kind](telling)
        subject, unsubscribe = line(words.subject), stopping.address(telling)
        own, own_language = own_words.written(telling) if telling.own_words else ("", telling.language)
        context = words.context | {
            "name": telling.reader.name,
            "language": telling.language,
            "subject": subject,
            "site": addresses.absolute("/"),
            "sender_name": settings.MAIL_NAME,
            "own_words": own,
            "own_quoted": own_words.quoted(own),
            "own_language": own_language,
            "stop_address": unsubscribe,
            "stop_words": stopping.WORDS.get(telling.kind, ""),
        }
        text = render_to_string(f"letters/{words.kind}.txt", context)
        html = render_to_string(f"letters/{words.kind}.html", context)
        calendar, method = calendar_part(telling) or (None, None)
    return Draft(
        sender=words.sender,
        subject=subject,
        text=EMPTY_LINES.sub("\n\n", text).strip() + "\n",
        html=html,
        calendar=calendar,
        method=method,
        unsubscribe=unsubscribe,
    )


def render(letter: Letter) -> bytes:
    """The mail with CRLF line ends, in the reader's language of this moment.

    Raises ValueError, naming the field, for what no mail can carry, such as a malformed address.
    """
    telling = tell(letter, beside([letter]).get(letter.pk, NOTHING))
    drawn = draft(telling)
    return imip.compose(
        sender=(line(settings.MAIL_NAME), drawn.sender),
        recipient=(line(telling.reader.name), telling.reader.email),
        subject=drawn.subject,
        text=drawn.text,
        html=drawn.html,
        message_id=message_id(letter),
        date=letter.created_at,
        language=telling.language,
        calendar=drawn.calendar,
        method=drawn.method,
        unsubscribe=drawn.unsubscribe,
        files=_files(letter, telling),
    )


def _files(letter: Letter, telling: Telling) -> list[tuple[str, str, bytes]]:
    """What a letter brings beside its words."""
    if letter.kind == LetterKind.CONVOCATION:
        return [convocation.paper(letter, telling)]
    return [seal.file(telling)] if letter.kind == LetterKind.SEAL else []


def message_id(letter: Letter) -> str:
    return f"<{letter.pk}@{settings.MAIL_DOMAIN}>"
