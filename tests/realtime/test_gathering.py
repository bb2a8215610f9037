"""Which facts leave as one change, and when: told by a clock of the test's own."""

from itertools import count
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from realtime.gathering import AGAIN, OVERTAKING, Change, Gathering
from seminars.facts import Fact, HandChanged, PresenceChanged, PulseTaken, SessionChanged

TICK, HOLD = 0.2, 5.0


def gathering(told: int = 0) -> Gathering:
    found = Gathering(1, TICK, HOLD)
    found.start(told, 0.0)
    return found


def came(seq: int, *people: int) -> PresenceChanged:
    return PresenceChanged(1, seq, people or (seq,))


def leave(of: Gathering, present: float) -> Change:
    """What leaves at that moment."""
    due = of.due(present)
    assert due is not None
    assert due <= present
    change = of.take(present)
    of.done(change, change.seq, present)
    return change


def test_the_first_after_a_quiet_time_leaves_at_once_and_what_follows_with_the_tick() -> None:
    room = gathering()
    room.hear(came(1), 10.0)
    assert leave(room, 10.0) == Change(1, 0, 1, (came(1),), (came(1),))
    room.hear(came(2), 10.05)
    room.hear(PulseTaken(1, 3, (7,)), 10.1)
    assert room.due(10.1) == 10.0 + TICK
    change = leave(room, 10.2)
    assert (change.since, change.seq) == (1, 3)
    assert change.shown == (came(2), PulseTaken(1, 3, (7,)))
    assert room.due(10.3) is None


def test_anything_but_presence_and_pulse_leaves_at_once_and_takes_along_what_has_gathered() -> None:
    room = gathering()
    room.hear(came(1), 10.0)
    leave(room, 10.0)
    room.hear(came(2), 10.05)
    room.hear(HandChanged(1, 3, (2,)), 10.06)
    assert leave(room, 10.06).shown == (came(2), HandChanged(1, 3, (2,)))


def test_one_change_at_a_time() -> None:
    room = gathering()
    room.hear(came(1), 10.0)
    change = room.take(10.0)
    room.hear(SessionChanged(1, 2), 10.0)
    assert room.due(20.0) is None
    room.done(change, 1, 10.01)
    assert leave(room, 10.01).since == 1


def test_a_tick_counts_from_the_last_reading_and_a_slow_one_is_followed_by_a_rest() -> None:
    room = gathering()
    for took, next_at in ((0.05, 10.0 + TICK), (0.5, 11.0)):
        room.hear(came(room.known + 1), 10.0)
        change = room.take(10.0)
        room.done(change, change.seq, 10.0 + took)
        room.hear(came(room.known + 1), 10.0 + took)
        assert room.due(10.0 + took) == next_at


def test_facts_that_overtake_one_another_leave_in_order() -> None:
    room = gathering()
    room.hear(SessionChanged(1, 2), 10.0)
    assert room.due(10.0) == 10.0 + OVERTAKING
    room.hear(came(1), 10.1)
    assert leave(room, 10.1).happened == (came(1), SessionChanged(1, 2))


def test_a_number_that_never_comes_makes_a_whole_change_and_comes_too_late_after_it() -> None:
    room = gathering()
    room.hear(came(1), 10.0)
    room.hear(came(3), 10.0)
    assert leave(room, 10.0).seq == 1
    assert room.due(10.0) == 10.0 + OVERTAKING
    assert leave(room, 10.2) == Change(1, 1, 3, is_whole=True)
    room.hear(came(2), 10.3)
    assert room.due(99.0) is None


def test_each_missing_number_has_its_own_time() -> None:
    room = gathering()
    room.hear(HandChanged(1, 2), 10.0)
    for step in range(1, 20):  # 4 and 1, 6 and 3, 8 and 5: another process is always a little late
        present = 10.0 + step * OVERTAKING * 0.9
        room.hear(HandChanged(1, 2 * step + 2), present)
        room.hear(HandChanged(1, 2 * step - 1), present)
        change = leave(room, present)
        assert (change.seq, change.is_whole) == (2 * step, False)


def test_a_number_that_only_the_watch_knows_of_makes_a_whole_change() -> None:
    room = gathering(told=4)
    room.look(4, 10.0)
    assert room.due(99.0) is None
    room.look(6, 10.0)
    assert leave(room, 10.0 + OVERTAKING) == Change(1, 4, 6, is_whole=True)


def test_a_number_that_never_was_stops_nothing() -> None:
    """Said by another installation, or before a backup was restored: the database knows better."""
    room = gathering(told=4)
    room.hear(came(1_000_000), 10.0)
    change = room.take(10.0 + OVERTAKING)
    assert change.is_whole
    room.hear(HandChanged(1, 5), 10.3)  # a true one, while the database is read
    room.done(change, 4, 10.3)
    assert leave(room, 10.3).happened == (HandChanged(1, 5),)
    room.look(6, 20.0)
    assert leave(room, 20.0 + OVERTAKING).is_whole
    assert (room.told, room.known, room.waiting) == (6, 6, {})


def test_a_fact_that_only_a_newer_process_knows_makes_a_whole_change() -> None:
    room = gathering()
    room.hear(Fact(1, 1), 10.0)
    assert leave(room, 10.0).is_whole


def test_a_change_that_could_not_be_read_is_told_anew_a_little_later() -> None:
    room = gathering()
    room.hear(came(1), 10.0)
    room.failed(room.take(10.0), 10.0)
    assert room.due(10.0) == 10.0 + AGAIN
    assert leave(room, 10.0 + AGAIN) == Change(1, 0, 1, is_whole=True)
    assert room.due(99.0) is None


def test_a_flapping_line_moves_other_screens_once_per_hold_and_her_own_each_time() -> None:
    room = gathering()
    numbers = count(1)
    shown, own = [], 0
    for step in range(100):  # ten seconds
        present = 10.0 + step / 10
        room.hear(came(next(numbers), 7), present)
        while (due := room.due(present)) is not None and due <= present:
            change = leave(room, present)
            own += len(change.happened)
            shown += [present] if change.shown else []
    assert own >= 98
    assert [round(at) for at in shown] == [10, 15]
    due = room.due(20.0)
    assert due is not None
    last = leave(room, 25.0)
    assert last.shown == (PresenceChanged(1, last.seq, (7,)),)
    assert room.due(99.0) is None


def test_the_truth_that_was_held_follows_when_the_hold_is_over_even_without_a_new_number() -> None:
    room = gathering()
    room.hear(came(1, 7), 10.0)
    leave(room, 10.0)
    room.hear(came(2, 7, 8), 11.0)
    assert leave(room, 11.0).shown == (came(2, 8),)
    assert room.due(11.0) == 10.0 + HOLD
    assert leave(room, 15.0) == Change(1, 2, 2, (), (came(2, 7),))
    assert room.due(99.0) is None
    room.hear(came(3, 8), 30.0)
    leave(room, 30.0)
    assert set(room.moved) == {8}, "who moved long ago is forgotten"


def test_before_the_first_snapshot_nothing_leaves_and_what_it_holds_is_dropped() -> None:
    room = Gathering(1, TICK, HOLD)
    for seq in (3, 4, 5):
        room.hear(came(seq), 10.0)
    assert room.due(99.0) is None
    room.start(4, 10.0)
    assert leave(room, 10.0) == Change(1, 4, 5, (came(5),), (came(5),))


def test_the_lowest_of_the_first_snapshots_counts() -> None:
    room = Gathering(1, TICK, HOLD)
    room.start(10, 10.0)
    room.hear(came(9), 10.0)
    room.hear(came(10), 10.0)
    room.start(8, 10.0)
    assert leave(room, 10.0 + OVERTAKING) == Change(1, 8, 10, is_whole=True)
    room.start(9, 11.0)
    assert room.due(99.0) is None


KINDS: list[Any] = [PresenceChanged, HandChanged, PulseTaken]
facts = st.lists(
    st.tuples(st.integers(1, 12), st.sampled_from(KINDS), st.integers(1, 3)),
    max_size=30,
)


@given(facts, st.lists(st.floats(0, 1), min_size=30, max_size=30), st.integers(0, 3))
def test_changes_follow_one_another_without_a_gap_and_end_at_the_highest_number(
    heard: list[tuple[int, type[PresenceChanged], int]], waits: list[float], told: int
) -> None:
    """Whatever comes, in whatever order, lost or repeated: a reader who began at `told` can apply every change."""
    room, number, present = gathering(told), told, 10.0
    for (seq, kind, person), wait in [*zip(heard, waits, strict=False), *[((0, PulseTaken, 1), HOLD)] * 4]:
        if seq:
            room.hear(kind(1, seq, (person,)), present)
        present += wait
        while (due := room.due(present)) is not None and due <= present:
            change = leave(room, present)
            assert change.since <= number <= change.seq
            number = change.seq
    assert number == max([told, *(seq for seq, _, _ in heard)])
    assert room.due(present) is None
    assert not room.waiting
