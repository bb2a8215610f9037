"""Certificates: issued, issued again, taken back; many in one go, some at a time.

A certificate: (nothing) -> issued -> issued again (same number, next issue) ... ; any issue -> withdrawn. Numbers are
`<project>-<year>-<number>` without gaps: each is taken under one lock, in the transaction that keeps the certificate.
"""

import re
from collections.abc import Sequence
from datetime import timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q
from django.db.models.functions import Length

from seminars import moments
from seminars.actions import completion
from seminars.errors import Refused
from seminars.evidence import seals
from seminars.models import Certificate, CertificateBatch, Person, Scheme, Session
from seminars.moments import now
from seminars.queries import certified, sealed
from seminars.queries.certified import Basis, Candidate
from seminars.vocabulary import Certified, Language, Zone

CHUNK = 10
"""So many certificates are made in one transaction; a worker that dies takes that many back, numbers included."""
LEASE = timedelta(seconds=60)
MOST = 2000
NUMBERS = 0x5669736F
"""Names the lock of the numbers on PostgreSQL; SQLite holds the database."""
OWN_LANGUAGE = {Certified.REALISATION: Language.FRENCH, Certified.ATTESTATO: Language.ITALIAN}
"""A document that the law or a fund of one side knows is written in its language unless another is asked for."""


def language_for(kind: str, asked: str, person: Person) -> str:
    own = OWN_LANGUAGE.get(Certified(kind))
    return asked or (own.value if own else str(person.language))


def _hold(session: Session | None, scheme: Scheme | None) -> None:
    """What certificates are about, held until the transaction ends."""
    if session is not None:
        Session.objects.select_for_update().get(pk=session.pk)
    if scheme is not None:
        completion.hold(scheme)


def basis_of(session: Session | None, scheme: Scheme | None, kind: str) -> Basis:
    """Raises Refused `kind_of_session` for an attestation of the same day of a whole cycle."""
    if session is not None:
        return certified.of_session(session, kind)
    if scheme is None or kind == Certified.SAME_DAY:
        raise Refused("kind_of_session", field="kind")
    return certified.of_scheme(scheme)


def _check_kind(basis: Basis, kind: str) -> None:
    if not certified.is_for(kind, basis):
        raise Refused("not_training", field="kind")


def _next_number() -> str:
    """Under a lock until the transaction ends; what is rolled back leaves no gap."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [NUMBERS])
    year = moments.local(now(), Zone.PARIS.value).year
    prefix = f"{settings.PROJECT['code'] or 'V'}-{year}-"
    taken = Certificate.objects.filter(number__regex=f"^{re.escape(prefix)}[0-9]+$")
    last = taken.order_by(Length("number").desc(), "-number").values_list("number", flat=True).first()
    return f"{prefix}{int(last.removeprefix(prefix)) + 1 if last else 1:04d}"


def _entitled(basis: Basis, code: str) -> Candidate:
    candidate = basis.by_code.get(code)
    if candidate is None:
        raise Refused("not_on_sheet")
    if candidate.why:
        raise Refused(candidate.why)
    return candidate


def _keep(certificate: Certificate, basis: Basis, candidate: Candidate, by: Person | None) -> Certificate:
    certificate.issued_at, certificate.issued_by = now(), by
    certificate.facts = certified.facts(basis, candidate, certificate, at=certificate.issued_at, by=by)
    certificate.digest = certified.digest(certificate.facts)
    certificate.public_key = sealed.key_to_sign()
    certificate.signature = seals.sign(certified.seal_of(certificate))
    certificate.save()
    certificate.sheets.set(basis.proofs)
    return certificate


def _issue(basis: Basis, code: str, kind: str, language: str, by: Person | None) -> Certificate:
    _check_kind(basis, kind)
    candidate = _entitled(basis, code)
    person = candidate.person
    before = Certificate.objects.filter(
        person=person, kind=kind, session=basis.session, scheme=basis.scheme
    ).first()
    if before is not None:
        raise Refused("certified_already")
    certificate = Certificate(
        number=_next_number(),
        kind=kind,
        language=language_for(kind, language, person),
        person=person,
        session=basis.session,
        scheme=basis.scheme,
    )
    return _keep(certificate, basis, candidate, by)


@transaction.atomic
def issue(
    *,
    by: Person,
    person: Person,
    kind: str,
    session: Session | None = None,
    scheme: Scheme | None = None,
    language: str = "",
) -> Certificate:
    """One certificate of one person, of a session or of a cycle. `language` empty: that of the document, else hers.

    Raises Refused: `certified_already`, `not_on_sheet`, and why she may have none (see certified.Candidate).
    """
    _hold(session, scheme)
    return _issue(basis_of(session, scheme, kind), person.code, kind, language, by)


def _last(certificate: Certificate) -> Certificate:
    found = Certificate.objects.select_related("session", "scheme", "person").filter(
        number=certificate.number
    )
    return found.order_by("-issue")[0]


@transaction.atomic
def reissue(*, certificate: Certificate, by: Person, reason: str, language: str = "") -> Certificate:
    """The same number, the next issue, from the sheets as they are sealed now; what was printed before is superseded.

    Raises Refused: `issue_reason_missing`, `certificate_erased`, and what `issue` raises of her right to it.
    """
    if not reason.strip():
        raise Refused("issue_reason_missing", field="reason")
    _hold(certificate.session, certificate.scheme)
    last = _last(certificate)
    if last.person is None:
        raise Refused("certificate_erased")
    basis = basis_of(last.session, last.scheme, last.kind)
    _check_kind(basis, last.kind)
    candidate = _entitled(basis, last.person.code)
    following = Certificate(
        number=last.number,
        issue=last.issue + 1,
        kind=last.kind,
        language=language or last.language,
        person=last.person,
        session=last.session,
        scheme=last.scheme,
        reason=" ".join(reason.split())[:300],
    )
    return _keep(following, basis, candidate, by)


@transaction.atomic
def withdraw(*, certificate: Certificate, by: Person, reason: str) -> Certificate:
    """Takes the last issue back: a verification says so. Its number stays taken; a reissue lifts it.

    Raises Refused: `issue_reason_missing`, `certificate_withdrawn`.
    """
    if not reason.strip():
        raise Refused("issue_reason_missing", field="reason")
    _hold(certificate.session, certificate.scheme)
    last = _last(certificate)
    if last.withdrawn_at is not None:
        raise Refused("certificate_withdrawn")
    last.withdrawn_at = now()
    last.reason = "; ".join(filter(None, [last.reason, " ".join(reason.split())]))[:300]
    last.save(update_fields=["withdrawn_at", "reason"])
    return last


@transaction.atomic
def ask(
    *,
    by: Person,
    kind: str,
    people: Sequence[str],
    session: Session | None = None,
    scheme: Scheme | None = None,
    language: str = "",
) -> CertificateBatch:
    """Certificates for the people of these codes, to be made by `advance`. Raises Refused: `certify_nobody`,
    `certify_too_many`, `kind_of_session`."""
    wanted = list(dict.fromkeys(people))
    if not wanted:
        raise Refused("certify_nobody")
    if len(wanted) > MOST:
        raise Refused("certify_too_many", most=MOST)
    if session is not None and kind == Certified.REALISATION and session.kind not in certified.TRAINING:
        raise Refused("not_training", field="kind")
    if kind not in Certified.values or (session is None and kind == Certified.SAME_DAY):
        raise Refused("kind_of_session", field="kind")
    return CertificateBatch.objects.create(
        kind=kind,
        session=session,
        scheme=scheme,
        language=language,
        people=wanted,
        total=len(wanted),
        asked_by=by,
        asked_at=now(),
    )


@transaction.atomic
def claim(owner: str, batch: CertificateBatch | None = None) -> CertificateBatch | None:
    """The oldest batch that nobody works on, or that one: ours for LEASE. A batch whose worker died becomes free by
    itself."""
    free = CertificateBatch.objects.filter(finished_at=None)
    free = free.filter(Q(lease_until=None) | Q(lease_until__lt=now()) | Q(owner=owner))
    if batch is not None:
        free = free.filter(pk=batch.pk)
    can_skip = connection.features.has_select_for_update_skip_locked
    found = free.select_for_update(skip_locked=can_skip).order_by("asked_at", "pk").first()
    if found is not None:
        found.owner, found.lease_until = owner, now() + LEASE
        found.save(update_fields=["owner", "lease_until"])
    return found


@transaction.atomic
def advance(*, batch: CertificateBatch, owner: str, most: int = CHUNK) -> bool:
    """The next `most` people of a batch that `owner` has claimed, all or none of them; whether some are left.

    Who may have none is noted with the reason. A batch that another owner has taken meanwhile is left alone.
    """
    _hold(batch.session, batch.scheme)
    held = CertificateBatch.objects.select_for_update().get(pk=batch.pk)
    if held.owner != owner or held.finished_at is not None:
        return False
    turn, held.people = held.people[:most], held.people[most:]
    basis = basis_of(batch.session, batch.scheme, held.kind)
    for code in turn:
        try:
            _issue(basis, code, held.kind, held.language, batch.asked_by)
        except Refused as refused:
            held.refused.append([code, refused.code])
    _advanced(held, len(turn))
    return bool(held.people)


@transaction.atomic
def skip(*, batch: CertificateBatch, owner: str) -> None:
    """Notes that the next person's certificate could not be made: one must not hold up the others."""
    held = CertificateBatch.objects.select_for_update().get(pk=batch.pk)
    if held.owner == owner and held.people:
        held.refused.append([held.people.pop(0), "failed"])
        _advanced(held, 1)


def _advanced(held: CertificateBatch, count: int) -> None:
    held.done += count
    held.lease_until = now() + LEASE
    if not held.people:
        held.finished_at, held.lease_until = now(), None
    held.save(update_fields=["people", "refused", "done", "lease_until", "finished_at"])


def give_back(owner: str) -> None:
    """What this worker has claimed is free at once."""
    CertificateBatch.objects.filter(owner=owner, finished_at=None).update(lease_until=None, owner="")
