"""A session's screens on one server: `python -m bench.screens daphne|uvicorn PEOPLE`.

A socket at `/` is the host's screen, the next ones are each guest's. One at `/control` says `MODE COUNT`: so many
people come or go, RATE a second at most; the answer is JSON: `cpu` in seconds, `written`, the instant of each number.
Modes: `ticked` as the product does it; `single`, each once the one before has been told; `alone`, the rows only.
"""

import asyncio
import json
import sys
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings
from django.db import transaction

from bench.crowd import session_of  # sets Django up: before the models
from bench.rooms import run
from realtime import broadcast, groups
from realtime.lanes import keep_send
from realtime.sockets import HubConsumer
from realtime.ticks import ticks
from seminars.facts import PresenceChanged, announce
from seminars.models import Lease, Presence, PulseVote, Session
from seminars.moments import now
from seminars.vocabulary import Pulse

RATE = 60.0
STEP = 0.002
"""Seconds between two looks whether a number has been told."""


class Scene:
    """The session, everybody in it, and the thread that writes as an action would."""

    def __init__(self, people: int) -> None:
        self.session, self.guests = session_of(people, is_open=True)
        self.seq, self.moved, self.seated, present = self.session.live_seq, 0, 0, now()
        own = [{"session": self.session, "person": guest} for guest in self.guests]
        seen = {"opened_at": present, "seen_at": present}
        Presence.objects.bulk_create(Presence(**each, since=present) for each in own)
        Lease.objects.bulk_create(Lease(**each, **seen, connection=uuid.uuid4()) for each in own)
        PulseVote.objects.bulk_create(PulseVote(**each, value=Pulse.FOLLOWING, at=present) for each in own)
        self.thread = ThreadPoolExecutor(1)
        self.thread.submit(Session.objects.first).result()  # the connection stays open from here on

    def write(self, is_told: bool) -> float:
        """The next guest's line goes quiet, or is back; the instant before the commit."""
        guest = self.guests[self.moved % len(self.guests)]
        quiet_at = None if self.moved // len(self.guests) % 2 else now()
        self.moved += 1
        self.seq += is_told
        with transaction.atomic():
            Lease.objects.filter(session=self.session, person=guest).update(quiet_at=quiet_at)
            Session.objects.filter(pk=self.session.pk).update(live_seq=self.seq)
            if is_told:
                announce(PresenceChanged(self.session.pk, self.seq, (guest.pk,)))
            return time.monotonic()

    async def play(self, mode: str, count: int) -> dict[str, Any]:
        loop, gathering = asyncio.get_running_loop(), ticks.gatherings[self.session.pk]
        gathering.tick = settings.LIVE_TICK_SECONDS if mode == "ticked" else 0.0
        written, began, cpu = {}, loop.time(), time.process_time()
        for number in range(1, count + 1):
            hour = await loop.run_in_executor(self.thread, self.write, mode != "alone")
            written[self.seq] = hour
            await asyncio.sleep(max(0.0, began + number / RATE - loop.time()))
            while (mode == "single" or number == count) and (gathering.told or 0) < self.seq:
                await asyncio.sleep(STEP)
        return {"cpu": time.process_time() - cpu, "written": written}


class Screen(HubConsumer):
    scene: Scene

    async def connect(self) -> None:
        place, session = self.scene.seated, self.scene.session.pk
        self.scene.seated += 1
        await self.accept()
        broadcast.open_screen(session)
        if place:
            self.join(groups.everybody(session))
            self.join(groups.own(session, self.scene.guests[place - 1].pk))
        else:
            self.join(groups.hosts(session))
        ticks.start(session, self.scene.seq)


class Control(AsyncWebsocketConsumer):
    scene: Scene

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        mode, _, count = (text_data or "").partition(" ")
        await self.send(json.dumps(await self.scene.play(mode, int(count))))


def main(server: str, people: int) -> None:
    Screen.scene = Control.scene = Scene(people)
    doors = {"/": Screen.as_asgi(), "/control": Control.as_asgi()}

    async def door(scope: Any, receive: Any, send: Any) -> None:
        await doors[scope["path"]](scope, receive, send)

    run(keep_send(door), server)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
