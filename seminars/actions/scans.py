"""The paper sheet comes back: its scanned pages are kept, and its rows are typed in as signatures on paper."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import transaction

from seminars.actions.declaring import check_begun, check_person, check_reason, check_times, lock, tell
from seminars.actions.ledger import append
from seminars.errors import Refused
from seminars.evidence import chain, scanning
from seminars.models import Person, PresenceEvent, Scan, Session, Slot
from seminars.moments import Span, now
from seminars.queries import signatures
from seminars.vocabulary import Hand, PresenceKind, Source, Where

LONGEST_NAME = 120
CONTROL = re.compile(r"[\x00-\x1f\x7f\u0080-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True, slots=True)
class PaperRow:
    """One signature on the paper; `times` where hours were written beside it."""

    person: Person
    slot_number: int
    hand: Hand = Hand.PARTICIPANT
    times: Span | None = None


def clean_name(name: str) -> str:
    """The last part of a file's name, without control signs and turns of direction; shown only, never a path."""
    last = re.split(r"[/\\]", CONTROL.sub("", name))[-1].strip(" .")
    return last[-LONGEST_NAME:] or "scan"


UNFIT = {"type": "scan_type", "acts": "scan_acts", "locked": "scan_locked"}
"""How a file that is not kept is refused, by why."""


@transaction.atomic
def keep(*, session: Session, by: Person, name: str, content: bytes, slot_number: int | None = None) -> Scan:
    """A page that came back. Refuses `scan_empty`, `scan_too_large`, `scan_type`, `scan_acts`, `scan_locked`,
    `too_many_scans`, `scan_twice`."""
    session = lock(session)
    if not content:
        raise Refused("scan_empty", field="file")
    if len(content) > settings.SCAN_BYTES:
        raise Refused("scan_too_large", field="file", most=settings.SCAN_BYTES // 1024)
    try:
        media_type = scanning.media_type(content)
    except scanning.Unfit as unfit:
        raise Refused(UNFIT[unfit.why], field="file") from None
    there = session.scans.count()
    if there >= settings.SCANS_PER_SESSION:
        raise Refused("too_many_scans", field="file", most=settings.SCANS_PER_SESSION)
    digest = hashlib.sha256(content).hexdigest()
    if session.scans.filter(digest=digest).exists():
        raise Refused("scan_twice", field="file")
    slot = _slot(session, slot_number) if slot_number is not None else None
    return Scan.objects.create(
        session=session,
        slot=slot,
        name=clean_name(name),
        media_type=media_type,
        size=len(content),
        digest=digest,
        content=content,
        added_at=now(),
        added_by=by,
    )


def _slot(session: Session, number: int) -> Slot:
    slot = session.slots.filter(number=number).first()
    if slot is None:
        raise Refused("no_half_day", field="slot")
    return slot


def is_quoted(scan: Scan) -> bool:
    """Whether a row of the ledger rests on it."""
    paper = PresenceEvent.objects.filter(session=scan.session_id, source=Source.PAPER)
    return any(data.get("scan") == scan.digest for data in paper.values_list("data", flat=True))


@transaction.atomic
def remove(*, scan: Scan, by: Person) -> None:
    """Takes back a page that was chosen by mistake. Refuses `scan_quoted` once rows were typed from it."""
    lock(scan.session)
    if is_quoted(scan):
        raise Refused("scan_quoted")
    scan.delete()


@transaction.atomic
def type_in(
    *, session: Session, by: Person, rows: Iterable[PaperRow], scan: Scan | None = None, reason: str = ""
) -> int:
    """Signatures as they stand on the paper, typed by `by`; who has signed that half-day already is left as she is.
    Returns how many were new. Without a page that others can look at, `reason` says why there is none, and nobody
    types for another member of the team. Refuses `nothing_typed`, `paper_unproved`, `reason_long`, `paper_team`, and
    what declaring refuses of times."""
    session = lock(session)
    chosen = list(rows)
    if not chosen:
        raise Refused("nothing_typed")
    said = check_reason(reason, session=session) if reason.strip() else ""
    if scan is None:
        if not said:
            raise Refused("paper_unproved", field="reason")
        _check_own(session, by, chosen)
    signed, excused = signatures.standing(session)
    new: list[Person] = []
    for row in chosen:
        if (row.person.pk, row.slot_number, row.hand) in signed:
            continue
        if (row.person.pk, row.slot_number) in excused:
            raise Refused("excused_signed", name=row.person.name)
        _sign(session, by, row, scan, said)
        signed.add((row.person.pk, row.slot_number, row.hand))
        new.append(row.person)
    if new:
        tell(session, dict.fromkeys(new))
    return len(new)


def _check_own(session: Session, by: Person, rows: Iterable[PaperRow]) -> None:
    """Nobody vouches by her word alone for what another trainer is said to have signed."""
    team = set(session.team.values_list("person_id", flat=True))
    for row in rows:
        if row.person.pk != by.pk and (row.hand != Hand.PARTICIPANT or row.person.pk in team):
            raise Refused(
                "paper_team", field=f"tick_{row.person.code}_{row.slot_number}", name=row.person.name
            )


def _sign(session: Session, by: Person, row: PaperRow, scan: Scan | None, reason: str) -> None:
    slot = check_begun(session, row.slot_number)
    check_person(session, row.person)
    data: dict[str, Any] = {
        "as": str(row.hand),
        "mode": str(Where.ROOM),
        "by": "paper",
        "scan": scan.digest if scan else "",
    }
    field = f"to_{row.person.code}_{row.slot_number}"
    for first, last in check_times(session, slot, [row.times] if row.times else [], field):
        data |= {"from": chain.stamp(first), "to": chain.stamp(last)}
    append(
        session=session,
        person=row.person,
        author=by,
        kind=PresenceKind.SIGNED,
        source=Source.PAPER,
        at=now(),
        slot_number=row.slot_number,
        reason=reason,
        data=data,
    )
