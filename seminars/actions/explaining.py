"""Why a line of the consistency report is right as it is: kept with who said it, printed with the sheet."""

from collections.abc import Mapping

from django.db import transaction

from seminars.errors import Refused
from seminars.models import Explanation, Person, Session
from seminars.moments import now
from seminars.queries import naming
from seminars.vocabulary import State

LONGEST_REASON = 300


@transaction.atomic
def explain(*, session: Session, by: Person, reasons: Mapping[str, str]) -> int:
    """Keeps `reasons` by the keys of their findings; the same words again change nothing, empty ones take a reason
    back. Returns how many changed. Refuses `not_now`, `reason_long`, `reason_names`."""
    session = Session.objects.select_for_update().get(pk=session.pk)
    if session.state not in (State.RUNNING, State.ENDED):
        raise Refused("not_now", state=session.get_state_display())
    kept = {each.finding: each for each in Explanation.objects.filter(session=session)}
    names = naming.names_of(session) if any(words.strip() for words in reasons.values()) else frozenset()
    changed = 0
    for finding, words in reasons.items():
        said = words.strip()
        if len(said) > LONGEST_REASON:
            raise Refused("reason_long", field=finding, most=LONGEST_REASON)
        there = kept.get(finding)
        if said == (there.reason if there else ""):
            continue
        if naming.names_somebody(said, names):
            raise Refused("reason_names", field=finding)
        changed += 1
        if said:
            Explanation.objects.update_or_create(
                session=session, finding=finding, defaults={"reason": said, "by": by, "at": now()}
            )
        elif there:
            there.delete()
    return changed
