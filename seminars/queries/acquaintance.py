"""People and organisations as somebody names them, and which of these people she who names them knows of."""

from collections.abc import Iterable

from django.db.models import Q, QuerySet
from django.db.models.functions import Lower

from seminars.exchange.address import folded
from seminars.models import Invitation, Organisation, Person, Session
from seminars.queries import circles


def known(emails: Iterable[str]) -> dict[str, Person]:
    """By address in small letters, whoever is known; one query."""
    wanted = {email.lower() for email in emails}
    found = Person.objects.annotate(plain_email=Lower("email")).filter(plain_email__in=wanted)
    return {person.email.lower(): person for person in found.select_related("organisation")}


def organisations(names: Iterable[str]) -> dict[str, Organisation]:
    """By each of `names` as written, the organisation of that name in either language, or of that key; case and
    accents say nothing, and the eldest of several counts. One query, or none where nothing is named."""
    wanted = {name: folded(name) for name in names if name}
    if not wanted:
        return {}
    found: dict[str, Organisation] = {}
    for organisation in Organisation.objects.order_by("-pk"):
        for name in (organisation.name_fr, organisation.name_it, organisation.key):
            if name:
                found[folded(name)] = organisation
    return {name: found[plain] for name, plain in wanted.items() if plain in found}


def sessions_of(person: Person) -> QuerySet[Session]:
    """Those whose people she may see, and those of her organisation."""
    mine = Q(pk__in=circles.hosted_by(person).values("pk"))
    if person.organisation_id:
        mine |= Q(host=person.organisation_id) | Q(organisers=person.organisation_id)
    return Session.objects.filter(mine)


def seen_by(by: Person, people: Iterable[int]) -> set[int]:
    """Of these persons (ids) those of whom she may be told more than she writes herself: herself, people of her
    organisation, of sessions she may host, and whom she or her organisation's sessions have invited."""
    asked = set(people)
    sessions = sessions_of(by).values("pk")
    invited = Invitation.objects.filter(Q(session__in=sessions) | Q(invited_by=by), person__in=asked)
    hers = Q(pk=by.pk) | Q(pk__in=invited.values("person")) | Q(teams__session__in=sessions)
    if by.organisation_id:
        hers |= Q(organisation=by.organisation_id)
    return set(Person.objects.filter(hers, pk__in=asked).values_list("pk", flat=True))
