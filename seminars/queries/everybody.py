"""What everybody in a room sees alike: the session, the latest messages, the presence check, which inspector looks on.

Nothing here depends on the hour: what is due, late or over, a screen finds by its own clock, so that changes end at the
state a fresh read gives.
"""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from seminars.models import InspectorLink, Message, PresenceCheck, Session
from seminars.moments import instant, now
from seminars.queries import signing
from seminars.vocabulary import Audience, Standing

State = dict[str, Any]
MOST_MESSAGES = 20
LOOKS_ON = timedelta(minutes=5)
"""After so long without a sign an inspector's page is closed."""


def session(session: Session) -> State:
    """Of each half-day `parts` has the planned end, `windows` from when until when it can be signed."""
    opens = session.starts_at - timedelta(minutes=settings.ROOM_OPENS_MINUTES)
    closes = session.ends_at + timedelta(minutes=settings.ROOM_CLOSES_MINUTES)
    slots = list(session.slots.all())
    return {
        "code": session.code,
        "state": str(session.state),
        "starts": instant(session.starts_at),
        "ends": instant(session.ends_at),
        "parts": [instant(slot.ends_at) for slot in slots],
        "windows": [[instant(at) for at in signing.window(slot)] for slot in slots],
        "zone": session.timezone,
        "opens": instant(opens),
        "closes": instant(closes),
        "opened": instant(session.opened_at),
        "closed": instant(session.closed_at),
    }


def messages(session_id: int) -> list[State]:
    """The latest messages to everybody, oldest first; others are nobody else's business."""
    shown = Message.objects.filter(session=session_id, audience=Audience.EVERYBODY)
    latest = shown.select_related("author").order_by("-at", "-pk")
    return [
        {
            "id": message.pk,
            "author": message.author.name if message.author else "",
            "text_fr": message.text_fr,
            "text_it": message.text_it,
            "at": instant(message.at),
        }
        for message in reversed(latest[:MOST_MESSAGES])
    ]


def check(session_id: int) -> State | None:
    """The presence check that was asked last: {"code", "part", "asked", "until", "by_clock"}."""
    asked = PresenceCheck.objects.filter(session=session_id).select_related("slot")
    latest = asked.order_by("asked_at", "pk").last()
    if latest is None:
        return None
    return {
        "code": latest.code,
        "part": latest.slot.number,
        "asked": instant(latest.asked_at),
        "until": instant(latest.answer_until),
        "by_clock": latest.asked_by_id is None,
    }


def inspectors(session_id: int) -> list[State]:
    """Links whose page was open during the session: {"code", "label", "seen", "until"}; `is_looking` says which are."""
    links = InspectorLink.objects.filter(session=session_id, revoked_at=None, seen_at__isnull=False)
    return [
        {
            "code": link.code,
            "label": link.label,
            "seen": instant(link.seen_at),
            "until": instant(link.expires_at),
        }
        for link in links.order_by("pk")
    ]


READ: dict[str, Callable[[int], Any]] = {"messages": messages, "check": check, "inspectors": inspectors}


def some(session_id: int, parts: Collection[str]) -> State:
    """Those parts of a state, where they are of everybody's."""
    return {name: read(session_id) for name, read in READ.items() if name in parts}


def whole(session_id: int) -> State:
    return some(session_id, READ)


def is_looking(inspector: Mapping[str, Any]) -> bool:
    """Whether such a page gives signs of life now."""
    seen, until = (datetime.fromisoformat(inspector[name]) for name in ("seen", "until"))
    return now() < min(seen + LOOKS_ON, until)


def is_past(session: Mapping[str, Any], part: int) -> bool:
    """Whether that half-day is over by the plan; the last one ends with the session."""
    ends = session["parts"]
    return part < len(ends) and datetime.fromisoformat(ends[part - 1]) <= now()


def settled(state: Mapping[str, Any]) -> State:
    """A state as a page prints it now: who was in the room of a half-day that is over has left, and `here` counts
    everybody who is present."""
    session, found = state["session"], dict(state)
    if "people" in found:
        found["people"] = {code: _settled(row, session) for code, row in state["people"].items()}
    if "mine" in found:
        found["mine"] = _settled(state["mine"], session)
    inside = state["counts"].get("room", {}).items()
    here = state["counts"]["here"] + sum(n for part, n in inside if not is_past(session, int(part)))
    return found | {"counts": {**state["counts"], "here": here}}


def _settled(row: State, session: Mapping[str, Any]) -> State:
    if row["standing"] != Standing.ROOM or not is_past(session, row["part"]):
        return row
    return row | {"standing": str(Standing.LEFT), "since": session["parts"][row["part"] - 1], "part": None}


def part_now(session: Mapping[str, Any]) -> int:
    """Number of the half-day that screens speak of: the last one whose signing has begun, else the first."""
    begun = (datetime.fromisoformat(opens) <= now() for opens, _ in session["windows"])
    return max(1, sum(begun))
