"""What the ledger holds of connections, line by line: when each began, when it ended, and how that is known."""

from collections.abc import Iterator
from datetime import datetime
from itertools import count

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy, pgettext_lazy

from seminars import moments
from seminars.documents.tabular import Cells
from seminars.documents.voices import voice_of
from seminars.models import PresenceEvent, Session
from seminars.vocabulary import PresenceKind

HEADS: tuple[str | Promise, ...] = (
    gettext_lazy("Name"),
    pgettext_lazy("connections", "Code of the person"),
    pgettext_lazy("connections", "Connection"),
    pgettext_lazy("connections", "From"),
    pgettext_lazy("connections", "To"),
    pgettext_lazy("connections", "Ended by"),
    pgettext_lazy("connections", "Recorded at"),
)
"""Of columns; hours in ISO 8601 with the offset of the session's zone."""
ENDS = {"left": pgettext_lazy("connections", "leaving"), "silence": pgettext_lazy("connections", "silence")}
KINDS = (PresenceKind.JOINED, PresenceKind.RESUMED, PresenceKind.LEFT)
Line = tuple[int, str]
"""Person and connection."""
Stretch = tuple[datetime, int, str, Cells]
"""When it began, its place among those that the ledger tells, how it ended, and its cells without that."""


def rows(session: Session, language: str) -> list[Cells]:
    """One row per stretch of a connection, in the order in which they began; an end that nobody told is empty. No rows
    once the events are condensed. Words in `fr`, `it` or `both`."""
    voice = voice_of(language)
    ends = {"": ""} | {end: voice.plain(voice.alike(words)) for end, words in ENDS.items()}
    heads: Cells = [voice.plain(voice.alike(head)) for head in HEADS]
    found = sorted(_stretches(session), key=lambda one: one[:2])
    return [heads, *([*cells[:5], ends[end], *cells[5:]] for _begun, _at, end, cells in found)]


def _stretches(session: Session) -> Iterator[Stretch]:
    begun: dict[Line, datetime] = {}
    names: dict[Line, tuple[str, str]] = {}
    numbers: dict[int, dict[str, int]] = {}
    told = count()
    events = PresenceEvent.objects.filter(session=session, kind__in=KINDS, person__isnull=False)

    def stretch(line: Line, end: datetime | None, by: str, recorded: datetime | None) -> Stretch:
        name, code = names[line]
        number, zone, start = numbers[line[0]][line[1]], session.timezone, begun.pop(line)
        cells: Cells = [name, code, number, _iso(start, zone), _iso(end, zone), _iso(recorded, zone)]
        return start, next(told), by, cells

    for event in events.select_related("person").order_by("seq").iterator():
        person = event.person
        if person is None:
            continue
        line = (person.pk, str(event.connection))
        known = session.roster.get(person.code, {}).get("name", person.name)
        names[line] = (known, person.code)
        of_hers = numbers.setdefault(person.pk, {})
        of_hers.setdefault(line[1], len(of_hers) + 1)
        if event.kind == PresenceKind.LEFT:
            if line in begun:
                yield stretch(line, event.at, "left", event.recorded_at)
            continue
        if line in begun and "last_beat" in event.data:
            yield stretch(line, _moment(event.data["last_beat"]), "silence", event.recorded_at)
        begun.setdefault(line, event.at)
    for line in list(begun):
        yield stretch(line, None, "", None)


def _moment(stamp: str) -> datetime:
    return datetime.fromisoformat(stamp)


def _iso(moment: datetime | None, zone: str) -> str:
    return moments.local(moment, zone).isoformat(timespec="seconds") if moment else ""
