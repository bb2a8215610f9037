"""A way out that is closed, or closed to one letter only: nothing loops for ever, and somebody is told."""

import socket
import threading
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection
from django.urls import reverse

from seminars.models import Letter
from seminars.work import mailing, work
from seminars.work.deliveries import Postman
from seminars.work.mailing import Away, Folder
from tests import cast
from tests.seminars.work.mailserver import free_port, send

pytestmark = pytest.mark.django_db
STOP = threading.Event()


def often(times: int, clock: cast.Clock) -> int:
    """Rounds with a long rest after each; how many found the way closed."""
    closed = 0
    for _ in range(times):
        try:
            send()
        except Away:
            closed += 1
        clock.forward(hours=0.5)
    return closed


@pytest.mark.parametrize("code", ["550", "553"])
def test_a_refused_sender_whose_words_change_each_time_is_the_letters_affair(elia, ange, server, clock, code):
    cast.invite(cast.make_session(elia), ange)
    server.to_mail = [f"{code} 5.7.26 not authorised, see {n:08x}" for n in range(5)]
    assert often(3, clock) == 1
    assert Letter.objects.get().attempts == 2


@pytest.mark.parametrize("answer", ["421 4.7.0 try again later", "451 4.3.0 lookup failure"])
def test_one_recipient_that_closes_the_way_again_is_counted(elia, ange, bruna, server, clock, answer):
    cast.invite(cast.make_session(elia), ange, bruna)
    server.to_recipient = {ange.email: [answer] * 40}
    assert often(5, clock) == 1
    assert Letter.objects.get(person=ange).attempts >= 2
    assert server.recipients == [bruna.email]


def test_a_line_cut_before_the_text_on_a_new_line_is_counted_the_second_time(elia, ange, server, clock):
    cast.invite(cast.make_session(elia), ange)
    real = mailing.Server._ask
    cuts = [1, 1]

    def ask(way: Any, line: Any, *commands: Any) -> None:
        if cuts:
            cuts.pop()
            line.sock.shutdown(socket.SHUT_RDWR)
        real(way, line, *commands)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mailing.Server, "_ask", ask)
        assert often(2, clock) == 1
        assert (Letter.objects.get().attempts, Letter.objects.get().last_error[:5]) == (1, "cut: ")
        assert often(1, clock) == 0
    assert server.recipients == [ange.email]


def test_a_way_out_that_stays_closed_is_an_error_after_a_quarter_of_an_hour_and_then_hourly(
    elia, ange, server, settings, clock, caplog
):
    settings.EMAIL_PORT = free_port()
    cast.invite(cast.make_session(elia), ange)
    postman, told = Postman("test"), []
    for _ in range(16):
        with pytest.raises(Away):
            postman.round(STOP)
        told.append(sum(record.levelname == "ERROR" for record in caplog.records))
        clock.forward(minutes=6)
    postman.close()
    assert told == [0] * 3 + [1] * 10 + [2] * 3


@pytest.mark.parametrize("name", ["session", "session-people", "today"])
def test_hosts_are_told_that_letters_wait(client, elia, ange, bruna, server, settings, clock, name):
    settings.EMAIL_PORT = free_port()
    session = cast.make_session(elia)
    cast.invite(session, ange, bruna)
    with pytest.raises(Away):
        send()
    link, here = (
        f'"{reverse("session-letters", args=[session.code])}"',
        reverse(name, args=[] if name == "today" else [session.code]),
    )
    assert link not in cast.signed_in(client, elia).get(here).content.decode()
    clock.forward(minutes=16)
    page = client.get(here, headers={"Accept-Language": "en"}).content.decode()
    assert link in page
    assert "2 letters have" in page


def test_the_command_says_in_a_line_that_nothing_can_leave(elia, ange, server, settings):
    settings.EMAIL_PORT = free_port()
    cast.invite(cast.make_session(elia), ange)
    with pytest.raises(CommandError, match="no letter can leave: ConnectionRefusedError"):
        call_command("work", once=True)


def test_what_waits_behind_a_slow_letter_is_given_back_at_once_after_a_stop(
    elia, ange, bruna, cyrille, letterbox, monkeypatch
):
    cast.invite(cast.make_session(elia), ange, bruna, cyrille)
    stop, postman, real, owners = threading.Event(), Postman("test"), Folder.send, []

    def send(*given: Any) -> None:
        stop.set()
        assert postman.let_go() == 2
        owners.extend(sorted(bool(owner) for owner in Letter.objects.values_list("owner", flat=True)))
        real(*given)

    monkeypatch.setattr(Folder, "send", send)
    work(stop, postman)
    assert owners == [False, False, True]
    assert sorted(Letter.objects.values_list("state", "attempts", "owner")) == [
        ("pending", 0, ""),
        ("pending", 0, ""),
        ("sent", 1, ""),
    ]


def test_the_last_answer_is_waited_for_longer_than_the_others(elia, ange, server, settings, monkeypatch):
    settings.EMAIL_TIMEOUT = 5
    cast.invite(cast.make_session(elia), ange)
    waits, real = [], mailing.Server._wait_long

    def wait(way: Any, line: Any) -> None:
        real(way, line)
        waits.append(line.sock.gettimeout())

    monkeypatch.setattr(mailing.Server, "_wait_long", wait)
    assert send() == 1
    assert mailing.LONGEST_TALK - 5 < waits[0] <= mailing.LONGEST_TALK


def test_a_server_that_does_not_answer_our_leave_is_left(server, monkeypatch):
    way, given = mailing.Server(), []
    way.ready()
    monkeypatch.setattr(way.backend, "close", lambda: given.append(way.backend.connection.sock.gettimeout()))
    way.close()
    assert given == [mailing.LAST_WORD]
    monkeypatch.undo()
    way.close()


@pytest.mark.parametrize(
    ("kind", "state", "attempts", "error", "unanswered"),
    [
        ("invitation", "pending", 1, "", 1),
        ("update", "dead", 10, "no answer to the letter", 1),
        ("invitation", "failed", 1, "550 no such user", 0),
        ("update", "pending", 2, "451 later", 0),
        ("invitation", "pending", 0, "", 0),
        ("invitation", "sent", 1, "", 0),
        ("message", "pending", 1, "", 0),
    ],
)
def test_an_older_outbox_keeps_its_doubts(elia, ange, kind, state, attempts, error, unanswered):
    cast.invite(cast.make_session(elia), ange)
    Letter.objects.update(kind=kind, state=state, attempts=attempts, last_error=error)
    module = import_module("seminars.migrations.0003_letters_unanswered_and_reminders")
    module.doubt(apps, connection.schema_editor())
    assert Letter.objects.get().unanswered == unanswered
