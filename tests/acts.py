"""All that can happen to a live session, and what a screen does with a change: for tests of what screens show."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from seminars.actions import (
    answers,
    attendance,
    checks,
    correcting,
    declaring,
    feedback,
    inspectors,
    invitations,
    letters,
    rooms,
    sessions,
    signing,
)
from seminars.models import Invitation, Person, Session
from seminars.moments import local, now
from seminars.vocabulary import Answer, Mode, Where
from tests import cast

State = dict[str, Any]


def merged(state: State, patch: State) -> State:
    """What docs/protocol.md tells a client to do."""
    whole = {**state, **patch}
    if "people" in patch and "people" in state:
        people = {**state["people"], **patch["people"]}
        whole["people"] = {code: row for code, row in people.items() if row is not None}
    return whole


CONNECTIONS = {name: uuid.uuid4() for name in ("ange", "bruna", "cyrille")}
Act = Callable[[Session, dict[str, Person], cast.Clock], object]


def stage(dominique: Person, ange: Person, bruna: Person, cyrille: Person) -> Session:
    """Starts in five minutes; Ange is here, Bruna went to the video, Cyrille is expected."""
    start = local(now(), "Europe/Paris").replace(tzinfo=None) + timedelta(minutes=5)
    session = cast.make_session(dominique, start)
    cast.invite(session, ange, bruna, cyrille)
    attendance.arrive(session=session, person=ange, connection=CONNECTIONS["ange"], event=uuid.uuid4())
    rooms.enter_video(session=session, person=bruna, connection=CONNECTIONS["bruna"], event=uuid.uuid4())
    return session


def arrives(session: Session, who: dict[str, Person], clock: cast.Clock) -> None:
    attendance.arrive(
        session=session, person=who["cyrille"], connection=CONNECTIONS["cyrille"], event=uuid.uuid4()
    )


def leaves(session: Session, who: dict[str, Person], clock: cast.Clock) -> None:
    rooms.raise_hand(session=session, person=who["ange"], is_raised=True)
    attendance.leave(session=session, person=who["ange"], connection=CONNECTIONS["ange"], event=uuid.uuid4())


def falls_silent(session: Session, who: dict[str, Person], clock: cast.Clock) -> None:
    clock.forward(seconds=60)
    assert attendance.sweep() == 2


def comes_back(session: Session, who: dict[str, Person], clock: cast.Clock) -> None:
    falls_silent(session, who, clock)
    attendance.beat(session=session, person=who["ange"], connection=CONNECTIONS["ange"])


def is_lost_and_returns(session: Session, who: dict[str, Person], clock: cast.Clock) -> None:
    clock.forward(seconds=200)
    attendance.sweep()
    for name in ("ange", "bruna"):
        attendance.arrive(
            session=session,
            person=who[name],
            connection=CONNECTIONS[name],
            event=uuid.uuid4(),
            is_awake=True,
        )


def is_confirmed(session: Session, who: dict[str, Person], clock: cast.Clock) -> None:
    clock.forward(seconds=200)
    attendance.sweep()
    assert attendance.confirm(session=session, by=who["dominique"]) == 1


def feels(session: Session, who: dict[str, Person], clock: cast.Clock) -> None:
    feedback.take_pulse(session=session, person=who["ange"], value="lost")
    feedback.take_pulse(session=session, person=who["bruna"], value="break")
    feedback.take_pulse(session=session, person=who["ange"], value="fine")


def become_enough_to_count(session: Session, who: dict[str, Person], clock: cast.Clock) -> None:
    feels(session, who, clock)
    for number in range(4):
        attendance.arrive(
            session=session,
            person=cast.person(f"more-{number}", f"More Number {number}"),
            connection=uuid.uuid4(),
            event=uuid.uuid4(),
        )


def raises_and_lowers_a_hand(session: Session, who: dict[str, Person], clock: cast.Clock) -> None:
    rooms.raise_hand(session=session, person=who["ange"], is_raised=True)
    attendance.arrive(session=session, person=who["cyrille"], connection=uuid.uuid4(), event=uuid.uuid4())
    rooms.raise_hand(session=session, person=who["cyrille"], is_raised=True)
    rooms.raise_hand(session=session, person=who["ange"], is_raised=False)


def says_no(session: Session, who: dict[str, Person], clock: cast.Clock) -> None:
    invitation = Invitation.objects.get(session=session, person=who["cyrille"])
    answers.answer(invitation=invitation, answer=Answer.NO)


def is_invited(session: Session, who: dict[str, Person], clock: cast.Clock) -> None:
    cast.invite(session, cast.person("daniele", "Daniele Abbozzo", country="IT"), by=who["dominique"])


def is_withdrawn(session: Session, who: dict[str, Person], clock: cast.Clock) -> None:
    for name in ("ange", "cyrille"):
        invitation = Invitation.objects.get(session=session, person=who[name])
        invitations.withdraw(invitation=invitation, by=who["dominique"])


def is_written_to(session: Session, who: dict[str, Person], clock: cast.Clock) -> None:
    letters.publish(session=session, by=who["dominique"], text_fr="Pause", text_it="Pausa")


def opens(session: Session, who: dict[str, Person], clock: cast.Clock) -> None:
    sessions.open_(session=session, by=who["dominique"])


def closes(session: Session, who: dict[str, Person], clock: cast.Clock) -> None:
    opens(session, who, clock)
    feels(session, who, clock)
    rooms.raise_hand(session=session, person=who["ange"], is_raised=True)
    clock.forward(minutes=94)
    sessions.close(session=session, by=who["dominique"])


def is_cancelled(session: Session, who: dict[str, Person], clock: cast.Clock) -> None:
    sessions.cancel(session=session, by=who["dominique"])


def moves(session: Session, who: dict[str, Person], clock: cast.Clock) -> None:
    says_no(session, who, clock)
    start = local(now(), "Europe/Paris").replace(tzinfo=None) + timedelta(days=1)
    sessions.move(session=session, by=who["dominique"], slots=[(start, start + timedelta(hours=1))])


def is_asked_and_answers(session: Session, who: dict[str, Person], clock: cast.Clock) -> None:
    opens(session, who, clock)
    first = checks.ask(session=session, by=who["dominique"])
    checks.answer(session=session, person=who["ange"], code=first.code)
    clock.forward(minutes=20)
    second = checks.ask(session=session, by=who["dominique"])
    checks.answer(session=session, person=who["ange"], code=second.code)
    clock.forward(minutes=4)
    assert checks.answer(session=session, person=who["bruna"], code=second.code).is_late
    assert checks.answer(session=session, person=who["bruna"], code=first.code).is_late


def is_asked_by_the_clock(session: Session, who: dict[str, Person], clock: cast.Clock) -> None:
    sessions.edit(session=session, by=who["dominique"], checks_per_part=2)
    opens(session, who, clock)
    session.refresh_from_db()
    for moment in checks.minutes(session, session.slots.get()):
        clock.at(moment)
        assert (checks.ask_due(), checks.ask_due()) == (1, 0)


def signs_and_is_excused(session: Session, who: dict[str, Person], clock: cast.Clock) -> None:
    opens(session, who, clock)
    clock.forward(minutes=10)
    host = who["dominique"]
    signing.sign(session=session, person=who["ange"], slot_number=1, name=who["ange"].name)
    declaring.declare_signature(
        session=session,
        person=who["bruna"],
        by=host,
        slot_number=1,
        reason="Could not open the page",
        mode=Where.VIDEO,
    )
    declaring.excuse(session=session, person=who["cyrille"], by=host, slot_number=1)


def comes_and_goes_on_site(session: Session, who: dict[str, Person], clock: cast.Clock) -> None:
    """Ange's phone sleeps while she is in the room; Cyrille has none."""
    Session.objects.filter(pk=session.pk).update(mode=Mode.HYBRID)
    opens(session, who, clock)
    for name in ("ange", "cyrille"):
        signing.check_in(session=session, person=who[name])
    clock.forward(minutes=10)
    attendance.sweep()
    for name in ("ange", "bruna"):
        given = {"person": who[name], "slot_number": 1, "name": who[name].name, "mode": Where.ROOM}
        signing.sign(session=session, **given)
    clock.forward(minutes=10)
    signing.check_out(session=session, person=who["cyrille"])
    given = {"person": who["bruna"], "slot_number": 1, "reason": "She was in Turin."}
    correcting.void_signature(session=session, by=who["dominique"], **given)


def closes_on_site(session: Session, who: dict[str, Person], clock: cast.Clock) -> None:
    comes_and_goes_on_site(session, who, clock)
    clock.forward(minutes=70)
    sessions.close(session=session, by=who["dominique"])


def is_looked_on(session: Session, who: dict[str, Person], clock: cast.Clock) -> None:
    links = [
        inspectors.make(
            session=session, by=who["dominique"], label=label, expires_at=now() + timedelta(hours=3)
        )
        for label in ("DREETS", "Fondo")
    ]
    for link in links:
        inspectors.look(link=link)
    clock.forward(minutes=1)
    inspectors.look(link=links[0])
    inspectors.revoke(link=links[1], by=who["dominique"])


ACTS: list[Act] = [
    arrives,
    leaves,
    falls_silent,
    comes_back,
    is_lost_and_returns,
    is_confirmed,
    feels,
    become_enough_to_count,
    raises_and_lowers_a_hand,
    says_no,
    is_invited,
    is_withdrawn,
    is_written_to,
    opens,
    closes,
    is_cancelled,
    moves,
    is_asked_and_answers,
    is_asked_by_the_clock,
    signs_and_is_excused,
    comes_and_goes_on_site,
    closes_on_site,
    is_looked_on,
]
