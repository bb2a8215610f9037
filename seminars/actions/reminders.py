"""Letters that the clock posts, asking again by hand, and the choice of both.

Nothing waits in the outbox for its day: workers look every half minute for what is due, so that whoever was moved,
cancelled or answered meanwhile is told as it is then. `Letter.about` names what is said; a constraint, and the
session's row while it is posted, let several workers say it once.
"""

import logging
from collections.abc import Collection
from dataclasses import dataclass

from django.db import transaction

from seminars.actions import letters
from seminars.errors import Refused
from seminars.models import Person, Session
from seminars.moments import now
from seminars.queries.due import ASKING, REMINDERS, Due, due, readers, rested, unanswered
from seminars.vocabulary import LetterKind, State

log = logging.getLogger(__name__)
MOST_SESSIONS = 50
"""In one round; what is left is due in the next one still."""


@dataclass(frozen=True, slots=True)
class Asked:
    """How many letters ask again, and how many people are left in peace."""

    count: int
    left_out: int


def post_due() -> int:
    """Posts what is due, returns how many letters. For MOST_SESSIONS at most, each in a transaction of its own."""
    return sum(_post(each) for each in due(now(), MOST_SESSIONS))


@transaction.atomic
def _post(found: Due) -> int:
    """All letters of one moment, or none: a worker that holds the session posts them, or has posted."""
    held = Session.objects.select_for_update(skip_locked=True, of=("self",)).select_related("activity")
    session = held.filter(pk=found.session_id, state__in=[State.SCHEDULED, State.ENDED]).first()
    if session is None or session.letters.filter(kind=found.kind, about=found.about).exists():
        return 0
    invitations = list(readers(found.kind, found.moment).filter(session=session))
    if not invitations:
        return 0
    posted = letters.post_all(
        kind=found.kind, invitations=invitations, revision=letters.freeze(session), about=found.about
    )
    log.info("%s letters about session %s: %s %s", len(posted), session.code, found.kind, found.about)
    return len(posted)


@transaction.atomic
def ask_again(*, session: Session, by: Person) -> Asked:
    """Asks those who have not answered, now. Who was invited or asked less than a day ago is left out; refused where
    nobody remains."""
    session = Session.objects.select_for_update().get(pk=session.pk)
    if session.state != State.SCHEDULED or session.starts_at <= now():
        raise Refused("not_now", state=session.get_state_display())
    found = unanswered(session)
    if not found.count:
        raise Refused("all_answered")
    if not found.rested:
        raise Refused("asked_today")
    posted = letters.post_all(
        kind=LetterKind.ASKING, invitations=rested(session), revision=letters.freeze(session)
    )
    return Asked(len(posted), found.count - len(posted))


@transaction.atomic
def choose(
    *, session: Session, by: Person, reminders: Collection[int], asks_again: Collection[int]
) -> Session:
    """When people are reminded (minutes before the start) and asked again (days before it); either may be empty."""
    session = Session.objects.select_for_update().get(pk=session.pk)
    if session.state not in (State.DRAFT, State.SCHEDULED):
        raise Refused("not_now", state=session.get_state_display())
    if not set(reminders) <= {*REMINDERS, *session.reminders}:
        raise Refused("reminder_unknown", field="reminders")
    if not set(asks_again) <= {*ASKING, *session.asks_again}:
        raise Refused("reminder_unknown", field="asks_again")
    session.reminders = sorted(set(reminders), reverse=True)
    session.asks_again = sorted(set(asks_again), reverse=True)
    session.save(update_fields=["reminders", "asks_again"])
    return session
