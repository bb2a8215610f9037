"""Where mails leave: an SMTP connection kept over many letters, or files in a folder where no server is named."""

import os
import smtplib
import time
from pathlib import Path
from typing import Protocol

from django.conf import settings
from django.core.mail.backends.smtp import EmailBackend

from seminars.ical.imip import envelope
from seminars.models import Letter

IDLE_SECONDS = 10.0
"""A connection that had nothing to do for so long is given up politely, before the server does it."""
LAST_WORD = 2.0
"""Seconds for a server to answer our leave: a round must not wait for its politeness."""
LONGEST_TALK = 48.0
"""Seconds from MAIL to the last answer, whatever each of them may take: well within what is left of the lease."""
WANTED = {"MAIL": (250,), "RCPT": (250, 251), "DATA": (354,)}
LOGIN = frozenset({530, 534, 535, 538})
"""Answers about who we are (RFC 4954 6), whatever command they follow."""


class NotNow(Exception):
    """The server asked to try this letter later (4xx)."""


class Unanswered(NotNow):
    """The line was cut after the whole letter went out: it may have arrived."""


class Unclear(NotNow):
    """A greeted server refused our sender (5xx after MAIL), or ended a new line: its affair, or this letter's."""


class Away(NotNow):
    """The way out is closed, for this letter as for the next."""


class Stale(Away):
    """A kept connection has ended meanwhile; a new one may well work."""


class Never(Exception):
    """The server refused this recipient or this mail for good (5xx, RFC 5321 4.2.1)."""


class Outlet(Protocol):
    """Sends the kept bytes of one letter, once it is ready. Raises NotNow (also its kinds) or Never."""

    def ready(self) -> None: ...

    def send(self, letter: Letter, content: bytes) -> None: ...

    def rest(self) -> None: ...

    def close(self) -> None: ...


def outlet() -> Outlet:
    return Server() if settings.EMAIL_URL else Folder(settings.MAIL_DIR)


class Folder:
    """A file for each letter. Named after the letter, so that a second try replaces the first; private to its owner,
    since letters carry the keys of persons."""

    def __init__(self, place: Path) -> None:
        self.place = place

    def ready(self) -> None:
        """A folder always is."""

    def send(self, letter: Letter, content: bytes) -> None:
        name = f"{letter.created_at:%Y%m%dT%H%M%S%fZ}-{letter.kind}-{letter.pk}.eml"
        part = self.place / f".{name}.{os.getpid()}.part"
        try:
            self.place.mkdir(mode=0o700, parents=True, exist_ok=True)
            with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            part.replace(self.place / name)
        except OSError as error:
            raise Away(f"{type(error).__name__}: {error.strerror}") from error

    def rest(self) -> None:
        """Nothing is held."""

    def close(self) -> None:
        """Nothing is held."""


def xtext(words: str) -> str:
    """A value of a DSN parameter (RFC 3461 4): printable ASCII but `+` and `=`, anything else as +XX."""
    return "".join(
        chr(octet) if 33 <= octet <= 126 and octet not in b"+=" else f"+{octet:02X}"
        for octet in words.encode()
    )


class Server:
    """The SMTP server of the settings, connected at the first letter and kept until it has rested for a while."""

    def __init__(self) -> None:
        self.backend = EmailBackend()
        self.taken = 0
        """Letters that this connection has taken."""
        self.is_hurried = False
        self.used = time.monotonic()

    def ready(self) -> None:
        if self.backend.connection is not None:
            return
        self.taken = 0
        try:
            self.backend.open()
            self._line().ehlo_or_helo_if_needed()
        except (smtplib.SMTPException, OSError) as fault:
            # Connection, TLS, login: no word about any letter.
            self._drop()
            raise Away(f"{type(fault).__name__}: {fault}") from fault

    def _line(self) -> smtplib.SMTP:
        if self.backend.connection is None:
            raise smtplib.SMTPServerDisconnected("no connection")
        return self.backend.connection

    def send(self, letter: Letter, content: bytes) -> None:
        sender, recipient = envelope(content)
        self.used = time.monotonic()
        try:
            self._talk(letter, sender, recipient, content)
        except (smtplib.SMTPServerDisconnected, OSError) as fault:
            self._drop()
            raise (Stale if self.taken else Unclear)(f"cut: {type(fault).__name__}: {fault}") from fault
        self.taken += 1

    def _talk(self, letter: Letter, sender: str, recipient: str, content: bytes) -> None:
        """One mail transaction (RFC 5321 3.3); the server's report names the letter, where it writes any (RFC 3461)."""
        line = self._line()
        mail, rcpt = f"FROM:<{sender}>", f"TO:<{recipient}>"
        if line.has_extn("size"):
            mail += f" SIZE={len(content)}"
        if line.has_extn("dsn"):
            mail += f" RET=HDRS ENVID={xtext(str(letter.pk))}"
            rcpt += " NOTIFY=SUCCESS,FAILURE" if settings.MAIL_REPORTS else " NOTIFY=FAILURE"
        self._ask(line, ("MAIL", mail), ("RCPT", rcpt), ("DATA", ""))
        if b"\r\n." in content:  # RFC 5321 4.5.2
            content = content.replace(b"\r\n.", b"\r\n..")
        self._hurry(line)
        line.send(content + b".\r\n")
        try:
            self._wait_long(line)
            code, said = line.getreply()
        except (smtplib.SMTPServerDisconnected, OSError) as fault:
            self._drop()
            raise Unanswered(f"no answer to the letter, {type(fault).__name__}: {fault}") from fault
        if code != 250:
            self._judge("", code, said)

    def _ask(self, line: smtplib.SMTP, *commands: tuple[str, str]) -> None:
        """In one go where the server allows it (RFC 2920): a letter then costs two round trips instead of four."""
        together = line.has_extn("pipelining")
        refused = None
        if together:
            line.send("".join(f"{verb} {rest}".rstrip() + "\r\n" for verb, rest in commands))
        for verb, rest in commands:
            self._hurry(line)
            if not together:
                line.putcmd(verb, rest)
            code, said = line.getreply()
            if code in WANTED[verb]:
                if refused:  # it waits for a text that it will not get
                    self._drop()
            elif refused is None:
                refused = verb, code, said
            if refused and (not together or code == 421 or self.backend.connection is None):
                break
        if refused:
            self._judge(*refused)

    def _hurry(self, line: smtplib.SMTP) -> None:
        """Lets a slow server not take the whole time-out for each of its answers."""
        spent = time.monotonic() - self.used
        if line.sock is None or not (self.is_hurried or spent > 1):
            return
        self.is_hurried = spent > 1
        line.sock.settimeout(max(1.0, min(LONGEST_TALK - spent, self.backend.timeout or LONGEST_TALK)))

    def _wait_long(self, line: smtplib.SMTP) -> None:
        """All that is left for the last answer: it is given up later than another, since a letter would go twice."""
        if line.sock is not None:
            self.is_hurried = True
            line.sock.settimeout(max(1.0, LONGEST_TALK - (time.monotonic() - self.used)))

    def _judge(self, verb: str, code: int, said: bytes) -> None:
        """Raises what a refusal means for this letter and for the next, with the connection ready for that one."""
        words = f"{code} {said.decode('utf-8', 'replace')}".replace("\n", " ")
        if code == 421:
            self._drop()
            raise (Stale if self.taken else Unclear)(words)
        self._begin_anew()
        is_of_server = said.startswith(b"4.3.")  # RFC 3463 3.4: the server itself, its storage
        if code in LOGIN or (verb == "MAIL" and (is_of_server or code == 452)):
            raise Away(words)
        if 500 <= code < 600:
            raise Unclear(f"sender: {words}") if verb == "MAIL" else Never(words)
        raise (Unclear if is_of_server else NotNow)(words)

    def _begin_anew(self) -> None:
        try:
            if self.backend.connection is not None:
                self.backend.connection.rset()
        except (smtplib.SMTPException, OSError):
            self._drop()

    def _drop(self) -> None:
        """Without a word: the server would not hear it, or take it for the text."""
        if self.backend.connection is not None:
            self.backend.connection.close()
        self.backend.connection = None

    def rest(self) -> None:
        if time.monotonic() - self.used > IDLE_SECONDS:
            self.close()

    def close(self) -> None:
        try:
            if self.backend.connection is not None and self.backend.connection.sock is not None:
                self.backend.connection.sock.settimeout(LAST_WORD)
            self.backend.close()
        except (smtplib.SMTPException, OSError):
            self.backend.connection = None
