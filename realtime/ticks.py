"""The gatherings of this process: one for each session that has a screen here; when one is due, its change leaves.

Belongs on the server's loop. Changes are read beside it, one at a time for each session, and delivered in order.
"""

import asyncio
import logging
import time
from functools import partial

from django.conf import settings

from realtime import audiences, bridge, groups
from realtime.gathering import Change, Gathering
from realtime.hub import hub
from realtime.seats import registry
from seminars.facts import Fact
from seminars.queries import live

log = logging.getLogger(__name__)


class Ticks:
    """Opened by the first screen of a session, ended by the watch after the last one has gone."""

    def __init__(self) -> None:
        self.gatherings: dict[int, Gathering] = {}
        self.timers: dict[int, asyncio.TimerHandle] = {}
        self.loop: asyncio.AbstractEventLoop | None = None
        self.watcher: asyncio.Task[None] | None = None

    def open(self, session_id: int) -> None:
        """A screen of this session opens; before it joins its rooms."""
        loop = asyncio.get_running_loop()
        if loop is not self.loop:  # a server that has ended in this process leaves nothing
            self.loop, self.watcher = loop, None
            self.gatherings.clear()
            self.timers.clear()
        if not is_shown(session_id):
            self.end(session_id)
        if session_id not in self.gatherings:
            times = settings.LIVE_TICK_SECONDS, settings.LIVE_HOLD_SECONDS
            self.gatherings[session_id] = Gathering(session_id, *times)
        if self.watcher is None or self.watcher.done():
            self.watcher = loop.create_task(self.watch())

    def start(self, session_id: int, seq: int) -> None:
        """A screen has got its snapshot, of that number."""
        if gathering := self.gatherings.get(session_id):
            gathering.start(seq, time.monotonic())
            self.arm(gathering)

    def hear(self, fact: Fact) -> None:
        if gathering := self.gatherings.get(fact.session_id):
            gathering.hear(fact, time.monotonic())
            self.arm(gathering)

    def end(self, session_id: int) -> None:
        self.gatherings.pop(session_id, None)
        if timer := self.timers.pop(session_id, None):
            timer.cancel()

    def arm(self, gathering: Gathering) -> None:
        """Lets the next change leave now or when it is due."""
        if self.gatherings.get(gathering.session_id) is not gathering:
            return
        if timer := self.timers.pop(gathering.session_id, None):
            timer.cancel()
        present = time.monotonic()
        due = gathering.due(present)
        if due is None:
            return
        if due <= present:
            change = gathering.take(present)
            bridge.look(audiences.read, change).add_done_callback(partial(self.tell, gathering, change))
        else:
            loop = asyncio.get_running_loop()
            wait = loop.call_later(due - present, self.arm, gathering)
            self.timers[gathering.session_id] = wait

    def tell(
        self,
        gathering: Gathering,
        change: Change,
        reading: "asyncio.Future[tuple[int, list[audiences.Told]]]",
    ) -> None:
        """The change is read: every screen here hears its part, in order."""
        if reading.cancelled():
            return
        present = time.monotonic()
        if (fault := reading.exception()) is not None:
            log.error(
                "change %s of session %s could not be read", change.seq, change.session_id, exc_info=fault
            )
            gathering.failed(change, present)
        else:
            seq, frames = reading.result()
            for room, frame in frames:
                hub.deliver(room, frame)
            gathering.done(change, seq, present)
        self.arm(gathering)

    async def watch(self) -> None:
        """Looks every LIVE_WATCH_SECONDS for what no message has brought, while there is a screen."""
        while self.gatherings:
            await asyncio.sleep(settings.LIVE_WATCH_SECONDS)
            await self.look()
            await registry.doubt()

    async def look(self) -> None:
        """Compares what was told with the database; what is missing follows. Never raises."""
        for session_id in [pk for pk in self.gatherings if not is_shown(pk)]:
            self.end(session_id)
        if not self.gatherings:
            return
        try:
            numbers = await bridge.look(live.numbers, tuple(self.gatherings))
        except Exception as fault:
            log.warning("the numbers of live sessions could not be read: %s", fault)
            return
        for session_id, seq in numbers.items():
            if gathering := self.gatherings.get(session_id):
                gathering.look(seq, time.monotonic())
                self.arm(gathering)


def is_shown(session_id: int) -> bool:
    """Whether any screen of this session is open in this process."""
    return bridge.is_heard(groups.everybody(session_id)) or bridge.is_heard(groups.hosts(session_id))


ticks = Ticks()
