"""Who is invited to a session, what became of the newest letter of each, and how many answered what.

Four queries for any number of people, two more where somebody asks that another comes instead.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import Case, OuterRef, QuerySet, Subquery, When
from django.utils.translation import pgettext

from seminars.models import Invitation, Letter, Session, Substitution, Unsubscription
from seminars.queries import substitutions
from seminars.queries.reasons import reason
from seminars.vocabulary import STOPPABLE, Answer, LetterKind, LetterState

STUCK = (LetterState.FAILED, LetterState.DEAD)


@dataclass(frozen=True, slots=True)
class Guest:
    """One invited person.

    `invitation`, with its person, says what she answered and when (`answer`, `answered_at`, `note`). `letter` is the
    LetterState of her newest letter, empty where none was ever posted, and `kind` its LetterKind. `sent_at`,
    `delivered_at` (her mail server said so; most never do) and `returned_at` are moments or None; `last_error` holds a
    mail server's own words. `substitution` is her open request that somebody comes instead, or None: `is_asked_earlier`
    says that it was made for another time or place, `is_other_invited` that the other one is invited too. `stopped`
    are the kinds of letters that she no longer wants. `replaced_by` names who comes in her place, or
    nobody.
    """

    invitation: Invitation
    letter: str
    kind: str = ""
    sent_at: datetime | None = None
    delivered_at: datetime | None = None
    returned_at: datetime | None = None
    last_error: str = ""
    substitution: Substitution | None = None
    is_asked_earlier: bool = False
    is_other_invited: bool = False
    stopped: tuple[LetterKind, ...] = ()
    replaced_by: str = ""

    @property
    def letter_words(self) -> str:
        """`waiting to leave`, `sent`, `arrived`, `came back`, `refused`, `given up after many tries`, or nothing."""
        if self.came_back:
            return pgettext("letter", "came back")
        if self.letter == LetterState.SENT and self.delivered_at:
            return pgettext("letter", "arrived")
        return str(LetterState(self.letter).label) if self.letter else ""

    @property
    def letter_at(self) -> datetime | None:
        """The moment that goes with these words."""
        if self.came_back:
            return self.returned_at
        return self.delivered_at or self.sent_at if self.letter == LetterState.SENT else None

    @property
    def came_back(self) -> bool:
        return self.letter == LetterState.FAILED and self.returned_at is not None

    @property
    def is_stuck(self) -> bool:
        """Refused, given up or come back: she was not reached."""
        return self.letter in STUCK

    @property
    def why(self) -> str:
        """Why she was not reached, in words; empty where only `server_words` say it."""
        return reason(self.last_error) if self.is_stuck else ""

    @property
    def server_words(self) -> str:
        """The mail server's own words, where we have none for them."""
        return "" if self.why or not self.is_stuck else self.last_error

    @property
    def stopped_words(self) -> list[str]:
        return [str(kind.label) for kind in self.stopped]


def guests(session: Session) -> list[Guest]:
    """By name; withdrawn ones are left out."""
    rows = session.invitations.active().select_related("person").order_by("person__name", "pk")
    people = rows.annotate(substitute=substitutions.name_of("pk"))
    letters, stopped = _newest(session), _stopped(session)
    found = [
        replace(
            _guest(one, letters.get(one.pk), stopped.get(one.person_id, frozenset())),
            replaced_by=vars(one)["substitute"] or "",
        )
        for one in people
    ]
    return _with_requests(session, found)


def _with_requests(session: Session, found: list[Guest]) -> list[Guest]:
    """The same people with what they ask, and what a host has to know of it."""
    asked = substitutions.open_of(session)
    if not asked:
        return found
    earlier = substitutions.asked_earlier(session, asked.values())
    addresses = {guest.invitation.person.email.lower() for guest in found}
    return [
        replace(
            guest,
            substitution=one,
            is_asked_earlier=one.pk in earlier,
            is_other_invited=one.email.lower() in addresses,
        )
        if (one := asked.get(guest.invitation.pk))
        else guest
        for guest in found
    ]


def letter_states(session: Session) -> list[str]:
    """The LetterState of each invited person's newest letter, empty where none was posted; one query, for whoever
    needs no more."""
    newest = session.invitations.active().annotate(newest=Subquery(_of_one().values("state")[:1]))
    return [state or "" for state in newest.values_list("newest", flat=True)]


def _of_one() -> QuerySet[Letter]:
    """The letters of an invitation, the newest first. What was replaced before it left says nothing, unless there is
    nothing else."""
    was_replaced = Case(When(state=LetterState.SUPERSEDED, then=1), default=0)
    return Letter.objects.filter(invitation=OuterRef("pk")).order_by(was_replaced, "-created_at", "-stamp")


def _newest(session: Session) -> dict[int | None, Letter]:
    """By invitation (ids)."""
    newest = (
        session.invitations.active().annotate(newest=Subquery(_of_one().values("pk")[:1])).values("newest")
    )
    return {letter.invitation_id: letter for letter in Letter.objects.filter(pk__in=newest).defer("content")}


def _stopped(session: Session) -> dict[int, frozenset[str]]:
    """The kinds that each of its people no longer wants, by person (ids)."""
    rows = Unsubscription.objects.filter(person__invitations__session=session).values_list("person", "kind")
    found: dict[int, frozenset[str]] = {}
    for person, kind in rows:
        found[person] = found.get(person, frozenset()) | {kind}
    return found


def _guest(invitation: Invitation, letter: Letter | None, stopped: frozenset[str]) -> Guest:
    kinds = tuple(kind for kind in STOPPABLE if kind in stopped)
    if letter is None:
        return Guest(invitation, "", stopped=kinds)
    return Guest(
        invitation,
        letter.state,
        kind=letter.kind,
        sent_at=letter.sent_at,
        delivered_at=letter.delivered_at,
        returned_at=letter.returned_at,
        last_error=letter.last_error,
        stopped=kinds,
    )


def counts(invited: Sequence[Guest]) -> dict[str, int]:
    """`{"yes": 2, "maybe": 0, "no": 1, "none": 4}`"""
    answers = [guest.invitation.answer for guest in invited]
    return {name: answers.count(value) for name, value in _NAMES.items()}


_NAMES = {"yes": Answer.YES, "maybe": Answer.MAYBE, "no": Answer.NO, "none": Answer.NONE}
