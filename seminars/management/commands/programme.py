"""`manage.py programme FILE`: takes a programme file in, or only shows it (`--dry-run`, no database needed)."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from seminars.actions.programme import take_in
from seminars.exchange.expansion import as_json, dated
from seminars.exchange.programme import ProgrammeError, read


class Command(BaseCommand):
    help = "Takes a programme file in; names the bad field when it is wrong, and then changes nothing."
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="only check and expand; writes nothing")
        parser.add_argument("--json", action="store_true", help="print every dated session as JSON")

    def handle(self, *, file: Path, dry_run: bool, json: bool, **options: Any) -> None:
        try:
            programme = read(file.read_bytes())
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror or error}") from error
        except ProgrammeError as error:
            raise CommandError(f"{file} can't be used:\n{error}") from error
        expanded = dated(programme)
        report = None if dry_run else take_in(programme=programme)
        if json:
            return self.show(as_json(expanded))
        seminars = len(programme.seminars)
        self.stdout.write(
            f"{seminars} seminars, {len(expanded)} dated sessions, {len(programme.people)} people"
        )
        if report is not None:
            for sort in ("organisations", "activities", "people", "sessions"):
                self.stdout.write(f"  {sort}: {report.made[sort]} new, {report.kept[sort]} kept as they are")
        return None

    def show(self, rows: list[dict[str, str]]) -> None:
        self.stdout.write(json.dumps(rows, ensure_ascii=False, indent=1))
