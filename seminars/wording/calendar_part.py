"""The iTIP object of a letter (RFC 5546): one organizer, one attendee, identity and times from the frozen revision."""

from django.conf import settings
from django.utils.translation import gettext as _

from seminars import addresses
from seminars.ical import writer
from seminars.ical.entry import Attendee, Organizer
from seminars.queries import occasions
from seminars.vocabulary import PARTSTAT, Answer, LetterKind
from seminars.wording import told

METHODS = {
    LetterKind.INVITATION: "REQUEST",
    LetterKind.UPDATE: "REQUEST",
    LetterKind.ASKING: "REQUEST",
    LetterKind.CANCELLATION: "CANCEL",
    LetterKind.WITHDRAWAL: "CANCEL",
}


def calendar_part(telling: told.Telling) -> tuple[bytes, str] | None:
    """The object and its METHOD; None for the plain letters. In the active language, which must be the reader's."""
    method = METHODS.get(LetterKind(telling.kind))
    if method is None:
        return None
    occasion, reader = telling.occasion, telling.reader
    answer = addresses.invitation(reader.token)
    entry = occasions.entry_of(
        occasion,
        language=telling.language,
        stamp=telling.stamp,
        page=addresses.session(occasion.code) if method == "CANCEL" else answer,
        room=addresses.invitation_room(reader.token),
        words=[] if method == "CANCEL" else [_words(answer)],
        organizer=Organizer(told.agent(telling), settings.MAIL_NAME),
        attendee=Attendee(
            reader.email, reader.name, partstat=PARTSTAT[Answer(telling.answer)], language=telling.language
        ),
        has_reminder=True,
    )
    return writer.message(entry, method), method


def _words(answer: str) -> str:
    return "\n".join(
        [_("Your answer: %(address)s") % {"address": answer}, _("Answer with this link, not here.")]
    )
