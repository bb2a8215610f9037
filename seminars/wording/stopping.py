"""Letters that a reader may stop, kind by kind: the link at their end, which their header gives too (RFC 8058)."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from seminars import addresses
from seminars.vocabulary import STOPPABLE, LetterKind
from seminars.wording.told import Telling

WORDS: dict[str, str | Promise] = {
    LetterKind.MESSAGE: _("No more messages from trainers"),
    LetterKind.REMINDER: _("No more reminders"),
    LetterKind.ASKING: _("No more reminders to answer"),
    LetterKind.FEEDBACK: _("No more requests for feedback"),
}


def address(telling: Telling) -> str:
    """Where this reader stops this kind; empty for what she must know."""
    is_hers = telling.kind in STOPPABLE and telling.reader.token
    return addresses.invitation_stop(telling.reader.token, telling.kind) if is_hers else ""
