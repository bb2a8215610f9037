"""The way out by EMAIL_URL, to a mail server that is a process of its own: plain, STARTTLS, TLS, with login."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from seminars.models import Letter
from seminars.work.mailing import Away, xtext
from tests import cast
from tests.house.tree import ROOT
from tests.seminars.work import certificates
from tests.seminars.work.mailserver import send
from tests.seminars.work.smtp_alone import PASSWORD, USER

pytestmark = pytest.mark.django_db
LOGIN = f"{quote(USER.decode(), safe='')}:{quote(PASSWORD.decode(), safe='')}@"
SHOW = (
    "import json; from config import settings as s; print(json.dumps({n: getattr(s, n, False) for n in"
    " ('EMAIL_HOST', 'EMAIL_PORT', 'EMAIL_HOST_USER', 'EMAIL_HOST_PASSWORD', 'EMAIL_USE_TLS', 'EMAIL_USE_SSL')}))"
)


class Office:
    """The running server; `mails` are those it has taken."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        assert process.stdout is not None
        self.port = int(process.stdout.readline())

    def mail(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        found: dict[str, Any] = json.loads(self.process.stdout.readline())
        return found


@contextmanager
def opened(*words: object) -> Iterator[Office]:
    with subprocess.Popen(
        [sys.executable, "-m", "tests.seminars.work.smtp_alone", *map(str, words)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield Office(process)
        finally:
            process.kill()


@pytest.fixture
def office() -> Iterator[Callable[..., Office]]:
    with ExitStack() as stack:
        yield lambda *words: stack.enter_context(opened(*words))


@pytest.fixture
def made(tmp_path: Path) -> certificates.Made:
    return certificates.make(tmp_path)


def follow(settings: Any, url: str) -> None:
    """Takes the settings that EMAIL_URL makes in a new process."""
    words = [sys.executable, "-c", SHOW]
    run = subprocess.run(
        words, cwd=ROOT, env=os.environ | {"EMAIL_URL": url}, capture_output=True, text=True, check=True
    )
    for name, value in json.loads(run.stdout).items():
        setattr(settings, name, value)
    settings.EMAIL_URL, settings.EMAIL_TIMEOUT = url, 5


@pytest.fixture
def letter(elia, ange) -> Letter:
    cast.invite(cast.make_session(elia), ange)
    return Letter.objects.get()


def test_a_plain_line_needs_no_login(letter, office, settings):
    place = office("plain")
    follow(settings, f"smtp://127.0.0.1:{place.port}")
    assert send() == 1
    mail = place.mail()
    assert (mail["tls"], mail["user"]) == (False, "")


def test_a_login_is_decoded_from_the_address(letter, office, settings):
    place = office("login")
    follow(settings, f"smtp://{LOGIN}127.0.0.1:{place.port}")
    assert send() == 1
    assert place.mail()["user"] == USER.decode()


@pytest.mark.parametrize(
    ("scheme", "mode"), [("smtp+tls", "starttls"), ("smtp+ssl", "tls"), ("smtps", "tls")]
)
def test_a_line_is_closed_before_login_and_letter(letter, office, settings, made, monkeypatch, scheme, mode):
    place = office(mode, made.certificate, made.key)
    follow(settings, f"{scheme}://{LOGIN}localhost:{place.port}")
    monkeypatch.setenv("SSL_CERT_FILE", str(made.certificate))
    assert send() == 1
    mail = place.mail()
    assert (mail["tls"], mail["user"]) == (True, USER.decode())


@pytest.mark.parametrize(("scheme", "mode"), [("smtp+tls", "starttls"), ("smtps", "tls")])
@pytest.mark.parametrize("name", ["localhost", "another.example"])
def test_a_certificate_that_is_not_the_servers_lets_the_letter_wait(
    letter, office, settings, tmp_path, monkeypatch, scheme, mode, name
):
    """Signed by nobody we know, or by somebody for another name."""
    made = certificates.make(tmp_path, name)
    if name != "localhost":
        monkeypatch.setenv("SSL_CERT_FILE", str(made.certificate))
    place = office(mode, made.certificate, made.key)
    follow(settings, f"{scheme}://{LOGIN}localhost:{place.port}")
    with pytest.raises(
        Away, match="certificate verify failed: " + ("self" if name == "localhost" else "Hostname")
    ):
        send()
    letter.refresh_from_db()
    assert (letter.state, letter.attempts, letter.owner) == ("pending", 0, "")
    assert letter.last_error.startswith("SSLCertVerificationError")


def test_a_server_without_starttls_gets_no_password(letter, office, settings):
    place = office("login")
    follow(settings, f"smtp+tls://{LOGIN}localhost:{place.port}")
    with pytest.raises(Away, match="STARTTLS"):
        send()


def test_a_wrong_password_lets_the_letter_wait(letter, office, settings):
    place = office("login")
    follow(settings, f"smtp://viso:guess@127.0.0.1:{place.port}")
    with pytest.raises(Away, match="535"):
        send()
    letter.refresh_from_db()
    assert (letter.state, letter.attempts) == ("pending", 0)


def test_a_server_that_reports_is_asked_to_and_told_the_letters_number(letter, office, settings):
    place = office("plain")
    follow(settings, f"smtp://127.0.0.1:{place.port}")
    send()
    mail = place.mail()
    agent = f"sessions+{letter.invitation.agent}@localhost"
    letter.refresh_from_db()
    size = f"SIZE={len(letter.content)}"
    assert mail["mail"] == f"FROM:<{agent}> {size} RET=HDRS ENVID={letter.pk}"
    assert mail["rcpt"] == f"TO:<{letter.person.email}> NOTIFY=FAILURE"


def test_reports_of_delivery_are_asked_for_where_somebody_reads_them(letter, office, settings):
    settings.MAIL_REPORTS = True
    place = office("plain")
    follow(settings, f"smtp://127.0.0.1:{place.port}")
    send()
    assert place.mail()["rcpt"] == f"TO:<{letter.person.email}> NOTIFY=SUCCESS,FAILURE"


def test_a_server_that_reports_nothing_is_not_asked(letter, server):
    assert send() == 1  # it refuses parameters that it does not know


def test_marks_of_a_parameter_are_written_in_hexadecimal():
    assert xtext("a+b=c d é") == "a+2Bb+3Dc+20d+20+C3+A9"
