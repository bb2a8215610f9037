"""Catalogue A (faults): what a crash, a stop and a refusing mail server may not lose.

Covered elsewhere: A-10 tests/seminars/work/test_worker.py and actions/test_outbox.py (a rolled back act posts nothing);
A-12 tests/journeys/test_scanner.py, tests/web/test_entry.py and test_invitations.py; A-13 at the ledger
tests/seminars/actions/test_attendance.py; the delays of A-03 tests/journeys/test_scripts.py.
Later stages: A-04 to A-06 (Redis, PostgreSQL), A-11 (reminders).
"""

import json
import math
import os
import random
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection

from seminars import moments
from seminars.actions import attendance, invitations, sessions
from seminars.models import Lease, Letter, Person, PresenceEvent
from seminars.queries import sheets
from seminars.vocabulary import LetterState, PresenceKind
from seminars.work.deliveries import deliver
from tests import cast
from tests.catalogue.conftest import Sink
from tests.catalogue.served import ROOT, Real, environment, heard, python, until

on_file = pytest.mark.skipif("DATABASE_URL" in os.environ, reason="the test reads the file of SQLite")
SWEEP = (
    "import django; django.setup(); from seminars.actions.attendance import sweep; print('changed', sweep())"
)


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


def leases(real: Real) -> dict[str, tuple[datetime, datetime | None]]:
    """Last beat and end of each connection, as the database has them."""

    def read(text: str | None) -> datetime | None:
        return datetime.fromisoformat(text).replace(tzinfo=moments.UTC) if text else None

    rows = real.rows("SELECT connection, seen_at, ended_at FROM seminars_lease")
    return {str(uuid.UUID(row[0])): (read(row[1]), read(row[2])) for row in rows}  # type: ignore[misc]


def events(real: Real, kind: str) -> list[str]:
    found = real.rows(f"SELECT id FROM seminars_presenceevent WHERE kind = '{kind}'")
    return [str(uuid.UUID(row[0])) for row in found]


def millis(moment: datetime) -> datetime:
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


@on_file
def test_a01_kill_9_keeps_every_acknowledged_join_and_beat_and_splits_no_interval(
    fresh: Callable[..., Real],
) -> None:
    real = fresh()
    crowd = [Companion(who) for who in real.data["guests"][:6]]
    with real, ExitStack() as lines:
        for one in crowd:
            one.live(lines.enter_context(real.line(one.who)))
        real.kill()
    with real, ExitStack() as lines:
        kept = leases(real)
        for one in crowd:
            assert millis(kept[one.connection][0]) == datetime.fromisoformat(one.acknowledged[-1])
        for one in crowd:
            line = lines.enter_context(real.line(one.who))
            assert heard(line, "live.snapshot")[2]["mine"]["standing"] in ("here", "cut")
            assert one.says(line, "attendance.join", event=one.event)["new"] is False
            one.says(line, "attendance.beat", seq=0)
    joined = events(real, PresenceKind.JOINED)
    assert sorted(joined) == sorted(one.event for one in crowd)
    assert len(leases(real)) == len(crowd)
    assert {ended for _, ended in leases(real).values()} == {None}
    assert real.rows(
        "SELECT COUNT(*), COUNT(DISTINCT id) FROM seminars_presenceevent WHERE kind <> 'joined'"
    ) == [(0, 0)]


@on_file
def test_a02_nobody_comes_back_and_each_interval_ends_at_its_last_acknowledged_beat(
    fresh: Callable[..., Real],
) -> None:
    real = fresh(LEASE_SECONDS="3")
    crowd = [Companion(who) for who in real.data["guests"][:6]]
    with real, ExitStack() as lines:
        for number, one in enumerate(crowd):
            one.live(lines.enter_context(real.line(one.who)), beats=1 + number % 3)
        real.kill()
    time.sleep(3.2)
    with real:
        until(lambda: all(ended for _, ended in leases(real).values()))
    for one in crowd:
        seen, ended = leases(real)[one.connection]
        assert ended == seen
        assert millis(seen) == datetime.fromisoformat(one.acknowledged[-1])
    at = real.rows("SELECT connection, at FROM seminars_presenceevent WHERE kind = 'left'")
    ends = {key: ended.replace(tzinfo=None) for key, (_, ended) in leases(real).items() if ended}
    assert {str(uuid.UUID(key)): datetime.fromisoformat(moment) for key, moment in at} == ends
    before = real.rows("SELECT * FROM seminars_lease"), real.rows("SELECT * FROM seminars_presenceevent")
    assert python(real.state, "-c", SWEEP, LEASE_SECONDS="3").strip() == "changed 0"
    assert before == (
        real.rows("SELECT * FROM seminars_lease"),
        real.rows("SELECT * FROM seminars_presenceevent"),
    )


@on_file
def test_a03_a_stop_with_twelve_open_sockets_takes_ten_seconds_at_most_and_ends_no_interval(
    fresh: Callable[..., Real],
) -> None:
    real = fresh()
    crowd = [Companion(who) for who in real.data["guests"]]
    with real, ExitStack() as lines:
        sockets = [lines.enter_context(real.line(one.who)) for one in crowd]
        for one, line in zip(crowd, sockets, strict=True):
            one.live(line, beats=1)
        began = time.monotonic()
        real.process.send_signal(signal.SIGTERM)
        assert real.process.wait(10) == 0
        assert time.monotonic() - began < 10
        codes = set()
        for line in sockets:
            with pytest.raises(ConnectionClosed) as closed:
                heard(line, "never")
            assert closed.value.rcvd is not None
            codes.add(closed.value.rcvd.code)
        assert codes == {1012}
    assert {ended for _, ended in leases(real).values()} == {None}
    assert len(events(real, PresenceKind.JOINED)) == len(crowd)
    with real, ExitStack() as lines:
        for one in crowd:
            line = lines.enter_context(real.line(one.who))
            assert one.says(line, "attendance.join", event=one.event)["new"] is False
    assert (len(leases(real)), len(events(real, PresenceKind.JOINED))) == (len(crowd), len(crowd))
    assert real.rows("SELECT COUNT(*) FROM seminars_presenceevent") == [(len(crowd),)]


INVITE = """
import django; django.setup()
from seminars.actions import invitations
from seminars.models import Session
session = Session.objects.get()
addresses = [invitations.Address(n, f"pro{n:02}@example.org") for n in range(60)]
invitations.invite(session=session, by=session.created_by, addresses=addresses)
"""


@on_file
@pytest.mark.parametrize(("way", "kills"), [("folder", 2), ("server", 5)])
def test_a07_a_worker_killed_again_and_again_loses_no_letter_and_repeats_only_identical_ones(
    fresh: Callable[..., Real], sink: Sink, way: str, kills: int
) -> None:
    real, chance = fresh(), random.Random(7)
    quick = {"LETTER_LEASE_SECONDS": "0.4", "LETTER_BACKOFF_SECONDS": "0.2"}
    if way == "server":
        quick["EMAIL_URL"] = f"smtp://127.0.0.1:{sink.port}"
    python(real.state, "-c", INVITE)
    total = real.rows("SELECT COUNT(*) FROM seminars_letter")[0][0]

    def sent() -> int:
        found: int = real.rows("SELECT COUNT(*) FROM seminars_letter WHERE state = 'sent'")[0][0]
        return found

    for number in range(kills + 1):
        worker = subprocess.Popen(
            [sys.executable, "manage.py", "work"],
            cwd=ROOT,
            env=environment(real.state, **quick),
            stdout=subprocess.DEVNULL,
        )
        try:
            if number < kills:
                goal = (number + 1) * 9  # somewhere in the middle of the work, not in its rest
                until(lambda goal=goal: sent() >= goal, 20)  # type: ignore[misc]
                time.sleep(chance.uniform(0, 0.03))
            else:
                until(lambda: sent() == total, 20)
        finally:
            worker.kill()
            worker.wait()
    left = Counter(state for (state,) in real.rows("SELECT state FROM seminars_letter"))
    assert left == {LetterState.SENT: total}
    wanted = {row[0] for row in real.rows("SELECT email FROM seminars_person WHERE email LIKE 'pro%'")}
    assert len(wanted) == 60
    if way == "folder":
        files = list((real.state / "mail").glob("*.eml"))
        assert len(files) == total
        assert not [file for file in files if not file.read_bytes().rstrip().endswith(b"--")]
        return
    assert wanted <= {to for to, _ in sink.taken}
    assert len(sink.taken) - total <= kills
    assert all(len(set(sink.of(address))) == 1 for address in wanted)


def send(most: int = 10) -> None:
    for _ in range(most):
        if not deliver(owner="test", stop=threading.Event()):
            return


@pytest.mark.django_db
def test_a08_a_letter_refused_three_times_for_now_leaves_at_the_fourth_try(
    elia: Person, ange: Person, mailing: Sink, clock: cast.Clock
) -> None:
    mailing.answers[ange.email] = ["451 come later"] * 3
    cast.invite(cast.make_session(elia), ange)
    moment, tries = moments.now(), []
    for second in range(0, 12 * 60, 4):
        clock.at(moment + timedelta(seconds=second))
        before = len(mailing.tries)
        send()
        tries += [second] * (len(mailing.tries) - before)
    gaps = [later - earlier for earlier, later in pairwise(tries)]
    assert len(tries) == 4
    for gap, minutes in zip(gaps, (1, 2, 4), strict=True):
        assert math.isclose(gap, minutes * 60, rel_tol=0.2, abs_tol=5)
    letter = Letter.objects.get()
    assert (letter.state, letter.attempts) == (LetterState.SENT, 4)
    assert len(mailing.of(ange.email)) == 1


@pytest.mark.django_db
def test_a09_one_of_thirty_is_refused_for_good_and_the_trainer_sees_whom(
    elia: Person, mailing: Sink, client: Client, clock: cast.Clock
) -> None:
    people = [cast.person(f"pro{n:02}", f"Pro Number{n:02}") for n in range(30)]
    bad = people[11]
    mailing.answers[bad.email] = ["550 no such user"] * 9
    session = cast.make_session(elia)
    cast.invite(session, *people)
    send(40)
    clock.forward(minutes=30)
    send(40)
    states = Counter(Letter.objects.values_list("state", flat=True))
    assert states == {LetterState.SENT: 29, LetterState.FAILED: 1}
    failed = Letter.objects.get(state=LetterState.FAILED)
    assert (failed.person, failed.attempts) == (bad, 1)
    assert sorted(to for to, _ in mailing.taken) == sorted(one.email for one in people if one != bad)
    assert Counter(mailing.tries)[bad.email] == 1
    client.cookies["language"] = client.cookies["django_language"] = "en"
    page = cast.signed_in(client, elia).get(reverse("session-people", args=[session.code]))
    rows = {guest.invitation.person_id: guest for guest in page.context["guests"]}
    row = page.content.decode().split(bad.name, 1)[1].split("</tr>", 1)[0]
    assert len(rows) == 30
    assert "refused" in row


@pytest.mark.django_db(transaction=True)
def test_a10_an_error_after_the_enqueuing_in_one_request_leaves_no_row_and_no_mail(
    elia: Person, mailing: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = cast.make_session(elia)

    def broken(*_: Any) -> None:
        raise RuntimeError("after the letters")

    monkeypatch.setattr(invitations, "_changed", broken)
    browser = cast.signed_in(Client(raise_request_exception=False), elia)
    answer = browser.post(
        reverse("session-people", args=[session.code]),
        {"addresses": "a@example.org b@example.org".replace(" ", "\n")},
    )
    assert answer.status_code == 500
    send()
    assert (Letter.objects.count(), mailing.taken) == (0, [])
    assert not Person.objects.filter(email="a@example.org").exists()


def beat(browser: Client, path: str, kind: str, connection: uuid.UUID) -> Any:
    given = {"kind": kind, "connection": str(connection), "event": str(uuid.uuid4())}
    return browser.post(path, given)


@pytest.mark.django_db
def test_a13_two_tabs_are_one_presence_of_sixty_minutes(elia: Person, ange: Person) -> None:
    """Through the HTTP door; the first tab says that it leaves at 10:40, the second stays to 11:00."""
    session = cast.make_session(elia)
    cast.invite(session, ange)
    start, path = session.starts_at, reverse("session-presence", args=[session.code])
    with moments.as_if(start):
        session = sessions.open_(session=session, by=elia)
    browser, first, second = cast.signed_in(Client(), ange), uuid.uuid4(), uuid.uuid4()
    for minute in range(61):
        with moments.as_if(start + timedelta(minutes=minute)):
            for tab, (begin, end) in {first: (0, 40), second: (20, 60)}.items():
                if begin <= minute <= end:
                    kind = {begin: "join", end: "leave"}.get(minute, "beat")
                    assert beat(browser, path, kind, tab).status_code == 200
            attendance.sweep()
    with moments.as_if(start + timedelta(minutes=90)):
        session = sessions.close(session=session, by=elia)
    row = next(row for row in sheets.sheet(session).rows if row.person == ange)
    assert row.minutes == 60
    (part,) = row.parts
    assert len(part.times) == 1


WRONG_AGES = ["NaN", "-31536000000", "93600000", "Infinity", "", "1e99", "9007199254740991"]


@pytest.mark.django_db
@pytest.mark.parametrize("age", WRONG_AGES)
def test_a14_a_clients_clock_moves_no_stored_time(
    elia: Person, ange: Person, clock: cast.Clock, age: str
) -> None:
    """The one time a client may give is how long ago it left: it never reaches before the last beat, nor ahead."""
    cache.clear()
    session = cast.make_session(elia)
    cast.invite(session, ange)
    path = reverse("session-presence", args=[session.code])
    browser, connection = cast.signed_in(Client(), ange), uuid.uuid4()
    clock.at(session.starts_at)
    wall = {"at": "1999-01-01T00:00:00Z", "client_time": "2040-01-01T00:00:00Z", "timestamp": "1e15"}
    given = {"connection": str(connection), "event": str(uuid.uuid4()), **wall}
    assert browser.post(path, given | {"kind": "join"}).status_code == 200
    clock.at(session.starts_at + timedelta(seconds=20))
    assert browser.post(path, given | {"kind": "beat"}).status_code == 200
    clock.at(session.starts_at + timedelta(seconds=30))
    left = browser.post(path, given | {"kind": "leave", "event": str(uuid.uuid4()), "age_ms": age})
    assert left.status_code == 200
    lease = Lease.objects.get()
    arrival, leaving = PresenceEvent.objects.order_by("seq")
    assert abs(arrival.at - session.starts_at) < timedelta(seconds=1)
    assert abs(lease.seen_at - session.starts_at - timedelta(seconds=20)) < timedelta(seconds=1)
    assert lease.seen_at <= leaving.at <= session.starts_at + timedelta(seconds=31)
    assert leaving.at == lease.ended_at


@on_file
@pytest.mark.parametrize("age", [0, 93_600_000, 31_536_000_000, 2**53 - 1])
def test_a14_a_leave_of_any_age_is_taken_by_the_socket(real: Real, age: int) -> None:
    one = Companion(real.data["guests"][8])
    with real.line(one.who) as line:
        one.live(line, beats=1)
        one.says(line, "attendance.leave", event=str(uuid.uuid4()), age_ms=age)
    seen, ended = leases(real)[one.connection]
    assert ended is not None
    assert seen <= ended <= seen + timedelta(seconds=2)
