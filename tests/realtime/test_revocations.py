"""Who may no longer stay is shown out, whatever is lost on the way: by a moment's chance, by Redis, by a sign-out."""

import asyncio
import os
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings as installation
from django.contrib.sessions.models import Session as CookieSession
from django.test import Client
from django.urls import reverse

from realtime import consumers, relay, seats
from realtime.broadcast import catch_up
from realtime.hub import hub
from realtime.relay import Relay
from seminars import facts
from seminars.actions import invitations, people
from seminars.facts import AccessRevoked, SessionChanged
from seminars.models import Invitation, Person, Session
from tests.realtime.lines import Companion, aside, companion
from tests.realtime.live_data import cookie

pytestmark = pytest.mark.django_db(transaction=True)


def key_of(page: Companion) -> str:
    return seats.cookie_of(page.line.scope["headers"])


def withdrawn(session: Session, person: Person, by: Person) -> None:
    invitations.withdraw(invitation=Invitation.objects.get(session=session, person=person), by=by)


@pytest.mark.parametrize("is_first", [True, False])
async def test_a_revocation_between_the_look_and_the_seat_is_noticed(
    session: Session, ange: Person, dominique: Person, monkeypatch: pytest.MonkeyPatch, is_first: bool
) -> None:
    take, taken = seats.take, []

    def interrupted(**given: Any) -> seats.Seat | int:
        found = take(**given)
        if not taken:
            taken.append(found)
            withdrawn(session, ange, dominique)
        return found

    monkeypatch.setattr(consumers.seats, "take", interrupted)
    if is_first:
        monkeypatch.setattr(hub, "loop", None)
    knocking = Companion(session.code, await aside(cookie, person=ange))
    assert (await knocking.line.connect(timeout=3))[0]
    assert await knocking.is_closed_with() == 4403
    assert not knocking.heard


ENDINGS: list[tuple[str, int]] = [("withdrawn", 4403), ("suspended", 4401), ("signed out", 4401)]


@pytest.mark.parametrize(("how", "code"), ENDINGS)
async def test_a_revocation_that_no_message_brought_is_found_by_the_watch(
    session: Session,
    ange: Person,
    bruna: Person,
    dominique: Person,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
    how: str,
    code: int,
) -> None:
    settings.LIVE_WATCH_SECONDS = 0.1
    ways: dict[str, Callable[[], Any]] = {
        "withdrawn": lambda: withdrawn(session, ange, dominique),
        "suspended": lambda: people.suspend(person=ange),
        "signed out": lambda: CookieSession.objects.get(pk=key_of(page)).delete(),
    }
    async with companion(session.code, bruna) as other, companion(session.code, ange) as page:
        monkeypatch.setattr(facts, "_listeners", tuple)
        await aside(ways[how])
        assert await page.is_closed_with() == code
        assert (await other.joins())[0] == "ok"


async def test_whoever_may_stay_is_not_asked_by_the_watch(
    session: Session, ange: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []
    async with companion(session.code, ange):
        monkeypatch.setattr(seats, "lost", lambda **given: asked.append(given) or 0)
        await seats.registry.doubt()
        await asyncio.sleep(0.05)
    assert asked == []


async def test_after_a_time_without_redis_all_seats_are_looked_at(
    session: Session, ange: Person, dominique: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with companion(session.code, ange) as page:
        monkeypatch.setattr(facts, "_listeners", tuple)
        await aside(withdrawn, session=session, person=ange, by=dominique)
        before = seats.registry.revocations
        await catch_up()
        assert seats.registry.revocations > before, "who is about to sit down looks as well"
        assert await page.is_closed_with() == 4403


async def test_a_sign_out_closes_the_sockets_of_that_cookie_only(session: Session, ange: Person) -> None:
    async with companion(session.code, ange) as here, companion(session.code, ange) as elsewhere:
        browser = Client()
        browser.cookies[installation.SESSION_COOKIE_NAME] = key_of(here)
        began = time.monotonic()
        await aside(browser.post, path=reverse("sign-out"))
        assert await here.is_closed_with() == 4401
        assert time.monotonic() - began < 3
        assert (await elsewhere.joins())[0] == "ok"


async def test_who_signs_in_at_anothers_browser_ends_the_others_sockets(
    session: Session, ange: Person, bruna: Person
) -> None:
    async with companion(session.code, ange) as here:
        browser = Client()
        browser.cookies[installation.SESSION_COOKIE_NAME] = key_of(here)
        link = await aside(people.make_link, person=bruna)
        await aside(browser.post, path=reverse("sign-in-link", args=[people.token_of(link)]))
        assert await here.is_closed_with() == 4401


class Layer:
    """Takes what is sent, or is away."""

    def __init__(self) -> None:
        self.is_away, self.sent = True, list[dict[str, Any]]()

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        if self.is_away:
            raise OSError("away")
        self.sent.append(message)


@pytest.fixture
def layer(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Layer:
    settings.REDIS_URL = os.environ.get("REDIS_URL", "redis://127.0.0.1:1")
    made = Layer()
    monkeypatch.setattr(relay, "get_channel_layer", lambda: made)
    monkeypatch.setattr(relay, "REST", 0.05)
    return made


async def test_a_revocation_while_redis_is_away_is_said_when_it_is_back(layer: Layer) -> None:
    hub.begin()
    sender = Relay()
    sender.publish(AccessRevoked(1, 7))  # this one fails
    await asyncio.sleep(0.02)
    assert sender.is_resting
    sender.publish(AccessRevoked(2))  # this one is not even tried
    sender.publish(SessionChanged(7, 3))
    await asyncio.sleep(0.15)
    assert layer.sent == []
    layer.is_away = False
    async with asyncio.timeout(3):
        while len(layer.sent) < 2:
            await asyncio.sleep(0.01)
    said = sorted((message["kind"], message["body"]["person_id"]) for message in layer.sent)
    assert said == [("AccessRevoked", 1), ("AccessRevoked", 2)]
    assert sender.paying is not None
    await sender.paying
    assert not sender.owed


def test_without_a_loop_the_next_message_takes_along_what_is_owed(
    layer: Layer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub, "loop", None)
    sender, sent = Relay(), list[str]()

    def send(message: dict[str, Any]) -> None:
        if layer.is_away:
            raise OSError("away")
        sent.append(message["kind"])

    monkeypatch.setattr(sender, "send_from_here", send)
    sender.publish(AccessRevoked(1))
    sender.publish(AccessRevoked(2))
    layer.is_away, sender.resting_until = False, 0.0
    sender.publish(SessionChanged(7, 3))
    assert sent == ["AccessRevoked", "AccessRevoked", "SessionChanged"]
