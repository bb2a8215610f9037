"""The difficult session, sealed, and something of everybody in every table: for tests of what goes and what stays."""

import base64
from hashlib import sha256
from pathlib import Path
from typing import Any

from seminars.actions import groups, people, sealing
from seminars.evidence import seals
from seminars.models import (
    Certificate,
    Completion,
    Explanation,
    FeedbackReceipt,
    Invitation,
    Letter,
    Message,
    Person,
    PulseVote,
    Scan,
    Scheme,
    SchemeForm,
    SealedSheet,
    Session,
    Unsubscription,
)
from seminars.moments import as_if, now
from seminars.queries import certified, consistency, sheets
from seminars.vocabulary import Asked, Certified, LetterKind, LetterState, Outcome
from tests.difficult import Difficult, difficult, hour, scanned

CANARY = "canary"
"""In each word of hers that may go."""


def sealing_at(place: Path, settings: Any) -> None:
    """A key of its own, and a place for the seals."""
    settings.SEAL_KEY, settings.SEALS_DIR = base64.b64encode(bytes(range(32))).decode(), place / "seals"


def sealed_difficult() -> tuple[Difficult, SealedSheet]:
    """Sealed the evening of its day by its trainer, every finding explained."""
    made = difficult()
    scanned(made.session)
    elia = made.people["elia"]
    with as_if(hour(18)):
        explain(made.session, elia)
        return made, sealing.seal(session=made.session, by=elia)


def explain(session: Session, by: Person) -> None:
    for finding in consistency.findings(session, sheets.sheet(session)):
        told = {"reason": "Seen and right", "by": by, "at": now()}
        Explanation.objects.get_or_create(session=session, finding=finding.key, defaults=told)


def scatter(session: Session, person: Person, by: Person) -> None:
    """A row of hers in every table that the session itself has not filled."""
    at = now()
    people.make_calendar_key(person=person, name=f"{CANARY} key", lasts=0)
    people.make_api_token(person=person, name=f"{CANARY} token", may_write=False)
    people.make_link(person=person)
    groups.make(by=by, name=f"{CANARY} group", people=[person])
    Unsubscription.objects.create(person=person, kind=LetterKind.MESSAGE, at=at)
    PulseVote.objects.create(session=session, person=person, value="fine", at=at)
    FeedbackReceipt.objects.create(session=session, person=person)
    Message.objects.create(session=session, author=person, text_fr=f"{CANARY} word", at=at)
    Scan.objects.create(
        session=session,
        name="p",
        media_type="image/png",
        size=1,
        content=b"1",
        added_at=at,
        added_by=person,
        digest=sha256(b"1").hexdigest(),
    )
    scheme, _ = Scheme.objects.get_or_create(name="A scheme")
    SchemeForm.objects.create(scheme=scheme, person=person, kind=Asked.NEEDS, answers=[CANARY], at=at)
    Completion.objects.create(
        scheme=scheme, person=person, outcome=Outcome.MET, reason=CANARY, decided_by=by, decided_at=at
    )
    kept = Certificate(
        number=f"N-{person.pk}",
        kind=Certified.ATTESTATO,
        person=person,
        session=session,
        facts={"name": person.name},
        digest=certified.digest({"name": person.name}),
        issued_at=at,
        issued_by=by,
        public_key=seals.public_key(),
    )
    kept.signature = seals.sign(certified.seal_of(kept))
    kept.save()
    Invitation.objects.filter(session=session, person=person).update(note=f"{CANARY} note")
    Letter.objects.create(
        kind=LetterKind.INVITATION,
        person=person,
        session=session,
        state=LetterState.SENT,
        stamp=at,
        next_at=at,
        created_at=at,
        content=b"To: her",
    )
