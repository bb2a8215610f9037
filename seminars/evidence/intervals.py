"""Minutes of presence: what events and leases prove, in classes that are never mixed (domain ATT-3, ATT-10).

seen      beats acknowledged by the server
replayed  claimed by the companion afterwards: it was awake through a cut, or kept an arrival that no line took
unseen    between pressing Join for the video and the return: the phone slept, nobody saw
onsite    in the room: from signing or checking in to checking out, or as a paper sheet or the trainer has it
declared  by the trainer, of one half-day or of time that nobody saw, printed as such
corrected what the trainer wrote in the place of all of these, for one half-day
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

Span = tuple[datetime, datetime]
NO_END = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Event:
    """What the count needs of a presence event, in the order of its seq. `slot` is the number of its half-day."""

    kind: str
    at: datetime
    connection: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
    recorded_at: datetime | None = None
    slot: int | None = None
    source: str = ""
    author: int | None = None
    reason: str = ""

    @property
    def is_signature(self) -> bool:
        """Her own, or one that the trainer declares."""
        return self.kind == "signed" or (self.kind == "declared" and bool(self.data.get("signature")))


@dataclass(slots=True)
class Page:
    """What the ledger holds of one person for one half-day, connections apart."""

    marks: list[Event] = field(default_factory=list)
    """Signatures that stand, in order: signed, or declared."""
    moves: list[Event] = field(default_factory=list)
    """Coming and going by the room's code."""
    declared: list[Span] = field(default_factory=list)
    """What the trainer declared of this half-day; it may reach beyond it, and counts in no other."""
    times: list[Span] | None = None
    """What the last correction put in the place of all counted time."""
    is_excused: bool = False
    answers: dict[str, tuple[datetime, bool]] = field(default_factory=dict)
    """To presence checks, by their code: (when, late)."""

    def read(self, event: Event) -> None:
        """Takes one fact of this half-day."""
        data = event.data
        if event.is_signature:
            self.marks.append(event)
        elif "from" in data and "to" in data:
            self.declared.append((_moment(data["from"]), _moment(data["to"])))
        elif event.kind in ("checked_in", "checked_out"):
            self.moves.append(event)
        elif event.kind == "confirmed" and "check" in data:
            self.answers.setdefault(data["check"], (event.at, bool(data.get("late"))))
        if event.kind == "corrected" and "times" in data:
            self.times = [(_moment(start), _moment(end)) for start, end in data["times"]]
        if event.kind == "corrected" and data.get("signature") is False:
            self.marks = []
        if event.kind in ("declared", "corrected") and "excused" in data:
            self.is_excused = bool(data["excused"])

    @property
    def told(self) -> list[Span]:
        """Declared minutes, and hours that stand with a signature which is not of the room: voided, they go with it.
        Where only a first hour stands, they last as long as the half-day was held, to which every count cuts them."""
        hours = [
            (_moment(mark.data["from"]), _hour(mark, "to", NO_END))
            for mark in self.marks
            if mark.data.get("mode") != "room" and "from" in mark.data
        ]
        return self.declared + hours

    def stays(self, begun: datetime, ended: datetime, grace: timedelta) -> list[Span]:
        """Time in the room, of a half-day held from `begun` to `ended`. Whoever gives a first sign of herself no later
        than `grace` after the beginning was there from the beginning."""
        told: list[Span] = []
        signs = [(move.at, move.kind) for move in self.moves]
        for mark in self.marks:
            if mark.data.get("mode") != "room":
                continue
            if mark.kind == "declared" or mark.source == "paper":
                told.append((_hour(mark, "from", begun), _hour(mark, "to", ended)))
            else:
                signs.append((mark.at, mark.kind))
        return told + _between(sorted(signs), begun, ended, grace)


def _between(
    signs: list[tuple[datetime, str]], begun: datetime, ended: datetime, grace: timedelta
) -> list[Span]:
    """A signature tells of the first coming only: whoever went comes back by checking in."""
    found: list[Span] = []
    came, is_first = None, True
    for at, kind in signs:
        if kind == "checked_out":
            if came is not None:
                found.append((came, at))
            came = None
        elif came is None and (is_first or kind == "checked_in"):
            came = begun if is_first and at <= begun + grace else at
        is_first = False
    return [*found, (came, ended)] if came is not None else found


def _hour(mark: Event, key: str, otherwise: datetime) -> datetime:
    return _moment(mark.data[key]) if key in mark.data else otherwise


@dataclass(slots=True)
class Spans:
    """Raw spans per class; they may overlap, across classes too. `arrived` are those of `replayed` that were told after
    the closing; `late_at` and `arrived_at` are when the last fact marked late, and the last after the closing, came."""

    seen: list[Span] = field(default_factory=list)
    replayed: list[Span] = field(default_factory=list)
    unseen: list[Span] = field(default_factory=list)
    declared: list[Span] = field(default_factory=list)
    """Confirmed for no one half-day: what was unseen, or replayed at length, wherever it lies."""
    arrived: list[Span] = field(default_factory=list)
    late_at: datetime | None = None
    arrived_at: datetime | None = None
    pages: dict[int, Page] = field(default_factory=dict)
    """By half-day number."""
    is_withdrawn: bool = False
    """A walk-in of whom a host says that she was not there."""

    @property
    def authors(self) -> set[int]:
        """Who vouched for a signature."""
        marks = (mark for page in self.pages.values() for mark in page.marks)
        return {mark.author for mark in marks if mark.author is not None}

    @property
    def has_come(self) -> bool:
        """Whether anything says that she was there, if for no minute; an excuse does not."""
        pages = self.pages.values()
        told = any(page.marks or page.moves or page.declared or page.times or page.answers for page in pages)
        return told or bool(self.seen or self.replayed or self.unseen or self.declared)

    def declared_in(self, number: int) -> list[Span]:
        """What the trainer declared, as far as it can count in that half-day."""
        page = self.pages.get(number)
        return self.declared + page.told if page else self.declared

    def as_closed(self) -> "Spans":
        """Without what was replayed after the closing."""
        left = Counter(self.replayed) - Counter(self.arrived)
        return replace(self, replayed=list(left.elements()), arrived=[], arrived_at=None)

    def note(self, event: Event, *, is_after: bool) -> None:
        """When the server heard of what it says was long ago, or of what only came after the closing."""
        if event.data.get("late"):
            self.late_at = event.recorded_at
        if is_after:
            self.arrived_at = event.recorded_at

    def read(self, event: Event) -> None:
        """Takes one fact that is of no connection."""
        data = event.data
        if "withdrawn_walk_in" in data:
            self.is_withdrawn = bool(data["withdrawn_walk_in"])
        if event.slot is not None:
            self.pages.setdefault(event.slot, Page()).read(event)
        elif "from" in data and "to" in data and not event.is_signature:
            self.declared.append((_moment(data["from"]), _moment(data["to"])))

    def claim(self, span: Span, *, is_after: bool) -> None:
        """Time that only the companion tells of."""
        self.replayed.append(span)
        if is_after:
            self.arrived.append(span)


def _is_after(event: Event, closed_at: datetime | None) -> bool:
    """Told after the closing. Nobody enters then but by a replay; the closing itself ends lines, and a trainer who
    declares later is named with her reason."""
    if closed_at is None or event.recorded_at is None:
        return False
    return event.kind in ("joined", "resumed") and event.recorded_at > closed_at


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def spans(
    events: Iterable[Event], still_open: Mapping[str, datetime], closed_at: datetime | None = None
) -> Spans:
    """Spans of one person in one session; `still_open` gives the last acknowledged beat of each open connection."""
    whole = Spans()
    begun: dict[str, tuple[datetime, datetime, bool]] = {}

    def until(key: str, end: datetime) -> None:
        """A claim reaches from when it happened to when the server heard of it; from then on it has seen for itself."""
        start, heard, is_after = begun.pop(key)
        if start < heard:
            whole.claim((start, min(heard, end)), is_after=is_after)
        if heard < end or start == heard:
            whole.seen.append((heard, end))

    for event in events:
        key, is_after = event.connection or "", _is_after(event, closed_at)
        whole.note(event, is_after=is_after)
        if event.kind in ("joined", "resumed"):
            if event.kind == "resumed" and "last_beat" in event.data:
                last = _moment(event.data["last_beat"])
                if key in begun:
                    until(key, last)
                if event.data.get("awake"):
                    whole.claim((last, event.at), is_after=is_after)
                elif event.data.get("video"):
                    whole.unseen.append((last, event.at))
            heard = _moment(event.data["heard"]) if "heard" in event.data else event.at
            begun.setdefault(key, (event.at, heard, is_after))
        elif event.kind == "left":
            if key in begun:
                until(key, event.at)
            if "video_until" in event.data:
                whole.unseen.append((event.at, _moment(event.data["video_until"])))
        else:
            whole.read(event)
    for key, (start, _heard, _after) in list(begun.items()):
        until(key, still_open.get(key, start))
    return whole
