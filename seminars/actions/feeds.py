"""Versions of calendar feeds: raised in the transaction of each act that changes their bytes, gone with their key.

A version is the second of the change, since 1970, and always more than the one before: two changes of one second have
two hours for programs that ask by the hour. Whoever raises versions holds the rows of their persons first, in order:
so two acts never wait for each other, and no key of those persons is made meanwhile without being seen.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from django.db.models import F, QuerySet, Value
from django.db.models.functions import Greatest

from seminars.models import CalendarKey, FeedVersion, Person, Session, TeamMember
from seminars.moments import now
from seminars.queries.scopes import PUBLIC
from seminars.vocabulary import State


@dataclass(slots=True)
class Gathered:
    people: set[int] = field(default_factory=set)
    is_public: bool = False


_gathered: ContextVar[Gathered | None] = ContextVar("gathered", default=None)


@contextmanager
def together() -> Iterator[None]:
    """For a transaction of many acts: inside, what they change is gathered, and raised once at the end."""
    if _gathered.get() is not None:
        yield
        return
    found = Gathered()
    token = _gathered.set(found)
    try:
        yield
    finally:
        _gathered.reset(token)
    _raise(found)


def touch(session: Session, *, also: Iterable[int] = (), was_public: bool = False) -> None:
    """What calendars say of a session has changed: for its team, whoever is invited, the persons `also` names (ids),
    and in public if it stands there or did so before. The caller holds the session's row."""
    if session.state == State.DRAFT:
        return
    team = TeamMember.objects.filter(session=session).values_list("person")
    invited = session.invitations.active().values_list("person")
    people = {person for (person,) in team.union(invited)}
    touch_people(people | set(also), is_public=session.is_public or was_public)


def touch_people(people: Iterable[int], *, is_public: bool = False) -> None:
    """The feeds of these persons (ids) have changed, and `is_public`: what is public."""
    gathered = _gathered.get()
    if gathered is None:
        _raise(Gathered(set(people), is_public))
    else:
        gathered.people |= set(people)
        gathered.is_public |= is_public


def hold(people: Iterable[int]) -> list[Person]:
    """The persons' rows as they are now, held until the transaction ends; their foreign keys stay free."""
    held = Person.objects.select_for_update(no_key=True).filter(pk__in=set(people))
    return list(held.order_by("pk"))


def _raise(found: Gathered) -> None:
    present = int(now().timestamp())
    if found.people:
        hold(found.people)
        keys = CalendarKey.objects.filter(person__in=found.people, revoked_at=None)
        _raise_named(keys.values("key_hash"), present)
    if found.is_public and not _raise_named([PUBLIC], present):
        FeedVersion.objects.bulk_create([FeedVersion(name=PUBLIC, version=present)], ignore_conflicts=True)


def _raise_named(names: Iterable[str] | QuerySet[CalendarKey, Any], present: int) -> int:
    """How many there were."""
    raised = Greatest(F("version") + 1, Value(present))
    return FeedVersion.objects.filter(name__in=names).update(version=raised)


def touch_key(key: CalendarKey) -> None:
    """What a key opens, or how long, has changed: no process answers from what it kept of it."""
    _raise_named([key.key_hash], int(now().timestamp()))


def begin(key: CalendarKey) -> None:
    """The feed of a key just made, unless its person is out; the caller holds the person's row."""
    FeedVersion.objects.create(name=key.key_hash, version=int(now().timestamp()))


def end(found: QuerySet[CalendarKey]) -> None:
    """From the commit on no process answers for these keys but by asking who they are: they are revoked, or their
    person is out."""
    FeedVersion.objects.filter(name__in=list(found.values_list("key_hash", flat=True))).delete()
