"""One room on one server: `python -m bench.rooms floor`, or `hub|redis|textbook`-`daphne|uvicorn`.

A socket at `/` is a reader. One at `/control` sends `publish COUNT [OCTETS]`, the latter for frames of another size, or
`cpu` and `memory`, which are answered with the processor seconds used so far and the octets resident now.
"""

import asyncio
import os
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import uvicorn
import websockets
from channels.generic.websocket import AsyncJsonWebsocketConsumer, AsyncWebsocketConsumer
from channels.layers import get_channel_layer
from daphne.server import Server
from django.conf import settings
from websockets.asyncio.server import ServerConnection, serve

from realtime.hub import frame_text, hub
from realtime.lanes import keep_send
from realtime.relay import packed, relay
from realtime.sockets import HubConsumer
from seminars.facts import PulseTaken

BODY = {
    "person": "0191f0aa-7c1e-7d2e-9a55-2f0c6f5a1b77",
    "signal": "following",
    "since": "2026-11-02T09:30:00+01:00",
    "counts": [3, 12, 41, 2, 0],
}
FRAME = ["feedback.pulsed", 100_001, BODY]
TEXT = frame_text("feedback.pulsed", 100_001, BODY)
PAGE = os.sysconf("SC_PAGE_SIZE")


def told(command: str) -> str | None:
    """The answer to a question about this process; None for what is no question."""
    if command == "cpu":
        return str(time.process_time())
    if command == "memory":
        return str(int(Path("/proc/self/statm").read_text().split()[1]) * PAGE)
    return None


def order(words: str) -> tuple[int, str]:
    """How many frames a `publish` asks for, and their text."""
    count, _, octets = words.partition(" ")
    return int(count), frame_text("feedback.pulsed", 1, "x" * int(octets)) if octets else TEXT


class Listener(HubConsumer):
    async def connect(self) -> None:
        await self.accept()
        self.join("room")


class Textbook(AsyncJsonWebsocketConsumer):
    """As the tutorial has it: a group, and each consumer encodes for itself."""

    async def connect(self) -> None:
        await self.channel_layer.group_add("room", self.channel_name)
        await self.accept()

    async def pulsed(self, event: dict[str, Any]) -> None:
        await self.send_json(event["frame"])


class Control(AsyncWebsocketConsumer):
    kind = "hub"

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        command, _, words = (text_data or "").partition(" ")
        if answer := told(command):
            await self.send(answer)
            return
        count, text = order(words)
        for _ in range(count):
            if self.kind == "redis":
                await relay.send(packed(PulseTaken(1, 1)) | {"from": "another process"})
            elif self.kind == "textbook":
                await get_channel_layer().group_send("room", {"type": "pulsed", "frame": FRAME})
            else:
                hub.announce("room", text)
            await asyncio.sleep(0)


class RedisControl(Control):
    """Each frame goes through Redis and comes back as another process's fact."""

    kind = "redis"

    async def connect(self) -> None:
        relay.listen(lambda fact: hub.deliver("room", TEXT), self.accept)


class TextbookControl(Control):
    kind = "textbook"


def application(kind: str) -> Callable[..., Any]:
    controls = {each.kind: each for each in (Control, RedisControl, TextbookControl)}
    doors = {
        "/": (Textbook if kind == "textbook" else Listener).as_asgi(),
        "/control": controls[kind].as_asgi(),
    }

    async def door(scope: Any, receive: Any, send: Any) -> None:
        await doors[scope["path"]](scope, receive, send)

    return keep_send(door)


class Daphne(Server):
    def listen_success(self, port: Any) -> None:
        super().listen_success(port)
        ready(self.listening_addresses[0][1])


def ready(port: int) -> None:
    print(f"ready http://127.0.0.1:{port}/", flush=True)


async def floor() -> None:
    """`websockets.broadcast()`, uncompressed, without pings."""
    readers: set[ServerConnection] = set()

    async def handle(connection: ServerConnection) -> None:
        if connection.request is None or connection.request.path == "/":
            readers.add(connection)
            await connection.wait_closed()
            readers.discard(connection)
            return
        async for text in connection:
            command, _, words = str(text).partition(" ")
            if answer := told(command):
                await connection.send(answer)
                continue
            count, frame = order(words)
            for _ in range(count):
                websockets.broadcast(readers, frame)
                await asyncio.sleep(0)

    async with serve(handle, "127.0.0.1", 0, compression=None, ping_interval=None, backlog=2048) as server:
        ready(server.sockets[0].getsockname()[1])
        await server.serve_forever()


def run(application: Callable[..., Any], server: str) -> None:
    """Serves with uncompressed sockets, without pings, on a free port, which it prints."""
    if server == "daphne":
        endpoint = "tcp:port=0:interface=127.0.0.1:backlog=2048"
        Daphne(application, [endpoint], verbosity=0, ping_interval=3600).run()
        return
    listener = socket.create_server(("127.0.0.1", 0), backlog=2048)
    ready(listener.getsockname()[1])
    config = uvicorn.Config(
        application,
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        ws_ping_interval=None,
        lifespan="off",
        log_level="warning",
        backlog=2048,
    )
    uvicorn.Server(config).run(sockets=[listener])


def main(name: str) -> None:
    kind, _, server = name.partition("-")
    redis = os.environ.get("REDIS_URL", "")
    backend = (
        "channels_redis.pubsub.RedisPubSubChannelLayer" if redis else "channels.layers.InMemoryChannelLayer"
    )
    layer = {"BACKEND": backend} | ({"CONFIG": {"hosts": [redis]}} if redis else {})
    settings.configure(CHANNEL_LAYERS={"default": layer}, REDIS_URL=redis)
    if kind == "floor":
        asyncio.run(floor())
    else:
        run(application(kind), server)


if __name__ == "__main__":
    main(sys.argv[1])
