"""`manage.py serve`: pages, API, live rooms and the worker, in one process or as a supervised tree of several."""

import os
import socket
import sys
from argparse import SUPPRESS
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.serving.leash import Leash
from config.serving.listening import address, inherited, listen
from config.serving.process import SERVERS, Process
from config.serving.tree import Post, Tree


def answer_at(port: int) -> None:
    """Takes `--port` into the addresses that nobody gave: links would lead elsewhere, and live sockets, which ask for
    the exact origin, be refused. Before the ASGI application is made, which keeps the origins."""
    was, settings.PORT = f":{settings.PORT}", port
    ours = {settings.SITE_ORIGIN, f"http://localhost{was}", f"http://127.0.0.1{was}"}
    settings.LIVE_ORIGINS = settings.CSRF_TRUSTED_ORIGINS = [
        f"{each.removesuffix(was)}:{port}" if each in ours else each for each in settings.LIVE_ORIGINS
    ]
    settings.SITE_URL = settings.SITE_ORIGIN = f"{settings.SITE_ORIGIN.removesuffix(was)}:{port}"


class Command(BaseCommand):
    help = (
        "Serves pages, API and live rooms, and works the outbox: in one process, or with --workers as a tree of "
        "several (PostgreSQL and REDIS_URL needed) in which whoever dies is started again. Ctrl-C stops it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default=settings.HOST)
        parser.add_argument("--port", type=int, default=settings.PORT, help="0 takes a free one")
        parser.add_argument("--server", choices=SERVERS, default=settings.SERVER)
        parser.add_argument("--workers", type=int, default=settings.WEB_CONCURRENCY, help="server processes")
        parser.add_argument(
            "--socket", type=int, help=SUPPRESS
        )  # a child's: the socket and the leash it inherits
        parser.add_argument("--leash", type=int, help=SUPPRESS)

    def execute(self, *args: Any, **options: Any) -> str | None:
        # The system checks, which run first, ask for these.
        settings.WEB_CONCURRENCY, settings.HOST = options["workers"], options["host"]
        if settings.SITE_IS_GUESSED and options["port"]:
            answer_at(options["port"])
        return super().execute(*args, **options)

    def handle(self, *args: Any, server: str, workers: int, **options: Any) -> None:
        if server not in SERVERS:  # a default of the environment is no choice that the parser sees
            raise CommandError(f"SERVER is {server!r}, not one of {', '.join(SERVERS)}")
        if options["socket"] is not None:
            self.serve(inherited(options["socket"]), server, Leash(options["leash"]))
            return
        listener = self.listen(options["host"], options["port"])
        if workers > 1:
            self.grow(listener, server, workers)
        else:
            self.serve(listener, server)

    def listen(self, host: str, port: int) -> socket.socket:
        try:
            return listen(host, port)
        except (OSError, OverflowError) as fault:
            reason = fault.strerror if isinstance(fault, OSError) else str(fault)
            raise CommandError(f"could not listen on {host}:{port}: {reason}") from fault

    def ready(self, listener: socket.socket) -> Callable[[], None]:
        """What says the one line that whoever started it waits for."""
        line = f"ready {address(listener)}"  # now: a server may have closed this descriptor by then

        def say() -> None:
            self.stdout.write(line)
            self.stdout.flush()

        return say

    def serve(self, listener: socket.socket, server: str, leash: Leash | None = None) -> None:
        has_worker = leash is None and settings.WORKER == "inline"
        said = self.ready(listener) if leash is None else lambda: None
        process = Process(listener, server, has_worker=has_worker, said=said, leash=leash)
        process.run()
        if process.failed:
            raise CommandError("the worker has ended with an error, see the log")

    def grow(self, listener: socket.socket, server: str, workers: int) -> None:
        python, manage, number = sys.executable, str(settings.BASE_DIR / "manage.py"), listener.fileno()

        def web(leash: int) -> list[str]:
            inherits = ["--socket", str(number), "--leash", str(leash)]
            return [python, manage, "serve", "--skip-checks", "--server", server, *inherits]

        def work(leash: int) -> list[str]:
            return [python, manage, "work", "--skip-checks", "--leash", str(leash)]

        posts = [Post(f"server {place}", web, (number,)) for place in range(1, workers + 1)]
        if settings.WORKER == "inline":
            posts.append(Post("worker", work, may_be_cut=True))
        environment = os.environ | {"WEB_CONCURRENCY": str(workers), "WORKER": "off"}
        if settings.SITE_IS_GUESSED:
            environment["PORT"] = str(settings.PORT)
        code = Tree(posts, self.ready(listener), environment, listener).run()
        if code == 1:
            raise CommandError("a process of the tree could not begin, see above")
        sys.exit(code)
