"""Whatever a file holds, reading gives a programme that can be dated, or a ProgrammeError with its paths."""

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from seminars.exchange.expansion import as_json, dated
from seminars.exchange.programme import ProgrammeError, read
from tests.seminars.exchange.files import document, written

SMALL = document()
SMALL["sessions"] = [entry for entry in SMALL["sessions"] if entry["key"] in ("A1-01", "A1-04", "A1-05")]
TEXT = json.dumps(SMALL)

ODD_TEXTS = """
2027-03-28T02:30 9999-12-31T23:59 2199-12-31T23:59 00:00 23:59 Europe UTC Africa/Cairo America/Santiago /etc
FREQ=DAILY;COUNT=9999999999 FREQ=YEARLY;COUNT=500 FREQ=MONTHLY;BYDAY=5SU;COUNT=20 FREQ=DAILY;COUNT=500
FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30;COUNT=2 FREQ=WEEKLY;UNTIL=00010101T000000Z p01 fr online A1-04
"""
odd_texts = st.sampled_from(["", " ", "\x00", "\ud800", *ODD_TEXTS.split()])
odd = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20) | odd_texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["fr", "it", "key"]), inner),
    max_leaves=5,
)


def places(content: Any) -> list[tuple[Any, Any]]:
    """Every (container, name or index) of a parsed file."""
    if isinstance(content, dict):
        own: list[tuple[Any, Any]] = [(content, name) for name in content]
    elif isinstance(content, list):
        own = [(content, index) for index in range(len(content))]
    else:
        return []
    return own + [found for container, name in own for found in places(container[name])]


def assert_answered(text: bytes) -> None:
    try:
        programme = read(text)
    except ProgrammeError as error:
        assert error.problems
        assert (error.path, error.problem) == error.problems[0]
        assert all(path and sentence for path, sentence in error.problems)
        assert str(error).encode()
    else:
        sessions = dated(programme)
        assert json.dumps(as_json(sessions)).encode()
        assert all(session.start < session.end for session in sessions)
        assert len({session.key for session in sessions}) == len(sessions)


@settings(deadline=None, derandomize=True, max_examples=150)
@given(data=st.data())
def test_a_file_with_values_replaced_or_taken_away_is_read_or_refused(data: st.DataObject) -> None:
    content = json.loads(TEXT)
    for _ in range(data.draw(st.integers(1, 3))):
        # mostly sessions: there the checks lean on one another
        part = (
            content["sessions"]
            if data.draw(st.integers(0, 3)) and isinstance(content.get("sessions"), list)
            else content
        )
        every = places(part)
        if not every:
            break
        container, name = every[data.draw(st.integers(0, len(every) - 1))]
        if data.draw(st.booleans()):
            container[name] = data.draw(odd)
        else:
            del container[name]
    assert_answered(written(content))


@settings(deadline=None, derandomize=True, max_examples=100)
@given(data=st.data())
def test_a_file_with_bytes_cut_or_changed_is_read_or_refused(data: st.DataObject) -> None:
    text = bytearray(TEXT.encode())
    at = data.draw(st.integers(0, len(text) - 1))
    text[at : at + data.draw(st.integers(0, 30))] = data.draw(st.binary(max_size=5))
    assert_answered(bytes(text))


@settings(deadline=None, derandomize=True, max_examples=100)
@given(content=odd)
def test_any_json_at_all_is_refused(content: Any) -> None:
    assert_answered(written(content))
