"""Which sessions stand in a feed, what it says of them, and when its version changes."""

from datetime import timedelta

import icalendar
import pytest
from django.utils import translation

from seminars import addresses
from seminars.actions import answers, invitations, people, sessions
from seminars.models import Session
from seminars.queries import calendars, scopes
from tests import cast

pytestmark = pytest.mark.django_db


def body(scope: scopes.Scope) -> bytes:
    return calendars.feed(scope).body


def events(scope: scopes.Scope) -> list[icalendar.Event]:
    return icalendar.Calendar.from_ical(body(scope)).walk("VEVENT")


def test_a_persons_feed_holds_her_team_and_her_invitations(elia, ange, bruna):
    mine, other = cast.make_session(elia), cast.make_session(elia)
    cast.invite(mine, ange)
    cast.invite(other, bruna)
    assert [event["UID"] for event in events(scopes.of_person(ange))] == [mine.uid]
    assert {event["UID"] for event in events(scopes.of_person(elia))} == {mine.uid, other.uid}


def test_a_feed_speaks_the_persons_language_and_shows_her_the_room(elia, ange, bruna):
    session = cast.make_session(elia)
    cast.invite(session, ange, bruna)
    (french,), (italian,) = events(scopes.of_person(ange)), events(scopes.of_person(bruna))
    assert (str(french["SUMMARY"]), str(italian["SUMMARY"])) == (session.title_fr, session.title_it)
    assert str(french["CONFERENCE"]) == addresses.room(session.code)
    assert "ATTENDEE" not in french
    assert "ORGANIZER" not in french


def test_the_public_feed_shows_neither_names_nor_rooms_nor_what_is_not_public(elia, ange):
    shown = cast.make_session(elia, is_public=True)
    cast.make_session(elia, is_public=True, is_confidential=True)
    cast.make_session(elia, is_public=True, is_draft=True)
    cast.make_session(elia)
    cast.invite(shown, ange)
    (event,) = events(scopes.of_everybody("it"))
    assert (event["UID"], str(event["SUMMARY"])) == (shown.uid, shown.title_it)
    whole = body(scopes.of_everybody("it")).replace(b"\r\n ", b"").decode()
    for hidden in ("/room/", "/i/", "ATTENDEE", "ORGANIZER", elia.name, elia.email, ange.name, "METHOD"):
        assert hidden not in whole
    assert str(event["URL"]) == addresses.session(shown.code)


def test_a_confidential_session_is_only_occupied_in_its_members_feed(elia, ange):
    cast.invite(cast.make_session(elia, title_fr="Violences", is_confidential=True), ange)
    (event,) = events(scopes.Scope("en", ange))
    assert str(event["SUMMARY"]) == "Occupied"
    assert b"Violences" not in body(scopes.of_person(ange))


def test_the_same_feed_has_the_same_bytes(elia, ange, clock):
    cast.invite(cast.make_session(elia), ange)
    before = calendars.feed(scopes.of_person(ange))
    clock.forward(minutes=5)
    assert calendars.feed(scopes.of_person(ange)) == before


def test_each_change_gives_the_feed_another_version(elia, ange):
    scope = scopes.of_person(ange)
    name = people.make_calendar_key(person=ange, name="phone")[0].key_hash
    marks = [calendars.feed_version(name)]
    bodies = [body(scope)]

    def note() -> None:
        marks.append(calendars.feed_version(name))
        bodies.append(body(scope))

    session = cast.make_session(elia)
    (invitation,) = cast.invite(session, ange)
    note()
    sessions.edit(session=session, by=elia, title_fr="Autres mots")
    note()
    answers.answer(invitation=invitation, answer="no")
    note()
    invitations.withdraw(invitation=invitation, by=elia)
    note()
    cast.invite(session, ange)
    note()
    sessions.cancel(session=Session.objects.get(), by=elia)
    note()
    assert len(set(marks)) == len(marks)
    # An invitation taken back leaves the feed as empty as it was.
    assert len(set(bodies)) == len(bodies) - 1


def test_a_declined_session_leaves_the_time_free(elia, ange):
    (invitation,) = cast.invite(cast.make_session(elia), ange)
    answers.answer(invitation=invitation, answer="no")
    (event,) = events(scopes.of_person(ange))
    assert str(event["TRANSP"]) == "TRANSPARENT"


def test_a_cancelled_session_stays_for_some_weeks_and_says_so(elia, ange, clock, settings):
    session = cast.make_session(elia)
    cast.invite(session, ange)
    sessions.cancel(session=session, by=elia)
    (event,) = events(scopes.Scope("en", ange))
    assert (str(event["STATUS"]), str(event["SUMMARY"])) == ("CANCELLED", f"[cancelled] {session.title_fr}")
    assert event["SEQUENCE"] == 1
    assert "CONFERENCE" not in event
    clock.forward(days=settings.FEED_CANCELLED_DAYS + 1)
    assert events(scopes.of_person(ange)) == []


def test_the_past_stays_for_half_a_year(elia, clock, settings):
    session = cast.make_session(elia, is_public=True)
    clock.at(session.ends_at + timedelta(days=settings.FEED_PAST_DAYS - 1))
    assert len(events(scopes.of_everybody("fr"))) == 1
    clock.forward(days=2)
    assert events(scopes.of_everybody("fr")) == []


def test_a_feed_too_long_keeps_what_comes_before_what_was(elia, clock, monkeypatch):
    monkeypatch.setattr(calendars, "MOST_ENTRIES", 2)
    first = cast.make_session(elia, is_public=True)
    later = [cast.make_session(elia, first.starts_at + timedelta(days=n), is_public=True) for n in (2, 4)]
    assert [event["UID"] for event in events(scopes.of_everybody("fr"))] == [first.uid, later[0].uid]
    clock.at(first.ends_at + timedelta(minutes=1))
    assert [event["UID"] for event in events(scopes.of_everybody("fr"))] == [each.uid for each in later]


@pytest.mark.parametrize("count", [1, 3])
def test_a_feed_costs_the_same_however_long_it_is(elia, ange, count, django_assert_num_queries):
    for _ in range(count):
        cast.invite(cast.make_session(elia), ange)
    scope = scopes.of_person(ange)
    with django_assert_num_queries(3):
        body(scope)


def test_one_session_is_a_file_to_keep(elia):
    session = cast.make_session(elia, is_public=True)
    with translation.override("fr"):
        calendar = icalendar.Calendar.from_ical(calendars.file_of(session, "it"))
    (event,) = calendar.walk("VEVENT")
    assert (str(calendar["METHOD"]), str(event["SUMMARY"])) == ("PUBLISH", session.title_it)
