"""Posting letters in the action's own transaction, and sending again what did not arrive.

A letter: pending -> sent | superseded | failed | dead; failed | dead -> pending by hand. Letters of one ordering key
leave in the order of their posting; `seminars.work` takes them from here.
"""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from seminars.actions import turns
from seminars.errors import Refused
from seminars.facts import MessagePublished, announce
from seminars.ical.imip import envelope
from seminars.models import (
    Invitation,
    Letter,
    Message,
    Person,
    Revision,
    Session,
    SignInLink,
    Unsubscription,
)
from seminars.models.letters import REMINDING
from seminars.moments import now
from seminars.vocabulary import STOPPABLE, Answer, Audience, LetterKind, LetterState, State

log = logging.getLogger(__name__)
BYTES_KEPT = timedelta(days=30)
"""How long a letter's bytes stay after it was sent; they hold its reader's personal link."""
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
MERGED = SAID - {"timezone", "mode", "place", "state", "is_confidential"}
"""Changes of these are words: several within EDITS_MERGED_MINUTES become one letter."""
TOLD_BEFORE = timedelta(hours=2)
"""No change of words waits until so shortly before the start."""


def content(session: Session) -> dict[str, Any]:
    """What the letters of this session would say today, as a revision keeps it. `words` holds what its trainer adds,
    {kind: {language: text}}, and is absent where there is nothing."""
    said: dict[str, Any] = {name: getattr(session, name) for name in TEXTS}
    said |= {
        "starts_at": session.starts_at.isoformat(),
        "ends_at": session.ends_at.isoformat(),
        "created_at": session.created_at.isoformat(),
        "revised_at": session.revised_at.isoformat(),
        "is_confidential": session.is_confidential,
        "activity": session.activity.code,
        "slots": [[slot.starts_at.isoformat(), slot.ends_at.isoformat()] for slot in session.slots.all()],
    }
    own = {
        each.kind: {"fr": each.text_fr, "it": each.text_it, "en": each.text_en}
        for each in session.own_words.all()
    }
    return said | {"words": own} if own else said


def freeze(session: Session) -> Revision:
    """One snapshot of what the letters of this revision say; equal ones are not made twice."""
    said = content(session)
    last = session.revisions.filter(sequence=session.sequence).last()
    if last is not None and last.content == said:
        return last
    return Revision.objects.create(session=session, sequence=session.sequence, made_at=now(), content=said)


def post(
    *,
    kind: LetterKind,
    invitation: Invitation,
    revision: Revision,
    message: Message | None = None,
    not_before: datetime | None = None,
    about: str = "",
) -> Letter | None:
    """`post_all` to one person. None: she wants no letters of that kind, or needs none."""
    posted = post_all(
        kind=kind,
        invitations=[invitation],
        revision=revision,
        message=message,
        not_before=not_before,
        about=about,
    )
    return posted[0] if posted else None


def post_all(
    *,
    kind: LetterKind,
    invitations: Iterable[Invitation],
    revision: Revision,
    message: Message | None = None,
    not_before: datetime | None = None,
    about: str = "",
) -> list[Letter]:
    """A letter about a session to each of these invited people, in a handful of queries for all of them; within the
    caller's transaction, which holds the session.

    `not_before` lets a change of words wait. `about` names what the clock is due to say, so that it is said once: who
    posts looks before, and IntegrityError says that it has not. Who has stopped letters of that kind gets none. What
    waits, or did not arrive, and says an older thing is superseded; a first invitation that has not left yet is
    replaced by a new first invitation, or by nothing when the session is cancelled meanwhile.
    """
    session, present = revision.session, now()
    keys = {f"{session.uid}/{each.person_id}": each for each in _wanting(kind, list(invitations))}
    older = turns.supersede(list(keys), kind)
    is_told = turns.hold if kind in turns.ENDS else turns.know
    told = is_told([key for key, found in older.items() if found.was_invited])
    stamps = turns.latest(keys)
    letters: list[Letter] = []
    for key, invitation in keys.items():
        found, said = older.get(key, turns.NOTHING), kind
        if found.was_invited and key not in told:
            if kind in turns.ENDS:
                continue
            said = LetterKind.INVITATION
        letters.append(
            Letter(
                kind=said,
                person_id=invitation.person_id,
                session=session,
                invitation=invitation,
                revision=revision,
                message=message,
                about=about if said == kind else "",
                ordering_key=key + REMINDING if kind == LetterKind.REMINDER else key,
                sequence=revision.sequence,
                stamp=turns.stamp(present, stamps.get(key)),
                next_at=found.until(not_before if said == kind else None, present),
                created_at=present,
            )
        )
    if kind not in turns.REPLACING and not (not_before and not_before > present):
        turns.pull_forward(keys, present)
    return Letter.objects.bulk_create(letters)


def tell_everybody(session: Session, kind: LetterKind, *, may_wait: bool = False) -> list[Letter]:
    """What has changed, to each invited person; who is replaced hears of an end alone. What `may_wait` leaves
    some minutes after the first such change."""
    invited = session.invitations.all()
    merged = now() + timedelta(minutes=settings.EDITS_MERGED_MINUTES)
    return post_all(
        kind=kind,
        invitations=invited.active() if kind in turns.ENDS else invited.concerned(),
        revision=freeze(session),
        not_before=min(merged, session.starts_at - TOLD_BEFORE) if may_wait else None,
    )


NOWHERE = ".invalid"
"""Ends the address of whoever gave none (RFC 2606 2): nothing is posted there."""


def _wanting(kind: LetterKind, invitations: list[Invitation]) -> list[Invitation]:
    people = {each.person_id for each in invitations}
    nowhere = Person.objects.filter(pk__in=people, email__iendswith=NOWHERE) if people else None
    if nowhere is not None and (silent := set(nowhere.values_list("pk", flat=True))):
        invitations = [each for each in invitations if each.person_id not in silent]
    if kind not in STOPPABLE or not invitations:
        return invitations
    stopped = Unsubscription.objects.filter(kind=kind, person__in=[each.person_id for each in invitations])
    people = set(stopped.values_list("person", flat=True))
    return [each for each in invitations if each.person_id not in people]


def post_sign_in(*, person: Person, link: SignInLink) -> Letter:
    """The mail with a link and a number to enter by."""
    present = now()
    return Letter.objects.create(
        kind=LetterKind.SIGN_IN, person=person, link=link, stamp=present, next_at=present, created_at=present
    )


AUDIENCES: dict[str, Q] = {
    Audience.EVERYBODY: ~Q(answer=Answer.NO),
    Audience.UNANSWERED: Q(answer=Answer.NONE),
    Audience.COMING: Q(answer=Answer.YES),
}


def readers(session: Session, audience: str = Audience.EVERYBODY) -> QuerySet[Invitation]:
    """The invitations that a word to this audience reaches; who has stopped messages is left out."""
    stopped = Unsubscription.objects.filter(person=OuterRef("person"), kind=LetterKind.MESSAGE)
    return session.invitations.active().filter(AUDIENCES[audience], ~Exists(stopped))


def reached(session: Session) -> dict[str, int]:
    """By audience, how many people a word reaches."""
    counted = {str(name): Count("pk", filter=which) for name, which in AUDIENCES.items()}
    return readers(session).aggregate(**counted)


@transaction.atomic
def publish(
    *,
    session: Session,
    by: Person,
    text_fr: str = "",
    text_it: str = "",
    audience: str = Audience.EVERYBODY,
) -> Message:
    """Writes now: a mail to each reader, and a line on every open companion where the word is for everybody."""
    if not (text_fr.strip() or text_it.strip()):
        raise Refused("message_empty", field="text_fr")
    session = Session.objects.select_for_update().get(pk=session.pk)
    if session.state not in (State.SCHEDULED, State.RUNNING):
        raise Refused("not_now", state=session.get_state_display())
    invitations = list(readers(session, audience))
    if audience != Audience.EVERYBODY and not invitations:
        raise Refused("nobody_to_write_to", field="audience")
    message = Message.objects.create(
        session=session,
        author=by,
        text_fr=text_fr.strip(),
        text_it=text_it.strip(),
        audience=audience,
        at=now(),
    )
    post_all(kind=LetterKind.MESSAGE, invitations=invitations, revision=freeze(session), message=message)
    if audience == Audience.EVERYBODY:
        announce(MessagePublished(session.pk, Session.objects.next_seq(session.pk), message.pk))
    return message


@transaction.atomic
def retry(*, session: Session, by: Person, person: Person | None = None) -> int:
    """failed | dead -> pending, for all letters of a session that did not arrive, or those to one person.

    The very bytes leave again, unless the address has changed since or a newer letter says it all. Returns how many.
    What nobody needs any more is dropped by the worker, as before a first try.
    """
    Session.objects.select_for_update().get(pk=session.pk)
    stuck = Letter.objects.undelivered().filter(session=session).select_for_update(of=("self",))
    if person is not None:
        stuck = stuck.filter(person=person)
    tried = list(stuck.select_related("person").order_by("pk"))
    for letter in tried:
        if letter.content is not None and envelope(bytes(letter.content))[1] != letter.person.email:
            letter.content = None
        letter.state, letter.attempts, letter.next_at = LetterState.PENDING, 0, now()
        letter.owner, letter.lease_until, letter.last_error = "", None, ""
        letter.returned_at = letter.delivered_at = None
        fields = ["content", "state", "attempts", "next_at", "owner", "lease_until", "last_error"]
        letter.save(update_fields=[*fields, "returned_at", "delivered_at"])
    if tried:
        log.info("%s letters of session %s are tried again", len(tried), session.code)
    return len(tried)


def forget_bytes() -> int:
    """Drops the bytes of letters that ended long ago; the rows stay. Returns how many."""
    old = Letter.objects.exclude(state=LetterState.PENDING).filter(created_at__lt=now() - BYTES_KEPT)
    return old.exclude(content=None).update(content=None)
