"""A screen that applies every change in order shows what a fresh one shows, for every kind of change and audience."""

import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from seminars import facts
from seminars.actions import attendance, feedback, invitations, rooms, signing, walk_ins
from seminars.facts import AccessRevoked, Fact
from seminars.models import Invitation, Person, PulseVote, Session, WalkIn
from seminars.moments import as_if, instant, now
from seminars.queries import everybody, live
from tests import cast
from tests.acts import ACTS, CONNECTIONS, Act, State, merged, stage
from tests.course import Course


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
    return stage(dominique, ange, bruna, cyrille)


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


def test_a_pulse_within_a_tick_names_nobody(session: Session, ange: Person, bruna: Person) -> None:
    feedback.take_pulse(session=session, person=ange, value="lost")
    patch = live.host_patch(
        facts.PresenceChanged(session.pk, 1, (bruna.pk,)), facts.PulseTaken(session.pk, 2, (ange.pk,))
    )
    assert patch["pulse"]["alert"] == ["lost"]
    assert list(patch["people"]) == [bruna.code]


def test_a_change_of_the_session_still_takes_away_whom_another_fact_names(
    session: Session, cyrille: Person, dominique: Person
) -> None:
    """The two may leave together."""
    invitation = Invitation.objects.get(session=session, person=cyrille)
    invitations.withdraw(invitation=invitation, by=dominique)
    withdrawn = facts.AnswerChanged(session.pk, 1, (cyrille.pk,))
    patch = live.host_patch(withdrawn, facts.SessionChanged(session.pk, 2))
    assert patch["people"][cyrille.code] is None
    assert patch["session"]["code"] == session.code


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


def test_on_site_the_standing_needs_no_connection(elia: Person, ange: Person, bruna: Person) -> None:
    course = Course(elia)
    cast.invite(course.session, ange, bruna)
    course.open()
    course.move(signing.check_in, ange, 9, 31)
    course.sign(bruna, 9, 40)

    def told(hour: int, minute: int = 0) -> tuple[object, ...]:
        with as_if(course.at(hour, minute)):
            state = everybody.settled(live.host_state(course.session))
        rows = {row["name"]: (row["standing"], row["since"]) for row in state["people"].values()}
        return rows[ange.name], rows[bruna.name], state["counts"]["here"]

    came = ("room", instant(course.at(9, 31))), ("room", instant(course.at(9, 40)))
    assert told(9, 45) == (*came, 2)
    course.move(signing.check_out, ange, 11)
    assert told(11, 1) == (("left", instant(course.at(11))), came[1], 1)
    course.move(signing.check_in, ange, 11, 30)
    assert told(12, 29)[0] == ("room", instant(course.at(11, 30)))
    over = ("left", instant(course.at(12, 30)))
    assert told(12, 30) == (over, over, 0), "the morning is over, and nobody has come back"
    course.sign(ange, 13, 50, slot=2)
    back = ("room", instant(course.at(13, 50)))
    assert told(17, 2) == (back, over, 1), "the last half-day ends with the session"
    course.close(17, 5)
    assert told(17, 6)[0] == ("left", instant(course.at(17, 5)))


def test_whoever_came_uninvited_and_signed_in_the_room_is_seen_until_a_host_says_no(elia: Person) -> None:
    course = Course(elia)
    course.open()
    with as_if(course.at(9, 40)):
        made = walk_ins.walk_in(session=course.session, name="Nova Venuta", key=uuid.uuid4())
        row = live.host_state(course.session)["people"][made.code]
        assert (row["name"], row["standing"], row["part"]) == ("Nova Venuta", "room", 1)
        walk_ins.refuse(walk_in=WalkIn.objects.get(person=made), by=elia)
        assert "Nova Venuta" not in str(live.host_state(course.session)["people"])


@pytest.mark.parametrize("more", [1, 3])
def test_the_queries_do_not_grow_with_the_people(
    more: int, session: Session, ange: Person, django_assert_num_queries: Any
) -> None:
    for number in range(more):
        somebody = cast.person(f"more-{number}", f"More {number}", organisation_key="it-coop")
        cast.invite(session, somebody)
        PulseVote.objects.create(session=session, person=somebody, value="fine", at=now())
        attendance.arrive(session=session, person=somebody, connection=uuid.uuid4(), event=uuid.uuid4())
    with django_assert_num_queries(13):
        live.snapshot(session_id=session.pk, person_id=ange.pk, is_host=True)
    with django_assert_num_queries(12):
        live.snapshot(session_id=session.pk, person_id=ange.pk, is_host=False)
    with django_assert_num_queries(9):
        live.host_patch(facts.PresenceChanged(session.pk, 1, (ange.pk,)))
