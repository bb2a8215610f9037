"""One session with all difficulties at once, written straight into the ledger: for sheets, seals and certificates.

Thursday 12 March 2026 on both sides of the border, two half-days of three hours (9:00 to 12:00, 13:30 to 16:30, Paris);
the afternoon began at 13:45, and the video failed from 14:00 to 14:30. `MINUTES` says what each person must be counted.
"""

import hashlib
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from seminars import moments
from seminars.actions import answers, ledger, sessions
from seminars.evidence.chain import stamp
from seminars.models import Person as Somebody
from seminars.models import PresenceCheck, Scan, Session, Substitution, TeamMember, WalkIn
from seminars.moments import as_if
from seminars.vocabulary import Answer, Mode, PresenceKind, Role, Source
from tests import cast

ZONE = "Europe/Paris"
PAGE = b"%PDF-1.4\n%%EOF\n"
SCAN = hashlib.sha256(PAGE).hexdigest()
"""Of the page that somebody signed by hand; `scanned` keeps it."""
DAY = datetime(2026, 3, 12)
INCIDENT = "Serveur vidéo arrêté de 14 h 00 à 14 h 30 / Server video fermo dalle 14:00 alle 14:30"
HELD_REASON = "Panne au début de l’après-midi / Guasto all’inizio del pomeriggio"
SCHEME = "Les mots du travail social"

MINUTES: dict[str, tuple[int, int]] = {
    "elia": (180, 165),  # trainer; countersigns both
    "camille": (45, 0),  # coordinator, looked in
    "lucia": (180, 165),  # placement tutor, in the room
    "ange": (180, 165),  # two devices; half an hour declared
    "bruna": (180, 165),  # reconnected: six minutes replayed, three bridged
    "cyrille": (160, 165),  # the phone slept for 80 minutes, of which 60 are declared
    "daniele": (160, 0),  # in the room until 11:40; excused in the afternoon
    "francesca": (0, 0),  # said no, replaced by Giulia
    "giulia": (180, 165),  # substitute
    "helene": (180, 150),  # forgot to sign in the afternoon; declared from 14:00
    "ivo": (170, 165),  # signed on paper
    "jeanne": (180, 105),  # corrected in the afternoon
    "karim": (0, 0),  # said yes, did not come
    "walter": (160, 165),  # walk-in, confirmed
}
"""Counted in each half-day, by key. Ombra, a walk-in who was not there, is on no list."""


@dataclass(frozen=True, slots=True)
class Difficult:
    session: Session
    people: dict[str, Somebody]


def hour(hours: int, minutes: int = 0) -> datetime:
    """An hour of that day, in Paris."""
    return moments.at(DAY + timedelta(hours=hours, minutes=minutes), ZONE)


PEOPLE = (
    ("elia", "Elia Prova", Role.TRAINER, "IT", "it-coop"),
    ("camille", "Camille Exemple", Role.COORDINATOR, "FR", "fr-lead"),
    ("lucia", "Lucia Bozzetto", Role.PLACEMENT_TUTOR, "IT", "it-partner"),
    ("ange", "Ange Esquisse", Role.PARTICIPANT, "FR", "fr-county"),
    ("bruna", "Bruna Schizzo", Role.PARTICIPANT, "IT", "it-coop"),
    ("cyrille", "Cyrille Croquis", Role.PARTICIPANT, "FR", "fr-social-centre"),
    ("daniele", "Daniele Abbozzo", Role.PARTICIPANT, "IT", "it-partner"),
    ("francesca", "Francesca D’Ébauche", Role.PARTICIPANT, "FR", "fr-county"),
    ("giulia", "Giulia Traccia", Role.PARTICIPANT, "IT", "it-coop"),
    ("helene", "Hélène Œuvre-Çà", Role.PARTICIPANT, "FR", "fr-county"),
    ("ivo", "Niccolò Ivo Minùta", Role.PARTICIPANT, "IT", "it-partner"),
    ("jeanne", "Jeanne Brouillon", Role.PARTICIPANT, "FR", "fr-lead"),
    ("karim", "Karim Maquette", Role.PARTICIPANT, "FR", "fr-social-centre"),
)
INVITED = ("ange", "bruna", "cyrille", "daniele", "francesca", "helene", "ivo", "jeanne", "karim")


def _planned(people: dict[str, Somebody]) -> Session:
    """Planned and answered two weeks before."""
    slots = [(DAY.replace(hour=9), DAY.replace(hour=12))]
    slots.append((DAY.replace(hour=13, minute=30), DAY.replace(hour=16, minute=30)))
    session = cast.make_session(
        people["elia"],
        slots=slots,
        mode=Mode.HYBRID,
        place="Centre social, Gap",
        organisers=[cast.organisation("fr-lead", "FR"), cast.organisation("it-coop", "IT")],
        team=[(people["camille"], Role.COORDINATOR), (people["lucia"], Role.PLACEMENT_TUTOR)],
        capacity=20,
        min_presence_percent=80,
        extra={"training_scheme": SCHEME},
    )
    TeamMember.objects.get_or_create(session=session, person=people["elia"], role=Role.TRAINER)
    cast.invite(session, *(people[key] for key in INVITED))
    for invitation in session.invitations.select_related("person"):
        says_no = invitation.person.key == "francesca"
        answers.answer(invitation=invitation, answer=Answer.NO if says_no else Answer.YES)
    [made] = cast.invite(session, people["giulia"])
    answers.answer(invitation=made, answer=Answer.YES)
    Substitution.objects.create(
        invitation=session.invitations.get(person=people["francesca"]),
        name=people["giulia"].name,
        email=people["giulia"].email,
        asked_at=moments.now(),
        decided_at=moments.now(),
        decided_by=people["elia"],
        is_accepted=True,
        made=made,
    )
    return session


class Book:
    """Facts to come, each at its hour; they are written in the order of time."""

    def __init__(self, session: Session, people: dict[str, Somebody]) -> None:
        self.session, self.people = session, people
        self.facts: list[tuple[datetime, str, dict[str, Any]]] = []

    def add(self, at: datetime, key: str, kind: PresenceKind, **more: Any) -> None:
        self.facts.append((at, key, {"kind": kind, "source": Source.COMPANION} | more))

    def line(self, key: str, name: str, start: datetime, end: datetime, *returns: tuple[Any, ...]) -> None:
        """One connection; each of `returns` is (last beat, return, what the page says of the time between)."""
        connection = uuid.uuid5(uuid.NAMESPACE_OID, f"{key} {name}")
        self.add(start, key, PresenceKind.JOINED, connection=connection)
        for last, back, said in returns:
            data = {"last_beat": stamp(last)} | said
            self.add(back, key, PresenceKind.RESUMED, connection=connection, data=data)
        self.add(end, key, PresenceKind.LEFT, connection=connection)

    def sign(
        self, at: datetime, key: str, mode: str = "video", by: str = "page", hand: str = "participant"
    ) -> None:
        data = {"as": hand, "mode": mode, "by": by}
        self.add(at, key, PresenceKind.SIGNED, author=key, data=data, slot_number=1 if at < hour(13) else 2)

    def trainer(
        self, at: datetime, key: str, kind: PresenceKind, slot: int, reason: str, **data: Any
    ) -> None:
        self.add(
            at, key, kind, source=Source.TRAINER, author="elia", slot_number=slot, reason=reason, data=data
        )

    def write(self, until: datetime) -> None:
        """What happened until then."""
        for at, key, fact in sorted(self.facts, key=lambda one: one[0]):
            if at <= until:
                author = self.people[fact["author"]] if "author" in fact else None
                with as_if(at):
                    ledger.append(
                        session=self.session, person=self.people[key], at=at, **fact | {"author": author}
                    )
        self.facts = [one for one in self.facts if one[0] > until]


def _in_video(book: Book) -> None:
    """Lines of those who came by video; none holds from 14:00 to 14:30."""
    after = (hour(14, 30), hour(16, 30))
    book.line("elia", "morning", hour(8, 55), hour(12))
    book.line("elia", "afternoon", hour(13, 40), hour(16, 30))
    book.line("camille", "morning", hour(9), hour(9, 45))
    book.line("ange", "laptop", hour(9), hour(11))
    book.line("ange", "phone", hour(10, 30), hour(12))
    book.line("ange", "laptop before", hour(13, 40), hour(14))
    book.line("ange", "laptop after", *after)
    book.line("bruna", "morning", hour(9), hour(12), (hour(10), hour(10, 6), {"awake": True}))
    book.line("bruna", "before", hour(13, 45), hour(14))
    book.line("bruna", "after", hour(14, 30), hour(15))
    book.line("bruna", "again", hour(15, 3), hour(16, 30))
    book.line("cyrille", "morning", hour(9), hour(12), (hour(9, 30), hour(10, 50), {"video": True}))
    book.line("cyrille", "before", hour(13, 45), hour(14))
    book.line("cyrille", "after", *after)
    book.line("jeanne", "morning", hour(9), hour(12))
    book.line("jeanne", "afternoon", hour(13, 45), hour(16, 30))
    for key, minute in (("ange", 2), ("bruna", 5), ("cyrille", 7), ("jeanne", 9)):
        book.sign(hour(9, minute), key, by="link" if key == "cyrille" else "page")
        book.sign(hour(16, 5 + minute), key, by="link" if key == "cyrille" else "page")


def _in_the_room(book: Book) -> None:
    book.sign(hour(9, 4), "daniele", "room", "code")
    book.add(hour(11, 40), "daniele", PresenceKind.CHECKED_OUT, data={"mode": "room", "by": "code"})
    book.sign(hour(9, 3), "giulia", "room", "code")
    book.sign(hour(13, 50), "giulia", "room", "code")
    book.sign(hour(9, 6), "helene", "room", "code")
    book.sign(hour(9, 20), "walter", "room", "walk_in")
    book.sign(hour(13, 47), "walter", "room", "code")
    book.sign(hour(9, 10), "ombra", "room", "walk_in")
    book.sign(hour(9, 8), "lucia", "room", "page", "tutor")
    book.sign(hour(13, 51), "lucia", "room", "page", "tutor")
    book.sign(hour(12, 2), "elia", "video", "page", "trainer")
    book.sign(hour(16, 31), "elia", "video", "page", "trainer")


def _by_hand(book: Book) -> None:
    """What the trainer wrote: in the afternoon, or after it."""
    declared, corrected = PresenceKind.DECLARED, PresenceKind.CORRECTED
    book.trainer(
        hour(12, 10), "ombra", corrected, 1, "Signed by mistake, was not there", withdrawn_walk_in=True
    )
    book.trainer(hour(13, 46), "daniele", declared, 2, "", excused=True)
    for key in ("ange", "bruna", "cyrille"):
        times = {"from": stamp(hour(14)), "to": stamp(hour(14, 30))}
        book.trainer(hour(14, 40), key, declared, 2, "Video server failed, all were on the phone", **times)
    slept = {"from": stamp(hour(9, 30)), "to": stamp(hour(10, 30))}
    book.trainer(hour(16, 32), "cyrille", declared, 1, "Spoke in the round until 10:30", **slept)
    late = {"signature": True, "mode": "room", "from": stamp(hour(14)), "to": stamp(hour(16, 30))}
    book.trainer(hour(16, 33), "helene", declared, 2, "Forgot to sign, came at two", **late)
    paper = {"as": "participant", "mode": "room", "by": "paper", "scan": SCAN}
    hours = {"from": stamp(hour(9, 10)), "to": stamp(hour(12))}
    typed = {"source": Source.PAPER, "author": "elia"}
    book.add(hour(16, 33), "ivo", PresenceKind.SIGNED, slot_number=1, data=paper | hours, **typed)
    book.add(hour(16, 33), "ivo", PresenceKind.SIGNED, slot_number=2, data=paper, **typed)
    times = [[stamp(hour(13, 45)), stamp(hour(15, 30))]]
    book.trainer(
        hour(16, 34), "jeanne", corrected, 2, "Left at half past three, line stayed open", times=times
    )


def _walk_ins(session: Session, people: dict[str, Somebody]) -> None:
    for key, name, minute, is_confirmed in (
        ("walter", "Walter Passant", 20, True),
        ("ombra", "Ombra Assente", 10, False),
    ):
        people[key] = cast.person(key, name, country="FR")
        WalkIn.objects.create(
            session=session,
            person=people[key],
            organisation="Association du Col",
            at=hour(9, minute),
            decided_at=hour(12, 10),
            decided_by=people["elia"],
            is_confirmed=is_confirmed,
        )


def _check(session: Session, people: dict[str, Somebody], book: Book) -> None:
    """One presence check at 15:10: Ange answers in time, Bruna late, Cyrille and Jeanne never."""
    asked = PresenceCheck.objects.create(
        session=session,
        slot=session.slots.get(number=2),
        asked_at=hour(15, 10),
        answer_until=hour(15, 13),
        asked_by=people["elia"],
    )
    for key, minute, late in (("ange", 11, False), ("bruna", 16, True)):
        said = {"check": asked.code, "late": late}
        book.add(hour(15, minute), key, PresenceKind.CONFIRMED, slot_number=2, data=said)


@transaction.atomic
def difficult(*, is_closed: bool = True) -> Difficult:
    """The session at 16:34, running, with all its facts; closed at 16:35 unless said otherwise."""
    people = {key: cast.person(key, *more) for key, *more in PEOPLE}
    with as_if(hour(9) - timedelta(days=14)):
        session = _planned(people)
    with as_if(hour(8, 55)):
        session = sessions.open_(session=session, by=people["elia"])
    _walk_ins(session, people)
    book = Book(session, people)
    _in_video(book)
    _in_the_room(book)
    _by_hand(book)
    _check(session, people, book)
    book.write(hour(16, 34))
    session.incident = INCIDENT
    session.save(update_fields=["incident"])
    if is_closed:
        held = [(1, hour(9), hour(12)), (2, hour(13, 45), hour(16, 30))]
        with as_if(hour(16, 35)):
            session = sessions.close(session=session, by=people["elia"], held=held, reason=HELD_REASON)
    return Difficult(Session.objects.get(pk=session.pk), people)


def scanned(session: Session) -> Scan:
    """The page that two rows of the ledger quote."""
    return Scan.objects.create(
        session=session,
        name="signed.pdf",
        media_type="application/pdf",
        size=len(PAGE),
        digest=SCAN,
        content=PAGE,
        added_at=hour(16, 33),
    )


@pytest.fixture
def difficult_session(db: None) -> Difficult:
    """For tests that import it; others call `difficult()`."""
    return difficult()
