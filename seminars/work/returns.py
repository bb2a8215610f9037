"""What a mail that came back says of a letter of ours: reports of mail servers (RFC 3464), and bounces in plain words.

Whoever wrote it is a stranger. Nothing here recurses, and nothing asks more of a header than a short search.
"""

import binascii
import logging
import quopri
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email.message import Message
from email.parser import BytesHeaderParser
from uuid import UUID

from django.conf import settings

from seminars.actions import returns
from seminars.actions.returns import Fate, Noted

log = logging.getLogger(__name__)
LARGEST = 256 * 1024
"""Octets; a report holds the headers of what it returns, and rarely all of it."""
LONGEST_FIELD = 4000
DEEPEST = 3
"""Some servers wrap their report once."""
MOST_PARTS = 20
MOST_GROUPS = 20
ACTIONS = ("delivered", "failed", "delayed", "relayed", "expanded")
"""RFC 3464 2.3.3, what counts most first."""
RECIPIENT_FIELDS = ("Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "To")
RETURNED = (
    "message/rfc822",
    "message/global",
    "message/rfc822-headers",
    "message/global-headers",
    "text/rfc822-headers",
)
REPORTED = ("message/delivery-status", "message/global-delivery-status")
UUID_FORM = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
STATUS = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
MAILER = re.compile(r"(?:^|[\s<\"])(?:mailer-daemon|postmaster|mail-daemon)@", re.IGNORECASE)
FOR_GOOD = re.compile(
    r"this is a permanent error|i've given up|permanent (?:fatal )?error"
    r"|(?<![\d.])5\.\d{1,3}\.\d{1,3}(?![\d.])|\b55[0-9][ -]",
    re.IGNORECASE,
)
FOR_NOW = re.compile(
    r"will (?:be )?(?:retried|retry|keep trying|try again)|delayed|not yet been delivered|warning",
    re.IGNORECASE,
)
WORDS = 4000
"""Octets of a plain bounce in which its reason stands, before the letter it returns."""
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")


@dataclass(frozen=True, slots=True)
class Report:
    """One report: of which letter, to which of our addresses it came, and what became of the letter.

    `action` is one of ACTIONS, `words` the status and the server's words, at most 300 letters without control
    characters. `agents` are the marks of the addresses it came to (`sessions+<mark>@MAIL_DOMAIN`).
    """

    letter: UUID
    agents: tuple[str, ...]
    action: str
    words: str


def take(content: bytes, *, came_to: Sequence[str] = ()) -> Noted:
    """Notes what a mail says of a letter; IGNORED for what says nothing, LATER where it came before the letter's own
    try was noted. Raises only what the database raises."""
    try:
        report = read(content, came_to=came_to)
    except Exception as fault:  # a stranger's mail ends nothing, and its words are not for a log
        log.warning("a mail that came back could not be read: %s", type(fault).__name__)
        return Noted.IGNORED
    if report is None:
        return Noted.IGNORED
    fate = {"failed": Fate.FAILED, "delivered": Fate.DELIVERED}.get(report.action, Fate.OPEN)
    return returns.note(letter=report.letter, agents=report.agents, fate=fate, words=report.words)


def read(content: bytes, *, came_to: Sequence[str] = ()) -> Report | None:
    """The report that a mail holds about a letter of ours; None for anything else, whatever it is.

    `came_to` are addresses that the receiving server names itself, beside those in the mail's headers.
    """
    if len(content) > LARGEST:
        return None
    top = _parsed(content)
    parts = list(_parts(top, DEEPEST))
    fields = [group for part in parts if part.get_content_type() in REPORTED for group in _groups(part)]
    if fields:
        letter, (action, words) = _letter_of(fields, parts), _fate(fields)
    else:
        letter, action, words = _in_words(top, parts)
    if letter is None or action not in ACTIONS:
        return None
    return Report(letter, _agents(top, came_to), action, words)


def is_answer(content: bytes) -> bool:
    """Whether it is somebody's answer to an invitation (RFC 6047), which is for another reader of this mailbox."""
    parts = _parts(_parsed(content[:LARGEST]), DEEPEST)
    return any(part.get_content_type() in ("text/calendar", "application/ics") for part in parts)


def _parsed(content: bytes) -> Message:
    """Headers as fields, everything behind them as one payload: no part is looked into."""
    return BytesHeaderParser().parsebytes(content)


def _field(part: Message, name: str) -> str:
    """A header field, empty where it is absent or far too long."""
    value = str(part.get(name, ""))
    return value if len(value) <= LONGEST_FIELD else ""


def _parts(whole: Message, deep: int) -> Iterator[Message]:
    """The leaves of a mail, MOST_PARTS of each multipart; what lies deeper than `deep` stays shut."""
    if not _field(whole, "Content-Type"):
        del whole["Content-Type"]  # far too long to be looked at: text/plain then
    if whole.get_content_maintype() != "multipart":
        yield whole
        return
    boundary = whole.get_boundary()
    if not boundary or deep == 0:
        return
    mark = re.escape(boundary.encode("utf-8", "surrogateescape"))
    pieces = re.split(
        rb"\n--" + mark + rb"(--)?[ \t]*(?:\r?\n|\r?\Z)", b"\n" + _octets(whole), maxsplit=MOST_PARTS
    )
    for is_end, piece in zip(pieces[1::2], pieces[2::2], strict=True):
        if is_end:
            return
        yield from _parts(_parsed(piece), deep - 1)


def _octets(part: Message) -> bytes:
    payload = part.get_payload()
    return payload.encode("utf-8", "surrogateescape") if isinstance(payload, str) else b""


def _decoded(part: Message) -> bytes:
    coding, raw = _field(part, "Content-Transfer-Encoding").strip().lower(), _octets(part)
    if coding == "quoted-printable":
        return quopri.decodestring(raw)
    if coding != "base64":
        return raw
    try:
        return binascii.a2b_base64(raw)
    except binascii.Error:
        return b""


def _groups(part: Message) -> list[Message]:
    """The fields of a report: first those of the mail, then a group for each recipient (RFC 3464 2.1)."""
    blocks = re.split(rb"(?:\r?\n){2,}", _decoded(part).strip())
    return [_parsed(block + b"\n\n") for block in blocks[:MOST_GROUPS]]


def _fate(fields: Sequence[Message]) -> tuple[str, str]:
    """What became of it: our letters have one recipient, so several groups speak of copies, and one is enough."""
    found: dict[str, str] = {}
    for group in fields:
        action = _field(group, "Action").split("(")[0].strip().lower()
        if action in ACTIONS:
            said = _field(group, "Diagnostic-Code").partition(";")
            found.setdefault(action, _words(_field(group, "Status"), said[2] or said[0]))
    return next(((action, found[action]) for action in ACTIONS if action in found), ("", ""))


def _words(status: str, said: str) -> str:
    """`550 5.1.1 no such user`: the server's words, with the status before them where they don't hold it."""
    code = STATUS.search(status)
    line = " ".join(CONTROL.sub(" ", said).split())
    return (f"{code[1]} {line}" if code and code[1] not in line else line).strip()[:300]


def _letter_of(fields: Sequence[Message], parts: Sequence[Message]) -> UUID | None:
    """By the number that we gave the mail server (RFC 3461 4.4), else by the headers that came back."""
    for group in fields:
        if given := re.fullmatch(UUID_FORM, _unxtext(_field(group, "Original-Envelope-Id")).strip().lower()):
            return UUID(given[0])
    returned = (part for part in parts if part.get_content_type() in RETURNED)
    found = (_identified(_field(_parsed(_decoded(part).lstrip()), "Message-ID")) for part in returned)
    return next((letter for letter in found if letter), None)


def _unxtext(words: str) -> str:
    return re.sub(r"\+([0-9A-F]{2})", lambda code: chr(int(code[1], 16)), words)


def _identified(words: str) -> UUID | None:
    found = re.search(rf"<({UUID_FORM})@{re.escape(settings.MAIL_DOMAIN)}>", words, re.IGNORECASE)
    return UUID(found[1]) if found else None


def _in_words(top: Message, parts: Sequence[Message]) -> tuple[UUID | None, str, str]:
    """A bounce without fields, as qmail and older servers write it: only a mailer's own, and only where it has given up
    for good. The letter's headers stand in a part, or further down in the text."""
    nothing = None, "", ""
    is_report = (
        _field(top, "Content-Type").lower().startswith("multipart/report")
    )  # of another type: read receipts
    if is_report or not MAILER.search(_field(top, "From")) or _is_reply(top):
        return nothing
    text = next((part for part in parts if part.get_content_type() == "text/plain"), None)
    said = _decoded(text).decode("utf-8", "replace") if text else ""
    letter = _letter_of([], parts) or _identified_below(said)
    opening = re.split(r"\n--- |\n-{4,}|\nReturn-Path:|\nReceived:", said, maxsplit=1)[0][:WORDS]
    has_failed = bool(_field(top, "X-Failed-Recipients") or FOR_GOOD.search(opening))
    if letter is None or not has_failed or (FOR_NOW.search(opening) and not FOR_GOOD.search(opening)):
        return nothing
    status = STATUS.search(opening)
    return letter, "failed", _words(status[1] if status else "", _reason(opening))


def _identified_below(said: str) -> UUID | None:
    lines = re.findall(
        r"^message-id:[ \t]*(?:\r?\n[ \t]+)?(<[^\r\n]{1,200})", said, re.IGNORECASE | re.MULTILINE
    )
    return next((letter for line in lines[:5] if (letter := _identified(line))), None)


def _reason(opening: str) -> str:
    """The line with the server's answer, else the last that says something."""
    lines = [line.strip() for line in opening.splitlines() if line.strip()]
    telling = [line for line in lines if STATUS.search(line) or re.search(r"\b5\d\d[ -]", line)]
    return (telling or lines[-1:] or [""])[0]


def _is_reply(top: Message) -> bool:
    """Somebody is away, or a program confirms that a mail has come (RFC 3834)."""
    automatic = _field(top, "Auto-Submitted").lower()
    return automatic.startswith("auto-replied") and not _field(top, "X-Failed-Recipients")


def _agents(top: Message, came_to: Sequence[str]) -> tuple[str, ...]:
    """The marks of our addresses that this mail itself came to; not those in what it returns."""
    address = re.compile(
        rf"sessions\+([\w-]{{20,80}})@{re.escape(settings.MAIL_DOMAIN)}(?![\w.-])", re.IGNORECASE
    )
    said = [str(value)[:LONGEST_FIELD] for name in RECIPIENT_FIELDS for value in top.get_all(name, [])[:5]]
    return tuple(mark for value in (*came_to, *said) for mark in address.findall(value))
