"""Groups of people who are invited together: made, renamed, filled, emptied, deleted.

Whoever changes a group holds its row; one that somebody else deleted meanwhile raises Group.DoesNotExist.
"""

from collections.abc import Iterable, Sequence

from django.db import transaction

from seminars.actions import strangers
from seminars.errors import Refused
from seminars.exchange.address import Address
from seminars.models import Group, Person
from seminars.moments import now
from seminars.queries import circles
from seminars.vocabulary import Country

MOST_PEOPLE = 300
MOST_GROUPS = 200
"""Of one organisation, or of one person without any."""


def _name(text: str) -> str:
    name = " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())[:120]
    if not name:
        raise Refused("name_missing", field="name")
    return name


@transaction.atomic
def make(*, by: Person, name: str, people: Iterable[Person] = (), addresses: Sequence[Address] = ()) -> Group:
    """A group of the organisation of whoever makes it, or her own where she has none. New addresses become people, who
    get no letter by that. Raises Refused: `name_missing`, `group_empty`, `group_full`, `too_many_groups`."""
    kept = Group.objects.filter(organisation=by.organisation_id)
    if not by.organisation_id:
        kept = kept.filter(created_by=by)
    if kept.count() >= MOST_GROUPS:
        raise Refused("too_many_groups", field="name", most=MOST_GROUPS)
    group = Group(name=_name(name), organisation=by.organisation, created_by=by, created_at=now())
    members = [*people, *_met(by, addresses)]
    if not members:
        raise Refused("group_empty", field="addresses")
    group.save()
    _join(group, members)
    return group


def _met(by: Person, addresses: Sequence[Address]) -> list[Person]:
    if len(addresses) > MOST_PEOPLE:
        raise Refused("group_full", field="addresses", most=MOST_PEOPLE)
    side = by.organisation.country if by.organisation else by.country or Country.FRANCE
    return list(strangers.meet(addresses, country=side).values())


def _join(group: Group, members: Sequence[Person]) -> None:
    group.people.add(*members)
    if circles.members_of(group).count() > MOST_PEOPLE:
        raise Refused("group_full", field="addresses", most=MOST_PEOPLE)


def _hold(group: Group) -> Group:
    return Group.objects.select_for_update().get(pk=group.pk)


@transaction.atomic
def rename(*, group: Group, by: Person, name: str) -> Group:
    """Raises Refused: `name_missing`."""
    name, group = _name(name), _hold(group)
    group.name = name
    group.save(update_fields=["name"])
    return group


@transaction.atomic
def add(*, group: Group, by: Person, addresses: Sequence[Address]) -> int:
    """How many people it has gained. Raises Refused: `group_full`, `nobody_to_invite`."""
    if not addresses:
        raise Refused("nobody_to_invite", field="addresses")
    group = _hold(group)
    before = circles.members_of(group).count()
    _join(group, _met(by, addresses))
    return circles.members_of(group).count() - before


@transaction.atomic
def take_out(*, group: Group, by: Person, codes: Iterable[str] | None = None) -> int:
    """Takes the people of these public codes out of the group, or all of them. Returns how many of those that its page
    shows. Raises Refused: `nobody_ticked`, `group_is_empty`."""
    group = _hold(group)
    leaving = circles.members_of(group)
    if codes is not None:
        leaving = leaving.filter(code__in=list(codes))
    found = list(leaving)
    if not found:
        if codes is None:
            raise Refused("group_is_empty")
        raise Refused("nobody_ticked")
    if codes is None:
        group.people.clear()
    else:
        group.people.remove(*found)
    return len(found)


@transaction.atomic
def delete(*, group: Group, by: Person) -> None:
    """The group goes; its people, and what they are invited to, stay."""
    _hold(group).delete()
