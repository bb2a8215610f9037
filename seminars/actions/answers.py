"""Answering one's own invitations: asked -> yes | maybe | no, again and again until the start; one or a series."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.db import transaction

from seminars.actions import feeds
from seminars.errors import Refused
from seminars.facts import AnswerChanged, announce
from seminars.models import Invitation, Person, Session, Substitution
from seminars.moments import local, now
from seminars.queries.dates import has_moved_since
from seminars.vocabulary import Answer, State

UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
"""What no reader sees: control characters, and those that turn the direction of a line."""
MOST_WORDS = 300


@dataclass(slots=True)
class Answered:
    """What became of several answers, each in order of the sessions' time."""

    kept: list[Invitation] = field(default_factory=list)
    refused: list[tuple[Invitation, Refused]] = field(default_factory=list)


def one_line(text: str, most: int = MOST_WORDS) -> str:
    """What somebody typed, as one line without what can't be seen."""
    return " ".join(UNSEEN.sub(" ", text).split())[:most]


def hold(invitation: Invitation) -> tuple[Session, Invitation]:
    """Both rows as they are now, held in the order in which every act on a session takes them: the session first."""
    session = Session.objects.select_for_update().get(pk=invitation.session_id)
    held = Invitation.objects.select_for_update(of=("self",)).select_related("session", "person")
    invitation = held.get(pk=invitation.pk)
    invitation.session = session
    return session, invitation


def tell(session: Session, people: Iterable[int]) -> None:
    """Live pages show the new answers of these persons (ids); the caller holds the session's row."""
    if changed := tuple(people):
        announce(AnswerChanged(session.pk, Session.objects.next_seq(session.pk), changed))


def check_open(invitation: Invitation) -> None:
    """Raises Refused where nothing can be answered any more: begun, over, cancelled, or taken back."""
    session = invitation.session
    if session.state == State.CANCELLED:
        raise Refused("session_cancelled")
    if invitation.withdrawn_at is not None:
        raise Refused("invitation_withdrawn")
    if session.state != State.SCHEDULED or now() >= session.starts_at:
        raise Refused("answers_closed")


def check_shown(session: Session, sequence: int | None) -> None:
    """Raises Refused `session_moved` where a page that showed this SEQUENCE said another time or place; None: a page
    that tells nothing of it."""
    if sequence is not None and has_moved_since(session, sequence):
        start = local(session.starts_at, session.timezone)
        raise Refused("session_moved", day=start.date(), start=start)


def check_seated(invitation: Invitation) -> None:
    """Raises Refused `replaced` where somebody comes in her place: two people on one seat help nobody."""
    if replacement := invitation.replacement:
        raise Refused("replaced", name=replacement.name)


def check(invitation: Invitation, answer: Answer, shown: int | None) -> None:
    """Raises Refused where this answer can't be kept; `shown` as in `answer`."""
    check_open(invitation)
    check_shown(invitation.session, shown)
    if answer != Answer.NO:
        check_seated(invitation)


def store(invitation: Invitation, answer: Answer, note: str | None) -> None:
    """Keeps an answer to the session as it stands; `note` None leaves her words as they are. Both rows are held."""
    invitation.answer, invitation.answered_at = answer, now()
    invitation.answered_sequence = invitation.session.sequence
    if note is not None:
        invitation.note = one_line(note)
    invitation.save(update_fields=["answer", "answered_at", "answered_sequence", "note"])
    feeds.touch_people([invitation.person_id])
    tell(invitation.session, [invitation.person_id])


def _end_requests(answered: Iterable[Invitation]) -> None:
    """Who comes, or perhaps comes, no longer asks that somebody else does."""
    coming = [one.pk for one in answered if one.answer in (Answer.YES, Answer.MAYBE)]
    if coming:
        Substitution.objects.filter(invitation__in=coming, decided_at=None).delete()


@transaction.atomic
def answer(
    *, invitation: Invitation, answer: Answer, note: str | None = None, shown: int | None = None
) -> Invitation:
    """-> yes | maybe | no; may be changed until the session starts. No `note` leaves the one that stands; `shown` is
    the SEQUENCE of the session that she saw. Yes and maybe end her open request that somebody comes instead. Raises
    Refused: `answers_closed`, `session_cancelled`, `invitation_withdrawn`, `session_moved`, and `replaced` for yes
    and maybe."""
    _session, invitation = hold(invitation)
    check(invitation, answer, shown)
    store(invitation, answer, note)
    _end_requests([invitation])
    return invitation


@transaction.atomic
def answer_several(
    *,
    person: Person,
    answers: Mapping[int, Answer],
    note: str = "",
    shown: Mapping[int, int | None] | None = None,
) -> Answered:
    """Answers by invitation (ids), all of one person, in one transaction; what is refused leaves the others kept.

    A note goes to each; none leaves those that stand. `shown`, also by invitation, is the SEQUENCE that she saw. Ids
    that are not hers are passed over.
    """
    shown = shown or {}
    hers = Invitation.objects.filter(person=person, pk__in=answers)
    sessions = Session.objects.select_for_update().filter(pk__in=hers.values("session")).order_by("pk")
    held = {session.pk: session for session in sessions}
    rows = list(hers.select_for_update(of=("self",)).select_related("person").order_by("session", "pk"))
    done = Answered()
    with feeds.together():
        for invitation in rows:
            invitation.session = held[invitation.session_id]
            try:
                check(invitation, answers[invitation.pk], shown.get(invitation.pk))
            except Refused as refused:
                done.refused.append((invitation, refused))
            else:
                store(invitation, answers[invitation.pk], note or None)
                done.kept.append(invitation)
    _end_requests(done.kept)
    done.kept.sort(key=lambda one: one.session.starts_at)
    done.refused.sort(key=lambda one: one[0].session.starts_at)
    return done


@transaction.atomic
def settle_language(*, person: Person, language: str, timezone: str) -> Person:
    """The language and zone of her letters, her calendar and, from the next click on, her pages."""
    (person,) = feeds.hold([person.pk])
    person.language, person.timezone = language, timezone
    person.save(update_fields=["language", "timezone"])
    feeds.touch_people([person.pk])
    return person
