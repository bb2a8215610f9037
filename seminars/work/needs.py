"""Whether anybody still needs a letter: asked for a handful of them, before every try."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Q

from seminars.actions import turns
from seminars.models import FeedbackReceipt, Letter, Revision, Unsubscription
from seminars.models.letters import LEFT, REMINDING, TELLING
from seminars.moments import now
from seminars.vocabulary import STOPPABLE, Answer, LetterKind, LetterState, State

INVITING = (LetterKind.INVITATION, LetterKind.UPDATE)
OF_MEMBERS = (
    *INVITING,
    LetterKind.MESSAGE,
    LetterKind.REMINDER,
    LetterKind.ASKING,
    LetterKind.FEEDBACK,
    LetterKind.CONVOCATION,
)
UNSAID = frozenset({"revised_at", "state", "words"})
"""Parts of a revision that make no change worth a letter."""
SETTLED = ("starts_at", "ends_at", "slots", "timezone", "mode", "place", "is_confidential")
"""Parts whose change voids answers, or is told in any case."""


def moot(letters: Sequence[Letter]) -> set[UUID]:
    """Those of a handful that nobody needs any more; a few queries whatever their number."""
    found = {letter.pk for letter in letters if is_moot(letter)}
    found |= _stopped(letters)
    found |= _answered_forms(letters)
    found |= _outdated(letters)
    found |= _causeless(letters)
    return found | _echoes([letter for letter in letters if letter.pk not in found])


def is_moot(letter: Letter) -> bool:
    """Whether nobody needs it by what its own rows say: a link that has lapsed, a session that is over, a person who is
    out or has answered. A decision about a substitute is always told."""
    if not letter.person.is_active:
        return True
    if letter.link is not None:
        return letter.link.used_at is not None or letter.link.expires_at <= now()
    session, invitation = letter.session, letter.invitation
    if session is None or invitation is None:
        return False
    if letter.kind in OF_MEMBERS and invitation.withdrawn_at is not None:
        return True
    is_coming = session.state == State.SCHEDULED and session.starts_at > now()
    if letter.kind == LetterKind.REMINDER:
        return not is_coming or invitation.answer == Answer.NO
    if letter.kind == LetterKind.ASKING:
        return not is_coming or bool(invitation.answer)
    if letter.kind == LetterKind.FEEDBACK and session.closed_at is not None:
        return session.closed_at + timedelta(days=settings.FEEDBACK_DAYS) <= now()
    return letter.kind in INVITING and (session.state == State.CANCELLED or session.ends_at <= now())


def _stopped(letters: Iterable[Letter]) -> set[UUID]:
    """What its reader has asked not to get, since it was posted."""
    stoppable = [letter for letter in letters if letter.kind in STOPPABLE]
    if not stoppable:
        return set()
    wishes = Unsubscription.objects.filter(person__in={letter.person_id for letter in stoppable})
    stopped = set(wishes.values_list("person_id", "kind"))
    return {letter.pk for letter in stoppable if (letter.person_id, letter.kind) in stopped}


def _answered_forms(letters: Iterable[Letter]) -> set[UUID]:
    """Repeated requests for feedback to people who have given it meanwhile."""
    repeated = [letter for letter in letters if letter.kind == LetterKind.FEEDBACK and letter.about]
    if not repeated:
        return set()
    receipts = FeedbackReceipt.objects.filter(
        session__in={letter.session_id for letter in repeated},
        person__in={letter.person_id for letter in repeated},
    )
    given = set(receipts.values_list("session_id", "person_id"))
    return {letter.pk for letter in repeated if (letter.session_id, letter.person_id) in given}


def _outdated(letters: Iterable[Letter]) -> set[UUID]:
    """What is sent once more by hand after something newer."""
    again = [letter.pk for letter in letters if letter.sent_at is not None]
    if not again:
        return set()
    return set(again) - set(Letter.objects.current().filter(pk__in=again).values_list("pk", flat=True))


def _causeless(letters: Iterable[Letter]) -> set[UUID]:
    """The end of what its reader never heard of: the invitation before it was in a worker's hand, and did not leave."""
    ends = [letter for letter in letters if letter.kind in turns.ENDS]
    held = turns.hold([letter.ordering_key for letter in ends])
    return {letter.pk for letter in ends if letter.ordering_key not in held}


def _echoes(letters: Iterable[Letter]) -> set[UUID]:
    """Updates that say what their readers were told last: the edits were taken back before anybody heard of them.

    None for a letter that was tried before, whose reader may hold another version; where time or place had changed in
    between, since answers to them are void; or where it was posted in place of a reminder, which it is as well.
    """
    fresh = [
        letter
        for letter in letters
        if letter.kind == LetterKind.UPDATE and letter.content is None and not letter.unanswered
    ]
    if not fresh:
        return set()
    last = _told_last(fresh)
    same = [
        (letter, earlier)
        for letter in fresh
        if (earlier := last.get(letter.pk)) and _said(letter.revision) == _said(earlier.revision)
    ]
    straight = _unmoved({(earlier.revision_id, letter.revision_id) for letter, earlier in same})
    needless = {
        letter.pk for letter, earlier in same if (earlier.revision_id, letter.revision_id) in straight
    }
    return needless - _reminding(same)


def _reminding(pairs: Sequence[tuple[Letter, Letter]]) -> set[UUID]:
    """Those letters that have replaced a reminder or a question since the earlier one of their pair."""
    keys = [letter.ordering_key for letter, _ in pairs]
    replaced = Letter.objects.filter(
        ordering_key__in=[*keys, *(key + REMINDING for key in keys)],
        kind__in=[LetterKind.REMINDER, LetterKind.ASKING],
        state=LetterState.SUPERSEDED,
    ).values_list("ordering_key", "created_at")
    posted = [(key.removesuffix(REMINDING), at) for key, at in replaced] if pairs else []
    return {
        letter.pk
        for letter, earlier in pairs
        for key, at in posted
        if key == letter.ordering_key and earlier.created_at <= at <= letter.created_at
    }


def _told_last(fresh: Sequence[Letter]) -> dict[UUID, Letter]:
    """By letter the newest before it that left, or may have, if that one surely arrived as a state to hold on to."""
    told = Letter.objects.filter(
        LEFT | Q(sent_at__isnull=False),
        ordering_key__in={letter.ordering_key for letter in fresh},
        kind__in=TELLING,
    ).select_related("revision")
    newest: dict[UUID, Letter] = {}
    for earlier in told.defer("content").order_by("stamp"):
        for letter in fresh:
            if letter.ordering_key == earlier.ordering_key and earlier.stamp < letter.stamp:
                newest[letter.pk] = earlier
    return {key: earlier for key, earlier in newest.items() if _is_held(earlier)}


def _is_held(letter: Letter) -> bool:
    has_arrived = letter.state == LetterState.SENT and letter.returned_at is None
    return has_arrived and letter.kind in (*INVITING, LetterKind.ASKING)


def _said(revision: Revision | None) -> dict[str, Any]:
    content = revision.content if revision else {}
    return {name: value for name, value in content.items() if name not in UNSAID}


def _unmoved(pairs: set[tuple[int | None, int | None]]) -> set[tuple[int | None, int | None]]:
    """Those pairs of revisions, of one session each, between which time and place stayed what they were."""
    straight = set()
    for first, last in pairs:
        between = Revision.objects.filter(pk__gte=first, pk__lte=last, session__revisions=first)
        settled = [
            [content[name] for name in SETTLED] for content in between.values_list("content", flat=True)
        ]
        if all(each == settled[0] for each in settled):
            straight.add((first, last))
    return straight
