"""A letter of the outbox as the bytes of a mail; the same row gives the same bytes."""

import re
from collections.abc import Callable

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation

from seminars import addresses
from seminars.ical import imip
from seminars.models import Letter
from seminars.vocabulary import LetterKind
from seminars.wording import ending, feedback, invitation, message, sign_in, update
from seminars.wording.calendar_part import calendar_part
from seminars.wording.told import Words

KINDS: dict[str, Callable[[Letter], Words]] = {
    LetterKind.INVITATION: invitation.words,
    LetterKind.UPDATE: update.words,
    LetterKind.CANCELLATION: ending.cancellation,
    LetterKind.WITHDRAWAL: ending.withdrawal,
    LetterKind.MESSAGE: message.words,
    LetterKind.FEEDBACK: feedback.words,
    LetterKind.SIGN_IN: sign_in.words,
}
EMPTY_LINES = re.compile(r"[ \t]*\n(?:[ \t]*\n){2,}")
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


def render(letter: Letter) -> bytes:
    """The mail with CRLF line ends, in the reader's language of this moment.

    Raises ValueError, naming the field, for what no mail can carry, such as a malformed address.
    """
    person = letter.person
    with translation.override(person.language):
        words = KINDS[letter.kind](letter)
        subject = _line(words.subject)
        context = words.context | {
            "person": person,
            "language": person.language,
            "subject": subject,
            "site": addresses.absolute("/"),
            "sender_name": settings.MAIL_NAME,
        }
        text = render_to_string(f"letters/{words.kind}.txt", context)
        html = render_to_string(f"letters/{words.kind}.html", context)
        part = calendar_part(letter)
    return imip.compose(
        sender=(_line(settings.MAIL_NAME), words.sender),
        recipient=(_line(person.name), person.email),
        subject=subject,
        text=EMPTY_LINES.sub("\n\n", text).strip() + "\n",
        html=html,
        message_id=f"<{letter.pk}@{settings.MAIL_DOMAIN}>",
        date=letter.created_at,
        language=person.language,
        calendar=part[0] if part else None,
        method=part[1] if part else None,
    )


def _line(text: str) -> str:
    """One header line: nothing that a name or a title holds can begin another header."""
    return " ".join(CONTROL.sub(" ", text).split())
