"""What a new letter does to the older ones of its reader about the same session: it ends some, hurries others, and its
DTSTAMP comes after theirs. All by ordering key (UID and person), for many people at once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F, Max, Q

from seminars.models import Letter
from seminars.models.letters import LEFT, REMINDING
from seminars.moments import now
from seminars.vocabulary import Answer, LetterKind, LetterState

REPLACED = (LetterKind.INVITATION, LetterKind.UPDATE, LetterKind.REMINDER, LetterKind.ASKING)
"""What waits and says an older thing is replaced by the next of REPLACING."""
REPLACING = (LetterKind.INVITATION, LetterKind.UPDATE, LetterKind.CANCELLATION, LetterKind.WITHDRAWAL)
ENDS = (LetterKind.CANCELLATION, LetterKind.WITHDRAWAL)
STUCK = (LetterState.FAILED, LetterState.DEAD)


@dataclass(slots=True)
class Older:
    """What one recipient's new letter replaces. `was_invited`: her invitation was among it."""

    was_invited: bool = False
    first: datetime | None = None
    """When the first of the changes that wait would leave."""
    is_urgent: bool = False
    """Something among it was on its way out."""

    def take(self, row: Letter) -> None:
        self.was_invited |= row.kind == LetterKind.INVITATION
        if row.state != LetterState.PENDING:
            return
        waits = not row.attempts and row.next_at > now()
        if waits and row.kind == LetterKind.UPDATE:
            self.first = min(row.next_at, self.first or row.next_at)
        elif not (waits and row.kind == LetterKind.REMINDER and not row.about):
            self.is_urgent = True

    def until(self, moment: datetime | None, present: datetime) -> datetime:
        """When the new one leaves: a change that waits again and again would tell nobody."""
        if moment is None or self.is_urgent:
            return present
        return max(present, min(moment, self.first or moment))


NOTHING = Older()


def latest(keys: Iterable[str]) -> dict[str, datetime]:
    """By ordering key the latest DTSTAMP that its recipient has seen for this UID."""
    stamps = (
        Letter.objects.filter(ordering_key__in=list(keys))
        .values("ordering_key")
        .annotate(latest=Max("stamp"))
    )
    return dict(stamps.order_by().values_list("ordering_key", "latest"))


def stamp(present: datetime, latest: datetime | None) -> datetime:
    """Strictly later than the latest; whole seconds, as iCalendar writes them."""
    present = present.replace(microsecond=0)
    return present if latest is None or latest < present else latest + timedelta(seconds=1)


def hold(keys: Sequence[str]) -> set[str]:
    """Those whose recipients certainly or perhaps hold something about the session."""
    if not keys:
        return set()
    return set(Letter.objects.standing(*keys).values_list("ordering_key", flat=True))


def know(keys: Sequence[str]) -> set[str]:
    """Those of them to whom an update can be told: who answered, or whose letters did not come back. The others are
    invited first."""
    if not keys:
        return set()
    known = Letter.objects.standing(*keys).filter(LEFT | ~Q(invitation__answer=Answer.NONE))
    return set(known.values_list("ordering_key", flat=True))


def pull_forward(keys: Iterable[str], present: datetime) -> None:
    """A change of words waits for others like it, and holds up nothing else: letters of one key keep their order."""
    waiting = Letter.objects.filter(
        ordering_key__in=list(keys), kind=LetterKind.UPDATE, state=LetterState.PENDING
    )
    waiting.filter(owner="", attempts=0, next_at__gt=present).update(next_at=present)


def supersede(keys: Sequence[str], kind: LetterKind) -> dict[str, Older]:
    """Ends the older letters of some recipients that new ones of this kind replace: of REPLACING what waits or did not
    arrive, of ASKING the latter, of others nothing. A letter that a worker holds is left to it."""
    if kind not in (*REPLACING, LetterKind.ASKING):
        return {}
    ended = Q(state__in=STUCK, kind__in=[*REPLACED, *REPLACING])
    if kind in REPLACING:
        is_free = Q(lease_until=None) | Q(lease_until__lt=now())
        ended |= Q(state=LetterState.PENDING, kind__in=REPLACED) & is_free
    rows = list(
        Letter.objects.select_for_update()
        .filter(
            ended,
            ordering_key__in=[*keys, *(key + REMINDING for key in keys)],
        )
        .order_by("pk")
        .defer("content")
    )
    if lapsed := [row.pk for row in rows if row.owner]:
        # Their worker fell silent: they may have left.
        Letter.objects.filter(pk__in=lapsed).update(unanswered=F("unanswered") + 1)
    if rows:
        Letter.objects.filter(pk__in=[row.pk for row in rows]).update(
            state=LetterState.SUPERSEDED, owner="", lease_until=None
        )
    found: dict[str, Older] = {}
    for row in rows:
        found.setdefault(row.ordering_key.removesuffix(REMINDING), Older()).take(row)
    return found
