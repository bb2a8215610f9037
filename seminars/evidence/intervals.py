"""Minutes of presence: what events and leases prove, in four classes that are never mixed (domain ATT-3, ATT-10).

seen      beats acknowledged by the server
replayed  claimed by the companion afterwards: it was awake through a cut, or kept an arrival that no line took
unseen    between pressing Join for the video and the return: the phone slept, nobody saw
declared  confirmed by the trainer, printed as such
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
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


@dataclass(slots=True)
class Spans:
    """Raw spans per class; they may overlap, across classes too."""

    seen: list[Span] = field(default_factory=list)
    replayed: list[Span] = field(default_factory=list)
    unseen: list[Span] = field(default_factory=list)
    declared: list[Span] = field(default_factory=list)


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def spans(events: Iterable[Event], still_open: Mapping[str, datetime]) -> Spans:
    """Spans of one person in one session; `still_open` gives the last acknowledged beat of each open connection."""
    whole = Spans()
    begun: dict[str, Span] = {}

    def until(key: str, end: datetime) -> None:
        """A claim reaches from when it happened to when the server heard of it; from then on it has seen for itself."""
        start, heard = begun.pop(key)
        if start < heard:
            whole.replayed.append((start, min(heard, end)))
        if heard < end or start == heard:
            whole.seen.append((heard, end))

    for event in events:
        key = event.connection or ""
        if event.kind in ("joined", "resumed"):
            if event.kind == "resumed" and "last_beat" in event.data:
                last = _moment(event.data["last_beat"])
                if key in begun:
                    until(key, last)
                if event.data.get("awake"):
                    whole.replayed.append((last, event.at))
                elif event.data.get("video"):
                    whole.unseen.append((last, event.at))
            heard = _moment(event.data["heard"]) if "heard" in event.data else event.at
            begun.setdefault(key, (event.at, heard))
        elif event.kind == "left":
            if key in begun:
                until(key, event.at)
            if "video_until" in event.data:
                whole.unseen.append((event.at, _moment(event.data["video_until"])))
        elif event.kind in ("declared", "corrected") and "from" in event.data:
            whole.declared.append((_moment(event.data["from"]), _moment(event.data["to"])))
    for key, (start, _heard) in list(begun.items()):
        until(key, still_open.get(key, start))
    return whole
