"""Who sits at an open socket, what she may still do, and which sockets are hers."""

import logging
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Protocol, TypeVar
from weakref import WeakValueDictionary

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session as CookieSession
from django.db.models import Model
from django.http import parse_cookie
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from realtime import bridge, groups
from seminars.models import Invitation, Organisation, Person, Session
from seminars.permissions import Actor, Level, allows

log = logging.getLogger(__name__)
LEVEL = "level"
"""Key of the cookie session under which the HTML door keeps how much it trusts who entered."""
MOST_SOCKETS = 5
NOBODY, FOREIGN, TOO_MANY = 4401, 4403, 4429


class Sitting(Protocol):
    """What the registry needs of a consumer."""

    @property
    def seat(self) -> "Seat | None": ...

    def look_again(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Seat:
    """One open socket: whose, where, by which cookie session, on which kind of screen."""

    session: Session
    actor: Actor
    cookie: str
    """Key of the cookie session."""
    is_host: bool
    language: str

    @property
    def person(self) -> Person:
        if self.actor.person is None:
            raise ValueError("nobody sits here")
        return self.actor.person

    @property
    def key(self) -> tuple[int, int]:
        return self.person.pk, self.session.pk


Row = TypeVar("Row", bound=Model)
_known: WeakValueDictionary[tuple[type[Model], int], Model] = WeakValueDictionary()


def _shared(fresh: Row) -> Row:
    """The row as all seats of this process have it in common, brought up to date: a thousand copies weigh megabytes."""
    known = _known.setdefault((type(fresh), fresh.pk), fresh)
    if known is not fresh:
        vars(known).update(vars(fresh))
    return known  # type: ignore[return-value]  # of the type it is known by


def cookie_of(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """Key of the cookie session that a handshake brings; empty where it brings none."""
    given = "; ".join(value.decode("latin-1") for name, value in headers if name == b"cookie")
    return parse_cookie(given).get(settings.SESSION_COOKIE_NAME, "")


def actor_of(cookie: str) -> Actor | None:
    """The person of a cookie session as the database knows both now; None when it was ended or she was suspended."""
    store = SessionStore(cookie)
    found = Person.objects.select_related("organisation").filter(pk=store.get(SESSION_KEY) or 0).first()
    if found is None or not found.is_active:
        return None
    if not constant_time_compare(store.get(HASH_SESSION_KEY, ""), found.get_session_auth_hash()):
        return None
    if isinstance(found.organisation, Organisation):
        found.organisation = _shared(found.organisation)
    return Actor(_shared(found), Level.INVITED if store.get(LEVEL) == "invited" else Level.FULL)


def take(*, code: str, cookie: str, wants_host: bool, language: str) -> Seat | int:
    """A seat, or the close code: nobody signed in; absent and foreign sessions alike."""
    actor = actor_of(cookie)
    if actor is None:
        return NOBODY
    session = Session.objects.filter(code=code).first()
    if session is None or not allows(groups.opened_by(wants_host), actor, session):
        return FOREIGN
    return Seat(_shared(session), actor, cookie, wants_host, language)


def lost(*, seat: Seat) -> int:
    """0 while the seat may be kept, else the close code. Reads the cookie session and the permission anew."""
    again = take(code=seat.session.code, cookie=seat.cookie, wants_host=seat.is_host, language=seat.language)
    if isinstance(again, int):
        return again
    return 0 if again.person.pk == seat.person.pk and again.actor.level >= seat.actor.level else NOBODY


def shaken(seats: Collection[Seat]) -> list[Seat]:
    """Those whose right may have ended: signed out, suspended or withdrawn. Three questions, however many seats."""
    keys, people = {seat.cookie for seat in seats}, {seat.person.pk for seat in seats}
    stored = CookieSession.objects.filter(session_key__in=keys, expire_date__gt=timezone.now())
    signed_in = set(stored.values_list("session_key", flat=True))
    suspended = set(Person.objects.filter(pk__in=people, is_active=False).values_list("pk", flat=True))
    rows = Invitation.objects.filter(
        session_id__in={seat.session.pk for seat in seats}, person_id__in=people, withdrawn_at__isnull=False
    )
    withdrawn = set(rows.values_list("person_id", "session_id"))
    return [
        seat
        for seat in seats
        if seat.cookie not in signed_in or seat.person.pk in suspended or seat.key in withdrawn
    ]


class Registry:
    """The sockets of this process by (person id, session id). Belongs on the server's loop.

    `revocations` grows with each that was heard of, or may have been missed.
    """

    def __init__(self) -> None:
        self.taken: dict[tuple[int, int], set[Sitting]] = {}
        self.revocations = 0

    def sit(self, seat: Seat, sitting: Sitting) -> bool:
        """False when this person has as many sockets in this session as anybody may."""
        mine = self.taken.setdefault(seat.key, set())
        if len(mine) >= MOST_SOCKETS:
            return False
        mine.add(sitting)
        return True

    def rise(self, seat: Seat, sitting: Sitting) -> None:
        if mine := self.taken.get(seat.key):
            mine.discard(sitting)
            if not mine:
                del self.taken[seat.key]

    def look_again(self, person_id: int, session_id: int = 0) -> None:
        """Has each socket of a person ask whether it may stay; session 0 means everywhere."""
        self.revocations += 1
        for (person, session), mine in list(self.taken.items()):
            if person == person_id and session_id in (0, session):
                for sitting in tuple(mine):
                    sitting.look_again()

    async def doubt(self) -> None:
        """Finds by the database whose revocation no message has brought. Never raises."""
        seated = {sitting: sitting.seat for mine in self.taken.values() for sitting in mine}
        seats = {seat for seat in seated.values() if seat is not None}
        if not seats:
            return
        try:
            doubtful = await bridge.look(shaken, seats)
        except Exception as fault:
            log.warning("the rights of live sockets could not be read: %s", fault)
            return
        for sitting, seat in seated.items():
            if seat in doubtful:
                sitting.look_again()


registry = Registry()
