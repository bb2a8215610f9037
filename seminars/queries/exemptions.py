"""What law lets go of evidence, told apart from what somebody took by hand: names, events, scanned pages, facts.

Erasure and retention may empty columns that no signature covers. Whether they did is seen by what else they leave: an
erased person has no salt, a session is released only when nothing keeps it, a condensing is signed.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping

from django.conf import settings

from seminars.evidence import chain, seals
from seminars.models import Certificate, ErasureRequest, Person, Scan, SealedSheet, Session
from seminars.moments import now
from seminars.queries import retention


def known_people() -> dict[str, str]:
    """The codes of all people whose salt is kept, by what stands for them in every ledger."""
    salted = Person.objects.exclude(salt="").values_list("salt", "code")
    return {chain.commitment(salt, code): code for salt, code in salted.iterator()}


def may_be_nameless(session: Session) -> bool:
    """Whether nothing keeps the names of a session any more (actions.keeping.release)."""
    return retention.kept(session, retention.payments()).is_over(now().date())


def left_out(made: SealedSheet, known: Mapping[str, str] | None = None) -> bool:
    """Whether a sheet has lost the entry of somebody who is still known, before its names may go."""
    absent = made.content.get("people", {}).keys() - made.people.keys()
    if not absent:
        return False
    return not absent.isdisjoint(known_people() if known is None else known) and not may_be_nameless(
        made.session
    )


def condensing_faults(session: Session, last: SealedSheet | None) -> Iterator[str]:
    """Why the events of a session should still be there."""
    if session.condensed_at is None:
        if session.condensed_seal:
            yield "was condensed, and is not marked so any more"
        return
    if last is None:
        yield "condensed without a sealed sheet"
    elif not seals.is_condensing(
        session.condensed_seal,
        session=session.uid,
        version=last.version,
        count=last.count,
        head=last.head,
        at=chain.stamp(session.condensed_at),
    ):
        yield f"condensed by hand: {_by_hand(session)}"


def _by_hand(session: Session) -> str:
    """What speaks against it, beside that we have not signed it."""
    if any(rule.needs_logs for rule in retention.rules_of(session)):
        return "a profile keeps its events"
    before = retention.months_before(session.condensed_at or now(), settings.LEDGER_MONTHS)
    if not settings.LEDGER_MONTHS or session.closed_at is None or session.closed_at >= before:
        return "its events were to be kept longer"
    return "nothing signs it"


def scan_faults(session: Session, quoted: Iterable[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    """(seq, why) of scanned pages that are not what was scanned; `quoted`: (seq, digest) as events have them."""
    there = set()
    for scan in Scan.objects.filter(session=session).iterator(chunk_size=10):
        own = hashlib.sha256(bytes(scan.content)).hexdigest()
        if own != scan.digest:
            yield 0, f"the scanned page {scan.code} is not what was scanned"
        there.add(own)
    absent = [(seq, digest) for seq, digest in quoted if digest not in there]
    if absent and not may_be_nameless(session):
        yield absent[0][0], "quotes a scanned page that is not there"


def is_emptied(certificate: Certificate) -> bool:
    """Whether a certificate has lost its facts or its person, and neither erasure nor retention has taken them."""
    if certificate.facts and certificate.person_id:
        return False
    if certificate.facts or certificate.person_id:
        return True
    about = [certificate.session] if certificate.session else _cited(certificate)
    if about and all(may_be_nameless(session) for session in about):
        return False
    return not ErasureRequest.objects.filter(erased_at__gte=certificate.issued_at).exists()


def _cited(certificate: Certificate) -> list[Session]:
    """Of a cycle: the sessions on whose sheets it rests."""
    return list(Session.objects.filter(sealed__certificates=certificate).distinct())
