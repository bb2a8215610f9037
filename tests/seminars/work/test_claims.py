"""Letters are claimed by the handful, by one worker each; what a worker can't note now it notes later."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError

from seminars import moments
from seminars.actions import letters, people, sessions
from seminars.models import Letter
from seminars.vocabulary import LetterState
from seminars.work import deliveries, outbox
from seminars.work.deliveries import Postman
from seminars.work.outbox import Outcome
from tests import cast
from tests.seminars.work.mailserver import send

pytestmark = pytest.mark.django_db


def crowd(elia: Any, count: int) -> Any:
    session = cast.make_session(elia)
    cast.invite(session, *[cast.person(f"pro{n:02}", f"Pro Number{n:02}") for n in range(count)])
    return session


def later(session: Any, **length: float) -> Any:
    """The same half-day some time later, as wall times."""
    start, end = (
        moments.local(moment, session.timezone).replace(tzinfo=None) + timedelta(**length)
        for moment in (session.starts_at, session.ends_at)
    )
    return [(start, end)]


def test_two_workers_share_what_is_due_and_nobody_gets_a_letter_twice(elia):
    crowd(elia, 7)
    hands = [outbox.claim(owner=owner, most=3) for owner in ("one", "two", "three", "one")]
    assert [len(hand) for hand in hands] == [3, 3, 1, 0]
    assert len({letter.pk for hand in hands for letter in hand}) == 7
    assert len({letter.owner for hand in hands for letter in hand}) == 3


def test_of_one_persons_letters_about_one_session_only_the_oldest_is_claimed(elia):
    session = crowd(elia, 3)
    letters.publish(session=session, by=elia, text_fr="Un café ?", text_it="")
    first = outbox.claim(owner="one", most=10)
    assert {letter.kind for letter in first} == {"invitation"}
    assert len(first) == 3
    outbox.settle([Outcome(first[0], LetterState.SENT), Outcome(first[1], None, "451 later")])
    (second,) = outbox.claim(owner="two", most=10)
    assert (second.kind, second.person) == ("message", first[0].person)


def test_somebody_who_waits_for_her_link_waits_for_no_crowd(elia, ange):
    crowd(elia, 3)
    people.ask_link(email=ange.email)
    assert [letter.kind for letter in outbox.claim(owner="one", most=2)] == ["sign_in"]


def test_a_lease_is_renewed_for_what_is_still_ours_only(elia, clock, settings):
    crowd(elia, 2)
    mine = outbox.claim(owner="one", most=2)
    clock.forward(seconds=settings.LETTER_LEASE_SECONDS - 10)
    assert outbox.hold(mine) == mine
    clock.forward(seconds=20)
    assert outbox.claim(owner="two") == []
    clock.forward(seconds=settings.LETTER_LEASE_SECONDS)
    (taken,) = outbox.claim(owner="two")
    assert outbox.hold(mine) == [letter for letter in mine if letter.pk != taken.pk]
    assert taken.unanswered == 1


def test_a_letter_that_passed_to_another_worker_is_not_sent_here(
    elia, letterbox, clock, settings, monkeypatch
):
    crowd(elia, 3)
    monkeypatch.setattr(deliveries, "FRESH", -1.0)  # asks before each letter
    real, taken = outbox.hold, []

    def hold(hand: Any) -> Any:
        if not taken:
            last = list(hand)[-1]
            Letter.objects.filter(pk=last.pk).update(owner="another/1")
            taken.append(last.pk)
        return real(hand)

    monkeypatch.setattr(outbox, "hold", hold)
    assert len(letterbox.run()) == 2
    assert Letter.objects.get(pk=taken[0]).state == LetterState.PENDING
    assert Letter.objects.get(pk=taken[0]).owner == "another/1"


def test_whoever_lost_its_lease_ends_nothing(elia, clock, caplog):
    crowd(elia, 1)
    (mine,) = outbox.claim(owner="one")
    clock.forward(minutes=3)
    (theirs,) = outbox.claim(owner="two")
    assert outbox.settle([Outcome(mine, LetterState.SENT)]) == 0
    assert "had passed to another worker" in caplog.text
    assert outbox.settle([Outcome(theirs, LetterState.SENT)]) == 1


def test_what_a_worker_gives_back_was_no_try(elia):
    crowd(elia, 2)
    outbox.claim(owner="one", most=2)
    outbox.claim(owner="one-and-more", most=2)
    assert outbox.release(owner="one") == 2
    assert set(Letter.objects.values_list("attempts", "owner", "lease_until")) == {(0, "", None)}


def test_a_letter_that_left_while_the_database_was_away_is_noted_later_and_leaves_once(
    elia, letterbox, monkeypatch
):
    crowd(elia, 3)
    postman, stop, real, faults = Postman("test"), threading.Event(), outbox.settle, [2]

    def settle(outcomes: Any) -> int:
        if outcomes and faults[0]:
            faults[0] -= 1
            raise OperationalError("away")
        return real(outcomes)

    monkeypatch.setattr(outbox, "settle", settle)
    for _ in range(2):
        with pytest.raises(OperationalError):
            postman.round(stop)
    assert len(list(letterbox.place.glob("*.eml"))) == 1
    assert postman.round(stop) == 2
    postman.close()
    assert set(Letter.objects.values_list("state", "attempts", "unanswered")) == {("sent", 1, 0)}
    assert len(list(letterbox.place.glob("*.eml"))) == 3


def test_a_letter_that_ends_every_worker_is_given_up_and_not_the_work(elia, letterbox, caplog):
    crowd(elia, 2)
    bad = Letter.objects.order_by("created_at").first()
    Letter.objects.filter(pk=bad.pk).update(unanswered=outbox.MOST_UNANSWERED)
    assert len(letterbox.run()) == 1
    bad.refresh_from_db()
    assert (bad.state, bad.last_error) == (LetterState.DEAD, "no worker outlived it")
    assert "was given up" in caplog.text


def test_a_kept_letter_that_nobody_needs_any_more_is_dropped_before_its_next_try(elia, server, clock):
    session = crowd(elia, 1)
    server.to_recipient = {"pro00@example.org": ["451 later"]}
    assert send() == 0
    clock.at(session.ends_at + timedelta(minutes=1))
    assert send() == 0
    assert Letter.objects.get().state == LetterState.SUPERSEDED
    assert server.received == []


def test_the_tenth_refusal_gives_a_letter_up_and_a_host_sends_it_again(elia, server, clock, caplog):
    session = crowd(elia, 1)
    clock.at(session.starts_at - timedelta(hours=20))
    sessions.move(session=session, by=elia, slots=later(session, days=9))
    server.to_recipient = {"pro00@example.org": ["451 later"] * outbox.MOST_TRIES}
    for _ in range(outbox.MOST_TRIES + 1):
        send()
        clock.forward(hours=7)
    letter = Letter.objects.get(state=LetterState.DEAD)
    assert (letter.attempts, letter.last_error) == (10, "451 later")
    assert caplog.text.count("was given up after 10 tries") == 1
    assert len(server.tries) == 10
    kept = bytes(letter.content)
    assert letters.retry(session=session, by=elia) == 1
    assert letters.retry(session=session, by=elia) == 0
    assert send() == 1
    assert [content for _, _, content in server.received] == [kept]


def test_what_is_sent_again_goes_to_the_address_of_today(elia, ange, server):
    session = cast.make_session(elia)
    cast.invite(session, ange)
    server.to_recipient = {ange.email: ["550 no such user"]}
    assert send() == 0
    ange.email = "ange.new@example.org"
    ange.save()
    assert letters.retry(session=session, by=elia, person=elia) == 0
    assert letters.retry(session=session, by=elia, person=ange) == 1
    assert send() == 1
    assert server.recipients == ["ange.new@example.org"]
