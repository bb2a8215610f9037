"""The worker as a process of its own, beside servers that do not work the outbox."""

import signal
import socket
import threading
from argparse import SUPPRESS
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from seminars.work import Postman, let_go, new_owner, work
from seminars.work.deliveries import deliver
from seminars.work.mailing import Away


class Command(BaseCommand):
    help = "Sends due letters and ends stale presence leases, until stopped by Ctrl-C or SIGTERM."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="send what is due now, then end")
        parser.add_argument("--leash", type=int, help=SUPPRESS)  # the descriptor that ties it to a tree

    def handle(self, *args: Any, once: bool, leash: int | None, **options: Any) -> None:
        stop = threading.Event()
        if once:
            try:
                self.stdout.write(f"{deliver(owner=new_owner(), stop=stop)} letters sent")
            except Away as fault:
                raise CommandError(f"no letter can leave: {fault}") from fault
            return
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
        if leash is None:
            self.stdout.write("working")
            self.stdout.flush()
        else:
            held = socket.socket(fileno=leash)
            held.send(b"+")
            threading.Thread(target=until_let_go, args=(held, stop), name="leash", daemon=True).start()
        postman = Postman(new_owner())
        threading.Thread(target=when_stopped, args=(stop, postman), name="let-go", daemon=True).start()
        work(stop, postman)


def when_stopped(stop: threading.Event, postman: Postman) -> None:
    """Frees at once what waits behind a letter that leaves slowly."""
    stop.wait()
    let_go(postman)


def until_let_go(held: socket.socket, stop: threading.Event) -> None:
    """A worker must not outlive the tree it belongs to."""
    try:
        held.recv(1)
    finally:
        stop.set()
