"""What a law still asks for of one person: which sessions have to be kept, until when, and by which rule."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet

from seminars import moments
from seminars.models import (
    Certificate,
    Explanation,
    Invitation,
    Person,
    PresenceEvent,
    Scheme,
    SealedSheet,
    Session,
    TeamMember,
    WalkIn,
)
from seminars.queries import retention
from seminars.queries.retention import Kept
from seminars.vocabulary import HOST_ROLES, State


@dataclass(frozen=True, slots=True)
class Needed:
    """One session on whose sheet she stands."""

    session: Session
    kept: Kept


def led(person: Person) -> QuerySet[Session]:
    """Sessions she runs that are to come, or not closed yet."""
    hers = Session.objects.filter(team__person=person, team__role__in=HOST_ROLES)
    open_ = Q(state__in=[State.SCHEDULED, State.DRAFT], ends_at__gt=moments.now()) | Q(state=State.RUNNING)
    return hers.filter(open_).distinct()


def schemes(person: Person) -> QuerySet[Scheme]:
    """Training cycles whose rows or certificates name her."""
    hers = Q(certificates__person=person) | Q(certificates__issued_by=person)
    hers |= Q(forms__person=person) | Q(forms__judged_by=person)
    hers |= Q(completions__person=person) | Q(completions__decided_by=person)
    return Scheme.objects.filter(pk__in=Scheme.objects.filter(hers).values("pk"))


def standing(person: Person) -> QuerySet[Session]:
    """Sessions that name her: as one of the team, invited, by a fact of the ledger, on a sealed sheet, whoever sealed
    it or gave a reason, or by a certificate, hers or with her as its signatory."""
    sheets = SealedSheet.objects.filter(Q(people__icontains=person.code) | Q(sealed_by=person))
    found = (
        PresenceEvent.objects.filter(Q(person=person) | Q(author=person)).values("session"),
        TeamMember.objects.filter(person=person).values("session"),
        Invitation.objects.active().filter(person=person).values("session"),
        WalkIn.objects.filter(person=person).values("session"),
        Certificate.objects.filter(Q(person=person) | Q(issued_by=person)).values("session"),
        Explanation.objects.filter(by=person).values("session"),
        sheets.values("session"),
        Session.objects.filter(roster__has_key=person.code).values("pk"),
        Session.objects.filter(training_scheme__in=schemes(person).values("name")).values("pk"),
        SealedSheet.objects.filter(certificates__scheme__in=schemes(person)).values("session"),
    )
    return Session.objects.filter(Q(*(Q(pk__in=each) for each in found), _connector=Q.OR))


def attended(person: Person) -> QuerySet[Session]:
    """Those of them that have begun."""
    begun = standing(person).filter(state__in=[State.RUNNING, State.ENDED])
    return begun.order_by("starts_at", "pk")


def needed(person: Person) -> tuple[Needed, ...]:
    """Those whose evidence has to be kept today."""
    paid, today = retention.payments(), moments.now().date()
    found = retention.with_project(attended(person))
    every = (Needed(session, retention.kept(session, paid)) for session in found)
    return tuple(each for each in every if not each.kept.is_over(today))


def until(found: Iterable[Needed]) -> date | None:
    """The day after which nothing is needed any more; None: not known yet, or nothing is needed."""
    last = retention.longest(each.kept for each in found)
    return last.until if last else None
