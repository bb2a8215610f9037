"""Seats of organisations in a session: how many they have, and how many of them are taken."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count

from seminars.models import Organisation, Person, Session


@dataclass(frozen=True, slots=True)
class Seats:
    """What an organisation has in a session. `taken` are people invited who did not say no, `asked` more to come."""

    organisation: Organisation
    seats: int
    taken: int
    asked: int = 0

    @property
    def after(self) -> int:
        return self.taken + self.asked

    @property
    def over(self) -> int:
        """How many of those asked find no seat."""
        return min(self.asked, max(0, self.after - self.seats))


def seats(session: Session, coming: Iterable[Person] = ()) -> list[Seats]:
    """By name, each organisation with a quota, and what `coming`, who are not invited yet, would take; two queries."""
    quotas = list(session.quotas.select_related("organisation").order_by("organisation__name_fr", "pk"))
    if not quotas:
        return []
    reached = session.invitations.reached().values_list("person__organisation")
    taken = dict(reached.annotate(n=Count("pk")).order_by())
    asked: dict[int | None, int] = {}
    for person in coming:
        asked[person.organisation_id] = asked.get(person.organisation_id, 0) + 1
    return [
        Seats(
            quota.organisation,
            quota.seats,
            taken.get(quota.organisation_id, 0),
            asked.get(quota.organisation_id, 0),
        )
        for quota in quotas
    ]
