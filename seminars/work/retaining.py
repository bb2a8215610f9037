"""What the calendar does to personal data, once a day: condensing, names that go, erasures whose day has come."""

import time
from collections import Counter
from collections.abc import Iterator
from itertools import chain, islice

from seminars.actions import erasure, keeping
from seminars.errors import Refused
from seminars.models import PresenceEvent
from seminars.queries import retention

DAY = 86_400.0
HANDFUL = 5
"""So many sessions and people in one round of a worker, so that letters do not wait for all of them."""


def steps() -> Iterator[Counter[str]]:
    """All that is due, one transaction for each session, cycle and person, as it is asked for: how much of what, by
    name. A fault of one holds up no other."""
    return chain(
        keeping.each_of(retention.ripe, keeping.condense_one),
        keeping.each_of(retention.over, keeping.release_one),
        keeping.each_of(retention.over_schemes, keeping.release_scheme),
        keeping.each_of(erasure.open_requests, erasure.finish_one),
    )


def keep() -> Counter[str]:
    """All of it at once."""
    return sum(steps(), start=Counter())


def rehearse() -> Counter[str]:
    """What `keep` would do now: only counted, so that nobody waits for it."""
    counts: Counter[str] = Counter()
    condensed = set()
    for session in retention.ripe():
        try:
            keeping.condensable(session)
        except Refused:
            counts["waiting"] += 1
            continue
        condensed.add(session.pk)
        counts["condensed"] += 1
        counts["events"] += PresenceEvent.objects.filter(session=session).count()
    released = retention.over()
    for session in released:
        counts += keeping.naming(session, is_condensed=session.pk in condensed)
        counts["released"] += 1
    counts["cycles"] = len(retention.over_schemes([session.pk for session in released]))
    counts.update(found for request in erasure.open_requests() if (found := erasure.due(request)))
    return +counts


class Keeper:
    """One worker's daily turn, a handful a round."""

    def __init__(self) -> None:
        self.steps: Iterator[Counter[str]] | None = None
        self.began = -DAY

    def round(self) -> bool:
        """Whether there may be more to do at once. After a fault it begins anew."""
        if self.steps is None:
            if time.monotonic() - self.began < DAY:
                return False
            self.steps = steps()
        try:
            done = sum(1 for _found in islice(self.steps, HANDFUL))
        except BaseException:
            self.steps = None
            raise
        if done == HANDFUL:
            return True
        self.steps, self.began = None, time.monotonic()
        return False
