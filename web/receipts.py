"""What can be signed and what is signed, in words: for pages of signing, live pages, the letter's page and the day."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from seminars import saying
from seminars.models import Person, Session
from seminars.moments import now
from seminars.queries import signing as queries
from seminars.queries.signing import Place, Receipt
from seminars.vocabulary import Hand, Where
from web import halfdays


@dataclass(frozen=True, slots=True)
class Line:
    """One half-day on a page of signing, in words."""

    place: Place
    name: str
    sign_words: str
    receipt: str


def receipt_words(session: Session, receipt: Receipt) -> str:
    """The written receipt: when, where, and which line of the ledger it is."""
    language, zone = get_language() or "en", session.timezone
    facts = {
        "day": saying.day(receipt.at, zone, language),
        "hour": saying.hour(receipt.at, zone, language),
        "zone": saying.zone_words(receipt.at, saying.own_zone(zone, language), language),
        "number": receipt.seq,
        "mark": receipt.hash[:8],
    }
    if receipt.is_declared:
        said = _("Declared by the trainer on %(day)s at %(hour)s, %(zone)s. Line %(number)s, mark %(mark)s.")
    elif receipt.mode == Where.ROOM:
        said = _("Signed in the room on %(day)s at %(hour)s, %(zone)s. Line %(number)s, mark %(mark)s.")
    else:
        said = _("Signed by video on %(day)s at %(hour)s, %(zone)s. Line %(number)s, mark %(mark)s.")
    return f"{said % facts} {_proof_words(receipt)}".strip()


def _proof_words(receipt: Receipt) -> str:
    """What says that it was she."""
    if receipt.is_declared or receipt.by == "paper":
        return ""
    if receipt.by == "walk_in":
        return _("Not on the list: whoever hosts decides whether it counts.")
    return _("Proved by a mail to your address.")


def lines(session: Session, person: Person, hand: Hand) -> list[Line]:
    """Every half-day as she finds it now."""
    places = queries.places(session, person, hand, now())
    slots = [place.slot for place in places]
    return [
        Line(
            place,
            halfdays.name(place.slot, session, slots),
            halfdays.sign_words(place.slot, session, slots),
            receipt_words(session, place.receipt) if place.receipt else "",
        )
        for place in places
    ]


def offers(session: Session, person: Person, address: str = "") -> list[dict[str, Any]]:
    """What a live page offers of it, for `rooms/_sign.html`: half-days that can be signed now, and those that are.
    Nothing for whoever signs nothing here."""
    hand = queries.hand_of(session, person)
    if hand is None:
        return []
    page = "session-sign" if hand == Hand.PARTICIPANT else "session-countersign"
    if not address or hand != Hand.PARTICIPANT:
        address = reverse(page, args=[session.code])
    shown = [line for line in lines(session, person, hand) if line.place.is_open or line.receipt]
    return [{"words": line.sign_words, "line": line, "address": address} for line in shown]


def due_words(person: Person) -> list[dict[str, Any]]:
    """What she can sign now in any session, for the page of the day."""
    found = []
    for each in queries.due(person, now()):
        slots = list(each.session.slots.all())
        page = "session-sign" if each.hand == Hand.PARTICIPANT else "session-countersign"
        said = halfdays.sign_words(each.slot, each.session, slots)
        found.append(
            {"session": each.session, "words": said, "address": reverse(page, args=[each.session.code])}
        )
    return found
