"""Who may sign which half-day, from when until when, and what stands already (domain ATT-5)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef, Q

from seminars.models import Invitation, Person, PresenceEvent, SealedSheet, Session, Slot, TeamMember, WalkIn
from seminars.moments import Span
from seminars.queries.signatures import HANDS
from seminars.vocabulary import Answer, Hand, Mode, PresenceKind, Role, State, Where

EARLY, OPEN, DONE, MISSED, EXCUSED = "early", "open", "done", "missed", "excused"
LEADING = frozenset({Role.TRAINER, Role.FACILITATOR, Role.COORDINATOR})
"""Roles of a team that sign as trainer."""
COMING_AND_GOING = (PresenceKind.CHECKED_IN, PresenceKind.CHECKED_OUT)


@dataclass(frozen=True, slots=True)
class Receipt:
    """One signature that stands, as its line of the ledger has it; `hash` is that line's."""

    at: datetime
    hand: str
    mode: str
    by: str
    seq: int
    hash: str
    is_declared: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """One half-day as one person finds it. `state`: early | open | done | missed | excused. `is_here`: she has checked
    in and not out; `may_go`: there is something to check out of now."""

    slot: Slot
    state: str
    opens_at: datetime
    closes_at: datetime
    receipt: Receipt | None = None
    is_here: bool = False
    may_go: bool = False

    @property
    def is_open(self) -> bool:
        return self.state == OPEN


@dataclass(frozen=True, slots=True)
class Due:
    """A half-day that somebody may sign now and has not; `hand` is as what."""

    session: Session
    slot: Slot
    hand: str


def window(slot: Slot) -> Span:
    """When a person may sign: from SIGN_OPENS_MINUTES before the start to SIGN_CLOSES_MINUTES after the end, the
    planned one or the one it was held to, whichever is later."""
    ends_at = max(slot.ends_at, slot.held_to or slot.ends_at)
    opens = timedelta(minutes=settings.SIGN_OPENS_MINUTES)
    return slot.starts_at - opens, ends_at + timedelta(minutes=settings.SIGN_CLOSES_MINUTES)


def is_sealed(session: Session) -> bool:
    return SealedSheet.objects.filter(session=session).exists()


def is_signed(session: Session) -> bool:
    """Whether the ledger holds a signature of it, somebody's own or a declared one."""
    own = Q(kind=PresenceKind.SIGNED) | Q(kind=PresenceKind.DECLARED, data__signature=True)
    return PresenceEvent.objects.filter(own, session=session).exists()


def hand_of(session: Session, person: Person) -> Hand | None:
    """As what she signs here: the team before the invited, and a walk-in until a host has said no. None: not at all."""
    roles = set(TeamMember.objects.filter(session=session, person=person).values_list("role", flat=True))
    if roles:
        return as_team(roles)
    if Invitation.objects.active().filter(session=session, person=person).exists():
        return Hand.PARTICIPANT
    walked_in = WalkIn.objects.filter(session=session, person=person).exclude(is_confirmed=False)
    return Hand.PARTICIPANT if walked_in.exists() else None


def as_team(roles: set[str]) -> Hand:
    """Whoever leads vouches for a half-day; an interpreter or a speaker signs for herself, as everybody does."""
    if roles & LEADING:
        return Hand.TRAINER
    return Hand.TUTOR if Role.PLACEMENT_TUTOR in roles else Hand.PARTICIPANT


def is_only_walk_in(person: Person) -> bool:
    """Whether one session that she walked into is all that makes her known: she has proved no address."""
    known = [person.invitations, person.teams, person.sign_in_links, person.api_tokens]
    is_new = not person.key and person.role == Role.PARTICIPANT and not any(rows.exists() for rows in known)
    return is_new and person.walk_ins.count() == 1


def mode_of(session: Session, wanted: str = "") -> str:
    """Where she signs from, as the session leaves it open; empty where she must say it."""
    if session.mode == Mode.ONLINE:
        return str(Where.VIDEO)
    if session.mode == Mode.IN_PERSON:
        return str(Where.ROOM)
    return wanted if wanted in Where.values else ""


@dataclass(slots=True)
class _Found:
    """What stands of one person in one half-day."""

    hands: dict[str, Receipt]
    is_excused: bool = False
    last_move: str = ""

    def take(self, event: PresenceEvent) -> None:
        data = event.data
        if event.kind in COMING_AND_GOING:
            self.last_move = event.kind
            return
        if event.kind == PresenceKind.SIGNED or data.get("signature") is True:
            receipt = Receipt(
                at=event.at,
                hand=str(data.get("as", Hand.PARTICIPANT)),
                mode=str(data.get("mode", "")),
                by=str(data.get("by", "")),
                seq=event.seq,
                hash=event.hash,
                is_declared=event.kind == PresenceKind.DECLARED,
            )
            self.hands[receipt.hand] = receipt
        elif data.get("signature") is False:
            self.hands.clear()
        if "excused" in data:
            self.is_excused = bool(data["excused"])


def _found(person: Person, sessions: Iterable[int]) -> dict[int | None, _Found]:
    """By the id of the half-day; one query."""
    rows: dict[int | None, _Found] = {}
    facts = PresenceEvent.objects.filter(
        session__in=sessions, person=person, kind__in=(*HANDS, *COMING_AND_GOING)
    )
    for event in facts.order_by("session_id", "seq"):
        rows.setdefault(event.slot_id, _Found({})).take(event)
    return rows


def _state(slot: Slot, receipt: Receipt | None, is_excused: bool, span: Span, at: datetime) -> str:
    if receipt:
        return DONE
    if is_excused:
        return EXCUSED
    if at < span[0]:
        return EARLY
    is_over = at >= span[1] or (slot.session.state == State.ENDED and slot.held_from is None)
    return MISSED if is_over else OPEN


def places(session: Session, person: Person, hand: Hand, at: datetime) -> list[Place]:
    """Every half-day of the session as she finds it at `at`; the team signs from the start until the sealing."""
    found, shown = _found(person, [session.pk]), []
    is_over = is_sealed(session) or session.state in (State.DRAFT, State.CANCELLED)
    is_waiting = hand != Hand.PARTICIPANT and session.state == State.SCHEDULED
    for slot in session.slots.all():
        slot.session = session
        held = found.get(slot.pk, _Found({}))
        span = window(slot)
        is_near = slot.starts_at <= at < span[1]
        if hand != Hand.PARTICIPANT:
            span = slot.starts_at, at + timedelta(days=1)
        receipt = held.hands.get(hand)
        state = _state(slot, receipt, held.is_excused and hand == Hand.PARTICIPANT, span, at)
        is_here = held.last_move == PresenceKind.CHECKED_IN
        is_signed_here = receipt is not None and receipt.mode == Where.ROOM
        shown.append(
            Place(
                slot=slot,
                state=_as_of_session(state, is_over, is_waiting),
                opens_at=span[0],
                closes_at=span[1],
                receipt=receipt,
                is_here=is_here,
                may_go=is_near and (is_here or (is_signed_here and not held.last_move)),
            )
        )
    return shown


def _as_of_session(state: str, is_over: bool, is_waiting: bool) -> str:
    """Nothing opens once it is sealed or cancelled; for the team nothing before the session was opened."""
    if is_over and state in (OPEN, EARLY):
        return MISSED
    return EARLY if is_waiting and state == OPEN else state


def now_open(session: Session, at: datetime) -> list[Slot]:
    """Half-days whose window is open, the one that still runs first."""
    slots = [slot for slot in session.slots.all() if window(slot)[0] <= at < window(slot)[1]]
    return sorted(slots, key=lambda slot: (slot.ends_at <= at, slot.number))


def due(person: Person, at: datetime) -> list[Due]:
    """What she may sign at `at` and has not, of all her sessions: three queries at most."""
    reach = timedelta(minutes=max(settings.SIGN_OPENS_MINUTES, settings.SIGN_CLOSES_MINUTES))
    invited = Invitation.objects.active().exclude(answer=Answer.NO).filter(person=person)
    walked_in = WalkIn.objects.filter(person=person).exclude(is_confirmed=False)
    member = TeamMember.objects.filter(person=person, session=OuterRef("session"))
    team = member.filter(role__in=[*LEADING, Role.PLACEMENT_TUTOR])
    hers = (
        Exists(invited.filter(session=OuterRef("session")))
        | Exists(walked_in.filter(session=OuterRef("session")))
        | Exists(member)
    )
    near = Q(starts_at__lte=at + reach, ends_at__gte=at - reach) | Q(held_to__gte=at - reach)
    alive = Q(session__state__in=[State.SCHEDULED, State.RUNNING, State.ENDED])
    rows = (
        Slot.objects.filter(alive)
        .annotate(is_led=Exists(team))
        .filter(Q(hers, near, is_led=False) | Q(is_led=True, session__state=State.RUNNING, starts_at__lte=at))
        .exclude(Exists(SealedSheet.objects.filter(session=OuterRef("session"))))
        .select_related("session")
        .prefetch_related("session__slots")
        .order_by("starts_at", "pk")
    )
    slots = [slot for slot in rows if slot.is_led or window(slot)[0] <= at < window(slot)[1]]
    if not slots:
        return []
    tutored = {slot.session_id for slot in slots if slot.is_led}
    hands = _hands(person, tutored) if tutored else {}
    found = _found(person, {slot.session_id for slot in slots})
    shown = []
    for slot in slots:
        hand = hands.get(slot.session_id, Hand.PARTICIPANT)
        held = found.get(slot.pk, _Found({}))
        span = (slot.starts_at, at + reach) if slot.is_led else window(slot)
        if _state(slot, held.hands.get(hand), held.is_excused and not slot.is_led, span, at) == OPEN:
            shown.append(Due(slot.session, slot, hand))
    return shown


def _hands(person: Person, sessions: Iterable[int]) -> dict[int, Hand]:
    roles: dict[int, set[str]] = {}
    team = TeamMember.objects.filter(person=person, session__in=sessions)
    for session_id, role in team.values_list("session_id", "role"):
        roles.setdefault(session_id, set()).add(role)
    return {pk: as_team(held) for pk, held in roles.items()}
