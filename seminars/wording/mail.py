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
from seminars.queries import occasions
from seminars.vocabulary import LetterKind
from seminars.wording import ending, feedback, invitation, message, reminder, sign_in, update
from seminars.wording.calendar_part import calendar_part
from seminars.wording.told import Telling, Words, tell

KINDS: dict[str, Callable[[Telling], Words]] = {
    LetterKind.INVITATION: invitation.words,
    LetterKind.UPDATE: update.words,
    LetterKind.CANCELLATION: ending.cancellation,
    LetterKind.WITHDRAWAL: ending.withdrawal,
    LetterKind.MESSAGE: message.words,
    LetterKind.REMINDER: reminder.words,
    LetterKind.FEEDBACK: feedback.words,
    LetterKind.SIGN_IN: sign_in.words,
}
EMPTY_LINES = re.compile(r"[ \t]*\n(?:[ \t]*\n){2,}")
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A letter in words, before it is one mail's bytes; `sender` is an address, `method` that of the calendar part."""

    sender: str
    subject: str
    text: str
    html: str
    calendar: bytes | None
    method: str | None


def draft(telling: Telling) -> Draft:
    """In the reader's language. Raises ValueError, naming the field, for what no mail can carry."""
    with translation.override(telling.language):
        words = KINDS[telling.kind](telling)
        subject = line(words.subject)
        context = words.context | {
            "name": telling.reader.name,
            "language": telling.language,
            "subject": subject,
            "site": addresses.absolute("/"),
            "sender_name": settings.MAIL_NAME,
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
    )


def render(letter: Letter) -> bytes:
    """The mail with CRLF line ends, in the reader's language of this moment.

    Raises ValueError, naming the field, for what no mail can carry, such as a malformed address.
    """
    earlier = update.told_before([letter]).get(letter.pk)
    telling = tell(letter, occasions.of_letter(earlier) if earlier else None)
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
    )


def message_id(letter: Letter) -> str:
    return f"<{letter.pk}@{settings.MAIL_DOMAIN}>"


def line(text: str) -> str:
    """One header line: nothing that a name or a title holds can begin another header."""
    return " ".join(CONTROL.sub(" ", text).split())
