"""The way in for an outside inspector: made, taken back, used; never counted as presence (domain ATT-12)."""

from datetime import datetime, timedelta

from django.db import transaction

from seminars.errors import Refused
from seminars.facts import InspectorSeen, announce
from seminars.models import InspectorLink, InspectorVisit, Person, Session
from seminars.moments import now
from seminars.vocabulary import State

MOST_OPEN = 20
"""Links of one session that open it at the same time."""
LONGEST = timedelta(days=366)
VISIT = timedelta(hours=1)
"""One visit stands for all that is looked at within it."""


@transaction.atomic
def make(*, session: Session, by: Person, label: str, expires_at: datetime) -> InspectorLink:
    """A link that opens one session until then. Raises Refused: `not_now`, `label_missing`, `until_wrong`,
    `too_many_inspectors`."""
    session, present = Session.objects.select_for_update().get(pk=session.pk), now()
    if session.state in (State.DRAFT, State.CANCELLED):
        raise Refused("not_now", state=session.get_state_display())
    label = " ".join(label.split())[:120]
    if not label:
        raise Refused("label_missing", field="label")
    if not present < expires_at <= present + LONGEST:
        raise Refused("until_wrong", field="until", days=LONGEST.days)
    if session.inspectors.filter(revoked_at=None, expires_at__gt=present).count() >= MOST_OPEN:
        raise Refused("too_many_inspectors", most=MOST_OPEN)
    return InspectorLink.objects.create(
        session=session, label=label, created_by=by, created_at=present, expires_at=expires_at
    )


@transaction.atomic
def revoke(*, link: InspectorLink, by: Person) -> None:
    """From the next request on it opens nothing; who was looking on is no longer shown."""
    session = Session.objects.select_for_update().get(pk=link.session_id)
    if InspectorLink.objects.filter(pk=link.pk, revoked_at=None).update(revoked_at=now()):
        _tell(session)


@transaction.atomic
def look(*, link: InspectorLink) -> InspectorLink:
    """Her page is open: it opens, and says so each minute. At most one visit an hour is noted; while the session runs
    the room shows her. Raises Refused `link_old` for a link that opens nothing any more."""
    session, present = Session.objects.select_for_update().get(pk=link.session_id), now()
    row = InspectorLink.objects.select_for_update().get(pk=link.pk)
    if row.revoked_at is not None or row.expires_at <= present:
        raise Refused("link_old")
    if not row.visits.filter(at__gt=present - VISIT).exists():
        InspectorVisit.objects.create(link=row, at=present)
    if session.state in (State.SCHEDULED, State.RUNNING):
        row.seen_at = present
        row.save(update_fields=["seen_at"])
        _tell(session)  # each time: screens show her by the latest sign they heard of
    return row


def _tell(session: Session) -> None:
    announce(InspectorSeen(session.pk, Session.objects.next_seq(session.pk)))
