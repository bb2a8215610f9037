"""Who walked into a session, what she has signed there, and whom of the others she might be."""

from dataclasses import dataclass
from datetime import datetime

from seminars.exchange.address import folded
from seminars.models import Invitation, Person, PresenceEvent, Session, WalkIn
from seminars.vocabulary import PresenceKind


@dataclass(frozen=True, slots=True)
class Walked:
    """One walk-in. `hours`: (number of the half-day, when she signed it). `alike`: invited people of the same name or
    of the address she typed; `twins`: other walk-ins of the same name. `was_invited`: until that was taken back."""

    walk_in: WalkIn
    hours: tuple[tuple[int, datetime], ...]
    alike: tuple[Person, ...] = ()
    twins: tuple[Person, ...] = ()
    was_invited: bool = False

    @property
    def is_open(self) -> bool:
        return self.walk_in.decided_at is None

    @property
    def person(self) -> Person:
        return self.walk_in.person


def invited(session: Session) -> list[Person]:
    """By name: those onto whom a host may merge."""
    found = session.invitations.active().select_related("person").order_by("person__name", "pk")
    return [invitation.person for invitation in found]


def listed(session: Session, but: WalkIn) -> list[Person]:
    """Onto whom one walk-in may be merged: the invited, then the walk-ins of whom nobody has said that they were not
    there."""
    others = session.walk_ins.exclude(is_confirmed=False).exclude(person_id=but.person_id)
    people = invited(session)
    return people + [each.person for each in others.select_related("person") if each.person not in people]


def _words(name: str) -> frozenset[str]:
    return frozenset(folded(name).replace("-", " ").split())


def _hours(session: Session, people: list[int]) -> dict[int, list[tuple[int, datetime]]]:
    signed = PresenceEvent.objects.filter(session=session, kind=PresenceKind.SIGNED, person__in=people)
    hours: dict[int, list[tuple[int, datetime]]] = {}
    for person_id, number, at in signed.order_by("seq").values_list("person_id", "slot__number", "at"):
        if person_id is not None and number is not None:
            hours.setdefault(person_id, []).append((number, at))
    return hours


def all_of(session: Session) -> list[Walked]:
    """In the order in which they came; four queries."""
    found = list(session.walk_ins.select_related("person", "decided_by").order_by("at", "pk"))
    if not found:
        return []
    ids = [each.person_id for each in found]
    hours, people = _hours(session, ids), invited(session)
    withdrawn = Invitation.objects.filter(session=session, person__in=ids).exclude(withdrawn_at=None)
    taken_back = set(withdrawn.values_list("person_id", flat=True))
    named = [(one, _words(one.name)) for one in people]
    by_name: dict[frozenset[str], list[WalkIn]] = {}
    for each in found:
        if each.is_confirmed is not False:
            by_name.setdefault(_words(each.person.name), []).append(each)
    shown = []
    for each in found:
        hers = _words(each.person.name)
        alike = (one for one, words in named if words == hers or (each.email and one.email == each.email))
        twins = (other.person for other in by_name.get(hers, ()) if other.pk != each.pk)
        row = Walked(
            each,
            tuple(hours.get(each.person_id, ())),
            tuple(one for one in alike if one.pk != each.person_id),
            tuple(twins),
            each.person_id in taken_back,
        )
        shown.append(row)
    return shown


def open_count(session: Session) -> int:
    """How many wait for a decision."""
    return WalkIn.objects.filter(session=session, decided_at=None).count()
