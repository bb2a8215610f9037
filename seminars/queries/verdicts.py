"""What a stranger is told who holds a document: it matches what was sealed, differs, was superseded, or is unknown.

Asked by the code that a document prints, or by the file of a sheet, a seal or a certificate. Nothing is told of a
person: whoever asks has the names on her paper.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import pgettext_lazy

from seminars.evidence import chain, seals
from seminars.models import Certificate, PresenceEvent, SealedSheet
from seminars.queries import certified, sealed, vouched
from seminars.queries.exemptions import condensing_faults
from seminars.queries.verification import is_foreign, own_faults, people_hold

DEEPEST = 40
OPENING, CLOSING = b"[{", b"]}"


class Verdict(TextChoices):
    MATCHES = "matches", pgettext_lazy("verdict", "It matches")
    SUPERSEDED = "superseded", pgettext_lazy("verdict", "A newer one has taken its place")
    WITHDRAWN = "withdrawn", pgettext_lazy("verdict", "It was withdrawn")
    FOREIGN = "foreign", pgettext_lazy("verdict", "It was sealed with another key")
    DIFFERS = "differs", pgettext_lazy("verdict", "It differs")
    UNKNOWN = "unknown", pgettext_lazy("verdict", "It is not known here")


@dataclass(frozen=True, slots=True)
class Found:
    """`why` names what differs or is not known: signature, key, content, people, record, ledger, absent; of what was
    superseded "sheets" where a sheet that it cites was; of what another key sealed "foreign". `newer` is the
    last version or issue; `is_condensed`: the events are gone, the seal stands; `is_changed`: the ledger has grown
    since, and no newer version is sealed yet; `has_names`: an uploaded file told its people, and they hold."""

    verdict: Verdict
    why: str = ""
    sheet: SealedSheet | None = None
    certificate: Certificate | None = None
    newer: int = 0
    is_condensed: bool = False
    is_changed: bool = False
    has_names: bool = False


def by_code(code: str) -> Found:
    """What stands behind a printed code, as the database tells it now."""
    code = "".join(code.lower().split())
    if not (code.isascii() and code.isalnum()):
        return Found(Verdict.UNKNOWN, "absent")
    made = SealedSheet.objects.select_related("session__activity", "session__host").filter(code=code).first()
    if made is not None:
        return _of_sheet(made)
    certificate = Certificate.objects.select_related("session").filter(code=code).first()
    return _of_certificate(certificate) if certificate else Found(Verdict.UNKNOWN, "absent")


def _of_sheet(made: SealedSheet) -> Found:
    session = made.session
    found = Found(Verdict.MATCHES, sheet=made, is_condensed=session.condensed_at is not None)
    whys = list(own_faults(made))
    if is_foreign(whys):
        return replace(found, verdict=Verdict.FOREIGN, why="foreign")
    if whys:
        return replace(found, verdict=Verdict.DIFFERS, why="record")
    last = sealed.latest(session)
    if any(condensing_faults(session, last)) or not (found.is_condensed or _has_head(made)):
        return replace(found, verdict=Verdict.DIFFERS, why="ledger")
    if last is not None and last.version > made.version:
        return replace(found, verdict=Verdict.SUPERSEDED, newer=last.version)
    return replace(found, is_changed=not found.is_condensed and sealed.is_changed(made))


def _has_head(made: SealedSheet) -> bool:
    """Whether the ledger still has the event that the seal ends with; the whole chain is the command's to follow."""
    if made.count == 0:
        return made.head == chain.GENESIS
    return PresenceEvent.objects.filter(session=made.session, seq=made.count, hash=made.head).exists()


def _of_certificate(certificate: Certificate) -> Found:
    """One whose person was erased has no facts any more: its digest stands."""
    found = Found(Verdict.MATCHES, certificate=certificate)
    whys = list(vouched.own_faults(certificate))
    if is_foreign(whys):
        return replace(found, verdict=Verdict.FOREIGN, why="foreign")
    if whys:
        return replace(found, verdict=Verdict.DIFFERS, why="record")
    if certificate.withdrawn_at is not None:
        return replace(found, verdict=Verdict.WITHDRAWN)
    issues = Certificate.objects.filter(number=certificate.number).order_by("issue")
    last = issues.values_list("issue", flat=True).last() or 0
    if last > certificate.issue:
        return replace(found, verdict=Verdict.SUPERSEDED, newer=last)
    if certified.outdated([certificate]):
        return replace(found, verdict=Verdict.SUPERSEDED, why="sheets")
    return found


def read(raw: bytes) -> Mapping[str, Any]:
    """An uploaded file. Raises ValueError for what is no JSON object of a sheet, a seal or a certificate."""
    if not _is_shallow(raw):
        raise ValueError("nested too deeply")
    told = json.loads(raw)
    if not isinstance(told, dict) or not (_is_sealed(told) or _is_certified(told)):
        raise ValueError("neither a sheet, nor a seal, nor a certificate")
    return told


def _is_shallow(raw: bytes) -> bool:
    """Before it is parsed: brackets within texts count too, and no title holds so many."""
    depth = 0
    for octet in raw:
        depth += (octet in OPENING) - (octet in CLOSING)
        if depth > DEEPEST:
            return False
    return True


def _is_sealed(told: Mapping[str, Any]) -> bool:
    parts = all(isinstance(told.get(name, {}), dict) for name in ("content", "people"))
    return isinstance(told.get("seal"), dict) and isinstance(told.get("signature"), str) and parts


def _is_certified(told: Mapping[str, Any]) -> bool:
    return isinstance(told.get("facts"), dict) and isinstance(told.get("code"), str)


def by_file(told: Mapping[str, Any]) -> Found:
    """What stands behind a file as `read` gives it: first what it proves by itself, then what the database knows."""
    if not _is_sealed(told):
        return _certificate_file(told)
    seal = told["seal"]
    found = by_code(str(seal.get("code", "")))
    why = _why_not(told, seal)
    if why:
        verdict = Verdict.UNKNOWN if why == "key" else Verdict.DIFFERS
        return Found(verdict, why, sheet=found.sheet if why != "key" else None)
    if found.sheet is None:
        return Found(Verdict.UNKNOWN, "lost")
    if found.sheet.seal_hash != seals.digest(seal):
        return Found(Verdict.DIFFERS, "record", sheet=found.sheet)
    return replace(found, has_names=bool(told.get("people")))


def _why_not(told: Mapping[str, Any], seal: Mapping[str, Any]) -> str:
    try:
        if not seals.is_signed(seal, told["signature"]):
            return "signature"
        if seal["public_key"] not in seals.known_keys():
            return "key"
        if "content" in told and seals.digest(told["content"]) != seal.get("digest"):
            return "content"
    except (
        TypeError,
        ValueError,
    ):  # a number with a fraction, half a letter: nothing that was sealed has one
        return "content"
    return "" if people_hold(told.get("content", {}), told.get("people", {})) else "people"


def _certificate_file(told: Mapping[str, Any]) -> Found:
    found = by_code(told["code"])
    if found.certificate is None:
        return Found(Verdict.UNKNOWN, "absent")
    try:
        is_same = seals.digest(told["facts"]) == found.certificate.digest
    except (TypeError, ValueError):
        is_same = False
    return found if is_same else replace(found, verdict=Verdict.DIFFERS, why="content")
