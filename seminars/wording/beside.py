"""What a letter says that stands in other rows than its own: what its reader was told before, who comes for whom.

Asked for many letters at once, so that a handful costs a query per kind and not one per letter.
"""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F

from seminars.documents import verifying
from seminars.evidence import seals
from seminars.models import Letter, SealedSheet, Substitution, TeamMember
from seminars.queries import sealed
from seminars.queries.sheets import About
from seminars.vocabulary import LetterKind, LetterState, Role

TRAINER = re.compile(r"\{\s*(?:trainer|formateur|docente)\s*\}")


@dataclass(frozen=True, slots=True)
class Decision:
    """What became of the wish that somebody comes in her place."""

    substitute: str
    is_accepted: bool


@dataclass(frozen=True, slots=True)
class Seal:
    """A sealed sheet in short, and what it is `about`; `number` as its papers print it, `file` the seal to keep."""

    about: About
    number: str
    version: int
    code: str
    sealed_at: datetime
    count: int
    head: str
    digest: str
    key: str
    reason: str
    file: bytes


@dataclass(frozen=True, slots=True)
class Beside:
    """`before` is the last letter that left and told of the session, `in_place_of` the name of whom she replaces,
    `trainer` who trains, where words of the letter ask for it, `seal` what a letter about a seal brings."""

    before: Letter | None = None
    in_place_of: str = ""
    decision: Decision | None = None
    trainer: str = ""
    seal: Seal | None = None


NOTHING = Beside()


def beside(letters: Iterable[Letter]) -> dict[UUID, Beside]:
    """By letter, where there is anything; no query for kinds that need none."""
    by_kind: dict[str, list[Letter]] = {}
    naming: list[Letter] = []
    for letter in letters:
        by_kind.setdefault(letter.kind, []).append(letter)
        if _names_trainer(letter):
            naming.append(letter)
    found: dict[UUID, Beside] = {}
    parts: dict[str, dict[UUID, Any]] = {
        "before": _told_before(by_kind.get(LetterKind.UPDATE, [])),
        "in_place_of": _replaced(by_kind.get(LetterKind.INVITATION, [])),
        "decision": _decided(by_kind.get(LetterKind.SUBSTITUTION, [])),
        "trainer": _training(naming),
        "seal": _sealed(by_kind.get(LetterKind.SEAL, [])),
    }
    for part, known in parts.items():
        for pk, value in known.items():
            found[pk] = replace(found.get(pk, NOTHING), **{part: value})
    return found


def _names_trainer(letter: Letter) -> bool:
    words = letter.revision.content.get("words", {}) if letter.revision else {}
    return any(TRAINER.search(text) for text in words.get(letter.kind, {}).values())


def _training(letters: Sequence[Letter]) -> dict[UUID, str]:
    """The name of the first trainer of each letter's session."""
    if not letters:
        return {}
    team = TeamMember.objects.filter(session__in={letter.session_id for letter in letters}, role=Role.TRAINER)
    names = dict(team.order_by("-pk").values_list("session_id", "person__name"))
    return {letter.pk: names[letter.session_id] for letter in letters if letter.session_id in names}


def _told_before(updates: Sequence[Letter]) -> dict[UUID, Letter]:
    if not updates:
        return {}
    sent = (
        Letter.objects.filter(
            ordering_key__in={letter.ordering_key for letter in updates},
            state=LetterState.SENT,
            kind__in=[LetterKind.INVITATION, LetterKind.UPDATE, LetterKind.ASKING],
        )
        .select_related("session", "revision")
        .defer("content")
        .order_by("stamp")
    )
    found: dict[UUID, Letter] = {}
    for earlier in sent:
        for letter in updates:
            if letter.ordering_key == earlier.ordering_key and earlier.stamp < letter.stamp:
                found[letter.pk] = earlier
    return found


def _replaced(invitations: Sequence[Letter]) -> dict[UUID, str]:
    """Names of those in whose place somebody is invited."""
    if not invitations:
        return {}
    confirmed = Substitution.objects.filter(
        made__in={letter.invitation_id for letter in invitations},
        is_accepted=True,
        decided_at__gte=F("made__invited_at"),  # else she was taken back, and invited again by herself
    )
    rows = confirmed.order_by("decided_at", "pk").values_list("made_id", "invitation__person__name")
    names = dict(rows)
    return {letter.pk: names[letter.invitation_id] for letter in invitations if letter.invitation_id in names}


def _decided(letters: Sequence[Letter]) -> dict[UUID, Decision]:
    """The decision that each is about; of letters that do not say which, the newest."""
    if not letters:
        return {}
    decided = Substitution.objects.filter(
        invitation__in={letter.invitation_id for letter in letters}, decided_at__isnull=False
    )
    known: dict[Any, Decision] = {}
    for one in decided.order_by("decided_at", "pk"):
        known[one.code] = known[one.invitation_id] = Decision(one.name, bool(one.is_accepted))
    asked = {letter.pk: letter.about or letter.invitation_id for letter in letters}
    return {pk: known[about] for pk, about in asked.items() if about in known}


def _sealed(letters: Sequence[Letter]) -> dict[UUID, Seal]:
    """The seal that each brings."""
    if not letters:
        return {}
    rows = SealedSheet.objects.filter(code__in={letter.about for letter in letters})
    known = {made.code: _seal(made) for made in rows.select_related("session", "sealed_by")}
    return {letter.pk: known[letter.about] for letter in letters if letter.about in known}


def _seal(made: SealedSheet) -> Seal:
    sheet = sealed.as_sheet(made)
    return Seal(
        about=sheet.about,
        number=verifying.number(sheet),
        version=made.version,
        code=made.code,
        sealed_at=made.sealed_at,
        count=made.count,
        head=made.head,
        digest=made.digest,
        key=seals.key_id(made.public_key),
        reason=made.reason,
        file=json.dumps(sealed.seal_file(made), indent=1, sort_keys=True).encode() + b"\n",
    )
