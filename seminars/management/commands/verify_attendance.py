"""`manage.py verify_attendance [CODE] [--seals DIR] [--prove]`: ledgers, sealed sheets, and what was exported of them.

0: holds. 1: a fault, `<session code> <seq>: <why>`, the first one. 2: asked to prove, and nothing here can.
"""

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from seminars.actions import sealing
from seminars.evidence import guards
from seminars.models import Certificate, PresenceEvent, SealedSheet, Session
from seminars.queries import exemptions, verification, vouched
from seminars.queries.verification import Exported, Fault

CANNOT = (
    "cannot know: a ledger that was written anew shows only against seals that lay elsewhere (--seals DIR)"
)


class Command(BaseCommand):
    help = "Verifies ledgers and sealed sheets; prints `<session code> <seq>: <why>` at the first fault, and exits 1."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "code", nargs="?", help="one session; without it, all that have events or a sheet"
        )
        parser.add_argument(
            "--seals", type=Path, metavar="DIR", help="compare with the exported seals in DIR"
        )
        parser.add_argument(
            "--prove", action="store_true", help="exit 2 where the exported seals do not cover all there is"
        )
        parser.add_argument(
            "--export", action="store_true", help="write the seals that are missing in SEALS_DIR"
        )

    def handle(
        self, *, code: str | None, seals: Path | None, prove: bool, export: bool, **options: Any
    ) -> None:
        exported = _exported(seals, code)
        chosen = _chosen(code)
        if code and not exported and not chosen.exists():
            raise CommandError(f"no session {code}")
        followed = self._verify(chosen, exported, is_whole=code is None)
        if export:
            written = sealing.export_missing(SealedSheet.objects.filter(session__in=chosen))
            self.stdout.write(f"{written} seals written")
        if prove and seals is None:
            self.stdout.write(CANNOT)
            sys.exit(2)
        if prove and (bare := verification.uncovered(followed, exported)):
            for fault in bare:
                self.stdout.write(str(fault))
            sys.exit(2)

    def _verify(
        self, chosen: QuerySet[Session], exported: list[Exported], *, is_whole: bool
    ) -> list[tuple[Session, int]]:
        """Ends at the first fault; else says what holds, and gives each session with the number of its events."""
        found: list[tuple[Session, int]] = []
        count = 0
        known = exemptions.known_people()
        for session in chosen:
            versions = list(session.sealed.select_related("session").order_by("version"))
            followed = verification.follow(session, [made.count for made in versions], known)
            self._stop_at(verification.session_faults(session, followed, versions, known))
            if session.condensed_at is not None:
                self.stdout.write(f"{session.code}: condensed, seal valid")
            found.append((session, followed.count))
            count += len(versions)
        for project in _projects(chosen):
            self._stop_at(verification.project_faults(project))
        certificates = self._verify_certificates(chosen, is_whole=is_whole)
        self._stop_at(verification.compare(exported))
        self._stop_at(
            Fault("database", 0, f"the guard {name} is not up") for name in guards.missing(connection)
        )
        chains = [events for _session, events in found if events]
        self.stdout.write(f"{len(chains)} chains of {sum(chains)} events hold")
        if count:
            self.stdout.write(f"{count} seals hold, {len(exported)} exported ones compared")
        if certificates:
            self.stdout.write(f"{certificates} certificates hold")
        return found

    def _verify_certificates(self, chosen: QuerySet[Session], *, is_whole: bool) -> int:
        """Those of the chosen sessions, or all, and then their numbers too; returns how many there are."""
        rows = Certificate.objects.select_related("session", "scheme").order_by("pk")
        rows = rows if is_whole else rows.filter(session__in=chosen)
        self._stop_at(vouched.faults(rows.iterator(chunk_size=500)))
        if is_whole:
            self._stop_at(vouched.number_faults())
        return rows.count()

    def _stop_at(self, faults: Iterable[Fault]) -> None:
        for fault in faults:
            self.stdout.write(str(fault))
            sys.exit(1)


def _chosen(code: str | None) -> QuerySet[Session]:
    sessions = Session.objects.order_by("pk")
    if code is None:
        events, versions = (
            Exists(rows.objects.filter(session=OuterRef("pk"))) for rows in (PresenceEvent, SealedSheet)
        )
        return sessions.filter(Q(events) | Q(versions) | Q(condensed_at__isnull=False))
    return sessions.filter(code=code)


def _projects(chosen: QuerySet[Session]) -> Iterator[str]:
    found = SealedSheet.objects.filter(session__in=chosen).order_by("project")
    return found.values_list("project", flat=True).distinct().iterator()


def _exported(place: Path | None, code: str | None) -> list[Exported]:
    if place is None:
        return []
    try:
        found = verification.read_exported(place)
    except (OSError, ValueError) as fault:
        raise CommandError(str(fault)) from fault
    return [each for each in found if code in (None, each.session)]
