"""Mails that are alike but for a few words: made once with marks in their place, then cast for each reader.

The bytes are those of `imip.compose`, at a tenth of the time; a test compares them.
"""

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape

from .imip import closing, coded64, crlf, dated, identified, mailbox, stopping, subject_line, tree
from .lines import clean_name, folded, mailto, quoted, utc_form

WORDS = ("name", "email", "token", "agent")
"""What differs between two readers: name and address, the key of the links, the mark in the organizer's address."""
OCTETS_OF_LINE = 57
"""As many octets make one line of base64, so that whole lines of a beginning can be kept coded."""


@dataclass(frozen=True, slots=True)
class Marks:
    """Stand for the words while the mail is made: letters and digits only, which no escaping changes."""

    name: str
    email: str
    token: str
    agent: str

    @classmethod
    def new(cls) -> "Marks":
        name, email, token, agent = (f"m{secrets.token_hex(10)}m" for _ in WORDS)
        return cls(name, f"{email}@example.invalid", token, agent)

    def cut(self, text: str) -> "Cut":
        marks = [getattr(self, word) for word in WORDS]
        pieces = re.split("(" + "|".join(map(re.escape, marks)) + ")", text)
        still = [piece.replace("%", "%%") for piece in pieces[::2]]
        return Cut(still[0], "%s".join(["", *still[1:]]), [marks.index(piece) for piece in pieces[1::2]])


@dataclass(frozen=True, slots=True)
class Cut:
    """A text of which some words are to be put in: its beginning and its rest, to be formatted with `%`, and the
    places of those words in WORDS."""

    begin: str
    rest: str
    places: list[int]

    def filled(self, words: Sequence[str]) -> str:
        return (self.begin + self.rest) % tuple([words[place] for place in self.places])


class _Body:
    """A text in base64, of which the lines before the first mark are kept."""

    __slots__ = ("begin", "places", "rest")

    def __init__(self, text: str, marks: Marks) -> None:
        cut = marks.cut(crlf(text))
        raw = (cut.begin % ()).encode()
        whole = len(raw) // OCTETS_OF_LINE * OCTETS_OF_LINE
        self.begin = coded64(raw[:whole])
        self.rest = raw[whole:].replace(b"%", b"%%") + cut.rest.encode()
        self.places = cut.places

    def cast(self, words: Sequence[bytes]) -> bytes:
        return self.begin + coded64(self.rest % tuple([words[place] for place in self.places]))


Line = bytes | Cut | None
"""A folded line as it is, one with words to put in, or the one for DTSTAMP."""


class _Calendar:
    """An iTIP object; only its lines with marks, and DTSTAMP, are written and folded anew."""

    __slots__ = ("begin", "lines")

    def __init__(self, calendar: bytes, marks: Marks) -> None:
        whole = calendar.replace(b"\r\n ", b"").decode().split("\r\n")[:-1]
        lines: list[Line] = []
        for line in whole:
            cut = marks.cut(line)
            if line.startswith("DTSTAMP:"):
                lines.append(None)
            else:
                lines.append(cut if cut.places else folded(line))
        self.begin, self.lines = b"", _joined(lines)
        if self.lines and isinstance(self.lines[0], bytes):
            raw = self.lines[0]
            at = len(raw) // OCTETS_OF_LINE * OCTETS_OF_LINE
            self.begin, self.lines[0] = coded64(raw[:at]), raw[at:]

    def cast(self, words: Sequence[str], stamp: datetime) -> bytes:
        """In base64."""
        lines = [
            line
            if isinstance(line, bytes)
            else folded(f"DTSTAMP:{utc_form(stamp)}" if line is None else line.filled(words))
            for line in self.lines
        ]
        return self.begin + coded64(b"".join(lines))


def _joined(lines: Sequence[Line]) -> list[Line]:
    """The same lines, those that are ready joined with their neighbours."""
    found: list[Line] = []
    for line in lines:
        last = found[-1] if found else None
        if isinstance(line, bytes) and isinstance(last, bytes):
            found[-1] = last + line
        else:
            found.append(line)
    return found


class Mould:
    """One mail of a series, made with `marks`; `sender` is (name, address), the address with its mark."""

    def __init__(
        self,
        *,
        marks: Marks,
        sender: tuple[str, str],
        subject: str,
        text: str,
        html: str,
        language: str,
        calendar: bytes | None = None,
        method: str | None = None,
        unsubscribe: str = "",
    ) -> None:
        self.sender_name, self.sender = sender[0], marks.cut(sender[1])
        self.subject, self.closing = subject_line(subject), closing(language)
        self.unsubscribe = marks.cut(unsubscribe) if unsubscribe else None
        self.text, self.html = _Body(text, marks), _Body(html, marks)
        self.calendar, self.method = _Calendar(calendar, marks) if calendar else None, method

    def cast(self, values: Mapping[str, str], *, message_id: str, date: datetime, stamp: datetime) -> bytes:
        """The mail with the WORDS of one reader: a name that is one clean line, her bare address, tokens of letters,
        digits and `-._`. Raises ValueError naming the field for an address that no mail can carry."""
        words = [values[word] for word in WORDS]
        sender = self.sender.filled(words)
        if self.calendar and sender.casefold() == words[1].casefold():
            raise ValueError("attendees: the organizer's own mailbox can't be invited")
        head = [
            dated(date),
            mailbox("From", (self.sender_name, sender), "sender"),
            mailbox("To", (words[0], words[1]), "recipient"),
            self.subject,
            identified(message_id),
            *([stopping(self.unsubscribe.filled(words))] if self.unsubscribe else []),
            self.closing,
        ]
        plain = [word.encode() for word in words]
        text, html = self.text.cast(plain), self.html.cast([escape(words[0]).encode(), *plain[1:]])
        coded = None
        if self.calendar:
            name, address = quoted(clean_name(words[0])), mailto(words[1]).removeprefix("mailto:")
            coded = self.calendar.cast([name, address, *words[2:]], stamp)
        return "\r\n".join(head).encode("ascii") + tree(message_id, text, html, coded, self.method)
