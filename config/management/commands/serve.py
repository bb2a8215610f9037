"""The embedded server: Daphne for HTTP and WebSocket, and the worker in a thread beside it: one process."""

import logging
import os
import signal
import sys
import threading
import time
from typing import Any

from daphne.endpoints import build_endpoint_description_strings
from daphne.http_protocol import WebRequest
from daphne.server import Server, twisted_loop  # installs the reactor: before the next line
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from twisted.internet import reactor

from config.asgi import application
from seminars.work import work

log = logging.getLogger(__name__)
MOST_OCTETS = 16384
MOST_OF_A_BODY = 2 * 1024 * 1024  # the pages themselves refuse, in words, what is over half of it
SERVICE_RESTART = 1012
GRACE = 5.0  # seconds for requests and handlers under way
LAST_WORK = 3.0  # seconds for the worker after that
AT_MOST = 9.5  # seconds from the signal to the end, whatever still runs


class Page(WebRequest):
    """Refuses a body that is too large while it comes: Daphne would take in the whole of it first."""

    refused = False

    def gotLength(self, length: int | None) -> None:
        super().gotLength(length)
        if length and length > MOST_OF_A_BODY:
            self.refuse()

    def handleContentChunk(self, data: bytes) -> None:
        if not self.refused and self.content.tell() + len(data) > MOST_OF_A_BODY:
            self.refuse()
        if not self.refused:
            super().handleContentChunk(data)

    def refuse(self) -> None:
        self.refused = True
        answer = b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        self.channel.transport.write(answer)
        self.channel.loseConnection()

    def process(self) -> Any:
        """The end of a refused body may still come in."""
        return None if self.refused else super().process()


class Door(Server):
    """Daphne that keeps its listening ports, and the reason where there is none."""

    reason = ""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.ports: list[Any] = []

    def listen_success(self, port: Any) -> None:
        self.ports.append(port)
        self.build, self.http_factory.buildProtocol = self.http_factory.buildProtocol, self.channel
        super().listen_success(port)

    def channel(self, address: Any) -> Any:
        channel = self.build(address)
        channel.requestFactory = Page
        return channel

    def listen_error(self, failure: Any) -> None:
        self.reason = failure.getErrorMessage()
        self.stop()

    def kill_all_applications(self) -> Any:
        for protocol, details in list(self.connections.items()):
            if "application_instance" not in details:  # reaped already; Daphne expects one in each
                del self.connections[protocol]
        return super().kill_all_applications()


class Command(BaseCommand):
    help = "Serves pages, API and live rooms, and works the outbox, in one process. Ctrl-C stops it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default=settings.HOST)
        parser.add_argument("--port", type=int, default=settings.PORT, help="0 takes a free one")

    def handle(self, *args: Any, host: str, port: int, **options: Any) -> None:
        self.server = Door(
            application,
            build_endpoint_description_strings(host=host, port=port),
            signal_handlers=False,
            websocket_max_message_size=MOST_OCTETS,
            websocket_max_frame_size=MOST_OCTETS,
            websocket_connect_timeout=5,
            verbosity=0,
        )
        self.stop = threading.Event()
        self.failed = False
        self.worker = threading.Thread(target=self.labour, name="worker", daemon=True)
        for number in (signal.SIGINT, signal.SIGTERM):
            twisted_loop.add_signal_handler(number, self.leave)
        reactor.callWhenRunning(self.ready)
        self.server.run()
        self.stop.set()
        if self.worker.ident:
            self.worker.join(LAST_WORK)
        if self.server.reason:
            raise CommandError(f"could not listen on {host}:{port}: {self.server.reason}")
        if self.failed:
            raise CommandError("the worker has ended with an error, see the log")

    def ready(self) -> None:
        if self.server.listening_addresses:
            host, port = self.server.listening_addresses[0]
            self.stdout.write(f"ready http://{f'[{host}]' if ':' in host else host}:{port}/")
            self.stdout.flush()
            self.worker.start()  # after the line, which a word of the worker must not cut in two

    def labour(self) -> None:
        """A server whose outbox stands still would look well and deliver nothing: it ends instead."""
        try:
            work(self.stop)
        except Exception:
            self.failed = True
            log.exception("the worker has ended")
            twisted_loop.call_soon_threadsafe(self.leave)

    def leave(self) -> None:
        """Stops listening, tells every socket, lets what runs end; a second signal waits for nothing."""
        if self.stop.is_set():
            return
        self.stop.set()
        for number in (signal.SIGINT, signal.SIGTERM):
            twisted_loop.remove_signal_handler(number)
            signal.signal(number, at_once)
        limit = threading.Timer(AT_MOST, at_once, (signal.SIGTERM,))
        limit.daemon = True
        limit.start()
        for port in self.server.ports:
            port.stopListening()
        for protocol in list(self.server.connections):
            if hasattr(protocol, "sendCloseFrame"):
                protocol.sendCloseFrame(code=SERVICE_RESTART)  # serverClose() refuses this code
        self.until = time.monotonic() + GRACE
        self.wait()

    def wait(self) -> None:
        connections = self.server.connections.values()
        running = [each["application_instance"] for each in connections if "application_instance" in each]
        if time.monotonic() < self.until and not all(application.done() for application in running):
            reactor.callLater(0.05, self.wait)
        else:
            reactor.stop()


def at_once(number: int, frame: object = None) -> None:
    sys.stdout.flush()
    os._exit(128 + number)
