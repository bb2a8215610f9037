"""One server, by Daphne and by uvicorn: begins with one line, stops cleanly and in time, says why it can't listen."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

ROOT = Path(__file__).resolve().parent.parent.parent
STOPS = [signal.SIGINT, signal.SIGTERM]
SERVERS = ["daphne", "uvicorn"]
TOO_MUCH = 7 * 1024 * 1024


class Served:
    """A running server, its address, and what it says."""

    def __init__(self, child: "subprocess.Popen[str]") -> None:
        self.child = child
        self.said: list[str] = []

    def hears(self, word: str) -> str:
        """Reads on to the line that begins with `word`; raises AssertionError if the server ends before."""
        assert self.child.stdout is not None
        while not self.said or not self.said[-1].startswith(word):
            line = self.child.stdout.readline()
            assert line, f"no {word!r} in {self.said}"
            self.said.append(line.strip())
        return self.said[-1]

    def end(self, seconds: float) -> int:
        output, _ = self.child.communicate(timeout=seconds)
        self.said += output.split("\n")
        return self.child.returncode


@contextmanager
def served(*arguments: str, **options: Any) -> Iterator[Served]:
    command = [sys.executable, "-m", "tests.config.serve_alone", json.dumps(options), *arguments]
    environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as child:
        longest = threading.Timer(20, child.kill)  # so that no test waits for ever
        longest.start()
        try:
            yield Served(child)
        finally:
            longest.cancel()
            child.kill()


def address(server: Served) -> tuple[str, int]:
    found = re.fullmatch(r"ready http://(127\.0\.0\.1):(\d+)/", server.hears("ready"))
    assert found is not None
    return found[1], int(found[2])


@pytest.mark.parametrize("kind", SERVERS)
@pytest.mark.parametrize("number", STOPS)
def test_a_stop_answers_the_request_under_way_tells_the_sockets_and_ends_the_worker(
    kind: str, number: int
) -> None:
    with served("--port", "0", "--server", kind, seconds=3) as server:
        host, port = address(server)
        with connect(f"ws://{host}:{port}/") as reader:
            page = HTTPConnection(host, port, timeout=8)
            page.request("GET", "/")
            server.hears("asked")
            server.child.send_signal(number)
            began = time.monotonic()
            with pytest.raises(ConnectionClosed) as closed:
                reader.recv(5)
            assert time.monotonic() - began < 2, "the sockets waited for the request"
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 1012
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection((host, port), 2)
            assert page.getresponse().read() == b"answered"
            page.close()
        assert server.end(5) == 0
        assert {"works", "left", "worked"} <= set(server.said)


@pytest.mark.parametrize("kind", SERVERS)
def test_a_request_and_a_worker_that_never_end_hold_it_for_less_than_ten_seconds(kind: str) -> None:
    with served("--port", "0", "--server", kind, seconds=60, worker="stays") as server:
        host, port = address(server)
        with socket.create_connection((host, port), 2) as page:
            page.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            server.hears("asked")
            server.child.send_signal(signal.SIGTERM)
            began = time.monotonic()
            server.end(10)
            assert 5 <= time.monotonic() - began < 10


@pytest.mark.parametrize("kind", SERVERS)
def test_a_second_signal_waits_for_nothing(kind: str) -> None:
    with served("--port", "0", "--server", kind, worker="stays") as server:
        address(server)
        server.hears("works")
        server.child.send_signal(signal.SIGINT)
        time.sleep(0.3)
        server.child.send_signal(signal.SIGINT)
        assert server.end(1) == 128 + signal.SIGINT


@pytest.mark.parametrize("more", [["--server", "daphne"], ["--server", "uvicorn"], ["--workers", "2"]])
def test_a_taken_port_is_named_in_one_line_and_the_worker_never_begins(more: list[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with served("--port", str(port), *more) as server:
            assert server.end(5) == 1
            said = [line for line in server.said if line]
            assert said == [f"CommandError: could not listen on 127.0.0.1:{port}: Address already in use"]


@pytest.mark.parametrize("kind", SERVERS)
def test_a_worker_that_works_elsewhere_is_not_begun_here(kind: str) -> None:
    with served("--port", "0", "--server", kind, works="off") as server:
        address(server)
        server.child.terminate()
        assert server.end(5) == 0
        assert "works" not in server.said


@pytest.mark.parametrize("kind", SERVERS)
@pytest.mark.parametrize("is_chunked", [False, True])
def test_a_body_over_its_bound_is_refused_while_it_comes(kind: str, is_chunked: bool) -> None:
    with served("--port", "0", "--server", kind, reads=True) as server:
        host, port = address(server)
        page = HTTPConnection(host, port, timeout=8)
        pieces = iter([bytes(65536)] * (TOO_MUCH // 65536)) if is_chunked else bytes(TOO_MUCH)
        with suppress(BrokenPipeError, ConnectionResetError):  # it may say so before it has all
            page.request("POST", "/", body=pieces, encode_chunked=is_chunked)
        assert page.getresponse().status == 413
        page.close()
        page = HTTPConnection(host, port, timeout=8)
        page.request("POST", "/", body=bytes(1024 * 1024))
        assert page.getresponse().status == 200
        page.close()


@pytest.mark.parametrize("kind", SERVERS)
def test_a_message_over_its_bound_ends_its_socket(kind: str) -> None:
    with served("--port", "0", "--server", kind) as server:
        host, port = address(server)
        with connect(f"ws://{host}:{port}/") as writer:
            writer.send("x" * 16384)
            writer.send("x" * 16385)
            with pytest.raises(ConnectionClosed) as closed:
                writer.recv(5)
        assert closed.value.rcvd is None or closed.value.rcvd.code == 1009


@pytest.mark.parametrize("kind", SERVERS)
def test_a_worker_that_fails_ends_the_server_with_an_error(kind: str) -> None:
    with served("--port", "0", "--server", kind, worker="fails") as server:
        assert server.end(5) == 1
        assert "no outbox" in "\n".join(server.said)
