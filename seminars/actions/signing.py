"""Signing a half-day: by the person herself, in its window, never in advance and never for another (domain ATT-5).

A signature is one line of the ledger. The door has proved who signs, and that she typed her own name; here stand the
rules of the hour, of the place and of there being one only. On site somebody also comes and goes by the room's code.
"""

import re
import uuid
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from seminars import moments
from seminars.actions.ledger import append
from seminars.errors import Refused
from seminars.exchange.address import folded
from seminars.facts import PresenceChanged, announce
from seminars.models import Person, PresenceEvent, Session, Slot
from seminars.moments import now
from seminars.queries import counting
from seminars.queries import signing as queries
from seminars.queries.signing import Due, Place, due
from seminars.vocabulary import Hand, Mode, PresenceKind, Source, State, Where

__all__ = [
    "Due",
    "Place",
    "check_in",
    "check_out",
    "countersign",
    "countersign_all",
    "due",
    "is_her_name",
    "sign",
]

IN_ROOM = ("code", "walk_in")
"""By the room's code, of somebody proved, and of somebody of whom nothing but a walk-in is known."""
BY = ("page", "link", *IN_ROOM)
BY_SEAL = "seal"
"""The way of whoever countersigns by sealing."""

JOINTS = re.compile(r"['’ʼ‘`´‐‑-]")


def _readings(name: str) -> list[list[str]]:
    """Its words in alphabetical order, with what joins two of them read as a blank, and as nothing."""
    plain = folded(name)
    return [sorted(re.findall(r"[^\W_]+", JOINTS.sub(joint, plain))) for joint in (" ", "")]


def is_her_name(typed: str, person: Person) -> bool:
    """Whether she typed her own name: case, accents, hyphens and the order of its words say nothing."""
    pairs = zip(_readings(person.name), _readings(typed[:400]), strict=True)
    return any(hers and hers == said for hers, said in pairs)


@dataclass(frozen=True, slots=True)
class Held:
    """A session as it is now, held by the caller's transaction."""

    session: Session
    present: datetime

    def slot(self, number: int) -> Slot:
        found = self.session.slots.filter(number=number).first()
        if found is None:
            raise Refused("no_half_day", field="slot")
        found.session = self.session
        return found

    def hour(self, at: datetime) -> datetime:
        return moments.local(at, self.session.timezone)


def hold(session: Session) -> Held:
    """Refuses `not_now` where nothing is held or was, `sheet_sealed`, `condensed`."""
    found = Session.objects.select_for_update().get(pk=session.pk)
    if found.state in (State.DRAFT, State.CANCELLED):
        raise Refused("not_now", state=found.get_state_display())
    if found.condensed_at is not None:
        raise Refused("condensed")
    if queries.is_sealed(found):
        raise Refused("sheet_sealed")
    return Held(found, now())


def tell(session: Session, person: Person) -> None:
    """After the commit every screen of the session hears of it."""
    announce(PresenceChanged(session.pk, Session.objects.next_seq(session.pk), (person.pk,)))


def check_window(held: Held, slot: Slot) -> None:
    """Refuses `sign_early`, `sign_late`, and a half-day that the closing says was not held."""
    opens, closes = queries.window(slot)
    if held.present < opens:
        raise Refused("sign_early", hour=held.hour(opens))
    if held.present >= closes:
        raise Refused("sign_late", hour=held.hour(closes))
    _check_held(held, slot)


def _check_held(held: Held, slot: Slot) -> None:
    if held.session.state == State.ENDED and slot.held_from is None:
        raise Refused("half_day_not_held", field="slot")


def _check_name(typed: str | None, person: Person) -> None:
    """None: the door asked for none, as when a closing is confirmed."""
    if typed is not None and not is_her_name(typed, person):
        raise Refused("name_differs", field="name", name=person.name)


def _check_open(held: Held, person: Person, slot: Slot, hand: Hand) -> None:
    """Refuses `signed_already`, and `sign_excused` for a participant who is marked as excused."""
    place = next(
        place
        for place in queries.places(held.session, person, hand, held.present)
        if place.slot.pk == slot.pk
    )
    if place.receipt:
        raise Refused("signed_already")
    if place.state == queries.EXCUSED:
        raise Refused("sign_excused")


def _mode(session: Session, wanted: str) -> str:
    mode = queries.mode_of(session, wanted)
    if not mode:
        raise Refused("mode_missing", field="mode")
    return mode


def write(
    held: Held, person: Person, slot: Slot, hand: Hand, mode: str, by: str, event: uuid.UUID | None = None
) -> PresenceEvent:
    """The line of the ledger, which the caller has allowed."""
    key = event or uuid.uuid4()
    append(
        session=held.session,
        person=person,
        author=person,
        kind=PresenceKind.SIGNED,
        source=Source.COMPANION,
        at=held.present,
        slot_number=slot.number,
        event=key,
        data={"as": str(hand), "mode": mode, "by": by},
    )
    tell(held.session, person)
    return PresenceEvent.objects.get(pk=key)


@transaction.atomic
def sign(
    *,
    session: Session,
    person: Person,
    slot_number: int,
    name: str | None,
    mode: str = "",
    by: str = "page",
) -> PresenceEvent:
    """An invited person, or a walk-in, signs one half-day in its window; `mode` where the session is hybrid.

    Raises Refused: `not_now`, `condensed`, `sheet_sealed`, `no_half_day`, `not_on_list`, `countersigns` for the team,
    `not_on_site` by a room's code where there is no room, `name_differs`, `sign_early`, `sign_late`,
    `half_day_not_held`, `mode_missing`, `signed_already`, `sign_excused`.
    """
    if by not in BY:
        raise ValueError(f"nobody signs by {by}")
    held = hold(session)
    slot = held.slot(slot_number)
    hand = queries.hand_of(held.session, person)
    if hand is None:
        raise Refused("not_on_list")
    if hand != Hand.PARTICIPANT:
        raise Refused("countersigns")
    if by in IN_ROOM and held.session.mode == Mode.ONLINE:
        raise Refused("not_on_site")
    _check_name(name, person)
    check_window(held, slot)
    _check_open(held, person, slot, hand)
    wanted = Where.ROOM if by in IN_ROOM else mode
    return write(held, person, slot, hand, _mode(held.session, wanted), by)


@transaction.atomic
def countersign(
    *,
    session: Session,
    person: Person,
    slot_number: int,
    name: str | None,
    mode: str = "",
    by: str = "page",
) -> PresenceEvent:
    """One of the team signs a half-day as trainer or tutor, from its start until the sheet is sealed.

    Raises Refused as `sign` does, `not_in_team` for whoever is not of the team, and `sign_early` before the start.
    """
    held = hold(session)
    slot = held.slot(slot_number)
    hand = _team_hand(held, person)
    _check_name(name, person)
    if held.present < slot.starts_at or held.session.state == State.SCHEDULED:
        raise Refused("sign_early", hour=held.hour(slot.starts_at))
    _check_held(held, slot)
    _check_open(held, person, slot, hand)
    return write(held, person, slot, hand, _mode(held.session, mode), by)


def _team_hand(held: Held, person: Person) -> Hand:
    hand = queries.hand_of(held.session, person)
    if hand is None or hand == Hand.PARTICIPANT:
        raise Refused("not_in_team")
    return hand


@transaction.atomic
def countersign_all(*, session: Session, person: Person) -> int:
    """What is left for one of the team to countersign of the half-days that were held; returns how many. For the
    sealing, whose one confirmation is hers; from where she was there, as the ledger has it, and from nowhere where it
    does not say. 0 for whoever is not of the team, and once there is a seal."""
    if queries.is_sealed(session):
        return 0
    held = hold(session)
    hand = queries.hand_of(held.session, person)
    if hand is None or hand == Hand.PARTICIPANT:
        return 0
    found = queries.places(held.session, person, hand, held.present)
    open_ = [place.slot for place in found if place.is_open and place.slot.held_from]
    there = counting.modes_of(held.session, person, open_) if open_ else {}
    for slot in open_:
        write(held, person, slot, hand, there[slot.number], BY_SEAL)
    return len(open_)


def _come_or_go(held: Held, person: Person, slot: Slot, kind: PresenceKind) -> PresenceEvent:
    key = uuid.uuid4()
    append(
        session=held.session,
        person=person,
        author=person,
        kind=kind,
        source=Source.COMPANION,
        at=held.present,
        slot_number=slot.number,
        event=key,
        data={"mode": str(Where.ROOM), "by": "code"},
    )
    tell(held.session, person)
    return PresenceEvent.objects.get(pk=key)


def _on_site(session: Session, person: Person) -> tuple[Held, Hand]:
    held = hold(session)
    if held.session.mode == Mode.ONLINE:
        raise Refused("not_on_site")
    hand = queries.hand_of(held.session, person)
    if hand is None:
        raise Refused("not_on_list")
    return held, hand


@transaction.atomic
def check_in(*, session: Session, person: Person) -> PresenceEvent | None:
    """She has come: into the half-day whose window is open, the running one before one that is over. None where she is
    in already. Raises Refused: `not_on_site`, `not_on_list`, `nothing_open`, and as `hold`."""
    held, hand = _on_site(session, person)
    open_ = [slot for slot in queries.now_open(held.session, held.present) if _may_come(held, slot)]
    if not open_:
        raise Refused("nothing_open")
    place = _place(held, person, hand, open_[0])
    return None if place.is_here else _come_or_go(held, person, open_[0], PresenceKind.CHECKED_IN)


def _may_come(held: Held, slot: Slot) -> bool:
    return held.session.state != State.ENDED and held.present < slot.ends_at


def _place(held: Held, person: Person, hand: Hand, slot: Slot) -> Place:
    found = queries.places(held.session, person, hand, held.present)
    return next(place for place in found if place.slot.pk == slot.pk)


@transaction.atomic
def check_out(*, session: Session, person: Person) -> PresenceEvent | None:
    """She goes: out of the half-day that she checked into, or signed in the room. None where there is none. Raises
    Refused as `check_in`, but for what is open."""
    held, hand = _on_site(session, person)
    found = [place for place in queries.places(held.session, person, hand, held.present) if place.may_go]
    if not found:
        return None
    chosen = next((place for place in found if place.is_here), found[0])
    return _come_or_go(held, person, chosen.slot, PresenceKind.CHECKED_OUT)
