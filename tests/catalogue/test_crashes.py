"""Catalogue A, kill -9 and stops: A-01 to A-03 and A-07, at really started processes in both modes.

The delays with which browsers come back (A-03) are measured in tests/journeys/test_scripts.py.
"""

import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime

import pytest
from websockets.exceptions import ConnectionClosed

from seminars.vocabulary import LetterState, PresenceKind
from tests.catalogue.crowd import Companion
from tests.catalogue.post import Sink
from tests.catalogue.records import events, leases, millis, moment
from tests.catalogue.served import FULL, Real, heard, python, until
from tests.letterbox import read

SWEEP = (
    "import django; django.setup(); from seminars.actions.attendance import sweep; print('changed', sweep())"
)
Fresh = Callable[..., Real]
Note = Callable[..., None]


def test_a01_kill_9_keeps_every_acknowledged_join_and_beat_and_splits_no_interval(
    fresh: Fresh, figures: Note
) -> None:
    real = fresh()
    crowd = [Companion(who) for who in real.data["guests"][: 20 if FULL else 6]]
    with real, ExitStack() as lines:
        for one in crowd:
            one.live(lines.enter_context(real.line(one.who)))
        time.sleep(5 if FULL else 0)
        real.kill()
    time.sleep(10 if FULL else 0)
    with real, ExitStack() as lines:
        kept = leases(real)
        lost = [one for one in crowd if millis(kept[one.connection][0]) != last_answer(one)]
        for one in crowd:
            line = lines.enter_context(real.line(one.who))
            assert heard(line, "live.snapshot")[2]["mine"]["standing"] in ("here", "cut")
            assert one.says(line, "attendance.join", event=one.event)["new"] is False
            one.says(line, "attendance.beat", seq=0)
    joined = events(real, PresenceKind.JOINED)
    figures(people=len(crowd), joins_kept=len(joined), beats_lost=len(lost), intervals=len(leases(real)))
    assert lost == []
    assert sorted(joined) == sorted(one.event for one in crowd)
    assert len(leases(real)) == len(crowd)
    assert {ended for _, ended in leases(real).values()} == {None}
    assert real.rows("SELECT COUNT(*) FROM seminars_presenceevent WHERE kind <> 'joined'") == [(0,)]


def last_answer(one: Companion) -> datetime:
    return datetime.fromisoformat(one.acknowledged[-1])


def test_a02_nobody_comes_back_and_each_interval_ends_at_its_last_acknowledged_beat(
    fresh: Fresh, figures: Note
) -> None:
    lease = {} if FULL else {"LEASE_SECONDS": "3"}
    real = fresh(**lease)
    real.workers_wanted = 2
    crowd = [Companion(who) for who in real.data["guests"][: 20 if FULL else 6]]
    with real, ExitStack() as lines:
        for number, one in enumerate(crowd):
            one.live(lines.enter_context(real.line(one.who)), beats=1 + number % 3)
        real.kill()
        began = time.monotonic()
        if not real.is_several:  # its worker has died with it
            time.sleep(120 if FULL else 3.2)
            real.start()
        until(lambda: all(ended for _, ended in leases(real).values()), 240 if FULL else 15)
        took = time.monotonic() - began
    found = leases(real)
    figures(people=len(crowd), ended=len(found), seconds_until_ended=took)
    for one in crowd:
        seen, ended = found[one.connection]
        assert ended == seen
        assert millis(seen) == last_answer(one)
    at = real.rows("SELECT connection, at FROM seminars_presenceevent WHERE kind = 'left'")
    ends = {key.replace("-", ""): ended for key, (_, ended) in found.items()}
    assert {key: moment(when) for key, when in at} == ends
    before = rows(real)
    assert python(real.store, "-c", SWEEP, **lease).strip() == "changed 0"
    assert before == rows(real)


def rows(real: Real) -> list[object]:
    tables = ("seminars_lease", "seminars_presenceevent")
    return [sorted(map(str, real.rows(f"SELECT * FROM {table}"))) for table in tables]


def test_a03_a_stop_with_open_sockets_takes_ten_seconds_at_most_and_ends_no_interval(
    fresh: Fresh, figures: Note
) -> None:
    real = fresh()
    crowd = [Companion(who) for who in real.data["guests"][: 30 if FULL else 12]]
    with real, ExitStack() as lines:
        sockets = [lines.enter_context(real.line(one.who)) for one in crowd]
        for one, line in zip(crowd, sockets, strict=True):
            one.live(line, beats=1)
        began = time.monotonic()
        for door in real.doors:
            door.process.send_signal(signal.SIGTERM)
        assert [door.process.wait(10) for door in real.doors] == [0] * len(real.doors)
        took = time.monotonic() - began
        assert took < 10
        codes = Counter()
        for line in sockets:
            with pytest.raises(ConnectionClosed) as closed:
                heard(line, "never")
            codes[closed.value.rcvd.code if closed.value.rcvd else 1006] += 1
    figures(sockets=len(crowd), seconds_until_ended=took, codes=dict(codes))
    assert set(codes) == {1012}
    assert {ended for _, ended in leases(real).values()} == {None}
    assert len(events(real, PresenceKind.JOINED)) == len(crowd)
    with real, ExitStack() as lines:
        for one in crowd:
            line = lines.enter_context(real.line(one.who))
            assert one.says(line, "attendance.join", event=one.event)["new"] is False
    assert (len(leases(real)), len(events(real, PresenceKind.JOINED))) == (len(crowd), len(crowd))
    assert real.rows("SELECT COUNT(*) FROM seminars_presenceevent") == [(len(crowd),)]


INVITE = """
import sys, django; django.setup()
from seminars.actions import invitations
from seminars.models import Session
session, people = Session.objects.get(), int(sys.argv[1])
for first in range(0, people, 250):
    numbers = range(first, min(people, first + 250))
    addresses = [invitations.Address(n, f"pro{n:03}@example.org") for n in numbers]
    invitations.invite(session=session, by=session.created_by, addresses=addresses)
"""
SENT = "SELECT COUNT(*) FROM seminars_letter WHERE state = 'sent'"


@pytest.mark.parametrize("way", ["folder", "server"])
def test_a07_a_worker_killed_again_and_again_loses_no_letter_and_repeats_only_identical_ones(
    fresh: Fresh, sink: Sink, way: str, figures: Note
) -> None:
    people, kills = (500, 20) if FULL else (60, 2 if way == "folder" else 5)
    quick = {} if FULL else {"LETTER_LEASE_SECONDS": "0.4", "LETTER_BACKOFF_SECONDS": "0.2"}
    if way == "server":
        quick["EMAIL_URL"] = f"smtp://127.0.0.1:{sink.port}"
    real = fresh(**quick)
    python(real.store, "-c", INVITE, str(people))
    total = real.rows("SELECT COUNT(*) FROM seminars_letter")[0][0]
    took = killed_again_and_again(real, total, kills)
    left = Counter(state for (state,) in real.rows("SELECT state FROM seminars_letter"))
    figures(letters=total, kills=kills, seconds_after_last_kill=took, states=dict(left))
    assert left == {LetterState.SENT: total}
    wanted = {row[0] for row in real.rows("SELECT email FROM seminars_person WHERE email LIKE 'pro%'")}
    assert len(wanted) == people
    if way == "folder":
        files = list((real.state / "mail").glob("*.eml"))
        assert len(files) == total
        assert not [file for file in files if not file.read_bytes().rstrip().endswith(b"--")]
        return
    figures(duplicates=len(sink.taken) - total)
    assert wanted <= {to for to, _ in sink.taken}
    assert len(sink.taken) - total <= kills
    assert all(len(set(sink.of(address))) == 1 for address in wanted)
    assert len({read(sink.of(address)[0]).message["Message-ID"] for address in wanted}) == people


def killed_again_and_again(real: Real, total: int, kills: int) -> float:
    """Kills a worker somewhere in the middle of the work, so often; how long the rest took after the last."""
    chance, several = random.Random(7), 1 + real.is_several
    patience = 180 if FULL else 60  # what the killed ones held comes back when their leases end

    def sent() -> int:
        return int(real.rows(SENT)[0][0])

    real.workers = [real.worker().ready() for _ in range(several)]
    for number in range(kills):
        goal = (number + 1) * total * 3 // (4 * kills + 4)
        until(lambda goal=goal: sent() >= goal, patience)  # type: ignore[misc]
        time.sleep(chance.uniform(0, 0.03))
        real.workers.pop(0).kill()
        real.workers.append(real.worker().ready())
    took = until(lambda: sent() == total, 180 if FULL else 20)
    for worker in real.workers:
        worker.kill()
    return took
