"""Checks of single values of a parsed JSON file. Each notes what is wrong, with its path, and goes on."""

import json
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, time

from seminars.exchange.terms import FIRST_YEAR, LAST_YEAR
from seminars.exchange.walltime import zones

_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2})?")
_CLOCK = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_LABEL = r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_EMAIL = re.compile(rf"{_ATOM}(\.{_ATOM})*@({_LABEL}\.)+{_LABEL}")
# controls and halves of surrogate pairs can be neither stored nor printed
_UNFIT = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


class Report:
    """Problems found so far, as (path, sentence)."""

    def __init__(self) -> None:
        self.problems: list[tuple[str, str]] = []

    def add(self, path: str, sentence: str) -> None:
        self.problems.append((path, sentence))

    def sound(self, path: str) -> bool:
        """Whether nothing was noted at a path or inside it."""
        inside = (f"{path}.", f"{path}[")
        return not any(at == path or at.startswith(inside) for at, _ in self.problems)


Check = Callable[[Report, str, object], None]


class JsonObject(dict[str, object]):
    """A JSON object that remembers which names it was given twice."""

    def __init__(self, pairs: Sequence[tuple[str, object]]) -> None:
        super().__init__(pairs)
        names = [name for name, _ in pairs]
        self.repeated = (
            sorted({name for name in names if names.count(name) > 1}) if len(self) < len(names) else []
        )


def quoted(value: object) -> str:
    """A value as it stands in the file, short enough for a sentence."""
    if isinstance(value, list | dict):
        return f"a list of {len(value)}" if isinstance(value, list) else "an object"
    text = json.dumps(value, ensure_ascii=False)
    text = _UNFIT.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
    return text if len(text) <= 80 else f"{text[:76]}…{text[-1]}"


def spoken(names: Collection[str]) -> str:
    """The allowed names for a sentence; a long list by its first and last."""
    every = [quoted(name) for name in names]
    return ", ".join(every) if len(every) <= 14 else f"{every[0]} … {every[-1]} ({len(every)} of them)"


def an_object(needed: Mapping[str, Check], also: Mapping[str, Check] | None = None) -> Check:
    """An object with all of the needed fields and perhaps the others; unknown fields are let pass."""
    optional = also or {}

    def check(report: Report, path: str, value: object) -> None:
        if not isinstance(value, dict):
            report.add(path, f"{quoted(value)} is not an object with {', '.join(needed)}")
            return
        for name in getattr(value, "repeated", ()):
            report.add(path, f"{quoted(name)} is given twice in one object; keep one")
        for name, inner in {**needed, **optional}.items():
            place = name if path == "file" else f"{path}.{name}"
            if name in value:
                inner(report, place, value[name])
            elif name in needed:
                report.add(place, "is missing; write it, with null where it may be empty")

    return check


def a_list(item: Check, least: int = 0, distinct: Sequence[tuple[str, ...]] = ()) -> Check:
    """A list of so many items. `distinct`: tuples of field names that identify an item, () the item."""

    def check(report: Report, path: str, value: object) -> None:
        if not isinstance(value, list):
            report.add(path, f"{quoted(value)} is not a list")
            return
        if len(value) < least:
            report.add(path, f"needs at least {least} entry")
        for index, entry in enumerate(value):
            item(report, f"{path}[{index}]", entry)
        for names in distinct:
            _note_repeated(report, path, value, names)

    return check


def _note_repeated(report: Report, path: str, entries: list[object], names: tuple[str, ...]) -> None:
    seen: dict[tuple[str, ...], int] = {}
    for index, entry in enumerate(entries):
        values = [entry.get(name) for name in names] if names and isinstance(entry, dict) else [entry]
        texts = [value for value in values if isinstance(value, str)]
        if len(texts) < len(values):
            continue
        first = seen.setdefault(tuple(text.casefold() for text in texts), index)
        if first != index:
            place = f"{path}[{index}].{names[0]}" if names else f"{path}[{index}]"
            said = " with ".join(quoted(text) for text in texts)
            report.add(place, f"{said} stands already in {path}[{first}]; each may stand once")


def optional(inner: Check) -> Check:
    """null, or what the inner check allows."""

    def check(report: Report, path: str, value: object) -> None:
        if value is not None:
            inner(report, path, value)

    return check


def a_text(most: int = 300, empty: bool = False) -> Check:
    """A text of at most so many characters, blank only where `empty` says so."""

    def check(report: Report, path: str, value: object) -> None:
        if not isinstance(value, str):
            report.add(path, f"{quoted(value)} is not a text")
        elif not value.strip() and not empty:
            report.add(path, "is empty; write a text")
        elif len(value) > most:
            report.add(path, f"{quoted(value)} has {len(value)} characters; at most {most} are allowed")
        elif found := _UNFIT.search(value):
            report.add(
                path, f"{quoted(value)} holds a control character (U+{ord(found[0]):04X}); leave it out"
            )

    return check


def one_of(names: Collection[str], noun: str) -> Check:
    """One of some names; `noun` says of what."""

    def check(report: Report, path: str, value: object) -> None:
        if not isinstance(value, str) or value not in names:
            allowed = f"allowed are {spoken(names)}" if names else "this file has none"
            report.add(path, f"{quoted(value)} is no known {noun}; {allowed}")

    return check


def a_whole(least: int, most: int) -> Check:
    """A whole number within bounds, both included."""

    def check(report: Report, path: str, value: object) -> None:
        # true and false are whole numbers to Python, not to a reader
        if type(value) is not int or not least <= value <= most:
            report.add(path, f"{quoted(value)} is not a whole number from {least} to {most}")

    return check


def _a(pattern: Callable[[str], object], sentence: str) -> Check:
    def check(report: Report, path: str, value: object) -> None:
        if not isinstance(value, str) or not pattern(value):
            report.add(path, f"{quoted(value)} is {sentence}")

    return check


def flag(report: Report, path: str, value: object) -> None:
    if not isinstance(value, bool):
        report.add(path, f"{quoted(value)} is neither true nor false")


def wall_moment(text: str) -> datetime | None:
    """The naive moment a local ISO text such as 2027-03-11T14:00 means; None if there is none."""
    if not _MOMENT.fullmatch(text):
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if FIRST_YEAR <= moment.year <= LAST_YEAR else None


def wall_clock(text: str) -> time | None:
    """The time of day a text such as 09:30 means; None if it is no such text."""
    return time.fromisoformat(text) if _CLOCK.fullmatch(text) else None


a_key = _a(_KEY.fullmatch, "no key; use 1 to 64 letters, digits, dots, hyphens and underscores")
an_email = _a(
    lambda text: len(text) <= 254 and _EMAIL.fullmatch(text),
    "no e-mail address; write one like name@example.org",
)
a_moment = _a(
    wall_moment,
    f"no local date and time from {FIRST_YEAR} to {LAST_YEAR}; write it like 2027-03-11T14:00, no offset",
)
a_zone = _a(lambda text: text in zones(), 'no known time zone; write an IANA name like "Europe/Paris"')
