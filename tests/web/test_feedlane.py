"""The lane before Django: the same answers, and Django asked whenever something may be otherwise."""

import gzip
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils.http import http_date

from seminars import keys
from seminars.actions import people, sessions
from seminars.models import CalendarKey, FeedVersion, Person, Session
from seminars.queries import calendars, scopes
from tests import cast
from tests.web.feeddoor import Door, opened
from web.feedlane import FeedLane
from web.feedversions import Unknown
from web.keptfeeds import store, takes_gzip

pytestmark = pytest.mark.django_db
PUBLIC = "/calendar/public/fr.ics"
PART = "/calendar/public/it/activity/A1.ics"


@pytest.fixture
def door() -> Iterator[Door]:
    with opened() as both:
        yield both


@pytest.fixture
def session(elia: Person, ange: Person) -> Session:
    made = cast.make_session(elia, is_public=True)
    cast.invite(made, ange)
    return made


@pytest.fixture
def address(ange: Person, session: Session) -> str:
    return f"/calendar/{people.make_calendar_key(person=ange, name='phone')[1]}.ics"


def name_of(address: str) -> str:
    return keys.digest(address.removeprefix("/calendar/").removesuffix(".ics"))


def version_of(name: str) -> int:
    return FeedVersion.objects.get(name=name).version


QUESTIONS: list[dict[str, str]] = [
    {},
    {"accept-encoding": "gzip, deflate, br"},
    {"accept-encoding": "gzip;q=0"},
    {"accept-encoding": "gzip; q=0.000, identity"},
    {"if-none-match": "{tag}"},
    {"if-none-match": "W/{tag}"},
    {"if-none-match": '"other", {tag}, "more"'},
    {"if-none-match": '"other", W/{tag}'},
    {"if-none-match": "*"},
    {"if-none-match": '"other"'},
    {"if-none-match": "not a tag"},
    {"if-none-match": '"other"', "if-modified-since": "{hour}"},
    {"if-none-match": "not a tag", "if-modified-since": "{hour}"},
    {"if-none-match": "{tag}", "accept-encoding": "gzip"},
    {"if-none-match": "{packed}", "accept-encoding": "gzip"},
    {"if-modified-since": "{hour}"},
    {"if-modified-since": "{later}"},
    {"if-modified-since": "{earlier}"},
    {"if-modified-since": "yesterday"},
]


def is_304(question: dict[str, str]) -> bool:
    """What RFC 9110, 13.2.2 wants: If-Modified-Since counts where there is no usable If-None-Match."""
    tag = "{packed}" if question.get("accept-encoding", "").split(",")[0] == "gzip" else "{tag}"
    tags = question.get("if-none-match", "")
    if tags and tags != "not a tag":
        return tags.strip() == "*" or tag in tags
    return question.get("if-modified-since") in ("{hour}", "{later}")


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("which", ["own", "public", "part"])
@pytest.mark.parametrize("question", QUESTIONS, ids=str)
def test_both_ways_give_the_same_answer(
    door: Door, address: str, which: str, question: dict[str, str], method: str
) -> None:
    path = {"own": address, "public": PUBLIC, "part": PART}[which]
    first = door.ask(path)
    modified = version_of(name_of(address) if which == "own" else scopes.PUBLIC)
    words = {
        "tag": first["ETag"],
        "packed": first["ETag"][:-1] + '-gzip"',
        "hour": first["Last-Modified"],
        "later": http_date(modified + 60),
        "earlier": http_date(modified - 60),
    }
    headers = {name: text.format(**words) for name, text in question.items()}
    ours, django = door.kept(path, method, **headers), door.ask(path, method, door.django, **headers)
    assert (ours.status, ours.headers) == (django.status, django.headers)
    assert ours.body == (b"" if method == "HEAD" else django.body)
    assert ours.status == (304 if is_304(question) else 200)


def test_packed_bytes_are_the_plain_ones(door: Door, address: str) -> None:
    plain, packed = door.kept(address), door.kept(address, **{"accept-encoding": "gzip"})
    assert gzip.decompress(packed.body) == plain.body
    assert packed["Content-Encoding"] == "gzip"
    assert int(packed["Content-Length"]) == len(packed.body)


@pytest.mark.parametrize("which", ["own", "public"])
def test_a_change_is_in_the_next_answer(door: Door, session: Session, address: str, which: str) -> None:
    path = address if which == "own" else PUBLIC
    name = name_of(address) if which == "own" else scopes.PUBLIC
    before = door.kept(path)
    sessions.edit(session=session, by=session.created_by, title_fr="Autre")
    door.known.now[name] = version_of(name)
    for headers in ({"if-none-match": before["ETag"]}, {"if-modified-since": before["Last-Modified"]}):
        after = door.ask(path, **headers)
        assert (after.status, b"Autre" in after.body) == (200, True)
    assert door.kept(path).body != before.body


@pytest.mark.parametrize("end", ["revoked", "out"])
def test_a_key_that_ended_opens_nothing_though_its_feed_was_kept(
    door: Door, address: str, ange: Person, end: str
) -> None:
    tag = door.kept(address)["ETag"]
    if end == "revoked":
        people.revoke(key=CalendarKey.objects.get())
    else:
        people.suspend(person=ange)
    door.known.now.clear()  # as every way of knowing does: the row is gone
    for headers in ({}, {"if-none-match": tag}):
        assert door.handed_over(address, **headers).status == 410
    assert not store.kept


def test_an_unknown_key_is_django_s_to_refuse_and_nothing_is_kept(door: Door) -> None:
    for path in ("/calendar/never-made.ics", "/calendar/public/de.ics", "/calendar/public/fr/x.ics"):
        assert door.handed_over(path).status == 404
    assert not store.kept
    assert not door.known.asked


@pytest.mark.parametrize("which", ["own", "public"])
@pytest.mark.parametrize("way", ["past", "cancelled"])
def test_an_entry_leaves_at_its_moment_and_not_before(
    door: Door, session: Session, address: str, clock: cast.Clock, settings: Any, which: str, way: str
) -> None:
    path = address if which == "own" else PUBLIC
    session.refresh_from_db()
    if way == "past":
        left = session.ends_at + timedelta(days=settings.FEED_PAST_DAYS)
    else:
        cancelled = sessions.cancel(session=session, by=session.created_by)
        assert cancelled.cancelled_at is not None
        left = cancelled.cancelled_at + timedelta(days=settings.FEED_CANCELLED_DAYS)
    clock.at(left - timedelta(seconds=20))
    before = door.kept(path)
    assert session.uid.encode() in before.body
    clock.forward(seconds=25)
    for headers in ({"if-none-match": before["ETag"]}, {"if-modified-since": before["Last-Modified"]}):
        after = door.ask(path, **headers)
        assert (after.status, session.uid.encode() in after.body) == (200, False)
    assert door.kept(path).body == after.body


def test_once_an_hour_django_is_asked_so_that_the_use_is_noted(
    door: Door, address: str, clock: cast.Clock
) -> None:
    door.kept(address)
    first = CalendarKey.objects.get().last_used_at
    clock.forward(minutes=59)
    door.kept(address)
    clock.forward(minutes=2)
    door.handed_over(address)
    later = CalendarKey.objects.get().last_used_at
    assert first is not None
    assert later is not None
    assert later - first > timedelta(minutes=60)
    door.kept(address)


def test_the_public_feed_never_has_to_be_noted(door: Door, session: Session, clock: cast.Clock) -> None:
    door.kept(PUBLIC)
    clock.forward(hours=20)
    door.kept(PUBLIC)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("cookie", "sessionid=x"),
        ("if-match", '"x"'),
        ("if-unmodified-since", "Sun, 22 Nov 2026 08:00:00 GMT"),
    ],
)
def test_an_unusual_question_is_django_s(door: Door, address: str, name: str, value: str) -> None:
    door.kept(address)
    door.handed_over(address, **{name: value})


def test_only_questions_are_answered(door: Door, address: str) -> None:
    door.kept(address)
    assert door.handed_over(address, "POST").status == 403  # a form without its cookie


def test_another_host_gets_nothing_that_django_would_refuse(door: Door, address: str) -> None:
    door.kept(address)
    for _ in range(2):
        assert door.handed_over(address, host="evil.example").status == 400


def test_what_https_adds_is_not_said_by_http(door: Door, address: str, settings: Any) -> None:
    settings.SECURE_HSTS_SECONDS = 60
    door = Door()
    plain = door.kept(address)
    safe = door.kept(address, scheme="https")
    assert b"strict-transport-security" not in dict(plain.headers)
    assert safe["Strict-Transport-Security"] == "max-age=60"
    assert safe.headers == door.ask(address, "GET", door.django, scheme="https").headers


def test_a_proxy_that_says_https_is_heard_where_it_is_trusted(
    door: Door, address: str, settings: Any
) -> None:
    settings.SECURE_HSTS_SECONDS, settings.SECURE_PROXY_SSL_HEADER = 60, ("HTTP_X_FORWARDED_PROTO", "https")
    door = Door()
    assert b"strict-transport-security" not in dict(door.kept(address).headers)
    assert door.kept(address, **{"x-forwarded-proto": "https"})["Strict-Transport-Security"] == "max-age=60"


def test_a_page_below_another_prefix_is_django_s(door: Door, address: str) -> None:
    door.kept(address)
    assert door.handed_over(address + "/x").status == 404
    assert door.handed_over("/calendar/.ics").status == 404


def test_where_the_database_is_in_memory_django_answers_all(door: Door, address: str) -> None:
    door.lane = FeedLane(door.count, Unknown())
    for _ in range(3):
        assert door.handed_over(address).status == 200


def test_a_feed_that_changes_while_it_is_read_is_read_again(
    door: Door, session: Session, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, titles = calendars.feed, iter(["Un", "Deux"])

    def interrupted(scope: scopes.Scope) -> calendars.Edition:
        made = whole(scope)
        if title := next(titles, None):
            sessions.edit(session=session, by=session.created_by, title_fr=title)
        return made

    monkeypatch.setattr(calendars, "feed", interrupted)
    assert b"Deux" in door.ask(address).body
    assert b"Deux" in door.kept(address).body


def test_the_store_keeps_what_was_asked_for_last(
    door: Door, ange: Person, session: Session, settings: Any
) -> None:
    paths = [f"/calendar/{people.make_calendar_key(person=ange, name=str(n))[1]}.ics" for n in range(3)]
    door.kept(paths[0])
    settings.FEED_KEPT_BYTES = store.size * 2
    door.kept(paths[1])
    door.kept(paths[0])
    door.kept(paths[2])
    assert {address.name for address in store.kept} == {name_of(paths[0]), name_of(paths[2])}
    assert store.size <= settings.FEED_KEPT_BYTES
    settings.FEED_KEPT_BYTES = 10
    assert door.handed_over(paths[1]).status == 200
    assert (store.size, len(store.kept)) == (0, 0)


def test_a_feed_is_built_once_however_many_ask(door: Door, address: str, monkeypatch: Any) -> None:
    builds, whole = [], calendars.feed
    monkeypatch.setattr(calendars, "feed", lambda scope: builds.append(scope) or whole(scope))
    for _ in range(5):
        door.ask(address, "GET", door.django)
        door.ask(address)
    assert len(builds) == 1


@pytest.mark.parametrize(
    ("accepted", "takes"),
    [
        ("", False),
        ("gzip", True),
        ("br, gzip;q=0.8", True),
        ("gzip;q=0.000", False),
        ("gzip;q=0.001", True),
        ("gzip ; Q=0", False),
        ("gzip;q=0, deflate", False),
    ],
)
def test_gzip_is_taken_by_who_says_so(accepted: str, takes: bool) -> None:
    assert takes_gzip(accepted) is takes
