"""Walk-ins: somebody signs in the room without being invited, and a host decides: she was there, she was not, or she is
one of the invited.

open -> confirmed | refused, once, until the sheet is sealed. Nothing leaves the ledger: a refusal is a correction, and
who is taken for another person has her signatures declared for that one by the host, by explicit choice alone. Nobody
becomes an address that she has only typed: whoever owns it may be somebody else.
"""

import hashlib
import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_noop

from seminars import keys
from seminars.actions.ledger import append
from seminars.actions.signing import Held, check_window, hold, tell, write
from seminars.errors import Refused
from seminars.evidence import chain
from seminars.exchange.naming import as_typed
from seminars.facts import AccessRevoked, announce
from seminars.models import Person, PresenceEvent, Session, Slot, WalkIn
from seminars.moments import now
from seminars.queries import signing as queries
from seminars.queries.walk_ins import listed
from seminars.vocabulary import Country, Hand, Language, Mode, PresenceKind, Source, Where, Zone

MOST_OPEN = 100
"""Walk-ins of one session that nobody has decided about."""
NOWHERE = "walk-in.invalid"
"""Domain of whoever gave no address (RFC 2606): no letter is posted there."""
WAS_NOT_THERE = gettext_noop("was not in the room, says whoever hosts")
IS_INVITED = gettext_noop("signed in the room as a walk-in; whoever hosts says that it is this person")
OWN_REASONS = (WAS_NOT_THERE, IS_INVITED)
"""Reasons that stand in the ledger as they are here, to be said in the reader's language."""


def _own_slot(held: Held) -> Slot:
    """The half-day that she walks into. Refuses `nothing_open`."""
    open_ = queries.now_open(held.session, held.present)
    if not open_:
        raise Refused("nothing_open")
    slot = held.slot(open_[0].number)
    check_window(held, slot)
    return slot


def _check_room(held: Held) -> None:
    if held.session.mode == Mode.ONLINE:
        raise Refused("not_on_site")
    if WalkIn.objects.filter(session=held.session, decided_at=None).count() >= MOST_OPEN:
        raise Refused("walk_ins_full", most=MOST_OPEN)


def _person(name: str, language: str, country: str) -> Person:
    """Somebody new, without an address."""
    code = keys.new_code()
    is_italian = country == Country.ITALY or (not country and language == Language.ITALIAN)
    person = Person(
        code=code,
        email=f"{code}@{NOWHERE}",
        name=name,
        language=language if language in Language.values else Language.FRENCH,
        timezone=Zone.ROME if is_italian else Zone.PARIS,
        country=country if country in Country.values else "",
    )
    person.set_unusable_password()
    person.save()
    return person


def _event_of(key: uuid.UUID) -> uuid.UUID:
    """The line of the ledger that a form makes: who reads the line knows nothing of the form."""
    return uuid.UUID(bytes=hashlib.sha256(b"walk-in" + key.bytes).digest()[:16], version=4)


@transaction.atomic
def walk_in(
    *,
    session: Session,
    name: str,
    organisation: str = "",
    country: str = "",
    email: str = "",
    language: str = Language.FRENCH,
    key: uuid.UUID,
    is_her_form: bool = True,
) -> Person:
    """Somebody whom nobody knows signs the present half-day, flagged until a host decides. Returns who she is now.

    `key` is made with the form: sending it twice makes one person and one signature, and `is_her_form` says that this
    browser was given it. Raises Refused: `name_missing`, `form_sent` by another browser, `nothing_open`, `not_on_site`,
    `walk_ins_full`, and what holding and the window refuse.
    """
    held = hold(session)
    if (done := _signed_by(held, key)) is not None:
        if not is_her_form:
            raise Refused("form_sent")
        return done
    _check_room(held)
    written = as_typed(name)
    if not any(sign.isalpha() for sign in written):
        raise Refused("name_missing", field="name")
    slot = _own_slot(held)
    person = _person(written, language, country)
    _flag(held, person, organisation, email)
    write(held, person, slot, Hand.PARTICIPANT, str(Where.ROOM), "walk_in", _event_of(key))
    return person


def _signed_by(held: Held, key: uuid.UUID) -> Person | None:
    """Who walked in by this very form."""
    facts = PresenceEvent.objects.filter(pk=_event_of(key), session=held.session)
    found = facts.select_related("person").first()
    return found.person if found is not None and found.data.get("by") == "walk_in" else None


@transaction.atomic
def walk_in_known(*, session: Session, person: Person, organisation: str = "") -> PresenceEvent:
    """Somebody known, who is not invited here, signs the present half-day; flagged likewise. Raises Refused as
    `walk_in`, `on_list` for whoever can sign as what she is, and `not_on_list` once a host has said no."""
    held = hold(session)
    if queries.hand_of(held.session, person) is not None:
        raise Refused("on_list")
    if WalkIn.objects.filter(session=held.session, person=person).exists():
        raise Refused("not_on_list")
    _check_room(held)
    slot = _own_slot(held)
    _flag(held, person, organisation)
    return write(held, person, slot, Hand.PARTICIPANT, str(Where.ROOM), "walk_in")


def _flag(held: Held, person: Person, organisation: str, email: str = "") -> None:
    given = {"organisation": " ".join(organisation.split())[:200], "email": email.strip().lower()[:254]}
    WalkIn.objects.create(session=held.session, person=person, at=held.present, **given)


def _held(walk_in: WalkIn) -> tuple[Held, WalkIn]:
    """Refuses `walk_in_decided`, `sheet_sealed`."""
    held = hold(walk_in.session)
    found = WalkIn.objects.select_for_update().filter(pk=walk_in.pk, decided_at=None).first()
    if found is None:
        raise Refused("walk_in_decided")
    found.session = held.session
    return held, found


def _decide(walk_in: WalkIn, by: Person, *, is_confirmed: bool) -> None:
    walk_in.decided_at, walk_in.decided_by, walk_in.is_confirmed = now(), by, is_confirmed
    walk_in.save(update_fields=["decided_at", "decided_by", "is_confirmed", "email"])


@transaction.atomic
def confirm(*, walk_in: WalkIn, by: Person) -> None:
    """She was there: what she signed counts as that of anybody else, and the sheet says how she came."""
    held, walk_in = _held(walk_in)
    _decide(walk_in, by, is_confirmed=True)
    tell(held.session, walk_in.person)


@transaction.atomic
def refuse(*, walk_in: WalkIn, by: Person, reason: str = "") -> None:
    """She was not there: a correction takes her out of the counts, and the sheet lists her apart."""
    held, walk_in = _held(walk_in)
    _withdraw(held, walk_in, by, reason.strip()[:300] or WAS_NOT_THERE)


@transaction.atomic
def refuse_all(*, session: Session, by: Person, people: Iterable[str], reason: str = "") -> int:
    """None of these, by their codes, was there; returns how many. Who is decided about already is left alone."""
    held = hold(session)
    chosen = WalkIn.objects.select_for_update().filter(session=held.session, decided_at=None)
    rows = [row for row in chosen.order_by("pk") if row.person.code in set(people)]
    for row in rows:
        _withdraw(held, row, by, reason.strip()[:300] or WAS_NOT_THERE)
    return len(rows)


def _withdraw(held: Held, walk_in: WalkIn, by: Person, reason: str) -> None:
    """Within the caller's transaction. Who was made by walking in opens nothing any more."""
    append(
        session=held.session,
        person=walk_in.person,
        author=by,
        kind=PresenceKind.CORRECTED,
        source=Source.TRAINER,
        at=held.present,
        reason=reason,
        data={"withdrawn_walk_in": True},
    )
    walk_in.email = ""
    _decide(walk_in, by, is_confirmed=False)
    person = walk_in.person
    if queries.is_only_walk_in(person):
        person.is_active = False
        person.save(update_fields=["is_active"])
        announce(AccessRevoked(person.pk))
    tell(held.session, person)


@transaction.atomic
def merge(*, walk_in: WalkIn, by: Person, onto: Person, reason: str = "") -> int:
    """The walk-in is `onto`, who is invited or walked in too: each half-day that she signed is declared for that one,
    with its times, and her own row is withdrawn. Returns how many half-days. Raises Refused: `not_invited_here`,
    `excused_already`."""
    held, walk_in = _held(walk_in)
    if onto not in listed(held.session, walk_in):
        raise Refused("not_invited_here", field="onto")
    said = reason.strip()[:300] or IS_INVITED
    hers = {place.slot.pk: place for place in _places(held, onto)}
    done = 0
    for place in _places(held, walk_in.person):
        if place.receipt is None or hers[place.slot.pk].receipt:
            continue
        if hers[place.slot.pk].state == queries.EXCUSED:
            raise Refused("excused_already")
        append(
            session=held.session,
            person=onto,
            author=by,
            kind=PresenceKind.DECLARED,
            source=Source.TRAINER,
            at=held.present,
            slot_number=place.slot.number,
            reason=said,
            data={"signature": True, "mode": place.receipt.mode} | _stay(held, walk_in.person, place),
        )
        done += 1
    _withdraw(held, walk_in, by, said)
    tell(held.session, onto)
    return done


def _places(held: Held, person: Person) -> list[queries.Place]:
    return queries.places(held.session, person, Hand.PARTICIPANT, held.present)


def _stay(held: Held, person: Person, place: queries.Place) -> dict[str, Any]:
    """`from` where she came after the half-day had begun, `to` where she went before its end."""
    assert place.receipt is not None
    facts = PresenceEvent.objects.filter(session=held.session, person=person, slot=place.slot)
    came = list(facts.filter(kind=PresenceKind.CHECKED_IN).values_list("at", flat=True))
    first: datetime = min([place.receipt.at, *came])
    begun = place.slot.held_from or place.slot.starts_at
    stay: dict[str, Any] = {}
    if first > begun + timedelta(minutes=settings.SIGN_OPENS_MINUTES):
        stay["from"] = chain.stamp(first)
    moves = facts.filter(kind__in=queries.COMING_AND_GOING).order_by("-seq").first()
    if moves is not None and moves.kind == PresenceKind.CHECKED_OUT:
        stay["to"] = chain.stamp(moves.at)
    return stay
