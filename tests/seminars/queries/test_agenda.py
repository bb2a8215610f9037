"""The programme's days: who sees what, which days, and how few questions the database is asked."""

from datetime import date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from seminars.actions import answers, invitations, sessions
from seminars.models import Session, TeamMember
from seminars.permissions import ANYBODY, Actor, Level, allows
from seminars.queries import agenda
from seminars.vocabulary import Answer, Role
from tests import cast

pytestmark = pytest.mark.django_db
FIRST, LAST = date(2027, 3, 1), date(2027, 3, 31)


def on(day: int, hour: int = 9, minute: int = 0) -> datetime:
    return datetime(2027, 3, day, hour, minute)


def codes(days: list[agenda.Day]) -> list[str]:
    return [row.session.code for day in days for row in day.rows]


def test_everybody_sees_public_sessions_and_nobody_a_draft(elia):
    seen = cast.make_session(elia, on(4), is_public=True)
    cast.make_session(elia, on(5))
    cast.make_session(elia, on(6), is_public=True, is_draft=True)
    cast.make_session(elia, on(7), is_public=True, is_confidential=True)
    assert codes(agenda.days(ANYBODY, FIRST, LAST)) == [seen.code]


def test_the_programme_shows_what_the_permission_table_allows(elia, camille, andrea, ange, stranger):
    fr_lead, it_partner = camille.organisation, andrea.organisation
    plain = cast.make_session(elia, on(4))
    cast.invite(plain, ange)
    (gone,) = cast.invite(cast.make_session(elia, on(5)), ange)
    invitations.withdraw(invitation=gone, by=elia)
    cast.make_session(elia, on(6), is_public=True)
    cast.make_session(elia, on(7), host=fr_lead, is_confidential=True)
    co_organised = cast.make_session(elia, on(8), organisers=[it_partner])
    TeamMember.objects.create(session=co_organised, person=stranger, role=Role.INTERPRETER)
    every = list(Session.objects.order_by("starts_at"))
    for person in (elia, camille, andrea, ange, stranger):
        for level in (Level.INVITED, Level.READING, Level.FULL):
            actor = Actor(person, level)
            allowed = [one.code for one in every if allows("seminars.see_session", actor, one)]
            assert codes(agenda.days(actor, FIRST, LAST)) == allowed, (person.key, level)


def test_a_session_of_several_days_stands_once_in_the_agenda_and_on_each_day_of_the_week(elia):
    parts = [(on(day, 9), on(day, 12)) for day in (10, 11, 12)]
    cast.make_session(elia, slots=parts, is_public=True)
    (day,) = agenda.days(ANYBODY, FIRST, LAST)
    assert (day.date, day.rows[0].until) == (date(2027, 3, 10), date(2027, 3, 12))
    (late,) = agenda.days(ANYBODY, date(2027, 3, 11), LAST)
    assert late.date == date(2027, 3, 11), "a window that begins in its midst still shows it"
    week = agenda.week(ANYBODY, date(2027, 3, 8))
    assert [len(each.rows) for each in week] == [0, 0, 1, 1, 1, 0, 0]


def test_a_day_ends_at_midnight_of_the_zone(elia):
    cast.make_session(elia, on(31, 23), 30, is_public=True)
    assert agenda.days(ANYBODY, date(2027, 4, 1), date(2027, 4, 2)) == []
    assert [day.date for day in agenda.days(ANYBODY, FIRST, LAST)] == [LAST]


def test_filters_take_activities_and_a_mode(elia):
    one = cast.make_session(elia, on(4), is_public=True)
    two = cast.make_session(elia, on(5), is_public=True, activity=cast.activity("A3"))
    cast.make_session(elia, on(6), is_public=True, activity=cast.activity("A3"), mode="hybrid", place="Cuneo")
    found = agenda.days(ANYBODY, FIRST, LAST, agenda.Filters(["A3", "A1"], "online"))
    assert codes(found) == [one.code, two.code]


def test_places_are_what_the_yeses_leave(elia, ange, bruna):
    session = cast.make_session(elia, on(4), is_public=True, capacity=2)
    first, second = cast.invite(session, ange, bruna)
    answers.answer(invitation=first, answer=Answer.YES)
    answers.answer(invitation=second, answer=Answer.MAYBE)
    (day,) = agenda.days(Actor(ange, Level.FULL), FIRST, LAST)
    assert (day.rows[0].places, day.rows[0].invitation.answer) == (1, "yes")


def test_the_next_session_is_one_that_takes_place(elia):
    cancelled = cast.make_session(elia, on(4), is_public=True)
    sessions.cancel(session=cancelled, by=elia)
    coming = cast.make_session(elia, on(9), is_public=True)
    assert agenda.next_after(ANYBODY, FIRST) == coming
    assert agenda.next_after(ANYBODY, date(2027, 3, 9)) is None


@pytest.mark.parametrize("count", [1, 3])
def test_any_number_of_sessions_takes_four_queries(elia, ange, count):
    for number in range(count):
        session = cast.make_session(elia, on(4) + timedelta(days=number), is_public=True)
        cast.invite(session, ange)
    with CaptureQueriesContext(connection) as asked:
        days = agenda.days(Actor(ange, Level.FULL), FIRST, LAST)
        assert [row.session.activity.code for day in days for row in day.rows] == ["A1"] * count
    assert len(asked) == 4
