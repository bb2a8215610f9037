"""Seats of organisations: kept, taken away, and never given twice."""

import pytest
from django.utils import translation

from seminars import refusals
from seminars.actions import answers, invitations, quotas
from seminars.actions import sessions as session_actions
from seminars.errors import Refused
from seminars.exchange.address import Address
from seminars.models import Invitation, Organisation, Person, Quota, Session
from seminars.queries.seats import seats
from seminars.vocabulary import Answer, Role
from tests import cast
from tests.seminars.actions.test_strangers import TWO_AT_ONCE, at_once

pytestmark = pytest.mark.django_db


@pytest.fixture
def session(elia: Person, dominique: Person) -> Session:
    return cast.make_session(elia, team=[(dominique, Role.TRAINER)])


@pytest.fixture
def county(ange: Person) -> Organisation:
    assert ange.organisation is not None
    return ange.organisation


def taken(session: Session) -> list[tuple[int, int]]:
    return [(one.seats, one.taken) for one in seats(session)]


def test_seats_are_set_changed_and_taken_away(session: Session, elia: Person, county: Organisation) -> None:
    for number in (3, 0, 999):
        quotas.keep(session=session, by=elia, seats={county: number})
        assert Quota.objects.get().seats == number
    quotas.keep(session=session, by=elia, seats={county: None})
    assert not Quota.objects.exists()


@pytest.mark.parametrize("number", [-1, 1000])
def test_a_number_that_can_not_be_changes_nothing(
    session: Session, elia: Person, county: Organisation, number: int
) -> None:
    other = cast.organisation("fr-other", "FR")
    with pytest.raises(Refused, match="seats_wrong"):
        quotas.keep(session=session, by=elia, seats={other: 2, county: number})
    assert not Quota.objects.exists(), "all or nothing"


def test_a_session_that_is_cancelled_takes_no_seats(
    session: Session, elia: Person, county: Organisation
) -> None:
    session_actions.cancel(session=session, by=elia)
    with pytest.raises(Refused, match="not_now"):
        quotas.keep(session=session, by=elia, seats={county: 2})


def test_who_was_invited_before_a_smaller_number_stays_invited(
    session: Session, elia: Person, ange: Person, dominique: Person, county: Organisation
) -> None:
    cast.invite(session, ange, dominique)
    quotas.keep(session=session, by=elia, seats={county: 1})
    assert taken(session) == [(1, 2)]
    done = invitations.invite(session=session, by=elia, addresses=[Address(1, ange.email)])
    assert done.already == [ange], "a second round needs no seat for her"


def test_two_hosts_share_the_same_seats(
    session: Session, elia: Person, ange: Person, dominique: Person, county: Organisation
) -> None:
    quotas.keep(session=session, by=elia, seats={county: 1})
    cast.invite(session, ange, by=elia)
    with pytest.raises(Refused, match="over_quota"):
        cast.invite(session, dominique, by=dominique)
    answers.answer(invitation=Invitation.objects.get(), answer=Answer.NO)
    cast.invite(session, dominique, by=dominique)
    assert taken(session) == [(1, 1)]


@TWO_AT_ONCE
@pytest.mark.django_db(transaction=True)
def test_two_hosts_at_once_do_not_give_one_seat_twice(
    session: Session, elia: Person, ange: Person, dominique: Person, county: Organisation
) -> None:
    quotas.keep(session=session, by=elia, seats={county: 1})
    faults = at_once(
        lambda: cast.invite(session, ange, by=elia), lambda: cast.invite(session, dominique, by=dominique)
    )
    assert [fault.split(":")[0] for fault in faults] == ["Refused"]
    assert taken(session) == [(1, 1)]


@pytest.mark.parametrize(("number", "words"), [(0, "has 0 seats."), (1, "has 1 seat."), (2, "has 2 seats.")])
def test_one_seat_is_said_otherwise_than_several(number: int, words: str) -> None:
    refused = Refused("over_quota", organisation="Ente", seats=number, taken=1, over=1)
    with translation.override("en"):
        assert words in refusals.sentence(refused)
