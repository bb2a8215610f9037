"""Requests that somebody comes in an invited person's place: the open ones, and what became of the last."""

from collections.abc import Iterable

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery

from seminars.models import Invitation, Session, Substitution
from seminars.queries.dates import is_elsewhere
from seminars.vocabulary import State

STANDING = Q(invitation__withdrawn_at=None, asked_at__gte=F("invitation__invited_at"))


def is_standing(substitution: Substitution, invitation: Invitation) -> bool:
    """Whether a request is of the invitation as it stands: one that was taken back meanwhile ends its requests."""
    return invitation.withdrawn_at is None and substitution.asked_at >= invitation.invited_at


def _open() -> QuerySet[Substitution]:
    decidable = Q(invitation__session__state__in=[State.SCHEDULED, State.RUNNING])
    return Substitution.objects.filter(STANDING, decidable, decided_at=None)


def open_of(session: Session) -> dict[int, Substitution]:
    """Those that wait for a decision, by invitation (ids); one query."""
    return {one.invitation_id: one for one in _open().filter(invitation__session=session)}


def waiting(sessions: Iterable[Session]) -> dict[int, int]:
    """How many wait for a decision, by session (ids), without those where none does; one query."""
    of_session = _open().filter(invitation__session__in=[one.pk for one in sessions])
    counted = of_session.order_by().values("invitation__session").annotate(n=Count("pk"))
    return {row["invitation__session"]: row["n"] for row in counted}


def name_of(outer: str) -> Subquery:
    """Inside a query: who comes in the place of her whose invitation `outer` names; NULL where nobody does."""
    standing = Substitution.objects.standing().filter(invitation=OuterRef(outer))
    return Subquery(standing.values("made__person__name")[:1])


def newest(invitation: Invitation) -> Substitution | None:
    """The request that stands or was decided last, for her who asked; None where there is none."""
    return Substitution.objects.filter(STANDING, invitation=invitation).last()


def asked_earlier(session: Session, requests: Iterable[Substitution]) -> set[int]:
    """Which of these requests (ids) were made when people knew another time or place; one query, none without any."""
    asked = list(requests)
    revisions = list(session.revisions.order_by("-made_at", "-pk")) if asked else []
    found = set()
    for one in asked:
        told = next((revision for revision in revisions if revision.made_at <= one.asked_at), None)
        if told is not None and is_elsewhere(told, session):
            found.add(one.pk)
    return found


def by_code(session: Session, code: str) -> Substitution | None:
    """A request of this session, decided or not."""
    found = Substitution.objects.filter(invitation__session=session, code=code)
    return found.select_related("invitation__person").first()
