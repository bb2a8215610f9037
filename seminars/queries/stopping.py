"""Which letters a person has stopped, and whose link stops them: that of any letter ever sent, for ever (RFC 8058)."""

from seminars import keys
from seminars.models import Invitation, Person
from seminars.vocabulary import STOPPABLE, LetterKind


def by_any_turn(token: str) -> Invitation | None:
    """The invitation whose link this is or once was: withdrawn, invited anew, long over; None for any other words."""
    code = keys.code_of(token)
    found = code and Invitation.objects.filter(code=code).select_related("person").first()
    if not found:
        return None
    turns = range(found.turn + 1)
    return found if any(keys.is_derived(token, "invitation", found.code, turn) for turn in turns) else None


def stopped(person: Person) -> list[LetterKind]:
    """In the order of STOPPABLE."""
    kinds = set(person.unsubscriptions.values_list("kind", flat=True))
    return [kind for kind in STOPPABLE if kind in kinds]
