"""The language of the live door, as docs/protocol.md tells it: frames, the command table, limits, close codes."""

import json
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils import translation

from realtime import attendance, bridge, feedback, rooms
from realtime.seats import FOREIGN, NOBODY, TOO_MANY, Seat
from realtime.sockets import TOO_SLOW
from realtime.writer import writer
from seminars import refusals
from seminars.actions.connections import Message
from seminars.errors import Refused
from seminars.permissions import allows

MOST_OCTETS = 16 * 1024
PER_SECOND, BURST, PATIENCE = 10.0, 20, 20
"""Messages a socket may send; after PATIENCE refusals in a row it is closed."""
MOST_BEHIND = 200
"""A reader further behind than so many changes is closed: it must begin anew."""
REAUTHORISE_SECONDS = 60.0
TOO_LARGE = 4400
CLOSE_CODES = {
    TOO_LARGE: "a message larger than 16 KiB",
    NOBODY: "nobody is signed in, or no longer",
    FOREIGN: "no such session, or none that this person may enter",
    TOO_SLOW: "the reader takes nothing, or is too far behind",
    TOO_MANY: "too many messages, or too many sockets of one person in one session",
}

Body = dict[str, Any]
Shape = Mapping[str, Callable[[Any], Any]]


def _key(value: Any) -> uuid.UUID:
    if not isinstance(value, str) or len(value) != 36:
        raise ValueError("no UUID")
    return uuid.UUID(value)


def _key_or_none(value: Any) -> uuid.UUID | None:
    return None if value is None else _key(value)


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("neither true nor false")
    return value


def _number(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 2**53:
        raise ValueError("no number from 0 on")
    return int(value)


def _secret(value: Any) -> str:
    if not isinstance(value, str) or len(value) > 100:
        raise ValueError("no secret")
    return value


def _word(value: Any) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= 40:
        raise ValueError("no word")
    return value


def _word_or_none(value: Any) -> str | None:
    return None if value is None else _word(value)


def _words_or_none(value: Any) -> list[str] | None:
    if value is None:
        return None
    if not isinstance(value, list) or len(value) > 300:
        raise ValueError("no list")
    return [_word(each) for each in value]


@dataclass(frozen=True, slots=True)
class Command:
    """What may be asked: by which permission, who does it, and what its body holds: all of `shape` but `may_lack`.

    `act` gives the answer's body; where there is none, `says` gives a message of presence for the writer.
    """

    permission: str
    act: Callable[[Seat, Body], Body] | None
    shape: Shape = field(default_factory=dict)
    may_lack: Mapping[str, Any] = field(default_factory=dict)
    says: Callable[[Seat, Body], Message] | None = None

    def read(self, body: Any) -> Body:
        """The checked body. Raises Refused("bad_command")."""
        if not isinstance(body, dict) or set(body) - set(self.shape):
            raise Refused("bad_command")
        whole = {**self.may_lack, **body}
        try:
            return {name: check(whole[name]) for name, check in self.shape.items()}
        except (KeyError, ValueError):
            raise Refused("bad_command") from None


COMMANDS: dict[str, Command] = {
    "attendance.join": Command(
        "seminars.record_presence",
        None,
        {"connection": _key, "event": _key, "awake": _flag, "age_ms": _number, "secret": _secret},
        {"awake": False, "age_ms": 0, "secret": ""},
        says=attendance.join,
    ),
    "attendance.beat": Command(
        "seminars.record_presence",
        None,
        {"connection": _key, "seq": _number, "event": _key_or_none, "age_ms": _number},
        {"seq": 0, "event": None, "age_ms": 0},
        says=attendance.beat,
    ),
    "attendance.leave": Command(
        "seminars.record_presence",
        None,
        {"connection": _key, "event": _key, "age_ms": _number},
        {"age_ms": 0},
        says=attendance.leave,
    ),
    "attendance.confirm": Command(
        "seminars.confirm_presence", attendance.confirm, {"people": _words_or_none}, {"people": None}
    ),
    "attendance.ask_check": Command("seminars.ask_check", attendance.ask_check),
    "attendance.answer_check": Command("seminars.answer_check", attendance.answer_check, {"check": _word}),
    "feedback.pulse": Command("seminars.take_pulse", feedback.pulse, {"value": _word}),
    "rooms.hand": Command(
        "seminars.raise_hand", rooms.hand, {"raised": _flag, "person": _word_or_none}, {"person": None}
    ),
    "live.fetch": Command("seminars.enter_room", rooms.fetch),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """One frame from a client: `[name, id, body]`."""

    name: str
    id: str | int | None
    body: Any


def read(text: str | None) -> Asked:
    """Raises Refused("bad_command") for anything that is no frame; its fact `id` is the frame's, when it has one."""
    try:
        name, number, body = json.loads(text or "")
    except (ValueError, TypeError, RecursionError):
        raise Refused("bad_command") from None
    if isinstance(number, bool) or not isinstance(number, str | int) or len(str(number)) > 40:
        raise Refused("bad_command")
    return Asked(name if isinstance(name, str) else "", number, body)


async def run(*, seat: Seat, asked: Asked) -> Body:
    """Does a command; what it answers stands committed. Raises Refused.

    Messages of presence go to the writer. Who may say them is the seat's matter: the permission was asked when it was
    taken, is asked again within REAUTHORISE_SECONDS and at once after a revocation. Everything else asks it now.
    """
    command = COMMANDS.get(asked.name)
    if command is None:
        raise Refused("bad_command")
    body = command.read(asked.body)
    if command.says:
        return attendance.said(await writer.keep(command.says(seat, body)))
    return await bridge.act(_do, command=command, seat=seat, body=body)


def _do(*, command: Command, seat: Seat, body: Body) -> Body:
    """In the database thread."""
    if command.act is None or not allows(command.permission, seat.actor, seat.session):
        raise Refused("forbidden")
    return command.act(seat, body)


def refusal(refused: Refused, language: str) -> dict[str, str]:
    """`{"code", "message"}`, the message in the reader's language."""
    with translation.override(language):
        return {"code": refused.code, "message": refusals.sentence(refused)}


class Bucket:
    """How fast one socket may speak: `take` says whether this message may pass, `is_deaf` that it never listens."""

    __slots__ = ("at", "left")

    def __init__(self) -> None:
        self.left, self.at = float(BURST), time.monotonic()

    def take(self) -> bool:
        present = time.monotonic()
        self.left = min(float(BURST), self.left + (present - self.at) * PER_SECOND) - 1
        self.at = present
        return self.left >= 0

    @property
    def is_deaf(self) -> bool:
        return self.left < -PATIENCE
