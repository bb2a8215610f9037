"""What comes back: every server's shape is understood, believed only at the letter's own address, and noted once."""

import random
import time
from base64 import b64encode
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError
from django.utils import translation

from seminars.actions import letters, people
from seminars.actions.returns import Noted
from seminars.models import Letter, Session
from seminars.moments import now
from seminars.queries.invited import guests
from seminars.queries.undelivered import undelivered
from seminars.vocabulary import LetterKind, LetterState
from seminars.work import returns
from seminars.work.returns import read, take
from tests import cast
from tests.letterbox import Letterbox
from tests.seminars.work import reports

pytestmark = pytest.mark.django_db


@pytest.fixture
def session(elia) -> Session:
    return cast.make_session(elia)


@pytest.fixture
def letter(session, ange, letterbox: Letterbox) -> Letter:
    cast.invite(session, ange)
    letterbox.run()
    return Letter.objects.get()


@pytest.fixture
def agent(letter) -> str:
    """Where her mail server sends what it reports."""
    return f"sessions+{letter.invitation.agent}@localhost"


@pytest.mark.parametrize("shape", reports.SHAPES, ids=lambda shape: shape.__name__)
def test_a_letter_that_came_back_is_refused_whatever_server_says_it(letter, agent, shape):
    assert take(shape(letter, agent)) == Noted.TAKEN
    letter.refresh_from_db()
    assert letter.state == LetterState.FAILED
    assert letter.returned_at is not None
    assert "5.1.1" in letter.last_error or "550 unknown user" in letter.last_error
    assert "\n" not in letter.last_error and len(letter.last_error) <= 300


@pytest.mark.parametrize("shape", reports.SHAPES, ids=lambda shape: shape.__name__)
@pytest.mark.parametrize(
    "to", ["sessions@localhost", "sessions+abcdefghjkmn-AAAAAAAAAAAAAAAAAAAAAAAAAAA@localhost"]
)
def test_what_came_to_another_address_is_not_believed(letter, shape, to):
    assert take(shape(letter, to)) == Noted.IGNORED
    assert Letter.objects.get().state == LetterState.SENT


def test_the_letters_own_address_in_what_is_returned_proves_nothing(letter, agent):
    returned = f"message/rfc822\n\nTo: {agent}\n{reports.headers_of(letter)}"
    assert take(reports.mail(reports.status(letter), returned, to="sessions@localhost")) == Noted.IGNORED


@pytest.mark.parametrize("name", ["Delivered-To", "X-Original-To", "Envelope-To"])
def test_the_address_may_stand_where_the_receiving_server_writes_it(letter, agent, name):
    report = reports.with_header(reports.postfix(letter, "undisclosed:;"), name, agent.upper())
    assert take(report) == Noted.TAKEN
    assert Letter.objects.get().state == LetterState.FAILED


def test_the_receiving_server_may_tell_the_address_itself(letter, agent):
    assert take(reports.postfix(letter, "undisclosed:;"), came_to=[agent]) == Noted.TAKEN


def test_another_letters_address_opens_nothing(letter, session, bruna, letterbox):
    (invitation,) = cast.invite(session, bruna)
    letterbox.run()
    assert take(reports.postfix(letter, f"sessions+{invitation.agent}@localhost")) == Noted.IGNORED
    assert set(Letter.objects.values_list("state", flat=True)) == {LetterState.SENT}


def test_a_sign_in_mail_is_known_by_its_number(ange, letterbox):
    people.ask_link(email=ange.email)
    letterbox.run()
    letter = Letter.objects.get(kind=LetterKind.SIGN_IN)
    assert take(reports.postfix(letter, "sessions@localhost")) == Noted.TAKEN
    letter.refresh_from_db()
    assert letter.state == LetterState.FAILED


def test_a_number_that_nobody_wrote_is_ignored(letter, agent):
    assert take(reports.postfix(Letter(pk=uuid4()), agent)) == Noted.IGNORED


@pytest.mark.parametrize(
    ("action", "is_delivered"), [("delivered", True), ("relayed", False), ("expanded", False)]
)
def test_only_what_arrived_is_noted_as_arrived(letter, agent, action, is_delivered):
    report = reports.mail(reports.status(letter, action=action, code="2.0.0", envelope=True), to=agent)
    assert take(report) == Noted.TAKEN
    letter.refresh_from_db()
    assert (letter.state, letter.delivered_at is not None) == (LetterState.SENT, is_delivered)


def test_a_letter_that_is_late_is_not_refused(letter, agent):
    report = reports.mail(reports.status(letter, action="delayed", code="4.4.1", envelope=True), to=agent)
    assert take(report) == Noted.TAKEN
    letter.refresh_from_db()
    assert (letter.state, letter.last_error) == (LetterState.SENT, "")


def test_a_second_report_changes_nothing(letter, agent):
    take(reports.postfix(letter, agent))
    first = Letter.objects.values().get()
    assert take(reports.qmail(letter, agent)) == Noted.TAKEN
    assert Letter.objects.values().get() == first


def test_a_report_that_is_faster_than_its_letters_worker_comes_again(letter, agent):
    Letter.objects.update(state="pending", owner="a worker")
    assert take(reports.postfix(letter, agent)) == Noted.LATER
    Letter.objects.update(state="sent", owner="")
    assert take(reports.postfix(letter, agent)) == Noted.TAKEN
    assert Letter.objects.get().state == LetterState.FAILED


def test_what_came_back_is_shown_with_its_reason_and_sent_again_by_hand(
    letter, agent, session, elia, letterbox
):
    take(reports.postfix(letter, agent))
    with translation.override("en"):
        (guest,) = guests(session)
        assert (guest.letter_words, guest.why) == ("came back", "This address does not exist.")
        assert (guest.letter_at, guest.is_stuck) == (guest.returned_at, True)
    (missed,) = undelivered(session)
    assert (missed.returned_at is not None, missed.is_refused) == (True, True)
    assert letters.retry(session=session, by=elia) == 1
    letterbox.run()
    letter.refresh_from_db()
    assert (letter.state, letter.returned_at, letter.last_error) == (LetterState.SENT, None, "")


@pytest.mark.parametrize(
    "make",
    [
        lambda letter, to: reports.mail(reports.WORDS, to=to),
        lambda letter, to: reports.mail(
            f"message/disposition-notification\n\nOriginal-Message-ID: <{letter.pk}@localhost>\n"
            "Disposition: manual-action/MDN-sent-automatically; displayed\n",
            to=to,
            kind="disposition-notification",
        ),
        lambda letter, to: reports.plain(
            f"I am away until Monday. 550 5.1.1\n\n{reports.headers_of(letter)}",
            to=to,
            sender="ange@example.org",
        ),
        lambda letter, to: reports.plain(
            f"I am away. 550 5.1.1\n\n{reports.headers_of(letter)}",
            to=to,
            sender="postmaster@example.org",
            more="Auto-Submitted: auto-replied\n",
        ),
        lambda letter, to: reports.plain(
            f"Warning: your message is delayed, it will be retried.\n\n{reports.headers_of(letter)}", to=to
        ),
        lambda letter, to: reports.plain("550 5.1.1 buy now", to=to),
        lambda letter, to: reports.postfix(letter, to) + b"x" * returns.LARGEST,
        lambda letter, to: reports.mail(reports.status(letter, action="exploded"), to=to),
        lambda letter, to: b"",
        lambda letter, to: b"\x00\xff" * 500,
        lambda letter, to: reports.postfix(letter, to).replace(b"@localhost>", b"@elsewhere.example>"),
    ],
    ids=[
        "no status",
        "read receipt",
        "away",
        "automatic reply",
        "delay",
        "spam",
        "large",
        "action",
        "empty",
        "bytes",
        "foreign",
    ],
)
def test_everything_else_is_ignored(letter, agent, make: Callable[..., bytes]):
    assert take(make(letter, agent)) == Noted.IGNORED
    assert Letter.objects.get().state == LetterState.SENT


def nested() -> bytes:
    """Multiparts within multiparts, as many as there is room for."""
    head = b"From: MAILER-DAEMON@x\n"
    return head + b"".join(
        b'Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n' % (n, n) for n in range(4000)
    )


HARD: dict[str, Callable[[], bytes]] = {
    "nested": nested,
    "headers": lambda: b"".join(b"To: a%d@b\n" % n for n in range(20_000)) + b"\n",
    "parameters": lambda: b"Content-Type: multipart/report" + b";" * 200_000 + b"\n\n",
    "quotes": lambda: b'Content-Type: multipart/report; boundary="' + b'\\"' * 100_000 + b"\n\n",
    "folded": lambda: b"From: MAILER-DAEMON@x\nTo: a\n" + b" (\n" * 80_000 + b"\n",
    "boundaries": lambda: b'Content-Type: multipart/report; boundary="b"\n\n' + b"--b\n\n" * 40_000,
    "spaces": lambda: b'Content-Type: multipart/report; boundary="b"\n\n--b' + b" " * 250_000,
    "marks": lambda: b"From: MAILER-DAEMON@x\n\n" + b"message-id:\n " * 20_000,
    "groups": lambda: b"Content-Type: message/delivery-status\n\n" + b"Action: failed\n\n" * 15_000,
    "codes": lambda: b"From: MAILER-DAEMON@x\n\n" + b"5.1." * 60_000,
    "agents": lambda: b"From: MAILER-DAEMON@x\nTo: " + b"sessions+" * 20_000 + b"\n\n",
}


@pytest.mark.parametrize("name", sorted(HARD))
def test_a_hostile_mail_takes_no_time(name):
    began = time.perf_counter()
    assert read(HARD[name]()[: returns.LARGEST]) is None
    assert time.perf_counter() - began < 2


def test_no_damage_to_a_report_is_more_than_ignored(letter, agent):
    chance = random.Random(4)
    for shape in reports.SHAPES:
        whole = shape(letter, agent)
        for _ in range(40):
            broken = bytearray(whole)
            for _ in range(chance.randint(1, 30)):
                broken[chance.randrange(len(broken))] = chance.randrange(256)
            read(bytes(broken[: chance.randint(1, len(broken))]))


def test_words_of_a_server_are_kept_in_one_plain_line(letter, agent):
    said = "smtp; 550 5.7.1 \x1b[31mred\x07 " + "long " * 100
    take(reports.mail(reports.status(letter, code="5.7.1", said=said, envelope=True), to=agent))
    letter.refresh_from_db()
    assert letter.last_error.startswith("550 5.7.1 [31mred long")
    assert len(letter.last_error) == 300


def test_a_status_in_base64_is_read(letter, agent):
    body = b64encode(reports.status(letter, envelope=True).partition("\n\n")[2].encode()).decode()
    part = f"message/delivery-status\nContent-Transfer-Encoding: base64\n\n{body}\n"
    assert take(reports.mail(part, to=agent)) == Noted.TAKEN


def test_a_fault_of_the_reader_is_logged_without_a_word_of_the_mail(letter, agent, monkeypatch, caplog):
    def fail(*given: Any, **options: Any) -> None:
        raise RuntimeError("secret words")

    monkeypatch.setattr(returns, "read", fail)
    assert take(reports.postfix(letter, agent)) == Noted.IGNORED
    assert "RuntimeError" in caplog.text and "secret words" not in caplog.text


def test_a_database_that_is_away_is_the_callers_affair(letter, agent, monkeypatch):
    def fail(**options: Any) -> None:
        raise DatabaseError

    monkeypatch.setattr(returns.returns, "note", fail)
    with pytest.raises(DatabaseError):
        take(reports.postfix(letter, agent))


def test_the_moment_is_the_servers_own(letter, agent, clock):
    clock.forward(days=1)
    take(reports.postfix(letter, agent))
    letter.refresh_from_db()
    assert letter.returned_at is not None
    assert abs((letter.returned_at - now()).total_seconds()) < 5
