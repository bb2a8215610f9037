"""`manage.py keep`: what retention does to personal data today, as the worker does it once a day; with a report."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from seminars.models import Session
from seminars.queries import retention
from seminars.work.retaining import keep, rehearse

FIRST = ("condensed", "events", "waiting", "released", "cycles", "erased", "dated", "failed")
MEANING = {
    "condensed": "sessions condensed: events gone, sealed sheet kept",
    "events": "presence events gone",
    "waiting": "sessions that can't be condensed: sealed no more, changed since, or a broken seal",
    "released": "sessions that name nobody any more",
    "cycles": "training cycles that name nobody any more",
    "erased": "people erased",
    "dated": "requests to be erased whose day has changed",
    "failed": "faults: the log says which; the rest was done",
}
ENDLESS = {
    "running": "is still open, long after its end: close it",
    "unsealed": "is closed and not sealed: nothing proves it, and its events never go",
    "changed": "has changed since its seal: seal it again",
}


class Command(BaseCommand):
    help = "Condenses old sealed sessions, lets go of names that no rule keeps, erases whose day has come."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only report what would be done")

    def handle(self, *, dry_run: bool, **options: Any) -> None:
        counts = rehearse() if dry_run else keep()
        for name in FIRST:
            self.stdout.write(f"{counts[name]:>7} {MEANING[name]}")
        for name in sorted(counts.keys() - set(FIRST)):
            self.stdout.write(f"{counts[name]:>7} rows of released sessions: {name}")
        for session, why in retention.endless(Session.objects.all()):
            self.stdout.write(f"session {session.code} of {session.ends_at:%Y-%m-%d} {ENDLESS[why]}")
        self.stdout.write("nothing was changed" if dry_run else f"{sum(counts.values())} in all")
