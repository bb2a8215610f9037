"""The outbox's rows as workers see them: claimed with a lease, kept, held, ended by whoever holds them still.

Each claim has an owner of its own, so that a worker whose lease ran out changes nothing. Leases are measured by the
database's clock where it has one of its own: workers on several machines need not agree about the hour.
"""

import logging
import random
import secrets
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from seminars.actions.turns import REPLACED, REPLACING, know
from seminars.models import Letter
from seminars.models.letters import REMINDING
from seminars.moments import now
from seminars.vocabulary import LetterKind, LetterState

log = logging.getLogger(__name__)
MOST_TRIES = 10
MOST_UNANSWERED = 50
"""A letter that ends so many workers is given up, so that it does not end the next."""
LONGEST_PAUSE = 6 * 3600.0
SPREAD = 0.2
NOBODY = uuid.UUID(int=0)
SEAM = timedelta(seconds=1)
"""A clock further from the machine's was moved by hand: then the database's is moved alike."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a try ended. `state` SENT, FAILED, DEAD or SUPERSEDED ends the letter, None asks for another try.

    Not `is_counted`: no letter could leave, this one is not to blame. Not `is_answered`: it may have arrived. `wait`:
    seconds until the other try, where they are known.
    """

    letter: Letter
    state: LetterState | None
    error: str = ""
    is_counted: bool = True
    is_answered: bool = True
    wait: float | None = None


def _adapted(name: str, value: Any) -> Any:
    field: Any = Letter._meta.get_field(name)
    return field.get_db_prep_value(value, connection)


def _clock(later: timedelta = timedelta()) -> tuple[str, list[Any]]:
    """SQL for the present, and for a moment later, with its parameters."""
    present = now()
    if connection.vendor != "postgresql":
        return "%s", [_adapted("next_at", present + later)]
    shift = present - timezone.now()
    return "(statement_timestamp() + %s)", [later + (shift if abs(shift) > SEAM else timedelta())]


IN_TURN = """(ordering_key = '' OR NOT EXISTS (
      SELECT 1 FROM seminars_letter AS older
      WHERE older.ordering_key = mine.ordering_key AND older.state = 'pending' AND older.stamp < mine.stamp))"""
"""Whether a letter, called `mine`, waits for no older one of its key."""
_CLAIM = """
WITH due AS {once} (
  SELECT id FROM seminars_letter AS mine
  WHERE state = 'pending' AND next_at <= {now} AND (lease_until IS NULL OR lease_until < {now}) {which}
    AND {in_turn}
  ORDER BY next_at LIMIT %s {skip})
UPDATE seminars_letter SET owner = %s, lease_until = {lease},
  attempts = attempts + CASE WHEN owner = '' THEN 1 ELSE 0 END,
  unanswered = unanswered + CASE WHEN owner = '' THEN 0 ELSE 1 END
WHERE id IN (SELECT id FROM due) RETURNING id
"""
FIRST = f"AND kind = '{LetterKind.SIGN_IN}'"
"""Somebody waits for it before a page; three hundred invitations can wait behind it."""


def claim(*, owner: str, most: int = 1) -> list[Letter]:
    """Takes letters that are due, for LETTER_LEASE_SECONDS; nobody else gets them meanwhile.

    Of one ordering key there is one at most, the oldest. A letter whose last worker fell silent is taken up as it
    is: that try may have arrived, and did not fail.
    """
    mark = f"{owner}/{secrets.token_hex(4)}"
    found = _claimed(mark, most, FIRST) or _claimed(mark, most, "")
    if not found:
        return []
    letters = Letter.objects.select_related("person", "invitation", "link").prefetch_related(
        "session", "revision", "message__author", "invitation__invited_by"
    )
    rows = sorted(letters.filter(pk__in=found), key=lambda letter: (letter.next_at, letter.created_at))
    spent = [letter for letter in rows if letter.unanswered >= MOST_UNANSWERED]
    settle([Outcome(letter, LetterState.DEAD, "no worker outlived it") for letter in spent])
    return [letter for letter in rows if letter.unanswered < MOST_UNANSWERED]


def _claimed(mark: str, most: int, which: str) -> list[Any]:
    present, moment = _clock()
    lease, until = _clock(timedelta(seconds=settings.LETTER_LEASE_SECONDS))
    is_shared = connection.features.has_select_for_update_skip_locked
    statement = _CLAIM.format(
        now=present,
        lease=lease,
        which=which,
        in_turn=IN_TURN,
        once="MATERIALIZED" if is_shared else "",
        skip="FOR UPDATE SKIP LOCKED" if is_shared else "",
    )
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, [*moment, *moment, most, mark, *until])
        return [row[0] if isinstance(row[0], uuid.UUID) else uuid.UUID(row[0]) for row in cursor.fetchall()]


def keep(letters: Sequence[Letter]) -> None:
    """Keeps the bytes that `content` holds, before the first try."""
    rows = [
        (_adapted("content", each.content), _adapted("id", each.pk), each.owner)
        for each in letters
        if each.content is not None
    ]
    if rows:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.executemany(
                "UPDATE seminars_letter SET content = %s WHERE id = %s AND owner = %s AND state = 'pending'",
                rows,
            )


def hold(letters: Collection[Letter]) -> list[Letter]:
    """Renews the leases of one claim; returns the letters that are still ours."""
    if not letters:
        return []
    lease, until = _clock(timedelta(seconds=settings.LETTER_LEASE_SECONDS))
    places = ", ".join(["%s"] * len(letters))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE seminars_letter SET lease_until = {lease} "
            f"WHERE id IN ({places}) AND owner = %s RETURNING id",
            [*until, *(_adapted("id", each.pk) for each in letters), next(iter(letters)).owner],
        )
        ours = {str(row[0]).replace("-", "") for row in cursor.fetchall()}
    return [letter for letter in letters if letter.pk.hex in ours]


_OVERTAKEN = f"""
UPDATE seminars_letter SET state = '{LetterState.SUPERSEDED}'
WHERE id = %s AND state = '{LetterState.PENDING}' AND owner = '' AND EXISTS (
  SELECT 1 FROM seminars_letter AS newer
  WHERE newer.ordering_key = %s AND newer.stamp >= seminars_letter.stamp AND newer.id <> seminars_letter.id
    AND newer.state <> '{LetterState.SUPERSEDED}'
    AND newer.kind IN ({", ".join(["%s"] * len(REPLACING))}))
"""
_SETTLE = """
UPDATE seminars_letter SET state = %s, sent_at = COALESCE(%s, sent_at), next_at = COALESCE(%s, next_at),
  last_error = %s, attempts = attempts - %s, unanswered = unanswered + %s, owner = '', lease_until = NULL
WHERE id = %s AND owner = %s AND state = 'pending'
"""


def settle(outcomes: Sequence[Outcome]) -> int:
    """Ends tries, all or none; returns how many letters were still ours to end.

    Another try follows after 1, 2, 4… times LETTER_BACKOFF_SECONDS +- 20 %, 6 hours at most; the tenth was the last.
    None follows where a newer letter, posted while this one was in hand, says it all.
    """
    if not outcomes:
        return 0
    rows = [_row(outcome) for outcome in outcomes]
    with connection.cursor() as cursor:
        if len(rows) == 1:
            cursor.execute(_SETTLE, rows[0])
            changed = cursor.rowcount
        else:
            with transaction.atomic():
                cursor.executemany(_SETTLE, rows)
                changed = cursor.rowcount
        for outcome in outcomes:
            if outcome.state is None and outcome.letter.kind in REPLACED:
                _drop_overtaken(cursor, outcome.letter)
    return _told(changed, rows)


def _drop_overtaken(cursor: Any, letter: Letter) -> None:
    """Ends a letter whose next try would hold up its successor, which waits no longer for others like it; who was not
    reached is then invited by that one."""
    key = letter.ordering_key.removesuffix(REMINDING)
    cursor.execute(_OVERTAKEN, [_adapted("id", letter.pk), key, *REPLACING])
    if not cursor.rowcount:
        return
    waiting = Letter.objects.filter(ordering_key=key, state=LetterState.PENDING, owner="", content=None)
    waiting.filter(attempts=0, next_at__gt=now()).update(next_at=now())
    if letter.kind == LetterKind.INVITATION and not know([key]):
        waiting.filter(kind=LetterKind.UPDATE).update(kind=LetterKind.INVITATION)


def _row(outcome: Outcome) -> tuple[Any, ...]:
    letter, state, present = outcome.letter, outcome.state, now()
    later: datetime | None = None
    if state is None and outcome.is_counted and letter.attempts >= MOST_TRIES:
        state = LetterState.DEAD
    elif state is None and outcome.wait is not None:
        later = present + timedelta(seconds=outcome.wait)
    elif state is None:
        times = 2 ** (letter.attempts - 1) if outcome.is_counted else 1
        pause = min(settings.LETTER_BACKOFF_SECONDS * times, LONGEST_PAUSE)
        later = present + timedelta(seconds=pause * random.uniform(1 - SPREAD, 1 + SPREAD))
    if state == LetterState.DEAD:
        log.error("letter %s was given up after %s tries: %s", letter.pk, letter.attempts, outcome.error)
    return (
        state or LetterState.PENDING,
        _adapted("sent_at", present if state == LetterState.SENT else None),
        _adapted("next_at", later),
        outcome.error[:300],
        0 if outcome.is_counted else 1,
        0 if outcome.is_answered else 1,
        _adapted("id", letter.pk),
        letter.owner,
    )


def _told(changed: int, rows: Sequence[Any]) -> int:
    if changed < len(rows):
        log.warning("%s of %s letters had passed to another worker", len(rows) - changed, len(rows))
    return changed


def release(*, owner: str, but: uuid.UUID | None = None) -> int:
    """Gives back what a worker holds and did not try, `but` one, so that the next need not wait for the leases."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE seminars_letter SET owner = '', lease_until = NULL, attempts = attempts - 1 "
            "WHERE state = 'pending' AND substr(owner, 1, %s) = %s AND id <> %s",
            [len(owner) + 1, f"{owner}/", _adapted("id", but or NOBODY)],
        )
        return int(cursor.rowcount)
