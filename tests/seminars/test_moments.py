"""Zones, spans, and the clock."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seminars import moments

START = datetime(2027, 1, 21, 9, tzinfo=UTC)
spans = st.lists(
    st.tuples(st.integers(0, 120), st.integers(0, 120)).map(
        lambda pair: (START + timedelta(minutes=pair[0]), START + timedelta(minutes=pair[1]))
    ),
    max_size=12,
)


def minutes_of(given_spans: list[moments.Span]) -> set[int]:
    """The minutes that spans cover, counted one by one."""
    return {
        minute for minute in range(121) for a, b in given_spans if a <= START + timedelta(minutes=minute) < b
    }


@given(spans)
def test_a_union_covers_the_same_minutes_and_never_overlaps(some):
    whole = moments.union(some)
    assert minutes_of(whole) == minutes_of(some)
    assert all(a[1] < b[0] for a, b in pairwise(whole))


@given(spans, spans)
def test_clipping_and_taking_away_share_the_time_between_them(some, bounds):
    inside, outside = moments.clip(some, bounds), moments.without(some, bounds)
    assert minutes_of(inside) == minutes_of(some) & minutes_of(bounds)
    assert minutes_of(outside) == minutes_of(some) - minutes_of(bounds)


@given(spans)
def test_bridged_gaps_are_shorter_than_the_gap_and_are_reported(some):
    whole, gaps = moments.bridge(some, timedelta(minutes=5))
    assert all(b - a < timedelta(minutes=5) for a, b in gaps)
    assert minutes_of(whole) == minutes_of(some) | minutes_of(gaps)


@pytest.mark.parametrize("zone", ["Europe/Paris", "Europe/Rome"])
def test_the_hour_that_spring_leaves_out_does_not_exist(zone):
    assert not moments.is_real(datetime(2027, 3, 28, 2, 30), zone)
    assert moments.is_real(datetime(2027, 3, 28, 3, 0), zone)
    with pytest.raises(ValueError, match="does not exist"):
        moments.at(datetime(2027, 3, 28, 2, 30), zone)


@pytest.mark.parametrize("zone", ["Europe/Paris", "Europe/Rome"])
def test_the_hour_that_autumn_repeats_comes_twice(zone):
    assert moments.is_twice(datetime(2027, 10, 31, 2, 30), zone)
    assert not moments.is_twice(datetime(2027, 10, 31, 3, 0), zone)
    assert not moments.is_twice(datetime(2027, 3, 28, 2, 30), zone)


def test_inside_as_if_it_is_another_hour_and_afterwards_it_is_not():
    with moments.as_if(START):
        assert moments.now() == START
    assert moments.now() != START


def test_the_clock_file_shifts_the_present(clock):
    before = moments.now()
    clock.forward(minutes=42)
    assert timedelta(minutes=41) < moments.now() - before < timedelta(minutes=43)
