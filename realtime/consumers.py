"""One live socket: connect, refuse, dispatch, leave; everything else stands elsewhere."""

import asyncio
import logging
import random
import secrets
from urllib.parse import parse_qs

from django.conf import settings

from realtime import broadcast, groups, protocol, rooms, seats
from realtime.bridge import act
from realtime.sockets import TOO_SLOW, HubConsumer
from realtime.ticks import ticks
from seminars import trace
from seminars.errors import Refused

log = logging.getLogger(__name__)


class LiveConsumer(HubConsumer):
    """A companion page or a host's screen of one session. `?as=host` asks for the latter, `?lang=` for its words."""

    seat: seats.Seat | None = None
    timer: asyncio.TimerHandle | None = None

    async def connect(self) -> None:
        """Seats whoever may enter. Refuses after the handshake, since a browser tells a page no other reason."""
        trace.begin(socket=secrets.token_hex(4), session=self.scope["url_route"]["kwargs"]["code"])
        await self.accept()
        before = seats.registry.revocations
        query = parse_qs(self.scope.get("query_string", b"").decode("ascii", "replace"))
        language = query.get("lang", [""])[0]
        seat = await act(
            seats.take,
            code=self.scope["url_route"]["kwargs"]["code"],
            cookie=seats.cookie_of(self.scope["headers"]),
            wants_host=query.get("as") == ["host"],
            language=language if language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE,
        )
        if isinstance(seat, int):
            return self.cut(seat)
        if not seats.registry.sit(seat, self):
            return self.cut(seats.TOO_MANY)
        self.seat, self.bucket = seat, protocol.Bucket()
        self.look_later()
        if before != seats.registry.revocations:  # it may have been hers, before she could be found here
            await self.check()
        if self.socket.gone:
            return None
        self.enter(seat)
        seq, state = await act(rooms.snapshot, seat=seat)
        ticks.start(seat.session.pk, seq)
        self.push("live.snapshot", seq, state)

    def enter(self, seat: seats.Seat) -> None:
        """Hears before it looks: what changes meanwhile comes as frames, to be applied after the snapshot."""
        broadcast.open_screen(seat.session.pk)
        if seat.is_host:
            self.join(groups.hosts(seat.session.pk))
        else:
            self.join(groups.everybody(seat.session.pk))
            self.join(groups.own(*reversed(seat.key)))

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if self.seat is None or self.socket.gone:
            return None
        if len(text_data or bytes_data or "") > protocol.MOST_OCTETS:
            return self.cut(protocol.TOO_LARGE)
        if not self.bucket.take():
            if self.bucket.is_deaf:
                return self.cut(seats.TOO_MANY)
            return self.answer_no(None, Refused("too_fast"))
        try:
            asked = protocol.read(text_data)
        except Refused as refused:
            return self.answer_no(None, refused)
        return await self.do(self.seat, asked)

    async def do(self, seat: seats.Seat, asked: protocol.Asked) -> None:
        """A fault in one command is logged and refused; the socket lives on, and the client asks again."""
        try:
            done = await protocol.run(seat=seat, asked=asked)
        except Refused as refused:
            return self.answer_no(asked.id, refused)
        except Exception:
            log.exception("the live command %s failed", asked.name[:40])
            return self.answer_no(asked.id, Refused("failed"))
        if asked.name == "live.fetch":
            self.push("live.snapshot", done["seq"], done["state"])
            done = {}
        if asked.name == "attendance.beat" and done["seq"] - asked.body.get("seq", 0) > protocol.MOST_BEHIND:
            return self.cut(TOO_SLOW)
        self.push("ok", asked.id, done)  # type: ignore[arg-type]  # an answer quotes the client's own id
        return None

    def answer_no(self, number: str | int | None, refused: Refused) -> None:
        language = self.seat.language if self.seat else settings.LANGUAGE_CODE
        self.push("refused", number, protocol.refusal(refused, language))  # type: ignore[arg-type]

    def look_later(self) -> None:
        """Within REAUTHORISE_SECONDS it is asked again whether this socket may stay."""
        wait = protocol.REAUTHORISE_SECONDS * random.uniform(0.6, 0.9)
        self.timer = asyncio.get_running_loop().call_later(wait, self.look_again)

    def look_again(self) -> None:
        """Now, when that time is over or after a revocation; from the server's loop."""
        if self.timer:
            self.timer.cancel()
        self.look_later()
        self.checking = asyncio.get_running_loop().create_task(self.check())

    async def check(self) -> None:
        if self.seat is None:
            return
        try:
            code = await act(seats.lost, seat=self.seat)
        except Exception:
            log.exception("a live socket could not be authorised again")
            code = TOO_SLOW
        if code:
            self.cut(code)

    async def disconnect(self, code: int) -> None:
        """Says nothing about presence: a lease ends by leaving or by the sweep, never by a broken line."""
        if self.timer:
            self.timer.cancel()
        if self.seat:
            seats.registry.rise(self.seat, self)
            self.seat = None


class Nowhere(HubConsumer):
    """Any other address: refused at the handshake."""

    async def connect(self) -> None:
        await self.close()
