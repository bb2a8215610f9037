"""What may change between two messages about one entry, and what each change asks for (RFC 5546, 2.1.4 and 3.2)."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from .entry import Attendee, Entry
from .zones import zone_of


class Change(StrEnum):
    """Why a message leaves."""

    INVITED = "first invitation"
    MOVED = "time, rule, place or link"
    ALTERED = "status, or the end of a series"
    REWORDED = "title, description and other words"
    ADDED = "attendee added"
    REMOVED = "attendee removed"
    ONE_MOVED = "one occurrence changed"
    ONE_CANCELLED = "one occurrence cancelled"
    CANCELLED = "all cancelled"
    ASKED_AGAIN = "sent again as it is"


@dataclass(frozen=True, slots=True)
class Row:
    """The METHOD of the message, whether SEQUENCE rises, whether answers so far are void, and whether the STATUS
    becomes CANCELLED. DTSTAMP is later in every one."""

    method: str
    rises: bool
    resets: bool = False
    ends: bool = False


TABLE = {
    Change.INVITED: Row("REQUEST", rises=False, resets=True),
    Change.MOVED: Row("REQUEST", rises=True, resets=True),
    Change.ALTERED: Row("REQUEST", rises=True),
    Change.REWORDED: Row("REQUEST", rises=True),
    Change.ADDED: Row("REQUEST", rises=False, resets=True),
    Change.REMOVED: Row("CANCEL", rises=True),
    Change.ONE_MOVED: Row("REQUEST", rises=True, resets=True),
    Change.ONE_CANCELLED: Row("CANCEL", rises=True, ends=True),
    Change.CANCELLED: Row("CANCEL", rises=True, ends=True),
    Change.ASKED_AGAIN: Row("REQUEST", rises=False),
}


def kind_of(old: Entry, new: Entry) -> Change:
    """What happened between two states of one entry; for one that stayed the same, that it is sent again."""
    if new.status == "CANCELLED" != old.status:
        return Change.CANCELLED if new.recurrence_id is None else Change.ONE_CANCELLED
    if resets_answers(old, new):
        return Change.MOVED if new.recurrence_id is None else Change.ONE_MOVED
    if old.status != new.status:
        return Change.ALTERED
    return Change.REWORDED if _words(old) != _words(new) else Change.ASKED_AGAIN


def resets_answers(old: Entry, new: Entry) -> bool:
    """Whether time or place changed, so that an earlier answer says nothing about the new entry."""
    return _times(old) != _times(new) or _places(old) != _places(new)


def needs_sequence(old: Entry, new: Entry) -> bool:
    """Whether SEQUENCE has to rise: time, rule, status, place or link changed."""
    return resets_answers(old, new) or old.status != new.status


def revised(old: Entry, change: Change, *, stamp: datetime, above: int = 0, **fields: Any) -> Entry:
    """The next state of an entry with other `fields`, checked against the old one.

    Where the row lets SEQUENCE rise it does so over `above` too, the highest that went out under this UID. Raises
    ValueError naming the field, also where the change is more than its row allows.
    """
    row = TABLE[change]
    sequence = max(old.sequence, above) + 1 if row.rises else old.sequence
    status = {"status": "CANCELLED"} if row.ends else {}
    modified = {"modified": stamp} if row.rises else {}
    new = replace(old, **(fields | status | modified | {"sequence": sequence, "stamp": stamp}))
    check_revision(old, new)
    return new


def answered(attendee: Attendee, change: Change) -> Attendee:
    """The person as the message shows her: asked anew where the change voids what she said."""
    return replace(attendee, partstat="NEEDS-ACTION", rsvp=True) if TABLE[change].resets else attendee


def check_revision(old: Entry, new: Entry) -> None:
    """Raises ValueError naming the field unless `new` can follow `old` in the hands of one recipient.

    A change of zone alone is a change of time. An entry without an organizer, as in a feed, is compared in
    the rest.
    """
    if old.instance != new.instance:
        raise ValueError("uid: another entry")
    if old.organizer and new.organizer and old.organizer.email != new.organizer.email:
        raise ValueError("organizer: can't change")
    if old.created != new.created:
        raise ValueError("created: can't change")
    if new.modified < old.modified:
        raise ValueError("modified: went back")
    if new.sequence < old.sequence:
        raise ValueError("sequence: went back")
    if new.sequence == old.sequence and needs_sequence(old, new):
        raise ValueError("sequence: has to rise")
    if new.stamp <= old.stamp:
        raise ValueError("stamp: not later")


def _written(moment: datetime) -> tuple[str, datetime]:
    return zone_of(moment, "start"), moment.replace(tzinfo=None)


def _times(entry: Entry) -> tuple[object, ...]:
    return _written(entry.start), _written(entry.end), entry.rrule, tuple(map(_written, entry.exdates))


def _places(entry: Entry) -> tuple[object, ...]:
    return entry.location, entry.conference


def _words(entry: Entry) -> tuple[object, ...]:
    return entry.summary, entry.description, entry.url, entry.categories, entry.classification
