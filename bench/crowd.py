"""Sets Django up for a child that measures inside the product, and gives it a session with many people."""

import secrets
from datetime import timedelta

import django
from django.core.management import call_command

django.setup()

from seminars.models import Invitation, Person, Session  # noqa: E402 - the apps come first
from seminars.moments import local, now  # noqa: E402
from seminars.vocabulary import Role, State  # noqa: E402
from tests import cast  # noqa: E402


def session_of(count: int, *, is_open: bool) -> tuple[Session, list[Person]]:
    """A session that begins in five minutes, its room open or not, and so many invited, half of them Italian."""
    call_command("migrate", verbosity=0)
    host = cast.person("dominique", "Dominique Modele", Role.TRAINER, "FR", "fr-county")
    start = local(now(), "Europe/Paris").replace(tzinfo=None, microsecond=0) + timedelta(minutes=5)
    session = cast.make_session(
        host,
        start,
        summary_fr="Trois mots par métier, deux langues et beaucoup d'exemples.",
        summary_it="Tre parole per mestiere, due lingue e molti esempi.",
    )
    if is_open:
        Session.objects.filter(pk=session.pk).update(state=State.RUNNING, opened_at=now())
    homes = [cast.organisation("fr-county", "FR"), cast.organisation("it-coop", "IT")]
    people = Person.objects.bulk_create(
        Person(
            email=f"guest{number}-{session.pk}@example.org",
            name=f"Prénom{number} Nom-{number}",
            country=homes[number % 2].country,
            organisation=homes[number % 2],
            language=("fr", "it")[number % 2],
            timezone=("Europe/Paris", "Europe/Rome")[number % 2],
            salt=secrets.token_hex(16),
        )
        for number in range(count)
    )
    present = now()
    Invitation.objects.bulk_create(
        Invitation(session=session, person=each, country=each.country, invited_by=host, invited_at=present)
        for each in people
    )
    session.refresh_from_db()
    return session, people
