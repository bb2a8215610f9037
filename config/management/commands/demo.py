"""`manage.py demo`: makes the demonstration where it is missing, and prints a way in for each of its people."""

import json
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction

from seminars import addresses
from seminars.actions import demonstration, people
from seminars.actions.programme import take_in
from seminars.exchange.programme import read
from seminars.models import Person, Session
from seminars.vocabulary import Role

LASTS = timedelta(hours=24)
FIRST = (Role.TRAINER, Role.COORDINATOR, Role.FACILITATOR)


class Command(BaseCommand):
    help = "Makes the demonstration programme where it is missing; a later run adds a running and a coming session."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print people and sessions as JSON")

    def handle(self, *, json: bool, **options: Any) -> None:
        call_command("migrate", verbosity=0)
        programme = read((settings.BASE_DIR / "demo" / "programme.json").read_bytes())
        take_in(programme=programme)
        demonstration.make(programme)
        with transaction.atomic():
            rows = [self.person(person) for person in Person.objects.exclude(key=None).order_by("key")]
        if json:
            self.show({"site": settings.SITE_URL, "people": rows, "sessions": self.sessions()})
        else:
            self.tell(rows)

    def person(self, person: Person) -> dict[str, str]:
        link = people.make_link(person=person, lasts=LASTS)
        return {
            "key": person.key or "",
            "name": person.name,
            "role": person.role,
            "language": person.language,
            "sign_in_url": addresses.sign_in(people.token_of(link)),
        }

    def sessions(self) -> list[dict[str, str]]:
        return [
            {
                "code": session.code,
                "title": session.title_fr,
                "state": session.state,
                "start": session.starts_at.isoformat(),
                "url": addresses.session(session.code),
            }
            for session in Session.objects.order_by("starts_at")
        ]

    def show(self, whole: dict[str, Any]) -> None:
        self.stdout.write(json.dumps(whole, ensure_ascii=False, indent=1))

    def tell(self, rows: list[dict[str, str]]) -> None:
        self.stdout.write("Demonstration people, each with a link that signs in once, within 24 hours:")
        for row in sorted(rows, key=lambda row: (row["role"] not in FIRST, row["key"])):
            self.stdout.write(
                f"  {row['name']:<22} {row['role']:<21} {row['language']}  {row['sign_in_url']}"
            )
        self.stdout.write(f"All of them at one place, without links: {addresses.absolute('/demo/')}")
