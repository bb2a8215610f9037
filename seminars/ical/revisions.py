"""What may change between two messages about one entry, and when SEQUENCE has to rise (RFC 5546, 2.1.4)."""

from datetime import datetime

from .entry import Entry
from .zones import zone_of


def resets_answers(old: Entry, new: Entry) -> bool:
    """Whether time or place changed, so that an earlier answer says nothing about the new entry."""
    return _times(old) != _times(new) or _places(old) != _places(new)


def needs_sequence(old: Entry, new: Entry) -> bool:
    """Whether SEQUENCE has to rise: time, rule, status, place or link changed."""
    return resets_answers(old, new) or old.status != new.status


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
