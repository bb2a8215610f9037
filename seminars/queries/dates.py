"""The dates of a series that one person is invited to, and which of her answers were given for an earlier date."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from seminars.models import Invitation, Revision, Session
from seminars.models.invitations import Invitations
from seminars.moments import now
from seminars.vocabulary import State


@dataclass(frozen=True, slots=True)
class Date:
    """One invitation of a series; `is_earlier`: the answer was given before the session moved last."""

    invitation: Invitation
    is_earlier: bool = False


def _of_series(invitation: Invitation) -> Invitations:
    """All her invitations to the series of this one, taken back or over as well; none without a series."""
    series = invitation.session.series_id
    hers = Invitation.objects.filter(person=invitation.person_id, session__series=series)
    return hers.select_related("session", "person") if series else hers.none()


def coming(invitation: Invitation) -> list[Date]:
    """What she may answer now of the series, this one included, in order of time, without what somebody else comes to
    in her place; two queries, or none."""
    if not invitation.session.series_id:
        return []
    open_ = (
        _of_series(invitation)
        .concerned()
        .filter(session__state=State.SCHEDULED, session__starts_at__gt=now())
    )
    rows = list(open_.order_by("session__starts_at", "pk"))
    earlier = answered_earlier(rows)
    return [Date(row, row.pk in earlier) for row in rows]


def listed(invitation: Invitation, codes: Iterable[str]) -> list[Invitation]:
    """Those of the series that a page showed her, whatever they are now; codes of others' name nothing."""
    return list(_of_series(invitation).filter(code__in=list(codes)).order_by("session__starts_at", "pk"))


def answered_earlier(invitations: Iterable[Invitation]) -> set[int]:
    """Which of these invitations (ids) were answered when people knew another start or end; one query.

    Known by the snapshots that letters were made from; what was never told to anybody is not known.
    """
    answered = {one.session_id: one for one in invitations if one.answered_sequence is not None}
    found: set[int] = set()
    if not answered:
        return found
    told = Revision.objects.filter(session__in=answered).values_list("session", "sequence", "content")
    for session_pk, sequence, content in told:
        one = answered[session_pk]
        span = datetime.fromisoformat(content["starts_at"]), datetime.fromisoformat(content["ends_at"])
        is_other = span != (one.session.starts_at, one.session.ends_at)
        if is_other and one.answered_sequence is not None and sequence >= one.answered_sequence:
            found.add(one.pk)
    return found


def has_moved_since(session: Session, sequence: int) -> bool:
    """Whether who saw the session at this SEQUENCE saw another time or place than it has now; words do not count.

    False where no snapshot tells. No query where nothing has changed since.
    """
    if sequence >= session.sequence:
        return False
    told = session.revisions.filter(sequence__lte=sequence).order_by("sequence", "pk").last()
    return told is not None and is_elsewhere(told, session)


def is_elsewhere(revision: Revision, session: Session) -> bool:
    """Whether this snapshot says another time or place than the session has now."""
    said: dict[str, Any] = revision.content
    places = ("timezone", "mode", "place")
    if any(said[name] != getattr(session, name) for name in places):
        return True
    spans = [(datetime.fromisoformat(start), datetime.fromisoformat(end)) for start, end in said["slots"]]
    return spans != [(slot.starts_at, slot.ends_at) for slot in session.slots.all()]
