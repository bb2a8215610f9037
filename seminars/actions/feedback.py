"""The live pulse, and the short form after a session."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction

from seminars.actions import attendance
from seminars.errors import Refused
from seminars.facts import PulseTaken, announce
from seminars.models import (
    FeedbackAnswer,
    FeedbackReceipt,
    Lease,
    Person,
    PulseTally,
    PulseVote,
    Session,
)
from seminars.moments import now
from seminars.queries import live
from seminars.vocabulary import Pulse, State

STEPS = ("useful", "goals", "pace", "own_language", "technique")
"""Questions answered in five steps (domain 3.2)."""


@transaction.atomic
def take_pulse(*, session: Session, person: Person, value: str) -> None:
    """One feeling per person, replaced by the next; a tally is kept only while enough people are present to hide in."""
    if value not in Pulse.values:
        raise Refused("pulse_unknown")
    session = Session.objects.select_for_update().get(pk=session.pk)
    attendance.check_open(session)
    attendance.check_inside(session, person)
    votes = PulseVote.objects.filter(session=session)
    if not votes.filter(person=person, value=value).exists():
        _forget_who_left(session)
    votes.update_or_create(session=session, person=person, defaults={"value": value, "at": now()})
    found = live.pulse(session.pk)
    if not found["few"]:
        PulseTally.objects.create(session=session, at=now(), counts=found["counts"])
    announce(PulseTaken(session.pk, Session.objects.next_seq(session.pk), (person.pk,)))


def _forget_who_left(session: Session) -> None:
    """Drops the moods of whoever has no connection any more, behind another's new word: by themselves they would be
    missing in the very frame that says who left."""
    inside = Lease.objects.filter(session=session, ended_at=None).values("person")
    PulseVote.objects.filter(session=session).exclude(person__in=inside).delete()


def closes_at(session: Session) -> Any:
    return session.closed_at + timedelta(days=settings.FEEDBACK_DAYS) if session.closed_at else None


@transaction.atomic
def give(*, session: Session, person: Person, language: str, **answers: Any) -> None:
    """Keeps one filled form, apart from who filled it; once per person, until FEEDBACK_DAYS after the closing."""
    closes = closes_at(session)
    if session.state != State.ENDED or closes is None or now() >= closes:
        raise Refused("feedback_closed", days=settings.FEEDBACK_DAYS)
    kept = {name: value for name, value in answers.items() if value not in (None, "")}
    if not kept:
        raise Refused("feedback_empty")
    try:
        with transaction.atomic():
            FeedbackReceipt.objects.create(session=session, person=person)
    except IntegrityError:
        raise Refused("feedback_given") from None
    FeedbackAnswer.objects.create(session=session, language=language, **kept)
