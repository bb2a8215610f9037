"""Presence as it happens: arriving, beating, silence, returning, leaving, and the ledger that keeps it."""

import uuid
from datetime import timedelta

import pytest

from seminars.actions import attendance, rooms, sessions
from seminars.errors import Refused
from seminars.evidence import chain
from seminars.models import Lease, Presence, PresenceEvent
from seminars.moments import as_if
from seminars.queries.sheets import sheet
from seminars.vocabulary import PresenceKind, Source, State
from tests import cast
from tests.guarded import tampering

pytestmark = pytest.mark.django_db


class Day:
    """A session of an hour, and what a person's pages do in it, at minutes after its start."""

    def __init__(self, session, by):
        self.session, self.by = session, by

    def at(self, minute):
        return self.session.starts_at + timedelta(minutes=minute)

    def open(self):
        with as_if(self.at(0)):
            self.session = sessions.open_(session=self.session, by=self.by)

    def arrive(self, minute, person, line, event=None, **more):
        with as_if(self.at(minute)):
            return attendance.arrive(
                session=self.session, person=person, connection=line, event=event or uuid.uuid4(), **more
            )

    def beat(self, minute, person, line):
        with as_if(self.at(minute)):
            return attendance.beat(session=self.session, person=person, connection=line)

    def stay(self, first, last, person, line):
        """Beats each minute, both ends included."""
        for minute in range(first, last + 1):
            self.beat(minute, person, line)

    def leave(self, minute, person, line, event=None, **more):
        with as_if(self.at(minute)):
            return attendance.leave(
                session=self.session, person=person, connection=line, event=event or uuid.uuid4(), **more
            )

    def video(self, minute, person, line):
        with as_if(self.at(minute)):
            return rooms.enter_video(session=self.session, person=person, connection=line, event=uuid.uuid4())

    def sweep(self, minute):
        with as_if(self.at(minute)):
            return attendance.sweep()

    def confirm(self, minute, people=None, reason=""):
        with as_if(self.at(minute)):
            return attendance.confirm(session=self.session, by=self.by, people=people, reason=reason)

    def close(self, minute=60, reason=""):
        with as_if(self.at(minute)):
            self.session = sessions.close(session=self.session, by=self.by, reason=reason)

    def row(self, person, minute=60):
        with as_if(self.at(minute)):
            return next(row for row in sheet(self.session).rows if row.person == person)

    def kinds(self, person):
        return list(PresenceEvent.objects.filter(person=person).values_list("kind", flat=True))


@pytest.fixture
def day(elia):
    found = Day(cast.make_session(elia, minutes=60), elia)
    found.open()
    return found


@pytest.fixture
def line():
    return uuid.uuid4()


def refusal(act, *words, **more):
    with pytest.raises(Refused) as refused:
        act(*words, **more)
    return refused.value.code


def test_arriving_is_one_event_and_beats_are_none(day, ange, line):
    assert day.arrive(0, ange, line).is_new
    day.stay(1, 5, ange, line)
    assert day.kinds(ange) == [PresenceKind.JOINED]
    assert Lease.objects.get().seen_at == day.at(5)


def test_two_tabs_are_one_presence_of_sixty_minutes_exactly(day, ange):
    first, second = uuid.uuid4(), uuid.uuid4()
    day.arrive(0, ange, first)
    day.stay(1, 19, ange, first)
    day.arrive(20, ange, second)
    for minute in range(21, 40):
        day.beat(minute, ange, first)
        day.beat(minute, ange, second)
    day.leave(40, ange, first)
    assert Presence.objects.get(person=ange).left_at is None
    day.stay(40, 59, ange, second)
    day.leave(60, ange, second)
    assert Presence.objects.get(person=ange).left_at == day.at(60)
    day.close()
    assert day.row(ange).minutes == 60


def test_the_sweep_closes_at_the_last_beat_and_a_second_one_changes_nothing(day, ange, bruna):
    for number, person in enumerate((ange, bruna)):
        line = uuid.uuid4()
        day.arrive(number, person, line)
        day.stay(number + 1, 10, person, line)
    assert day.sweep(30) == 2
    assert {lease.ended_at for lease in Lease.objects.all()} == {day.at(10)}
    assert day.sweep(30) == 0
    assert day.kinds(ange) == [PresenceKind.JOINED, PresenceKind.LEFT]
    day.close()
    assert (day.row(ange).minutes, day.row(bruna).minutes) == (10, 9)


def test_a_short_silence_is_marked_quiet_and_the_next_beat_ends_it(day, ange, line):
    day.arrive(0, ange, line)
    assert day.sweep(1) == 1
    assert Lease.objects.get().quiet_at == day.at(1)
    assert day.sweep(1.1) == 0
    day.beat(1.5, ange, line)
    assert Lease.objects.get().quiet_at is None
    assert day.kinds(ange) == [PresenceKind.JOINED]


def test_a_lapsed_connection_is_told_so_and_comes_back_as_resumed(day, ange, line):
    day.arrive(0, ange, line)
    day.stay(1, 10, ange, line)
    assert refusal(day.beat, 20, ange, line) == "lapsed"
    day.arrive(20, ange, line)
    day.stay(21, 60, ange, line)
    day.close()
    assert day.kinds(ange)[:2] == [PresenceKind.JOINED, PresenceKind.RESUMED]
    row = day.row(ange)
    assert (row.minutes, row.unseen, row.waiting) == (50, 0, 0)


def test_a_return_within_the_lease_goes_on_without_an_event(day, ange, line):
    day.arrive(0, ange, line)
    assert not day.arrive(1.9, ange, line).is_new
    assert day.kinds(ange) == [PresenceKind.JOINED]


def test_a_page_that_ran_through_a_short_cut_has_its_minutes_replayed(day, ange, line):
    day.arrive(0, ange, line)
    day.stay(1, 10, ange, line)
    day.arrive(18, ange, line, is_awake=True)
    day.stay(19, 60, ange, line)
    day.close()
    row = day.row(ange)
    assert (row.minutes, row.parts[0].replayed, row.waiting) == (60, 8, 0)


def test_a_cut_that_the_sweep_found_first_is_replayed_all_the_same(day, ange, line):
    day.arrive(0, ange, line)
    day.stay(1, 10, ange, line)
    assert day.sweep(15) == 1
    day.arrive(18, ange, line, is_awake=True)
    day.stay(19, 60, ange, line)
    day.close()
    assert (day.row(ange).minutes, day.row(ange).parts[0].replayed) == (60, 8)


def test_a_long_replay_waits_for_the_trainer(day, ange, line):
    day.arrive(0, ange, line)
    day.stay(1, 10, ange, line)
    day.arrive(25, ange, line, is_awake=True)
    day.stay(26, 60, ange, line)
    assert day.row(ange).waiting == 15
    assert day.confirm(60, [ange]) == 1
    day.close()
    row = day.row(ange)
    assert (row.minutes, row.declared, row.waiting) == (60, 15, 0)


def test_a_confirmation_leaves_alone_what_counts_by_itself(day, ange, line):
    day.arrive(0, ange, line)
    day.stay(1, 10, ange, line)
    day.arrive(18, ange, line, is_awake=True)
    assert day.confirm(19) == 0
    assert PresenceEvent.objects.filter(kind=PresenceKind.DECLARED).count() == 0


def test_who_left_by_herself_can_not_claim_the_time_away(day, ange, line):
    day.arrive(0, ange, line)
    day.leave(1, ange, line)
    day.arrive(9, ange, line, is_awake=True)
    day.stay(10, 60, ange, line)
    day.close()
    assert (day.row(ange).minutes, day.row(ange).parts[0].replayed) == (52, 0)


def test_silence_behind_the_video_is_unseen_and_never_left(day, ange, line):
    day.arrive(0, ange, line)
    day.stay(1, 9, ange, line)
    day.video(10, ange, line)
    assert day.sweep(20) == 1  # quiet, not ended
    assert day.sweep(20) == 0
    assert Lease.objects.get().ended_at is None
    day.arrive(27, ange, line)
    day.stay(28, 60, ange, line)
    day.close()
    row = day.row(ange)
    assert (row.minutes, row.unseen) == (43, 17)


def test_who_never_returns_from_the_video_is_unseen_until_the_closing(day, ange, line):
    day.video(0, ange, line)
    day.stay(1, 10, ange, line)
    day.sweep(20)
    day.close()
    row = day.row(ange)
    assert (row.minutes, row.unseen) == (10, 50)
    assert row.has_come


def test_leaving_right_after_the_video_leaves_the_silence_unseen(day, ange, line):
    day.video(0, ange, line)
    day.stay(1, 10, ange, line)
    day.leave(30, ange, line)
    day.close()
    row = day.row(ange)
    assert (row.minutes, row.unseen) == (10, 20)


def test_the_trainer_confirms_one_or_all_and_is_quoted(day, elia, ange, bruna):
    for person in (ange, bruna):
        line = uuid.uuid4()
        day.video(0, person, line)
        day.stay(1, 10, person, line)
    day.sweep(20)
    assert day.confirm(30, [ange], "She spoke") == 1
    event = PresenceEvent.objects.get(kind=PresenceKind.DECLARED)
    assert (event.source, event.author, event.reason) == (Source.TRAINER, elia, "She spoke")
    assert (day.row(ange, 30).declared, day.row(bruna, 30).declared) == (20, 0)
    assert day.confirm(60) == 2
    assert day.confirm(60) == 0
    day.close()
    for person in (ange, bruna):
        row = day.row(person)
        assert (row.minutes, row.declared, row.unseen) == (60, 50, 0)


def test_a_leave_said_late_counts_to_the_moment_it_happened(day, ange, line):
    day.arrive(0, ange, line)
    assert day.leave(1.5, ange, line, age=timedelta(seconds=30)).at == day.at(1)


def test_a_leave_can_not_reach_before_the_last_beat_nor_stretch_a_silence(day, ange, line):
    day.arrive(0, ange, line)
    day.beat(1, ange, line)
    assert day.leave(2, ange, line, age=timedelta(minutes=30)).at == day.at(1)
    again = uuid.uuid4()
    day.arrive(5, ange, again)
    assert day.leave(30, ange, again).at == day.at(5)


def test_the_same_event_twice_is_kept_once(day, ange, line):
    event = uuid.uuid4()
    one, other = day.arrive(0, ange, line, event), day.arrive(1, ange, line, event)
    assert (one.is_new, other.is_new, one.at) == (True, False, other.at)
    going = uuid.uuid4()
    one, other = day.leave(2, ange, line, going), day.leave(3, ange, line, going)
    assert (one.is_new, other.is_new, one.at) == (True, False, other.at)
    assert day.kinds(ange) == [PresenceKind.JOINED, PresenceKind.LEFT]


def test_somebody_elses_connection_or_event_is_refused(day, ange, bruna, line):
    event = uuid.uuid4()
    day.arrive(0, ange, line, event)
    assert refusal(day.arrive, 1, bruna, line) == "foreign_connection"
    assert refusal(day.arrive, 1, bruna, uuid.uuid4(), event) == "foreign_connection"
    assert refusal(day.leave, 1, bruna, line, event) == "foreign_connection"
    assert refusal(day.beat, 1, bruna, line) == "lapsed"
    assert not day.leave(1, bruna, line).is_new
    assert Lease.objects.get().ended_at is None


def test_a_clock_stepped_back_takes_no_acknowledged_minute(day, ange, line):
    day.arrive(0, ange, line)
    day.stay(1, 20, ange, line)
    day.arrive(5, ange, line)
    day.beat(6, ange, line)
    assert Lease.objects.get().seen_at == day.at(20)
    day.leave(7, ange, line)
    assert Lease.objects.get().ended_at == day.at(20)
    events = PresenceEvent.objects.order_by("seq")
    assert sorted(event.recorded_at for event in events) == [event.recorded_at for event in events]
    day.close()
    assert day.row(ange).minutes == 20
    assert fault(day.session) is None


def test_closing_with_a_clock_stepped_back_keeps_the_last_beat(day, ange, line):
    day.arrive(0, ange, line)
    day.stay(1, 20, ange, line)
    with as_if(day.at(19)):
        attendance.end_leases(day.session)
    assert Lease.objects.get().ended_at == day.at(20)


def test_the_room_opens_before_the_start_and_closes_after_the_end(elia, ange, line):
    day = Day(cast.make_session(elia, minutes=60), elia)
    assert refusal(day.arrive, -16, ange, line) == "room_not_open"
    assert day.arrive(-15, ange, line).is_new
    assert refusal(day.arrive, 90, ange, uuid.uuid4()) == "room_over"
    day.open()
    assert day.arrive(90, ange, uuid.uuid4()).is_new  # an opened session lasts until it is closed


def test_nobody_arrives_at_a_closed_session(day, ange, line):
    day.close()
    assert refusal(day.arrive, 61, ange, line) == "room_over"


def fault(session):
    rows = session.presence_events.select_related("slot", "session").order_by("seq")
    return chain.first_fault((row.seq, row.prev_hash, row.hash, row.record()) for row in rows)


def test_the_ledger_verifies_as_it_comes_back_from_the_database(day, ange, bruna, line):
    day.arrive(0, ange, line)
    day.video(1, ange, line)
    day.arrive(30, ange, line, is_awake=True)
    day.arrive(31, bruna, uuid.uuid4())
    day.confirm(40, reason="Vue à l’écran")
    day.close()
    assert fault(day.session) is None
    assert day.session.presence_events.count() >= 6


@pytest.mark.parametrize(
    "change",
    [{"kind": "signed"}, {"reason": "x"}, {"subject": "0" * 64}, {"data": {}}, {"source": "paper"}],
)
def test_a_changed_row_is_found(day, ange, line, change):
    day.arrive(0, ange, line)
    day.leave(1, ange, line)
    day.arrive(5, ange, line)
    with tampering():
        PresenceEvent.objects.filter(seq=2).update(**change)
    assert fault(day.session) == (2, "content differs from its hash")


def test_closing_refuses_held_times_that_overlap_and_half_days_without_a_word(elia):
    start = cast.make_session(elia).starts_at
    walls = [(start + timedelta(hours=n), start + timedelta(hours=n + 2)) for n in (0, 3)]
    session = cast.make_session(elia, slots=[tuple(w.replace(tzinfo=None) for w in wall) for wall in walls])
    first, last = (slot for slot in session.slots.all())
    with as_if(first.starts_at):
        sessions.open_(session=session, by=elia)
    with as_if(last.ends_at):
        held = [
            (1, first.starts_at, last.starts_at + timedelta(minutes=5)),
            (2, last.starts_at, last.ends_at),
        ]
        close = {"session": session, "by": elia, "reason": "long"}
        assert refusal(sessions.close, **close, held=held) == "slots_overlap"
        only = [(1, first.starts_at, first.ends_at)]
        assert refusal(sessions.close, **close | {"reason": ""}, held=only) == "held_reason_missing"
        closed = sessions.close(**close, held=only)
    assert (closed.state, sheet(closed).held) == (State.ENDED, 120)


def test_a_session_forgotten_overnight_was_not_held_overnight(day):
    (_slot, begun, ended), *_rest = sessions.proposed_held(day.session, day.at(20 * 60))
    assert (begun, ended) == (day.at(0), day.at(60))
    (_slot, _begun, ended), *_rest = sessions.proposed_held(day.session, day.at(75))
    assert ended == day.at(75)
