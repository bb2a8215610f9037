"""The code of the room: of one session and one minute, the present one and the one before it."""

from datetime import UTC, datetime, timedelta

import pytest

from seminars.actions import room_codes
from seminars.errors import Refused
from seminars.keys import ALPHABET
from seminars.moments import as_if
from seminars.vocabulary import Mode
from tests import cast

pytestmark = pytest.mark.django_db
AT = datetime(2027, 1, 21, 9, 0, 30, tzinfo=UTC)


@pytest.fixture
def session(elia):
    return cast.make_session(elia, datetime(2027, 1, 21, 9, 30), mode=Mode.IN_PERSON, place="Cuneo")


def test_a_code_is_six_signs_that_nobody_misreads(session):
    code = room_codes.code_of(session, AT)
    assert len(code) == 6 and set(code) <= set(ALPHABET)


def test_the_present_one_opens_and_the_one_before_and_no_other(session):
    code = room_codes.code_of(session, AT)
    for later, opens in (
        (0, True),
        (29, True),
        (60, True),
        (89, True),
        (90, False),
        (600, False),
        (-31, False),
    ):
        assert room_codes.accepts(session, code, AT + timedelta(seconds=later)) is opens


def test_it_is_renewed_each_minute_and_says_when(session):
    assert room_codes.renewed_at(AT) == AT + timedelta(seconds=30)
    codes = {room_codes.code_of(session, AT + timedelta(minutes=n)) for n in range(500)}
    assert len(codes) == 500


def test_another_session_has_another_code(session, elia):
    other = cast.make_session(elia)
    assert not room_codes.accepts(other, room_codes.code_of(session, AT), AT)


@pytest.mark.parametrize("typed", ["{} ", "{}".upper(), " {}"])
def test_case_blanks_and_dashes_say_nothing(session, typed):
    code = room_codes.code_of(session, AT)
    assert room_codes.accepts(session, typed.format(f"{code[:3]} {code[3:]}"), AT)
    assert room_codes.accepts(session, f"{code[:3]}-{code[3:]}".upper(), AT)


@pytest.mark.parametrize("typed", ["", "aaaaaa", "é" * 6, "a" * 100_000])
def test_whatever_else_opens_nothing(session, typed):
    assert not room_codes.accepts(session, typed, AT)


def test_a_code_is_found_only_while_something_can_be_signed(session):
    opens, too_early = datetime(2027, 1, 21, 8, 15, tzinfo=UTC), datetime(2027, 1, 21, 8, 14, tzinfo=UTC)
    with as_if(opens):
        assert room_codes.find(room_codes.code_of(session)) == session
        assert room_codes.is_shown(session)
    with as_if(too_early):
        assert not room_codes.is_shown(session)
        assert room_codes.shown_from(session, too_early) == opens
        with pytest.raises(Refused):
            room_codes.find(room_codes.code_of(session))
