"""Catalogue C at the octets of HTTP: hidden line ends, thousands of headers, an endless Accept, requests at once."""

import re
import socket
import time
from collections.abc import Callable

import pytest

from tests.catalogue.served import ORIGIN, Real, everything

Note = Callable[..., None]
HIDDEN = {"VT": b"\x0b", "FF": b"\x0c", "FS": b"\x1c", "NEL": b"\x85"}


def status_of(answer: bytes) -> int:
    found = re.match(rb"HTTP/1\.1 (\d{3}) ", answer)
    return int(found[1]) if found else 0


def handshake(real: Real, *more: bytes) -> bytes:
    lines = [
        f"GET /live/{real.data['code']}/ HTTP/1.1".encode(),
        b"Host: localhost",
        b"Upgrade: websocket",
        b"Connection: Upgrade",
        b"Sec-WebSocket-Version: 13",
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        f"Origin: {ORIGIN}".encode(),
        *more,
    ]
    return b"\r\n".join([*lines, b"", b""])


def frames(real: Real, request: bytes) -> bytes:
    """What a handshake gets in the first second, frames included."""
    found = b""
    with socket.create_connection(("127.0.0.1", real.port), 5) as line:
        line.sendall(request)
        line.settimeout(1)
        try:
            while piece := line.recv(65536):
                found += piece
        except OSError:  # the second is over
            pass
    return found


@pytest.mark.parametrize("mark", HIDDEN)
def test_c02_a_line_end_hidden_in_a_header_brings_in_no_cookie(real: Real, mark: str, figures: Note) -> None:
    cookie = f"Cookie: sessionid={real.data['cookies'][real.data['guests'][0]]}".encode()
    honest = frames(real, handshake(real, cookie))
    assert status_of(honest) == 101
    assert b"live.snapshot" in honest
    answer = frames(real, handshake(real, b"X-Note: a" + HIDDEN[mark] + cookie))
    figures(**{mark: status_of(answer)})
    assert b"live.snapshot" not in answer
    assert status_of(answer) in (0, 400) or b"\x11\x31" in answer  # refused, or nobody: close code 4401


REPEATED = [b"X-A: b"] * 5000
LARGE = [b"X-%d: %s" % (number, b"y" * 4000) for number in range(17)]


@pytest.mark.parametrize("kind", ["repeated", "large"])
def test_c03_thousands_of_headers_cost_little(real: Real, kind: str, figures: Note) -> None:
    lines = {"repeated": REPEATED, "large": LARGE}[kind]
    request = b"\r\n".join([b"GET /programme/ HTTP/1.1", b"Host: localhost", *lines, b"", b""])
    real.get("/programme/")
    before = real.doors[0].seconds
    try:
        answer = real.raw(request, 5)
    except OSError:  # closed while we still spoke
        answer = b""
    spent = real.doors[0].seconds - before
    figures(**{f"{kind}_status": status_of(answer), f"{kind}_cpu_ms": 1000 * spent})
    assert status_of(answer) in (0, 400, 431)
    assert spent < 0.2
    assert real.get("/programme/")[0] == 200


def test_c05_an_accept_header_without_end_costs_little(real: Real, figures: Note) -> None:
    parameter = ';x="' + "y" * 4000 + '"'
    for name, accept in {
        "one_line": "text/html" + parameter * 500,
        "just_allowed": "application/json" + ';x="y"' * 500,
    }.items():
        real.get("/api/kinds/")
        before = real.doors[0].seconds
        try:
            answer = real.get(
                "/api/kinds/", f"Authorization: Bearer {real.data['api']}", f"Accept: {accept}"
            )[0]
        except (OSError, ValueError, IndexError):  # closed while we still spoke
            answer = 0
        spent = real.doors[0].seconds - before
        figures(**{f"{name}_status": answer, f"{name}_cpu_ms": 1000 * spent})
        assert answer in (0, 200, 400, 406, 413, 431)
        assert spent < 0.2


def test_c12_two_requests_in_one_piece_are_answered_in_their_order(real: Real, figures: Note) -> None:
    body = b"language=it&next=/programme/"
    post = (
        b"POST /language/ HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        b"Content-Length: %d\r\n\r\n" % len(body)
    )
    get = b"GET /programme/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    answers = real.raw(post + body + get, 10)
    found = [int(each) for each in re.findall(rb"HTTP/1\.1 (\d{3}) ", answers)]
    figures(statuses=found)
    assert len(found) == 2
    assert found[0] in (302, 303, 403)  # a form without its mark is refused, and that answer comes first
    assert found[1] == 200


BOTH = (
    b"POST /language/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"0\r\n\r\nGET /programme/ HTTP/1.1\r\nHost: localhost\r\n\r\n"
)


def test_c12_a_request_with_two_lengths_is_refused_and_its_line_closed(real: Real, figures: Note) -> None:
    began = time.monotonic()
    with socket.create_connection(("127.0.0.1", real.port), 5) as plain:
        plain.sendall(BOTH)
        answer = everything(plain)
    figures(two_lengths=status_of(answer), closed_seconds=time.monotonic() - began)
    assert status_of(answer) in (0, 400)
    assert answer.count(b"HTTP/1.1 ") <= 1
    assert time.monotonic() - began < 5
