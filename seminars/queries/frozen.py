"""A sheet as the plain content that is sealed, and back: no name is in it, only what stands for each person.

A dataclass becomes a mapping of its fields, an instant `chain.stamp`, a half-day its number, a tuple a list. What
names somebody becomes her commitment; `people` tells it, and holds to what the content commits to:
SHA-256(salt, 0x1f, canonical {code, name, organisation_fr, organisation_it}).
"""

import dataclasses
from collections.abc import Mapping
from datetime import datetime
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from django.utils.translation import gettext as _

from seminars.evidence import chain
from seminars.models import Person, Slot

NAMING = {
    "author_name": "author_code",
    "replaces": "replaces_code",
    "replaced_by": "replaced_by_code",
}
"""Fields of the sheet's dataclasses that hold somebody's name, and the field with her code: two may bear one name."""
CODES = frozenset(NAMING.values())
KNOWN_BY = ("code", "name", "organisation_fr", "organisation_it")
"""What `people` tells of somebody beside her salt."""


def identity(entry: Mapping[str, Any]) -> str:
    """What the content commits to of one entry of `people`. Raises KeyError for an entry that lacks something."""
    told = {name: entry[name] for name in KNOWN_BY}
    return chain.commitment(str(entry["salt"]), chain.canonical(told).decode())


class Naming:
    """Who is named in a sheet: gathers `people` and what the content commits to of each, by what stands for her."""

    def __init__(self, known: Mapping[str, Person]) -> None:
        self.known = known
        """By code: whoever is named without a row of her own."""
        self.people: dict[str, dict[str, str]] = {}
        self._by_code: dict[str, str] = {}
        self._unknown: dict[str, str] = {}
        """By name: of whom nothing else is known any more."""

    def add(
        self, *, salt: str, code: str, name: str, organisation_fr: str = "", organisation_it: str = ""
    ) -> str:
        """What stands for her in this sheet: her commitment of the ledger. Raises ValueError without a salt."""
        if not salt:
            raise ValueError("a person without a salt can't be sealed")
        subject = chain.commitment(salt, code)
        told = {
            "code": code,
            "name": name,
            "organisation_fr": organisation_fr,
            "organisation_it": organisation_it,
        }
        self.people.setdefault(subject, {"salt": salt, **told})
        if code:
            self._by_code.setdefault(code, subject)
        return subject

    def of(self, name: str, code: str) -> str:
        """What stands for somebody who is named, by her code; a name without one has a salt of its own."""
        if not name:
            return ""
        if code in self._by_code:
            return self._by_code[code]
        person = self.known.get(code)
        if person and person.salt:
            return self.add(salt=person.salt, code=code, name=name)
        if name not in self._unknown:
            self._unknown[name] = self.add(salt=chain.new_salt(), code="", name=name)
        return self._unknown[name]

    def commitments(self) -> dict[str, str]:
        return {subject: identity(entry) for subject, entry in self.people.items()}

    def without_codes(self, text: str) -> str:
        """The key of a finding, with what stands for a person in the stead of her code."""
        for subject, entry in self.people.items():
            if entry["code"]:
                text = text.replace(entry["code"], subject)
        return text


def freeze(value: Any, naming: Naming, but: frozenset[str] = frozenset()) -> Any:
    """Plain content of a value; of a dataclass without the fields `but`. Raises TypeError for what has no form."""
    if isinstance(value, datetime):
        return chain.stamp(value)
    if isinstance(value, Slot):
        return value.number
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {
            field.name: naming.of(getattr(value, field.name), getattr(value, NAMING[field.name], ""))
            if field.name in NAMING
            else freeze(getattr(value, field.name), naming)
            for field in dataclasses.fields(value)
            if field.name not in but and field.name not in CODES
        }
    if isinstance(value, tuple | list):
        return [freeze(item, naming) for item in value]
    if isinstance(value, Mapping):
        return {str(key): freeze(item, naming) for key, item in value.items()}
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, str):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no form in a sealed sheet")


class Thawing:
    """Reads content back: `people` as the sheet has it now, and the half-days by number."""

    def __init__(self, people: Mapping[str, Mapping[str, str]], slots: Mapping[int, Slot]) -> None:
        self.people, self.slots = people, slots

    def entry(self, subject: str) -> Mapping[str, str]:
        """What is known of somebody; erased, a word in the active language stands for her name."""
        gone = {"code": "", "name": _("erased person"), "organisation_fr": "", "organisation_it": ""}
        return self.people.get(subject, gone)

    def name(self, subject: str) -> str:
        return self.entry(subject)["name"] if subject else ""

    def with_codes(self, text: str) -> str:
        for subject, entry in self.people.items():
            text = text.replace(subject, entry["code"] or subject)
        return text

    def thaw(self, hint: Any, value: Any, **given: Any) -> Any:
        """A value of the hinted type; `given` are fields of a dataclass that its content does not hold."""
        if value is None:
            return None
        origin, within = get_origin(hint), get_args(hint)
        if origin in (Union, UnionType):
            return self.thaw(next(each for each in within if each is not type(None)), value)
        if origin is tuple:
            each = [within[0]] * len(value) if within[-1] is Ellipsis else within
            return tuple(self.thaw(kind, item) for kind, item in zip(each, value, strict=True))
        if hint is datetime:
            return datetime.fromisoformat(value)
        if hint is Slot:
            return self.slots[value]
        if dataclasses.is_dataclass(hint) and isinstance(hint, type):
            return self._fields(hint, value, given)
        return value

    def _fields(self, hint: type, value: Mapping[str, Any], given: dict[str, Any]) -> Any:
        """A field that a later release has dropped is left out; one that it has added takes its default."""
        hints = get_type_hints(hint)
        for name in hints.keys() & value.keys() - given.keys():
            held = value[name]
            if name in NAMING:
                given[name] = self.name(held)
                given[NAMING[name]] = self.entry(held)["code"] if held else ""
            else:
                given[name] = self.thaw(hints[name], held)
        return hint(**given)
