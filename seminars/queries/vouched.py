"""Whether certificates are what was issued: each by itself, and their numbers without a gap.

A certificate taken out from the end of its year, or put back as it was before it was withdrawn, leaves no trace here.
"""

import re
from collections.abc import Iterable, Iterator

from seminars.evidence import seals
from seminars.models import Certificate
from seminars.queries import certified, exemptions
from seminars.queries.verification import FOREIGN, Fault

NUMBER = re.compile(r"(.*-[0-9]{4}-)([0-9]{4,})")


def own_faults(certificate: Certificate) -> Iterator[str]:
    """What a certificate shows by itself, and beside the sheets that it cites."""
    seal = certified.seal_of(certificate)
    if not seals.is_signed(seal, certificate.signature):
        yield "the signature does not fit the certificate"
    elif certificate.public_key not in seals.known_keys():
        yield f"{FOREIGN} ({seals.key_id(certificate.public_key)})"
    if exemptions.is_emptied(certificate):
        yield "its facts or its person were taken out"
    if certificate.facts and not _facts_hold(certificate):
        yield "the facts differ from the digest"
    elif certificate.facts and not _sheets_hold(certificate):
        yield "cites other sheets than those that are here"


def _facts_hold(certificate: Certificate) -> bool:
    try:
        return certified.digest(certificate.facts) == certificate.digest
    except (TypeError, ValueError):
        return False


def _sheets_hold(certificate: Certificate) -> bool:
    cited = {(one["code"], one["seal"]) for one in certificate.facts.get("sheets", ())}
    return cited == set(certificate.sheets.values_list("code", "seal_hash"))


def faults(certificates: Iterable[Certificate]) -> Iterator[Fault]:
    for one in certificates:
        for why in own_faults(one):
            yield Fault(_about(one), 0, f"certificate {one.number}/{one.issue}: {why}")


def _about(certificate: Certificate) -> str:
    about = certificate.session or certificate.scheme
    return about.code if about else "-"


def number_faults() -> Iterator[Fault]:
    """Numbers of each project and year begin with 1 and leave none out; so do the issues of each number."""
    expected: dict[str, int] = {}
    issues: dict[str, int] = {}
    rows = Certificate.objects.select_related("session", "scheme").only(
        "number", "issue", "session", "scheme"
    )
    found = [(match, one) for one in rows if (match := NUMBER.fullmatch(one.number))]
    for match, one in sorted(found, key=lambda each: (each[0][1], int(each[0][2]), each[1].issue)):
        prefix, number = match[1], int(match[2])
        if one.number not in issues:
            if number != expected.get(prefix, 1):
                yield Fault(_about(one), 0, f"certificate {prefix}{expected.get(prefix, 1):04d} is missing")
            expected[prefix] = number + 1
        if one.issue != issues.get(one.number, 0) + 1:
            yield Fault(
                _about(one), 0, f"certificate {one.number}/{issues.get(one.number, 0) + 1} is missing"
            )
        issues[one.number] = one.issue
