"""Two real workers, killed again and again while a session is invited to and then moved, on the database of this run.

Each letter leaves; the same one twice at most once for each kill, with the same bytes; the older never after the newer.
"""

import random
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from tests.catalogue.served import Real, copied, prepare, python, until
from tests.catalogue.stores import new_store
from tests.letterbox import read
from tests.seminars.work.mailserver import Server, free_port

PEOPLE, KILLS = 150, 8
INVITE = f"""
import django; django.setup()
from seminars.actions import invitations
from seminars.models import Session
session = Session.objects.get()
addresses = [invitations.Address(n, f"pro{{n:03}}@example.org") for n in range({PEOPLE})]
invitations.invite(session=session, by=session.created_by, addresses=addresses)
"""
MOVE = """
import django; django.setup()
from datetime import timedelta
from seminars.actions import sessions
from seminars.models import Session
from seminars.moments import local
session = Session.objects.get()
start, end = (local(at, session.timezone).replace(tzinfo=None) for at in (session.starts_at, session.ends_at))
day = timedelta(days=1)
sessions.move(session=session, by=session.created_by, slots=[(start + day, end + day)])
"""
SENT = "SELECT COUNT(*) FROM seminars_letter WHERE state = 'sent'"
LEFT = "SELECT COUNT(*) FROM seminars_letter WHERE state = 'pending'"


@pytest.fixture
def server() -> Iterator[Server]:
    handler = Server()
    controller = Controller(handler, hostname="127.0.0.1", port=free_port())
    controller.start()
    handler.port = controller.port  # type: ignore[attr-defined]  # only processes need to be told
    yield handler
    controller.stop()


@pytest.fixture
def real(tmp_path: Path, server: Any) -> Iterator[Real]:
    """A deployment without a server: its workers are started by the test. One letter of its seed waits too."""
    store = new_store(tmp_path / "template")
    data = prepare(store, 1)
    quick = {"LETTER_LEASE_SECONDS": "2", "LETTER_BACKOFF_SECONDS": "0.2", "WORK_PAUSE_SECONDS": "0.05"}
    with ExitStack() as stack:
        stack.callback(store.drop)
        address = f"smtp://127.0.0.1:{server.port}"
        yield stack.enter_context(copied(store, data, tmp_path / "state", EMAIL_URL=address, **quick))


def count(real: Real, query: str) -> int:
    return int(real.rows(query)[0][0])


class Pair:
    """Two workers; whoever is killed is replaced."""

    def __init__(self, real: Real) -> None:
        self.real, self.chance = real, random.Random(11)
        self.workers = [real.worker().ready() for _ in range(2)]

    def suffer(self, kills: int, most_sent: int) -> None:
        """Each kill falls somewhere in the work, not in a rest: more letters have left since the last."""
        begun = count(self.real, SENT)
        for number in range(kills):
            goal = begun + (number + 1) * (most_sent - begun) // (kills + 1)
            until(lambda goal=goal: count(self.real, SENT) >= goal, 60)  # type: ignore[misc]
            time.sleep(self.chance.uniform(0, 0.05))
            self.workers.pop(0).kill()
            self.workers.append(self.real.worker().ready())


def test_no_letter_is_lost_and_none_leaves_twice_but_for_a_kill(real: Real, server: Server) -> None:
    python(real.store, "-c", INVITE)
    pair = Pair(real)
    pair.suffer(KILLS // 2, PEOPLE * 2 // 3)
    python(real.store, "-c", MOVE)
    pair.suffer(KILLS // 2, PEOPLE)
    until(lambda: count(real, LEFT) == 0, 60)
    states = Counter(state for (state,) in real.rows("SELECT state FROM seminars_letter"))
    assert set(states) <= {"sent", "superseded"}
    by_id: dict[str, list[bytes]] = defaultdict(list)
    by_person: dict[str, list[int]] = defaultdict(list)
    for _, to, content in server.received:
        mail = read(content)
        by_id[str(mail.message["Message-ID"])].append(content)
        by_person[to].append(int(mail.event["SEQUENCE"]))
    assert len(by_person) == PEOPLE + 1
    assert len(by_id) >= states["sent"]
    assert len(server.received) - len(by_id) <= KILLS
    assert all(len(set(copies)) == 1 for copies in by_id.values())
    for sequences in by_person.values():
        assert sequences == sorted(sequences)
        assert sequences[-1] == 1, "everybody knows the new hour"
    assert len(by_id) > 200
