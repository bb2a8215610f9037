"""Records made from the parts of a parsed file that have been checked; nothing is checked again here."""

from datetime import datetime, time
from typing import Any

from seminars.exchange.records import (
    Activity,
    Kind,
    Organisation,
    Person,
    Programme,
    Seminar,
    TeamMember,
    Timing,
    Words,
)

_TIMES = ("timezone", "minutes", "days", "recurrence")
_PLAIN = (
    "key",
    "kind",
    "activity",
    "mode",
    "place",
    "host_org",
    "capacity",
    "interpretation",
    "min_presence_percent",
    "training_scheme",
    "involves_minors",
    "public",
    "confidential",
)


def programme_of(document: dict[str, Any]) -> Programme:
    return Programme(
        year=document["meta"]["year"],
        activities=tuple(
            Activity(code=entry["code"], slug=entry["slug"], name=_words(entry["name"]))
            for entry in document["activities"]
        ),
        kinds=tuple(
            Kind(name=_words(entry["name"]), **_only(entry, "code", "attendance", "indicator"))
            for entry in document["kinds"]
        ),
        organisations=tuple(
            Organisation(name=_words(entry["name"]), **_only(entry, "key", "country", "type", "email"))
            for entry in document["organisations"]
        ),
        people=tuple(_person(entry) for entry in document["people"]),
        seminars=tuple(_seminar(entry) for entry in document["sessions"]),
    )


def timing_of(entry: dict[str, Any]) -> Timing:
    """The times alone of a session of the file."""
    return Timing(**_times(entry))


def _seminar(entry: dict[str, Any]) -> Seminar:
    return Seminar(
        **_times(entry),
        **_only(entry, *_PLAIN),
        title=_words(entry["title"]),
        summary=_words(entry["summary"]),
        organisers=tuple(entry["organisers"]),
        languages=tuple(entry["languages"]),
        team=tuple(TeamMember(person=member["person"], role=member["role"]) for member in entry["team"]),
    )


def _times(entry: dict[str, Any]) -> dict[str, Any]:
    slots = entry["slots"]
    return {
        **_only(entry, *_TIMES),
        "start": datetime.fromisoformat(entry["start"]),
        "slots": None
        if slots is None
        else tuple((time.fromisoformat(a), time.fromisoformat(b)) for a, b in slots),
        "exdates": tuple(datetime.fromisoformat(text) for text in entry["exdates"]),
    }


def _person(entry: dict[str, Any]) -> Person:
    names = ("key", "name", "email", "role", "country", "language", "organisation", "sector")
    return Person(function=_words(entry["function"]), **_only(entry, *names))


def _words(entry: dict[str, Any]) -> Words:
    return Words(fr=entry["fr"], it=entry["it"], en=entry.get("en"))


def _only(entry: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: entry[name] for name in names}
