"""Pages that stand open while the session changes, and links whose reader or hour is gone."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from seminars.actions import answers, people, sessions
from seminars.models import Invitation, Person, Series, Session
from seminars.vocabulary import Answer
from tests import cast

pytestmark = pytest.mark.django_db
MARCH = datetime(2027, 3, 16, 14, 0)
WEEK = timedelta(weeks=1)


@pytest.fixture(autouse=True)
def _before_it_all(clock: cast.Clock) -> None:
    clock.at(datetime.fromisoformat("2027-03-01T08:00:00+01:00"))


@pytest.fixture
def client() -> Client:
    """A browser that has chosen English."""
    browser = Client()
    browser.cookies["django_language"] = "en"
    return browser


@pytest.fixture
def invitation(elia: Person, ange: Person) -> Invitation:
    return cast.invite(cast.make_session(elia, MARCH), ange)[0]


def link(invitation: Invitation, name: str = "invitation") -> str:
    return reverse(name, args=[invitation.token])


def hidden(page: Any, action: str) -> dict[str, str]:
    """What the form for an address sends beside what is typed."""
    html = page.content.decode()
    form = html[html.index(f'action="{action}"') :].partition("</form>")[0]
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form))


def move(session: Session, **more: Any) -> None:
    start = MARCH + WEEK
    given = {"slots": [(start, start + timedelta(minutes=90))]} | more
    sessions.move(session=session, by=session.created_by, **given)


def now_said(invitation: Invitation) -> tuple[str, str]:
    invitation.refresh_from_db()
    return invitation.answer, invitation.note


def test_an_answer_on_an_old_page_is_not_one_to_the_new_date(client, invitation):
    address = link(invitation, "invitation-answer")
    old = hidden(client.get(link(invitation)), address)
    move(invitation.session)
    response = client.post(address, old | {"answer": "yes", "note": "Sous-titres"})
    assert response.status_code == 422
    (told,) = response.context["form"].non_field_errors()
    assert told.startswith(
        "The date, the hours or the place changed after this page was opened. It is now on"
    )
    assert "23 March" in told
    assert "Tuesday 23 March 2027" in response.content.decode()
    assert response.context["form"]["note"].value() == "Sous-titres", "what she typed is still there"
    assert now_said(invitation) == ("", "")
    assert "sessionid" not in client.cookies
    client.post(address, hidden(response, address) | {"answer": "yes", "note": "Sous-titres"})
    assert now_said(invitation) == ("yes", "Sous-titres")


def test_another_place_asks_again_and_another_title_does_not(client, invitation, elia):
    address = link(invitation, "invitation-answer")
    old = hidden(client.get(link(invitation)), address)
    sessions.edit(session=invitation.session, by=elia, title_fr="Autre titre")
    assert client.post(address, old | {"answer": "no"}).status_code == 302
    assert now_said(invitation)[0] == "no"
    old = hidden(client.get(link(invitation)), address)
    slots = [(MARCH, MARCH + timedelta(minutes=90))]
    move(invitation.session, slots=slots, mode="in_person", place="Sala Blu")
    response = client.post(address, old | {"answer": "yes"})
    assert response.status_code == 422
    assert "Sala Blu" in response.content.decode()
    assert now_said(invitation)[0] == ""


@pytest.mark.parametrize("shown", [None, "", "x", "-1", "9" * 40, "\u0662"])
def test_a_form_that_says_nothing_of_what_it_showed_answers_as_ever(client, invitation, shown):
    move(invitation.session)
    typed = {"answer": "yes"} | ({} if shown is None else {"shown": shown})
    assert client.post(link(invitation, "invitation-answer"), typed).status_code == 302
    assert now_said(invitation)[0] == "yes"


def test_of_the_dates_of_a_series_the_one_that_moved_is_named(client, elia, ange):
    series = Series.objects.create(key="tuesdays", rrule="FREQ=WEEKLY;COUNT=2")
    made = [cast.make_session(elia, MARCH + n * WEEK, extra={"series": series}) for n in range(2)]
    first, second = (cast.invite(session, ange)[0] for session in made)
    address = link(first, "invitation-dates")
    old = hidden(client.get(link(first)), address)
    move(made[0], slots=[(MARCH + timedelta(hours=2), MARCH + timedelta(hours=3))])
    typed = {"date": [first.code, second.code], "dates-all": "yes", "dates-note": ""}
    response = client.post(address, old | typed, follow=True)
    told = [str(one) for one in response.context["messages"]]
    assert told[0] == "One answer is kept."
    assert told[1].startswith("Not kept for Tuesday 16 March 2027, 16:00 to 17:00. The date, the hours")
    assert (now_said(first)[0], now_said(second)[0]) == ("", "yes")
    client.post(address, hidden(response, address) | typed)
    assert now_said(first)[0] == "yes"


def test_nobody_is_proposed_from_an_old_page(client, invitation):
    address = link(invitation, "invitation-instead")
    old = hidden(client.get(link(invitation)), address)
    move(invitation.session)
    typed = {"instead-name": "Nuova", "instead-email": "n@example.org", "instead-language": "it"}
    response = client.post(address, old | typed)
    assert response.status_code == 422
    assert response.context["instead_form"]["email"].value() == "n@example.org"
    assert not invitation.substitutions.exists()
    assert client.post(address, hidden(response, address) | typed).status_code == 302


def test_the_buttons_of_a_sessions_page_keep_what_she_wrote_and_know_what_they_showed(
    client, invitation, ange
):
    answers.answer(invitation=invitation, answer=Answer.MAYBE, note="Sous-titres, fauteuil")
    cast.signed_in(client, ange)
    address = link(invitation, "invitation-answer")
    sent = hidden(client.get(reverse("session", args=[invitation.session.code])), address)
    assert sent["shown"] == "0"
    client.post(address, sent | {"answer": "yes"})
    assert now_said(invitation) == ("yes", "Sous-titres, fauteuil")
    move(invitation.session)
    assert client.post(address, sent | {"answer": "yes"}).status_code == 422
    assert now_said(invitation) == ("", "Sous-titres, fauteuil")


@pytest.mark.parametrize("name", ["invitation", "invitation-room", "invitation-feedback"])
def test_the_link_of_somebody_suspended_opens_nothing(client, invitation, ange, name):
    people.suspend(person=ange)
    assert client.get(link(invitation, name)).status_code == 404
    assert client.post(link(invitation, "invitation-answer"), {"answer": "yes"}).status_code == 404
    assert now_said(invitation)[0] == ""
    assert "sessionid" not in client.cookies


def test_before_the_end_the_form_after_it_makes_nobody_known(client, invitation, elia, clock):
    address = link(invitation, "invitation-feedback")
    response = client.post(address, follow=True)
    assert [str(one) for one in response.context["messages"]] == ["The form opens once the session is over."]
    assert "sessionid" not in client.cookies
    clock.at(invitation.session.starts_at)
    sessions.open_(session=invitation.session, by=elia)
    clock.at(invitation.session.ends_at)
    sessions.close(session=invitation.session, by=elia)
    assert client.post(address).url == reverse("session-feedback", args=[invitation.session.code])
    assert "sessionid" in client.cookies
