"""One line of the consistency report, and how it is named: the same facts keep their key, others get a new one."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from seminars.models import Person, PresenceEvent, Session, Slot
from seminars.queries.sheets import Row, Sheet
from seminars.queries.signing import hand_of, is_sealed
from seminars.vocabulary import Hand, PresenceKind

CARE, BAD = "care", "bad"
HEADCOUNTS = ("public_event", "public_information")
"""Kinds of session without a register of names (domain GDPR-12)."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that does not fit. `level` bad must be explained before a seal, care may be. `link` is the name and
    the arguments of the address that opens its rows."""

    key: str
    kind: str
    level: str
    count: int
    people: tuple[Person, ...] = ()
    slots: tuple[Slot, ...] = ()
    link: tuple[str, tuple[str, ...]] = ("session-desk", ())
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Ground:
    """What the checks look at."""

    session: Session
    sheet: Sheet
    by: Person | None = None
    """Who reads the report, and would seal."""

    @property
    def guests(self) -> list[Row]:
        return [row for row in self.sheet.rows if row.is_guest]

    @property
    def must_prove(self) -> bool:
        """A training with a rule, or a session in which people sign: an open question spoils the evidence."""
        parts = (part for row in self.sheet.rows for part in row.parts)
        return self.is_ruled or any(part.signature for part in parts)

    @property
    def is_ruled(self) -> bool:
        """Whether a scheme or a threshold asks for proof."""
        return bool(self.session.training_scheme or self.sheet.threshold)

    @cached_property
    def signs_at_seal(self) -> bool:
        """Whether the seal of whoever reads this countersigns what is left: the first one, of a trainer."""
        if self.by is None or is_sealed(self.session):
            return False
        return hand_of(self.session, self.by) == Hand.TRAINER

    @cached_property
    def failed(self) -> frozenset[int] | None:
        """Half-days in which the video failed, by number; None where an incident does not say in which."""
        if not self.session.incident:
            return frozenset()
        if len(self.sheet.slots) == 1:
            return frozenset(slot.number for slot in self.sheet.slots)
        told = PresenceEvent.objects.filter(
            session=self.session, kind=PresenceKind.DECLARED, slot__isnull=False
        )
        told = told.filter(reason=self.session.incident).order_by()
        return frozenset(told.values_list("slot__number", flat=True)) or None

    def is_failed(self, *slots: Slot) -> bool:
        """Whether the incident may be why the server saw nothing in all these half-days."""
        return self.failed is None or {slot.number for slot in slots} <= self.failed

    def finding(
        self,
        kind: str,
        level: str = CARE,
        *,
        people: Iterable[Person] = (),
        slots: Iterable[Slot] = (),
        about: str = "",
        page: str = "",
        **facts: Any,
    ) -> Finding:
        """`about` tells apart what people and half-days do not; `page` is an address of the session's own."""
        them, parts = tuple(people), tuple(slots)
        where = ".".join(str(slot.number) for slot in parts) or "0"
        told = "\x1f".join([*sorted(person.code for person in them), about])
        digest = hashlib.sha256(told.encode()).hexdigest()[:12]
        link: tuple[str, tuple[str, ...]] = (page or "session-desk", (self.session.code,))
        if len(them) == 1 and not page:
            link = ("session-desk-person", (self.session.code, them[0].code))
        key = f"{kind}-{where}-{digest}"[:120]
        return Finding(key, kind, level, len(them) or 1, them, parts, link, facts)
