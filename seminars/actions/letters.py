"""Posting letters in the action's own transaction, and sending again what did not arrive.

A letter: pending -> sent | superseded | failed | dead; failed | dead -> pending by hand. Letters of one ordering key
leave in the order of their posting; `seminars.work` takes them from here.
"""

import logging
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Max, Q

from seminars.errors import Refused
from seminars.facts import MessagePublished, announce
from seminars.ical.imip import envelope
from seminars.models import Invitation, Letter, Message, Person, Revision, Session, SignInLink
from seminars.moments import now
from seminars.vocabulary import LetterKind, LetterState, State

log = logging.getLogger(__name__)
BYTES_KEPT = timedelta(days=30)
"""How long a letter's bytes stay after it was sent; they hold its reader's personal link."""
REPLACED = (LetterKind.INVITATION, LetterKind.UPDATE, LetterKind.REMINDER)
"""What waits and says an older thing is replaced by the next of REPLACING."""
REPLACING = (LetterKind.INVITATION, LetterKind.UPDATE, LetterKind.CANCELLATION, LetterKind.WITHDRAWAL)
STUCK = (LetterState.FAILED, LetterState.DEAD)
REMINDING = "/reminder"
"""Ends the ordering key of reminders, which wait for their day and must hold up nothing."""
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
    not_before: datetime | None = None,
) -> Letter | None:
    """A letter about a session to one invited person, not to leave before a moment; within the caller's transaction.

    What waits, or did not arrive, and says an older thing is superseded; a first invitation that has not left yet is
    replaced by a new first invitation, or by nothing when the session is cancelled meanwhile.
    """
    session, person = invitation.session, invitation.person
    key = f"{session.uid}/{person.pk}"
    if kind in REPLACING:
        never_left = _supersede(key)
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
        ordering_key=key + REMINDING if kind == LetterKind.REMINDER else key,
        sequence=revision.sequence,
        stamp=_next_stamp(key),
        next_at=max(present, not_before) if not_before else present,
        created_at=present,
    )


def _supersede(key: str) -> bool:
    """Ends the older letters of one recipient that a new one replaces; a letter that a worker holds is left to it.

    Whether there was an invitation among them, and she certainly holds nothing about this session, old or new.
    """
    waits = Q(state=LetterState.PENDING, kind__in=REPLACED) & (Q(lease_until=None) | Q(lease_until__lt=now()))
    older = Letter.objects.select_for_update().filter(
        waits | Q(state__in=STUCK, kind__in=[*REPLACED, *REPLACING]), ordering_key__in=[key, key + REMINDING]
    )
    rows = list(older.values_list("pk", "kind", "owner"))
    if lapsed := [pk for pk, _, owner in rows if owner]:
        # Their worker fell silent: they may have left.
        Letter.objects.filter(pk__in=lapsed).update(unanswered=F("unanswered") + 1)
    if rows:
        ended = {"state": LetterState.SUPERSEDED, "owner": "", "lease_until": None}
        Letter.objects.filter(pk__in=[row[0] for row in rows]).update(**ended)
    was_invited = any(kind == LetterKind.INVITATION for _, kind, _ in rows)
    return was_invited and not Letter.objects.standing(key).exists()


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


@transaction.atomic
def retry(*, session: Session, by: Person, person: Person | None = None) -> int:
    """failed | dead -> pending, for all letters of a session that did not arrive, or those to one person.

    The very bytes leave again, unless the address has changed since. Returns how many. What nobody needs any more is
    dropped by the worker, as before a first try.
    """
    stuck = Letter.objects.undelivered().filter(session=session).select_for_update(of=("self",))
    if person is not None:
        stuck = stuck.filter(person=person)
    tried = list(stuck.select_related("person"))
    for letter in tried:
        if letter.content is not None and envelope(bytes(letter.content))[1] != letter.person.email:
            letter.content = None
        letter.state, letter.attempts, letter.next_at = LetterState.PENDING, 0, now()
        letter.owner, letter.lease_until, letter.last_error = "", None, ""
        letter.save(
            update_fields=["content", "state", "attempts", "next_at", "owner", "lease_until", "last_error"]
        )
    if tried:
        log.info("%s letters of session %s are tried again", len(tried), session.code)
    return len(tried)


def forget_bytes() -> int:
    """Drops the bytes of letters that ended long ago; the rows stay. Returns how many."""
    old = Letter.objects.exclude(state=LetterState.PENDING).filter(created_at__lt=now() - BYTES_KEPT)
    return old.exclude(content=None).update(content=None)
