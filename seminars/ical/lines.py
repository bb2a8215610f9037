"""Content lines: what may stand in a text, a parameter, an address; how a line is escaped and folded."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import quote

from .zones import UTC_NAME, zone_of

LINE_OCTETS = 75

_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_UNSEEN = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
# Clients that know RFC 6868 read these pairs as a newline, a quote and a circumflex; the others show them.
_CIRCUMFLEX = re.compile(r"\^(?=[nN'^])")
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")
_WEB_ADDRESS = re.compile(r"https?://[A-Za-z0-9.:\[\]@_~%!$&'()*+,;=-]+([/?#][!#-;=?-\[\]_a-z~]*)?")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*")
_ESCAPES = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n"})


def clean_text(text: str) -> str:
    """The text with line ends as LF and without control characters and lone surrogates; tabs stay."""
    return _UNSEEN.sub("", _LINE_ENDS.sub("\n", text))


def clean_name(name: str) -> str:
    """One line that every client reads alike as a parameter value.

    Parameters know no escape for a double quote (RFC 5545, 3.2) and parsers differ about a backslash, so both
    are replaced by their nearest look-alikes.
    """
    line = " ".join(clean_text(name).split())
    return _CIRCUMFLEX.sub("\u02c6", line.replace('"', "\u2019").replace("\\", "/"))


def checked_address(address: str, field: str) -> str:
    """A bare ASCII mail address (RFC 5321, at most 254 octets); raises ValueError naming `field`."""
    if len(address) > 254 or not _ADDRESS.fullmatch(address):
        raise ValueError(f"{field}: not a mail address")
    return address


def checked_web_address(address: str, field: str) -> str:
    """An absolute http or https URI in ASCII (RFC 3986); raises ValueError naming `field`."""
    if not _WEB_ADDRESS.fullmatch(address):
        raise ValueError(f"{field}: not an absolute web address")
    return address


def checked_language(tag: str, field: str) -> str:
    """A language tag such as "fr" or "it-IT" (RFC 5646); raises ValueError naming `field`."""
    if not _LANGUAGE.fullmatch(tag):
        raise ValueError(f"{field}: not a language tag")
    return tag


def mailto(address: str) -> str:
    """A checked address as CAL-ADDRESS (RFC 6068, section 2)."""
    local, _, domain = address.rpartition("@")
    return "mailto:" + quote(local, safe="!$'*+") + "@" + domain


def escaped(text: str) -> str:
    """A clean text as TEXT value (RFC 5545, 3.3.11)."""
    return text.translate(_ESCAPES)


def quoted(value: str) -> str:
    """A clean name as parameter value, quoted where it has to be (RFC 5545, 3.2)."""
    return f'"{value}"' if any(sign in value for sign in ":;,") else value


def utc_form(moment: datetime) -> str:
    """An aware moment as DATE-TIME in UTC, "20270328T010000Z"."""
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def moment_line(name: str, moment: datetime) -> str:
    """A property that holds a moment, in the zone of that moment, which must be one that `zone_of` knows."""
    zone = zone_of(moment, name)
    if zone == UTC_NAME:
        return f"{name}:{utc_form(moment)}"
    return f"{name};TZID={zone}:{moment:%Y%m%dT%H%M%S}"


def slices(raw: bytes, first: int, rest: int) -> Iterator[bytes]:
    """UTF-8 cut into pieces of at most `first`, then `rest` octets (4 or more), never inside a character."""
    start, room = 0, first
    while len(raw) - start > room:
        end = start + room
        while raw[end] & 0xC0 == 0x80:
            end -= 1
        yield raw[start:end]
        start, room = end, rest
    yield raw[start:]


def folded(line: str) -> bytes:
    """The line in UTF-8, folded at 75 octets, with its CRLF (RFC 5545, 3.1)."""
    raw = line.encode()
    if len(raw) <= LINE_OCTETS:
        return raw + b"\r\n"
    return b"\r\n ".join(slices(raw, LINE_OCTETS, LINE_OCTETS - 1)) + b"\r\n"
