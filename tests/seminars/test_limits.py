"""Counts of tries: a window begins with its first, ends by itself, and says how long it still takes."""

import pytest
from django.core.cache import caches

from seminars import limits
from seminars.limits import Limit

PAIR = Limit("test", 2, 60)


@pytest.fixture(autouse=True)
def _no_counts() -> None:
    caches["shared"].clear()


def test_so_many_may_and_the_next_waits() -> None:
    assert [PAIR.take("a") for _ in range(2)] == [0, 0]
    assert 55 <= PAIR.take("a") <= 60
    assert 55 <= PAIR.wait("a") <= 60
    assert PAIR.take("b") == 0


def test_looking_counts_nothing() -> None:
    assert [PAIR.wait("a") for _ in range(5)] == [0] * 5
    assert PAIR.count("a") == 1


def test_two_limits_count_apart() -> None:
    PAIR.count("a")
    assert Limit("other", 2, 60).count("a") == 1


def test_the_window_does_not_begin_again_with_each_try(monkeypatch: pytest.MonkeyPatch) -> None:
    PAIR.count("a")
    later = limits.time.time() + 50
    monkeypatch.setattr(limits.time, "time", lambda: later)
    PAIR.count("a")
    assert PAIR.wait("a") <= 11


def test_a_window_that_ends_between_looking_and_adding_does_not_stay_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Redis adds to a key that has just gone by making one that never ends."""
    shared = caches["shared"]
    PAIR.count("a")
    key, touched = PAIR._key("a"), []
    monkeypatch.setattr(type(shared), "incr", lambda self, name: 1)
    monkeypatch.setattr(type(shared), "touch", lambda self, name, seconds: touched.append((name, seconds)))
    assert PAIR.count("a") == 1
    assert touched == [(key, 60)]
