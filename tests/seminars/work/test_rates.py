"""How fast letters leave: never more than the rate says, shared by all workers, and holding up nobody else."""

import heapq
import time
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import caches
from django.core.cache.backends.locmem import LocMemCache

from seminars.actions import letters, people
from seminars.models import Letter, Person
from seminars.moments import now
from seminars.postal import read_rate
from seminars.vocabulary import LetterKind
from seminars.work.rates import Rate, rates
from tests import cast
from tests.seminars.work.mailserver import free_port, send

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    """Places are of the real clock, and outlast a test."""
    caches["shared"].clear()
    yield
    caches["shared"].clear()


def crowd(count: int, domain: str) -> list[Person]:
    found = []
    for n in range(count):
        person = cast.person(f"{domain.partition('.')[0]}{n}", f"Pro Number{n}")
        Person.objects.filter(pk=person.pk).update(email=f"pro{n}@{domain}")
        found.append(Person.objects.get(pk=person.pk))
    return found


def domains(recipients: list[str]) -> Counter[str]:
    return Counter(address.rpartition("@")[2] for address in recipients)


@pytest.mark.parametrize(
    ("words", "places", "seconds"),
    [
        ("10/s", 10, 1),
        ("200/m", 10, 3),
        ("2000/h", 10, 18),
        ("59/m", 11, 12),
        ("3/h", 3, 3600),
        (" 1/m ", 1, 60),
        ("100000/h", 27, 1),
    ],
)
def test_a_rate_becomes_a_few_places(words, places, seconds):
    assert read_rate(words) == (places, seconds)


@pytest.mark.parametrize(
    "words", ["200", "200/", "/m", "0/m", "-1/m", "2.5/s", "200/d", "200/min", "many", "１/m"]
)
def test_a_rate_in_another_form_is_none(words):
    with pytest.raises(ValueError, match="is no rate"):
        read_rate(words)


def test_without_a_rate_nothing_is_counted(settings):
    settings.MAIL_RATE = settings.MAIL_RATE_PER_HOST = ""
    assert rates() is None


def test_no_window_holds_more_than_its_rate_however_many_workers_ask():
    workers = [Rate("all", 4, 1) for _ in range(3)]
    taken: list[float] = []
    until = time.time() + 3.2
    while (began := time.time()) < until:
        for worker in workers:
            place, wait = worker.take("all")
            assert bool(place) != bool(wait)
            if place:
                taken.append(time.time())
        time.sleep(max(0.0, 0.02 - (time.time() - began)))
    assert len(taken) >= 12
    for first, fifth in zip(taken, taken[4:], strict=False):
        assert fifth - first > 0.95


@pytest.mark.parametrize(("pause", "away"), [(0.29, 0.0), (0.29, 60.0), (0.32, 60.0)])
def test_what_waits_leaves_before_what_comes_later(monkeypatch, pause, away):
    """Ten places each 3 s: fifty letters at once, then one each `pause`; the worker is `away` for a while."""
    clock = [time.time()]
    monkeypatch.setattr(time, "time", lambda: clock[0])
    # Redis would measure by its own clock, which nobody moves.
    own = LocMemCache(f"simulated-{pause}-{away}", {"OPTIONS": {"MAX_ENTRIES": 100_000}})
    monkeypatch.setattr("seminars.work.rates.caches", {"shared": own})
    began, rate = clock[0], Rate("all", 10, 3)
    due = [(began + (n - 49) * pause if n > 49 else began, n) for n in range(450)]
    waited: dict[int, float] = {}
    posted = {n: at for at, n in due}
    letters_ = {n: Letter(kind=LetterKind.REMINDER) for _, n in due}
    heapq.heapify(due)
    while due:
        at, number = heapq.heappop(due)
        clock[0] = max(clock[0], began + 30 + away if began + 30 < at < began + 30 + away else at)
        place, wait = rate.ask("all", letters_[number])
        if place:
            waited[number] = clock[0] - posted[number]
        else:
            heapq.heappush(due, (clock[0] + wait, number))
    assert max(waited[number] for number in range(50)) <= 15.1, (
        "in the order of their line, whatever comes after"
    )
    assert max(waited.values()) <= 1.5 * away + 30


def test_a_line_is_shared_by_all_workers():
    one, other = Rate("all", 1, 3600), Rate("all", 1, 3600)
    first, *late = (Letter(kind=LetterKind.REMINDER) for _ in range(3))
    assert one.ask("all", first)[0]
    waits = [worker.ask("all", letter)[1] for worker, letter in zip((one, other), late, strict=True)]
    assert [round(wait / 3600) for wait in waits] == [1, 2]


def test_a_domain_that_has_had_enough_holds_up_no_other(elia, server, settings):
    settings.MAIL_RATE_PER_HOST = "2/h"
    session = cast.make_session(elia)
    cast.invite(session, *crowd(5, "alpha.example"), *crowd(2, "beta.example"))
    assert send() == 4
    assert domains(server.recipients) == {"alpha.example": 2, "beta.example": 2}
    waiting = Letter.objects.filter(state="pending").order_by("next_at")
    assert set(waiting.values_list("attempts", "owner", "last_error", "lease_until")) == {(0, "", "", None)}
    moments = [letter.next_at - now() for letter in waiting]
    assert timedelta(minutes=58) < moments[0] <= timedelta(hours=1)
    assert [round((late - moments[0]).total_seconds() / 1800) for late in moments] == [0, 1, 2]
    assert send() == 0, "none is due before"


def test_letters_that_waited_leave_in_their_turn(elia, server, settings, clock):
    settings.MAIL_RATE_PER_HOST = "2/h"
    people_of = crowd(5, "alpha.example")
    cast.invite(cast.make_session(elia), *people_of)
    assert send() == 2
    caches["shared"].clear()  # as after an hour
    clock.forward(minutes=91)
    assert send() == 2
    clock.forward(minutes=31)
    caches["shared"].clear()
    assert send() == 1
    assert sorted(server.recipients) == sorted(person.email for person in people_of)
    assert set(Letter.objects.values_list("state", "attempts")) == {("sent", 1)}


def test_the_rate_of_the_server_counts_all_domains(elia, server, settings):
    settings.MAIL_RATE = "3/h"
    cast.invite(cast.make_session(elia), *crowd(3, "alpha.example"), *crowd(3, "beta.example"))
    assert send() == 3
    assert Letter.objects.filter(state="pending", attempts=0, next_at__gt=now()).count() == 3


def test_a_place_of_the_server_is_given_back_where_the_domain_has_none(elia, server, settings):
    settings.MAIL_RATE, settings.MAIL_RATE_PER_HOST = "4/h", "1/h"
    cast.invite(
        cast.make_session(elia),
        *crowd(4, "alpha.example"),
        *crowd(1, "beta.example"),
        *crowd(1, "gamma.example"),
    )
    assert send() == 3


def test_letters_of_one_person_keep_their_order(elia, server, settings, clock):
    settings.MAIL_RATE_PER_HOST = "1/h"
    (first, second), session = crowd(2, "alpha.example"), cast.make_session(elia)
    cast.invite(session, first, second)
    assert send() == 1
    letters.publish(session=session, by=elia, text_fr="Un café ?")
    for _ in range(3):
        caches["shared"].clear()
        clock.forward(hours=2)
        send()
    kinds = {key: [] for key in server.recipients}
    for _, recipient, content in server.received:
        kinds[recipient].append(Letter.objects.get(content=content).kind)
    assert set(map(tuple, kinds.values())) == {(LetterKind.INVITATION, LetterKind.MESSAGE)}


def test_who_waits_to_sign_in_is_not_put_behind_three_hundred(elia, ange, server, settings):
    settings.MAIL_RATE = "2/h"
    cast.invite(cast.make_session(elia), *crowd(8, "alpha.example"))
    assert send() == 2
    people.ask_link(email=ange.email)
    assert send() == 0
    mine = Letter.objects.get(kind=LetterKind.SIGN_IN)
    others = Letter.objects.filter(state="pending").exclude(pk=mine.pk)
    assert mine.next_at - now() <= timedelta(hours=1)
    assert others.filter(next_at__gt=mine.next_at + timedelta(minutes=10)).count() >= 5


def test_two_workers_share_one_rate(elia, server, settings):
    settings.MAIL_RATE = "3/h"
    cast.invite(cast.make_session(elia), *crowd(2, "alpha.example"))
    assert send() == 2
    cast.invite(cast.make_session(elia), *crowd(2, "beta.example"))
    assert send() == 1


def test_a_shared_cache_that_is_away_leaves_each_worker_to_itself(elia, server, settings):
    settings.CACHES = settings.CACHES | {
        "shared": {"BACKEND": "config.caches.SharedCache", "LOCATION": f"redis://127.0.0.1:{free_port()}/0"}
    }
    settings.MAIL_RATE = "2/h"
    cast.invite(cast.make_session(elia), *crowd(3, "alpha.example"))
    assert send() == 2
    caches["shared"].clear()


def test_a_letter_that_was_refused_for_now_keeps_its_words_while_it_waits(elia, server, settings, clock):
    settings.MAIL_RATE_PER_HOST = "1/h"
    (person,) = crowd(1, "alpha.example")
    server.to_recipient = {person.email: ["451 4.2.2 full"]}
    cast.invite(cast.make_session(elia), person)
    assert send() == 0
    clock.forward(minutes=5)
    assert send() == 0
    letter: Any = Letter.objects.get()
    assert (letter.attempts, letter.last_error) == (1, "451 4.2.2 full")
    assert letter.next_at > now() + timedelta(minutes=50)
