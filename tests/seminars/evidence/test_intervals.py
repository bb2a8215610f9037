"""Minutes from events: each class by itself, and never a second twice."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from seminars import moments
from seminars.evidence.chain import stamp
from seminars.evidence.intervals import Event, spans

NINE = datetime(2027, 1, 21, 9, tzinfo=UTC)


def at(minute: float) -> datetime:
    return NINE + timedelta(minutes=minute)


def test_joining_and_leaving_is_one_span():
    whole = spans([Event("joined", at(0), "a"), Event("left", at(40), "a")], {})
    assert whole.seen == [(at(0), at(40))]


def test_an_open_connection_counts_to_its_last_acknowledged_beat():
    assert spans([Event("joined", at(0), "a")], {"a": at(12)}).seen == [(at(0), at(12))]
    assert moments.union(spans([Event("joined", at(0), "a")], {}).seen) == []


def test_two_connections_are_followed_apart():
    events = [
        Event("joined", at(0), "a"),
        Event("joined", at(20), "b"),
        Event("left", at(40), "a"),
        Event("left", at(60), "b"),
    ]
    whole = spans(events, {})
    assert whole.seen == [(at(0), at(40)), (at(20), at(60))]
    assert moments.union(whole.seen) == [(at(0), at(60))]


def test_a_cut_during_which_the_page_was_awake_is_replayed_and_one_it_slept_through_is_nothing():
    back = {"last_beat": stamp(at(10))}
    asleep = spans([Event("joined", at(0), "a"), Event("resumed", at(18), "a", back)], {"a": at(30)})
    awake = spans(
        [Event("joined", at(0), "a"), Event("resumed", at(18), "a", back | {"awake": True})], {"a": at(30)}
    )
    assert asleep.seen == awake.seen == [(at(0), at(10)), (at(18), at(30))]
    assert (asleep.replayed, asleep.unseen) == ([], [])
    assert (awake.replayed, awake.unseen) == ([(at(10), at(18))], [])


def test_a_return_from_the_video_leaves_unseen_minutes():
    back = {"last_beat": stamp(at(10)), "video": True}
    whole = spans([Event("joined", at(0), "a"), Event("resumed", at(27), "a", back)], {"a": at(30)})
    assert whole.unseen == [(at(10), at(27))]
    assert whole.replayed == []


def test_who_never_returned_from_the_video_is_unseen_until_the_closing():
    end = {"last_beat": stamp(at(10)), "video_until": stamp(at(90))}
    whole = spans([Event("joined", at(0), "a"), Event("left", at(10), "a", end)], {})
    assert (whole.seen, whole.unseen) == ([(at(0), at(10))], [(at(10), at(90))])


def test_a_return_after_the_sweep_ended_the_connection_begins_anew():
    back = {"last_beat": stamp(at(10))}
    events = [Event("joined", at(0), "a"), Event("left", at(10), "a"), Event("resumed", at(30), "a", back)]
    assert spans(events, {"a": at(45)}).seen == [(at(0), at(10)), (at(30), at(45))]


def test_what_the_trainer_declared_stands_apart():
    data = {"from": stamp(at(10)), "to": stamp(at(27))}
    whole = spans([Event("declared", at(95), None, data)], {})
    assert (whole.declared, whole.seen) == ([(at(10), at(27))], [])


LAST = 200
seconds = st.integers(0, LAST)
some_spans = st.lists(st.tuples(seconds, seconds), max_size=6)


def moment(second: int) -> datetime:
    return NINE + timedelta(seconds=second)


@given(visits=some_spans, bound=st.tuples(seconds, seconds))
def test_the_time_counted_equals_a_count_second_by_second(visits, bound):
    events = []
    for number, (start, end) in enumerate(visits):
        events += [Event("joined", moment(start), str(number)), Event("left", moment(end), str(number))]
    found = moments.clip(spans(events, {}).seen, [(moment(bound[0]), moment(bound[1]))])
    brute = sum(
        bound[0] <= second < bound[1] and any(start <= second < end for start, end in visits)
        for second in range(LAST)
    )
    assert moments.seconds(found) == brute


@given(one=some_spans, taken=some_spans)
def test_what_is_left_without_the_proved_equals_a_count_second_by_second(one, taken):
    def times(given_):
        return [(moment(start), moment(end)) for start, end in given_]

    def within(second, given_):
        return any(start <= second < end for start, end in given_)

    left = moments.without(times(one), times(taken))
    assert moments.seconds(left) == sum(within(s, one) and not within(s, taken) for s in range(LAST))


@given(visits=some_spans, gap=st.integers(1, 40))
def test_bridged_gaps_are_shorter_than_the_limit_and_are_all_that_was_added(visits, gap):
    times = [(moment(start), moment(end)) for start, end in visits]
    whole, gaps = moments.bridge(times, timedelta(seconds=gap))
    assert all(end - start < timedelta(seconds=gap) for start, end in gaps)
    assert moments.seconds(whole) == moments.seconds(times) + moments.seconds(gaps)
    assert all(b[0] - a[1] >= timedelta(seconds=gap) for a, b in pairwise(whole))
