"""Sessions that were held and sealed, cycles of them, and certificates: ways to have them without a day of work."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from seminars import moments
from seminars.actions import ledger, sealing, sessions
from seminars.evidence.chain import stamp
from seminars.models import Certificate, CertificateBatch, Explanation, Person, Scheme, SealedSheet, Session
from seminars.moments import as_if, now
from seminars.queries import certified, consistency, sheets
from seminars.vocabulary import Certified, PresenceKind, Role, Source
from tests import cast

DAY = datetime(2027, 2, 4, 9)


def held(
    by: Person,
    came: Sequence[tuple[Person, int]],
    start: datetime = DAY,
    minutes: int = 100,
    *,
    is_sealed: bool = True,
    **more: Any,
) -> Session:
    """A session of one half-day that was held as planned; each came from its start for so many minutes. Sealed unless
    said otherwise, by whoever planned it."""
    with as_if(moments.at(start, "Europe/Paris") - timedelta(days=7)):
        session = cast.make_session(by, start, minutes, **{"min_presence_percent": 80} | more)
        if came:
            cast.invite(session, *(person for person, _length in came))
    with as_if(session.starts_at):
        session = sessions.open_(session=session, by=by)
    for person, length in came:
        _line(session, person, length)
    with as_if(session.ends_at):
        session = sessions.close(session=session, by=by, held=[(1, session.starts_at, session.ends_at)])
    if is_sealed:
        with as_if(session.ends_at + timedelta(minutes=5)):
            seal(session, by)
    return Session.objects.get(pk=session.pk)


def _line(session: Session, person: Person, length: int) -> None:
    if not length:
        return
    connection = uuid.uuid4()
    for kind, after in ((PresenceKind.JOINED, 0), (PresenceKind.LEFT, length)):
        at = session.starts_at + timedelta(minutes=after)
        with as_if(at):
            ledger.append(
                session=session,
                person=person,
                kind=kind,
                source=Source.COMPANION,
                at=at,
                connection=connection,
                data={"last_beat": stamp(at)} if kind == PresenceKind.LEFT else {},
            )


def seal(session: Session, by: Person, reason: str = "") -> SealedSheet:
    """Every finding that asks for a reason is given one."""
    for finding in consistency.findings(session, sheets.sheet(session)):
        Explanation.objects.get_or_create(
            session=session, finding=finding.key, defaults={"reason": "As it was", "by": by, "at": now()}
        )
    return sealing.seal(session=session, by=by, reason=reason)


def crowd(count: int, prefix: str = "guest") -> list[Person]:
    """So many people, each with her own address and organisation of one side."""
    rows = [
        Person(
            key=f"{prefix}-{number}",
            email=f"{prefix}-{number}@example.org",
            name=f"{prefix.capitalize()} Numéro {number:03d}",
            role=Role.PARTICIPANT,
            country="IT" if number % 2 else "FR",
            language="it" if number % 2 else "fr",
        )
        for number in range(count)
    ]
    return Person.objects.bulk_create(rows)


def facts(kind: str = Certified.BILINGUAL, language: str = "fr", **more: Any) -> dict[str, Any]:
    """What a certificate of three half-days prints."""
    start = moments.at(DAY, "Europe/Rome")
    days = [(start + timedelta(days=day), start + timedelta(days=day, hours=3)) for day in range(3)]
    given: dict[str, Any] = {
        "format": 1,
        "kind": str(kind),
        "language": language,
        "number": "V-2027-0001",
        "issue": 1,
        "code": "abcdefghjkmnpqrs",
        "issued_at": stamp(days[-1][1]),
        "reason": "",
        "person": {"name": "Hélène Œuvre-Çà", "fr": "Coopérative", "it": "Cooperativa"},
        "title": {"fr": "Les mots du travail social", "it": "Le parole del lavoro sociale", "en": ""},
        "scheme": "",
        "kinds": ["distance_training"],
        "modes": ["hybrid"],
        "places": ["Cuneo"],
        "zone": "Europe/Rome",
        "attended": [[stamp(begun), stamp(ended)] for begun, ended in days],
        "minutes": 513,
        "planned": 540,
        "percent": 95,
        "threshold": 80,
        "project": {},
        "host": {"fr": "Organisme", "it": "Ente"},
        "signatory": {"name": "Elia Prova", "role": "trainer"},
        "sheets": [{"session": "x" * 12, "version": 1, "code": "zyxwvutsrqpnmkjh", "seal": "0" * 64}],
    }
    return given | more


def certificate(**more: Any) -> Certificate:
    """One that is not kept."""
    whole = facts(**more)
    return Certificate(
        number=whole["number"],
        issue=whole["issue"],
        code=whole["code"],
        kind=whole["kind"],
        language=whole["language"],
        facts=whole,
        digest=certified.digest(whole),
        issued_at=datetime.fromisoformat(whole["issued_at"]),
    )


def cycle_of(
    session: Session, person: Person
) -> tuple[Scheme, Certificate, tuple[CertificateBatch, CertificateBatch]]:
    """A cycle with that one session, a certificate of the session, and a batch of each."""
    scheme = Scheme.objects.create(name="Un cycle", asks_needs=True)
    session.training_scheme = scheme.name
    session.save(update_fields=["training_scheme"])
    kept = certificate()
    kept.person, kept.session = person, session
    kept.save()
    more: dict[str, Any] = {
        "kind": Certified.ATTESTATO,
        "total": 1,
        "people": [person.code],
        "asked_at": now(),
    }
    batches = CertificateBatch.objects
    return scheme, kept, (batches.create(session=session, **more), batches.create(scheme=scheme, **more))
