"""Sealed sheets: the newest of a session, a sheet as it was sealed, and which one a page or a document shows."""

import dataclasses
import hashlib
import logging
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings

from seminars.errors import Refused
from seminars.evidence import chain, seals
from seminars.models import Certificate, Explanation, Person, PresenceEvent, SealedSheet, Session, Slot
from seminars.queries import sheets
from seminars.queries.frozen import Naming, Thawing, freeze
from seminars.queries.sheets import Row, Sheet

log = logging.getLogger(__name__)
FORMAT = "viso-sheet-1"
HERE = frozenset(
    {"session", "slots", "rows", "withdrawn", "declarations", "version", "seal", "explanations", "is_changed"}
)
"""Fields of a sheet that its content tells in a form of their own, or does not tell."""
HERS = frozenset({"person", "organisation_fr", "organisation_it", "code", "subject"})
"""Fields of a row that stand in `people`."""
RULES = (
    "BRIDGED_GAP_MINUTES",
    "REPLAY_FREE_MINUTES",
    "REPLAY_LATE_MINUTES",
    "SIGN_OPENS_MINUTES",
    "SIGN_CLOSES_MINUTES",
    "CHECK_MINUTES",
)
"""Settings that a sheet's notes tell."""
Content = dict[str, Any]
People = dict[str, dict[str, str]]


def explanations_of(session: Session) -> list[Explanation]:
    return list(session.explanations.select_related("by").order_by("finding"))


def content_of(
    sheet: Sheet, explanations: Iterable[Explanation], *, by: Person | None = None, reason: str = ""
) -> tuple[Content, People]:
    """What is sealed of a sheet, and who its people are. Each of them must have a salt (`actions.ledger` makes it).
    Raises ValueError for one who has none."""
    session, explanations = sheet.session, list(explanations)
    naming = Naming(_named_besides(session, explanations))
    rows, withdrawn = _named(sheet.rows, naming), _named(sheet.withdrawn, naming)
    content = {
        "format": FORMAT,
        "session": {"uid": session.uid, "code": session.code},
        "sealed_by": naming.add(salt=by.salt, code=by.code, name=by.name) if by else "",
        "reason": reason,
        "rules": _rules(),
        "slots": [_slot(slot) for slot in sheet.slots],
        "rows": [{"subject": subject} | freeze(row, naming, HERS) for subject, row in rows],
        "withdrawn": [{"subject": subject} | freeze(row, naming, HERS) for subject, row in withdrawn],
        "declarations": _declared(sheet, naming),
        "explanations": [_explained(each, naming) for each in explanations],
        **freeze(_without_paths(sheet), naming, HERE),
    }
    return content | {"head": sheet.head or chain.GENESIS, "people": naming.commitments()}, naming.people


def _named(rows: Iterable[Row], naming: Naming) -> list[tuple[str, Row]]:
    """Each row with what stands for its person, before anybody else is named."""
    return [
        (
            naming.add(
                salt=row.person.salt,
                code=row.person.code,
                name=row.person.name,
                organisation_fr=row.organisation_fr,
                organisation_it=row.organisation_it,
            ),
            row,
        )
        for row in rows
    ]


def _rules() -> dict[str, int]:
    """The numbers by which minutes were counted that day."""
    return {name.lower(): getattr(settings, name) for name in RULES}


def rule(sheet: Sheet, name: str) -> int:
    """A number of RULES, in small letters: of a sealed sheet as it was that day, else today's."""
    then = sheet.seal.content.get("rules", {}) if sheet.seal and not sheet.is_changed else {}
    return int(then.get(name, getattr(settings, name.upper())))


def _without_paths(sheet: Sheet) -> Sheet:
    """Of the project's picture its digest: where the file lies is nobody's business."""
    place = sheet.about.project.get("emblem", "")
    if not place:
        return sheet
    try:
        told = f"sha256:{hashlib.sha256(Path(place).read_bytes()).hexdigest()}"
    except OSError:
        told = "sha256:"
    about = dataclasses.replace(sheet.about, project={**sheet.about.project, "emblem": told})
    return dataclasses.replace(sheet, about=about)


def _declared(sheet: Sheet, naming: Naming) -> list[list[str]]:
    """Each pair of the sheet, for each of those who bear the name: two of one name may have said the same."""
    rows = PresenceEvent.objects.filter(session=sheet.session).exclude(reason="").order_by("seq")
    said: dict[tuple[str, str], dict[str, None]] = {}
    for name, code, reason in rows.values_list("author__name", "author__code", "reason"):
        said.setdefault((name or "", reason), {})[code or ""] = None
    return [
        [naming.of(name, code), reason]
        for name, reason in sheet.declarations
        for code in said.get((name, reason), {"": None})
    ]


def _named_besides(session: Session, explanations: Iterable[Explanation]) -> dict[str, Person]:
    """By code, whoever may be named without a row: authors in the ledger, of reasons, and those who are replaced."""
    authored = PresenceEvent.objects.filter(session=session, author__isnull=False).values("author")
    found = [*Person.objects.filter(pk__in=authored), *(each.by for each in explanations if each.by)]
    invited = Person.objects.filter(invitations__session=session)
    return {person.code: person for person in [*invited, *found]}


def _slot(slot: Slot) -> dict[str, Any]:
    hours = ("starts_at", "ends_at", "held_from", "held_to")
    told = {name: getattr(slot, name) for name in hours}
    return {"number": slot.number} | {name: chain.stamp(at) if at else None for name, at in told.items()}


def _explained(each: Explanation, naming: Naming) -> dict[str, Any]:
    return {
        "finding": naming.without_codes(each.finding),
        "reason": each.reason,
        "by": naming.of(each.by.name, each.by.code) if each.by else "",
        "at": chain.stamp(each.at),
    }


def as_sheet(sealed: SealedSheet) -> Sheet:
    """The sheet as it was sealed, of rows that are not in the database; who was erased is called so."""
    return sheet_from(sealed.session, sealed.content, sealed.people, version=sealed.version, seal=sealed)


def sheet_from(session: Session, content: Content, people: Mapping[str, Any], **more: Any) -> Sheet:
    slots = _slots(session, content["slots"])
    thawing = Thawing(people, {slot.number: slot for slot in slots})
    codes = {entry["code"] for entry in people.values()}
    keys = dict(Person.objects.filter(code__in=codes - {""}).values_list("code", "pk"))
    whole: Sheet = thawing.thaw(
        Sheet,
        {name: value for name, value in content.items() if name not in HERE},
        session=session,
        slots=slots,
        rows=tuple(_row(each, thawing, keys) for each in content["rows"]),
        withdrawn=tuple(_row(each, thawing, keys) for each in content["withdrawn"]),
        declarations=tuple((thawing.name(by), said) for by, said in content["declarations"]),
        explanations=tuple(
            (thawing.with_codes(each["finding"]), each["reason"], thawing.name(each["by"]))
            for each in content["explanations"]
        ),
        **more,
    )
    return whole


def _row(told: Mapping[str, Any], thawing: Thawing, keys: Mapping[str, int]) -> Row:
    entry = thawing.entry(told["subject"])
    person = Person(
        pk=keys.get(entry["code"]), code=entry["code"], name=entry["name"], country=told["country"]
    )
    row: Row = thawing.thaw(
        Row,
        told,
        person=person,
        organisation_fr=entry["organisation_fr"],
        organisation_it=entry["organisation_it"],
        code=entry["code"],
        subject=told["subject"],
    )
    return row


def _slots(session: Session, told: Iterable[Mapping[str, Any]]) -> tuple[Slot, ...]:
    keys = dict(session.slots.values_list("number", "pk"))
    return tuple(
        Slot(
            pk=keys.get(each["number"]),
            session=session,
            number=each["number"],
            **{name: _moment(each[name]) for name in ("starts_at", "ends_at", "held_from", "held_to")},
        )
        for each in told
    )


def _moment(told: str | None) -> datetime | None:
    return datetime.fromisoformat(told) if told else None


def sealer(sealed: SealedSheet) -> str:
    """Who sealed, by the name of that day; empty where the sheet does not say."""
    return Thawing(sealed.people, {}).name(sealed.content.get("sealed_by", ""))


def latest(session: Session) -> SealedSheet | None:
    return session.sealed.order_by("version").last()


def is_changed(sealed: SealedSheet) -> bool:
    """Whether anything that a sheet tells has come since: an event, a reason, an incident, other hours."""
    session, content = sealed.session, sealed.content
    last = PresenceEvent.objects.filter(session=session).order_by("-seq").values_list("seq", "hash").first()
    if (last or (0, chain.GENESIS)) != (sealed.count, sealed.head):
        return True
    words = (content["about"]["incident"], content["about"]["held_reason"])
    if words != (session.incident, session.held_reason):
        return True
    if [_slot(slot) for slot in session.slots.all()] != content["slots"]:
        return True
    given = sorted(session.explanations.values_list("reason", flat=True))
    return given != sorted(each["reason"] for each in content["explanations"])


def is_stale(sealed: SealedSheet) -> bool:
    """Whether something waits to be sealed: of a condensed session nothing can."""
    return sealed.session.condensed_at is None and is_changed(sealed)


def sheet_of(session: Session, version: int | None = None) -> Sheet:
    """The version that is asked for; else the last sealed one, while it tells all there is or the session is
    condensed; else the sheet as the ledger stands. Raises SealedSheet.DoesNotExist for a version that is not."""
    if version is not None:
        return as_sheet(session.sealed.get(version=version))
    sealed = latest(session)
    if sealed is None:
        return sheets.sheet(session)
    if session.condensed_at or not is_changed(sealed):
        return as_sheet(sealed)
    return dataclasses.replace(sheets.sheet(session), version=sealed.version, seal=sealed, is_changed=True)


def key_to_sign() -> str:
    """Our public key. Raises Refused("no_seal_key") where there is none, and where the last document was signed by one
    that is not known here: a key that was lost must not be replaced without a word."""
    try:
        known = seals.known_keys()
        for made in (SealedSheet.objects.order_by("-pk"), Certificate.objects.order_by("-pk")):
            last = made.values_list("public_key", flat=True).first()
            if last and last not in known:
                log.error(
                    "key %s has signed and is not here: give SEAL_KEY, or SEAL_OLD_KEYS its public half", last
                )
                raise Refused("no_seal_key")
        return seals.public_key()
    except (OSError, ValueError) as fault:
        log.error("nothing can be signed: %s", fault)
        raise Refused("no_seal_key") from fault


def seal_of(sealed: SealedSheet) -> dict[str, Any]:
    """What was signed, from the columns of the row."""
    return seals.seal(
        code=sealed.code,
        project=sealed.project,
        number=sealed.number,
        session=sealed.session.uid,
        session_code=sealed.session.code,
        version=sealed.version,
        sealed_at=chain.stamp(sealed.sealed_at),
        count=sealed.count,
        head=sealed.head,
        digest=sealed.digest,
        previous=sealed.previous,
        supersedes=sealed.supersedes,
        public_key=sealed.public_key,
    )


def seal_file(sealed: SealedSheet) -> dict[str, Any]:
    """What leaves the machine: the seal and its signature, without a name."""
    return {"seal": seal_of(sealed), "hash": sealed.seal_hash, "signature": sealed.signature}


def sheet_file(sealed: SealedSheet) -> dict[str, Any]:
    """The whole sheet with its people, to be verified by anybody who holds it."""
    return {"content": sealed.content, "people": sealed.people, **seal_file(sealed)}
