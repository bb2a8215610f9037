"""The programme as a page: its two views, its filters, and what it shows when there is nothing."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from seminars import moments
from seminars.actions import answers, sessions
from seminars.vocabulary import Answer
from tests import cast

pytestmark = pytest.mark.django_db
MARCH = "?from=2027-03-01"


def on(day: int, hour: int = 9, month: int = 3) -> datetime:
    return datetime(2027, month, day, hour)


@pytest.fixture(autouse=True)
def the_second_of_march(clock):
    clock.at(moments.at(on(2, 8), "Europe/Paris"))


def page(client, query: str = "", language: str = "fr") -> str:
    response = client.get(reverse("programme") + query, headers={"accept-language": language})
    assert response.status_code == 200
    return response.content.decode()


def test_a_row_speaks_the_readers_language_first_and_the_other_beneath(client, elia):
    cast.make_session(elia, on(4, 14), is_public=True)
    shown = page(client, MARCH, "it")
    assert ">Le parole del lavoro sociale</a>" in shown
    assert '<p class="other" lang="fr">Les mots du travail social</p>' in shown
    assert ">14:00</time>" in shown


def test_the_first_page_begins_today_and_marks_it(client, elia):
    cast.make_session(elia, on(1), is_public=True, title_fr="Hier")
    cast.make_session(elia, on(2, 18), is_public=True, title_fr="Ce soir")
    shown = page(client)
    assert "Ce soir" in shown
    assert "Hier" not in shown
    assert shown.count('class="chip now"') == 1


def test_little_left_of_a_month_shows_the_next_one_too(client, elia, clock):
    clock.at(moments.at(on(28), "Europe/Paris"))
    cast.make_session(elia, on(20, month=4), is_public=True, title_fr="En avril")
    assert "En avril" in page(client)
    assert "<ol>" not in page(client, "?from=2027-03-28"), "a day that was asked for ends with its month"


def test_a_cancelled_session_stays_struck_through_with_its_word(client, elia):
    session = sessions.cancel(session=cast.make_session(elia, on(4), is_public=True), by=elia)
    assert '<li class="session cancelled">' in page(client, MARCH)
    week = page(client, "?view=week&from=2027-03-04")
    assert "<del>Les mots du travail social</del>" in week
    assert str(session.get_state_display()) in week


def test_a_session_that_is_not_public_shows_to_its_people_only(client, elia, ange, stranger):
    session = cast.make_session(elia, on(4))
    cast.invite(session, ange)
    address = reverse("session", args=[session.code])
    assert address not in page(client, MARCH)
    assert address not in page(cast.signed_in(client, stranger), MARCH)
    assert address in page(cast.signed_in(client, ange, invited=True), MARCH)
    assert address in page(cast.signed_in(client, elia), MARCH)


def test_my_answer_stands_in_the_row(client, elia, ange):
    (invitation,) = cast.invite(cast.make_session(elia, on(4)), ange)
    cast.signed_in(client, ange)
    assert 'class="chip info"' in page(client, MARCH)
    answers.answer(invitation=invitation, answer=Answer.YES)
    assert 'class="chip good"' in page(client, MARCH)


def test_filters_are_kept_by_every_link(client, elia):
    cast.make_session(elia, on(4), is_public=True, activity=cast.activity("A3"), title_fr="Choisie")
    cast.make_session(elia, on(5), is_public=True, title_fr="Une autre")
    shown = page(client, f"{MARCH}&activity=A3&mode=online")
    assert "Choisie" in shown
    assert "Une autre" not in shown
    assert 'value="A3" checked' in shown
    links = [part.split('"')[0] for part in shown.split('href="/programme/?')[1:]]
    kept = [link for link in links if "activity=A3" in link]
    assert len(kept) == 5, "before, after, today, agenda, week"


def test_an_empty_month_names_the_next_session(client, elia):
    session = cast.make_session(elia, on(7, 10, month=9), is_public=True)
    shown = page(client, "?from=2027-08-01")
    assert "mardi 7 septembre 2027, 10" in shown
    assert reverse("session", args=[session.code]) in shown


def test_few_rows_end_with_the_session_that_comes_next(client, elia):
    cast.make_session(elia, on(4), is_public=True)
    later = cast.make_session(elia, on(7, 10, month=9), is_public=True)
    address = reverse("session", args=[later.code])
    assert address in page(client, MARCH)
    for number in range(4):
        cast.make_session(elia, on(5 + number), is_public=True)
    assert address not in page(client, MARCH)


def test_the_arrows_are_never_called_as_the_month_that_is_shown(client, elia):
    cast.make_session(elia, on(4), is_public=True)
    shown = page(client, language="en")
    assert "<h2>March 2027</h2>" in shown
    assert "</span>Start of March</a>" in shown
    assert "</span>April 2027<" in shown
    assert "</span>February 2027</a>" in page(client, MARCH, "en")


def test_an_empty_month_of_the_past_leads_to_what_comes(client, elia):
    cast.make_session(elia, on(1), is_public=True, title_fr="Passée")
    coming = cast.make_session(elia, on(9), is_public=True)
    shown = page(client, "?from=2026-02-01")
    assert reverse("session", args=[coming.code]) in shown
    assert "Passée" not in shown


@pytest.mark.parametrize(
    "query",
    [
        "?from=nonsense",
        "?from=2027-02-30",
        "?from=9999-12-31",
        "?from=0001-01-01",
        "?view=x&mode=%00&activity=';",
    ],
)
@pytest.mark.parametrize("view", ["", "&view=week"])
def test_an_address_typed_by_hand_still_shows_a_programme(client, query, view):
    assert "<h1>" in page(client, query + view)


def test_the_week_runs_from_monday_to_sunday(client, elia):
    cast.make_session(elia, on(4), is_public=True)
    shown = page(client, "?view=week&from=2027-03-04")
    assert [f'datetime="2027-03-0{day}"' in shown for day in range(1, 8)] == [True] * 7
    assert shown.count('class="entry"') == 1
    assert shown.count('<li class="today">') == 1


@pytest.mark.parametrize("view", ["agenda", "week"])
def test_the_page_asks_the_database_no_more_for_many_sessions_than_for_one(client, elia, ange, view):
    cast.signed_in(client, ange)
    counts = []
    for _round in range(2):
        with CaptureQueriesContext(connection) as asked:
            page(client, f"?view={view}&from=2027-03-01")
        counts.append(len(asked))
        for number in range(3):
            cast.invite(cast.make_session(elia, on(2, 12) + timedelta(days=number), is_public=True), ange)
        with CaptureQueriesContext(connection) as asked:
            page(client, f"?view={view}&from=2027-03-01")
        counts.append(len(asked))
    assert counts[1] == counts[2] == counts[3] <= 8


def test_the_page_works_by_links_and_htmx_keeps_to_the_policy(client):
    shown = page(client)
    assert '"includeIndicatorStyles":false,"allowEval":false' in shown
    assert "hx-on" not in shown


def test_the_first_page_of_a_stranger_is_the_programme(client):
    assert client.get("/").status_code == 200
