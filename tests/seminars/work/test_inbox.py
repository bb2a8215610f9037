"""The mailbox of returned letters: what is understood is marked, everything else stays, a server that is away waits."""

import io
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.cache import caches
from django.core.management import call_command
from django.db import OperationalError

from seminars.models import Letter
from seminars.postal import read_place
from seminars.vocabulary import LetterState
from seminars.work import inbox, returns
from seminars.work.inbox import Inbox
from tests import cast
from tests.house.tree import ROOT
from tests.seminars.work import certificates, reports
from tests.seminars.work.mailbox import Mailbox
from tests.seminars.work.mailserver import free_port

pytestmark = pytest.mark.django_db
STOP = threading.Event()
REPLY = b"From: ange@example.org\r\nContent-Type: text/calendar; method=REPLY\r\n\r\nBEGIN:VCALENDAR\r\n"


@pytest.fixture
def letter(elia, ange, letterbox) -> Letter:
    cast.invite(cast.make_session(elia), ange)
    letterbox.run()
    return Letter.objects.get()


@pytest.fixture
def report(letter) -> bytes:
    return reports.postfix(letter, f"sessions+{letter.invitation.agent}@localhost")


@pytest.fixture
def mailbox(settings: Any) -> Iterator[Mailbox]:
    caches["shared"].clear()
    box = Mailbox()
    settings.INBOX_URL = f"imap://viso%40example.org:secret%20word@127.0.0.1:{box.port}/Returned"
    yield box
    box.close()
    caches["shared"].clear()


def look(box: Inbox) -> int:
    """One more look, as a minute later."""
    caches["shared"].clear()
    box.due = 0.0
    return box.visit(STOP)


def test_what_is_understood_is_marked_and_the_rest_stays_unseen(mailbox, report):
    mailbox.mails = {3: b"Subject: hello\r\n\r\nhello", 5: report, 8: REPLY, 9: b""}
    assert look(Inbox()) == 1
    assert mailbox.seen == {5}
    assert Letter.objects.get().state == LetterState.FAILED
    assert b'SELECT "Returned"' in mailbox.asked


def test_what_stays_is_not_fetched_again(mailbox, report):
    mailbox.mails = {3: b"Subject: hello\r\n\r\nhello", 5: REPLY}
    box = Inbox()
    look(box)
    mailbox.mails[6] = report
    assert look(box) == 1
    assert mailbox.fetched == [3, 5, 6]


def test_numbers_that_count_anew_are_looked_at_anew(mailbox, report):
    mailbox.mails = {9: REPLY}
    box = Inbox()
    look(box)
    mailbox.validity, mailbox.mails = 8, {1: report}
    assert look(box) == 1


def test_a_large_mail_is_never_fetched(mailbox, report):
    mailbox.mails = {1: b"x" * (returns.LARGEST + 1), 2: report}
    assert look(Inbox()) == 1
    assert (mailbox.fetched, mailbox.seen) == ([2], {2})


def test_a_crowded_mailbox_is_read_in_turns(mailbox, report):
    mailbox.mails = dict.fromkeys(range(1, inbox.BATCH + 20), REPLY) | {200: report}
    box = Inbox()
    assert look(box) == 0
    assert len(mailbox.fetched) == inbox.BATCH
    assert box.visit(STOP) == 1, "the rest at once, without waiting for a minute"


def test_a_report_of_a_letter_that_is_in_hand_is_read_once_more(mailbox, report):
    Letter.objects.update(state="pending", owner="a worker")
    mailbox.mails = {1: report}
    box = Inbox()
    assert look(box) == 0
    assert mailbox.seen == set()
    Letter.objects.update(state="sent", owner="")
    assert look(box) == 1
    assert mailbox.seen == {1}


def test_one_worker_of_all_looks_once_a_minute(mailbox, report):
    assert Inbox().visit(STOP) == 0
    mailbox.mails = {1: report}
    one, other = Inbox(), Inbox()
    assert one.visit(STOP) == other.visit(STOP) == 0
    assert look(one) == 1
    assert one.visit(STOP) == 0


def test_without_an_address_nothing_is_asked(settings):
    settings.INBOX_URL = ""
    assert Inbox().visit(STOP) == 0


def test_a_worker_that_is_told_to_stop_leaves_at_once(mailbox, report):
    mailbox.mails = {1: report}
    stop = threading.Event()
    stop.set()
    assert Inbox().visit(stop) == 0
    assert mailbox.fetched == []


@pytest.mark.parametrize("trouble", ["away", "password", "cut", "refused"])
def test_a_mailbox_that_is_away_is_logged_and_waited_for_longer_and_longer(
    mailbox, settings, caplog, monkeypatch, trouble
):
    if trouble == "away":
        settings.INBOX_URL = f"imap://viso:secret%20word@127.0.0.1:{free_port()}"
    elif trouble == "password":
        settings.INBOX_URL = f"imap://viso:guessed@127.0.0.1:{mailbox.port}"
    elif trouble == "cut":
        mailbox.cuts = 3
    else:
        monkeypatch.setattr(Mailbox, "_answer", lambda self, command, tag: tag + b" BAD no\r\n")
    box = Inbox()
    for pause in (120, 240):
        assert look(box) == 0
        assert box.pause == pause
    assert caplog.text.count("the mailbox is away") == 2
    assert "guessed" not in caplog.text and "secret" not in caplog.text


@pytest.mark.parametrize("scheme", ["imap", "imaps"])
def test_a_server_that_talks_without_end_is_left(settings, monkeypatch, scheme, caplog):
    monkeypatch.setattr(inbox, "VISIT_SECONDS", 0.6)
    caches["shared"].clear()
    door = socket.create_server(("127.0.0.1", 0))
    settings.INBOX_URL = f"{scheme}://viso:word@127.0.0.1:{door.getsockname()[1]}"

    def talk() -> None:
        line, _ = door.accept()
        with line, suppress(OSError):
            for octet in b"\x16\x03\x03\x3f\xff" if scheme == "imaps" else b"* OK hello":
                line.sendall(bytes([octet]))
            while True:
                line.sendall(b"\x02")
                time.sleep(0.1)

    threading.Thread(target=talk, daemon=True).start()
    began = time.monotonic()
    assert Inbox().visit(STOP) == 0
    assert 0.3 < time.monotonic() - began < 3
    assert "the mailbox is away" in caplog.text
    door.close()
    caches["shared"].clear()


def test_a_talk_that_ended_leaves_no_watch_behind(mailbox, report):
    mailbox.mails = {5: report}
    look(Inbox())
    watches = [each for each in threading.enumerate() if isinstance(each, threading.Timer)]
    for watch in watches:
        watch.join(2)
    assert not any(watch.is_alive() for watch in watches)


def test_tls_is_checked(mailbox, settings, monkeypatch, tmp_path, caplog, report):
    made = certificates.make(tmp_path)
    mailbox.context = made.server()
    mailbox.mails = {1: report}
    settings.INBOX_URL = f"imaps://viso:secret%20word@localhost:{mailbox.port}"
    assert look(Inbox()) == 0
    assert "SSLCertVerificationError" in caplog.text
    monkeypatch.setenv("SSL_CERT_FILE", str(made.certificate))
    assert look(Inbox()) == 1


@pytest.mark.parametrize(
    "url",
    [
        "imaps://host",
        "pop3://a:b@host",
        "imaps://a@host",
        "imaps://a:b@",
        "a:b@host",
        "imaps://a:b@host:x",
        "imaps://a:%C3%A9@h",
    ],
)
def test_an_address_in_another_form_is_none(url):
    with pytest.raises(ValueError):
        read_place(url)


def test_an_address_holds_what_its_parts_say():
    place = read_place("imap+tls://a%40b.example:p%2Fw@mail.example:1143/Some%20folder")
    assert (place.user, place.password, place.port, place.folder) == (
        "a@b.example",
        "p/w",
        1143,
        "Some folder",
    )
    assert (read_place("imaps://a:b@h").port, read_place("imaps://a:b@h/").folder) == (993, "INBOX")


def receive(monkeypatch: pytest.MonkeyPatch, content: bytes, *words: str) -> int:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(content)))
    try:
        call_command("receive", *words)
    except SystemExit as end:
        return int(end.code or 0)
    return 0


def test_a_mail_is_taken_from_a_pipe(monkeypatch, letter, report, capsys):
    assert receive(monkeypatch, report) == 0
    assert Letter.objects.get().state == LetterState.FAILED
    assert capsys.readouterr().out == ""


def test_the_pipe_may_name_the_address(monkeypatch, letter):
    report = reports.postfix(letter, "undisclosed:;")
    assert receive(monkeypatch, report, "--to", f"sessions+{letter.invitation.agent}@localhost") == 0
    assert Letter.objects.get().state == LetterState.FAILED


@pytest.mark.parametrize("content", [b"", b"\xff\x00", b"Subject: spam\r\n\r\nspam", b"x" * 1_000_000])
def test_a_pipe_may_bring_anything(monkeypatch, letter, content):
    assert receive(monkeypatch, content) == 0
    assert Letter.objects.get().state == LetterState.SENT


def test_what_comes_too_early_is_brought_again(monkeypatch, letter, report):
    Letter.objects.update(state="pending", owner="a worker")
    assert receive(monkeypatch, report) == os.EX_TEMPFAIL


def test_a_database_that_is_away_asks_for_the_mail_again_without_a_word_of_it(monkeypatch, report, capsys):
    def fail(**options: Any) -> None:
        raise OperationalError("words of the server")

    monkeypatch.setattr(returns.returns, "note", fail)
    assert receive(monkeypatch, report) == os.EX_TEMPFAIL
    assert capsys.readouterr() == ("", "not now: OperationalError\n")


def test_the_real_command_without_its_tables_ends_with_75(letter, report, tmp_path: Path):
    kept = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}
    run = subprocess.run(
        [sys.executable, "manage.py", "receive"],
        cwd=ROOT,
        env=kept | {"STATE_DIR": str(tmp_path)},
        input=report,
        capture_output=True,
        timeout=30,
    )
    assert (run.returncode, run.stdout) == (os.EX_TEMPFAIL, b"")
    assert run.stderr.strip().endswith(b"not now: OperationalError")
