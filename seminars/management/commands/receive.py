"""`manage.py receive`: one mail that came back, on stdin, as Postfix, Exim and others hand it to a program."""

import os
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from seminars.actions.returns import Noted
from seminars.work import returns


class Command(BaseCommand):
    help = (
        "Reads one returned mail on stdin; exit code 0: taken or ignored, 75 (EX_TEMPFAIL): bring it again."
    )
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--to", action="append", default=[], help="the address it came to, as the server knows it"
        )

    def handle(self, *, to: list[str], **options: Any) -> None:
        """Prints the kind of a fault, never a word of the mail."""
        content = sys.stdin.buffer.read(returns.LARGEST + 1)
        while sys.stdin.buffer.read(65_536):
            pass  # a server whose mail is not read to its end would bring it again
        try:
            noted = returns.take(content, came_to=to)
        except Exception as fault:
            self.stderr.write(f"not now: {type(fault).__name__}")
            sys.exit(os.EX_TEMPFAIL)
        if noted == Noted.LATER:
            sys.exit(os.EX_TEMPFAIL)
