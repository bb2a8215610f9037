"""People met by their mail address: whoever is new becomes known by being named to us."""

from collections.abc import Sequence

from seminars.exchange.address import Address, country_of, language_of
from seminars.exchange.naming import name_of
from seminars.models import Organisation, Person
from seminars.queries.acquaintance import known, organisations
from seminars.vocabulary import Language, Zone


def meet(addresses: Sequence[Address], *, country: str) -> dict[str, Person]:
    """By address everybody, whoever is new now known too: in the language said, else that of her address's country,
    else of `country`; of the organisation that is named, where we know one of that name. Whoever is known stays as she
    is. Within the caller's transaction.

    New people are written in the order of their addresses: two rounds that name the same ones wait for each other in
    turn, never both at once; whom the other one wrote first is read.
    """
    people = known(address.email for address in addresses)
    new = {address.email.lower(): address for address in reversed(addresses)}
    new = {email: new[email] for email in sorted(new.keys() - people.keys())}
    if not new:
        return people
    named = organisations(address.organisation for address in new.values())
    drafts = [_new(address, named.get(address.organisation), country) for address in new.values()]
    Person.objects.bulk_create(drafts, ignore_conflicts=True)
    return people | known(new)


def _new(address: Address, organisation: Organisation | None, country: str) -> Person:
    side = country_of(address.email, organisation.country if organisation else country)
    language = language_of(address, side)
    person = Person(
        email=address.email.lower(),
        name=name_of(address),
        country=side,
        language=language,
        timezone=Zone.ROME if side == "IT" or language == Language.ITALIAN else Zone.PARIS,
        organisation=organisation,
    )
    person.set_unusable_password()
    return person
