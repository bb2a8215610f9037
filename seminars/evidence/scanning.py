"""What a scanned page is, by its content alone: PDF, JPEG or PNG, and nothing that acts when it is opened.

A file is never drawn or run here; what is not surely one of the three has no type. Sources: ISO 32000-1 7.5 (structure
of a PDF), 12.6.4 (actions); ITU T.81 annex B (markers of a JPEG); W3C PNG (third edition) 5.
"""

import re
import struct
import zlib

PDF, JPEG, PNG = "application/pdf", "image/jpeg", "image/png"
ENDINGS = {PDF: "pdf", JPEG: "jpg", PNG: "png"}
ACTS = re.compile(
    rb"/(?:JavaScript|Launch|EmbeddedFiles?|RichMedia|SubmitForm|ImportData|GoToE|XFA|Rendition)(?![A-Za-z0-9])"
)
ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")
LOCKED = re.compile(rb"/Encrypt(?![A-Za-z0-9])")
BODY = re.compile(rb"\s*\d+\s+\d+\s")
"""Packed objects begin with their numbers and places: what does not was packed in a way that is not read here."""
OTHERWISE = re.compile(
    rb"/(?:ASCIIHexDecode|AHx|ASCII85Decode|A85|LZWDecode|LZW|RunLengthDecode|RL)(?![A-Za-z0-9])"
)
"""Ways of packing that are not read here: beside packed objects they could hide some."""
MOST_UNPACKED = 4 * 1024 * 1024
"""Octets of all packed streams of objects; a scan needs a few hundred."""
MOST_SEGMENTS = 20_000
"""Of a JPEG; a photograph has some tens."""


def _named(name: bytes) -> bytes:
    """A pattern of a name with any of its letters escaped."""
    return b"".join(b"(?:%c|#(?i:%02x))" % (letter, letter) for letter in name) + rb"(?![A-Za-z0-9#])"


TOKENS = re.compile(
    rb"(?P<packed>/%b)|(?P<first>/%b)|(?P<body>(?<!end)stream\r?\n)|(?P<end>endobj)"
    % (_named(b"ObjStm"), _named(b"First"))
)
"""`First` is the one key that a stream of objects cannot do without, whatever it says of itself."""
AFTER_PIXELS = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")


class Unfit(Exception):
    """Not taken: `type`, `acts` (holds a script or another action) or `locked` (encrypted)."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def media_type(content: bytes) -> str:
    """One of PDF, JPEG, PNG. Raises Unfit."""
    if content.startswith(b"%PDF-"):
        return _pdf(content)
    if content.startswith(b"\xff\xd8\xff") and _is_jpeg(content):
        return JPEG
    if content.startswith(b"\x89PNG\r\n\x1a\n") and _is_png(content):
        return PNG
    raise Unfit("type")


def _pdf(content: bytes) -> str:
    """A whole PDF: its end is near the end of the file, so that nothing else rides behind it."""
    end = content.rfind(b"%%EOF")
    if end < 0 or content[end + 5 :].strip(b"\r\n \t\0"):
        raise Unfit("type")
    if LOCKED.search(content):
        raise Unfit("locked")
    if any(ACTS.search(_plain(piece)) for piece in (content, *_unpacked(content))):
        raise Unfit("acts")
    return PDF


def _plain(piece: bytes) -> bytes:
    """Names as they are read: `/J#61vaScript` is `/JavaScript`."""
    return ESCAPED.sub(lambda found: bytes([int(found[1], 16)]), piece)


def _unpacked(content: bytes) -> list[bytes]:
    """Streams that hold objects, inflated; one that is named and does not come out could hide anything."""
    found: list[bytes] = []
    is_packed = may_be = is_out = False
    left = MOST_UNPACKED
    for token in TOKENS.finditer(content):
        match token.lastgroup:
            case "packed":
                if is_packed and not is_out:
                    raise Unfit("acts")
                is_packed, is_out = True, False
            case "first":
                may_be = True
            case "body" if is_packed or may_be:
                found.append(_inflated(content, token.end(), left))
                left -= len(found[-1])
                is_out = True
            case "end":
                if is_packed and not is_out:
                    raise Unfit("acts")
                is_packed = may_be = is_out = False
    if (is_packed and not is_out) or (found and OTHERWISE.search(_plain(content))):
        raise Unfit("acts")
    return found


def _inflated(content: bytes, start: int, most: int) -> bytes:
    """Raises Unfit for what is not one whole deflated stream of objects, or is longer than `most`."""
    inflate = zlib.decompressobj()
    try:
        piece = inflate.decompress(memoryview(content)[start:], max(1, most))  # 0 would be without a limit
    except zlib.error:
        raise Unfit("acts") from None
    if not inflate.eof or not BODY.match(piece):
        raise Unfit("acts")
    return piece


def _is_jpeg(content: bytes) -> bool:
    """Marker segments and scans of pixels, with a frame before them, to the mark of the end, and nothing behind."""
    at, has_frame, has_scan = 2, False, False
    for _segment in range(MOST_SEGMENTS):
        if at + 4 > len(content) or content[at] != 0xFF:
            break
        marker = content[at + 1]
        if marker == 0xFF:  # fill
            at += 1
            continue
        if marker in (0x00, 0x01) or 0xD0 <= marker <= 0xD9:
            return False
        has_frame |= 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC)
        at += 2 + int(struct.unpack(">H", content[at + 2 : at + 4])[0])
        if marker == 0xDA:
            mark = AFTER_PIXELS.search(content, at)
            if mark is None or not has_frame:
                return False
            at, has_scan = mark.start(), True
    return has_scan and content[at:] == b"\xff\xd9"


def _is_png(content: bytes) -> bool:
    """Chunks with their checksums, from IHDR to IEND, pixels among them, and nothing behind."""
    at, kinds = 8, []
    while at + 12 <= len(content):
        length, kind = struct.unpack(">I4s", content[at : at + 8])
        data = content[at + 4 : at + 8 + length]
        if at + 12 + length > len(content):
            return False
        if struct.unpack(">I", content[at + 8 + length : at + 12 + length])[0] != zlib.crc32(data):
            return False
        kinds.append(kind)
        at += 12 + length
        if kind == b"IEND":
            return kinds[0] == b"IHDR" and b"IDAT" in kinds and at == len(content)
    return False
