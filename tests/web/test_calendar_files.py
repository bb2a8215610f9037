"""One session as a file: for everybody, for its members, and by the link of a letter."""

from datetime import datetime, timedelta

import icalendar
import pytest
from django.test import Client
from django.urls import reverse

from seminars import addresses
from seminars.actions import answers, invitations, people, sessions
from seminars.models import Invitation, Person, Session
from seminars.vocabulary import Answer
from tests import cast
from tests.letterbox import keep

pytestmark = pytest.mark.django_db


@pytest.fixture
def session(elia: Person) -> Session:
    return cast.make_session(elia, is_public=True)


@pytest.fixture
def invitation(session: Session, ange: Person) -> Invitation:
    (made,) = cast.invite(session, ange)
    return made


def event_of(response) -> icalendar.Event:
    assert response.status_code == 200
    calendar = icalendar.Calendar.from_ical(response.content)
    (event,) = calendar.walk("VEVENT")
    keep(response.content, str(event["UID"]), "file", "ics")
    assert str(calendar["METHOD"]) == "PUBLISH"
    assert "ATTENDEE" not in event
    assert "ORGANIZER" not in event
    return event


def file(session: Session) -> str:
    return reverse("session-file", args=[session.code])


def test_everybody_keeps_a_public_session_without_a_way_in(client, session):
    response = client.get(file(session), headers={"Accept-Language": "it"})
    event = event_of(response)
    assert (str(event["UID"]), event["SEQUENCE"]) == (session.uid, session.sequence)
    assert str(event["SUMMARY"]) == session.title_it
    assert str(event["URL"]) == addresses.session(session.code)
    assert "CONFERENCE" not in event
    assert b"/room/" not in response.content.replace(b"\r\n ", b"")


def test_a_file_is_no_page_and_leaves_nothing_behind(client, session):
    response = client.get(file(session))
    assert response.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert response.headers["Content-Disposition"] == f'inline; filename="viso-{session.code}.ics"'
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert not response.cookies
    assert not client.cookies
    assert client.post(file(session)).status_code == 405


def test_its_members_find_their_way_in(client, session, invitation, ange, elia):
    for person in (ange, elia):
        event = event_of(cast.signed_in(Client(), person).get(file(session)))
        assert str(event["CONFERENCE"]) == addresses.room(session.code)
    assert "CONFERENCE" not in event_of(
        cast.signed_in(client, cast.person("stranger", "Sam")).get(file(session))
    )


def test_whoever_said_no_stays_free_in_file_feed_and_by_her_link(
    client, session, invitation, ange, elia, bruna
):
    answers.answer(invitation=invitation, answer=Answer.NO)
    cast.invite(session, bruna)
    _row, key = people.make_calendar_key(person=ange, name="phone")
    cast.signed_in(client, ange)
    fed = icalendar.Calendar.from_ical(client.get(f"/calendar/{key}.ics").content).walk("VEVENT")[0]
    linked = event_of(client.get(reverse("invitation-file", args=[invitation.token])))
    for event in (fed, linked, event_of(client.get(file(session)))):
        assert str(event["TRANSP"]) == "TRANSPARENT"
    for browser in (Client(), cast.signed_in(Client(), elia), cast.signed_in(Client(), bruna)):
        assert event_of(browser.get(file(session))).get("TRANSP", "OPAQUE") == "OPAQUE"


def test_what_is_not_for_everybody_is_for_its_members(client, elia, ange, bruna):
    session = cast.make_session(elia, title_fr="Violences", is_confidential=True)
    cast.invite(session, ange)
    event = event_of(cast.signed_in(Client(), ange).get(file(session)))
    assert "Violences" not in str(event["SUMMARY"])
    assert cast.signed_in(client, bruna).get(file(session)).status_code == 404
    assert Client().get(file(session)).status_code == 302


def test_a_draft_is_in_no_calendar(client, elia):
    session = cast.make_session(elia, is_draft=True)
    assert cast.signed_in(client, elia).get(file(session)).status_code == 404


def test_a_file_says_what_the_letters_say_after_each_change(client, session, clock):
    before = event_of(client.get(file(session)))
    clock.forward(minutes=1)
    sessions.cancel(session=session, by=session.created_by)
    after = event_of(client.get(file(session)))
    assert after["UID"] == before["UID"]
    assert after["SEQUENCE"] > before["SEQUENCE"]
    assert after["DTSTAMP"].dt > before["DTSTAMP"].dt
    assert str(after["STATUS"]) == "CANCELLED"


def test_her_link_gives_her_own_file_in_her_language(client, session, bruna):
    (invitation,) = cast.invite(session, bruna)
    response = client.get(
        reverse("invitation-file", args=[invitation.token]), headers={"Accept-Language": "fr"}
    )
    event = event_of(response)
    assert (str(event["UID"]), event["SEQUENCE"]) == (session.uid, session.sequence)
    assert str(event["SUMMARY"]) == session.title_it
    assert str(event["CONFERENCE"]) == addresses.invitation_room(invitation.token)
    assert str(event["URL"]) == addresses.invitation(invitation.token)
    assert response.headers["Content-Language"] == "it"
    assert "private" in response.headers["Cache-Control"]


def test_to_look_answers_nothing_and_opens_nothing(client, invitation):
    client.get(reverse("invitation-file", args=[invitation.token]))
    before = Invitation.objects.values().get()
    client.get(reverse("invitation-file", args=[invitation.token]))
    assert Invitation.objects.values().get() == before
    assert before["answer"] == ""
    assert not client.cookies
    assert client.get("/today/").status_code == 302


def test_a_link_that_was_taken_back_is_gone_and_a_foreign_one_absent(client, invitation):
    path = reverse("invitation-file", args=[invitation.token])
    invitations.withdraw(invitation=invitation, by=invitation.session.created_by)
    assert client.get(path).status_code == 410
    assert client.get("/i/nobody/session.ics").status_code == 404
    assert client.get(path.replace(invitation.token, invitation.token[:-1] + "x")).status_code == 404


def test_pages_offer_the_file(client, session, invitation, ange):
    assert file(session) in client.get(reverse("session", args=[session.code])).content.decode()
    hers = reverse("invitation-file", args=[invitation.token])
    assert hers in client.get(reverse("invitation", args=[invitation.token])).content.decode()
    assert file(session) in client.get("/programme/").content.decode()
    known = cast.signed_in(Client(), ange).get(reverse("session", args=[session.code]))
    assert file(session) in known.content.decode()


def test_what_is_cancelled_is_offered_no_more(client, session):
    sessions.cancel(session=session, by=session.created_by)
    assert file(session) not in client.get(reverse("session", args=[session.code])).content.decode()
    assert file(session) not in client.get("/programme/").content.decode()


@pytest.mark.parametrize("zone", ["Europe/Paris", "Europe/Rome"])
@pytest.mark.parametrize("day", [(2027, 3, 28), (2027, 10, 31)])
def test_a_file_has_its_zone_on_the_days_of_the_clock(client, elia, day, zone):
    start = datetime(*day, 9, 30)
    session = cast.make_session(elia, start, is_public=True, timezone=zone)
    event = event_of(client.get(file(session)))
    assert event["DTSTART"].params["TZID"] == zone
    assert event["DTEND"].dt - event["DTSTART"].dt == timedelta(minutes=90)
