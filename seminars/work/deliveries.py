"""One letter after the other: claim -> render -> keep the bytes -> send -> finish."""

import logging
import threading

from seminars import wording
from seminars.actions import letters
from seminars.models import Letter
from seminars.moments import now
from seminars.vocabulary import LetterKind, LetterState
from seminars.work.mailing import Away, Never, NotNow, Outlet, outlet

log = logging.getLogger(__name__)
INVITING = (LetterKind.INVITATION, LetterKind.UPDATE)
BATCH = 100
"""After so many letters the other work has its turn."""
OF_MEMBERS = (*INVITING, LetterKind.MESSAGE, LetterKind.FEEDBACK)


def deliver(*, owner: str, stop: threading.Event) -> int:
    """Sends what is due, at most a BATCH, over one connection; returns how many left. Ends early when told to
    stop. Raises Away when the way out is closed, since the next letter would fare no better."""
    way, sent = outlet(), 0
    try:
        while sent < BATCH and not stop.is_set() and (letter := letters.claim(owner=owner)) is not None:
            sent += deliver_one(letter, way)
    finally:
        way.close()
    return sent


def deliver_one(letter: Letter, way: Outlet) -> bool:
    """Whether it left; if not, another try is asked for, or it has ended. Raises Away when no letter can leave now."""
    if letter.content is None and is_moot(letter):
        letters.finish(letter=letter, state=LetterState.SUPERSEDED)
        return False
    content = _content(letter)
    if content is None:
        return False
    try:
        way.send(letter, content)
    except Never as refused:
        letters.finish(letter=letter, state=LetterState.FAILED, error=str(refused))
        return False
    except Away as fault:
        letters.give_back(letter=letter, error=str(fault))
        log.warning("letter %s waits: %s", letter.pk, fault)
        raise
    except NotNow as fault:
        letters.finish(letter=letter, state=None, error=str(fault))
        log.warning("letter %s waits: %s", letter.pk, fault)
        return False
    letters.finish(letter=letter, state=LetterState.SENT)
    return True


def _content(letter: Letter) -> bytes | None:
    """The bytes kept by an earlier try, else rendered now and kept; None when that can't be done, which is noted."""
    if letter.content is not None:
        return bytes(letter.content)
    try:
        content = wording.render(letter)
    except ValueError as refused:
        letters.finish(letter=letter, state=LetterState.FAILED, error=str(refused))
        log.exception("letter %s can't be written", letter.pk)
        return None
    except Exception as fault:
        # One letter that can't be drawn must not hold up the others; it is tried again and shown in the log.
        letters.finish(letter=letter, state=None, error=type(fault).__name__)
        log.exception("letter %s could not be drawn", letter.pk)
        return None
    letters.keep(letter=letter, content=content)
    return content


def is_moot(letter: Letter) -> bool:
    """Whether nobody needs it any more: a link that has lapsed, a session that is over, a person who is out."""
    if not letter.person.is_active:
        return True
    if letter.link is not None:
        return letter.link.used_at is not None or letter.link.expires_at <= now()
    invitation = letter.invitation
    if letter.kind in OF_MEMBERS and invitation is not None and invitation.withdrawn_at is not None:
        return True
    return letter.kind in INVITING and letter.session is not None and letter.session.ends_at <= now()
