"""Posting letters in the action's own transaction, and the outbox's claim and finish.

A letter: pending -> sent | superseded | failed | dead. Letters of one ordering key leave in the order of their posting.
"""

import random
import uuid
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Max, Q

from seminars.errors import Refused
from seminars.facts import MessagePublished, announce
from seminars.models import Invitation, Letter, Message, Person, Revision, Session, SignInLink
from seminars.moments import now
from seminars.vocabulary import LetterKind, LetterState, State

MOST_ATTEMPTS = 10
BYTES_KEPT = timedelta(days=30)
"""How long a letter's bytes stay after it was sent; they hold its reader's personal link."""
UNSEEN = Q(attempts=0) | Q(last_error__regex=r"^[45]\d\d")
"""Never tried, or answered with a refusal; after a time-out the letter may have arrived all the same."""
TEXTS = (
    "title_fr",
    "title_it",
    "title_en",
    "summary_fr",
    "summary_it",
    "timezone",
    "mode",
    "place",
    "kind",
    "state",
)
SAID = frozenset({*TEXTS, "activity", "is_confidential"})
"""Columns of a session that letters and calendars show."""


def freeze(session: Session) -> Revision:
    """One snapshot of what the letters of this revision say; equal ones are not made twice."""
    content: dict[str, Any] = {name: getattr(session, name) for name in TEXTS}
    content |= {
        "starts_at": session.starts_at.isoformat(),
        "ends_at": session.ends_at.isoformat(),
        "created_at": session.created_at.isoformat(),
        "revised_at": session.revised_at.isoformat(),
        "is_confidential": session.is_confidential,
        "activity": session.activity.code,
        "slots": [[slot.starts_at.isoformat(), slot.ends_at.isoformat()] for slot in session.slots.all()],
    }
    last = session.revisions.filter(sequence=session.sequence).last()
    if last is not None and last.content == content:
        return last
    return Revision.objects.create(session=session, sequence=session.sequence, made_at=now(), content=content)


def _next_stamp(ordering_key: str) -> datetime:
    """Strictly later than any DTSTAMP this recipient has seen for this UID; whole seconds, as iCalendar writes them."""
    latest = Letter.objects.filter(ordering_key=ordering_key).aggregate(latest=Max("stamp"))["latest"]
    present = now().replace(microsecond=0)
    return present if latest is None or latest < present else latest + timedelta(seconds=1)


def post(
    *,
    kind: LetterKind,
    invitation: Invitation,
    revision: Revision,
    message: Message | None = None,
) -> Letter | None:
    """A letter about a session to one invited person; within the caller's transaction.

    What waits and says an older thing is superseded; a first invitation that has not left yet is replaced by a new
    first invitation, or by nothing when the session is cancelled meanwhile.
    """
    session, person = invitation.session, invitation.person
    key = f"{session.uid}/{person.pk}"
    if kind in (LetterKind.INVITATION, LetterKind.UPDATE, LetterKind.CANCELLATION, LetterKind.WITHDRAWAL):
        waiting = Letter.objects.filter(
            Q(lease_until=None) | Q(lease_until__lt=now()),
            ordering_key=key,
            state=LetterState.PENDING,
            kind__in=[LetterKind.INVITATION, LetterKind.UPDATE],
        )
        never_left = waiting.filter(UNSEEN, kind=LetterKind.INVITATION).exists()
        waiting.update(state=LetterState.SUPERSEDED)
        if never_left and kind in (LetterKind.CANCELLATION, LetterKind.WITHDRAWAL):
            return None
        if never_left:
            kind = LetterKind.INVITATION
    present = now()
    return Letter.objects.create(
        kind=kind,
        person=person,
        session=session,
        invitation=invitation,
        revision=revision,
        message=message,
        ordering_key=key,
        sequence=revision.sequence,
        stamp=_next_stamp(key),
        next_at=present,
        created_at=present,
    )


def has_failed(invitation: Invitation) -> bool:
    """Whether the newest letter to this person was refused or given up: inviting her again sends a new one."""
    newest = invitation.letters.order_by("-stamp", "-created_at").first()
    return newest is not None and newest.state in (LetterState.FAILED, LetterState.DEAD)


def post_sign_in(*, person: Person, link: SignInLink) -> Letter:
    """The mail with a link and a number to enter by."""
    present = now()
    return Letter.objects.create(
        kind=LetterKind.SIGN_IN, person=person, link=link, stamp=present, next_at=present, created_at=present
    )


@transaction.atomic
def publish(*, session: Session, by: Person, text_fr: str = "", text_it: str = "") -> Message:
    """Writes to everybody now: a mail to each person who did not say no, and a line on every open companion."""
    if not (text_fr.strip() or text_it.strip()):
        raise Refused("message_empty", field="text_fr")
    session = Session.objects.select_for_update().get(pk=session.pk)
    if session.state not in (State.SCHEDULED, State.RUNNING):
        raise Refused("not_now", state=session.get_state_display())
    message = Message.objects.create(
        session=session, author=by, text_fr=text_fr.strip(), text_it=text_it.strip(), at=now()
    )
    revision = freeze(session)
    for invitation in session.invitations.reached().select_related("person", "session"):
        post(kind=LetterKind.MESSAGE, invitation=invitation, revision=revision, message=message)
    announce(MessagePublished(session.pk, Session.objects.next_seq(session.pk), message.pk))
    return message


# --- The outbox: claim with a lease, finish fenced ----------------------------------------------------------------

_CLAIM = """
UPDATE seminars_letter SET owner = %s, lease_until = %s, attempts = attempts + 1
WHERE id = (
  SELECT id FROM seminars_letter AS due
  WHERE state = 'pending' AND next_at <= %s AND (lease_until IS NULL OR lease_until < %s)
    AND (ordering_key = '' OR NOT EXISTS (
      SELECT 1 FROM seminars_letter AS older
      WHERE older.ordering_key = due.ordering_key AND older.state = 'pending' AND older.stamp < due.stamp))
  ORDER BY next_at, created_at LIMIT 1 {skip})
AND state = 'pending' RETURNING id
"""


def claim(*, owner: str) -> Letter | None:
    """Takes the letter that is due, for LETTER_LEASE_SECONDS; nobody else gets it meanwhile."""
    present = now()
    adapt = Letter._meta.get_field("next_at").get_db_prep_value
    moments = [
        adapt(m, connection)
        for m in (present + timedelta(seconds=settings.LETTER_LEASE_SECONDS), present, present)
    ]
    skip = "FOR UPDATE SKIP LOCKED" if connection.features.has_select_for_update_skip_locked else ""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_CLAIM.format(skip=skip), [owner, *moments])
        row = cursor.fetchone()
    if row is None:
        return None
    found = row[0] if isinstance(row[0], uuid.UUID) else uuid.UUID(row[0])
    return Letter.objects.select_related(
        "person", "session", "invitation", "revision", "message", "link"
    ).get(pk=found)


def keep(*, letter: Letter, content: bytes) -> None:
    """Keeps the rendered bytes before the first try."""
    Letter.objects.filter(pk=letter.pk, owner=letter.owner, attempts=letter.attempts).update(content=content)
    letter.content = content


def finish(*, letter: Letter, state: LetterState | None, error: str = "") -> bool:
    """Ends one try; fenced, so that a worker whose lease ran out changes nothing. False when that was so.

    `state` SENT or FAILED ends the letter; None asks for another try after 1, 2, 4… times LETTER_BACKOFF_SECONDS
    +- 20 %, 6 hours at most; DEAD after ten.
    """
    mine = Letter.objects.filter(
        pk=letter.pk, owner=letter.owner, attempts=letter.attempts, state=LetterState.PENDING
    )
    values: dict[str, Any] = {"owner": "", "lease_until": None, "last_error": error[:300]}
    if state is not None:
        values |= {"state": state} | ({"sent_at": now()} if state == LetterState.SENT else {})
    elif letter.attempts >= MOST_ATTEMPTS:
        values["state"] = LetterState.DEAD
    else:
        pause = min(settings.LETTER_BACKOFF_SECONDS * 2 ** (letter.attempts - 1), 6 * 3600)
        values["next_at"] = now() + timedelta(seconds=pause * random.uniform(0.8, 1.2))
    return bool(mine.update(**values))


def give_back(*, letter: Letter, error: str) -> None:
    """No letter can leave now, this one is not to blame: the try does not count, another one follows in a minute."""
    mine = Letter.objects.filter(
        pk=letter.pk, owner=letter.owner, attempts=letter.attempts, state=LetterState.PENDING
    )
    pause = timedelta(seconds=settings.LETTER_BACKOFF_SECONDS)
    mine.update(
        owner="",
        lease_until=None,
        attempts=letter.attempts - 1,
        last_error=error[:300],
        next_at=now() + pause,
    )


def release(*, owner: str) -> None:
    """Gives back what a stopping worker holds, so that the next one need not wait for the lease."""
    Letter.objects.filter(Q(owner=owner), state=LetterState.PENDING).update(owner="", lease_until=None)


def forget_bytes() -> int:
    """Drops the bytes of letters that ended long ago; the rows stay. Returns how many."""
    old = Letter.objects.exclude(state=LetterState.PENDING).filter(created_at__lt=now() - BYTES_KEPT)
    return old.exclude(content=None).update(content=None)
