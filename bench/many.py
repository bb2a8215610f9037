"""A large public programme: `python -m bench.many 2000` fills the database that the environment names."""

import sys
from datetime import UTC, datetime, timedelta

import django
from django.core.management import call_command

django.setup()

from seminars.models import Activity, FeedVersion, Organisation, Session, Slot  # noqa: E402 - the apps come first
from seminars.moments import now  # noqa: E402
from seminars.vocabulary import State  # noqa: E402


def main(count: int) -> None:
    """Sessions of ninety minutes, six a day from tomorrow on, with a title in both languages and one slot."""
    call_command("migrate", verbosity=0)
    host = Organisation.objects.create(key="bench", country="FR", name_fr="Mesure", name_it="Misura")
    activity = Activity.objects.create(code="B1", slug="bench", name_fr="Mesure", name_it="Misura")
    present = now()
    first = datetime(present.year, present.month, present.day, 8, tzinfo=UTC) + timedelta(days=1)
    sessions = []
    for number in range(count):
        start = first + timedelta(days=number // 6, hours=2 * (number % 6))
        sessions.append(
            Session(
                activity=activity,
                host=host,
                title_fr=f"Atelier transfrontalier numéro {number}",
                title_it=f"Laboratorio transfrontaliero numero {number}",
                starts_at=start,
                ends_at=start + timedelta(minutes=90),
                state=State.SCHEDULED,
                is_public=True,
                created_at=present,
                revised_at=present,
            )
        )
    made = Session.objects.bulk_create(sessions, batch_size=200)
    slots = [Slot(session=each, number=1, starts_at=each.starts_at, ends_at=each.ends_at) for each in made]
    Slot.objects.bulk_create(slots, batch_size=400)
    for row in FeedVersion.objects.filter(name="public"):
        FeedVersion.objects.filter(pk=row.pk).update(version=row.version + 1)


if __name__ == "__main__":
    main(int(sys.argv[1]))
