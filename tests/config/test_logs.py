"""No line of a log holds a key or an address, nor does the traceback that follows it."""

import io
import json
import logging
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.logs import Line, MaskSecrets, Structured, masked
from seminars import trace

KEY = "k7Qm2xV9pLr4Ts8Wz1Yb6Nc3"


@pytest.fixture
def written() -> Iterator[tuple[logging.Logger, io.StringIO]]:
    """A logger of its own that writes as settings.LOGGING says, and what it wrote."""
    stream, log = io.StringIO(), logging.Logger("masked")
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logging.Formatter("{levelname} {message}", style="{"))
    handler.addFilter(MaskSecrets())
    log.addHandler(handler)
    yield log, stream
    handler.close()


def test_a_line_keeps_its_words_and_loses_its_secrets(written: tuple[logging.Logger, io.StringIO]) -> None:
    log, stream = written
    log.warning("Not Found: %s for %s", f"/i/{KEY}/room/", "ange@example.org")
    assert stream.getvalue() == "WARNING Not Found: /i/<key>/room/ for <address>\n"


def test_a_traceback_loses_its_secrets_too(written: tuple[logging.Logger, io.StringIO]) -> None:
    log, stream = written
    try:
        try:
            raise ValueError(f"no such address: /calendar/{KEY}.ics")
        except ValueError as fault:
            raise RuntimeError("asked by ange@example.org") from fault
    except RuntimeError:
        log.exception("a request of ange@example.org failed", stack_info=True)
    text = stream.getvalue()
    assert KEY not in text
    assert "ange@example.org" not in text
    for kept in (
        "ValueError: no such address: /calendar/<key>",
        "asked by <address>",
        "Traceback",
        "Stack (",
    ):
        assert kept in text


@pytest.mark.parametrize(
    "said",
    [
        "Cookie: sessionid=k7qm2xv9plr4ts8wz1yb6nc3k7qm2xv9",
        f"Authorization: Bearer {KEY}",
        '{"secret": "a-short-one", "kind": "join"}',
        "password='open sesame'",
        "number=271828",
        "redis://viso:open-sesame@cache.example.org:6379/0",
        f"k7qm2xv9plr4.{KEY}",
        "csrfmiddlewaretoken=k7qm2xv9plr4ts8wz1yb6nc3",
        "Key (email)=(o'neil+x@example.org) already exists",
        "/sign-in/?email=ange%40example.org",
        "AUTH PLAIN AHZpc28Ab3BlbiBzZXNhbWU=",
        "Authorization: Basic dmlzbzpvcGVuIHNlc2FtZQ==",
        "mail for neil+x@localhost",
        "mail for neil+x@[10.0.0.1]",
        "smtp+tls://viso:open@sesame@mail.example.org:587",
        "postgres://viso:open/sesame@db.example.org:5432/viso",
        "smtp://neil+x@example.org:sesame@mail.example.org",
        "host=db password=open sesame dbname=viso",
        "password: open sesame",
        "EMAIL_HOST_PASSWORD=open sesame",
        "GET /here/k3x9/sesame/ 200",
        '"POST /here/k3x9/se-same/walk-in/ HTTP/1.1" 422 /here/a/sesame?x',
    ],
)
def test_what_opens_a_door_or_names_a_person_is_masked(said: str) -> None:
    kept = masked(said)
    encoded = ("AHZpc28", "dmlzbzp")
    for secret in ("k7qm", KEY, "a-short-one", "sesame", "271828", "neil+x@", "ange%40", *encoded):
        assert secret not in kept
    assert "se-same" not in kept


def test_what_stands_beside_a_password_can_still_be_read() -> None:
    assert masked("host=db password=open sesame dbname=viso") == "host=db password=<key> dbname=viso"
    assert masked("redis://viso:open@sesame@cache:6379/0 is away") == "redis://<key>@cache:6379/0 is away"


def test_a_long_line_costs_no_time() -> None:
    """Whoever sends a megabyte that ends in an error would else stop the process that logs it."""
    began = time.process_time()
    for letter in (
        "a",
        "a.",
        "a@",
        "-",
        "é",
        "%40",
        "://a:",
        "password=a ",
        'password="',
        "password ",
        "a@[",
        " a=",
    ):
        masked(letter * 1_000_000)
    assert time.process_time() - began < 2


def test_a_line_of_a_program_is_one_object_with_its_traceback_inside() -> None:
    trace.begin(socket="5e6f7a8b", session="k3m4n5p6q7r8")
    stream, log = io.StringIO(), logging.Logger("masked")
    handler = logging.StreamHandler(stream)
    handler.setFormatter(Structured())
    handler.addFilter(MaskSecrets())
    log.addHandler(handler)
    try:
        raise ValueError("asked by ange@example.org")
    except ValueError:
        log.exception("a command\nfailed", extra={"facts": {"path": f"/i/{KEY}/", "ms": 3}})
    (line,) = (json.loads(each) for each in stream.getvalue().splitlines())
    assert line["at"].endswith("+00:00")
    assert (line["level"], line["message"]) == ("ERROR", "a command\\nfailed")
    assert (line["socket"], line["session"], line["path"], line["ms"]) == (
        "5e6f7a8b",
        "k3m4n5p6q7r8",
        "/i/<key>/",
        3,
    )
    assert "ValueError: asked by <address>" in line["error"]


def test_a_line_for_people_says_whose_it_is() -> None:
    trace.begin(request="7f3a9c52", session="k3m4n5p6q7r8")
    record = logging.LogRecord("web.errors", logging.WARNING, "", 1, "words", (), None)
    assert Line().format(record).endswith(" WARNING web.errors [request 7f3a9c52 session k3m4n5p6q7r8] words")


def test_what_an_error_quotes_begins_no_line_of_its_own(written: tuple[logging.Logger, io.StringIO]) -> None:
    log, stream = written
    log.handlers[0].setFormatter(Line())
    forged = "2031-03-11 09:00:00,000 WARNING web.errors nothing happened"
    try:
        raise ValueError(f"no such name: x\n{forged}\r{forged}")
    except ValueError:
        log.exception("it failed")
    first, *rest = stream.getvalue().splitlines()
    assert first.endswith("it failed")
    assert any(forged in line for line in rest)
    assert [line for line in rest if not line.startswith("    ")] == []


def test_whose_it_is_holds_no_secret_either() -> None:
    """A socket says the code that its address names, which anybody writes as she likes."""
    trace.begin(socket="5e6f7a8b", session="ange@example.org\nCRITICAL")
    record = logging.LogRecord("realtime", logging.WARNING, "", 1, "words", (), None)
    assert "[socket 5e6f7a8b session <address>\\nCRITICAL] words" in Line().format(record)


@pytest.mark.parametrize("form", ["line", "json"])
def test_the_settings_write_in_both_forms(form: str, tmp_path: Path) -> None:
    program = (
        "import django, logging; django.setup(); "
        "logging.getLogger('any').warning('for %s', 'ange@example.org')"
    )
    run = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "LOG_FORMAT": form, "STATE_DIR": str(tmp_path)},
        cwd=Path(__file__).resolve().parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    if form == "json":
        assert json.loads(run.stderr)["message"] == "for <address>"
    else:
        assert run.stderr.endswith(" WARNING any for <address>\n")
