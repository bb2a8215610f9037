"""The mailbox where letters come back, asked once a minute over IMAP (RFC 9051); by INBOX_URL, nothing without it.

Only what was understood is marked as seen. Answers to invitations, and whatever else lies there, stay as they are.
"""

import imaplib
import logging
import re
import socket
import ssl
import threading
import time
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.core.cache import caches

from seminars.actions.returns import Noted
from seminars.postal import Place, read_place
from seminars.work import returns

log = logging.getLogger(__name__)
EVERY = 60.0
LONGEST_PAUSE = 1800.0
BATCH = 50
ANSWER_SECONDS = 5.0
"""For each answer of the server: letters and presence wait meanwhile."""
READ_SECONDS = 10.0
"""So long one look reads mails; the rest is for the next."""
VISIT_SECONDS = 15.0
"""Then the line is cut, however slowly the server talks: a time-out begins anew with each of its octets."""
SIZE = re.compile(rb"UID (\d{1,10})\b.*?RFC822\.SIZE (\d{1,12})|RFC822\.SIZE (\d{1,12}).*?UID (\d{1,10})\b")


class Inbox:
    """One worker's look into the mailbox: what it has passed, and when it looks again."""

    def __init__(self) -> None:
        self.place = read_place(settings.INBOX_URL) if settings.INBOX_URL else None
        self.due = 0.0
        self.pause = EVERY
        self.passed = 0
        """The last mail that was looked at; those that stay unseen are not asked for again until a new start."""
        self.again: set[int] = set()
        self.validity = b""
        self.is_more = False
        """The last look ended before the last mail: the next one follows at once."""

    def visit(self, stop: threading.Event) -> int:
        """Looks once a minute, one worker of all; returns how many mails were understood. A mailbox that is away is
        logged and waited for. Raises what the database raises."""
        if self.place is None or time.monotonic() < self.due:
            return 0
        if not self.is_more and not caches["shared"].add("inbox", 1, int(EVERY) - 5):
            self.due = time.monotonic() + EVERY / 6
            return 0
        self.due = time.monotonic() + EVERY
        try:
            found = self._look(self.place, stop)
        except (imaplib.IMAP4.error, OSError) as fault:
            self.pause = min(2 * self.pause, LONGEST_PAUSE)
            self.due = time.monotonic() + self.pause
            log.warning("the mailbox is away (%s), next look in %.0f s", _named(fault), self.pause)
            return 0
        self.pause = EVERY
        if self.is_more:
            self.due = 0.0
        return found

    def _look(self, place: Place, stop: threading.Event) -> int:
        until, found = time.monotonic() + READ_SECONDS, 0
        line, self.is_more = _entered(place), False
        try:
            for uid, size in self._unseen(line, place.folder):
                if stop.is_set() or time.monotonic() > until:
                    self.is_more = True
                    break
                found += size <= returns.LARGEST and self._take(line, uid)
                self.passed = max(self.passed, uid)
        finally:
            _leave(line)
        return found

    def _unseen(self, line: imaplib.IMAP4, folder: str) -> list[tuple[int, int]]:
        """Numbers and sizes of the next few."""
        _asked(line.select(_quoted(folder)))
        validity = (line.response("UIDVALIDITY")[1] or [b""])[0] or b""
        if validity != self.validity:  # RFC 9051 2.3.1.1: the numbers count anew
            self.validity, self.passed, self.again = validity, 0, set()
        answer = _asked(line.uid("SEARCH", "UNSEEN"))
        numbers = sorted(
            int(word) for word in b" ".join(row for row in answer if row).split() if word.isdigit()
        )
        due = [uid for uid in numbers if uid > self.passed or uid in self.again]
        chosen, self.is_more = due[:BATCH], len(due) > BATCH
        if not chosen:
            return []
        rows = _asked(line.uid("FETCH", ",".join(map(str, chosen)), "(RFC822.SIZE)"))
        sizes = {uid: size for row in rows if isinstance(row, bytes) for uid, size in _sized(row)}
        return [(uid, sizes.get(uid, returns.LARGEST + 1)) for uid in chosen]

    def _take(self, line: imaplib.IMAP4, uid: int) -> bool:
        """Reads one mail without marking it, and marks it once it is noted; whether it was understood."""
        rows: list[Any] = _asked(line.uid("FETCH", str(uid), f"(BODY.PEEK[]<0.{returns.LARGEST}>)"))
        content = next((row[1] for row in rows if isinstance(row, tuple)), b"")
        noted = Noted.IGNORED if returns.is_answer(content) else returns.take(content)
        self.again.discard(uid)
        if noted == Noted.LATER:
            self.again.add(uid)
        elif noted == Noted.TAKEN:
            _asked(line.uid("STORE", str(uid), "+FLAGS.SILENT", r"(\Seen)"))
        return noted == Noted.TAKEN


class _Line(imaplib.IMAP4):
    """A talk that ends after VISIT_SECONDS, from its first handshake on."""

    def __init__(self, place: Place, trusted: ssl.SSLContext) -> None:
        self.trusted = trusted if place.scheme == "imaps" else None
        super().__init__(place.host, place.port, timeout=ANSWER_SECONDS)

    def _create_socket(self, timeout: float | None) -> socket.socket:
        plain = socket.create_connection((self.host, self.port), timeout)
        self.held = plain.dup()  # TLS takes the other one over
        self.watch = threading.Timer(VISIT_SECONDS, self._cut)
        self.watch.daemon = True
        self.watch.start()
        try:
            return self.trusted.wrap_socket(plain, server_hostname=self.host) if self.trusted else plain
        except BaseException:
            self._forget()
            raise

    def _cut(self) -> None:
        with suppress(OSError):
            self.held.shutdown(socket.SHUT_RDWR)

    def _forget(self) -> None:
        self.watch.cancel()
        self.held.close()

    def shutdown(self) -> None:
        self._forget()
        super().shutdown()


def _entered(place: Place) -> imaplib.IMAP4:
    trusted = ssl.create_default_context()
    line = _Line(place, trusted)
    try:
        if place.scheme == "imap+tls":
            line.starttls(trusted)
        line.login(place.user, place.password)
    except BaseException:
        line.shutdown()
        raise
    return line


def _leave(line: imaplib.IMAP4) -> None:
    try:
        line.logout()
    except (imaplib.IMAP4.error, OSError):
        line.shutdown()


def _asked(answer: tuple[str, list[Any]]) -> list[Any]:
    kind, rows = answer
    if kind != "OK":
        raise imaplib.IMAP4.error(f"the server said {kind}")
    return rows


def _sized(row: bytes) -> list[tuple[int, int]]:
    return [
        (int(before), int(size)) if before else (int(after), int(other))
        for before, size, other, after in SIZE.findall(row)
    ]


def _quoted(folder: str) -> str:
    return '"' + folder.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _named(fault: Exception) -> str:
    """The fault without a password: servers may repeat a command in their refusal."""
    return f"{type(fault).__name__}: {fault.strerror}" if isinstance(fault, OSError) else type(fault).__name__
