"""All that is held about one person, as plain values for her own archive: nothing that is about somebody else.

Rows that are hers come whole, but for digests of keys and the bytes of mails, which hold links; of what she did to
others' rows only what it was and when. Nobody else is named in it (domain GDPR-16).
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import ForeignKey, Model

from seminars.evidence.chain import commitment
from seminars.models import Organisation, Person, SealedSheet, Session, Slot, Substitution
from seminars.queries import remaining, sealed
from seminars.queries.holdings import HOLDINGS, references

Plain = dict[str, Any]
SECRET = frozenset(
    {"key_hash", "secret_hash", "password", "content", "owner", "author_subject", "last_error", "salt"}
)
"""Columns that open something, or stand for somebody else."""
OTHERS = {"CertificateBatch": frozenset({"people", "refused"})}
"""Columns in which others are named."""
TOLD: tuple[type[Model], ...] = (Session, Slot, Organisation)
"""What a row of hers may refer to by name."""
MOMENTS = (
    "at",
    "made_at",
    "created_at",
    "asked_at",
    "added_at",
    "decided_at",
    "judged_at",
    "invited_at",
    "issued_at",
    "sealed_at",
    "entered_at",
    "recorded_at",
)


def plain(value: Any) -> Any:
    """A column's value as JSON has it."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, bytes | memoryview):
        return None
    return value


def _told(row: Model, person: Person) -> Plain:
    """One row of hers: its columns; of its references only sessions, half-days and organisations, and herself."""
    found: Plain = {}
    hidden = SECRET | OTHERS.get(type(row).__name__, frozenset())
    for column in row._meta.concrete_fields:
        if column.name in hidden:
            continue
        if isinstance(column, ForeignKey):
            found |= _referred(row, column, person)
        else:
            found[column.name] = plain(column.value_from_object(row))
    return found


def _referred(row: Model, column: "ForeignKey[Any, Any]", person: Person) -> Plain:
    if column.related_model is Person:
        return {column.name: "you"} if column.value_from_object(row) == person.pk else {}
    if column.related_model not in TOLD:
        return {}
    match getattr(row, column.name):
        case Session() as other:
            return {column.name: {"code": other.code, "title_fr": other.title_fr, "title_it": other.title_it}}
        case Slot() as other:
            return {column.name: other.number}
        case Organisation() as other:
            return {column.name: {"name_fr": other.name_fr, "name_it": other.name_it}}
    return {}


def _done(row: Model) -> Plain:
    """One thing that she did, and when; whom it was about is not hers to take."""
    found: Plain = {}
    session = row if isinstance(row, Session) else getattr(row, "session", None)
    if session is not None:
        found["session"] = session.code
    for name in MOMENTS:
        if (at := getattr(row, name, None)) is not None:
            found["at"] = plain(at)
            break
    return found


def rows(person: Person) -> dict[str, list[Plain]]:
    """By model and field, every row of the table `HOLDINGS` that refers to her, in the order they were made."""
    found: dict[str, list[Plain]] = {}
    for name, model, field in references():
        beside = [
            column.name
            for column in model._meta.concrete_fields
            if isinstance(column, ForeignKey) and column.related_model in TOLD
        ]
        hers = model._base_manager.filter(**{field: person}).order_by("pk")
        every = hers.select_related(*beside) if beside else hers
        is_hers = HOLDINGS[name].is_hers
        if model is SealedSheet or not is_hers:
            found[name] = [_done(row) for row in every]
        else:
            found[name] = [_told(row, person) for row in every]
    return found


def _sealed(person: Person) -> list[Plain]:
    """Her line of each sealed sheet, with what proves that it is hers."""
    mine = commitment(person.salt, person.code) if person.salt else ""
    found = []
    for made in SealedSheet.objects.filter(people__icontains=person.code).select_related("session"):
        told = {key: entry for key, entry in made.people.items() if entry.get("code") == person.code}
        lines = [
            {name: value for name, value in line.items() if name not in ("replaces", "replaced_by", "parts")}
            for line in made.content.get("rows", [])
            if line.get("subject") in {*told, mine}
        ]
        head = {"session": made.session.code, "version": made.version, "code": made.code}
        found.append(head | {"sealed_at": plain(made.sealed_at), "you": list(told.values()), "rows": lines})
    return found


def minutes(person: Person) -> list[Plain]:
    """Her minutes of every session on whose sheet she stands."""
    found = []
    for session in remaining.attended(person):
        for row in sealed.sheet_of(session).rows:
            if row.person.pk == person.pk:
                told = {"code": session.code, "title_fr": session.title_fr, "title_it": session.title_it}
                told |= {"starts_at": plain(session.starts_at), "ends_at": plain(session.ends_at)}
                found.append(told | {"role": str(row.role), "minutes": row.minutes, "percent": row.percent})
    return found


def _as_substitute(person: Person) -> list[Plain]:
    """Where somebody named her to come in her place: what was said of her, not by whom."""
    named = Substitution.objects.filter(email__iexact=person.email).select_related("invitation__session")
    return [
        {
            "session": each.invitation.session.code,
            "name": each.name,
            "email": each.email,
            "note": each.note,
            "asked_at": plain(each.asked_at),
        }
        for each in named
    ]


def _asked_to_be_replaced(person: Person) -> list[Plain]:
    """That she asked for it, and when; whom she named is somebody else."""
    asked = Substitution.objects.filter(invitation__person=person).select_related("invitation__session")
    return [
        {
            "session": each.invitation.session.code,
            "asked_at": plain(each.asked_at),
            "decided_at": plain(each.decided_at),
            "is_accepted": each.is_accepted,
        }
        for each in asked
    ]


def everything(person: Person) -> Mapping[str, Any]:
    """`person`, `rows`, `minutes`, `sealed_sheets`, `kept_lists`, `substitutions`: see docs/privacy.md."""
    lists = Session.objects.filter(roster__has_key=person.code).order_by("pk")
    return {
        "person": _told(person, person),
        "rows": rows(person),
        "minutes": minutes(person),
        "sealed_sheets": _sealed(person),
        "kept_lists": [{"session": each.code, **each.roster[person.code]} for each in lists],
        "substitutions": {"named": _as_substitute(person), "asked": _asked_to_be_replaced(person)},
    }
