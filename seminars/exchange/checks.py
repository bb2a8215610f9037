"""What a programme file must hold: its fields, its references, and seminars whose times make sense."""

from seminars.exchange import terms
from seminars.exchange.fields import (
    Check,
    Report,
    a_key,
    a_list,
    a_moment,
    a_text,
    a_whole,
    a_zone,
    an_email,
    an_object,
    flag,
    one_of,
    optional,
    quoted,
    wall_clock,
)
from seminars.exchange.timetable import check_times

_WORDS = an_object({"fr": a_text(), "it": a_text()}, {"en": optional(a_text())})
_PROSE = an_object(
    {"fr": a_text(5000, empty=True), "it": a_text(5000, empty=True)},
    {"en": optional(a_text(5000, empty=True))},
)
_COUNTRY = one_of(terms.COUNTRIES, "country")
_LANGUAGE = one_of(terms.LANGUAGES, "language")
_ROLE = one_of(terms.ROLES, "role")


def problems_of(document: object) -> list[tuple[str, str]]:
    """All that is wrong with a parsed file, as (path, sentence), list by list; empty when it can be used."""
    report = Report()
    _file(document)(report, "file", document)
    return report.problems


def _file(document: object) -> Check:
    activity = _known(document, "activities", "code", "activity")
    kind = _known(document, "kinds", "code", "kind")
    organisation = _known(document, "organisations", "key", "organisation")
    person = _known(document, "people", "key", "person")
    return an_object(
        {
            "meta": an_object({"year": a_whole(terms.FIRST_YEAR, terms.LAST_YEAR)}),
            "activities": a_list(
                an_object({"code": a_key, "slug": a_key, "name": _WORDS}), distinct=[("code",), ("slug",)]
            ),
            "kinds": a_list(_kind(), distinct=[("code",)]),
            "organisations": a_list(_organisation(), distinct=[("key",)]),
            "people": a_list(_person(organisation), distinct=[("key",), ("email",)]),
            "sessions": a_list(_in_time(_session(kind, activity, organisation, person)), distinct=[("key",)]),
        }
    )


def _known(document: object, name: str, field: str, noun: str) -> Check:
    """A reference into one of the file's own lists; any key at all where that list is not there to ask."""
    entries = document.get(name) if isinstance(document, dict) else None
    if not isinstance(entries, list):
        return a_key
    values = [entry.get(field) for entry in entries if isinstance(entry, dict)]
    return one_of([value for value in values if isinstance(value, str)], noun)


def _kind() -> Check:
    return an_object(
        {
            "code": one_of(terms.KINDS, "kind"),
            "name": _WORDS,
            "attendance": one_of(terms.ATTENDANCES, "way to take attendance"),
            "indicator": one_of(terms.INDICATORS, "indicator"),
        }
    )


def _organisation() -> Check:
    return an_object(
        {
            "key": a_key,
            "country": _COUNTRY,
            "name": _WORDS,
            "type": one_of(terms.ORGANISATION_TYPES, "type of organisation"),
            "email": an_email,
        }
    )


def _person(organisation: Check) -> Check:
    return an_object(
        {
            "key": a_key,
            "name": a_text(),
            "email": an_email,
            "role": _ROLE,
            "country": _COUNTRY,
            "language": _LANGUAGE,
            "organisation": organisation,
            "function": _WORDS,
            "sector": one_of(terms.SECTORS, "sector"),
        }
    )


def _session(kind: Check, activity: Check, organisation: Check, person: Check) -> Check:
    return an_object(
        {
            "key": a_key,
            "kind": kind,
            "activity": activity,
            "title": _WORDS,
            "summary": _PROSE,
            "start": a_moment,
            "timezone": a_zone,
            "minutes": optional(a_whole(1, terms.MOST_MINUTES)),
            "days": optional(a_whole(1, terms.MOST_DAYS)),
            "slots": optional(_slots),
            "mode": one_of(terms.MODES, "mode"),
            "place": optional(a_text()),
            "host_org": organisation,
            "capacity": a_whole(1, 1_000_000),
            "languages": a_list(_LANGUAGE, least=1, distinct=[()]),
            "interpretation": optional(one_of(terms.INTERPRETATIONS, "kind of interpretation")),
            "recurrence": optional(a_text(500)),
            "exdates": a_list(a_moment, distinct=[()]),
            "min_presence_percent": optional(a_whole(1, 100)),
            "training_scheme": optional(a_text()),
            "involves_minors": flag,
            "public": flag,
            "confidential": flag,
            "organisers": a_list(organisation, least=1, distinct=[()]),
            "team": a_list(an_object({"person": person, "role": _ROLE}), distinct=[("person", "role")]),
        }
    )


def _in_time(fields: Check) -> Check:
    def check(report: Report, path: str, value: object) -> None:
        fields(report, path, value)
        if isinstance(value, dict):
            check_times(report, path, value)

    return check


def _slots(report: Report, path: str, value: object) -> None:
    """Half-days of one day: pairs of HH:MM, each forward, in order, none over another."""
    if not isinstance(value, list) or not value:
        report.add(path, f'{quoted(value)} is no list of half-days; write [["09:30", "12:30"]], or null')
        return
    if len(value) > terms.MOST_SLOTS:
        report.add(
            path, f"{len(value)} half-days are too many for a day; at most {terms.MOST_SLOTS} are allowed"
        )
    latest = ""
    for index, pair in enumerate(value):
        place = f"{path}[{index}]"
        if not isinstance(pair, list) or len(pair) != 2:
            report.add(place, f'{quoted(pair)} is no half-day; write a pair like ["09:30", "12:30"]')
            continue
        wrong = [text for text in pair if not isinstance(text, str) or not wall_clock(text)]
        if wrong:
            report.add(place, f'{quoted(wrong[0])} is no time of day; write one like "09:30"')
            continue
        first, last = pair
        if last <= first:
            report.add(place, f"ends at {last}, which is not after its start at {first}")
        elif first < latest:
            report.add(place, f"starts at {first}, before the half-day in front of it ends at {latest}")
        latest = max(latest, last)
