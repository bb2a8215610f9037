"""Successive messages about one UID to one recipient: identity stays, DTSTAMP and SEQUENCE rise (RFC 5546, 2.1.4)."""

from collections.abc import Iterator
from hashlib import sha256

from tests.judge.itip import instance
from tests.judge.lines import Component

TIMES = ("DTSTART", "DTEND", "RRULE", "EXDATE")
PLACES = ("LOCATION", "CONFERENCE")


class History:
    """What was sent by one sender so far; the same octets once more, as after a crash, are no new message, and come
    before anything newer (`again`)."""

    def __init__(self) -> None:
        self.seen: set[bytes] = set()
        self.last: dict[tuple[str, str], tuple[str, Component]] = {}
        """By UID and recipient: the DTSTAMP and an event of the last message."""
        self.entries: dict[tuple[str, str, str], tuple[str, Component]] = {}
        """By instance and recipient: METHOD and event of its last message."""
        self.organizers: dict[tuple[str, str], str] = {}
        """By UID and ORGANIZER: the recipient."""

    def is_new(self, content: bytes) -> bool:
        key = sha256(content).digest()
        if key in self.seen:
            return False
        self.seen.add(key)
        return True

    def judge(self, recipient: str, calendar: Component) -> list[str]:
        """What is wrong between this message and those before it."""
        method, events = calendar.value("METHOD"), calendar.within("VEVENT")
        faults = list[str]()
        for event in events:
            faults += self._identity(recipient, event)
            faults += self._revision(recipient, method, event)
        for event in events:
            self.last[event.value("UID"), recipient] = event.value("DTSTAMP"), event
            self.entries[(*instance(event), recipient)] = method, event
        return faults

    def again(self, recipient: str, calendar: Component) -> list[str]:
        """What is wrong with the same octets once more: nothing, while nothing newer was sent to that recipient."""
        nothing: tuple[str, Component | None] = "", None
        is_old = any(
            event.value("DTSTAMP") < self.last.get((event.value("UID"), recipient), nothing)[0]
            for event in calendar.within("VEVENT")
        )
        return ["history: an older message once more"] if is_old else []

    def _identity(self, recipient: str, event: Component) -> Iterator[str]:
        uid, organizer = event.value("UID"), event.value("ORGANIZER").lower()
        if self.organizers.setdefault((uid, organizer), recipient) != recipient:
            yield "history: one ORGANIZER for two recipients"
        before = self.last.get((uid, recipient))
        if before is None:
            return
        if event.value("DTSTAMP") <= before[0]:
            yield "history: DTSTAMP does not rise"
        if before[1].value("ORGANIZER").lower() != organizer:
            yield "history: another ORGANIZER"
        if before[1].value("CREATED") != event.value("CREATED"):
            yield "history: CREATED changed"

    def _revision(self, recipient: str, method: str, event: Component) -> Iterator[str]:
        uid, day = instance(event)
        sequence = _sequence(event)
        master = self.entries.get((uid, "", recipient))
        if day and master and sequence < _sequence(master[1]):
            yield "history: an occurrence below its series"
        if method == "CANCEL" and not event.value("STATUS"):
            highest = [_sequence(old[1]) for key, old in self.entries.items() if key[::2] == (uid, recipient)]
            if sequence <= max(highest, default=-1):
                yield "history: a removal that does not rise"
        before = self.entries.get((uid, day, recipient)) or (master if day else None)
        if before is None:
            return
        old_method, old = before
        if sequence < _sequence(old):
            yield "history: SEQUENCE fell"
        if event.value("LAST-MODIFIED") < old.value("LAST-MODIFIED"):
            yield "history: LAST-MODIFIED went back"
        if sequence > _sequence(old):
            return
        if method == "CANCEL" and (old_method != "CANCEL" or old.value("STATUS") != event.value("STATUS")):
            yield "history: a CANCEL without a higher SEQUENCE"
        elif method == old_method == "REQUEST" and instance(old) == (uid, day):
            for names, what in ((TIMES, "time"), (PLACES, "place"), (("STATUS",), "status")):
                if _lines(old, names) != _lines(event, names):
                    yield f"history: another {what} under the same SEQUENCE"


def _sequence(event: Component) -> int:
    value = event.value("SEQUENCE")
    return int(value) if value.isdigit() else 0


def _lines(event: Component, names: tuple[str, ...]) -> list[tuple[str, str, str]]:
    return [
        (line.name, line.parameter("TZID"), line.value)
        for name in names
        for line in sorted(event.all(name), key=lambda line: line.value)
    ]
