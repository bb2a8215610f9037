"""A whole mail as bytes, with or without a calendar part (RFC 6047), the same bytes at every attempt.

The bytes are joined here, not built by the email package, because that costs ten times as much; a test
compares both forms.
"""

import base64
import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from email.utils import format_datetime
from hashlib import sha256

from .lines import checked_address, checked_language, checked_web_address, mailto, slices
from .writer import METHODS

FILE_NAME = "invite.ics"

_LINE = 76
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_PRINTABLE = re.compile(r"[ -~]*")
_PLAIN_WORDS = re.compile(r"[A-Za-z0-9!#$%&'*+/?^_`{|}~-]+( [A-Za-z0-9!#$%&'*+/?^_`{|}~-]+)*")
_MESSAGE_ID = re.compile(r"<[!-;=?A-~]{1,120}@[!-;=?A-~]{1,120}>")
_HEADER_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,60}")
_OWN_HEADERS = frozenset(
    {"auto-submitted", "bcc", "cc", "date", "from", "message-id", "mime-version", "reply-to", "sender", "to"}
    | {"content-disposition", "content-language", "content-transfer-encoding", "content-type", "subject"}
    | {"list-unsubscribe", "list-unsubscribe-post"}
)
_FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,30}")
_FILE_TYPE = re.compile(r"[a-z]+/[a-z0-9.+-]{1,30}")
_NEWLINE = re.compile("\r\n|\r|\n")
_LONGEST = 998
"""Octets that a line may have (RFC 5322, 2.1.1); only an address, which can't be cut, comes near."""


def compose(
    *,
    sender: tuple[str, str],
    recipient: tuple[str, str],
    subject: str,
    text: str,
    html: str,
    message_id: str,
    date: datetime,
    language: str,
    calendar: bytes | None = None,
    method: str | None = None,
    headers: Iterable[tuple[str, str]] = (),
    reply_to: tuple[str, str] | None = None,
    unsubscribe: str = "",
    files: Iterable[tuple[str, str, bytes]] = (),
) -> bytes:
    """A mail to one recipient with CRLF line ends, base64 bodies and headers of at most 76 octets a line.

    `sender`, `recipient` and `reply_to` are (name, address), the name may be empty. `message_id` has its
    angle brackets; the boundaries follow from it. `unsubscribe` is the address that ends such mails by one
    POST, if not empty. `files` are (name in plain letters, content type, bytes), attached last.
    `calendar` is one iTIP object as `writer.message` makes it,
    and `method` its METHOD: the tree is then mixed(alternative(plain, html, calendar), application/ics),
    without them alternative(plain, html). Raises ValueError naming the field for control characters, a
    malformed address, a reserved header, and a calendar part for another recipient, sender or method.
    """
    _check_calendar(calendar, method, sender[1], recipient[1])
    ends = [stopping(unsubscribe)] if unsubscribe else []
    head = _headers(sender, recipient, reply_to, subject, message_id, date, ends, language, headers)
    coded = None if calendar is None else coded64(calendar)
    attached = [_attached(*file) for file in files]
    bodies = coded64(crlf(text).encode()), coded64(crlf(html).encode())
    return head + tree(message_id, *bodies, coded, method, attached)


def tree(
    message_id: str,
    text: bytes,
    html: bytes,
    calendar: bytes | None,
    method: str | None,
    attached: Sequence[bytes] = (),
) -> bytes:
    """The bodies, each already in base64, as the parts of one mail, and the parts that are `attached` to it; its
    boundaries follow from `message_id`."""
    key = sha256(message_id.encode()).hexdigest()[:32]
    bodies = [_part("text/plain; charset=utf-8", text), _part("text/html; charset=utf-8", html)]
    if calendar is None:
        plain = _multipart("alternative", f"=_a{key}", bodies)
        return _multipart("mixed", f"=_m{key}", [plain, *attached]) if attached else plain
    kind = f"text/calendar; charset=UTF-8; method={method}; component=VEVENT"
    alternative = _multipart("alternative", f"=_a{key}", [*bodies, _part(kind, calendar)])
    copy = _part(f'application/ics; name="{FILE_NAME}"', calendar, _disposition(FILE_NAME))
    return _multipart("mixed", f"=_m{key}", [alternative, copy, *attached])


def _attached(name: str, content_type: str, raw: bytes) -> bytes:
    if not _FILE_NAME.fullmatch(name) or not _FILE_TYPE.fullmatch(content_type):
        raise ValueError(f"files: {name!r} can't be attached")
    return _part(f'{content_type}; name="{name}"', coded64(raw), _disposition(name))


def _disposition(name: str) -> str:
    return f'Content-Disposition: attachment; filename="{name}"\r\n'


def _check_calendar(calendar: bytes | None, method: str | None, sender: str, recipient: str) -> None:
    if (calendar is None) != (method is None):
        raise ValueError("method: goes together with calendar")
    if calendar is None or method is None:
        return
    if method not in METHODS:
        raise ValueError(f"method: {method!r} is none of {', '.join(METHODS)}")
    lines = calendar.replace(b"\r\n ", b"").split(b"\r\n")
    if lines.count(b"BEGIN:VCALENDAR") != 1 or f"METHOD:{method}".encode() not in lines:
        raise ValueError("method: not that of the calendar")
    if method == "PUBLISH":
        return
    for field, name, address in (("sender", b"ORGANIZER", sender), ("recipient", b"ATTENDEE", recipient)):
        wanted = b":" + mailto(address).encode().lower()
        found = [line for line in lines if line.startswith(name)]
        # Gmail ignores an invitation whose recipient is no attendee, others one sent by somebody else.
        if not any(line.lower().endswith(wanted) for line in found):
            raise ValueError(f"{field}: not the {name.decode()} of the calendar")


def _headers(
    sender: tuple[str, str],
    recipient: tuple[str, str],
    reply_to: tuple[str, str] | None,
    subject: str,
    message_id: str,
    date: datetime,
    ends: Iterable[str],
    language: str,
    headers: Iterable[tuple[str, str]],
) -> bytes:
    lines = [dated(date), mailbox("From", sender, "sender")]
    if reply_to is not None:
        lines.append(mailbox("Reply-To", reply_to, "reply_to"))
    lines += [mailbox("To", recipient, "recipient"), subject_line(subject), identified(message_id), *ends]
    return ("\r\n".join(lines) + "\r\n" + closing(language, headers)).encode("ascii")


def dated(date: datetime) -> str:
    if date.utcoffset() is None:
        raise ValueError("date: needs a time zone")
    return f"Date: {format_datetime(date)}"


def identified(message_id: str) -> str:
    if not _MESSAGE_ID.fullmatch(message_id):
        raise ValueError("message_id: not of the form <left@right>")
    return f"Message-ID: {message_id}"


def subject_line(subject: str) -> str:
    return _unstructured("Subject", subject, "subject")


def stopping(address: str) -> str:
    """The two headers by which a mail program stops mails of this kind in one click (RFC 2369, RFC 8058).

    An address is never cut: it stands on a line of its own where it is long. Raises ValueError for one that no line
    can hold.
    """
    checked_web_address(address, "unsubscribe")
    if len(address) + len(" <>") > _LONGEST:
        raise ValueError("unsubscribe: too long for a line")
    header = "List-Unsubscribe:"
    space = " " if len(header) + len(address) + len(" <>") <= _LINE else "\r\n "
    return f"{header}{space}<{address}>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click"


def closing(language: str, headers: Iterable[tuple[str, str]] = ()) -> str:
    """The last headers, up to the empty line that a multipart's own headers will make."""
    lines = [
        "Auto-Submitted: auto-generated",
        f"Content-Language: {checked_language(language, 'language')}",
    ]
    for name, value in headers:
        if not _HEADER_NAME.fullmatch(name) or name.lower() in _OWN_HEADERS:
            raise ValueError(f"headers: {name!r} can't be set")
        lines.append(_unstructured(name, value, "headers"))
    return "\r\n".join([*lines, "MIME-Version: 1.0\r\n"])


def mailbox(header: str, person: tuple[str, str], field: str) -> str:
    """RFC 5322, 3.4: the name plain, in quotes or encoded, the address on a line of its own if long."""
    name, address = person
    checked_address(address, field)
    if _CONTROL.search(name):
        raise ValueError(f"{field}: control characters in the name")
    if not name.strip():
        return f"{header}: {address}"
    if _PLAIN_WORDS.fullmatch(name) and "=?" not in name:
        phrase = name
    else:
        phrase = '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if not _PRINTABLE.fullmatch(name) or "=?" in name or len(phrase) > _LINE - len(header) - 2:
        phrase = _encoded_words(name, len(header) + 2)
    last = f"{header}: {phrase}".rpartition("\r\n")[2]
    space = " " if len(last) + len(address) + 3 <= _LINE else "\r\n "
    return f"{header}: {phrase}{space}<{address}>"


def _unstructured(header: str, value: str, field: str) -> str:
    if _CONTROL.search(value):
        raise ValueError(f"{field}: control characters")
    fits = len(header) + 2 + len(value) <= _LINE
    if fits and _PRINTABLE.fullmatch(value) and "=?" not in value and value.strip() == value:
        return f"{header}: {value}"
    return f"{header}: {_encoded_words(value, len(header) + 2)}"


def _encoded_words(value: str, used: int) -> str:
    """RFC 2047: base64 words of whole characters on lines of 76 octets; `used` is taken on the first."""
    frame = len("=?utf-8?b?") + len("?=")
    first, rest = ((room - frame) // 4 * 3 for room in (_LINE - used, _LINE - 1))
    words = (base64.b64encode(piece).decode("ascii") for piece in slices(value.encode(), first, rest))
    return "\r\n ".join(f"=?utf-8?b?{word}?=" for word in words)


def crlf(text: str) -> str:
    return _NEWLINE.sub("\r\n", text)


def _part(content_type: str, coded: bytes, more: str = "") -> bytes:
    head = f"Content-Type: {content_type}\r\nContent-Transfer-Encoding: base64\r\n{more}\r\n"
    return head.encode("ascii") + coded


def _multipart(subtype: str, boundary: str, parts: Iterable[bytes]) -> bytes:
    mark = f"--{boundary}".encode("ascii")
    head = f'Content-Type: multipart/{subtype};\r\n boundary="{boundary}"\r\n\r\n'.encode("ascii")
    return head + b"".join(mark + b"\r\n" + part for part in parts) + mark + b"--\r\n"


def coded64(raw: bytes) -> bytes:
    """In base64, in lines of 76 with CRLF: each from 57 octets. As `base64.encodebytes`, in half its time."""
    whole = base64.b64encode(raw)
    lines = [whole[at : at + _LINE] for at in range(0, len(whole), _LINE)]
    return b"\r\n".join([*lines, b""])


def envelope(content: bytes) -> tuple[str, str]:
    """Sender and recipient, read from the headers that leave, so that both say the same."""
    head = content[: content.index(b"\r\n\r\n")].replace(b"\r\n ", b" ")
    found = {b"From": "", b"To": ""}
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name in found:
            found[name] = value.rpartition(b"<")[2].strip(b"> ").decode("ascii")
    return found[b"From"], found[b"To"]
