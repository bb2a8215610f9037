"""Who stands on a session's sheet: team, invited, and who came besides; after the closing as they were then."""

from dataclasses import dataclass
from typing import Any

from seminars.models import Person, Session, Substitution, WalkIn
from seminars.vocabulary import Role


@dataclass(slots=True)
class Who:
    """One person of a sheet. `person.name` is the name of the time, whatever the row says today."""

    person: Person
    role: str = Role.PARTICIPANT
    organisation_fr: str = ""
    organisation_it: str = ""
    country: str = ""
    is_invited: bool = False
    answer: str = ""
    is_walk_in: bool = False
    walk_in_state: str = ""
    """Empty, `open`, `confirmed` or `refused`."""
    replaces: str = ""
    replaced_by: str = ""
    replaces_code: str = ""
    replaced_by_code: str = ""


def _today(person: Person, role: str) -> Who:
    organisation = person.organisation
    names = (organisation.name_fr, organisation.name_it) if organisation else ("", "")
    return Who(person, role, *names, organisation.country if organisation else person.country)


def _as_of_now(session: Session, present: set[int]) -> dict[int, Who]:
    """Team first, then the invited, then who came without being either; each by name."""
    people: dict[int, Who] = {}
    for member in session.team.select_related("person__organisation").order_by("person__name"):
        people.setdefault(member.person_id, _today(member.person, member.role))
    for invitation in session.invitations.select_related("person").order_by("person__name"):
        if invitation.withdrawn_at and invitation.person_id not in present:
            continue
        who = people.setdefault(invitation.person_id, Who(invitation.person))
        who.organisation_fr, who.organisation_it = invitation.organisation_fr, invitation.organisation_it
        who.country, who.answer, who.is_invited = invitation.country, invitation.answer, True
    _add_walk_ins(session, people)
    others = (
        Person.objects.filter(pk__in=present - people.keys()).select_related("organisation").order_by("name")
    )
    sides = {session.host_id, *session.organisers.values_list("pk", flat=True)} if others else set()
    for person in others:
        is_host = person.role == Role.COORDINATOR and person.organisation_id in sides
        people[person.pk] = _today(person, Role.COORDINATOR if is_host else Role.PARTICIPANT)
    return people


def _add_walk_ins(session: Session, people: dict[int, Who]) -> None:
    """Who signed in the room uninvited, as she said who she is; somebody invited since stays where she stands."""
    states = {None: "open", True: "confirmed", False: "refused"}
    found = WalkIn.objects.filter(session=session).select_related("person__organisation")
    for walk_in in found.order_by("person__name"):
        who = people.get(walk_in.person_id)
        if who is None:
            who = people[walk_in.person_id] = _today(walk_in.person, Role.PARTICIPANT)
            if walk_in.organisation:
                who.organisation_fr = who.organisation_it = walk_in.organisation
                who.country = walk_in.person.country or who.country
        if not who.is_invited:
            who.is_walk_in, who.walk_in_state = True, states[walk_in.is_confirmed]


def roster(session: Session, present: set[int]) -> dict[str, dict[str, Any]]:
    """What is kept at the closing: name, role, organisation and country of each, by the person's code."""
    return {
        who.person.code: {
            "name": who.person.name,
            "role": str(who.role),
            "organisation_fr": who.organisation_fr,
            "organisation_it": who.organisation_it,
            "country": str(who.country),
        }
        for who in _as_of_now(session, present).values()
    }


def everybody(session: Session, present: set[int]) -> list[Who]:
    """Everybody of the sheet in order; names, roles and organisations of a closed session are those of its closing."""
    people = list(_as_of_now(session, present).values())
    for who in people:
        kept = session.roster.get(who.person.code)
        if kept:
            who.person.name, who.role, who.country = kept["name"], kept["role"], kept["country"]
            who.organisation_fr, who.organisation_it = kept["organisation_fr"], kept["organisation_it"]
    _name_substitutes(session, people)
    return people


def _name_substitutes(session: Session, people: list[Who]) -> None:
    by_id = {who.person.pk: who for who in people}
    standing = Substitution.objects.standing().filter(invitation__session=session)
    for asked, made in standing.values_list("invitation__person", "made__person"):
        if asked in by_id and made in by_id:
            asking, coming = by_id[asked], by_id[made]
            asking.replaced_by, asking.replaced_by_code = coming.person.name, coming.person.code
            coming.replaces, coming.replaces_code = asking.person.name, asking.person.code
