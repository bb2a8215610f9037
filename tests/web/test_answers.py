"""Her own page: all dates of a series in one form, and the language of what reaches her, without an account."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from seminars.actions import answers, sessions
from seminars.models import Invitation, Person, Series, Session
from seminars.vocabulary import Answer
from tests import cast
from web.access import LEVEL

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


def series_of(by: Person, *guests: Person, dates: int = 3) -> list[Session]:
    """Sessions a week apart, across the change of the clocks on 28 March 2027."""
    series = Series.objects.create(key=f"tuesdays-{dates}", rrule="FREQ=WEEKLY;COUNT=3")
    made = [cast.make_session(by, MARCH + number * WEEK, extra={"series": series}) for number in range(dates)]
    for session in made:
        cast.invite(session, *guests)
    return made


def hers(person: Person) -> list[Invitation]:
    found = Invitation.objects.filter(person=person).select_related("session", "person")
    return list(found.order_by("session__starts_at"))


def link(invitation: Invitation, name: str = "invitation") -> str:
    return reverse(name, args=[invitation.token])


def keep(client: Client, shown: list[Invitation], *said: str, **more: str) -> Any:
    """Posts the form of the page that showed these invitations."""
    typed: dict[str, Any] = {"date": [one.code for one in shown], "dates-all": "", "dates-note": ""}
    typed |= {f"dates-{one.code}": answer for one, answer in zip(shown, said, strict=False) if answer}
    typed |= {f"dates-{name}": value for name, value in more.items()}
    return client.post(link(shown[0], "invitation-dates"), typed, follow=True)


def told(response: Any) -> list[str]:
    return [str(message) for message in response.context["messages"]]


def said(person: Person) -> list[str]:
    return [one.answer for one in hers(person)]


# --- All dates of a series ----------------------------------------------------------------------------------------


def test_the_page_lists_her_dates_in_order_with_an_answer_for_each(client, elia, ange, bruna):
    series_of(elia, ange, bruna)
    mine = hers(ange)
    answers.answer(invitation=mine[1], answer=Answer.MAYBE)
    page = client.get(link(mine[0])).content.decode()
    places = [page.index(f'value="{one.code}"') for one in mine]
    assert places == sorted(places)
    assert "2 dates wait for your answer." in page
    assert page.count('value="maybe" id="id_dates-') == 4, "one of each date, one for all"
    assert not any(one.code in page for one in hers(bruna))


def test_a_session_of_its_own_and_a_last_date_have_no_list(client, elia, ange):
    (alone,) = cast.invite(cast.make_session(elia), ange)
    (last,) = [one for one in hers(ange) if one != alone] or [alone]
    assert "invitation-dates" not in client.get(link(last)).content.decode()
    series_of(elia, ange, dates=1)
    for one in hers(ange):
        assert 'name="dates-all"' not in client.get(link(one)).content.decode()


def test_one_click_keeps_an_answer_for_each_date(client, elia, ange):
    series_of(elia, ange)
    response = keep(client, hers(ange), "yes", "", "no", note="Sous-titres, merci")
    assert said(ange) == ["yes", "", "no"]
    assert [one.note for one in hers(ange)] == ["Sous-titres, merci", "", "Sous-titres, merci"]
    assert response.redirect_chain == [(link(hers(ange)[0]), 302)]
    assert told(response) == ["2 answers are kept."]
    assert client.session[LEVEL] == "invited"


def test_the_same_answer_for_all_goes_before_what_stands_beside_a_date(client, elia, ange):
    series_of(elia, ange)
    keep(client, hers(ange), "yes", "no", all="maybe")
    assert said(ange) == ["maybe", "maybe", "maybe"]


@pytest.mark.parametrize("for_all", ["", "yes"])
def test_a_date_that_began_meanwhile_is_named_and_the_others_are_kept(client, elia, ange, clock, for_all):
    begun, _coming, cancelled = series_of(elia, ange)
    shown = hers(ange)
    clock.at(begun.starts_at)
    sessions.cancel(session=cancelled, by=elia)
    response = keep(client, shown, "yes", "yes", "yes", all=for_all)
    assert said(ange) == ["", "yes", ""]
    assert told(response) == [
        "One answer is kept.",
        "Not kept for Tuesday 16 March 2027, 14:00 to 15:30. "
        "The session has begun or is over: the answer can no longer be changed here.",
        "Not kept for Tuesday 30 March 2027, 14:00 to 15:30. "
        "This session is cancelled: it does not take place.",
    ]


def test_nothing_chosen_is_said_and_a_wrong_choice_keeps_what_was_typed(client, elia, ange):
    series_of(elia, ange)
    response = keep(client, hers(ange), note="Un mot")
    assert response.status_code == 422
    assert response.context["dates_form"].errors["all"] == ["Choose an answer for at least one date."]
    assert "Un mot" in response.content.decode()
    response = keep(client, hers(ange), "yes", "perhaps", note="Un mot")
    assert response.status_code == 422
    assert "Un mot" in response.content.decode()
    assert said(ange) == ["", "", ""]
    assert "sessionid" not in client.cookies


def test_the_code_of_somebody_else_answers_nothing(client, elia, ange, bruna):
    series_of(elia, ange, bruna)
    mine, other = hers(ange), hers(bruna)
    typed = {"date": [mine[0].code, other[1].code], "dates-all": "no"}
    client.post(link(mine[0], "invitation-dates"), typed)
    assert (said(ange), said(bruna)) == (["no", "", ""], ["", "", ""])


def test_an_answer_for_an_earlier_date_is_shown_and_asked_anew(client, elia, ange):
    first, *_ = series_of(elia, ange)
    mine = hers(ange)
    answers.answer(invitation=mine[0], answer=Answer.YES)
    start = MARCH + timedelta(hours=2)
    sessions.move(session=first, by=elia, slots=[(start, start + timedelta(hours=1))])
    page = client.get(link(mine[0])).content.decode()
    assert "You answered for an earlier date. Please answer for this one." in page
    assert "3 dates wait for your answer." in page
    keep(client, hers(ange), "yes")
    assert "earlier date" not in client.get(link(mine[0])).content.decode()


def test_answers_for_somebody_else_leave_the_browser_as_it_was(client, elia, ange, dominique):
    series_of(elia, ange)
    cast.signed_in(client, dominique)
    response = keep(client, hers(ange), "yes", "yes")
    assert said(ange) == ["yes", "yes", ""]
    assert told(response) == ["The answers of Ange Esquisse are kept. You stay signed in as yourself."]
    assert Person.objects.get(pk=client.session["_auth_user_id"]) == dominique


def test_the_page_asks_the_database_as_often_for_two_dates_as_for_six(client, elia, ange, cyrille):
    counts = []
    for person, many in ((ange, 2), (cyrille, 6)):
        series_of(elia, person, dates=many)
        with CaptureQueriesContext(connection) as asked:
            assert len(client.get(link(hers(person)[0])).context["dates_form"].dates) == many
        counts.append(len(asked))
    assert counts[0] == counts[1]


# --- Her language and zone ----------------------------------------------------------------------------------------


def settle(client: Client, invitation: Invitation, language: str, zone: str) -> Any:
    typed = {"own-language": language, "own-timezone": zone}
    return client.post(link(invitation, "invitation-language"), typed, follow=True)


def test_her_language_changes_on_her_page_and_the_page_follows(elia, ange):
    (invitation,) = cast.invite(cast.make_session(elia), ange)
    client = Client()
    response = settle(client, invitation, "it", "Europe/Rome")
    ange.refresh_from_db()
    assert (ange.language, ange.timezone, ange.name) == ("it", "Europe/Rome", "Ange Esquisse")
    assert response.headers["Content-Language"] == "it"
    assert client.get(reverse("today")).headers["Content-Language"] == "it"
    assert client.session[LEVEL] == "invited"


@pytest.mark.parametrize(("language", "zone"), [("de", "Europe/Rome"), ("it", "Asia/Tokyo"), ("", "")])
def test_a_language_or_zone_that_is_none_is_refused_at_its_field(client, elia, ange, language, zone):
    (invitation,) = cast.invite(cast.make_session(elia), ange)
    response = settle(client, invitation, language, zone)
    assert response.status_code == 422
    assert response.context["language_form"].errors
    ange.refresh_from_db()
    assert (ange.language, ange.timezone) == ("fr", "Europe/Paris")


def test_her_link_changes_nothing_else_of_hers(client, elia, ange):
    (invitation,) = cast.invite(cast.make_session(elia), ange)
    before = Person.objects.values().get(pk=ange.pk)
    typed = {"own-language": "it", "own-timezone": "Europe/Rome", "name": "X", "own-email": "x@example.org"}
    client.post(link(invitation, "invitation-language"), typed | {"own-name": "X", "own-role": "trainer"})
    after = Person.objects.values().get(pk=ange.pk)
    changed = {name for name in after if after[name] != before[name]}
    assert changed - {"last_login"} == {"language", "timezone"}


def test_somebody_signed_in_keeps_her_own_language(client, elia, bruna, dominique):
    (invitation,) = cast.invite(cast.make_session(elia), bruna)
    cast.signed_in(client, dominique)
    response = settle(client, invitation, "fr", "Europe/Paris")
    assert told(response) == ["Kept for Bruna Schizzo. You stay signed in as yourself."]
    assert client.cookies["django_language"].value == "en"
    bruna.refresh_from_db()
    assert bruna.language == "fr"


@pytest.mark.parametrize("entry", ["link", "weak", "other"])
def test_a_link_changes_nothing_of_who_plans(client, elia, camille, dominique, entry):
    """Her letters tell of everybody's sessions: her settings ask for a sign-in of her own."""
    (invitation,) = cast.invite(cast.make_session(elia), camille)
    if entry != "link":
        cast.signed_in(client, dominique if entry == "other" else camille, invited=entry == "weak")
    assert 'name="own-language"' not in client.get(link(invitation)).content.decode()
    response = settle(client, invitation, "it", "Europe/Rome")
    assert response.status_code == 422
    assert "sign in, and change your language" in " ".join(
        response.context["language_form"].non_field_errors()
    )
    camille.refresh_from_db()
    assert camille.language == "fr"


def test_who_plans_and_is_signed_in_changes_it_here_too(client, elia, camille):
    (invitation,) = cast.invite(cast.make_session(elia), camille)
    settle(cast.signed_in(client, camille), invitation, "it", "Europe/Rome")
    camille.refresh_from_db()
    assert camille.language == "it"


def test_once_it_has_begun_a_link_changes_no_language(client, elia, ange, clock):
    (invitation,) = cast.invite(cast.make_session(elia), ange)
    clock.at(invitation.session.starts_at)
    assert 'name="own-language"' not in client.get(link(invitation)).content.decode()
    assert settle(client, invitation, "it", "Europe/Rome").status_code == 422
    ange.refresh_from_db()
    assert ange.language == "fr"
    assert "sessionid" not in client.cookies


@pytest.mark.parametrize(
    ("answer", "filled"), [("yes", "session.ics"), ("maybe", "session.ics"), ("no", ""), ("", 'value="yes"')]
)
def test_one_button_is_filled_and_none_after_a_no(client, elia, ange, answer, filled):
    (invitation,) = cast.invite(cast.make_session(elia), ange)
    here = reverse("invitation", args=[invitation.token])
    if answer:
        client.post(f"{here}answer/", {"answer": answer})
    page = client.get(here).content.decode()
    buttons = set(re.findall(r'<(?:a|button) class="button[^"]*\bgo\b[^>]*>', page))
    assert len(buttons) == bool(filled)
    assert all(filled in button for button in buttons)
    assert ("convocation.pdf" in page) == (answer != "no")
