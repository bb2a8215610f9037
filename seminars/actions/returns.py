"""What mail servers report of a letter after they took it: that it came back, or that it arrived."""

import hmac
import logging
from collections.abc import Sequence
from enum import Enum
from uuid import UUID

from django.db import transaction

from seminars.models import Letter
from seminars.moments import now
from seminars.vocabulary import LetterState

log = logging.getLogger(__name__)


class Fate(Enum):
    FAILED = "failed"
    DELIVERED = "delivered"
    OPEN = "open"
    """Delayed, or handed on to a server that reports nothing."""


class Noted(Enum):
    """What became of a report. LATER: its letter is still in a worker's hand, so that it has to be told again."""

    TAKEN = "taken"
    IGNORED = "ignored"
    LATER = "later"


@transaction.atomic
def note(*, letter: UUID, agents: Sequence[str], fate: Fate, words: str) -> Noted:
    """sent -> failed for what came back, with `words` as its error; notes the moment of what arrived. A letter has one
    reader and perhaps several copies: that one arrived outweighs whatever else is said, before or after.

    A report is believed only where it came to the letter's own agent address, whose mark is one of `agents`; a letter
    without one, such as a sign-in mail, is known by its number, which nobody can guess. A letter that waits to be sent
    again is left to its next try.
    """
    row = (
        Letter.objects.select_for_update(of=("self",))
        .select_related("invitation")
        .filter(pk=letter)
        .defer("content")
        .first()
    )
    if row is None or not _is_believed(row, agents):
        return Noted.IGNORED
    if row.state == LetterState.PENDING and row.owner:
        return Noted.LATER
    has_returned = row.state == LetterState.FAILED and row.returned_at is not None
    if (
        fate == Fate.OPEN
        or row.delivered_at is not None
        or not (has_returned or row.state == LetterState.SENT)
    ):
        return Noted.TAKEN
    if fate == Fate.DELIVERED:
        row.state, row.last_error, row.returned_at = LetterState.SENT, "", None
        row.delivered_at = now()
    elif not has_returned:
        row.state, row.last_error, row.returned_at = LetterState.FAILED, words[:300] or "5.0.0", now()
        log.warning("letter %s came back", row.pk)
    row.save(update_fields=["state", "last_error", "returned_at", "delivered_at"])
    return Noted.TAKEN


def _is_believed(letter: Letter, agents: Sequence[str]) -> bool:
    """Servers may change the case of an address on its way; 130 bits are left of its mark."""
    if letter.invitation is None:
        return True
    wanted = letter.invitation.agent.lower().encode()
    return any(hmac.compare_digest(mark.lower().encode(), wanted) for mark in agents)
