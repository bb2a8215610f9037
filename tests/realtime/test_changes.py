"""Snapshot and changes are the fresh state: every kind of fact, both audiences, however facts reach a process."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from realtime import audiences, groups
from realtime.gathering import Gathering
from realtime.hub import hub
from seminars import facts
from seminars.facts import AccessRevoked, Fact
from seminars.models import Person, Session
from seminars.queries import live
from tests import cast
from tests.acts import ACTS, Act, merged, stage

pytestmark = pytest.mark.django_db(transaction=True)  # patches are read between the commits
TICK, HOLD = 0.2, 5.0


class Screen:
    """A client as docs/protocol.md tells it; it never needs to fetch."""

    def __init__(self, session: Session, person: Person, is_host: bool) -> None:
        self.session, self.person, self.is_host = session, person, is_host
        own = [groups.everybody(session.pk), groups.own(session.pk, person.pk)]
        self.rooms = [groups.hosts(session.pk)] if is_host else own
        self.number, self.state = self.fresh()

    def fresh(self) -> tuple[int, dict[str, Any]]:
        seq, state = live.snapshot(session_id=self.session.pk, person_id=self.person.pk, is_host=self.is_host)
        return seq, json.loads(json.dumps(state))

    def hear(self, name: str, seq: int, body: dict[str, Any], since: int = 0) -> None:
        if name == "live.snapshot":
            if seq >= self.number:
                self.number, self.state = seq, body
            return
        assert since <= self.number, "a number is missing"
        if seq >= self.number:
            self.number, self.state = seq, merged(self.state, body)


class Process:
    """One server: its gathering, its screens, and the way facts reach it."""

    def __init__(self, way: str, session: Session, people: list[Person], host: Person) -> None:
        self.way, self.session, self.host = way, session, host
        self.screens = [Screen(session, host, True), *(Screen(session, each, False) for each in people)]
        self.gathering = Gathering(session.pk, TICK, HOLD)
        self.present, self.kept, self.wholes = 10.0, list[Fact](), 0
        for screen in self.screens:
            self.gathering.start(screen.number, self.present)

    def hear(self, fact: Fact) -> None:
        self.gathering.hear(fact, self.present)
        self.leave()

    def leave(self) -> None:
        while (due := self.gathering.due(self.present)) is not None and due <= self.present:
            change = self.gathering.take(self.present)
            seq, frames = audiences.read(change)
            self.wholes += change.is_whole
            for room, frame in frames:
                for screen in self.screens:
                    if room in screen.rooms:
                        screen.hear(*json.loads(frame.message["text"]))
            self.gathering.done(change, seq, self.present)

    def settle(self) -> None:
        for _ in range(60):
            self.present += 0.1
            self.leave()


def at_once(process: Process, fact: Fact) -> None:
    process.hear(fact)
    process.settle()


def ticked(process: Process, fact: Fact) -> None:
    process.hear(fact)


def quickly(process: Process, fact: Fact) -> None:
    process.present += 0.05
    process.hear(fact)


def backwards(process: Process, fact: Fact) -> None:
    process.kept.insert(0, fact)


def in_pairs(process: Process, fact: Fact) -> None:
    process.kept.append(fact)
    if len(process.kept) == 2:
        for each in reversed(process.kept):
            process.hear(each)
        process.kept.clear()


def twice(process: Process, fact: Fact) -> None:
    process.kept.append(fact)
    process.hear(fact)


def with_losses(process: Process, fact: Fact) -> None:
    if fact.seq % 2:
        process.hear(fact)
        process.settle()


def deaf(process: Process, fact: Fact) -> None:
    """Redis is away: only the watch finds out."""


def joining(process: Process, fact: Fact) -> None:
    """Each time somebody opens a screen between a fact's commit and its arrival."""
    screen = Screen(process.session, process.host, True)
    process.screens.append(screen)
    process.gathering.start(screen.number, process.present)
    process.hear(fact)


WAYS: list[Callable[[Process, Fact], None]] = [
    at_once,
    ticked,
    quickly,
    backwards,
    in_pairs,
    twice,
    with_losses,
    deaf,
    joining,
]


@pytest.fixture
def session(dominique: Person, ange: Person, bruna: Person, cyrille: Person) -> Session:
    return stage(dominique, ange, bruna, cyrille)


@pytest.fixture
def who(dominique: Person, ange: Person, bruna: Person, cyrille: Person) -> dict[str, Person]:
    return {"dominique": dominique, "ange": ange, "bruna": bruna, "cyrille": cyrille}


@pytest.fixture
def processes(
    session: Session, who: dict[str, Person], monkeypatch: pytest.MonkeyPatch
) -> dict[Callable[[Process, Fact], None], Process]:
    people = [who["ange"], who["cyrille"]]
    found = {way: Process(way.__name__, session, people, who["dominique"]) for way in WAYS}
    rooms = {room for process in found.values() for screen in process.screens for room in screen.rooms}
    monkeypatch.setattr(hub, "rooms", {room: {} for room in rooms})

    def tell(fact: Fact | AccessRevoked) -> None:
        if isinstance(fact, Fact):
            for way, process in found.items():
                way(process, fact)

    monkeypatch.setattr(facts, "_listeners", lambda: (tell,))
    return found


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.__name__)
def test_every_screen_ends_at_the_fresh_state_however_facts_come(
    act: Act,
    session: Session,
    who: dict[str, Person],
    clock: cast.Clock,
    processes: dict[Callable[[Process, Fact], None], Process],
) -> None:
    act(session, who, clock)
    for process in processes.values():
        for fact in process.kept:
            process.hear(fact)
        process.settle()
        process.gathering.look(live.numbers([session.pk])[session.pk], process.present)
        process.settle()
    fresh = {tuple(screen.rooms): screen.fresh() for screen in processes[deaf].screens}
    for process in processes.values():
        for screen in process.screens:
            assert (screen.number, screen.state) == fresh[tuple(screen.rooms)], process.way
    for way in (at_once, ticked, quickly, backwards, twice, joining):
        assert processes[way].wholes == 0, way
    assert processes[deaf].wholes == 1


def test_a_person_who_was_withdrawn_unheard_leaves_the_hosts_screen(
    session: Session,
    who: dict[str, Person],
    clock: cast.Clock,
    processes: dict[Callable[[Process, Fact], None], Process],
) -> None:
    """Nobody names her any more: only a snapshot can take her away."""
    dict(zip([act.__name__ for act in ACTS], ACTS, strict=True))["is_withdrawn"](session, who, clock)
    process = processes[deaf]
    assert who["cyrille"].code in process.screens[0].state["people"]
    process.gathering.look(live.numbers([session.pk])[session.pk], process.present)
    process.settle()
    assert who["cyrille"].code not in process.screens[0].state["people"]
