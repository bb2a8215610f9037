"""The code shown in the room: six signs derived from the session and the minute, so that who types it is there.

The present one opens, and the one before it: whoever reads slowly, or scans at the turn of the minute, is not sent
away. Nothing is kept; a code that is older than two turns is worth nothing.
"""

import hmac
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db.models import Q

from seminars import keys
from seminars.errors import Refused
from seminars.models import Session
from seminars.moments import now
from seminars.queries import signing as queries
from seminars.vocabulary import State

PURPOSE = "room-code"
LENGTH = 6
MOST_TURNS = 5000
"""Codes of the past that are compared with one that is wrong now: some fifteen half-days."""


def _turn(at: datetime) -> int:
    return int(at.timestamp()) // settings.ROOM_CODE_SECONDS


def code_of(session: Session, at: datetime | None = None, back: int = 0) -> str:
    """The code of this session at an instant, or `back` turns earlier."""
    return keys.letters(PURPOSE, session.code, _turn(at or now()) - back, length=LENGTH)


def renewed_at(at: datetime) -> datetime:
    """When the next code comes."""
    return datetime.fromtimestamp((_turn(at) + 1) * settings.ROOM_CODE_SECONDS, UTC)


def plain(typed: str) -> str:
    """What was typed, without case, blanks and dashes."""
    return "".join(sign for sign in typed[:40].lower() if sign.isalnum())


def accepts(session: Session, typed: str, at: datetime | None = None) -> bool:
    """Whether the present code or the one before it was typed; compared in the same time whatever was typed."""
    at, given = at or now(), plain(typed).encode()
    found = [hmac.compare_digest(given, code_of(session, at, back).encode()) for back in (0, 1)]
    return any(found)


def was_shown(session: Session, typed: str, at: datetime | None = None) -> bool:
    """Whether this room has shown it since its first half-day could be signed: whoever brings it has read it there,
    however long ago, and is not guessing. It opens nothing any more."""
    present, given = _turn(at or now()), plain(typed)
    turns: set[int] = set()
    for slot in session.slots.all():
        opens, closes = queries.window(slot)
        turns.update(range(_turn(opens) - 1, min(_turn(closes), present) + 1))
    newest = sorted(turns, reverse=True)[:MOST_TURNS]
    return any(keys.letters(PURPOSE, session.code, turn, length=LENGTH) == given for turn in newest)


def is_shown(session: Session, at: datetime | None = None) -> bool:
    """Whether there is something to sign by it: the window of a half-day is open, and the sheet is not sealed."""
    if session.state in (State.DRAFT, State.CANCELLED) or queries.is_sealed(session):
        return False
    return bool(queries.now_open(session, at or now()))


def shown_from(session: Session, at: datetime) -> datetime | None:
    """When the next window opens; None: no more."""
    opening = [queries.window(slot)[0] for slot in session.slots.all()]
    return next((opens for opens in sorted(opening) if opens > at), None)


def find(typed: str) -> Session:
    """The session whose room shows this code now; for whoever types it without knowing which one. Raises Refused
    `room_code_wrong` for none, and for the rare two."""
    at = now()
    reach = timedelta(minutes=max(settings.SIGN_OPENS_MINUTES, settings.SIGN_CLOSES_MINUTES), hours=12)
    near = Q(slots__starts_at__lte=at + reach, slots__ends_at__gte=at - reach)
    alive = Session.objects.filter(near, state__in=[State.SCHEDULED, State.RUNNING, State.ENDED]).distinct()
    found = [session for session in alive if accepts(session, typed, at) and is_shown(session, at)]
    if len(found) != 1:
        raise Refused("room_code_wrong", field="room_code")
    return found[0]
