"""Seats for organisations: how many of their people may be invited to a session."""

from collections.abc import Mapping

from django.db import transaction

from seminars.errors import Refused
from seminars.models import Organisation, Person, Quota, Session
from seminars.vocabulary import State

MOST_SEATS = 999


@transaction.atomic
def keep(*, session: Session, by: Person, seats: Mapping[Organisation, int | None]) -> None:
    """Sets the seats of each organisation named; None takes its limit away. Whoever is invited stays invited."""
    session = Session.objects.select_for_update().get(pk=session.pk)
    if session.state in (State.ENDED, State.CANCELLED):
        raise Refused("not_now", state=session.get_state_display())
    for organisation, number in seats.items():
        if number is None:
            Quota.objects.filter(session=session, organisation=organisation).delete()
        elif not 0 <= number <= MOST_SEATS:
            raise Refused("seats_wrong", field="seats", most=MOST_SEATS)
        else:
            Quota.objects.update_or_create(
                session=session, organisation=organisation, defaults={"seats": number}
            )
