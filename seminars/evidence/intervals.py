"""Minutes of presence: what events and leases prove, in four classes that are never mixed (domain ATT-3, ATT-10).

seen      beats acknowledged by the server
replayed  claimed by the companion afterwards: it was awake through a cut, or kept an arrival that no line took
unseen    between pressing Join for the video and the return: the phone slept, nobody saw
declared  confirmed by the trainer, printed as such
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Event:
    """What the count needs of a presence event, in the order of its seq."""

    kind: str
    at: datetime
    connection: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
    recorded_at: datetime | None = None


@dataclass(slots=True)
class Spans:
    """Raw spans per class; they may overlap, across classes too. `arrived` are those of `replayed` that were told after
    the closing; `late_at` and `arrived_at` are when the last fact marked late, and the last after the closing, came."""

    seen: list[Span] = field(default_factory=list)
    replayed: list[Span] = field(default_factory=list)
    unseen: list[Span] = field(default_factory=list)
    declared: list[Span] = field(default_factory=list)
    arrived: list[Span] = field(default_factory=list)
    late_at: datetime | None = None
    arrived_at: datetime | None = None

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
        elif event.kind in ("declared", "corrected") and "from" in event.data:
            whole.declared.append((_moment(event.data["from"]), _moment(event.data["to"])))
    for key, (start, _heard, _after) in list(begun.items()):
        until(key, still_open.get(key, start))
    return whole
