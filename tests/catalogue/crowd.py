"""People with companion pages: one who asks and waits, and many who keep their state as static/js/live.js does."""

import asyncio
import contextlib
import itertools
import json
import math
import time
import uuid
from collections.abc import Iterable
from typing import Any

from websockets.asyncio.client import ClientConnection as Line
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.sync.client import ClientConnection

from tests.catalogue.served import ORIGIN, Real, heard

AWAY = (OSError, ConnectionClosed, InvalidHandshake, TimeoutError)
State = dict[str, Any]


class Companion:
    """One connection of one guest: joins and beats, and remembers what the server acknowledged."""

    def __init__(self, who: str) -> None:
        self.who, self.connection, self.event = who, str(uuid.uuid4()), str(uuid.uuid4())
        self.acknowledged: list[str] = []

    def says(self, line: ClientConnection, name: str, **body: Any) -> Any:
        number = str(uuid.uuid4())
        line.send(json.dumps([name, number, {"connection": self.connection, **body}]))
        answer = heard(line, "ok", number)[2]
        self.acknowledged.append(answer["at"])
        return answer

    def live(self, line: ClientConnection, beats: int = 3) -> None:
        heard(line, "live.snapshot")
        self.says(line, "attendance.join", event=self.event)
        for _ in range(beats):
            time.sleep(0.05)
            self.says(line, "attendance.beat", seq=0)


class Refusal(Exception):
    """The server's `refused`."""


class Page:
    """A screen: snapshot, changes by their numbers, a fetch at a gap; it comes back when its line breaks."""

    def __init__(self, real: Real, who: str, *, as_host: bool = False, door: int | None = None) -> None:
        self.real, self.who, self.query = real, who, "?as=host" if as_host else ""
        self.door = door
        self.connection = str(uuid.uuid4())
        self.state: State = {}
        self.number = -1
        self.line: Line | None = None
        self.standing = asyncio.Event()
        """Set while a line stands and its snapshot has come."""
        self.frames: list[tuple[float, list[Any]]] = []
        self.closes: list[int] = []
        self.acks: list[float] = []
        self.errors: list[str] = []
        self.ids = itertools.count(1)
        self.waiting: dict[int, asyncio.Future[Any]] = {}
        self.stays = True
        self.pause = 0.1
        """Seconds before a new line after a broken one, at least."""

    async def run(self) -> None:
        """Until told to stop: a line, and another when it breaks."""
        pause = self.pause
        while self.stays:
            try:
                async with connect(
                    self.real.address(self.door) + self.query,
                    additional_headers={"Cookie": f"sessionid={self.real.data['cookies'][self.who]}"},
                    origin=ORIGIN,  # type: ignore[arg-type]  # a plain text will do
                    open_timeout=10,
                    ping_interval=None,
                ) as self.line:
                    pause = 0.0
                    async for text in self.line:
                        await self.take(json.loads(text))
            except AWAY as broken:
                self.closes.append(getattr(getattr(broken, "rcvd", None), "code", 1006))
            self.lose()
            if self.stays:
                await asyncio.sleep(max(pause, self.pause))
                pause = min(2 * pause + 0.1, 2)

    def lose(self) -> None:
        self.line = None
        self.standing.clear()
        for future in self.waiting.values():
            if not future.done():
                future.set_exception(ConnectionError("the line broke"))
        self.waiting.clear()

    async def take(self, frame: list[Any]) -> None:
        self.frames.append((time.monotonic(), frame))
        name, number, body = frame[:3]
        match name:
            case "ok" | "refused":
                future = self.waiting.pop(number, None)
                if future and not future.done() and name == "ok":
                    future.set_result(body)
                elif future and not future.done():
                    future.set_exception(Refusal(body["code"]))
            case "live.snapshot":
                self.number, self.state = number, body
                self.standing.set()
            case "live.changed" | "tick":
                await self.change(number, body, frame[3] if len(frame) > 3 else number - 1)
            case "live.behind":
                await self.fetch()

    async def change(self, number: int, patch: State, since: int) -> None:
        if number < self.number or self.number < 0:
            return
        if since > self.number:
            return await self.fetch()
        self.number = number
        people = patch.get("people")
        for key, value in patch.items():
            if key != "people":
                self.state[key] = value
        for code, row in (people or {}).items():
            if row is None:
                self.state["people"].pop(code, None)
            else:
                self.state["people"][code] = row

    async def fetch(self) -> None:
        if self.line is not None:
            await self.line.send(json.dumps(["live.fetch", f"fetch{next(self.ids)}", {}]))

    async def says(self, name: str, seconds: float = 30, **body: Any) -> Any:
        """A command; its answer when it is acknowledged. Raises Refusal, or one of AWAY when the line breaks."""
        await asyncio.wait_for(self.standing.wait(), seconds)
        line, number = self.line, next(self.ids)
        if line is None:
            raise ConnectionError("no line")
        began, future = time.monotonic(), asyncio.get_running_loop().create_future()
        try:
            await line.send(json.dumps([name, number, body]))
            self.waiting[number] = future  # nothing is read between the two
            answer = await asyncio.wait_for(future, seconds)
        finally:
            self.waiting.pop(number, None)
        self.acks.append(time.monotonic() - began)
        return answer

    async def joins(self, event: str | None = None) -> Any:
        return await self.says(
            "attendance.join", connection=self.connection, event=event or str(uuid.uuid4()), awake=True
        )

    async def beats(self) -> Any:
        return await self.says("attendance.beat", connection=self.connection, seq=max(0, self.number))

    async def leaves(self) -> None:
        self.stays = False
        if self.line is not None:
            await self.line.close()


class Crowd:
    """Pages that run side by side for the length of a block."""

    def __init__(self, pages: Iterable[Page]) -> None:
        self.pages = list(pages)

    async def __aenter__(self) -> "Crowd":
        self.tasks = [asyncio.create_task(page.run()) for page in self.pages]
        await asyncio.wait_for(asyncio.gather(*(page.standing.wait() for page in self.pages)), 60)
        return self

    async def __aexit__(self, *_: object) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.gather(*(page.leaves() for page in self.pages)), 15)
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    @property
    def acks(self) -> list[float]:
        return [seconds for page in self.pages for seconds in page.acks]


def percentile(values: list[float], percent: float) -> float:
    """The nearest rank."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)]


async def fresh_state(page: Page) -> tuple[int, State]:
    """What a reader who comes now is shown, by the plain request."""
    separator = "?as=host" if page.query else ""
    path = f"/sessions/{page.real.data['code']}/live.json{separator}"
    cookie = f"Cookie: sessionid={page.real.data['cookies'][page.who]}"
    status, answer = await asyncio.to_thread(page.real.get, path, cookie)
    assert status == 200, answer[:300]
    body = json.loads(answer.partition("\r\n\r\n")[2])
    return body["seq"], body["state"]


async def when(condition: Any, seconds: float) -> float:
    """Waits for it while the pages run; tells how long that took, or fails."""
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < seconds, "it never came true"
        await asyncio.sleep(0.02)
    return time.monotonic() - began
