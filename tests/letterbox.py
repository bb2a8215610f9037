"""The letters that a test sends: taken apart as a mail program would."""

import threading
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import getaddresses
from pathlib import Path
from typing import Any

import icalendar

from seminars.work.deliveries import deliver
from tests.kept import keep, keeper

__all__ = ["Letterbox", "Mail", "keep", "read"]


@dataclass(frozen=True)
class Mail:
    content: bytes
    message: EmailMessage

    @property
    def recipients(self) -> list[str]:
        fields = [str(value) for name in ("To", "Cc", "Bcc") for value in self.message.get_all(name, [])]
        return [address for _name, address in getaddresses(fields)]

    @property
    def sender(self) -> str:
        return getaddresses([str(self.message["From"])])[0][1]

    @property
    def subject(self) -> str:
        return str(self.message["Subject"])

    @property
    def text(self) -> str:
        return self._part("text/plain").replace("\r\n", "\n")

    @property
    def html(self) -> str:
        return self._part("text/html")

    @property
    def tree(self) -> list[str]:
        return [part.get_content_type() for part in self.message.walk()]

    @property
    def calendar(self) -> bytes:
        found = [part for part in self.message.walk() if part.get_content_type() == "text/calendar"]
        return found[0].get_payload(decode=True) if found else b""

    @property
    def method(self) -> str:
        return str(icalendar.Calendar.from_ical(self.calendar)["METHOD"]) if self.calendar else "plain"

    @property
    def event(self) -> Any:
        (event,) = icalendar.Calendar.from_ical(self.calendar).walk("VEVENT")
        return event

    def _part(self, kind: str) -> str:
        return next(
            str(part.get_content()) for part in self.message.walk() if part.get_content_type() == kind
        )


def read(content: bytes) -> Mail:
    """Taken apart; kept too, where another process sent it."""
    keeper.mail(content, is_read=True)
    return Mail(content, message_from_bytes(content, policy=policy.default))


class Letterbox:
    """A folder in which the worker's letters arrive; `run` sends what is due and returns what is new."""

    def __init__(self, settings: Any, place: Path) -> None:
        settings.MAIL_DIR = self.place = place / "mail"
        self.seen: set[str] = set()

    def run(self) -> list[Mail]:
        deliver(owner="test", stop=threading.Event())
        files = sorted(self.place.glob("*.eml")) if self.place.exists() else []
        new = [file for file in files if file.name not in self.seen]
        self.seen |= {file.name for file in new}
        return [read(file.read_bytes()) for file in new]

    def to(self, email: str) -> list[Mail]:
        return [mail for mail in self.run() if mail.recipients == [email]]
