"""A server of its own for the tests of the lanes: `python -m tests.realtime.lane_server daphne '{"lanes": true}'`.

One room; a reader sends JSON commands: ["sizes", [octets...]] publishes, ["cut", code] publishes, cuts all others
and publishes again, ["left"] answers with the codes of the disconnect handlers that ran.
"""

import asyncio
import json
import socket
import sys

import uvicorn
from daphne.server import Server  # installs the reactor: before any other part of Twisted
from django.conf import settings

options = json.loads(sys.argv[2]) if len(sys.argv) > 2 else {}
settings.configure(LIVE_LANES=options.get("lanes", True))

from realtime.hub import Socket, hub  # noqa: E402 - read the settings above
from realtime.lanes import keep_send  # noqa: E402
from realtime.sockets import HubConsumer  # noqa: E402

Socket.patience = options.get("patience", 20.0)
Socket.most_frames = options.get("most_frames", 100_000)
Socket.most_bytes = options.get("most_bytes", 100_000_000)


class Reader(HubConsumer):
    left: list[int] = []

    async def connect(self):
        if self.scope["path"] == "/refused":
            await self.close()
            return
        await self.accept()
        self.join("room")
        self.push("hello", 0, type(self.socket).__name__)

    async def receive(self, text_data=None, bytes_data=None):
        command, *rest = json.loads(text_data)
        await getattr(self, f"do_{command}")(*rest)

    async def do_sizes(self, sizes):
        for number, size in enumerate(sizes):
            hub.announce("room", f"{number:06d}" + "x" * size)
            await asyncio.sleep(0)

    async def do_cut(self, code):
        others = [reader for reader in READERS if reader is not self]
        for number in range(6):
            if number == 3:
                for reader in others:
                    reader.cut(code)
            hub.deliver("room", f"{number:06d}")
            for reader in others:
                reader.push("late", number, None) if number >= 3 else None

    async def do_fail(self):
        raise LookupError

    async def do_left(self):
        self.push("left", 0, self.left)

    async def disconnect(self, code):
        self.left.append(code)


READERS: list[Reader] = []


class Remembered(Reader):
    async def connect(self):
        READERS.append(self)
        await super().connect()

    async def disconnect(self, code):
        READERS.remove(self)
        await super().disconnect(code)


application = keep_send(Remembered.as_asgi())


class Daphne(Server):
    def listen_success(self, port):
        super().listen_success(port)
        print("ready", self.listening_addresses[0][1], flush=True)


def main():
    if sys.argv[1] == "daphne":
        Daphne(application, ["tcp:port=0:interface=127.0.0.1"], verbosity=0).run()
    else:
        listener = socket.create_server(("127.0.0.1", 0))
        print("ready", listener.getsockname()[1], flush=True)
        config = uvicorn.Config(
            application,
            ws="websockets-sansio",
            ws_per_message_deflate=False,
            lifespan="off",
            log_level="warning",
        )
        uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main()
