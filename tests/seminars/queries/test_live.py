"""A screen that applies every change in order shows what a fresh one shows, for every kind of change and audience."""

import json
import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from seminars import facts
from seminars.actions import attendance, feedback, invitations, letters, rooms, sessions
from seminars.facts import AccessRevoked, Fact
from seminars.models import Invitation, Person, PulseVote, Session
from seminars.moments import local, now
from seminars.queries import live
from seminars.vocabulary import Answer
from tests import cast

State = dict[str, Any]


def merged(state: State, patch: State) -> State:
    """What docs/protocol.md tells a client to do."""
    whole = {**state, **patch}
    if "people" in patch and "people" in state:
        people = {**state["people"], **patch["people"]}
        whole["people"] = {code: row for code, row in people.items() if row is not None}
    return whole


class Screen:
    """One reader: a snapshot, and each patch since, as text over a line would bring it."""

    def __init__(self, session: Session, person: Person, is_host: bool) -> None:
        self.session, self.person, self.is_host = session, person, is_host
        self.seq, self.state = self.fresh()

    def fresh(self) -> tuple[int, State]:
        seq, state = live.snapshot(session_id=self.session.pk, person_id=self.person.pk, is_host=self.is_host)
        return seq, json.loads(json.dumps(state))

    def hear(self, fact: Fact) -> None:
        assert fact.seq == self.seq + 1, "a number is missing"
        self.seq = fact.seq
        for patch in self.patches(fact):
            self.state = merged(self.state, json.loads(json.dumps(patch)))

    def patches(self, fact: Fact) -> Iterator[State]:
        if self.is_host:
            yield live.host_patch(fact)
            return
        people = live.touched(fact)
        if people is None or self.person.pk in people:
            yield live.own_patches(self.session.pk, [self.person.pk])[self.person.pk]
        yield live.participant_patch(fact)


@pytest.fixture
def session(dominique: Person, ange: Person, bruna: Person, cyrille: Person) -> Session:
    """Starts in five minutes; Ange is here, Bruna went to the video, Cyrille is expected."""
    start = local(now(), "Europe/Paris").replace(tzinfo=None) + timedelta(minutes=5)
    session = cast.make_session(dominique, start)
    cast.invite(session, ange, bruna, cyrille)
    attendance.arrive(session=session, person=ange, connection=CONNECTIONS["ange"], event=uuid.uuid4())
    rooms.enter_video(session=session, person=bruna, connection=CONNECTIONS["bruna"], event=uuid.uuid4())
    return session


CONNECTIONS = {name: uuid.uuid4() for name in ("ange", "bruna", "cyrille")}
Act = Callable[[Session, dict[str, Person], cast.Clock], object]


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


def answers(session: Session, who: dict[str, Person], clock: cast.Clock) -> None:
    invitation = Invitation.objects.get(session=session, person=who["cyrille"])
    invitations.answer(invitation=invitation, answer=Answer.NO)


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
    answers(session, who, clock)
    start = local(now(), "Europe/Paris").replace(tzinfo=None) + timedelta(days=1)
    sessions.move(session=session, by=who["dominique"], slots=[(start, start + timedelta(hours=1))])


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
    answers,
    is_invited,
    is_withdrawn,
    is_written_to,
    opens,
    closes,
    is_cancelled,
    moves,
]


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.__name__)
def test_a_snapshot_and_its_changes_are_the_fresh_state(
    act: Act,
    session: Session,
    clock: cast.Clock,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
    dominique: Person,
    ange: Person,
    bruna: Person,
    cyrille: Person,
) -> None:
    who = {"dominique": dominique, "ange": ange, "bruna": bruna, "cyrille": cyrille}
    screens = [Screen(session, dominique, True), *(Screen(session, each, False) for each in who.values())]
    before = [screen.state for screen in screens]

    def tell(fact: Fact | AccessRevoked) -> None:
        if isinstance(fact, Fact):
            for screen in screens:
                screen.hear(fact)

    monkeypatch.setattr(facts, "_listeners", lambda: (tell,))
    with django_capture_on_commit_callbacks(execute=True):
        act(session, who, clock)
    assert any(screen.state != old for screen, old in zip(screens, before, strict=True)), "nothing changed"
    for screen in screens:
        assert (screen.seq, screen.state) == screen.fresh()


def test_patches_read_late_still_end_at_the_fresh_state(
    session: Session, ange: Person, cyrille: Person, dominique: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two changes commit before the first is told: its patch is ahead of its number, and the end is right."""
    heard: list[Fact] = []
    monkeypatch.setattr(facts, "_listeners", lambda: (heard.append,))
    screens = [Screen(session, dominique, True), Screen(session, ange, False)]
    first = live.Session.objects.get(pk=session.pk).live_seq + 1
    rooms.raise_hand(session=session, person=ange, is_raised=True)
    attendance.leave(session=session, person=ange, connection=CONNECTIONS["ange"], event=uuid.uuid4())
    for number, kind in enumerate((facts.HandChanged, facts.PresenceChanged)):
        for screen in screens:
            screen.hear(kind(session.pk, first + number, (ange.pk,)))
    for screen in screens:
        assert (screen.seq, screen.state) == screen.fresh()


def test_a_participant_never_gets_another_persons_row(session: Session, ange: Person, bruna: Person) -> None:
    state = json.dumps(live.participant_state(session, ange.pk))
    assert bruna.name not in state
    assert bruna.code not in state


def test_few_people_give_no_counts_only_what_needs_somebody(session: Session, ange: Person) -> None:
    feedback.take_pulse(session=session, person=ange, value="following")
    assert live.host_state(session)["pulse"] == {"few": True, "alert": []}
    feedback.take_pulse(session=session, person=ange, value="lost")
    assert live.host_state(session)["pulse"] == {"few": True, "alert": ["lost"]}


def test_the_standing_tells_silence_in_the_video_from_a_cut_line(
    session: Session, ange: Person, bruna: Person, cyrille: Person, clock: cast.Clock
) -> None:
    clock.forward(seconds=60)
    attendance.sweep()
    standings = {row["name"]: row["standing"] for row in live.host_state(session)["people"].values()}
    assert standings[ange.name] == "cut"
    assert standings[bruna.name] == "video"
    assert standings[cyrille.name] == "expected"
    assert live.host_state(session)["counts"] == {"here": 1, "expected": 4}
    clock.forward(minutes=10)
    attendance.sweep()
    standings = {row["name"]: row["standing"] for row in live.host_state(session)["people"].values()}
    assert (standings[ange.name], standings[bruna.name]) == ("left", "video")


@pytest.mark.parametrize("more", [1, 3])
def test_the_queries_do_not_grow_with_the_people(
    more: int, session: Session, ange: Person, django_assert_num_queries: Any
) -> None:
    for number in range(more):
        somebody = cast.person(f"more-{number}", f"More {number}", organisation_key="it-coop")
        cast.invite(session, somebody)
        PulseVote.objects.create(session=session, person=somebody, value="fine", at=now())
        attendance.arrive(session=session, person=somebody, connection=uuid.uuid4(), event=uuid.uuid4())
    with django_assert_num_queries(9):
        live.snapshot(session_id=session.pk, person_id=ange.pk, is_host=True)
    with django_assert_num_queries(8):
        live.snapshot(session_id=session.pk, person_id=ange.pk, is_host=False)
    with django_assert_num_queries(6):
        live.host_patch(facts.PresenceChanged(session.pk, 1, (ange.pk,)))
