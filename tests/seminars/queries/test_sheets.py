"""The sheet: every rule of its count, with exact minutes."""

import uuid
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import settings as limits
from hypothesis import strategies as st

from seminars.actions import answers, attendance, invitations, sessions
from seminars.evidence.intervals import Spans
from seminars.models import Lease, Slot
from seminars.moments import as_if, now
from seminars.queries.counting import part_of
from seminars.queries.sheets import connected, sheet
from seminars.vocabulary import Answer, Role
from tests import cast

NINE = datetime(2027, 1, 21, 9, tzinfo=UTC)
WHOLE = (0, 90)


def at(minute: float) -> datetime:
    return NINE + timedelta(minutes=minute)


def part(bound=WHOLE, **found):
    """A person's minutes in a half-day held in `bound`, from spans in minutes after nine."""
    times = {name: [(at(a), at(b)) for a, b in spans] for name, spans in found.items()}
    slot = Slot(number=1, starts_at=at(0), ends_at=at(90))
    return part_of(slot, Spans(**times), [(at(bound[0]), at(bound[1]))])


def test_presence_is_clipped_to_the_held_times():
    found = part(seen=[(-10, 30), (80, 120)])
    assert (found.minutes, found.first_in, found.last_out) == (40, at(0), at(90))


def test_overlapping_devices_count_once():
    assert part(seen=[(0, 40), (20, 60)]).minutes == 60


def test_a_gap_under_five_minutes_is_bridged_and_shown_and_one_of_five_is_not():
    assert (part(seen=[(0, 30), (34, 90)]).minutes, part(seen=[(0, 30), (34, 90)]).bridged) == (90, 4)
    assert (part(seen=[(0, 30), (35, 90)]).minutes, part(seen=[(0, 30), (35, 90)]).bridged) == (85, 0)


def test_an_absence_at_the_edge_is_never_bridged():
    found = part(seen=[(3, 88)])
    assert (found.minutes, found.bridged) == (85, 0)


def test_up_to_ten_replayed_minutes_count_and_eleven_wait_for_the_trainer():
    free, much = part(seen=[(0, 30)], replayed=[(30, 40)]), part(seen=[(0, 30)], replayed=[(30, 41)])
    assert (free.minutes, free.replayed, free.waiting) == (40, 10, 0)
    assert (much.minutes, much.replayed, much.waiting, much.unseen) == (30, 0, 11, 0)


def test_replayed_minutes_that_the_trainer_declared_count_as_declared():
    found = part(seen=[(0, 30)], replayed=[(30, 50)], declared=[(30, 50)])
    assert (found.minutes, found.declared, found.replayed, found.waiting) == (50, 20, 0, 0)


def test_only_replayed_minutes_within_the_half_day_are_weighed():
    assert part(replayed=[(-30, 5)]).minutes == 5


def test_unseen_minutes_are_shown_and_not_counted_until_they_are_declared():
    found = part(seen=[(0, 30), (47, 90)], unseen=[(30, 47)])
    assert (found.minutes, found.unseen, found.declared) == (73, 17, 0)
    found = part(seen=[(0, 30), (47, 90)], unseen=[(30, 47)], declared=[(30, 47)])
    assert (found.minutes, found.unseen, found.declared) == (90, 0, 17)


def test_minutes_seen_elsewhere_meanwhile_are_neither_unseen_nor_declared_twice():
    found = part(seen=[(0, 60)], unseen=[(30, 50)], declared=[(40, 70)])
    assert (found.minutes, found.unseen, found.declared) == (70, 0, 10)


def test_a_half_day_that_was_not_held_counts_nothing():
    slot = Slot(number=1, starts_at=at(0), ends_at=at(90))
    found = part_of(slot, Spans(seen=[(at(0), at(90))]), [])
    assert (found.minutes, found.first_in, found.times) == (0, None, ())


def test_many_fractions_of_a_second_lose_no_minute():
    cuts = [0, *(n * 77.700001 for n in range(1, 46)), 3600]
    spans = [(NINE + timedelta(seconds=a), NINE + timedelta(seconds=b)) for a, b in pairwise(cuts)]
    slot = Slot(number=1, starts_at=at(0), ends_at=at(60))
    assert part_of(slot, Spans(seen=spans), [(at(0), at(60))]).minutes == 60


times = st.lists(st.tuples(st.integers(-20, 120), st.integers(-20, 120)), max_size=5)


@limits(max_examples=150)
@given(seen=times, declared=times, replayed=times, unseen=times)
def test_every_minute_has_one_class(seen, declared, replayed, unseen):
    """Whole minutes, so that the count minute by minute is exact."""
    found = part(seen=seen, declared=declared, replayed=replayed, unseen=unseen)

    def within(minute, spans):
        return any(a <= minute < b for a, b in spans)

    sure = [m for m in range(90) if within(m, seen) or within(m, declared)]
    told = [m for m in range(90) if within(m, replayed) and m not in sure]
    counted = set(sure) | (set(told) if len(told) <= 10 else set())
    edges = sorted(counted)
    gaps = [set(range(a + 1, b)) for a, b in pairwise(edges) if b - a - 1 < 5]
    bridged = set().union(*gaps)
    whole = counted | bridged
    waiting = set(told) - whole
    assert (found.minutes, found.bridged) == (len(whole), len(bridged))
    assert found.declared == sum(within(m, declared) and not within(m, seen) for m in range(90))
    assert (found.replayed, found.waiting) == (len(told) if len(told) <= 10 else 0, len(waiting))
    assert found.unseen == sum(within(m, unseen) and m not in whole | waiting for m in range(90))


# --- The whole sheet ---------------------------------------------------------------------------------------------


def after(session, minutes):
    """Inside, it is so many minutes after the planned start, to the microsecond."""
    return as_if(session.starts_at + timedelta(minutes=minutes))


def come(session, person, **more):
    connection = uuid.uuid4()
    attendance.arrive(session=session, person=person, connection=connection, event=uuid.uuid4(), **more)
    return connection


def seen_until(connection, moment):
    Lease.objects.filter(pk=connection).update(seen_at=moment)


@pytest.fixture
def held(elia, ange, bruna, cyrille, daniele):
    """Ninety minutes: Ange all along, Bruna half, Cyrille said yes and did not come, Daniele came uninvited."""
    session = cast.make_session(elia, min_presence_percent=80)
    cast.invite(session, ange, bruna, cyrille)
    for one in session.invitations.exclude(person=bruna):
        answers.answer(invitation=one, answer=Answer.YES)
    with after(session, 0):
        session = sessions.open_(session=session, by=elia)
        lines = {one.key: come(session, one) for one in (elia, ange, bruna, daniele)}
    with after(session, 45):
        seen_until(lines["bruna"], now())
        attendance.leave(session=session, person=bruna, connection=lines["bruna"], event=uuid.uuid4())
    with after(session, 90):
        for key in ("elia", "ange", "daniele"):
            seen_until(lines[key], now())
    return session


def close(session, by):
    with after(session, 90):
        return sessions.close(session=session, by=by)


def test_the_sheet_of_a_closed_session(held, elia):
    found = sheet(close(held, elia))
    rows = {row.person.key: row for row in found.rows}
    assert [row.person.key for row in found.rows] == ["elia", "ange", "bruna", "cyrille", "daniele"]
    assert {key: row.minutes for key, row in rows.items()} == {
        "elia": 90,
        "ange": 90,
        "bruna": 45,
        "cyrille": 0,
        "daniele": 90,
    }
    assert [rows[key].is_met for key in ("elia", "ange", "bruna", "cyrille")] == [None, True, False, False]
    assert (rows["cyrille"].has_come, rows["daniele"].has_come, rows["daniele"].is_invited) == (
        False,
        True,
        False,
    )
    assert (found.planned, found.held, found.present, found.is_final) == (90, 90, 3, True)
    assert (rows["elia"].role, rows["ange"].role) == (Role.TRAINER, Role.PARTICIPANT)


def test_the_sheet_quotes_the_head_of_its_events(held, elia):
    closed = close(held, elia)
    last = closed.presence_events.order_by("seq").last()
    found = sheet(closed)
    assert (found.head, found.count) == (last.hash, last.seq)
    assert found.count == closed.presence_events.count()


def test_who_was_withdrawn_and_did_not_come_is_not_on_the_sheet(held, elia, cyrille, bruna):
    for one in held.invitations.filter(person__in=[cyrille, bruna]):
        invitations.withdraw(invitation=one, by=elia)
    assert [row.person.key for row in sheet(held).rows] == ["elia", "ange", "bruna", "daniele"]


def test_the_organisation_is_that_of_the_day_of_the_invitation(held, ange):
    ange.organisation = cast.organisation("it-coop", "IT")
    ange.save()
    row = next(row for row in sheet(held).rows if row.person == ange)
    assert (row.organisation_fr, row.country) == ("Organisation fr-county", "FR")


def test_a_running_session_counts_from_its_opening_to_now(held):
    with after(held, 60):
        found = sheet(held)
    assert (found.is_final, found.held) == (False, 60)


def test_who_would_meet_the_threshold_with_what_is_open_is_undecided(held, elia, bruna):
    """Half seen, half in the video: the trainer decides."""
    closed = close(held, elia)
    row = next(row for row in sheet(closed).rows if row.person == bruna)
    assert (row.is_met, row.is_undecided) == (False, False)
    attendance.append(
        session=closed,
        person=bruna,
        kind="left",
        source="companion",
        at=closed.starts_at + timedelta(minutes=45),
        connection=uuid.uuid4(),
        data={"video_until": (closed.starts_at + timedelta(minutes=90)).isoformat()},
    )
    row = next(row for row in sheet(closed).rows if row.person == bruna)
    assert (row.is_met, row.is_undecided) == (None, True)
    attendance.confirm(session=closed, by=elia, people=[bruna], reason="She spoke at the end")
    found = sheet(closed)
    row = next(row for row in found.rows if row.person == bruna)
    assert (row.is_met, row.open_minutes) == (True, 0)
    assert found.declarations == (("Elia Prova", "She spoke at the end"),)


def test_connected_are_those_who_are_heard_of(held, elia, ange, bruna, daniele):
    assert {one.key for one in connected(held)} == {"elia", "ange", "daniele"}


@pytest.mark.parametrize("count", [1, 3])
def test_a_sheet_takes_as_many_queries_for_one_as_for_three(elia, count, django_assert_num_queries):
    session = cast.make_session(elia)
    people = [cast.person(f"guest-{n}", f"Guest {n}", organisation_key="it-coop") for n in range(count)]
    cast.invite(session, *people)
    with after(session, 0):
        session = sessions.open_(session=session, by=elia)
        for one in people:
            come(session, one)
    with after(session, 30), django_assert_num_queries(15):
        assert len(sheet(session).rows) == count + 1
