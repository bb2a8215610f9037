"""Catalogue D-07 and D-13: what is revoked opens nothing, rooms that nobody guesses, tokens of one click.

Covered elsewhere: a revoked key at each door tests/api/test_access.py and tests/web/test_feeds.py; open sockets of
who is out tests/realtime/test_consumer.py; room names and signed tokens tests/seminars/jitsi/test_tokens.py.
"""

import json
import math
import re
from datetime import timedelta
from typing import Any

import jwt
import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from seminars.actions import invitations, people
from seminars.jitsi.tokens import new_room
from seminars.models import Person
from seminars.moments import as_if
from tests import cast
from tests.api.calls import Script
from tests.catalogue.post import Sink, send

# --- D-07: revoked is refused at the next request -----------------------------------------------------------


@pytest.mark.django_db
def test_d07_what_is_revoked_by_the_page_opens_nothing_at_the_next_request(ange: Person) -> None:
    token, key = people.make_api_token(person=ange, name="script", may_write=True)
    calendar, address = people.make_calendar_key(person=ange, name="phone")
    cache.clear()
    caller, feed, browser = (
        Script(key),
        reverse("calendar-feed", args=[address]),
        cast.signed_in(Client(), ange),
    )
    assert (caller.get("sessions/").status_code, Client().get(feed).status_code) == (200, 200)
    etag = Client().get(feed).headers["ETag"]
    browser.post(reverse("token-revoke", args=[token.pk]))
    browser.post(reverse("calendar-revoke", args=[calendar.pk]))
    assert caller.get("sessions/").status_code == 401
    assert Client().get(feed).status_code == 410
    assert Client().get(feed, headers={"If-None-Match": etag}).status_code == 410
    token.refresh_from_db()
    calendar.refresh_from_db()
    assert token.revoked_at is not None
    assert calendar.revoked_at is not None


@pytest.mark.django_db
def test_d07_whoever_is_suspended_or_deleted_enters_by_nothing(elia: Person, ange: Person) -> None:
    (invitation,) = cast.invite(cast.make_session(elia), ange)
    key = people.make_api_token(person=ange, name="script", may_write=True)[1]
    feed = reverse("calendar-feed", args=[people.make_calendar_key(person=ange, name="phone")[1]])
    link = reverse("sign-in-link", args=[people.make_link(person=ange).token])
    personal = reverse("invitation-answer", args=[invitation.token])
    cache.clear()
    browser = cast.signed_in(Client(), ange)
    assert browser.get(reverse("today")).status_code == 200
    people.suspend(person=ange)
    assert browser.get(reverse("today")).status_code == 302
    assert Script(key).get("sessions/").status_code == 401
    assert Client().get(feed).status_code == 410
    assert Client().post(link).status_code == 410
    clicked = Client()
    clicked.post(personal, {"answer": "yes"})
    assert clicked.get(reverse("today")).status_code == 302
    invitation.delete()
    Person.objects.filter(pk=ange.pk).delete()
    assert Script(key).get("sessions/").status_code == 401
    assert Client().get(feed).status_code in (404, 410)


# --- D-13: rooms that nobody guesses, tokens that are nowhere but in the click ------------------------------


def test_d13_a_room_has_122_bits_and_follows_from_nothing() -> None:
    rooms = [new_room() for _ in range(2000)]
    assert len(set(rooms)) == len(rooms)
    drawn = [room.rpartition("-")[2] for room in rooms]
    assert math.log2(16) * min(len(room) for room in drawn) >= 122
    assert all(re.fullmatch(r"[0-9a-f]+", room) for room in drawn)
    ones = sum(int(room, 16).bit_count() for room in drawn) / (4 * sum(map(len, drawn)))
    assert abs(ones - 0.5) < 0.01


@pytest.fixture
def embedding(settings: Any) -> str:
    settings.VIDEO_MODE, settings.VIDEO_HOST = "embed", "video.example.org"
    settings.VIDEO_SECRET = "a-secret-of-the-video-server-of-32-octets"
    return str(settings.VIDEO_SECRET)


@pytest.mark.django_db
def test_d13_before_the_room_opens_neither_room_nor_token_is_anywhere(
    elia: Person, ange: Person, stranger: Person, mailing: Sink, embedding: str
) -> None:
    session = cast.make_session(elia, is_public=True)
    (invitation,) = cast.invite(session, ange)
    send()
    feed = reverse("calendar-feed", args=[people.make_calendar_key(person=ange, name="phone")[1]])
    pages = [
        Client().get(reverse("calendar-public", args=["fr"])),
        Client().get(feed),
        Client().get(reverse("session", args=[session.code])),
        Client().get(reverse("invitation-room", args=[invitation.token])),
        Client().post(reverse("invitation-join", args=[invitation.token]), follow=True),
    ]
    with as_if(session.starts_at - timedelta(hours=2)):
        for person in (ange, elia):
            browser = cast.signed_in(Client(), person)
            names = ["session", "session-room", "session-live"] + ["session-host"] * (person == elia)
            pages += [browser.get(reverse(name, args=[session.code])) for name in names]
            pages.append(browser.post(reverse("session-join", args=[session.code]), follow=True))
            pages.append(browser.post(reverse("session-video", args=[session.code]), follow=True))
        outside = cast.signed_in(Client(), stranger).post(reverse("session-join", args=[session.code]))
        assert outside.status_code == 404
    texts = [page.content.decode("utf-8", "replace") for page in pages]
    texts += [content.decode() + str(part) for _, content in mailing.taken for part in [content]]
    assert len(texts) >= 10
    assert not [text for text in texts if session.room in text or "eyJ" in text or "jwt=" in text]


@pytest.mark.django_db
def test_d13_the_token_of_the_click_is_for_this_room_person_and_hours_alone(
    elia: Person, ange: Person, embedding: str, caplog: pytest.LogCaptureFixture
) -> None:
    session = cast.make_session(elia)
    cast.invite(session, ange)
    browser = cast.signed_in(Client(), ange)
    with as_if(session.starts_at), caplog.at_level("DEBUG"):
        asked = {"moderator": "true", "affiliation": "owner", "room": "*", "host": "1", "as": "host"}
        page = browser.post(reverse("session-join", args=[session.code]) + "?moderator=true", asked)
        tokens = set(re.findall(r"eyJ[\w-]+\.[\w-]+\.[\w-]+", page.content.decode()))
        later = browser.get(reverse("session-room", args=[session.code]))
    assert len(tokens) == 1
    token = tokens.pop()
    claims = jwt.decode(
        token, embedding, ["HS256"], audience="jitsi", options={"verify_nbf": False, "verify_exp": False}
    )
    assert (claims["room"], claims["context"]["user"]["id"]) == (session.room, ange.code)
    assert "moderator" not in json.dumps(claims)
    assert claims["nbf"] <= session.starts_at.timestamp() < claims["exp"]
    assert claims["exp"] <= (session.ends_at + timedelta(minutes=31)).timestamp()
    assert "no-store" in page.headers["Cache-Control"]
    assert token not in later.content.decode()
    assert token not in caplog.text
    head, body, mark = token.split(".")
    none = jwt.utils.base64url_encode(b'{"alg":"none","typ":"JWT"}').decode()
    for forged in (f"{none}.{body}.", f"{none}.{body}.{mark}", f"{head}.{body[:-2]}AA.{mark}"):
        with pytest.raises(jwt.InvalidTokenError):
            jwt.decode(forged, embedding, ["HS256"], audience="jitsi")
    with as_if(session.ends_at + timedelta(hours=2)):
        over = browser.post(reverse("session-join", args=[session.code]), follow=True)
    assert "eyJ" not in over.content.decode()


@pytest.mark.django_db
def test_d13_an_invitation_taken_back_gives_no_token(elia: Person, ange: Person, embedding: str) -> None:
    session = cast.make_session(elia)
    (invitation,) = cast.invite(session, ange)
    invitations.withdraw(invitation=invitation, by=elia)
    with as_if(session.starts_at):
        by_link = Client().post(reverse("invitation-join", args=[invitation.token]))
        by_page = cast.signed_in(Client(), ange).post(reverse("session-join", args=[session.code]))
    assert (by_link.status_code, by_page.status_code) == (410, 410)
