"""What a mail server's answers mean for a letter and for the next: now, later, never, or nothing leaves at all."""

import smtplib
import threading
from collections import Counter
from itertools import pairwise
from typing import Any

import pytest

from seminars.actions import invitations
from seminars.models import Letter, Person, Session
from seminars.moments import now
from seminars.vocabulary import LetterState
from seminars.work import mailing
from seminars.work.deliveries import Postman
from seminars.work.mailing import Away
from tests import cast
from tests.letterbox import read
from tests.seminars.work.mailserver import free_port, send

pytestmark = pytest.mark.django_db


def crowd(session: Session, count: int) -> list[Person]:
    people = [cast.person(f"pro{n:02}", f"Pro Number{n:02}") for n in range(count)]
    cast.invite(session, *people)
    return people


def states() -> dict[str, tuple[str, int]]:
    return {
        key: (state, tries)
        for key, state, tries in Letter.objects.values_list("person__key", "state", "attempts")
    }


def wait_for(letter: Letter, clock: cast.Clock) -> None:
    letter.refresh_from_db()
    clock.at(letter.next_at)


def test_letters_leave_by_one_connection_as_they_were_kept(elia, ange, bruna, cyrille, server):
    cast.invite(cast.make_session(elia), ange, bruna, cyrille)
    assert send() == 3
    assert len(server.lines) == 1
    kept = {bytes(content) for content in Letter.objects.values_list("content", flat=True)}
    assert {content for _from, _to, content in server.received} == kept
    for sender, recipient, content in server.received:
        mail = read(content)
        assert (mail.sender, mail.recipients) == (sender, [recipient])


def test_a_worker_keeps_its_connection_over_its_rounds_and_ends_it_when_it_rests(
    elia, ange, bruna, server, monkeypatch
):
    postman, stop = Postman("test"), threading.Event()
    session = cast.make_session(elia)
    for person in (ange, bruna):
        cast.invite(session, person)
        assert postman.round(stop) == 1
    assert len(server.lines) == 1
    monkeypatch.setattr(mailing, "IDLE_SECONDS", 0.0)
    assert postman.round(stop) == 0
    assert postman.way.backend.connection is None  # type: ignore[attr-defined]  # the way is a server here
    postman.close()


def test_a_connection_that_the_server_has_ended_meanwhile_costs_no_try(elia, ange, bruna, server):
    postman, stop = Postman("test"), threading.Event()
    session = cast.make_session(elia)
    cast.invite(session, ange)
    assert postman.round(stop) == 1
    server.hang_up()
    cast.invite(session, bruna)
    assert postman.round(stop) == 1
    postman.close()
    assert states() == {"ange": ("sent", 1), "bruna": ("sent", 1)}
    assert server.recipients == [ange.email, bruna.email]
    assert len(server.lines) == 2


def test_a_server_that_ends_a_connection_after_some_letters_gets_the_rest_by_another(elia, server):
    people = crowd(cast.make_session(elia), 5)
    server.to_mail = ["250 OK", "250 OK", "421 too many letters"]
    assert send() == 5
    assert Counter(server.recipients) == Counter(person.email for person in people)
    assert len(server.lines) == 2
    assert set(states().values()) == {("sent", 1)}


def test_a_server_that_closes_at_once_costs_no_try_and_holds_no_letter(elia, server):
    crowd(cast.make_session(elia), 5)
    server.to_mail = ["421 closing"]
    with pytest.raises(Away):
        send()
    assert set(states().values()) == {("pending", 0)}
    assert set(Letter.objects.values_list("owner", flat=True)) == {""}
    assert send() == 4, "one of them was given a rest"


@pytest.mark.parametrize(
    "answer", ["452 4.3.1 no room left", "530 5.7.0 sign in first", "421 4.3.2 going down"]
)
def test_a_server_that_can_take_nothing_from_us_is_waited_for(elia, ange, server, answer):
    cast.invite(cast.make_session(elia), ange)
    server.to_mail = [answer]
    with pytest.raises(Away):
        send()
    assert states() == {"ange": ("pending", 0)}
    assert Letter.objects.get().last_error == answer


def test_a_full_mailbox_holds_up_its_own_letter_only(elia, ange, bruna, server):
    server.to_recipient = {ange.email: ["452 4.2.2 mailbox full"]}
    cast.invite(cast.make_session(elia), ange, bruna)
    assert send() == 1
    assert states() == {"ange": ("pending", 1), "bruna": ("sent", 1)}


def test_a_server_that_is_away_costs_no_try_and_loses_nothing(elia, ange, bruna, server, settings):
    settings.EMAIL_PORT = free_port()
    cast.invite(cast.make_session(elia), ange, bruna)
    with pytest.raises(Away):
        send()
    assert states() == {"ange": ("pending", 0), "bruna": ("pending", 0)}


def test_a_login_that_fails_is_no_word_about_the_recipient(elia, ange, server, monkeypatch):
    def refuse(*args: Any, **options: Any) -> None:
        raise smtplib.SMTPAuthenticationError(535, b"wrong")

    monkeypatch.setattr("seminars.work.mailing.EmailBackend.open", refuse)
    cast.invite(cast.make_session(elia), ange)
    with pytest.raises(Away):
        send()
    assert states() == {"ange": ("pending", 0)}


def test_a_refused_sender_is_first_the_servers_affair_then_the_letters(elia, ange, server, clock):
    cast.invite(cast.make_session(elia), ange)
    letter = Letter.objects.get()
    server.to_mail = ["553 sender not allowed"] * 2
    with pytest.raises(Away):
        send()
    assert states() == {"ange": ("pending", 0)}
    wait_for(letter, clock)
    assert send() == 0
    assert states() == {"ange": ("pending", 1)}
    wait_for(letter, clock)
    assert send() == 1


def test_one_of_thirty_is_refused_for_good_and_nobody_is_mailed_twice(elia, server, clock):
    people = crowd(cast.make_session(elia), 30)
    bad = people[11]
    server.to_recipient = {bad.email: ["550 5.1.1 no such user"] * 9}
    assert send() == 29
    clock.forward(hours=7)
    assert send() == 0
    found = states()
    assert found.pop(str(bad.key)) == ("failed", 1)
    assert set(found.values()) == {("sent", 1)}
    assert Counter(server.tries) == Counter(person.email for person in people)
    assert Letter.objects.get(person=bad).last_error == "550 5.1.1 no such user"


def test_a_server_that_waits_for_a_text_it_has_refused_gets_none_and_the_rest_leaves(elia, server):
    people = crowd(cast.make_session(elia), 4)
    server.is_careless = True
    server.to_recipient = {people[1].email: ["550 5.1.1 no such user"]}
    assert send() == 3
    assert Counter(state for state, _ in states().values()) == {"sent": 3, "failed": 1}
    assert Counter(server.recipients) == Counter(one.email for one in people if one != people[1])


def test_a_letter_that_is_refused_as_a_whole_holds_up_no_other(elia, ange, bruna, server):
    server.to_letter = ["554 5.6.0 looks like spam"]
    cast.invite(cast.make_session(elia), ange, bruna)
    assert send() == 1
    assert sorted(states().values()) == [("failed", 1), ("sent", 1)]


def test_three_refusals_for_now_then_the_letter_leaves_with_longer_and_longer_gaps(elia, ange, server, clock):
    server.to_recipient = {ange.email: ["451 come later"] * 3}
    cast.invite(cast.make_session(elia), ange)
    letter, moments = Letter.objects.get(), [now()]
    send()
    for _ in range(3):
        wait_for(letter, clock)
        moments.append(now())
        send()
    gaps = [(later - earlier).total_seconds() / 60 for earlier, later in pairwise(moments)]
    for gap, minutes in zip(gaps, (1, 2, 4), strict=True):
        assert 0.78 * minutes < gap < 1.22 * minutes
    assert states() == {"ange": ("sent", 4)}
    assert len(server.received) == 1


def test_greylisting_delays_everybody_once_and_repeats_nothing(elia, server, clock):
    people = crowd(cast.make_session(elia), 12)
    server.to_recipient = {person.email: ["451 4.7.1 greylisted"] for person in people}
    assert send() == 0
    kept = dict(Letter.objects.values_list("person__email", "content"))
    clock.forward(minutes=2)
    assert send() == 12
    assert {to: content for _, to, content in server.received} == {to: bytes(b) for to, b in kept.items()}
    assert set(states().values()) == {("sent", 2)}
    assert len(server.received) == 12


def test_a_line_cut_after_the_letter_leaves_a_doubt_and_the_same_bytes(elia, server, clock):
    people = crowd(cast.make_session(elia), 6)
    doubtful = people[2]
    server.cut_after = [doubtful.email]
    assert send() == 5
    letter = Letter.objects.get(person=doubtful)
    assert (letter.state, letter.attempts, letter.unanswered) == (LetterState.PENDING, 1, 1)
    wait_for(letter, clock)
    assert send() == 1
    assert Counter(server.recipients) == Counter([*(person.email for person in people), doubtful.email])
    assert len({content for _, to, content in server.received if to == doubtful.email}) == 1
    assert len(server.lines) == 3


def test_what_may_have_arrived_is_cancelled_by_a_letter(elia, ange, server, clock):
    session = cast.make_session(elia)
    cast.invite(session, ange)
    server.cut_after = [ange.email]
    assert send() == 0
    invitation = session.invitations.get()
    session.refresh_from_db()
    invitations.withdraw(invitation=invitation, by=elia)
    assert list(Letter.objects.order_by("stamp").values_list("kind", "state")) == [
        ("invitation", "superseded"),
        ("withdrawal", "pending"),
    ]
