"""`manage.py verify_attendance [CODE]`: follows the chain of every session's events; exits 1 at the first fault."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from seminars.evidence import chain
from seminars.models import PresenceEvent, Session


class Command(BaseCommand):
    help = "Verifies the chain of presence events; prints `<session code> <seq>: <why>` at the first fault."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("code", nargs="?", help="one session; without it, all that have events")

    def handle(self, *, code: str | None, **options: Any) -> None:
        sessions = Session.objects.order_by("pk")
        if code and not sessions.filter(code=code).exists():
            raise CommandError(f"no session {code}")
        chosen = sessions.filter(code=code) if code else sessions.exclude(presence_events=None)
        events = chains = 0
        for session in chosen:
            count, fault = _follow(session)
            if fault:
                self.stdout.write(f"{session.code} {fault[0]}: {fault[1]}")
                sys.exit(1)
            chains, events = chains + 1, events + count
        self.stdout.write(f"{chains} chains of {events} events hold")


def _follow(session: Session) -> tuple[int, tuple[int, str] | None]:
    """How many events were read, and the first (seq, why) that does not hold."""
    rows = list(
        PresenceEvent.objects.filter(session=session)
        .select_related("session", "slot", "person", "author")
        .order_by("seq")
    )
    fault = chain.first_fault((row.seq, row.prev_hash, row.hash, row.record()) for row in rows)
    return len(rows), fault or next((found for row in rows if (found := _misnamed(row))), None)


def _misnamed(row: PresenceEvent) -> tuple[int, str] | None:
    """The person is not in the chain herself, only what stands for her; while she is known, both must agree."""
    for person, stands in ((row.person, row.subject), (row.author, row.author_subject)):
        if person and person.salt and stands != chain.commitment(person.salt, person.code):
            return row.seq, "names another person than its hash stands for"
    return None
