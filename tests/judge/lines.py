"""iCalendar octets to content lines and components, with every fault of line ends, folding, grammar and escapes.

RFC 5545, 3.1 and 3.3.11.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

PARAMETER = re.compile(r';([A-Z-]+)=((?:"[^"]*"|[^";:,]*)(?:,(?:"[^"]*"|[^";:,]*))*)')
NAME = re.compile(r"[A-Z][A-Z0-9-]*")
CONTROL = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
ESCAPE = re.compile(r"\\([\\;,nN])")
TEXTS = {"SUMMARY", "DESCRIPTION", "LOCATION", "COMMENT", "UID", "RELATED-TO", "CATEGORIES"} | {
    *("NAME", "X-WR-CALNAME", "X-WR-CALDESC", "TZNAME"),
}
LISTS = {"CATEGORIES"}
ADDRESSES = {"URL", "CONFERENCE", "SOURCE", "ATTENDEE", "ORGANIZER"}


@dataclass(frozen=True)
class Line:
    """A content line; parameter values without their quotes."""

    name: str
    parameters: dict[str, list[str]]
    value: str

    @property
    def text(self) -> str:
        return ESCAPE.sub(lambda found: "\n" if found[1] in "nN" else found[1], self.value)

    def parameter(self, name: str) -> str:
        return ",".join(self.parameters.get(name, []))


@dataclass
class Component:
    name: str
    lines: list[Line] = field(default_factory=list)
    parts: list["Component"] = field(default_factory=list)

    def all(self, name: str) -> list[Line]:
        return [line for line in self.lines if line.name == name]

    def first(self, name: str) -> Line | None:
        return next((line for line in self.lines if line.name == name), None)

    def value(self, name: str) -> str:
        line = self.first(name)
        return line.value if line else ""

    def within(self, name: str) -> list["Component"]:
        return [part for part in self.parts if part.name == name]


def octets(data: bytes) -> Iterator[str]:
    """Faults of the octets alone."""
    if data.startswith(b"\xef\xbb\xbf"):
        yield "octets: a byte order mark"
    if not data.endswith(b"\r\n"):
        yield "octets: no CRLF at the end"
    bare = data.replace(b"\r\n", b"")
    if b"\n" in bare or b"\r" in bare:
        yield "octets: a line end that is not CRLF"
    try:
        data.replace(b"\r\n ", b"").decode()
    except UnicodeDecodeError:
        yield "octets: not UTF-8"
        return
    for physical in data.removesuffix(b"\r\n").split(b"\r\n"):
        if not physical.strip():
            yield "octets: an empty line"
        if len(physical) > 75:
            yield f"octets: a line of {len(physical)}"
        if CONTROL.search(physical.replace(b"\n", b"").replace(b"\r", b"")):
            yield "octets: a control character"
        try:
            physical.decode()
        except UnicodeDecodeError:
            yield "octets: a fold inside a character"


def read(data: bytes) -> tuple[Component | None, list[str]]:
    """The calendar and its faults; None where it can't be taken apart."""
    faults = list(octets(data))
    if "octets: not UTF-8" in faults:
        return None, faults
    text = data.replace(b"\r\n ", b"").replace(b"\n ", b"").decode("utf-8-sig")
    lines = []
    for raw in filter(None, text.replace("\r\n", "\n").split("\n")):
        try:
            lines.append(taken_apart(raw))
        except ValueError as fault:
            faults.append(str(fault))
    faults += [fault for line in lines for fault in values(line)]
    try:
        return nested(lines), faults
    except ValueError as fault:
        return None, [*faults, str(fault)]


def taken_apart(line: str) -> Line:
    found = NAME.match(line)
    if not found:
        raise ValueError(f"grammar: no name in {line[:60]!r}")
    at, parameters = found.end(), dict[str, list[str]]()
    while parameter := PARAMETER.match(line, at):
        if parameter[1] in parameters:
            raise ValueError(f"grammar: {parameter[1]} twice in {line[:60]!r}")
        parameters[parameter[1]] = [
            one.strip('"') for one in re.findall(r'"[^"]*"|[^",]+', parameter[2]) or [""]
        ]
        at = parameter.end()
    if line[at : at + 1] != ":":
        raise ValueError(f"grammar: no value where one should start in {line[:60]!r}")
    return Line(found[0], parameters, line[at + 1 :])


def values(line: Line) -> Iterator[str]:
    if line.name in TEXTS:
        if "\\" in ESCAPE.sub("", line.value):
            yield f"text: a broken escape in {line.name}"
        bare = ESCAPE.sub("", line.value)
        if ";" in bare or ("," in bare and line.name not in LISTS):
            yield f"text: an unescaped sign in {line.name}"
    if line.name in ADDRESSES and ("\\" in line.value or " " in line.value):
        yield f"address: an escape or a space in {line.name}"


def nested(lines: list[Line]) -> Component:
    """Raises ValueError where BEGIN and END do not match."""
    root = Component("")
    open_ = [root]
    for line in lines:
        if line.name == "BEGIN":
            part = Component(line.value)
            open_[-1].parts.append(part)
            open_.append(part)
        elif line.name == "END":
            if len(open_) == 1 or open_.pop().name != line.value:
                raise ValueError(f"grammar: END:{line.value} ends nothing")
        else:
            open_[-1].lines.append(line)
    if len(open_) > 1 or len(root.parts) != 1 or root.lines or root.parts[0].name != "VCALENDAR":
        raise ValueError("grammar: not one VCALENDAR")
    return root.parts[0]
