"""A companion without a browser: a socket with a person's cookie, for tests of the live door inside this process."""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from asgiref.sync import sync_to_async
from channels.testing import WebsocketCommunicator
from django.conf import settings

from config.asgi import application
from realtime.writer import writer
from seminars.models import Person
from tests.realtime.live_data import cookie

Frame = list[Any]


async def aside(function: Callable[..., Any], **arguments: Any) -> Any:
    """An action by another door, in the thread where database work is done here."""
    return await sync_to_async(function)(**arguments)


class Companion:
    def __init__(self, code: str, key: str, *, query: str = "", origin: str | None = None) -> None:
        origin = settings.LIVE_ORIGINS[0] if origin is None else origin
        headers = [(b"cookie", f"sessionid={key}".encode()), (b"origin", origin.encode())]
        self.line = WebsocketCommunicator(application, f"/live/{code}/?{query}", headers)
        self.number = 0
        self.connection = str(uuid.uuid4())
        self.heard: list[Frame] = []

    async def hears(self, name: str) -> Frame:
        """The next frame of that name; others are kept in `heard`."""
        while True:
            frame: Frame = json.loads(await self.line.receive_from(timeout=3))
            self.heard.append(frame)
            if frame[0] == name:
                return frame

    async def learns(self, after: int, is_it: Callable[[Any], bool]) -> Frame:
        """The change with a number above `after` whose patch is as asked, heard already or still to come."""
        known = 0
        while True:
            for frame in self.heard[known:]:
                if frame[0] == "live.changed" and frame[1] > after and is_it(frame[2]):
                    return frame
            known = len(self.heard)
            self.heard.append(json.loads(await self.line.receive_from(timeout=3)))

    async def says(self, name: str, **body: Any) -> Frame:
        """A command and its answer."""
        self.number += 1
        await self.line.send_to(text_data=json.dumps([name, self.number, body]))
        while True:
            frame: Frame = json.loads(await self.line.receive_from(timeout=3))
            self.heard.append(frame)
            if frame[0] in ("ok", "refused") and frame[1] in (self.number, None):
                return frame

    async def joins(self, **more: Any) -> Frame:
        return await self.says("attendance.join", connection=self.connection, event=str(uuid.uuid4()), **more)

    async def is_closed_with(self) -> int:
        while True:
            message = await self.line.receive_output(timeout=3)
            if message["type"] == "websocket.close":
                return int(message["code"])


@asynccontextmanager
async def companion(code: str, person: Person, **options: Any) -> AsyncIterator[Companion]:
    """An open socket, past its snapshot."""
    level = options.pop("level", "full")
    found = Companion(code, await aside(cookie, person=person, level=level), **options)
    accepted, _ = await found.line.connect(timeout=3)
    assert accepted
    await found.hears("live.snapshot")
    try:
        yield found
    finally:
        await found.line.disconnect()
        await asyncio.to_thread(writer.rest)
