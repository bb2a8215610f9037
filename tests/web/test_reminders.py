"""The moments of reminders as a host chooses them, and the button that asks now."""

import re
from typing import Any

import pytest

from seminars.models import Letter, Person, Session
from seminars.vocabulary import LetterKind, State
from tests import cast

pytestmark = pytest.mark.django_db
ENGLISH = {"Accept-Language": "en"}


@pytest.fixture
def session(elia: Person) -> Session:
    return cast.make_session(elia)


@pytest.fixture
def host(client: Any, elia: Person) -> Any:
    return cast.signed_in(client, elia)


def ticked(html: str) -> set[str]:
    boxes = re.findall(r"<input[^>]*type=\"checkbox\"[^>]*>", html)
    return {"".join(re.findall(r"value=\"(\d+)\"", box)) for box in boxes if "checked" in box}


def test_the_page_of_letters_shows_the_moments_chosen(host, session):
    html = host.get(f"/sessions/{session.code}/letters/preview/", headers=ENGLISH).content.decode()
    assert ticked(html) == {"1440", "60", "7"}
    for words in ("1 week before", "1 day before", "3 hours before", "14 days before", "2 weeks before"):
        assert (words in html) == (words != "14 days before")


def test_moments_are_kept_and_may_all_be_left_out(host, session):
    address = f"/sessions/{session.code}/letters/reminders/"
    response = host.post(address, {"reminders": ["180", "10080"], "asks_again": ["3"]})
    there = f"/sessions/{session.code}/letters/preview/?kind=invitation&language=fr#reminders"
    assert response.headers["Location"] == there
    session.refresh_from_db()
    assert (session.reminders, session.asks_again) == ([10080, 180], [3])
    host.post(address, {})
    session.refresh_from_db()
    assert (session.reminders, session.asks_again) == ([], [])


def test_keeping_moments_leaves_one_at_the_same_letter_and_says_so_there(host, session):
    address, here = f"/sessions/{session.code}/letters/reminders/", {"kind": "asking", "language": "it"}
    page = host.post(address, {"reminders": "60"} | here, headers=ENGLISH, follow=True)
    assert page.redirect_chain == [
        (f"/sessions/{session.code}/letters/preview/?kind=asking&language=it#reminders", 302)
    ]
    html = page.content.decode()
    form = html.partition('id="reminders"')[2]
    assert form.count("The moments are kept.") == html.count("The moments are kept.") == 1
    assert (
        '<input type="hidden" name="kind" value="asking"><input type="hidden" name="language" value="it">'
        in form
    )
    assert host.post(address, {"kind": "nothing"}).status_code == 404


@pytest.mark.parametrize("wrong", [{"reminders": "5"}, {"asks_again": "x"}])
def test_moments_that_are_not_offered_change_nothing(host, session, wrong):
    page = host.post(f"/sessions/{session.code}/letters/reminders/", wrong, headers=ENGLISH, follow=True)
    assert "Choose among the moments shown." in page.content.decode()
    session.refresh_from_db()
    assert (session.reminders, session.asks_again) == ([1440, 60], [7])


def test_what_is_over_has_no_moments_to_choose(host, session):
    Session.objects.filter(pk=session.pk).update(state=State.CANCELLED)
    html = host.get(f"/sessions/{session.code}/letters/preview/", headers=ENGLISH).content.decode()
    assert "letters/reminders/" not in html
    page = host.post(f"/sessions/{session.code}/letters/reminders/", {}, headers=ENGLISH, follow=True)
    assert "be done while the session is" in page.content.decode()


def test_those_who_have_not_answered_are_asked_by_a_button_once_a_day(host, session, ange, bruna, clock):
    Session.objects.filter(pk=session.pk).update(starts_at="2030-01-10T08:00Z", ends_at="2030-01-10T09:00Z")
    cast.invite(Session.objects.get(pk=session.pk), ange, bruna)
    address = f"/sessions/{session.code}/message/"
    assert "letters/ask/" not in host.get(address, headers=ENGLISH).content.decode()
    clock.forward(hours=25)
    cast.signed_in(host, session.created_by)
    html = host.get(address, headers=ENGLISH).content.decode()
    assert "2 people have not answered" in html
    assert "Ask 2 people again now" in html
    page = host.post(f"/sessions/{session.code}/letters/ask/", headers=ENGLISH, follow=True).content.decode()
    assert "2 people are asked again." in page
    assert Letter.objects.filter(kind=LetterKind.ASKING).count() == 2
    page = host.post(f"/sessions/{session.code}/letters/ask/", headers=ENGLISH, follow=True).content.decode()
    assert "Nobody is asked twice within a day" in page


def test_the_words_of_an_edit_say_when_its_letters_leave(host, session, ange, bruna, clock):
    Session.objects.filter(pk=session.pk).update(starts_at="2030-01-10T08:00Z", ends_at="2030-01-10T09:00Z")
    session.refresh_from_db()
    cast.invite(session, ange, bruna)
    Letter.objects.update(state="sent")
    html = host.get(f"/sessions/{session.code}/edit/", headers=ENGLISH).content.decode()
    assert "They wait 30 minutes, so that several edits become one letter." in html
    words = {
        "title_fr": "Autres mots",
        "title_it": session.title_it,
        "kind": session.kind,
        "activity": session.activity.pk,
        "languages": ["fr", "it"],
    }
    page = host.post(f"/sessions/{session.code}/edit/", words, headers=ENGLISH, follow=True).content.decode()
    assert re.search(r"2 letters leave at \d\d:\d\d, with whatever you edit until then\.", page)
