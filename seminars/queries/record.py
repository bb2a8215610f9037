"""What a person can show of herself: hours by year, her certificates, and the training cycles she takes part in."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from seminars import moments
from seminars.models import Certificate, Person, PresenceEvent, Scheme, SealedSheet, Session
from seminars.queries import completion
from seminars.queries.completion import Progress
from seminars.vocabulary import Role, State


@dataclass(frozen=True, slots=True)
class Held:
    """One session that was held with her; minutes as sealed, or None where no sheet is sealed yet."""

    session: Session
    minutes: int | None
    planned: int
    percent: int
    is_guest: bool


@dataclass(frozen=True, slots=True)
class Year:
    """`minutes`: of sealed sheets, as a participant; `led`: as one of the team."""

    year: int
    sessions: tuple[Held, ...]
    certificates: tuple[Certificate, ...]

    @property
    def minutes(self) -> int:
        return sum(one.minutes or 0 for one in self.sessions if one.is_guest)

    @property
    def led(self) -> int:
        return sum(one.minutes or 0 for one in self.sessions if not one.is_guest)


def years(person: Person) -> list[Year]:
    """The latest first. A year is that of the session on its own clock, and of a certificate when it was issued."""
    held: dict[int, list[Held]] = {}
    for one in _held(person):
        held.setdefault(moments.local(one.session.starts_at, one.session.timezone).year, []).append(one)
    issued: dict[int, list[Certificate]] = {}
    for certificate in certificates(person):
        issued.setdefault(moments.local(certificate.issued_at, person.timezone).year, []).append(certificate)
    return [
        Year(year, tuple(held.get(year, [])), tuple(issued.get(year, [])))
        for year in sorted(held.keys() | issued.keys(), reverse=True)
    ]


def certificates(person: Person) -> list[Certificate]:
    """The last issue of each, withdrawn ones left out."""
    found = Certificate.objects.filter(person=person).select_related("session", "scheme").order_by("issue")
    last = {one.number: one for one in found}
    return sorted(
        (one for one in last.values() if one.withdrawn_at is None),
        key=lambda one: one.issued_at,
        reverse=True,
    )


def cycles(person: Person) -> list[tuple[Scheme, Progress]]:
    """Where she is a participant, by name of the scheme."""
    names = (
        Session.objects.alive().filter(_with(person)).exclude(training_scheme="").values("training_scheme")
    )
    found = [
        (scheme, completion.progress_of(completion.cycle(scheme), person))
        for scheme in Scheme.objects.filter(name__in=names).order_by("name")
    ]
    return [(scheme, progress) for scheme, progress in found if progress is not None]


def _with(person: Person) -> Q:
    """Sessions that she leads, is invited to, came to, or was certified for; a condensed one has no events left."""
    mine = Session.objects.of(person).values("pk")
    came = PresenceEvent.objects.filter(person=person).values("session")
    walked_in = person.walk_ins.values("session")
    certified = Certificate.objects.filter(person=person, session__isnull=False).values("session")
    return Q(pk__in=mine) | Q(pk__in=came) | Q(pk__in=walked_in) | Q(pk__in=certified)


def _held(person: Person) -> list[Held]:
    """Ended sessions in which she was counted, and those still without a seal to which she came."""
    sessions = list(Session.objects.filter(_with(person), state=State.ENDED).order_by("-starts_at", "-pk"))
    proofs = completion.last_sheets(sessions)
    came = set(PresenceEvent.objects.filter(person=person).values_list("session_id", flat=True).distinct())
    found = []
    for session in sessions:
        proof = proofs.get(session.pk)
        if proof is None:
            found += [Held(session, None, 0, 0, is_guest=True)] if session.pk in came else []
            continue
        row = _own_row(proof, person)
        if row is not None and (row["minutes"] or row["has_come"]):
            planned, is_guest = proof.content["planned"], row["role"] == Role.PARTICIPANT
            found.append(Held(session, row["minutes"], planned, row["percent"], is_guest))
    return found


def _own_row(proof: SealedSheet, person: Person) -> Mapping[str, Any] | None:
    """Her row as it is sealed; of a long record no sheet is built whole."""
    own = {subject for subject, told in proof.people.items() if told["code"] == person.code}
    return next((row for row in proof.content["rows"] if row["subject"] in own), None)
