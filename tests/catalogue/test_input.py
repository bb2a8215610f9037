"""Catalogue B and C (limits, bad input), at the product's own server: floods, large frames and bodies, cells.

Covered elsewhere: B-01, B-04, B-06 and B-07 test_load.py, B-05 test_lists.py, B-09 test_outbox.py, C-02, C-03, C-05 and
C-12 test_wire.py; page_size in tests/api/test_sessions.py; chunked bodies and charsets in tests/api/test_bodies.py;
formula cells and rows that read back in tests/web/test_attendance.py; C-09 in tests/journeys/test_scripts.py.
Later stages: B-03, C-06, C-07, C-10.
"""

import csv
import io
import json
import random
import re
import socket
import time
import uuid
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from websockets.exceptions import ConnectionClosed

from seminars.actions import attendance, sessions
from seminars.models import Letter, Person, PresenceEvent, Session, Substitution
from seminars.moments import as_if
from seminars.vocabulary import Mode
from tests import cast
from tests.api.calls import PLAN, script, walls
from tests.catalogue.crowd import Companion
from tests.catalogue.post import Sink, send
from tests.catalogue.served import FULL, Real, everything, heard
from tests.letterbox import read
from tests.web.forms import sent

Note = Callable[..., None]
MIB = 1024 * 1024
LARGE = 50 * MIB
LARGEST_FRAME = 16384


# --- Floods and frames (B-02, C-01) -------------------------------------------------------------------------


def test_b02_a_socket_that_never_stops_is_closed_and_the_others_live_on(real: Real, figures: Note) -> None:
    flood, quiet = Companion(real.data["guests"][0]), Companion(real.data["guests"][1])
    with real.line(quiet.who, door=0) as calm, real.line(flood.who, door=0, max_queue=None) as loud:
        quiet.live(calm, beats=1)
        heard(loud, "live.snapshot")
        before, began = stored(real), time.monotonic()
        with suppress(ConnectionClosed):
            for number in range(10_000):  # a thousand a second
                time.sleep(max(0.0, began + number / 1000 - time.monotonic()))
                body = {"connection": str(uuid.uuid4()), "event": str(uuid.uuid4())}
                loud.send(json.dumps(["attendance.join", str(uuid.uuid4()), body]))
        with pytest.raises(ConnectionClosed) as closed:
            heard(loud, "never")
        took, code = time.monotonic() - began, closed.value.rcvd.code if closed.value.rcvd else 1006
        asked = time.monotonic()
        quiet.says(calm, "attendance.beat", seq=0)
        waited = time.monotonic() - asked
    kept = stored(real) - before
    figures(closed_seconds=took, code=code, kept=kept, others_ack_ms=1000 * waited)
    assert took < (2 if FULL else 10)  # the short form runs beside others
    assert code == 4429
    assert waited < 1
    assert kept <= 40


def stored(real: Real) -> int:
    found: int = real.rows("SELECT COUNT(*) FROM seminars_presenceevent")[0][0]
    return found


def too_large(kind: str) -> Iterator[str] | str:
    if kind == "one frame":
        return "x" * (LARGEST_FRAME + 1)
    return iter(["x" * 1024] * 1000)


@pytest.mark.parametrize("kind", ["one frame", "a thousand fragments"])
def test_c01_a_frame_over_the_limit_ends_its_line_and_takes_no_memory(
    real: Real, kind: str, figures: Note
) -> None:
    quiet, before = Companion(real.data["guests"][3]), 0
    codes = []
    with real.line(quiet.who, door=0) as calm:
        quiet.live(calm, beats=1)
        for turn in range(6):
            with real.line(real.data["guests"][4], door=0) as loud:
                heard(loud, "live.snapshot")
                with suppress(ConnectionClosed):
                    loud.send(too_large(kind))
                with pytest.raises(ConnectionClosed) as closed:
                    heard(loud, "never")
                rcvd = closed.value.rcvd
                codes.append(rcvd.code if rcvd else 1006)
                assert codes[-1] in (1006, 1009, 4400)
            before = before or real.memory  # after the first turn, which warms up
            assert turn < 5 or real.memory - before < 5 * MIB
        quiet.says(calm, "attendance.beat", seq=0)
    figures(codes=sorted(set(codes)), grown_mib=(real.memory - before) / MIB)


def test_c01_a_frame_at_the_limit_is_read_and_no_compression_is_agreed(real: Real) -> None:
    with real.line(real.data["guests"][5], compression="deflate") as line:
        assert line.protocol.extensions == []
        heard(line, "live.snapshot")
        line.send("x" * LARGEST_FRAME)
        assert heard(line, "refused")[2]["code"] == "bad_command"


# --- Bodies (C-04) ------------------------------------------------------------------------------------------


def outpour(real: Real, head: str, body: Iterator[bytes]) -> tuple[bytes, int]:
    """Sends until the server takes no more; its answer, and how many octets of the body it took."""
    taken = 0
    with socket.create_connection(("127.0.0.1", real.port), 20) as plain:
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65536)
        plain.sendall(head.encode())
        with suppress(OSError):
            for piece in body:
                plain.sendall(piece)
                taken += len(piece)
        return everything(plain), taken


def head_of(real: Real, *more: str) -> str:
    lines = [
        "POST /api/sessions/ HTTP/1.1",
        "Host: localhost",
        f"Authorization: Bearer {real.data['api']}",
        "Content-Type: application/json",
        "Connection: close",
        *more,
    ]
    return "\r\n".join([*lines, "", ""])


def json_text() -> Iterator[bytes]:
    yield b'{"title": "'
    for _ in range(LARGE // 65536):
        yield b"x" * 65536
    yield b'"}'


def in_chunks() -> Iterator[bytes]:
    for piece in json_text():
        yield f"{len(piece):x}\r\n".encode() + piece + b"\r\n"
    yield b"0\r\n\r\n"


BODIES = {
    "honest": (f"Content-Length: {LARGE + 13}", json_text),
    "understated": ("Content-Length: 200", json_text),
    "absent": ("Transfer-Encoding: chunked", in_chunks),
}


@pytest.mark.parametrize("length", BODIES)
def test_c04_a_body_of_fifty_megabytes_is_refused_before_it_is_taken_in(
    real: Real, length: str, figures: Note
) -> None:
    real.get("/api/schema/")
    before = real.memory
    header, body = BODIES[length]
    answer, taken = outpour(real, head_of(real, header), body())
    status = re.match(rb"HTTP/1\.1 (\d+) ", answer)
    assert status is None or int(status[1]) in (400, 413), answer[:300]
    figures(**{length: f"{int(status[1]) if status else 'cut'} after {taken / MIB:.1f} MiB"})
    assert taken < 10 * MIB  # what it reads, and what lies in the buffers of both ends
    assert real.memory - before < 20 * MIB
    assert real.get("/programme/")[0] == 200


def test_c04_a_body_just_within_the_limit_is_read(real: Real) -> None:
    body = b'{"title": "' + b"x" * (MIB - 100) + b'"}'
    answer, _ = outpour(real, head_of(real, f"Content-Length: {len(body)}"), iter([body]))
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b'"code":"invalid"' in answer


# --- Paging (B-08) ------------------------------------------------------------------------------------------


def cursors() -> list[str]:
    chance = random.Random(8)
    noise = [bytes(chance.randrange(256) for _ in range(chance.randrange(1, 40))) for _ in range(12)]
    shaped = [
        b"p=x",
        b"o=999999999999",
        b"o=-1",
        b"p=2031-99-99&r=1",
        b"r=1&p=",
        b"p=\x00",
        b"p=9" + b"9" * 400,
    ]
    return [b64encode(each).decode() for each in noise + shaped] + ["é", "%00", "a" * 4000, "=", "0"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "query", ["page_size=1000000", "page_size=-1", "page_size=x", "offset=1000000000000"]
)
def test_b08_a_page_is_never_larger_than_two_hundred(elia: Person, query: str) -> None:
    cast.make_session(elia)
    caller = script(elia)
    caller.get("sessions/")
    answer = caller.get(f"sessions/?{query}")
    assert answer.status_code in (200, 400, 404)
    assert answer.status_code != 200 or len(answer.json()["results"]) <= 200


@pytest.mark.django_db
def test_b08_a_garbled_cursor_is_refused_and_costs_no_search(
    elia: Person, django_assert_max_num_queries: Any
) -> None:
    session = cast.make_session(elia)
    cast.invite(session, *[cast.person(f"pro{n}", f"Pro {n}") for n in range(3)])
    caller = script(elia)
    caller.get("sessions/?cursor=x")
    for path in ("sessions/", "activities/", f"sessions/{session.code}/invitations/"):
        for cursor in cursors():
            with django_assert_max_num_queries(16):
                answer = caller.get(path, data={"cursor": cursor})
            assert answer.status_code in (200, 400, 404), (path, cursor, answer.content)
            assert answer.status_code != 200 or len(answer.json()["results"]) <= 3


# --- Cells and headers (C-13) -------------------------------------------------------------------------------

FORMULAS = [
    '=HYPERLINK("http://x";"y")',
    "+cmd|' /C calc'!A0",
    "-1+1",
    "@SUM(A1:A9)",
    "\t=1",
    "\r=1",
    " =1",
    "＝1+1",
]


@pytest.mark.django_db
def test_c13_no_cell_of_the_sheet_is_a_formula_wherever_the_text_came_from(
    elia: Person, client: Client
) -> None:
    guests = [cast.person(f"pro{n}", name) for n, name in enumerate(FORMULAS)]
    session = cast.make_session(elia)
    cast.invite(session, *guests)
    for invitation, text in zip(session.invitations.all(), FORMULAS, strict=True):
        invitation.organisation_fr = invitation.organisation_it = text
        invitation.save()
    with as_if(session.starts_at):
        session = sessions.open_(session=session, by=elia)
        for guest in guests:
            attendance.arrive(session=session, person=guest, connection=uuid.uuid4(), event=uuid.uuid4())
    with as_if(session.ends_at):
        attendance.confirm(session=session, by=elia, reason="=1+1")
        sessions.close(session=session, by=elia)
    response = cast.signed_in(client, elia).post(reverse("session-sheet-csv", args=[session.code]))
    rows = list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"), newline=""), delimiter=";"))
    assert {len(row) for row in rows} == {len(rows[0])}
    assert len(rows) == 1 + len(guests) + 1
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    told = {row[1].removeprefix("'") for row in rows}
    assert set(FORMULAS) <= told


EVIL = "Nom\r\nBcc: thief@example.net"


@pytest.mark.django_db
def test_c13_a_line_end_in_a_line_of_the_api_is_refused(elia: Person, mailing: Sink) -> None:
    caller, session = script(elia), cast.make_session(elia)
    own = {**PLAN, "host": elia.organisation.key}  # type: ignore[union-attr]
    move = {"slots": walls(session), "mode": Mode.IN_PERSON, "place": EVIL}
    for answer in (
        caller.post("sessions/", {**own, "title": {"fr": EVIL, "it": "Parole"}}),
        caller.post("sessions/", {**own, "mode": Mode.IN_PERSON, "place": EVIL}),
        caller.patch(f"sessions/{session.code}/", {"title": {"fr": EVIL}}),
        caller.post(f"sessions/{session.code}/move/", move),
    ):
        assert answer.status_code == 400, answer.content
    send()
    assert (Session.objects.count(), mailing.taken) == (1, [])


@pytest.mark.django_db
def test_c13_no_text_of_a_person_begins_a_header(
    elia: Person, client: Client, mailing: Sink, clock: cast.Clock
) -> None:
    browser = cast.signed_in(client, elia)
    session = cast.make_session(elia, title_fr="Les mots", mode=Mode.IN_PERSON, place="Nice")
    people = reverse("session-people", args=[session.code])
    invited = '"Nom\r\nBcc: thief@example.net" <ange@example.org>\n"Bcc: thief@example.net" <bea@example.org>'
    review = sent(browser.post(people, {"addresses": invited}))
    browser.post(reverse("session-invite", args=[session.code]), review)
    send()
    browser.post(reverse("account"), {"name": EVIL, "language": "fr", "timezone": "Europe/Paris"})
    texts = {"title_fr": EVIL, "title_it": EVIL, "kind": session.kind, "activity": session.activity.pk}
    browser.post(reverse("session-edit", args=[session.code]), texts | {"languages": ["fr", "it"]})
    browser.post(reverse("session-message", args=[session.code]), {"text_fr": EVIL, "text_it": EVIL})
    words = {"text_fr": EVIL, "text_it": EVIL, "text_en": EVIL, "language": "fr"}
    browser.post(reverse("session-own-words", args=[session.code, "update"]), words)
    browser.post(
        reverse("invitation-instead", args=[session.invitations.all()[0].token]),
        {"instead-name": EVIL, "instead-email": "new@example.org", "instead-language": "fr"},
    )
    for asked in Substitution.objects.all():
        browser.post(reverse("substitution-confirm", args=[session.code, asked.code]))
    send()
    clock.forward(minutes=31)  # edits of the title wait so long for one another
    send()
    kinds = set(Letter.objects.filter(state="sent").values_list("kind", flat=True))
    assert kinds == {"invitation", "message", "update", "substitution"}
    assert {to for to, _ in mailing.taken} >= {"bea@example.org"}
    assert Letter.objects.filter(state="sent").count() == len(mailing.taken)
    for to, content in mailing.taken:
        head = content.replace(b"\r\n", b"\n").partition(b"\n\n")[0].lower()
        assert b"\nbcc:" not in head
        assert read(content).recipients == [to]
        assert to != "thief@example.net"
        assert b"\r\nbcc:" not in content.lower().replace(b"\r\n ", b"").partition(b"begin:vcalendar")[2]
    assert not PresenceEvent.objects.exists()
