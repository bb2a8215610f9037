"""Catalogue A-11 and B-09: reminders that have lost their point, and ten thousand letters with two workers at it."""

import re
import time
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import pairwise

import pytest

from seminars.actions import reminders, sessions
from seminars.models import Letter, Person
from seminars.moments import local, now
from seminars.vocabulary import LetterKind
from tests import cast
from tests.catalogue.crowd import percentile
from tests.catalogue.post import Sink, send
from tests.catalogue.served import FULL, Real, python, until
from tests.letterbox import read

Note = Callable[..., None]


@pytest.mark.django_db
def test_a11_a_session_cancelled_a_minute_before_its_reminder_sends_the_cancellation_alone(
    elia: Person, mailing: Sink, clock: cast.Clock, figures: Note
) -> None:
    people = [cast.person(f"pro{n:02}", f"Pro Number{n:02}") for n in range(12)]
    session = cast.make_session(elia, local(now() + timedelta(days=3), "Europe/Paris"))
    cast.invite(session, *people)
    send()
    due = session.starts_at - timedelta(hours=1)
    clock.at(due - timedelta(minutes=1))
    mailing.taken.clear()
    assert reminders.post_due() == 0
    send()
    assert mailing.taken == []
    sessions.cancel(session=session, by=elia)
    clock.at(due + timedelta(minutes=1))
    assert reminders.post_due() == 0
    send()
    cancelled = [to for to, content in mailing.taken if b"METHOD:CANCEL" in read(content).calendar]
    figures(cancellations=len(cancelled), others=len(mailing.taken) - len(cancelled))
    assert sorted(cancelled) == sorted(person.email for person in people)
    assert len(mailing.taken) == len(people)
    assert not Letter.objects.filter(kind=LetterKind.REMINDER).exists()


FILL = """
import sys, django; django.setup()
from datetime import timedelta
from seminars.actions import invitations, sessions
from seminars.models import Person, Session
from seminars.moments import local, now
from tests import cast
first, many = Session.objects.get(), int(sys.argv[1])
host = first.created_by
addresses = [invitations.Address(n, f"pro{n:03}@example.org") for n in range(250 if many > 9 else 50)]
for number in range(many):
    start = local(now(), "Europe/Paris").replace(tzinfo=None, microsecond=0) + timedelta(days=2 + number)
    session = cast.make_session(host, start)
    invitations.invite(session=session, by=host, addresses=addresses)
"""
MOVE = """
import sys, django; django.setup()
from datetime import timedelta
from seminars.actions import sessions
from seminars.models import Session
from seminars.moments import local
for session in Session.objects.filter(sequence=0).order_by("pk")[1:1 + int(sys.argv[1])]:
    slots = [(local(slot.starts_at, session.timezone).replace(tzinfo=None) + timedelta(hours=1),
              local(slot.ends_at, session.timezone).replace(tzinfo=None) + timedelta(hours=1))
             for slot in session.slots.all()]
    sessions.move(session=session, by=session.created_by, slots=slots)
"""
WAITING = "SELECT COUNT(*) FROM seminars_letter WHERE state = 'pending'"


def test_b09_two_workers_send_thousands_in_order_and_pages_stay_quick(
    fresh: Callable[..., Real], sink: Sink, figures: Note
) -> None:
    many = 40 if FULL else 6
    real = fresh(EMAIL_URL=f"smtp://127.0.0.1:{sink.port}", WORKER="off")
    python(real.store, "-c", FILL, str(many))
    queued = real.rows(WAITING)[0][0]
    waits: list[float] = []
    with real, ThreadPoolExecutor(2) as threads:
        real.get("/programme/")
        began = time.monotonic()
        real.workers += [real.worker().ready(), real.worker().ready()]
        until(lambda: len(sink.taken) > queued // 4, 300)
        moving = threads.submit(python, real.store, "-c", MOVE, str(many // 2))
        until(lambda: visited(real, waits) and moving.done() and real.rows(WAITING)[0][0] == 0, 900)
        seconds = time.monotonic() - began
    order = in_order(sink)
    states = dict(real.rows("SELECT state, COUNT(*) FROM seminars_letter GROUP BY state"))
    figures(queued=queued, sent=len(sink.taken), seconds=seconds, mails_per_second=len(sink.taken) / seconds)
    figures(
        states=states, out_of_order=len(order), page_p95_ms=1000 * percentile(waits, 95), pages=len(waits)
    )
    assert order == []
    assert set(states) <= {"sent", "superseded"}
    assert len(sink.taken) == states["sent"]
    if FULL:  # the short form shares its cores with other tests
        assert len(sink.taken) / seconds >= 20
        assert percentile(waits, 95) < 0.5


def visited(real: Real, waits: list[float]) -> bool:
    began = time.monotonic()
    assert real.get("/programme/", door=len(waits))[0] == 200
    waits.append(time.monotonic() - began)
    return True


def in_order(sink: Sink) -> list[str]:
    """Keys of (UID, recipient) that got an older revision after a newer one."""
    seen = defaultdict(list)
    for to, content in sink.taken:
        text = read(content).calendar.replace(b"\r\n ", b"").decode()
        uid, sequence = re.search(r"^UID:(\S+)\r", text, re.M), re.search(r"^SEQUENCE:(\d+)\r", text, re.M)
        if uid and sequence:
            seen[f"{uid[1]} {to}"].append(int(sequence[1]))
    assert len(seen) > 1
    return [key for key, numbers in seen.items() if any(late <= early for early, late in pairwise(numbers))]
