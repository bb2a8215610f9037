"""Who is invited to a session, with the newest letter of each, and how many answered what; one query for any number."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import OuterRef, Subquery

from seminars.models import Invitation, Letter, Session
from seminars.vocabulary import Answer, LetterState


@dataclass(frozen=True, slots=True)
class Guest:
    """One invited person; `letter` is a LetterState, empty when no letter was ever posted."""

    invitation: Invitation
    letter: str

    @property
    def letter_words(self) -> str:
        return str(LetterState(self.letter).label) if self.letter else ""

    @property
    def is_stuck(self) -> bool:
        return self.letter in (LetterState.FAILED, LetterState.DEAD)


def guests(session: Session) -> list[Guest]:
    """By name; withdrawn ones are left out."""
    newest = (
        Letter.objects.filter(invitation=OuterRef("pk")).order_by("-created_at", "-stamp").values("state")
    )
    invited = session.invitations.active().select_related("person").annotate(letter=Subquery(newest[:1]))
    return [
        Guest(one, one.letter or "")  # type: ignore[attr-defined]  # annotated above
        for one in invited.order_by("person__name", "pk")
    ]


def counts(invited: Sequence[Guest]) -> dict[str, int]:
    """`{"yes": 2, "maybe": 0, "no": 1, "none": 4}`"""
    answers = [guest.invitation.answer for guest in invited]
    return {name: answers.count(value) for name, value in _NAMES.items()}


_NAMES = {"yes": Answer.YES, "maybe": Answer.MAYBE, "no": Answer.NO, "none": Answer.NONE}
