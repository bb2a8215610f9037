"""The demonstration: sessions around today, past ones with attendance, pulses and feedback, made by the same actions as
real ones at the hours they pretend to have happened. A later call adds what is missing and never moves a row."""

import random
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from seminars.actions import (
    answers,
    attendance,
    certificates,
    checks,
    declaring,
    explaining,
    feedback,
    feeds,
    invitations,
    programme,
    rooms,
    sealing,
    sessions,
    signing,
)
from seminars.errors import Refused
from seminars.exchange.programme import Programme, Seminar
from seminars.models import Activity, Lease, Letter, Organisation, Person, Session
from seminars.moments import Span, as_if, local, now
from seminars.queries import consistency, sheets
from seminars.vocabulary import Answer, Certified, LetterState, Mode, Pulse, State, Where

GROUP = ("p17", "p18", "p19", "p20", "p23", "p24", "p29", "p30", "p26")
ANSWERS = (
    Answer.YES,
    Answer.YES,
    Answer.YES,
    Answer.YES,
    Answer.MAYBE,
    Answer.YES,
    Answer.NO,
    Answer.YES,
    Answer.NONE,
)
COMMENTS = (
    ("fr", "Une grille simple pour préparer nos réunions à deux voix.", ""),
    ("it", "Il giro di parole all’inizio: ora lo faccio anch’io.", "Più tempo per gli esempi."),
    ("fr", "", "Le son de la salle était faible au début."),
    ("it", "", ""),
    ("fr", "Un contact à Saluzzo pour la suite.", ""),
    ("it", "Le false amiche tra le due lingue.", ""),
    ("fr", "Les silences font partie de l’échange.", ""),
)


class Cast:
    """Rows of the programme by their keys."""

    def __init__(self, programme_: Programme) -> None:
        self.seminars = {seminar.key: seminar for seminar in programme_.seminars}
        self.people = {person.key: person for person in Person.objects.all() if person.key}
        organisations = {row.key: row for row in Organisation.objects.all()}
        self.rows = programme.Rows(
            organisations, {row.code: row for row in Activity.objects.all()}, self.people
        )
        self.random = random.Random(2027)

    def plan(
        self,
        seminar: str,
        key: str,
        slots: Sequence[Span],
        by: Person | None = None,
        *,
        is_draft: bool = False,
    ) -> Session:
        """A session with a seminar's words at other hours (instants)."""
        words: Seminar = self.seminars[seminar]
        walls = [(_wall(start, words.timezone), _wall(end, words.timezone)) for start, end in slots]
        plan = programme.plan_of(words, walls, self.rows, key=key)
        return sessions.plan(by=by, plan=plan, is_draft=is_draft)

    def invite(self, session: Session, keys: Sequence[str], by: str, *, letters_left: bool = True) -> None:
        rows = [invitations.Address(number, self.people[key].email) for number, key in enumerate(keys, 1)]
        invitations.invite(session=session, by=self.people[by], addresses=rows)
        if letters_left:  # nobody gets a mail about what the demonstration says happened earlier
            Letter.objects.filter(session=session).update(state=LetterState.SENT, sent_at=now())

    def answer(self, session: Session, given: Sequence[Answer]) -> None:
        for invitation, answer in zip(session.invitations.order_by("pk"), given, strict=False):
            if answer != Answer.NONE:
                answers.answer(invitation=invitation, answer=answer)


def _wall(moment: datetime, zone: str) -> datetime:
    return local(moment, zone).replace(tzinfo=None)


def _whole(moment: datetime, minutes: int = 5) -> datetime:
    moment = moment.replace(second=0, microsecond=0)
    return moment - timedelta(minutes=moment.minute % minutes)


def _at(days: int, hour: int, minute: int = 0) -> datetime:
    there = local(now(), "Europe/Paris") + timedelta(days=days)
    while there.weekday() > 4:  # working days only; past ones further back, coming ones further on
        there += timedelta(days=-1 if days < 0 else 1)
    return there.replace(hour=hour, minute=minute, second=0, microsecond=0)


def make(programme_: Programme) -> None:
    """Creates what is missing: the past once, a running and a coming session whenever there is none."""
    whole = Cast(programme_)
    present = now()
    if not Session.objects.filter(key="demo-past-1").exists():
        _make_past(whole)
        _make_week(whole)
    running = Session.objects.filter(key__startswith="demo-running", state=State.RUNNING)
    if not running.filter(ends_at__gt=present).exists():
        _make_running(whole, present)
    soon = Session.objects.filter(key__startswith="demo-coming", state=State.SCHEDULED)
    if not soon.filter(starts_at__gt=present, starts_at__lt=present + timedelta(hours=1)).exists():
        _make_coming(whole, present)


@transaction.atomic
@feeds.together()
def _make_running(whole: Cast, present: datetime) -> None:
    start = _whole(
        present - timedelta(minutes=43)
    )  # over before the coming one begins: nobody is in two places
    key = f"demo-running-{present:%Y%m%d%H%M%S}"
    with as_if(start - timedelta(days=6)):
        session = whole.plan("A1-03", key, [(start, start + timedelta(minutes=60))])
        whole.invite(session, GROUP, "p03")
        whole.answer(session, ANSWERS)
    with as_if(start + timedelta(minutes=1)):
        sessions.open_(session=session, by=whole.people["p03"])
    for number, person in enumerate(("p03", "p04", "p17", "p18", "p19", "p20", "p24")):
        line = uuid.uuid4()
        with as_if(start + timedelta(minutes=1 + number)):
            rooms.enter_video(
                session=session, person=whole.people[person], connection=line, event=uuid.uuid4()
            )
        _seen(line, present)
    for number, (person, value) in enumerate(
        [("p17", Pulse.FOLLOWING), ("p18", Pulse.FINE), ("p19", Pulse.LOST), ("p20", Pulse.FOLLOWING)]
    ):
        with as_if(start + timedelta(minutes=20 + number)):
            feedback.take_pulse(session=session, person=whole.people[person], value=value)


@transaction.atomic
@feeds.together()
def _make_coming(whole: Cast, present: datetime) -> None:
    start = _whole(present + timedelta(minutes=22), 1)
    with as_if(present - timedelta(days=4)):
        session = whole.plan(
            "A7-04", f"demo-coming-{present:%Y%m%d%H%M%S}", [(start, start + timedelta(minutes=90))]
        )
    whole.invite(session, GROUP, "p04", letters_left=False)
    whole.answer(session, ANSWERS)


@transaction.atomic
@feeds.together()
def _make_week(whole: Cast) -> None:
    coming = [
        ("A5-04", "demo-week-1", [(_at(1, 18), _at(1, 19, 30))], "p06"),
        ("A8-03", "demo-week-2", [(_at(2, 14), _at(2, 16, 30))], "p03"),
        ("A2-04", "demo-week-3", [(_at(4, 9, 30), _at(4, 12, 30)), (_at(4, 14), _at(4, 17))], "p06"),
    ]
    for seminar, key, slots, by in coming:
        with as_if(now() - timedelta(days=5)):
            session = whole.plan(seminar, key, slots)
            whole.invite(session, GROUP[:6], by)
            whole.answer(session, ANSWERS[:4])
    called_off = [(_at(3, 10), _at(3, 12))]
    with as_if(now() - timedelta(days=5)):
        session = whole.plan("A2-01", "demo-cancelled", called_off)
        whole.invite(session, GROUP[:4], "p05")
    with as_if(now() - timedelta(days=1)):
        sessions.cancel(session=session, by=whole.people["p05"])
    Letter.objects.filter(session=session).update(state=LetterState.SENT, sent_at=now())
    whole.plan("A4-03", "demo-draft", [(_at(9, 18), _at(9, 19, 30))], whole.people["p04"], is_draft=True)


def _make_past(whole: Cast) -> None:
    first = _hold(whole, "A1-04", "demo-past-1", [(_at(-8, 14), _at(-8, 15, 30))], "p04", opinions=7)
    half_days = [(_at(-4, 9, 30), _at(-4, 12, 30)), (_at(-4, 14), _at(-4, 17))]
    second = _hold(whole, "A8-02", "demo-past-2", half_days, "p44", opinions=6)
    _seal(whole, first, "p04")
    _certify(whole, first, "p04")
    _seal(whole, second, "p44")
    _hold(whole, "A4-03", "demo-past-3", [(_at(-2, 18), _at(-2, 19, 30))], "p04", opinions=3)


@transaction.atomic
@feeds.together()
def _hold(
    whole: Cast,
    seminar: str,
    key: str,
    slots: Sequence[Span],
    host: str,
    *,
    opinions: int,
) -> Session:
    """A session as it went: people come and sign, one line breaks, one phone sleeps behind the video, one leaves early,
    one forgets to sign, one was excused."""
    start, end = slots[0][0], slots[-1][1]
    trainer = whole.people[host]
    with as_if(start - timedelta(days=9)):
        session = whole.plan(seminar, key, slots)
        whole.invite(session, GROUP, host)
        whole.answer(session, ANSWERS)
    with as_if(start - timedelta(minutes=6)):
        rooms.enter_video(
            session=session, person=trainer, connection=(mine := uuid.uuid4()), event=uuid.uuid4()
        )
    with as_if(start):
        sessions.open_(session=session, by=trainer)
    guests = [whole.people[name] for name in GROUP[:6] + GROUP[7:8]]
    lines = {guest.pk: uuid.uuid4() for guest in guests}
    for number, guest in enumerate(guests):
        with as_if(start + timedelta(minutes=number - 3, seconds=17 * number)):
            attendance.arrive(session=session, person=guest, connection=lines[guest.pk], event=uuid.uuid4())
    _sign(session, guests[:-1], 1, start)
    _stay(whole, session, [(guest, lines[guest.pk]) for guest in guests] + [(trainer, mine)], start, end)
    with as_if(end + timedelta(minutes=2)):
        attendance.confirm(session=session, by=trainer, people=[guests[1]])
        _by_hand(session, trainer, guests[-1], whole.people[GROUP[6]])
        session = sessions.close(session=session, by=trainer)
    for guest, (language, keep, improve) in list(zip(guests, COMMENTS, strict=False))[:opinions]:
        steps = {name: whole.random.choice((3, 4, 4, 5, 5)) for name in feedback.STEPS}
        with as_if(end + timedelta(minutes=9)):
            feedback.give(
                session=session,
                person=guest,
                language=language,
                met_somebody=whole.random.random() < 0.7,
                keep=keep,
                improve=improve,
                **(steps | {"pace": 3}),
            )
    Letter.objects.filter(session=session, state=LetterState.PENDING).update(
        state=LetterState.SENT, sent_at=end
    )
    return session


def _sign(session: Session, people: Sequence[Person], half_day: int, start: datetime) -> None:
    """From the fourth minute on, one after the other."""
    mode = Where.VIDEO if session.mode == Mode.HYBRID else ""
    for number, person in enumerate(people):
        with as_if(start + timedelta(minutes=4, seconds=23 * number)):
            signing.sign(
                session=session, person=person, slot_number=half_day, name=person.name, mode=str(mode)
            )


def _by_hand(session: Session, trainer: Person, forgetful: Person, excused: Person) -> None:
    """What a trainer writes in at the end."""
    where = Where.ROOM if session.mode == Mode.IN_PERSON else Where.VIDEO
    for slot in session.slots.all():
        declaring.excuse(session=session, person=excused, by=trainer, slot_number=slot.number)
        declaring.declare_signature(
            session=session,
            person=forgetful,
            by=trainer,
            slot_number=slot.number,
            mode=where,
            reason="Présence vue par l’animatrice, signature oubliée / Presenza vista, firma dimenticata",
        )


@transaction.atomic
def _seal(whole: Cast, session: Session, host: str) -> None:
    """The next half hour: each line of the report has its reason, then the seal."""
    trainer = whole.people[host]
    with as_if(session.ends_at + timedelta(minutes=30)):
        found = consistency.unexplained(session, sheets.sheet(session))
        reasons = {one.key: "Vu avec la personne / Verificato con la persona" for one in found}
        explaining.explain(session=session, by=trainer, reasons=reasons)
        sealing.seal(session=session, by=trainer)
    Letter.objects.filter(session=session, state=LetterState.PENDING).update(
        state=LetterState.SENT, sent_at=now()
    )


def _certify(whole: Cast, session: Session, host: str) -> None:
    """Whoever was there long enough."""
    with as_if(session.ends_at + timedelta(minutes=40)):
        for key in GROUP:
            try:
                certificates.issue(
                    by=whole.people[host],
                    person=whole.people[key],
                    kind=Certified.BILINGUAL,
                    session=session,
                )
            except Refused:
                continue  # not on the sheet, or under the threshold


def _seen(line: uuid.UUID, moment: datetime) -> None:
    """The companion has beaten until then."""
    Lease.objects.filter(pk=line).update(seen_at=moment)


def _stay(
    whole: Cast, session: Session, people: list[tuple[Person, uuid.UUID]], start: datetime, end: datetime
) -> None:
    """Until the end: the second guest's phone sleeps behind the video, the third's line breaks for eight minutes while
    the page runs on, the fifth leaves a quarter of an hour early; pulses all along."""
    (_, _), (sleeper, phone), (cut, line), _, (hurried, early), *_rest = people
    for minute in range(5, int((end - start).total_seconds() / 60) - 15, 25):
        for person, _ in people[:6]:
            value = whole.random.choice(
                (Pulse.FOLLOWING, Pulse.FOLLOWING, Pulse.FINE, Pulse.LOST, Pulse.BREAK)
            )
            with as_if(start + timedelta(minutes=minute)):
                feedback.take_pulse(session=session, person=person, value=value)
    _seen(phone, start + timedelta(minutes=29))
    with as_if(start + timedelta(minutes=30)):
        rooms.enter_video(session=session, person=sleeper, connection=phone, event=uuid.uuid4())
    with as_if(start + timedelta(minutes=47)):
        attendance.arrive(session=session, person=sleeper, connection=phone, event=uuid.uuid4())
    _seen(line, start + timedelta(minutes=50))
    with as_if(start + timedelta(minutes=58)):
        attendance.arrive(session=session, person=cut, connection=line, event=uuid.uuid4(), is_awake=True)
    with as_if(start + timedelta(minutes=65)):
        check = checks.ask(session=session, by=people[-1][0])
    for number, (person, _) in enumerate(people[:5]):
        with as_if(start + timedelta(minutes=65 + number, seconds=20)):
            checks.answer(session=session, person=person, code=check.code)
    for slot in list(session.slots.all())[1:]:
        _sign(session, [person for person, _ in people[:-2]], slot.number, slot.starts_at)
    _seen(early, end - timedelta(minutes=15))
    with as_if(end - timedelta(minutes=15)):
        attendance.leave(session=session, person=hurried, connection=early, event=uuid.uuid4())
    for person, connection in people:
        if person != hurried:
            _seen(connection, end + timedelta(minutes=2))
