"""What a page kept without a line and says later: when it counts, as what, and when it is too late."""

import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from seminars.actions import sessions
from seminars.actions.connections import Beat, Join, Leave, Receipt, keep
from seminars.errors import Refused
from seminars.models import Lease, Presence, PresenceEvent, Session
from seminars.moments import as_if
from seminars.queries.sheets import sheet
from tests import cast

pytestmark = pytest.mark.django_db


class Page:
    """One person's page in a session of an hour: speaks at minutes after its start."""

    def __init__(self, session, person):
        self.session, self.person, self.connection = session, person, uuid.uuid4()

    def at(self, minute):
        return self.session.starts_at + timedelta(minutes=minute)

    def says(self, minute, kind, age=0.0, **more):
        if kind is not Beat:
            more = {"event": uuid.uuid4()} | more
        given = {"connection": self.connection, "age": timedelta(minutes=age)} | more
        with as_if(self.at(minute)):
            return keep([kind(self.session.pk, self.person.pk, **given)])[0]

    def mark(self, minute, age=0.0):
        return self.says(minute, Beat, age, event=uuid.uuid4())

    def row(self, minute=60):
        with as_if(self.at(minute)):
            row = next(row for row in sheet(self.session).rows if row.person == self.person)
        return row.minutes, row.parts[0].replayed, row.waiting


@pytest.fixture
def page(elia, ange):
    session = cast.make_session(elia, minutes=60)
    with as_if(session.starts_at):
        return Page(sessions.open_(session=session, by=elia), ange)


def closed(page, minute=60):
    with as_if(page.at(minute)):
        page.session = sessions.close(session=page.session, by=page.session.created_by)


def test_an_arrival_that_no_line_took_counts_from_then_on_as_replayed(page):
    assert page.says(8, Join, age=5, is_awake=True).at == page.at(3)
    for minute in range(9, 31):
        page.says(minute, Beat)
    assert page.row() == (27, 5, 0)
    assert PresenceEvent.objects.get().recorded_at == page.at(8)


def test_an_arrival_of_a_page_that_did_not_run_on_proves_nothing_more(page):
    page.says(30, Join, age=20)
    assert page.row() == (0, 0, 0)
    assert page.says(30, Beat).code == "lapsed"


def test_a_page_that_crashed_without_a_line_is_replayed_up_to_its_last_mark(page):
    closed(page)
    page.says(300, Join, age=295)
    page.mark(300, age=288)
    page.says(300, Leave, age=288)
    assert page.row() == (7, 7, 0)
    assert Lease.objects.get().ended_at == page.at(12)
    assert Presence.objects.get().left_at == page.at(12)
    assert [event.data.get("late") for event in PresenceEvent.objects.order_by("seq")] == [True] * 4


def test_a_mark_through_a_cut_is_replayed_once_however_often_it_is_said(page):
    page.says(0, Join)
    event = uuid.uuid4()
    first = page.says(8, Beat, event=event)
    assert (first.at, first.is_new, first.seq) == (page.at(8), True, Session.objects.get().live_seq)
    assert not page.says(9, Beat, age=1, event=event).is_new
    assert page.row() == (8, 8, 0)


def test_who_left_can_not_mark_the_time_away(page):
    page.says(0, Join)
    page.says(1, Leave)
    assert page.mark(8).code == "lapsed"


def test_a_mark_older_than_the_last_acknowledged_beat_says_nothing(page):
    page.says(0, Join)
    page.says(10, Join)
    assert not page.mark(20, age=15).is_new
    assert page.row() == (0, 0, 0)


def test_many_small_claims_are_no_seen_minutes(page):
    """Each within a lease of the one before: what was not heard then is replayed, and waits for the trainer."""
    page.says(58, Join, age=57)
    for minute in range(2, 58):
        page.mark(58, age=58 - minute)
    assert page.row() == (0, 0, 56)


@pytest.mark.parametrize("age", [60 * 24 * 7, 60 * 24 * 365 * 3000])
def test_an_absurd_age_claims_nothing_and_reaches_no_further_than_what_the_server_knows(page, age):
    assert page.says(5, Join, age=age).at == page.at(5)
    page.says(5, Join)
    assert page.says(6, Leave, age=age).at == page.at(5)
    assert page.row()[0] == 0


def test_nothing_is_replayed_to_before_the_room_opened_nor_after_the_last_day(page):
    closed(page)
    assert isinstance(page.says(61, Join, age=0), Refused)
    assert page.says(61, Join, age=0.5, connection=uuid.uuid4()).code == "room_over"
    assert isinstance(page.says(60 + 24 * 60, Join, age=24 * 60 + 5), Receipt)
    assert page.says(60 + 24 * 60 + 1, Join, age=24 * 60 + 5, connection=uuid.uuid4()).code == "room_over"


def test_a_claim_that_reaches_over_the_closing_ends_with_it(page):
    page.says(50, Join)
    closed(page)
    assert page.mark(90).code == "room_over"
    page.mark(90, age=31)
    assert Lease.objects.get().seen_at <= page.at(60)


def test_an_absurd_age_enters_no_room_that_is_over(page):
    closed(page)
    assert page.says(61, Join, age=60 * 24 * 7).code == "room_over"
    assert not PresenceEvent.objects.exists()


@pytest.mark.parametrize("is_awake", [True, False])
def test_an_arrival_told_after_the_closing_leaves_no_line_that_beats_on(page, is_awake):
    closed(page)
    page.says(61, Join, age=3, is_awake=is_awake)
    assert not Lease.objects.filter(ended_at=None).exists()
    assert Presence.objects.get().left_at == page.at(60 if is_awake else 58)
    assert page.says(61.2, Beat).code == "room_over"
    assert page.row(90) == ((2, 2, 0) if is_awake else (0, 0, 0))
    page.mark(62, age=2.5)  # the line counts as cut: the page may tell the rest
    assert page.row(90) == ((2, 2, 0) if is_awake else (1, 1, 0))
    assert not Lease.objects.filter(ended_at=None).exists()


def test_a_room_that_nobody_opened_takes_no_beats_when_its_hours_are_over(elia, ange):
    page = Page(cast.make_session(elia, minutes=60), ange)
    page.says(89, Join)
    assert isinstance(page.says(89.5, Beat), Receipt)
    assert page.says(90.5, Beat).code == "room_over"
    with as_if(page.at(90.5)):
        other = Beat(page.session.pk, ange.pk, page.connection, age=timedelta(seconds=1))
        again = Join(page.session.pk, ange.pk, page.connection, uuid.uuid4())
        assert [each.code for each in keep([other, again])] == ["room_over"] * 2


def test_an_old_arrival_does_not_bring_back_who_left_since(page):
    page.says(0, Join)
    page.says(1, Leave)
    before = PresenceEvent.objects.count()
    assert not page.says(12, Join, age=11.5).is_new
    assert PresenceEvent.objects.count() == before
    assert Presence.objects.get().left_at is not None


def test_a_new_connection_keeps_the_digest_of_its_secret_an_old_one_keeps_its_own(page):
    page.says(0, Join, secret_hash="a" * 64)
    page.says(1, Join, secret_hash="b" * 64)
    page.says(10, Join, secret_hash="c" * 64)
    assert Lease.objects.get().secret_hash == "a" * 64


def test_a_lie_in_a_batch_takes_nothing_from_the_others(page, bruna):
    session, mine = page.session.pk, page.connection
    page.says(0, Join)
    with as_if(page.at(1)):
        answers = keep([Beat(session, page.person.pk, mine), Beat(session, bruna.pk, mine)])
        assert [type(answer) for answer in answers] == [Receipt, Refused]
        answers = keep([Beat(session, bruna.pk, mine), Beat(session, page.person.pk, uuid.uuid4())])
        assert [answer.code for answer in answers] == ["lapsed", "lapsed"]


@pytest.mark.parametrize("kind", [Join, Beat, Leave])
def test_a_batch_of_a_hundred_costs_as_many_queries_as_one_of_three(page, kind):
    page.says(0, Join)
    counts = []
    for number in (3, 100):
        keys = [uuid.uuid4() for _ in range(number)]
        with as_if(page.at(0)):
            if kind is not Join:
                keep([Join(page.session.pk, page.person.pk, key, uuid.uuid4()) for key in keys])
            events = [{} if kind is Beat else {"event": uuid.uuid4()} for _ in keys]
            batch = [
                kind(page.session.pk, page.person.pk, key, **event)
                for key, event in zip(keys, events, strict=True)
            ]
            with CaptureQueriesContext(connection) as asked:
                keep(batch)
        counts.append(len([query for query in asked if "SAVEPOINT" not in query["sql"]]))
    assert counts[0] == counts[1] <= 16
