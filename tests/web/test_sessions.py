"""The page of a session, and changing it: each reader finds what she came for, letters leave where a date changes."""

import re
import uuid
from datetime import date, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from seminars import moments, saying
from seminars.actions import answers, attendance, convocations, rooms, sessions
from seminars.models import Activity, Letter, Organisation, Person
from seminars.vocabulary import Answer, LetterState, Role, State
from tests import cast
from tests.web.forms import at_field, filled, moved, planned, see

pytestmark = pytest.mark.django_db


# --- The page of a session ----------------------------------------------------------------------------------------


def test_the_page_speaks_both_languages_and_names_the_zone(client, elia):
    session = cast.make_session(elia, datetime(2027, 3, 11, 14), is_public=True, timezone="Europe/Rome")
    page = see(client, session)
    assert '<p class="other" lang="it">Le parole del lavoro sociale</p>' in page
    assert "heure de Paris (UTC+1)" in page, "one clock, the reader's own city"
    assert "Elia Prova" in page
    assert elia.email not in page


def test_a_foreign_code_answers_as_an_absent_one(client, elia, stranger):
    session = cast.make_session(elia)
    cast.signed_in(client, stranger)
    answers = [client.get(f"/sessions/{code}/") for code in (session.code, "aaaaaaaaaaaa")]
    assert [answer.status_code for answer in answers] == [404, 404]
    bodies = [re.sub(r'value="[^"]*"', "", answer.content.decode()) for answer in answers]
    assert bodies[0].replace(session.code, "") == bodies[1].replace("aaaaaaaaaaaa", "")


def test_each_reader_finds_one_filled_button_for_what_she_came_for(client, elia, ange, bruna, clock):
    session = cast.make_session(elia, is_public=True)
    at = {
        name: reverse(name, args=[session.code])
        for name in (
            "session-people",
            "session-letters",
            "session-host",
            "session-room",
            "session-sheet",
            "session-feedback",
        )
    }

    def offer(person: Person) -> str:
        page = see(cast.signed_in(Client(), person), session)
        found = re.findall(r'<a class="button go[^"]*" href="([^"]+)"', page)
        found += re.findall(r'<button class="button go"[^>]*value="yes"()', page)[:1]
        assert len(found) <= 1
        return found[0] if found else "none"

    assert filled(see(client, session)) == [], "a visitor is asked for nothing"
    assert offer(elia) == at["session-people"]
    first, _second = cast.invite(session, ange, bruna)
    assert offer(elia) == "none", "nothing to do before its day"
    Letter.objects.filter(invitation=first).update(state=LetterState.FAILED)
    assert offer(elia) == at["session-letters"]
    assert offer(ange) == "", "the answer"
    answers.answer(invitation=first, answer=Answer.YES)
    clock.at(session.starts_at - timedelta(hours=6))
    assert offer(elia) == at["session-host"]
    clock.at(session.starts_at - timedelta(minutes=10))
    session.refresh_from_db()
    assert offer(ange) == at["session-room"]
    sessions.open_(session=session, by=elia)
    rooms.enter_video(session=session, person=ange, connection=uuid.uuid4(), event=uuid.uuid4())
    clock.at(session.ends_at)
    sessions.close(session=session, by=elia)
    session.refresh_from_db()
    assert offer(elia) == at["session-sheet"]
    assert offer(ange) == at["session-feedback"]
    assert offer(bruna) == "none"
    assert attendance.people_present(session) == [ange.pk]


def test_a_host_is_told_when_one_country_organises_alone(client, elia, camille):
    alone = cast.make_session(elia)
    cast.signed_in(client, elia)
    assert 'class="notice care"' in see(client, alone)
    joint = cast.make_session(elia, organisers=[camille.organisation])
    assert 'class="notice care"' not in see(client, joint)
    visitors = cast.make_session(elia, is_public=True)
    assert 'class="notice care"' not in see(Client(), visitors)


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_asks_the_database_as_often_for_many_as_for_one(client, elia, camille, count):
    names = ["a", "b", "c"][:count]
    people = [cast.person(name, f"Person {name}", Role.SPEAKER, "FR", f"org-{name}") for name in names]
    session = cast.make_session(elia, is_public=True, team=[(one, Role.SPEAKER) for one in people])
    cast.signed_in(client, elia)
    see(client, session)
    with CaptureQueriesContext(connection) as asked:
        see(client, session)
    assert len(asked) == 14


def test_no_two_acts_of_a_session_lead_to_one_address(client, elia, ange):
    session = cast.make_session(elia)
    cast.signed_in(client, elia)
    people = reverse("session-people", args=[session.code])
    assert see(client, session).count(f'href="{people}"') == 1
    cast.invite(session, ange)
    assert see(client, session).count(f'href="{people}"') == 1


def test_a_cancelled_session_promises_no_room_no_places_and_no_joint_count(client, elia, ange):
    session = cast.make_session(elia, capacity=12)
    cast.invite(session, ange)
    Letter.objects.update(state=LetterState.SENT)
    cast.signed_in(client, elia)
    english = {"accept-language": "en"}
    response = client.post(reverse("session-cancel", args=[session.code]), follow=True, headers=english)
    page = response.content.decode()
    assert "The session is cancelled. One letter is on its way." in page
    for words in ("The room opens", "places in all", "will not count as joint"):
        assert words not in page


def test_cancelling_says_that_nobody_is_written_to_who_was_never_told(client, elia, ange):
    session = cast.make_session(elia)
    cast.invite(session, ange)
    cast.signed_in(client, elia)
    english = {"accept-language": "en"}
    response = client.post(reverse("session-cancel", args=[session.code]), follow=True, headers=english)
    assert "The session is cancelled. No letter leaves." in response.content.decode()


# --- Changing -----------------------------------------------------------------------------------------------------


def test_a_moved_session_keeps_what_was_not_touched_and_tells_everybody(client, elia, ange):
    session = cast.make_session(elia, timezone="Europe/Rome")
    cast.invite(session, ange)
    Letter.objects.update(state=LetterState.SENT)
    cast.signed_in(client, elia)
    address = reverse("session-move", args=[session.code])
    assert client.get(address).context["letters"] == 1
    response = client.post(address, moved(), follow=True, headers={"accept-language": "en"})
    assert [str(one) for one in response.context["messages"]] == [
        "Moved: Thursday 11 March 2027, 14:00. One letter is on its way."
    ]
    session.refresh_from_db()
    assert (session.sequence, session.starts_at.isoformat()) == (1, "2027-03-11T13:00:00+00:00")


def test_a_moved_session_says_when_it_was_before(client, elia, ange):
    session = cast.make_session(elia, datetime(2027, 3, 10, 9), is_public=True)
    (invitation,) = cast.invite(session, ange)
    slots = [(datetime(2027, 3, 11, 14), datetime(2027, 3, 11, 15))]
    session = sessions.move(session=session, by=elia, slots=slots)
    session = sessions.edit(session=session, by=elia, title_fr="D’autres mots")
    words = "<del>mercredi 10 mars 2027, 9\u202fh\u202f00 à 10\u202fh\u202f30</del>"
    assert words in see(client, session), "the new title is not what changed the hour"
    assert words in client.get(reverse("invitation", args=[invitation.token])).content.decode()
    shown = client.get(reverse("programme") + "?from=2027-03-01").content.decode()
    assert '<del><span class="sr">avant' in shown
    assert f"{saying.short_day(date(2027, 3, 10), 'UTC', 'fr')}, 9\u202fh\u202f00</del>" in shown
    sessions.cancel(session=session, by=elia)
    assert "mercredi 10 mars" not in see(client, session)


def test_the_button_that_moves_says_how_many_letters_leave(client, elia, ange, bruna):
    session = cast.make_session(elia)
    cast.signed_in(client, elia)
    client.cookies["django_language"] = "en"
    address = reverse("session-move", args=[session.code])
    assert filled(client.get(address).content.decode()) == ["Move"]
    cast.invite(session, ange, bruna)
    assert filled(client.get(address).content.decode()) == ["Move, 2 letters"]


def test_moving_says_that_convocations_no_longer_hold_and_leads_to_new_ones(client, elia, ange, bruna):
    session = cast.make_session(elia)
    coming, _ = cast.invite(session, ange, bruna)
    answers.answer(invitation=coming, answer="yes")
    cast.signed_in(client, elia)
    client.cookies["django_language"] = "en"
    address, said = (
        reverse("session-move", args=[session.code]),
        "1 person has a convocation with the present time.",
    )
    assert said not in client.get(address).content.decode()
    convocations.send(session=session, by=elia)
    assert said in client.get(address).content.decode()
    page = client.post(address, moved(), follow=True).content.decode()
    preview = reverse("session-letters-preview", args=[session.code])
    assert f'<a href="{preview}?kind=convocation#letter">Send the convocations again</a>' in page
    assert said not in client.get(address).content.decode()


def test_moving_to_the_same_hours_changes_nothing(client, elia):
    session = cast.make_session(elia, datetime(2027, 3, 11, 14), timezone="Europe/Rome")
    cast.signed_in(client, elia)
    client.post(reverse("session-move", args=[session.code]), moved())
    session.refresh_from_db()
    assert session.sequence == 0


def test_a_session_of_several_days_moves_day_by_day(client, elia):
    parts = [(datetime(2027, 3, day, 9), datetime(2027, 3, day, 12)) for day in (10, 11, 12)]
    session = cast.make_session(elia, slots=parts, timezone="Europe/Rome")
    cast.signed_in(client, elia)
    address = reverse("session-move", args=[session.code])
    shown = client.get(address).context["form"]
    typed = {name: field.value() for name, field in ((b.name, b) for b in shown) if field.value() is not None}
    typed["date_3"] = "2027-03-15"
    assert client.post(address, {k: v for k, v in typed.items() if v is not False}).status_code == 302
    days = [moments.local(slot.starts_at, "Europe/Rome").day for slot in session.slots.all()]
    assert days == [10, 11, 15]


def test_a_refused_move_stands_at_its_field(client, elia):
    session = cast.make_session(elia)
    cast.signed_in(client, elia)
    response = client.post(reverse("session-move", args=[session.code]), moved(end="13:00", place="Cuneo"))
    assert at_field(response, "end")
    assert 'value="Cuneo"' in response.content.decode()


def test_new_words_write_letters_and_a_new_number_of_places_does_not(client, elia, ange):
    session = cast.make_session(elia)
    cast.invite(session, ange)
    Letter.objects.update(state=LetterState.SENT)
    cast.signed_in(client, elia)
    address = reverse("session-edit", args=[session.code])
    typed = {k: v for k, v in planned(elia).items() if k not in ("host", "trainer", "date", "start", "end")}
    client.post(address, typed | {"capacity": "12"})
    session.refresh_from_db()
    assert (session.capacity, session.sequence, Letter.objects.filter(kind="update").count()) == (12, 0, 0)
    client.post(address, typed | {"capacity": "12", "title_fr": "D’autres mots"})
    session.refresh_from_db()
    assert (session.sequence, Letter.objects.filter(kind="update").count()) == (1, 1)


def test_making_public_asks_for_the_second_title(client, elia):
    session = cast.make_session(elia, title_it="")
    cast.signed_in(client, elia)
    response = client.post(
        reverse("session-edit", args=[session.code]), planned(elia, title_it="", is_public="on")
    )
    assert at_field(response, "title_it")


def test_cancelling_is_asked_first(client, elia, ange):
    session = cast.make_session(elia)
    cast.invite(session, ange)
    cast.signed_in(client, elia)
    address = reverse("session-cancel", args=[session.code])
    assert client.get(address).context["letters"] == 1
    session.refresh_from_db()
    assert session.state == State.SCHEDULED
    client.post(address)
    session.refresh_from_db()
    assert session.state == State.CANCELLED
    assert client.post(address, follow=True).status_code == 200, "a second time: said, not broken"


@pytest.mark.parametrize("name", ["session-edit", "session-move", "session-cancel"])
def test_a_member_changes_nothing(client, elia, ange, name):
    session = cast.make_session(elia)
    cast.invite(session, ange)
    cast.signed_in(client, ange)
    assert client.get(reverse(name, args=[session.code])).status_code == 404
    linked = cast.signed_in(Client(), elia, invited=True)
    assert linked.post(reverse(name, args=[session.code])).url == "/sign-in/?next=%2Ftoday%2F"
    session.refresh_from_db()
    assert session.state == State.SCHEDULED


def test_the_lists_of_the_form_are_read_once_however_long(client, elia):
    cast.signed_in(client, elia)
    counts = []
    for number in range(2):
        with CaptureQueriesContext(connection) as asked:
            client.get(reverse("plan"))
        counts.append(len(asked))
        for each in range(3):
            cast.person(f"t{number}{each}", "Some Body", Role.TRAINER, "FR", f"org-{number}{each}")
    assert counts[0] == counts[1]
    assert Organisation.objects.count() > 3
    assert Activity.objects.count() == 0
