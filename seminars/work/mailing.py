"""Where mails leave: one SMTP connection for a batch of letters, or files in a folder where no server is named."""

import os
import smtplib
from email.parser import BytesHeaderParser
from email.utils import parseaddr
from pathlib import Path
from typing import Protocol

from django.conf import settings
from django.core.mail.backends.smtp import EmailBackend

from seminars.models import Letter


class NotNow(Exception):
    """The server asked to try this letter later (4xx)."""


class Away(NotNow):
    """The way out is closed, for this letter as for the next."""


class Never(Exception):
    """The server refused this recipient or this mail for good (5xx, RFC 5321 4.2.1)."""


class Outlet(Protocol):
    """Sends the kept bytes of one letter. Raises NotNow (also Away) or Never."""

    def send(self, letter: Letter, content: bytes) -> None: ...

    def close(self) -> None: ...


def outlet() -> Outlet:
    return Server() if settings.EMAIL_URL else Folder(settings.MAIL_DIR)


def envelope(content: bytes) -> tuple[str, str]:
    """Sender and recipient, read from the bytes that leave, so that both say the same."""
    head = BytesHeaderParser().parsebytes(content)
    return parseaddr(str(head["From"]))[1], parseaddr(str(head["To"]))[1]


class Folder:
    """A file for each letter. Named after the letter, so that a second try replaces the first; private to its owner,
    since letters carry the keys of persons."""

    def __init__(self, place: Path) -> None:
        self.place = place

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

    def close(self) -> None:
        """Nothing is held."""


class Server:
    """The SMTP server of the settings, connected at the first letter and kept until the batch ends."""

    def __init__(self) -> None:
        self.backend = EmailBackend()

    def send(self, letter: Letter, content: bytes) -> None:
        sender, recipient = envelope(content)
        try:
            self._connection().sendmail(sender, [recipient], content)
        except smtplib.SMTPRecipientsRefused as refused:
            code, reason = refused.recipients[recipient]
            raise _answer(code, reason) from refused
        except smtplib.SMTPDataError as refused:
            raise _answer(refused.smtp_code, refused.smtp_error) from refused
        except (smtplib.SMTPException, OSError) as fault:
            # The connection, the login or the sender: no word about this recipient.
            self.close()
            raise Away(f"{type(fault).__name__}: {fault}") from fault

    def _connection(self) -> smtplib.SMTP:
        self.backend.open()
        if self.backend.connection is None:
            raise smtplib.SMTPServerDisconnected("no connection")
        return self.backend.connection

    def close(self) -> None:
        try:
            self.backend.close()
        except (smtplib.SMTPException, OSError):
            self.backend.connection = None


def _answer(code: int, reason: bytes | str) -> NotNow | Never:
    said = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else reason
    kind = Never if 500 <= code < 600 else NotNow
    return kind(f"{code} {said}")
