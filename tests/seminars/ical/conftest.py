"""A session to vary, and a strict reader that judges every byte it is given."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from seminars.ical.entry import Attendee, Entry, Organizer

ROME = ZoneInfo("Europe/Rome")
_PARAMETER = re.compile(r';([A-Z-]+)=((?:"[^"]*"|[^";:,]*)(?:,(?:"[^"]*"|[^";:,]*))*)')
_NAME = re.compile(r"[A-Z][A-Z0-9-]*")
_ESCAPE = re.compile(r"\\([\\;,nN])")


@dataclass(frozen=True)
class Line:
    """A content line taken apart by the grammar of RFC 5545, 3.1; parameter values without their quotes."""

    name: str
    parameters: dict[str, str]
    value: str

    @property
    def text(self) -> str:
        """The value as TEXT."""
        return _ESCAPE.sub(lambda found: "\n" if found[1] in "nN" else found[1], self.value)


def _taken_apart(line: str) -> Line:
    found = _NAME.match(line)
    assert found, f"no name: {line!r}"
    at, parameters = found.end(), {}
    while parameter := _PARAMETER.match(line, at):
        assert parameter[1] not in parameters, f"parameter twice: {line!r}"
        parameters[parameter[1]] = parameter[2].replace('"', "")
        at = parameter.end()
    assert line[at] == ":", f"no value where one should start: {line!r}"
    return Line(found[0], parameters, line[at + 1 :])


def _judged(data: bytes) -> list[Line]:
    assert not data.startswith(b"\xef\xbb\xbf")
    assert data.endswith(b"\r\n")
    physical = data.split(b"\r\n")[:-1]
    for octets in physical:
        assert octets, "blank line"
        assert len(octets) <= 75, f"{len(octets)} octets"
        assert not re.search(rb"[\x00-\x08\x0a-\x1f\x7f]", octets), f"control character: {octets!r}"
        octets.decode("utf-8")
    return [_taken_apart(line) for line in data.replace(b"\r\n ", b"").decode().split("\r\n")[:-1]]


@pytest.fixture(scope="session")
def judged() -> Callable[[bytes], list[Line]]:
    """Asserts what holds for any iCalendar bytes (line ends, folding, grammar) and returns their content lines."""
    return _judged


@pytest.fixture
def values() -> Callable[[bytes, str], list[str]]:
    """The raw values of a property, by its name, in the order of the (judged) bytes."""
    return lambda data, name: [line.value for line in _judged(data) if line.name == name]


@pytest.fixture
def make_entry() -> Callable[..., Entry]:
    """A half day in Turin in February 2027 without people; fields by keyword."""

    def make(**changes: object) -> Entry:
        fields: dict[str, object] = {
            "uid": "6f1c6a5e-0d7c-4c0e-9f0a-3d1b1f0a7c11@viso.example",
            "sequence": 0,
            "stamp": datetime(2027, 1, 10, 8, 0, tzinfo=UTC),
            "created": datetime(2027, 1, 9, 8, 0, tzinfo=UTC),
            "modified": datetime(2027, 1, 10, 8, 0, tzinfo=UTC),
            "start": datetime(2027, 2, 3, 9, 0, tzinfo=ROME),
            "end": datetime(2027, 2, 3, 12, 30, tzinfo=ROME),
            "summary": "Accompagner la coopération",
            "description": "Première demi-journée.",
            "location": "",
            "url": "https://viso.example/sessions/K7Q2",
        }
        return Entry(**(fields | changes))

    return make


@pytest.fixture
def make_invitation(make_entry: Callable[..., Entry]) -> Callable[..., Entry]:
    """The same half day with an agent as organizer and one person who is asked for an answer."""

    def make(**changes: object) -> Entry:
        people: dict[str, object] = {
            "organizer": Organizer("sessions+k3v9@viso.example", "Viso"),
            "attendees": (Attendee("anna.rossi@example.org", "Anna Rossi", language="it"),),
            "conference": "https://viso.example/join/K7Q2",
            "conference_label": "Rejoindre la séance",
        }
        return make_entry(**(people | changes))

    return make
