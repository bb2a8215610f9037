"""Frames, rooms and the bounded backlog of a socket, without any server."""

import asyncio
import json
import threading
from typing import Any

import pytest
from websockets.frames import Frame as PeerFrame
from websockets.frames import Opcode

from realtime import bridge
from realtime.hub import Frame, Hub, Message, Socket, frame_text, hub


class Line:
    """A server's send that can be held up, and what it took."""

    def __init__(self) -> None:
        self.taken: list[str | int] = []
        self.open = asyncio.Event()
        self.open.set()
        self.lost = 0
        self.broken = False

    async def send(self, message: Message) -> None:
        await self.open.wait()
        if self.broken:
            raise ConnectionError
        self.taken.append(message.get("text", message.get("code")))

    def lose(self) -> None:
        self.lost += 1

    def socket(self, **limits: Any) -> Socket:
        kind = type("Small", (Socket,), {"__slots__": (), **limits})
        return kind(self.send, self.lose, lambda: Frame("behind"))


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65_535, 65_536, 70_000])
def test_the_wire_of_a_frame_is_what_another_library_writes(size: int) -> None:
    frame = Frame("x" * size)
    assert frame.wire == PeerFrame(Opcode.TEXT, b"x" * size).serialize(mask=False)
    assert frame.size == size


def test_a_frame_counts_octets_and_survives_what_utf8_has_no_form_for() -> None:
    assert Frame("é").size == 2
    assert Frame("a\ud800").message["text"] == "a?"


def test_a_live_frame_is_a_short_json_array() -> None:
    assert frame_text("feedback.pulsed", 7, {"à": [1]}) == '["feedback.pulsed",7,{"à":[1]}]'
    assert json.loads(frame_text("x", 0, None)) == ["x", 0, None]
    assert frame_text("tick", 9, {}, 7) == '["tick",9,{},7]'


async def test_a_ready_reader_gets_each_frame_without_a_task() -> None:
    line = Line()
    socket = line.socket()
    for text in "abc":
        socket.push(Frame(text))
        assert socket.task is None
    assert line.taken == ["a", "b", "c"]


async def test_a_waiting_reader_gets_its_backlog_in_order() -> None:
    line = Line()
    socket = line.socket()
    line.open.clear()
    for text in "abcd":
        socket.push(Frame(text))
    await settle()
    assert line.taken == []
    line.open.set()
    await settle()
    assert line.taken == ["a", "b", "c", "d"]
    assert (socket.task, socket.size) == (None, 0)


@pytest.mark.parametrize("limits", [{"most_frames": 2}, {"most_bytes": 2}])
async def test_a_full_backlog_is_dropped_for_the_frame_that_says_fetch_again(limits: dict[str, int]) -> None:
    line = Line()
    socket = line.socket(**limits)
    line.open.clear()
    for text in "abcdefgh":
        socket.push(Frame(text))
    line.open.set()
    await settle()
    assert line.taken == ["a", "behind"]
    socket.push(Frame("i"))
    assert line.taken == ["a", "behind", "i"]


async def test_a_reader_that_takes_nothing_is_cut_once_its_time_is_up() -> None:
    line = Line()
    socket = line.socket(patience=0.01)
    line.open.clear()
    socket.push(Frame("a"))
    await asyncio.sleep(0.05)
    assert (socket.gone, line.lost) == (True, 1)
    line.open.set()
    socket.push(Frame("b"))
    await settle()
    assert line.taken == []


async def test_a_broken_send_never_raises_at_the_caller() -> None:
    line = Line()
    line.broken = True
    socket = line.socket()
    socket.push(Frame("a"))
    assert (socket.gone, line.lost) == (True, 1)


async def test_closing_sends_the_code_once_and_nothing_after() -> None:
    line = Line()
    socket = line.socket()
    socket.push(Frame("a"))
    socket.close(4401)
    socket.push(Frame("b"))
    socket.close(4403)
    assert line.taken == ["a", 4401]


async def test_a_waiting_reader_is_closed_with_the_code_after_what_is_on_its_way() -> None:
    line = Line()
    socket = line.socket()
    line.open.clear()
    for text in "ab":
        socket.push(Frame(text))
    await settle()
    socket.close(4408)
    socket.push(Frame("c"))
    socket.close(4401)
    line.open.set()
    await settle()
    assert (line.taken, line.lost, socket.task) == (["a", 4408], 0, None)


async def test_a_closed_reader_that_takes_nothing_is_cut_once_its_time_is_up() -> None:
    line = Line()
    socket = line.socket(patience=0.01)
    line.open.clear()
    socket.push(Frame("a"))
    socket.close(4408)
    assert line.lost == 0
    await asyncio.sleep(0.05)
    assert (line.lost, line.taken) == (1, [])


async def test_a_room_hears_its_own_frames_and_an_empty_one_is_forgotten() -> None:
    rooms, here, there = Hub(), Line(), Line()
    one, two = here.socket(), there.socket()
    rooms.join("a", one)
    rooms.join("b", two)
    rooms.deliver("a", "x")
    rooms.deliver("c", "y")
    assert (here.taken, there.taken) == (["x"], [])
    rooms.leave("a", one)
    rooms.leave("a", one)
    rooms.deliver("a", "z")
    assert here.taken == ["x"]
    assert list(rooms.rooms) == ["b"]


async def test_announcements_of_a_thread_reach_an_idle_loop_in_order() -> None:
    line = Line()
    socket = line.socket()
    hub.join("thread", socket)
    heard = asyncio.Event()
    send = socket.send

    async def told(message: Message) -> None:
        await send(message)
        if message["text"] == "99":
            heard.set()

    socket.send = told
    thread = threading.Thread(target=lambda: [bridge.soon(hub.deliver, "thread", str(n)) for n in range(100)])
    thread.start()
    async with asyncio.timeout(0.2):
        await heard.wait()
    thread.join()
    hub.leave("thread", socket)
    assert line.taken == [str(number) for number in range(100)]


def test_announcing_where_nobody_is_or_was_does_nothing() -> None:
    rooms = Hub()
    rooms.announce("a", "x")

    async def visit() -> None:
        rooms.join("a", Line().socket())

    asyncio.run(visit())
    rooms.announce("a", "x")


async def test_rooms_of_a_loop_that_has_ended_are_forgotten() -> None:
    rooms = Hub()
    rooms.join("old", Line().socket())
    closed = asyncio.new_event_loop()
    closed.close()
    rooms.loop = closed
    rooms.join("new", Line().socket())
    assert list(rooms.rooms) == ["new"]
