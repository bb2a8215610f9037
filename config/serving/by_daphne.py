"""Daphne behind a listening socket that is ours: bodies have an end, and sockets are told before it stops."""

import asyncio
import socket
import time
from collections.abc import Callable
from typing import Any

from channels.routing import get_default_application
from daphne.http_protocol import WebRequest
from daphne.server import Server, twisted_loop  # installs the reactor: before the next line
from twisted.internet import reactor

from config.serving.bounds import GRACE, MOST_OCTETS, MOST_OF_A_BODY, SERVICE_RESTART


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


class Daphne(Server):
    """Runs on the calling thread until `leave` was called, which is for its own loop only."""

    def __init__(self, listener: socket.socket, begin: Callable[[asyncio.AbstractEventLoop], None]) -> None:
        super().__init__(
            get_default_application(),
            ["inherited"],
            signal_handlers=False,
            websocket_max_message_size=MOST_OCTETS,
            websocket_max_frame_size=MOST_OCTETS,
            websocket_connect_timeout=5,
            verbosity=0,
        )
        self.endpoints: list[str] = []  # it would open its own; the constructor insists on one
        self.listener, self.begin = listener, begin
        self.port: Any = None

    def run(self) -> None:
        reactor.callWhenRunning(self.open)
        super().run()

    def open(self) -> None:
        self.build, self.http_factory.buildProtocol = self.http_factory.buildProtocol, self.channel
        self.port = reactor.adoptStreamPort(self.listener.fileno(), self.listener.family, self.http_factory)
        self.listener.close()  # the port has a descriptor of its own
        self.begin(twisted_loop)

    def channel(self, address: Any) -> Any:
        channel = self.build(address)
        channel.requestFactory = Page
        return channel

    def kill_all_applications(self) -> Any:
        for protocol, details in list(self.connections.items()):
            if "application_instance" not in details:  # reaped already; Daphne expects one in each
                del self.connections[protocol]
        return super().kill_all_applications()

    def leave(self) -> None:
        """Stops listening, tells every socket, and ends when what runs has ended, after GRACE at the latest."""
        self.port.stopListening()
        for protocol in list(self.connections):
            if hasattr(protocol, "sendCloseFrame"):
                protocol.sendCloseFrame(code=SERVICE_RESTART)  # serverClose() refuses this code
        self.until = time.monotonic() + GRACE
        self.wait()

    def wait(self) -> None:
        details = self.connections.values()
        running = [each["application_instance"] for each in details if "application_instance" in each]
        if time.monotonic() < self.until and not all(application.done() for application in running):
            reactor.callLater(0.05, self.wait)
        else:
            reactor.stop()
