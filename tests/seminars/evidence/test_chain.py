"""The chain finds every change, whatever it touches."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from seminars.evidence import chain


def rows(count: int) -> list[tuple[int, str, str, dict]]:
    found, previous = [], chain.GENESIS
    for seq in range(1, count + 1):
        record = {"seq": seq, "kind": "joined", "data": {"awake": True, "été": "più"}}
        own = chain.link(previous, record)
        found.append((seq, previous, own, record))
        previous = own
    return found


def test_an_untouched_chain_holds():
    assert chain.first_fault(rows(5)) is None
    assert chain.first_fault([]) is None


def test_a_changed_record_is_found_where_it_stands():
    whole = rows(5)
    whole[2] = (*whole[2][:3], {"seq": 3, "kind": "left"})
    assert chain.first_fault(whole) == (3, "content differs from its hash")


def test_a_changed_record_with_a_new_hash_is_found_at_the_next_row():
    whole = rows(5)
    changed = {"seq": 3, "kind": "left"}
    whole[2] = (3, whole[2][1], chain.link(whole[2][1], changed), changed)
    assert chain.first_fault(whole) == (4, "does not quote the event before it")


def test_a_missing_row_is_found():
    whole = rows(5)
    assert chain.first_fault(whole[:1] + whole[2:]) == (3, "expected number 2")
    assert chain.first_fault(whole[1:]) == (2, "expected number 1")


def test_two_rows_in_each_others_place_are_found():
    whole = rows(3)
    assert chain.first_fault([whole[0], whole[2], whole[1]]) == (3, "expected number 2")


def test_the_canonical_text_knows_no_order_of_keys_and_no_spaces():
    assert chain.canonical({"b": 1, "a": ["è", None]}) == '{"a":["è",null],"b":1}'.encode()
    assert chain.canonical({"a": (1, 2)}) == chain.canonical({"a": [1, 2]})


@pytest.mark.parametrize("value", [1.5, b"x", datetime(2027, 1, 1, tzinfo=UTC), {1, 2}])
def test_what_has_no_canonical_form_is_refused(value):
    with pytest.raises(TypeError):
        chain.canonical({"a": [value]})


def test_a_stamp_is_the_same_from_every_zone():
    paris = timezone(timedelta(hours=1))
    assert chain.stamp(datetime(2027, 1, 21, 9, 30, tzinfo=paris)) == "2027-01-21T08:30:00.000000Z"
    assert chain.stamp(datetime(2027, 1, 21, 8, 30, tzinfo=UTC)) == "2027-01-21T08:30:00.000000Z"


def test_a_commitment_hides_its_person_behind_its_salt():
    one, other = chain.new_salt(), chain.new_salt()
    assert chain.commitment(one, "p1") == chain.commitment(one, "p1")
    assert len({chain.commitment(one, "p1"), chain.commitment(other, "p1"), chain.commitment(one, "p2")}) == 3
