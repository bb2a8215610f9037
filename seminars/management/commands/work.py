"""The worker as a process of its own, beside servers that do not work the outbox."""

import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from seminars.work import work
from seminars.work.deliveries import deliver
from seminars.work.rounds import new_owner


class Command(BaseCommand):
    help = "Sends due letters and ends stale presence leases, until stopped by Ctrl-C or SIGTERM."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="send what is due now, then end")

    def handle(self, *args: Any, once: bool, **options: Any) -> None:
        stop = threading.Event()
        if once:
            self.stdout.write(f"{deliver(owner=new_owner(), stop=stop)} letters sent")
            return
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
        self.stdout.write("working")
        self.stdout.flush()
        work(stop)
