"""The outbox loses nothing and sends nothing twice otherwise: crashes, refusals, servers that are away."""

import smtplib
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from django.core.management import call_command
from django.db import OperationalError, transaction

from seminars import wording
from seminars.actions import letters
from seminars.models import Letter, Person
from seminars.vocabulary import LetterState
from seminars.work import rounds, work
from seminars.work.deliveries import deliver
from seminars.work.mailing import Away
from tests import cast
from tests.letterbox import Letterbox, read

pytestmark = pytest.mark.django_db


@pytest.fixture
def letterbox(settings: Any, tmp_path: Path) -> Letterbox:
    return Letterbox(settings, tmp_path)


class Rounds(threading.Event):
    """Says stop after some rests, and keeps how long they were wished to be."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self.most = most
        self.rests: list[float] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.rests.append(timeout or 0)
        if len(self.rests) >= self.most:
            self.set()
        return self.is_set()


@dataclass
class Server:
    """An SMTP server that answers as told, by recipient."""

    answers: dict[str, str] = field(default_factory=dict)
    received: list[tuple[str, list[str], bytes]] = field(default_factory=list)
    sessions: set[int] = field(default_factory=set)

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        self.sessions.add(id(session))
        if address in self.answers:
            return self.answers[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.received.append((envelope.mail_from, envelope.rcpt_tos, envelope.original_content))
        return "250 OK"


def free_port() -> int:
    """A port nobody listens at; the controller connects to itself, so it can't be told 0."""
    with socket.socket() as place:
        place.bind(("127.0.0.1", 0))
        port: int = place.getsockname()[1]
        return port


@pytest.fixture
def server(settings: Any) -> Iterator[Server]:
    handler = Server()
    controller = Controller(handler, hostname="127.0.0.1", port=free_port())
    controller.start()
    settings.EMAIL_URL = "smtp://127.0.0.1"
    settings.EMAIL_HOST, settings.EMAIL_PORT = controller.hostname, controller.port
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.EMAIL_TIMEOUT = 5
    yield handler
    controller.stop()


def send() -> int:
    return deliver(owner="test", stop=threading.Event())


def test_what_an_action_posts_and_takes_back_never_leaves(elia, ange, letterbox):
    session = cast.make_session(elia)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        cast.invite(session, ange)
        raise ZeroDivisionError
    assert letterbox.run() == []
    assert not Letter.objects.exists()


def test_a_worker_killed_after_the_claim_loses_no_letter(elia, ange, letterbox, clock, settings):
    cast.invite(cast.make_session(elia), ange)
    assert letters.claim(owner="killed") is not None
    assert letterbox.run() == []
    clock.forward(seconds=settings.LETTER_LEASE_SECONDS + 1)
    (mail,) = letterbox.run()
    assert mail.recipients == [ange.email]
    assert letterbox.run() == []


def test_a_second_try_sends_the_very_same_bytes(elia, ange, letterbox, clock, settings):
    cast.invite(cast.make_session(elia), ange)
    letter = letters.claim(owner="killed")
    content = wording.render(letter)
    letters.keep(letter=letter, content=content)
    Person.objects.filter(pk=ange.pk).update(name="Ange Autrement", language="it")
    clock.forward(seconds=settings.LETTER_LEASE_SECONDS + 1)
    (mail,) = letterbox.run()
    assert mail.content == content


def test_a_worker_killed_between_sending_and_noting_it_replaces_its_file(
    elia, ange, letterbox, clock, settings
):
    cast.invite(cast.make_session(elia), ange)
    (first,) = letterbox.run()
    Letter.objects.update(state=LetterState.PENDING, owner="killed", sent_at=None)
    send()
    (file,) = letterbox.place.glob("*.eml")
    assert file.read_bytes() == first.content
    assert not list(letterbox.place.glob(".*"))


def test_the_same_letter_is_drawn_the_same_twice(elia, ange):
    cast.invite(cast.make_session(elia), ange)
    letter = letters.claim(owner="one")
    assert wording.render(letter) == wording.render(letter)


def test_letters_leave_by_one_connection_as_they_were_kept(elia, ange, bruna, cyrille, server):
    cast.invite(cast.make_session(elia), ange, bruna, cyrille)
    assert send() == 3
    assert len(server.sessions) == 1
    kept = {bytes(content) for content in Letter.objects.values_list("content", flat=True)}
    assert {content for _from, _to, content in server.received} == kept
    for sender, recipients, content in server.received:
        mail = read(content)
        assert (mail.sender, mail.recipients) == (sender, recipients)


def test_a_refused_recipient_is_noted_and_the_others_get_their_letters(elia, ange, bruna, cyrille, server):
    server.answers = {ange.email: "550 no such user", bruna.email: "451 greylisted"}
    cast.invite(cast.make_session(elia), ange, bruna, cyrille)
    assert send() == 1
    states = dict(Letter.objects.values_list("person__key", "state"))
    assert states == {"ange": "failed", "bruna": "pending", "cyrille": "sent"}
    assert Letter.objects.get(person=ange).last_error.startswith("550 no such user")
    server.answers = {}
    assert send() == 0
    Letter.objects.filter(person=bruna).update(next_at=Letter.objects.get(person=bruna).created_at)
    assert send() == 1
    assert [recipients[0] for _from, recipients, _content in server.received] == [cyrille.email, bruna.email]


def test_a_server_that_is_away_costs_no_try_and_loses_nothing(elia, ange, bruna, server, settings):
    settings.EMAIL_PORT = free_port()
    cast.invite(cast.make_session(elia), ange, bruna)
    with pytest.raises(Away):
        send()
    assert sorted(Letter.objects.values_list("state", "attempts")) == [("pending", 0), ("pending", 0)]


def test_a_login_that_fails_is_no_word_about_the_recipient(elia, ange, server, monkeypatch):
    def refuse(*args: Any, **options: Any) -> None:
        raise smtplib.SMTPAuthenticationError(535, b"wrong")

    monkeypatch.setattr("seminars.work.mailing.EmailBackend.open", refuse)
    cast.invite(cast.make_session(elia), ange)
    with pytest.raises(Away):
        send()
    assert Letter.objects.get().state == LetterState.PENDING


def test_a_letter_that_cant_be_written_holds_up_no_other(elia, ange, bruna, letterbox):
    Person.objects.filter(pk=ange.pk).update(email="not an address")
    session = cast.make_session(elia)
    ange.refresh_from_db()
    cast.invite(session, bruna)
    from_invite = Letter.objects.get()
    letters.post_sign_in(
        person=ange,
        link=ange.sign_in_links.create(created_at=from_invite.created_at, expires_at=session.ends_at),
    )
    assert [mail.recipients for mail in letterbox.run()] == [[bruna.email]]
    assert Letter.objects.get(person=ange).state == LetterState.FAILED


def test_the_work_goes_on_after_the_database_was_away(elia, ange, letterbox, monkeypatch):
    faults = [OperationalError("locked"), OperationalError("locked")]
    real = rounds.deliver

    def sometimes(**options: Any) -> int:
        if faults:
            raise faults.pop()
        return real(**options)

    monkeypatch.setattr(rounds, "deliver", sometimes)
    cast.invite(cast.make_session(elia), ange)
    stop = Rounds(3)
    work(stop)
    assert Letter.objects.get().state == LetterState.SENT
    assert stop.rests == [1.0, 2.0, 0.5]


def test_the_worker_ends_stale_leases(monkeypatch):
    swept = []
    monkeypatch.setattr(rounds.attendance, "sweep", lambda: swept.append(True))
    work(Rounds(3))
    assert swept == [True]


def test_a_worker_told_to_stop_ends_its_letter_and_holds_nothing(elia, ange, bruna, letterbox, monkeypatch):
    stop = threading.Event()
    cast.invite(cast.make_session(elia), ange, bruna)
    real = letters.finish

    def finish(**options: Any) -> bool:
        stop.set()
        return real(**options)

    monkeypatch.setattr(letters, "finish", finish)
    work(stop)
    assert sorted(Letter.objects.values_list("state", "owner")) == [("pending", ""), ("sent", "")]


def test_a_lapsed_sign_in_link_is_not_sent(ange, letterbox, clock):
    link = ange.sign_in_links.create(created_at=ange.created_at, expires_at=ange.created_at)
    letters.post_sign_in(person=ange, link=link)
    clock.forward(minutes=1)
    assert letterbox.run() == []
    assert Letter.objects.get().state == LetterState.SUPERSEDED


def test_the_command_sends_what_is_due(elia, ange, letterbox, capsys):
    cast.invite(cast.make_session(elia), ange)
    call_command("work", once=True)
    assert capsys.readouterr().out == "1 letters sent\n"
    assert len(list(letterbox.place.glob("*.eml"))) == 1
