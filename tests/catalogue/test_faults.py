"""Catalogue A, inside one process: refusing mail servers, rolled back acts, two tabs, wrong clocks.

Covered elsewhere: A-10 also tests/seminars/work/test_worker.py and actions/test_outbox.py; A-12 tests/journeys/
test_scanner.py, tests/web/test_entry.py and test_invitations.py; A-13 at the ledger tests/seminars/actions/
test_attendance.py; A-01 to A-03 and A-07 tests/catalogue/test_crashes.py; A-04 to A-06 test_outages.py.
"""

import math
import uuid
from collections import Counter
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.core.cache import caches
from django.test import Client
from django.urls import reverse

from seminars import moments
from seminars.actions import attendance, invitations, sessions
from seminars.models import Lease, Letter, Person, PresenceEvent
from seminars.queries import sheets
from seminars.vocabulary import LetterState
from tests import cast
from tests.catalogue.crowd import Companion
from tests.catalogue.post import Sink, send
from tests.catalogue.records import leases
from tests.catalogue.served import Real


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

    monkeypatch.setattr(invitations, "tell", broken)
    browser = cast.signed_in(Client(raise_request_exception=False), elia)
    answer = browser.post(
        reverse("session-invite", args=[session.code]),
        {"rows": "email,name\na@example.org,\nb@example.org,\n", "to": ["a@example.org", "b@example.org"]},
    )
    assert answer.status_code == 500
    send()
    assert (Letter.objects.count(), mailing.taken) == (0, [])
    assert not Person.objects.filter(email="a@example.org").exists()


def beat(browser: Client, path: str, kind: str, connection: uuid.UUID) -> Any:
    caches["shared"].clear()  # an hour of beats comes within one minute of the limits
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
    caches["shared"].clear()
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


@pytest.mark.parametrize("age", [0, 93_600_000, 31_536_000_000, 2**53 - 1])
def test_a14_a_leave_of_any_age_is_taken_by_the_socket(real: Real, age: int) -> None:
    one = Companion(real.data["guests"][8])
    with real.line(one.who) as line:
        one.live(line, beats=1)
        one.says(line, "attendance.leave", event=str(uuid.uuid4()), age_ms=age)
    seen, ended = leases(real)[one.connection]
    assert ended is not None
    assert seen <= ended <= seen + timedelta(seconds=2)
