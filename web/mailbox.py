"""The letters that lie as .eml files in the state directory, read for the demonstration's page."""

import re
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from email.utils import parsedate_to_datetime
from pathlib import Path

from django.conf import settings

NAME = re.compile(r"[A-Za-z0-9_-]+\.eml")
MOST = 200


@dataclass(frozen=True, slots=True)
class Envelope:
    name: str
    subject: str
    to: str
    date: datetime
    language: str


@dataclass(frozen=True, slots=True)
class Opened:
    envelope: Envelope
    sender: str
    text: str
    html: str
    calendar: str


def newest() -> list[Envelope]:
    """The last letters, newest first; their names begin with the hour."""
    files = sorted(Path(settings.MAIL_DIR).glob("*.eml"), key=lambda file: file.name, reverse=True)
    parser = BytesHeaderParser(policy=policy.default)
    return [_envelope(file.name, parser.parsebytes(file.read_bytes())) for file in files[:MOST]]


def opened(name: str) -> Opened | None:
    """One letter; None for a name that is no file of this folder."""
    place = Path(settings.MAIL_DIR) / name
    if not NAME.fullmatch(name) or not place.is_file():
        return None
    mail = message_from_bytes(place.read_bytes(), policy=policy.default)
    return Opened(
        envelope=_envelope(name, mail),
        sender=str(mail["From"]),
        text=_part(mail, "text/plain"),
        html=_part(mail, "text/html"),
        calendar=_part(mail, "text/calendar").replace("\r\n", "\n").replace("\n ", ""),
    )


def _envelope(name: str, mail: EmailMessage) -> Envelope:
    date = parsedate_to_datetime(str(mail["Date"]))
    return Envelope(name, str(mail["Subject"]), str(mail["To"]), date, str(mail["Content-Language"] or ""))


def _part(mail: EmailMessage, kind: str) -> str:
    found = next((part for part in mail.walk() if part.get_content_type() == kind), None)
    return str(found.get_content()) if found else ""
