"""What a certificate rests on: who may have one of a session or of a cycle, and the facts that it prints.

Facts are language-neutral and hold all that is printed: the same facts give the same page again.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from django.db.models import Exists, OuterRef

from seminars import moments
from seminars.evidence import chain, seals
from seminars.models import Certificate, Person, Scheme, SealedSheet, Session
from seminars.moments import Span
from seminars.queries import completion, sealed, sheets
from seminars.queries.completion import Cycle, Progress
from seminars.queries.sheets import About, Row, Sheet
from seminars.vocabulary import Certified, Kind, Outcome

TRAINING = frozenset({Kind.DISTANCE_TRAINING, Kind.IMMERSION_PLACEMENT, Kind.TECHNICAL_SEMINAR})
"""Kinds of session whose nature is a training action."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who may have a certificate, or not: `why` is the code of a refusal, empty where nothing is against it.
    Minutes are whole, of which `credited` towards the plan; `percent` is theirs of the planned ones.
    `attended`: where she was counted, with its planned times."""

    person: Person
    name: str
    organisation_fr: str
    organisation_it: str
    minutes: int
    credited: int
    planned: int
    percent: int
    threshold: int | None
    why: str
    attended: tuple[Span, ...]


@dataclass(frozen=True)
class Basis:
    """One session, or one cycle, as far as it is proved. `proofs`: the sealed sheets it rests on; none: the ledger as
    it stood, for an attestation of the same day."""

    abouts: tuple[About, ...]
    proofs: tuple[SealedSheet, ...]
    candidates: tuple[Candidate, ...]
    session: Session | None = None
    scheme: Scheme | None = None

    @cached_property
    def by_code(self) -> dict[str, Candidate]:
        return {one.person.code: one for one in self.candidates}


def of_session(session: Session, kind: str) -> Basis:
    """Of the last sealed sheet, while nothing has come since; an attestation of the same day also of the ledger as it
    stands, while none is sealed."""
    proof = completion.last_sheets([session]).get(session.pk)
    if proof is not None:
        sheet, is_stale = sealed.as_sheet(proof), sealed.is_stale(proof)
    else:
        sheet, is_stale = sheets.sheet(session), False
    rows = [row for row in sheet.rows if row.code and row.is_guest]
    people = {one.code: one for one in Person.objects.filter(code__in=[row.code for row in rows])}
    found = tuple(
        _candidate(
            row,
            sheet,
            people[row.code],
            "sheet_changed" if is_stale else _why_not(row, sheet, kind, is_sealed=proof is not None),
        )
        for row in rows
        if row.code in people
    )
    return Basis((sheet.about,), (proof,) if proof else (), found, session=session)


def of_scheme(scheme: Scheme) -> Basis:
    whole = completion.cycle(scheme)
    stale = "sheet_changed" if any(sealed.is_stale(proof) for proof in whole.proofs) else ""
    found = tuple(_of_cycle(whole, one, stale) for one in completion.progress(whole))
    abouts = tuple(unit.sheet.about for unit in whole.units if unit.sheet is not None)
    return Basis(abouts, whole.proofs, found, scheme=scheme)


def held(session: Session | None, scheme: Scheme | None) -> dict[tuple[int, str], Certificate]:
    """The last issue of each certificate of a session or a cycle, by (person id, kind)."""
    found = Certificate.objects.filter(session=session, scheme=scheme, person__isnull=False)
    return {(one.person_id or 0, one.kind): one for one in found.order_by("issue", "pk")}


def _why_not(row: Row, sheet: Sheet, kind: str, *, is_sealed: bool) -> str:
    if row.is_walk_in and row.walk_in_state != "confirmed":
        return "walk_in_undecided"
    if not row.minutes:
        return "not_present"
    if kind == Certified.SAME_DAY:
        return "same_day_over" if _is_later(sheet) else ""
    if not is_sealed:
        return "not_sealed"
    if sheet.threshold is not None and not row.is_met:
        return "hours_undecided" if row.is_undecided else "below_threshold"
    return ""


def _is_later(sheet: Sheet) -> bool:
    """After the day that follows the session's end: what is attested then rests on the seal."""
    ends = max([sheet.about.ends_at, *(slot.held_to for slot in sheet.slots if slot.held_to)])
    last, today = (moments.local(at, sheet.about.timezone).date() for at in (ends, moments.now()))
    return today > last + timedelta(days=1)


def _candidate(row: Row, sheet: Sheet, person: Person, why: str) -> Candidate:
    return Candidate(
        person=person,
        name=row.person.name,
        organisation_fr=row.organisation_fr,
        organisation_it=row.organisation_it,
        minutes=row.minutes,
        credited=row.credited,
        planned=sheet.planned,
        percent=row.percent,
        threshold=sheet.threshold,
        why=why,
        attended=tuple((part.slot.starts_at, part.slot.ends_at) for part in row.parts if part.minutes),
    )


def _of_cycle(whole: Cycle, one: Progress, stale: str) -> Candidate:
    present = [(unit, row) for unit, row in one.rows if row is not None]
    last = present[-1][1] if present else None
    why = {Outcome.MET: "", Outcome.NOT_MET: "not_completed", Outcome.OPEN: "completion_open"}
    reason = why[Outcome(one.outcome)] or ("" if one.minutes else "not_present")
    organisation = one.person.organisation
    return Candidate(
        person=one.person,
        name=one.name,
        organisation_fr=last.organisation_fr if last else organisation.name_fr if organisation else "",
        organisation_it=last.organisation_it if last else organisation.name_it if organisation else "",
        minutes=one.minutes,
        credited=one.credited,
        planned=one.planned,
        percent=one.percent,
        threshold=whole.scheme.min_percent,
        why=stale or ("sheets_missing" if "sheets" in one.why else reason),
        attended=tuple(
            (part.slot.starts_at, part.slot.ends_at)
            for _unit, row in present
            for part in row.parts
            if part.minutes
        ),
    )


def is_for(kind: str, basis: Basis) -> bool:
    """A certificat de réalisation is of training actions only (Code du travail L6313-1): every session is one."""
    return kind != Certified.REALISATION or all(about.kind in TRAINING for about in basis.abouts)


def seal_of(certificate: Certificate) -> dict[str, Any]:
    """What is signed of a certificate."""
    return seals.certificate(
        code=certificate.code,
        number=certificate.number,
        issue=certificate.issue,
        issued_at=chain.stamp(certificate.issued_at),
        digest=certificate.digest,
        public_key=certificate.public_key,
    )


def outdated(certificates: Iterable[Certificate]) -> set[int]:
    """Keys of those that cite a sheet of which a newer version is sealed."""
    newer = SealedSheet.objects.filter(session=OuterRef("session"), version__gt=OuterRef("version"))
    old = SealedSheet.objects.filter(Exists(newer), certificates__in=[one.pk for one in certificates])
    return set(old.values_list("certificates", flat=True))


def digest(facts: Mapping[str, Any]) -> str:
    """SHA-256 of the canonical facts, 64 hexadecimal digits: what a verification compares."""
    return seals.digest(facts)


def facts(
    basis: Basis, candidate: Candidate, certificate: Certificate, *, at: datetime, by: Person | None
) -> dict[str, Any]:
    """All that `certificate` (number, issue, code, kind, language) prints; only texts, whole numbers and lists."""
    last = basis.abouts[-1]
    return {
        "format": 1,
        "kind": str(certificate.kind),
        "language": str(certificate.language),
        "number": certificate.number,
        "issue": certificate.issue,
        "code": certificate.code,
        "issued_at": chain.stamp(at),
        "reason": certificate.reason,
        "person": {
            "name": candidate.name,
            "fr": candidate.organisation_fr,
            "it": candidate.organisation_it,
        },
        "title": _title(basis),
        "scheme": basis.scheme.name if basis.scheme else last.scheme,
        "kinds": sorted({str(about.kind) for about in basis.abouts}),
        "modes": sorted({str(about.mode) for about in basis.abouts}),
        "places": list(dict.fromkeys(about.place for about in basis.abouts if about.place)),
        "zone": last.timezone,
        "attended": [[chain.stamp(start), chain.stamp(end)] for start, end in candidate.attended],
        "minutes": candidate.minutes,
        "credited": candidate.credited,
        "planned": candidate.planned,
        "percent": candidate.percent,
        "threshold": candidate.threshold,
        "project": _project(last),
        "host": {"fr": last.host_fr, "it": last.host_it},
        "signatory": {"name": by.name if by else "", "role": str(by.role) if by else ""},
        "sheets": [
            {
                "session": proof.session.code,
                "version": proof.version,
                "code": proof.code,
                "seal": proof.seal_hash,
            }
            for proof in basis.proofs
        ],
    }


def _title(basis: Basis) -> dict[str, str]:
    """A paper is passed on: of a confidential session it says when, not what it was."""
    if basis.scheme is not None:
        name = basis.scheme.name
        return {"fr": basis.scheme.title_fr or name, "it": basis.scheme.title_it or name, "en": ""}
    about = basis.abouts[0]
    if about.is_confidential:
        return {"fr": "", "it": "", "en": ""}
    return {"fr": about.title_fr, "it": about.title_it, "en": about.title_en}


def _project(about: About) -> dict[str, str]:
    """Texts of the project as they stood; of its picture only that there is one."""
    return {name: str(value) for name, value in about.project.items()} | {
        "emblem": "1" if about.project.get("emblem") else ""
    }
