"""The day of the last payment: what it ends, what it can't end, and who has to be sure of it."""

from datetime import UTC, date, datetime, timedelta

import pytest

from seminars.actions import keeping
from seminars.errors import Refused
from seminars.models import LastPayment, SealedSheet, Session
from seminars.moments import as_if
from seminars.queries import retention
from tests import certified
from tests.keepsakes import sealed_difficult, sealing_at

pytestmark = pytest.mark.django_db
SUMMER = datetime(2028, 6, 1, 12, tzinfo=UTC)


@pytest.fixture
def made(tmp_path, settings):
    sealing_at(tmp_path, settings)
    return sealed_difficult()[0]


def pay(made, day, at=SUMMER, **more):
    with as_if(at):
        return keeping.note_payment(project="", paid_on=day, by=made.people["camille"], **more)


def until(made):
    return retention.kept(made.session, retention.payments()).until


def test_a_payment_from_before_the_session_paid_for_something_else(made):
    pay(made, date(2019, 5, 1))
    with as_if(datetime(2030, 1, 1, tzinfo=UTC)):
        assert keeping.release_due() == {}
    assert SealedSheet.objects.get().people
    assert until(made) is None
    pay(made, date(2026, 3, 11))
    assert until(made) is None
    pay(made, date(2026, 3, 12))
    assert until(made) == date(2031, 12, 31)


def test_an_earlier_day_is_kept_only_from_whoever_knows_what_it_lets_go(made):
    pay(made, date(2028, 3, 1))
    with pytest.raises(Refused) as refused:
        pay(made, date(2027, 3, 1))
    assert (refused.value.code, until(made)) == ("paid_unsure", date(2033, 12, 31))
    pay(made, date(2027, 3, 1), sure_of=0)
    assert until(made) == date(2032, 12, 31)


def test_a_day_that_lets_go_of_names_is_asked_about_with_their_number(made):
    late = datetime(2034, 6, 1, tzinfo=UTC)
    with as_if(late):
        assert retention.effect("", date(2026, 6, 1)) == retention.Effect(sooner=1, released=1)
    for unsure in (None, 0, 2):
        with pytest.raises(Refused):
            pay(made, date(2026, 6, 1), late, sure_of=unsure)
    assert not LastPayment.objects.exists()
    pay(made, date(2026, 6, 1), late, sure_of=1)
    with as_if(late):
        assert keeping.release_due()["released"] == 1


def test_each_day_that_was_entered_stays_and_the_newest_counts(made):
    for day, sure in ((date(2028, 3, 1), None), (date(2027, 3, 1), 0), (date(2028, 2, 1), None)):
        pay(made, day, sure_of=sure)
    pay(made, date(2028, 2, 1))
    days = [each.paid_on for each in LastPayment.objects.all()]
    assert days == [date(2028, 3, 1), date(2027, 3, 1), date(2028, 2, 1)]
    assert until(made) == date(2033, 12, 31)


def test_sessions_that_never_end_are_named_with_why(made):
    session = made.session
    everything = Session.objects.all()
    with as_if(session.ends_at + timedelta(days=30)):
        assert retention.endless(everything) == []
        Session.objects.filter(pk=session.pk).update(incident="The line fell again")
        assert retention.endless(everything) == [(session, "changed")]
        Session.objects.filter(pk=session.pk).update(state="running")
        assert retention.endless(everything) == [(session, "running")]


def test_a_closed_session_without_a_seal_is_named_after_two_weeks(elia, ange):
    session = certified.held(elia, [(ange, 100)], is_sealed=False)
    for days, expected in ((13, []), (15, [(session, "unsealed")])):
        with as_if(session.ends_at + timedelta(days=days)):
            assert retention.endless(Session.objects.all()) == expected
