"""Parts of the public programme and keys with a scope, as calendar programs fetch them."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from seminars.actions import people, sessions
from seminars.models import CalendarKey, Person, Session
from seminars.vocabulary import FeedScope, Kind
from tests import cast
from tests.letterbox import keep
from web.keptfeeds import store

pytestmark = pytest.mark.django_db
PARTS = ["activity/A1", "organisation/it-coop", "side/it", "kind/distance_training"]


@pytest.fixture(autouse=True)
def nothing_kept() -> None:
    store.clear()


@pytest.fixture
def session(elia: Person, ange: Person) -> Session:
    made = cast.make_session(elia, is_public=True)
    cast.invite(made, ange)
    return made


def of(part: str, language: str = "fr") -> str:
    return f"/calendar/public/{language}/{part}.ics"


def own(person: Person, **more: object) -> str:
    return reverse("calendar-feed", args=[people.make_calendar_key(person=person, name="phone", **more)[1]])


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("language", ["fr", "it", "en"])
def test_each_part_is_a_feed_in_each_language(client, session, elia, ange, part, language):
    response = client.get(of(part, language))
    keep(response.content, session.uid, f"{part.replace('/', '-')}-{language}", "ics")
    assert response.status_code == 200
    assert session.uid.encode() in response.content
    name = f"viso-{language}-{part.replace('/', '-')}.ics"
    assert response.headers["Content-Disposition"] == f'inline; filename="{name}"'
    assert response.headers["Content-Language"] == language
    assert response.headers["Cache-Control"] == "public, max-age=0, must-revalidate"
    assert not response.cookies
    whole = response.content.replace(b"\r\n ", b"").decode()
    for hidden in ("/room/", "/i/", "ATTENDEE", "ORGANIZER", elia.name, elia.email, ange.name, "METHOD"):
        assert hidden not in whole


@pytest.mark.parametrize(
    "path",
    [
        of("activity/A9"),
        of("organisation/nobody"),
        of("side/ch"),
        of("kind/party"),
        of("person/ange"),
        of("activity/A1", "de"),
        "/calendar/public/fr/activity.ics",
        "/calendar/public/fr/activity/A1/more.ics",
        "/calendar/public/fr/activity/%00.ics",
    ],
)
def test_what_is_no_part_is_absent_in_plain_words(client, session, path):
    response = client.get(path)
    assert response.status_code == 404
    assert response.headers["Content-Type"].startswith("text/plain")
    assert not response.cookies
    assert not store.kept


@pytest.mark.parametrize("part", PARTS)
def test_a_part_follows_each_public_change_and_only_then_has_other_bytes(client, session, clock, part):
    first = client.get(of(part))
    asked = {"If-None-Match": first.headers["ETag"]}
    assert client.get(of(part), headers=asked).status_code == 304
    clock.forward(minutes=1)
    cast.make_session(
        session.created_by,
        is_public=True,
        activity=cast.activity("A2"),
        kind=Kind.YOUTH_STAY,
        host=cast.organisation("fr-lead", "FR"),
    )
    assert client.get(of(part), headers=asked).status_code == 304  # read anew, the same
    sessions.edit(session=session, by=session.created_by, title_fr="Autre titre")
    changed = client.get(of(part), headers=asked)
    assert (changed.status_code, b"Autre titre" in changed.content) == (200, True)
    sessions.edit(session=session, by=session.created_by, is_public=False)
    assert b"VEVENT" not in client.get(of(part)).content


@pytest.mark.parametrize("part", PARTS)
def test_a_part_is_read_in_few_queries(client, session, part, django_assert_max_num_queries):
    with django_assert_max_num_queries(6):
        tag = client.get(of(part)).headers["ETag"]
    with django_assert_max_num_queries(2):
        assert client.get(of(part), headers={"If-None-Match": tag}).status_code == 304


def test_a_key_shows_what_it_was_made_for(client, session, ange, elia):
    other = cast.make_session(elia)
    cast.invite(other, ange)
    paths = {scope: own(ange, scope=scope, language="it") for scope in FeedScope}
    everything = client.get(paths[FeedScope.ALL]).content
    assert session.title_it.encode() in everything
    assert other.uid.encode() in everything
    assert b"VEVENT" not in client.get(paths[FeedScope.COMING]).content
    cast.signed_in(Client(), ange).post(reverse("answer", args=[other.code]), {"answer": "yes"})
    coming = client.get(paths[FeedScope.COMING])
    keep(coming.content, other.uid, "coming", "ics")
    assert other.uid.encode() in coming.content
    assert session.uid.encode() not in coming.content
    assert b"VEVENT" not in client.get(paths[FeedScope.LEADING]).content


def test_a_key_opens_nothing_after_its_moment_and_says_so(client, session, ange, clock):
    path = own(ange, lasts=30)
    row = CalendarKey.objects.get()
    clock.at(row.expires_at - timedelta(minutes=1))
    first = client.get(path)
    assert first.status_code == 200
    clock.forward(minutes=2)
    for headers in ({}, {"If-None-Match": first.headers["ETag"]}):
        response = client.get(path, headers=headers)
        assert response.status_code == 410
        assert response.headers["Content-Language"] == "fr, it"
        assert not response.cookies
    assert not store.kept
    people.renew(key=row, lasts=30)
    assert client.get(path).status_code == 200


def test_an_unknown_key_a_revoked_one_and_one_that_is_over_are_told_apart(client, ange, clock):
    over, revoked = own(ange, lasts=1), own(ange)
    people.revoke(key=CalendarKey.objects.order_by("-pk")[0])
    clock.forward(days=2)
    bodies = [client.get(path) for path in ("/calendar/never-made.ics", revoked, over)]
    assert [response.status_code for response in bodies] == [404, 410, 410]
    assert len({response.content for response in bodies}) == 3
