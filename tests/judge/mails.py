"""A mail as octets: headers, tree and parts, with the calendar object that it carries (RFC 5322, 2047, 6047)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.header import decode_header
from email.message import EmailMessage
from email.utils import getaddresses, parsedate_to_datetime
from urllib.parse import unquote

from tests.judge.itip import judge_message
from tests.judge.lines import Component

ONCE = ("From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Auto-Submitted", "Content-Language")
NEVER = ("Cc", "Bcc", "Sender", "Resent-To", "Return-Path")
ENCODED = re.compile(r"=\?[^?\s]+\?[bBqQ]\?[^?\s]*\?=")


@dataclass(frozen=True)
class Judged:
    """A mail that could be read: its address, its object, what is wrong with it."""

    recipient: str
    calendar: Component | None
    method: str
    message_id: str
    faults: list[str]


def judge_mail(content: bytes) -> Judged:
    message = message_from_bytes(content, policy=policy.SMTP)
    assert isinstance(message, EmailMessage)
    faults = [*_octets(content), *_headers(message, content)]
    carried = [part for part in message.walk() if part.get_content_type() == "text/calendar"]
    faults += _tree(message, bool(carried))
    calendar = None
    if carried:
        data = carried[0].get_payload(decode=True)
        assert isinstance(data, bytes)
        calendar, found = judge_message(data)
        faults += found
        faults += [*_calendar_part(message, carried, calendar, data), *_addresses(message, calendar)]
    recipient = (_mailboxes(message, "To") or [""])[0].lower()
    method = calendar.value("METHOD") if calendar else "plain"
    return Judged(recipient, calendar, method, str(message["Message-ID"]), faults)


def _octets(content: bytes) -> Iterator[str]:
    bare = content.replace(b"\r\n", b"")
    if b"\n" in bare or b"\r" in bare or not content.endswith(b"\r\n"):
        yield "mail: a line end that is not CRLF"
    if any(byte > 126 or (byte < 32 and byte != 9) for byte in set(bare)):
        yield "mail: octets that are not printable ASCII"
    if any(len(line) > 998 for line in content.split(b"\r\n")):
        yield "mail: a line over 998 octets"
    for line in content.replace(b"\r\n ", b" ").lower().split(b"\r\n"):
        names = re.findall(rb";\s*([a-z]+)=", line) if line.startswith(b"content-type:") else []
        if len(set(names)) < len(names):
            yield "tree: a parameter twice"


def _headers(message: EmailMessage, content: bytes) -> Iterator[str]:
    for name in ONCE:
        if len(message.get_all(name, [])) != 1:
            yield f"mail: {name} is not there once"
    for name in NEVER:
        if name in message:
            yield f"mail: {name} has no place here"
    for name in ("From", "To"):
        if len(_mailboxes(message, name)) != 1:
            yield f"mail: {name} is not one mailbox"
    if str(message["Auto-Submitted"]) != "auto-generated":
        yield "mail: not marked as auto-generated"
    if not re.fullmatch(r"<[^<>@\s]+@[^<>@\s]+>", str(message["Message-ID"]).strip()):
        yield "mail: a malformed Message-ID"
    yield from _date(message)
    yield from _words(content)
    stops = message.get_all("List-Unsubscribe", [])
    if bool(stops) != ("List-Unsubscribe-Post" in message):
        yield "mail: List-Unsubscribe without its pair"
    if stops and not re.fullmatch(r"<https?://[^>\s]+>", str(stops[0]).strip()):
        yield "mail: List-Unsubscribe holds no address"


def _date(message: EmailMessage) -> Iterator[str]:
    try:
        has_zone = parsedate_to_datetime(str(message["Date"])).tzinfo is not None
    except (ValueError, TypeError):
        has_zone = False
    if not has_zone:
        yield "mail: Date says no moment"


def _words(content: bytes) -> Iterator[str]:
    """RFC 2047: whole words of at most 75 octets, each of whole characters, on lines of at most 76."""
    head = content.partition(b"\r\n\r\n")[0].decode("ascii", "replace")
    for line in head.split("\r\n"):
        words = ENCODED.findall(line)
        if "=?" in ENCODED.sub("", line):
            yield "mail: a broken encoded word"
        if words and (len(line) > 76 or any(len(word) > 75 for word in words)):
            yield "mail: an encoded word on too long a line"
        for word in words:
            ((raw, charset),) = decode_header(word)
            try:
                raw.decode(charset or "ascii") if isinstance(raw, bytes) else raw
            except UnicodeDecodeError:
                yield "mail: an encoded word that splits a character"


def _mailboxes(message: EmailMessage, name: str) -> list[str]:
    return [address for _, address in getaddresses([str(value) for value in message.get_all(name, [])])]


def _tree(message: EmailMessage, has_calendar: bool) -> Iterator[str]:
    """alternative(plain, html), with a calendar mixed(alternative(plain, html, calendar), ics); files come last."""
    inner, files = message, list[EmailMessage]()
    if message.get_content_type() == "multipart/mixed":
        parts = [part for part in message.iter_parts() if isinstance(part, EmailMessage)]
        inner, files = parts[0], parts[1:]
    kinds = [part.get_content_type() for part in inner.iter_parts()]
    wanted = ["text/plain", "text/html"] + (["text/calendar"] if has_calendar else [])
    if inner.get_content_type() != "multipart/alternative" or kinds != wanted:
        yield f"tree: {inner.get_content_type()} of {', '.join(kinds)}"
    if has_calendar and [part.get_content_type() for part in files[:1]] != ["application/ics"]:
        yield "tree: no copy as application/ics"
    for part in files:
        if part.get_content_disposition() != "attachment" or not part.get_filename():
            yield "tree: a file that is no attachment"
    for part in message.walk():
        if not part.is_multipart():
            yield from _leaf(part)
    if message.defects or any(part.defects for part in message.walk()):
        yield "tree: defects"


def _leaf(part: EmailMessage) -> Iterator[str]:
    if str(part["Content-Transfer-Encoding"]).lower() != "base64":
        yield f"tree: {part.get_content_type()} is not in base64"
    if part.get_content_maintype() == "text":
        if str(part.get_param("charset", "")).lower() != "utf-8":
            yield f"tree: {part.get_content_type()} without its charset"
        if "Content-Disposition" in part:
            yield f"tree: a disposition on {part.get_content_type()}"
    payload = part.get_payload()
    if isinstance(payload, str) and any(len(line) > 76 for line in payload.splitlines()):
        yield "tree: a line of base64 over 76"


def _calendar_part(
    message: EmailMessage, carried: list[EmailMessage], calendar: Component | None, data: bytes
) -> Iterator[str]:
    part = carried[0]
    if len(carried) > 1:
        yield "tree: more than one calendar part"
    if calendar is not None and part.get_param("method") != calendar.value("METHOD"):
        yield "tree: the method parameter is not METHOD"
    if part.get_param("component") != "VEVENT":
        yield "tree: no component parameter"
    copies = [one for one in message.walk() if one.get_content_type() == "application/ics"]
    if any(one.get_payload(decode=True) != data for one in copies):
        yield "tree: the copy is another"
    if any(one.get_param("method") for one in copies):
        yield "tree: the copy has a method"


def _addresses(message: EmailMessage, calendar: Component | None) -> Iterator[str]:
    if calendar is None:
        return
    for field, name in (("From", "ORGANIZER"), ("To", "ATTENDEE")):
        wanted = [f"mailto:{address}".lower() for address in _mailboxes(message, field)]
        for event in calendar.within("VEVENT"):
            if [unquote(line.value.lower()) for line in event.all(name)] != wanted:
                yield f"mail: {field} is not the {name}"
    language = str(message["Content-Language"])
    if any(
        line.parameter("LANGUAGE") not in {"", language}
        for event in calendar.within("VEVENT")
        for line in event.all("SUMMARY")
    ):
        yield "mail: another language than the object's"
