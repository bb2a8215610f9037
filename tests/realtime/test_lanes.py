"""Both servers, with and without the short ways: whole frames, in order, and nobody waits for a slow reader."""

import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

ROOT = Path(__file__).resolve().parent.parent.parent
SIZES = [1, 119, 120, 121, 2_000, 65_529, 65_530, 66_000, 7] * 12
WAYS = [(server, lanes) for server in ("daphne", "uvicorn") for lanes in (True, False)]
NAMES = {
    ("daphne", True): "DaphneSocket",
    ("uvicorn", True): "UvicornSocket",
    ("daphne", False): "Socket",
    ("uvicorn", False): "Socket",
}


@contextmanager
def served(server: str, **options: Any) -> Iterator[int]:
    """Runs the server as a child and gives its port."""
    command = [sys.executable, "-m", "tests.realtime.lane_server", server, json.dumps(options)]
    environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, env=environment) as child:
        longest = threading.Timer(40, child.kill)  # so that no test waits for ever
        longest.start()
        try:
            assert child.stdout is not None
            yield int(child.stdout.readline().split()[1])
        finally:
            longest.cancel()
            child.kill()


@contextmanager
def reader(port: int) -> Iterator[ClientConnection]:
    with connect(f"ws://127.0.0.1:{port}/", max_size=None, compression=None, close_timeout=1) as client:
        assert json.loads(client.recv(5))[0] == "hello"
        yield client


def ask(client: ClientConnection, *command: Any) -> None:
    client.send(json.dumps(command))


def taken(client: ClientConnection, count: int) -> list[tuple[int, int]]:
    """The next frames as (number, filling)."""
    frames = [str(client.recv(10)) for _ in range(count)]
    assert all(set(frame[6:]) <= {"x"} for frame in frames)
    return [(int(frame[:6]), len(frame) - 6) for frame in frames]


def until(true: Callable[[], bool], seconds: float = 8.0) -> bool:
    end = time.monotonic() + seconds
    while not true() and time.monotonic() < end:
        time.sleep(0.05)
    return true()


def deaf(port: int) -> socket.socket:
    """A reader that shakes hands and then never reads."""
    plain = socket.socket()
    plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    plain.connect(("127.0.0.1", port))
    plain.sendall(
        b"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
    )
    assert plain.recv(12) == b"HTTP/1.1 101"
    return plain


def codes(client: ClientConnection) -> list[int]:
    ask(client, "left")
    while True:
        frame = str(client.recv(5))
        if frame.startswith("["):
            return list(json.loads(frame)[2])


@pytest.mark.parametrize(("server", "lanes"), WAYS)
def test_each_server_gives_its_own_way(server: str, lanes: bool) -> None:
    with served(server, lanes=lanes) as port, connect(f"ws://127.0.0.1:{port}/") as client:
        assert json.loads(client.recv(5)) == ["hello", 0, NAMES[server, lanes]]
        with pytest.raises(InvalidStatus, match="403"):
            connect(f"ws://127.0.0.1:{port}/refused")


@pytest.mark.parametrize(("server", "lanes"), WAYS)
def test_frames_of_mixed_sizes_arrive_whole_and_in_order_also_at_a_pausing_reader(
    server: str, lanes: bool
) -> None:
    with served(server, lanes=lanes) as port, reader(port) as quick, reader(port) as pausing:
        ask(quick, "sizes", SIZES)
        time.sleep(0.3)
        assert taken(quick, len(SIZES)) == list(enumerate(SIZES))
        first = taken(pausing, 30)
        time.sleep(0.2)
        assert first + taken(pausing, len(SIZES) - 30) == list(enumerate(SIZES))


@pytest.mark.parametrize(("server", "lanes"), [("daphne", True), ("uvicorn", True), ("uvicorn", False)])
def test_a_reader_that_takes_nothing_is_cut_and_the_others_miss_nothing(server: str, lanes: bool) -> None:
    sizes = [40_000] * 200
    with served(server, lanes=lanes, patience=0.5) as port, reader(port) as healthy, deaf(port):
        ask(healthy, "sizes", sizes)
        assert taken(healthy, len(sizes)) == list(enumerate(sizes))
        assert until(lambda: len(codes(healthy)) == 1)


@pytest.mark.parametrize("server", ["daphne", "uvicorn"])
def test_a_reader_who_fell_behind_is_told_to_fetch_again_and_then_hears_what_follows(server: str) -> None:
    sizes = [60_000] * 150
    with (
        served(server, most_bytes=300_000) as port,
        reader(port) as asking,
        connect(f"ws://127.0.0.1:{port}/", max_size=None, compression=None, max_queue=1) as slow,
    ):
        ask(asking, "sizes", sizes)
        time.sleep(0.5)
        heard: list[Any] = []
        while not heard or heard[-1] != "live.behind":
            frame = str(slow.recv(10))
            heard.append(json.loads(frame)[0] if frame.startswith("[") else int(frame[:6]))
        numbers = heard[1:-1]
        assert numbers == list(range(len(numbers)))
        assert len(numbers) < len(sizes)
        ask(slow, "sizes", [5])
        frames = [str(slow.recv(10))]
        while len(frames[-1]) != 11:
            frames.append(str(slow.recv(10)))
        assert frames[:-1] == sorted(frames[:-1])


@pytest.mark.parametrize(("server", "lanes"), WAYS)
def test_a_cut_reader_gets_what_came_before_then_the_code_and_nothing_after(server: str, lanes: bool) -> None:
    with served(server, lanes=lanes) as port, reader(port) as staying, reader(port) as leaving:
        ask(staying, "cut", 4403)
        assert taken(leaving, 3) == [(0, 0), (1, 0), (2, 0)]
        with pytest.raises(ConnectionClosed) as closed:
            leaving.recv(5)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 4403
        assert taken(staying, 6) == [(number, 0) for number in range(6)]
        assert until(lambda: codes(staying) == [4403])


@pytest.mark.parametrize(("server", "lanes"), [("daphne", True), ("uvicorn", True), ("uvicorn", False)])
def test_a_reader_who_is_cut_while_much_is_on_its_way_still_gets_the_code(server: str, lanes: bool) -> None:
    sizes = [60_000] * 150
    with (
        served(server, lanes=lanes) as port,
        reader(port) as asking,
        connect(f"ws://127.0.0.1:{port}/", max_size=None, compression=None, max_queue=1) as slow,
    ):
        ask(asking, "sizes", sizes)
        taken(asking, len(sizes))
        ask(asking, "cut", 4408)
        taken(asking, 6)
        frames: list[str] = []
        with pytest.raises(ConnectionClosed) as closed:
            while True:
                frames.append(str(slow.recv(10)))
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 4408
        assert len(frames) - 1 < len(sizes), "what was not on its way yet is dropped"


@pytest.mark.parametrize(("server", "lanes"), WAYS)
def test_a_reader_who_goes_in_the_middle_disturbs_nobody(server: str, lanes: bool) -> None:
    sizes = [20_000] * 150
    with served(server, lanes=lanes, patience=2.0) as port, reader(port) as staying:
        leaving = deaf(port)
        ask(staying, "sizes", sizes)
        before = taken(staying, 20)
        leaving.close()
        assert before + taken(staying, len(sizes) - 20) == list(enumerate(sizes))
        assert until(lambda: len(codes(staying)) == 1)


@pytest.mark.parametrize("server", ["daphne", "uvicorn"])
def test_a_consumer_that_fails_still_parts_once(server: str) -> None:
    with served(server) as port, reader(port) as staying, reader(port) as failing:
        ask(failing, "fail")
        with pytest.raises(ConnectionClosed):
            failing.recv(5)
        assert until(lambda: codes(staying) == [1011])
        assert not until(lambda: codes(staying) != [1011], 0.5)
