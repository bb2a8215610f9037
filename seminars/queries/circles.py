"""People who were together before: at earlier sessions that a host may see, and in the groups that one keeps."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, F, Q, QuerySet

from seminars.exchange.address import Address
from seminars.models import Group, Person, Session, TeamMember
from seminars.permissions import Actor, Level, allows
from seminars.vocabulary import HOST_ROLES, Role

MOST_SESSIONS = 20
INVITED, PRESENT = "invited", "present"


@dataclass(frozen=True, slots=True)
class Earlier:
    """A session of the same activity or series, and how many people it brought together."""

    session: Session
    invited: int
    present: int


def hosted_by(person: Person) -> QuerySet[Session]:
    """Sessions whose people she may see, as `seminars.see_people` says of a host, in one query."""
    team = TeamMember.objects.filter(person=person, role__in=HOST_ROLES).values("session")
    mine = Q(pk__in=team)
    if person.role == Role.COORDINATOR and person.organisation_id:
        side = Session.organisers.through.objects.filter(organisation=person.organisation_id)
        mine |= Q(host=person.organisation_id) | Q(pk__in=side.values("session"))
    return Session.objects.filter(mine)


def earlier(session: Session, person: Person) -> list[Earlier]:
    """Newest first, at most 20, those that anybody was invited to; three queries."""
    alike = Q(activity=session.activity_id)
    if session.series_id:
        alike |= Q(series=session.series_id)
    found = hosted_by(person).filter(alike, starts_at__lt=session.starts_at).exclude(pk=session.pk)
    is_active = Q(invitations__withdrawn_at=None, invitations__person__is_active=True)
    has_come = Q(
        invitations__person__presences__session=F("pk"), invitations__person__presences__since__isnull=False
    )
    active = Count("invitations", filter=is_active, distinct=True)
    here = Count("invitations", filter=is_active & has_come, distinct=True)
    rows = found.annotate(n_invited=active, n_present=here).filter(n_invited__gt=0)
    return [
        Earlier(row, row.n_invited, row.n_present)
        for row in rows.order_by("-starts_at", "pk")[:MOST_SESSIONS]
    ]


def people_of(session: Session, which: str) -> list[Person]:
    """Its invited people, or those of them who came, by name; without who may not enter any more."""
    people = Person.objects.filter(
        invitations__session=session, invitations__withdrawn_at=None, is_active=True
    )
    if which == PRESENT:
        people = people.filter(presences__in=session.presences.exclude(since=None))
    return list(people.distinct().order_by("name", "pk"))


def groups_of(person: Person) -> QuerySet[Group]:
    """Those that `seminars.keep_group` gives her once she has signed in, each with its number of people as `size`, who
    are counted as `members_of` finds them; none to who keeps no groups, even where she leads a session."""
    if not allows("seminars.keep_group", Actor(person, Level.FULL)):
        return Group.objects.none()
    mine = Q(organisation=person.organisation_id) if person.organisation_id else Q(pk__in=[])
    kept = Group.objects.filter(mine | Q(organisation=None, created_by=person))
    size = Count("people", filter=Q(people__is_active=True))
    return kept.annotate(size=size).order_by("name", "pk")


def members_of(group: Group) -> QuerySet[Person]:
    """Whoever may still enter: who is suspended is neither shown, counted nor invited."""
    return group.people.filter(is_active=True)


def members(group: Group) -> list[Person]:
    return list(members_of(group).select_related("organisation").order_by("name", "pk"))


def addresses_of(people: Sequence[Person]) -> list[Address]:
    return [Address(0, person.email.lower(), person.name) for person in people]
