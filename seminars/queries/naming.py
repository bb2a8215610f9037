"""Whose full names no free text of a session may hold: a reason stands in the ledger and under the seal, for good."""

import re
from collections.abc import Iterable

from seminars.exchange.address import folded
from seminars.models import Session

Name = tuple[str, ...]
"""Its words, folded, in alphabetical order."""


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", folded(text))


def names_of(session: Session) -> frozenset[Name]:
    """Of everybody who can stand on its sheet; a name of one word is an everyday word too often to be told apart."""
    rows = (session.team, session.invitations, session.walk_ins, session.presence_events)
    first, *others = (each.order_by().values_list("person__name", flat=True) for each in rows)
    named = {name or "" for name in first.union(*others)}
    found = (tuple(sorted(_words(name))) for name in named | _kept(session))
    return frozenset(name for name in found if len(name) > 1)


def _kept(session: Session) -> set[str]:
    """Names as they were at the closing."""
    return {str(entry["name"]) for entry in session.roster.values()}


def names_somebody(words: str, names: Iterable[Name]) -> bool:
    """Whether the words hold one of these names whole, in any order of its words, whatever the accents."""
    said = _words(words)
    for name in names:
        length = len(name)
        runs = (said[at : at + length] for at in range(len(said) - length + 1))
        if any(tuple(sorted(run)) == name for run in runs):
            return True
    return False
