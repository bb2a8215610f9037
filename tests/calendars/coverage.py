"""Which combinations of change, language, zone and clock change stand among the objects that were sent.

Read from the octets alone: what a message is follows from it and from those before it about the same UID.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import product

from tests.judge.events import expanded, moment
from tests.judge.lines import Component

KINDS = (
    *("invitation", "new time", "new place", "new title", "cancelled", "attendee added", "attendee removed"),
    *("series", "override", "cancelled occurrence", "cancelled series", "forked series"),
)
LANGUAGES = ("fr", "it")
ZONES = ("Europe/Paris", "Europe/Rome")
CHANGES = {
    "28 March 2027": datetime(2027, 3, 28, 1, tzinfo=UTC),
    "31 October 2027": datetime(2027, 10, 31, 1, tzinfo=UTC),
}
SIGNS = {
    "a quote": '"\u2019',
    "a comma": ",",
    "a semicolon": ";",
    "a colon": ":",
    "an emoji": "\U0001f33b",
    "an accent": "éè",
}
CONFIDENTIAL = "confidential"
LONG = "200 characters"
Combination = tuple[str, ...]


def required() -> set[Combination]:
    """Every combination that has to be there."""
    whole: set[Combination] = set(product(KINDS, LANGUAGES, ZONES, CHANGES))
    hard = (*(f"{sign} in a {what}" for sign in SIGNS for what in ("name", "title")), LONG, CONFIDENTIAL)
    return whole | set(product(hard, LANGUAGES))


@dataclass(frozen=True, slots=True)
class Sent:
    """A mail with a calendar object, in the order of its UID; `name` is the reader's as the mail says it."""

    language: str
    recipient: str
    name: str
    calendar: Component


def found(mails: Iterable[Sent]) -> set[Combination]:
    """The combinations among mails; those of one UID in the order in which they were sent."""
    histories = defaultdict[str, list[Sent]](list)
    for mail in mails:
        if events := mail.calendar.within("VEVENT"):
            histories[events[0].value("UID")].append(mail)
    combinations = set[Combination]()
    for history in histories.values():
        changes = [name for name, change in CHANGES.items() if _crosses(history, change)]
        for number, mail in enumerate(history):
            zone = mail.calendar.within("VEVENT")[0].first("DTSTART")
            for kind in _kinds(mail, history[:number]):
                where = zone.parameter("TZID") if zone else ""
                combinations |= {(kind, mail.language, where, change) for change in changes}
            combinations |= {(hard, mail.language) for hard in _hard(mail)}
    return combinations


def _crosses(history: list[Sent], change: datetime) -> bool:
    moments = [one for mail in history for event in mail.calendar.within("VEVENT") for one in _starts(event)]
    return min(moments) < change < max(moments)


def _starts(event: Component) -> Iterator[datetime]:
    start, end = event.first("DTSTART"), event.first("DTEND")
    assert start and end
    yield from (moment(start), moment(end))
    if rule := event.value("RRULE"):
        yield from expanded(start.value, start.parameter("TZID"), rule)


def _kinds(mail: Sent, before: list[Sent]) -> Iterator[str]:
    event = mail.calendar.within("VEVENT")[0]
    day, rule, status = event.value("RECURRENCE-ID"), event.value("RRULE"), event.value("STATUS")
    mine = [one for one in before if one.recipient == mail.recipient]
    if mail.calendar.value("METHOD") == "CANCEL":
        if not status:
            yield "attendee removed"
        elif day:
            yield "cancelled occurrence"
        else:
            yield "cancelled series" if rule else "cancelled"
        return
    if day:
        yield "override"
    elif rule:
        yield "forked series" if event.value("RELATED-TO") else "series"
    elif not mine and not _is_later(event):
        yield "invitation"
    if not mine and any(one.calendar.value("METHOD") == "REQUEST" for one in before) and _is_later(event):
        yield "attendee added"
    if mine and not day and not rule:
        old = mine[-1].calendar.within("VEVENT")[0]
        if mine[-1].calendar.value("METHOD") == "REQUEST":
            names = {"DTSTART": "new time", "LOCATION": "new place", "SUMMARY": "new title"}
            yield from (kind for name, kind in names.items() if old.value(name) != event.value(name))


def _is_later(event: Component) -> bool:
    """Whether the entry had changed before this person came, so that she was not one of the first."""
    return event.value("SEQUENCE") != "0"


def _hard(mail: Sent) -> Iterator[str]:
    for event in mail.calendar.within("VEVENT"):
        summary = event.first("SUMMARY")
        said = {"name": mail.name, "title": summary.text if summary else ""}
        for (sign, either), (what, text) in product(SIGNS.items(), said.items()):
            if any(one in text for one in either):
                yield f"{sign} in a {what}"
        if max(map(len, said.values())) >= 200:
            yield LONG
        if event.value("CLASS") == "CONFIDENTIAL" and not event.value("LOCATION").startswith("Salle"):
            yield CONFIDENTIAL
