"""What an inspector sees of one session: who is present now by name, checks and answers, and never a mail address."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Max

from seminars import keys
from seminars.models import InspectorLink, PresenceCheck, PresenceEvent, Session
from seminars.moments import now
from seminars.queries import everybody, live
from seminars.vocabulary import PresenceKind, State


def opened_by(token: str) -> InspectorLink | None:
    """The link of a token; None when absent, expired, revoked, not written by us, or of a draft."""
    code = keys.code_of(token)
    if not code or not keys.is_derived(token, "inspector", code):
        return None
    alive = InspectorLink.objects.filter(code=code, revoked_at=None, expires_at__gt=now())
    shown = alive.exclude(session__state=State.DRAFT)
    return shown.select_related("session", "session__activity", "session__host").first()


def links(session: Session) -> list[InspectorLink]:
    """All links of a session, the newest first, with `used` times and the `last` of them."""
    found = session.inspectors.select_related("created_by")
    counted = found.annotate(used=Count("visits"), last=Max("visits__at"))
    return list(counted.order_by("-created_at", "-pk"))


@dataclass(frozen=True, slots=True)
class Seen:
    """Somebody who is there: `standing` is here, in the video, or in the room by her own sign."""

    name: str
    organisation_fr: str
    organisation_it: str
    country: str
    role: str
    standing: str
    since: str


@dataclass(frozen=True, slots=True)
class Checked:
    """One "still here?": how many of those asked have answered, and how many of them late."""

    asked_at: datetime
    answered: int
    late: int


def present(session: Session) -> tuple[Seen, ...]:
    """Who is in the room now, team first, then by name; nobody outside a running session or its antechamber."""
    if session.state not in (State.SCHEDULED, State.RUNNING):
        return ()
    people: dict[str, dict[str, Any]] = everybody.settled(live.host_state(session))["people"]
    here = (row for row in people.values() if row["standing"] in live.PRESENT)
    fields = Seen.__dataclass_fields__
    found = [Seen(**{name: row[name] or "" for name in fields}) for row in here]
    return tuple(sorted(found, key=lambda one: (one.role == "participant", one.name.casefold())))


def checks(session: Session) -> tuple[Checked, ...]:
    """Presence checks in the order they were asked."""
    answers: dict[str, dict[str, bool]] = {}
    confirmed = PresenceEvent.objects.filter(session=session, kind=PresenceKind.CONFIRMED).order_by("-seq")
    for subject, data in confirmed.values_list("subject", "data"):  # the first answer of each stands
        answers.setdefault(data.get("check", ""), {})[subject] = bool(data.get("late"))
    asked = PresenceCheck.objects.filter(session=session)
    return tuple(
        Checked(each.asked_at, len(found), sum(found.values()))
        for each in asked
        for found in [answers.get(each.code, {})]
    )
