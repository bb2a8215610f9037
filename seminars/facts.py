"""What happened: frozen facts, announced after the commit to the listeners that settings name."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that happened to a session; `seq` numbers the session's changes without a gap, from 1."""

    session_id: int
    seq: int


@dataclass(frozen=True, slots=True)
class SessionChanged(Fact):
    """Planned anew, moved, opened, closed, cancelled."""


@dataclass(frozen=True, slots=True)
class PresenceChanged(Fact):
    """Somebody arrived, left, returned, was confirmed; `people` are ids of persons."""

    people: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class AnswerChanged(Fact):
    people: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class PulseTaken(Fact):
    """`people` is whose own screens change; no other screen learns who it was."""

    people: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class HandChanged(Fact):
    people: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class MessagePublished(Fact):
    message_id: int = 0


@dataclass(frozen=True, slots=True)
class CheckAsked(Fact):
    """Everybody in the room is asked whether she is still there, by a host or by the clock."""


@dataclass(frozen=True, slots=True)
class CheckAnswered(Fact):
    """`people` answered a presence check."""

    people: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class InspectorSeen(Fact):
    """An inspector's page gave a sign, or her link was revoked: all in the room see who looks on."""


@dataclass(frozen=True, slots=True)
class AccessRevoked:
    """A person may no longer do what an open socket lets her do; session_id 0 means everywhere."""

    person_id: int
    session_id: int = 0


Listener = Callable[[Fact | AccessRevoked], None]


@cache
def _listeners() -> tuple[Listener, ...]:
    """The one place that resolves a name from settings, so that no floor imports the one above it."""
    return tuple(import_string(name) for name in settings.FACT_LISTENERS)


def announce(fact: Fact | AccessRevoked) -> None:
    """Tells every listener once the transaction has committed; a listener's fault never reaches the action."""

    def tell() -> None:
        for listener in _listeners():
            try:
                listener(fact)
            except Exception:
                log.exception("a listener failed on %s", type(fact).__name__)

    transaction.on_commit(tell, robust=True)
