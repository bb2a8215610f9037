"""Sending convocations: a letter with a paper to each person who said yes, once for each state of the session."""

from typing import Any

from django.db import transaction

from seminars.actions import letters
from seminars.errors import Refused
from seminars.models import Letter, Person, Revision, Session
from seminars.moments import now
from seminars.vocabulary import Answer, LetterKind, LetterState, State

WHEN_AND_WHERE = ("starts_at", "ends_at", "slots", "timezone", "mode", "place")
"""What an employer must learn anew; a better title makes no paper worthless."""
LOST = (LetterState.FAILED, LetterState.DEAD, LetterState.SUPERSEDED)


@transaction.atomic
def send(*, session: Session, by: Person) -> int:
    """Returns how many leave. Whoever has one that still holds gets no other: a moved session is convoked to anew.

    Refused where the session is not to come, or nobody is left to whom one should go.
    """
    session = Session.objects.select_for_update().get(pk=session.pk)
    if session.state not in (State.SCHEDULED, State.RUNNING) or session.ends_at <= now():
        raise Refused("not_now", state=session.get_state_display())
    coming = session.invitations.active().filter(answer=Answer.YES)
    if not coming.exists():
        raise Refused("nobody_to_write_to")
    revision = letters.freeze(session)
    left = coming.exclude(person__in=_who_has_one(session, revision))
    posted = letters.post_all(kind=LetterKind.CONVOCATION, invitations=left, revision=revision)
    if not posted:
        raise Refused("convoked")
    return len(posted)


def _who_has_one(session: Session, revision: Revision) -> set[int]:
    """Numbers of the people whose last convocation says when and where as this revision does."""
    sent = session.letters.filter(kind=LetterKind.CONVOCATION).exclude(state__in=LOST).order_by("stamp")
    last: dict[int, Letter] = {letter.person_id: letter for letter in sent.select_related("revision")}
    return {person for person, letter in last.items() if _held(letter.revision) == _held(revision)}


def _held(revision: Revision | None) -> list[Any]:
    return [revision.content.get(name) for name in WHEN_AND_WHERE] if revision else []
