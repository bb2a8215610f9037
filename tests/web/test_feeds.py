"""Feeds as calendar programs fetch them: conditionals, packing, keys unknown or revoked."""

import gzip
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext

from seminars import moments
from seminars.actions import people, sessions
from seminars.models import CalendarKey, Person, Session
from seminars.queries import calendars
from tests import cast
from tests.letterbox import keep
from web.keptfeeds import store

pytestmark = pytest.mark.django_db
PUBLIC = "/calendar/public/fr.ics"


@pytest.fixture(autouse=True)
def nothing_kept() -> None:
    store.clear()


@pytest.fixture
def session(elia: Person, ange: Person) -> Session:
    made = cast.make_session(elia, is_public=True)
    cast.invite(made, ange)
    return made


@pytest.fixture
def address(ange: Person) -> str:
    _row, key = people.make_calendar_key(person=ange, name="phone")
    return reverse("calendar-feed", args=[key])


def moved(session: Session) -> None:
    start = datetime(2027, 3, 11, 14, 0)
    sessions.move(session=session, by=session.created_by, slots=[(start, start + timedelta(minutes=90))])


def test_a_feed_has_the_headers_that_calendar_programs_need(client, session, address):
    response = client.get(address)
    assert response.status_code == 200
    keep(response.content, session.uid, "feed", "ics")
    assert response.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert response.headers["Content-Disposition"] == 'inline; filename="viso.ics"'
    assert response.headers["Cache-Control"] == "private, max-age=0, must-revalidate"
    assert response.headers["X-Robots-Tag"] == "noindex"
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert "Accept-Encoding" in response.headers["Vary"]
    assert not response.cookies
    assert not client.cookies


def test_the_public_feed_may_be_kept_by_anybody(client, session):
    for language in ("fr", "it", "en"):
        response = client.get(f"/calendar/public/{language}.ics")
        keep(response.content, session.uid, f"public-{language}", "ics")
        assert response.headers["Cache-Control"] == "public, max-age=0, must-revalidate"
        assert response.headers["Content-Language"] == language
        assert not response.cookies
    assert client.get("/calendar/public/de.ics").status_code == 404


def test_two_fetches_give_the_same_bytes(client, session, address, clock):
    first = client.get(address)
    store.clear()
    clock.forward(minutes=30)
    second = client.get(address)
    assert second.content == first.content
    assert second.headers["ETag"] == first.headers["ETag"]


@pytest.mark.parametrize("which", ["own", "public"])
def test_an_unchanged_feed_answers_304_to_either_question(client, session, address, which):
    place = address if which == "own" else PUBLIC
    first = client.get(place)
    for question in (
        {"If-None-Match": first.headers["ETag"]},
        {"If-Modified-Since": first.headers["Last-Modified"]},
    ):
        response = client.get(place, headers=question)
        assert (response.status_code, response.content) == (304, b"")
        assert response.headers["ETag"] == first.headers["ETag"]
        assert response.headers["Referrer-Policy"] == "no-referrer"
    assert client.get(place, headers={"If-None-Match": '"other"'}).status_code == 200


@pytest.mark.parametrize("change", ["moved", "cancelled"])
def test_a_changed_session_changes_the_tag_and_its_hour(client, session, address, clock, change):
    for place in (address, PUBLIC):
        first = client.get(place)
        clock.forward(minutes=1)
        if place == address:
            moved(session) if change == "moved" else sessions.cancel(session=session, by=session.created_by)
            session.refresh_from_db()
        else:
            sessions.edit(
                session=session, by=session.created_by, title_fr="Autre"
            ) if change == "moved" else None
        second = client.get(place, headers={"If-None-Match": first.headers["ETag"]})
        if place == address or change == "moved":
            assert second.status_code == 200
            assert second.headers["ETag"] != first.headers["ETag"]
            keep(second.content, session.uid, f"feed-{change}", "ics")
            since = {"If-Modified-Since": first.headers["Last-Modified"]}
            assert client.get(place, headers=since).status_code == 200


def test_what_is_no_longer_public_leaves_the_feed_for_every_reader(client, session, clock):
    other = cast.make_session(session.created_by, is_public=True)
    first = client.get(PUBLIC)
    clock.forward(minutes=1)
    sessions.edit(session=session, by=session.created_by, is_public=False)
    for question in (
        {"If-None-Match": first.headers["ETag"]},
        {"If-Modified-Since": first.headers["Last-Modified"]},
    ):
        second = client.get(PUBLIC, headers=question)
        assert second.status_code == 200
        assert session.uid.encode() not in second.content
        assert other.uid.encode() in second.content


@pytest.mark.parametrize("which", ["own", "public"])
@pytest.mark.parametrize("way", ["past", "cancelled"])
def test_what_leaves_with_time_moves_the_hour_of_the_feed(
    client, session, address, clock, settings, which, way
):
    place = address if which == "own" else PUBLIC
    later = session.starts_at + timedelta(days=400)
    cast.invite(cast.make_session(session.created_by, later, is_public=True), Person.objects.get(key="ange"))
    session.refresh_from_db()
    if way == "past":
        left = session.ends_at + timedelta(days=settings.FEED_PAST_DAYS)
    else:
        cancelled = sessions.cancel(session=session, by=session.created_by)
        left = cancelled.cancelled_at + timedelta(days=settings.FEED_CANCELLED_DAYS)
    clock.at(left - timedelta(minutes=1))
    first = client.get(place)
    assert session.uid.encode() in first.content
    since = {"If-Modified-Since": first.headers["Last-Modified"]}
    assert client.get(place, headers=since).status_code == 304
    clock.at(left + timedelta(minutes=1))
    second = client.get(place, headers=since)
    assert second.status_code == 200
    assert session.uid.encode() not in second.content
    again = {"If-Modified-Since": second.headers["Last-Modified"]}
    assert client.get(place, headers=again).status_code == 304


def test_what_is_moved_into_the_far_past_leaves_for_every_reader(client, session, address, clock):
    first = client.get(address)
    clock.forward(minutes=1)
    start = datetime(2020, 3, 11, 14, 0)
    slots = [(start, start + timedelta(minutes=90))]
    sessions.move(session=session, by=session.created_by, slots=slots, is_past_meant=True)
    response = client.get(address, headers={"If-Modified-Since": first.headers["Last-Modified"]})
    assert (response.status_code, b"VEVENT" in response.content) == (200, False)


def test_a_feed_too_long_is_fetched_anew_when_a_session_is_over(client, session, clock, monkeypatch):
    monkeypatch.setattr(calendars, "MOST_ENTRIES", 1)
    later = cast.make_session(session.created_by, session.starts_at + timedelta(days=2), is_public=True)
    clock.at(session.starts_at)
    first = client.get(PUBLIC)
    clock.at(session.ends_at + timedelta(minutes=1))
    second = client.get(PUBLIC, headers={"If-Modified-Since": first.headers["Last-Modified"]})
    assert second.status_code == 200
    assert later.uid.encode() in second.content


def test_a_feed_is_one_for_every_reader_of_its_address(client, session, address, ange):
    for browser in (client, cast.signed_in(Client(), ange)):
        for place in (PUBLIC, address, "/calendar/public/de.ics"):
            response = browser.get(place)
            assert response.headers["Vary"] == "Accept-Encoding"
            assert "X-Varies-Only" not in response.headers
    assert "Cookie" in client.get("/programme/").headers["Vary"]


def test_head_has_the_headers_and_no_body(client, session, address):
    whole, head = client.get(address), client.head(address)
    assert (head.status_code, head.content) == (200, b"")
    for name in ("ETag", "Last-Modified", "Content-Type", "Content-Length", "Cache-Control"):
        assert head.headers[name] == whole.headers[name]


def test_a_feed_is_packed_for_who_takes_it(client, session, address):
    plain = client.get(address)
    packed = client.get(address, headers={"Accept-Encoding": "br, gzip;q=0.8"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.content) == plain.content
    assert packed.headers["ETag"] != plain.headers["ETag"]
    again = {"Accept-Encoding": "gzip", "If-None-Match": packed.headers["ETag"]}
    assert client.get(address, headers=again).status_code == 304
    refused = client.get(address, headers={"Accept-Encoding": "gzip;q=0"})
    assert "Content-Encoding" not in refused.headers


def test_an_unknown_key_is_absent_and_a_revoked_one_is_gone(client, address):
    assert client.get("/calendar/never-made.ics").status_code == 404
    people.revoke(key=CalendarKey.objects.get())
    response = client.get(address)
    assert response.status_code == 410
    assert not response.cookies
    assert response.headers["Content-Language"] == "fr, it"
    french, italian = response.content.decode().splitlines()
    for language, line in (("fr", french), ("it", italian)):
        with translation.override(language):
            assert line == gettext("This calendar address has been revoked.")
    assert french != italian


def test_the_feed_of_who_is_out_is_gone(client, address, ange):
    people.suspend(person=ange)
    assert client.get(address).status_code == 410


def test_a_revoked_key_leaves_the_others_open(client, ange, address):
    _row, other = people.make_calendar_key(person=ange, name="computer")
    people.revoke(key=CalendarKey.objects.get(name="phone"))
    assert client.get(address).status_code == 410
    assert client.get(reverse("calendar-feed", args=[other])).status_code == 200


def test_a_feed_takes_only_questions(client, address):
    assert Client().post(address).status_code == 405


def test_the_last_use_is_noted_at_most_once_an_hour(client, address, clock):
    def used() -> datetime | None:
        return CalendarKey.objects.get().last_used_at

    assert used() is None
    client.get(address)
    first = used()
    clock.forward(minutes=59)
    client.get(address)
    assert used() == first
    clock.forward(minutes=2)
    client.get(address)
    assert used() is not None
    assert abs(used() - moments.now()) < timedelta(seconds=5)


def test_a_304_costs_two_questions_to_the_database(client, session, address, django_assert_num_queries):
    tag = client.get(address).headers["ETag"]
    with django_assert_num_queries(2):
        assert client.get(address, headers={"If-None-Match": tag}).status_code == 304


def test_the_key_is_nowhere_in_the_feed_nor_in_the_database(client, session, address):
    key = address.removeprefix("/calendar/").removesuffix(".ics")
    assert key.encode() not in client.get(address).content.replace(b"\r\n ", b"")
    assert key not in str(CalendarKey.objects.values())
