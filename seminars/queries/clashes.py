"""Checks of a session against what is outside its sheet: other sessions, its own announcement, the hours around it."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from seminars import moments
from seminars.models import Session, TeamMember
from seminars.models.sessions import Sessions
from seminars.moments import Span
from seminars.queries import sealed
from seminars.queries.counting import bounds_of, ledger_spans, part_of
from seminars.queries.findings import BAD, Finding, Ground
from seminars.vocabulary import Mode, Role, State

AROUND = timedelta(hours=12)
"""How far the held hours of another session may lie from its planned ones."""


def _others(session: Session) -> Sessions:
    near = Session.objects.alive().between(session.starts_at - AROUND, session.ends_at + AROUND)
    return near.exclude(pk=session.pk).order_by("starts_at", "pk")


def _counted(session: Session, people: set[int]) -> dict[int, list[Span]]:
    """Counted time of these people (ids) in another session; of a condensed one, as it is sealed."""
    if session.condensed_at is not None:
        return _sealed(session, people)
    until = session.closed_at or moments.now()
    slots = tuple(session.slots.all())
    bounds = bounds_of(session, slots, until)
    found = {}
    for person, whole in ledger_spans(session, until).items():
        if person in people and not whole.is_withdrawn:
            found[person] = [
                time for slot in slots for time in part_of(slot, whole, bounds[slot.number]).times
            ]
    return found


def _sealed(session: Session, people: set[int]) -> dict[int, list[Span]]:
    """Nobody who was erased since: nothing says any more who she was."""
    seal = sealed.latest(session)
    rows = sealed.as_sheet(seal).rows if seal is not None else ()
    return {
        row.person.pk: [time for part in row.parts for time in part.times]
        for row in rows
        if row.person.pk in people
    }


def _hours(session: Session) -> list[Span]:
    """Held, or planned while nothing was held."""
    slots = list(session.slots.all())
    held = [(slot.held_from, slot.held_to) for slot in slots if slot.held_from and slot.held_to]
    return held or [(slot.starts_at, slot.ends_at) for slot in slots]


def elsewhere(ground: Ground) -> Iterator[Finding]:
    """Counted here and in another session at the same time; or a trainer of two sessions that were held at once. The
    other session is not named: it may be none of the reader's."""
    here = {
        row.person.pk: moments.union(time for part in row.parts for time in part.times)
        for row in ground.sheet.rows
    }
    hours, own = _hours(ground.session), _teachers([ground.session]).get(ground.session.pk, set())
    others = list(_others(ground.session).prefetch_related("slots"))
    teachers = _teachers(others)
    touched = set(
        Session.objects.filter(
            pk__in=[other.pk for other in others], presence_events__person__in=list(here)
        ).values_list("pk", flat=True)
    ) | {other.pk for other in others if other.condensed_at is not None}
    twice: dict[int, list[Span]] = {}
    for other in others:
        there = _counted(other, set(here)) if other.pk in touched else {}
        for person in own & teachers.get(other.pk, set()):
            if other.state == State.ENDED:
                twice.setdefault(person, []).extend(moments.clip(hours, _hours(other)))
        for person, times in there.items():
            twice.setdefault(person, []).extend(moments.clip(here[person], times))
    for row in ground.sheet.rows:
        times = moments.union(twice.get(row.person.pk, []))
        if moments.seconds(times) >= 60:
            kind = "person_elsewhere" if row.is_guest else "trainer_elsewhere"
            minutes = int(moments.seconds(times) // 60)
            facts: dict[str, Any] = {"start": times[0][0], "end": times[-1][1], "minutes": minutes}
            yield ground.finding(kind, BAD, people=[row.person], about=times[0][0].isoformat(), **facts)


def _teachers(sessions: list[Session]) -> dict[int, set[int]]:
    """Ids of trainers by session (ids)."""
    found: dict[int, set[int]] = {}
    members = TeamMember.objects.filter(session__in=[one.pk for one in sessions], role=Role.TRAINER)
    for session, person in members.values_list("session_id", "person_id"):
        found.setdefault(session, set()).add(person)
    return found


def same_place(ground: Ground) -> Iterator[Finding]:
    """Two sessions in one place at once."""
    session, place = ground.session, ground.session.place.strip()
    if not place or session.mode == Mode.ONLINE:
        return
    others = _others(session).exclude(mode=Mode.ONLINE).filter(place__iexact=place).prefetch_related("slots")
    both = [
        span
        for other in others
        if other.state in (State.RUNNING, State.ENDED)
        for span in moments.clip(_hours(session), _hours(other))
    ]
    if both:
        facts: dict[str, Any] = {"place": place, "start": both[0][0], "end": both[-1][1]}
        yield ground.finding("same_place", about=both[0][0].isoformat(), **facts)


def outside_hours(ground: Ground) -> Iterator[Finding]:
    """Guests connected on a day before or after all its hours; the pause between two half-days is none of it."""
    zone = ground.session.timezone
    days: dict[str, list[datetime]] = {}
    for slot in ground.sheet.slots:
        ends = [slot.starts_at, slot.ends_at, slot.held_from, slot.held_to]
        day = moments.local(slot.starts_at, zone).date().isoformat()
        days.setdefault(day, []).extend(end for end in ends if end)
    before, after = (
        timedelta(minutes=n) for n in (settings.ROOM_OPENS_MINUTES, settings.SIGN_CLOSES_MINUTES)
    )
    usual = [(min(ends) - before, max(ends) + after) for ends in days.values()]
    found = ledger_spans(ground.session, ground.sheet.until)
    people = []
    for row in ground.guests:
        whole = found.get(row.person.pk)
        if whole and moments.seconds(moments.without([*whole.seen, *whole.replayed], usual)) >= 60:
            people.append(row.person)
    if people:
        yield ground.finding("outside_hours", people=people)


def changed(ground: Ground) -> Iterator[Finding]:
    """Title or hours are not those of the first letter that was sent about it."""
    session = ground.session
    first = session.revisions.order_by("pk").first()
    if first is None:
        return
    titles = ("title_fr", "title_it")
    told = [first.content.get(name, "") for name in titles]
    now_ = [getattr(session, name) for name in titles]
    if told != now_:
        facts: dict[str, Any] = {"before": _one(told), "after": _one(now_), "told_at": first.made_at}
        yield ground.finding("title_changed", about="\x1f".join(now_), page="session", **facts)
    spans = [
        (datetime.fromisoformat(start), datetime.fromisoformat(end)) for start, end in first.content["slots"]
    ]
    hours = [(slot.starts_at, slot.ends_at) for slot in ground.sheet.slots]
    if spans != hours:
        facts = {"before": spans[0], "after": hours[0], "told_at": first.made_at}
        about = " ".join(start.isoformat() for start, _end in hours)
        yield ground.finding("hours_changed", about=about, page="session", **facts)


def _one(titles: list[str]) -> str:
    return " / ".join(dict.fromkeys(title for title in titles if title))
