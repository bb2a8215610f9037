"""Facts between processes: what crosses, that no word of it is personal, and that nothing waits for Redis."""

import asyncio
import json
import os
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from channels.layers import InMemoryChannelLayer, get_channel_layer
from channels_redis.serializers import registry

from realtime import relay as relays
from realtime.relay import KINDS, Relay, packed, relay, unpacked
from realtime.ticks import ticks
from seminars import facts
from seminars.actions import attendance, letters
from seminars.facts import AccessRevoked, Fact, MessagePublished, PresenceChanged, SessionChanged
from seminars.models import Invitation, Person, Session
from seminars.moments import now
from tests.realtime.lines import aside, companion
from tests.services import Valkey

HEARD: list[Fact | AccessRevoked] = [
    SessionChanged(7, 3),
    PresenceChanged(7, 4, (1, 2)),
    facts.AnswerChanged(7, 5, (2,)),
    facts.PulseTaken(7, 6, (2,)),
    facts.HandChanged(7, 7),
    MessagePublished(7, 8, 90),
    facts.CheckAsked(7, 9),
    facts.CheckAnswered(7, 10, (1, 2)),
    facts.InspectorSeen(7, 11),
    AccessRevoked(2, 7),
]
needs_redis = pytest.mark.skipif("REDIS_URL" not in os.environ, reason="needs VISO_TEST_REDIS=1")


def carried(message: dict[str, Any]) -> dict[str, Any]:
    """A message as it arrives."""
    wire = registry.get_serializer("msgpack", symmetric_encryption_keys=None)
    found: dict[str, Any] = wire.deserialize(wire.serialize(message))
    return found


@pytest.mark.parametrize("fact", HEARD, ids=lambda fact: type(fact).__name__)
def test_a_fact_crosses_unchanged(fact: Fact | AccessRevoked) -> None:
    assert unpacked(carried(packed(fact))) == fact


def test_every_kind_of_fact_crosses() -> None:
    kinds = {kind.__name__ for kind in Fact.__subclasses__()} | {"AccessRevoked"}
    assert {type(fact).__name__ for fact in HEARD} == kinds
    assert set(KINDS) == kinds


@pytest.mark.parametrize("fact", HEARD, ids=lambda fact: type(fact).__name__)
def test_only_numbers_cross_never_a_word(fact: Fact | AccessRevoked) -> None:
    body = packed(fact)["body"]
    assert all(
        isinstance(each, int)
        for value in body.values()
        for each in (value if isinstance(value, tuple) else [value])
    )


def test_what_a_newer_process_says_means_that_anything_may_have_changed() -> None:
    newer = {
        "type": "fact",
        "from": "x",
        "kind": "DoorPainted",
        "body": {"session_id": 7, "seq": 3, "hue": 1},
    }
    assert type(unpacked(newer)) is Fact
    assert unpacked({**newer, "kind": "SessionChanged"}) == Fact(7, 3)


def test_own_messages_and_nonsense_are_dropped(caplog: pytest.LogCaptureFixture) -> None:
    heard: list[Any] = []
    mine = packed(SessionChanged(7, 3))
    for message in (mine, {"type": "x"}, {**mine, "from": "x", "body": {}}, {**mine, "from": "x"}):
        Relay().take(message, heard.append)
    assert heard == [SessionChanged(7, 3)]
    assert caplog.text.count("was not understood") == 2


def test_without_redis_nothing_is_sent(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.REDIS_URL = ""
    monkeypatch.setattr(relays, "packed", None)
    Relay().publish(SessionChanged(7, 3))


def test_a_dead_redis_costs_an_action_nothing_but_a_line_in_the_log(
    settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    use(settings, "redis://127.0.0.1:1")
    dead = Relay()
    began = time.monotonic()
    for seq in range(100):
        dead.publish(SessionChanged(7, seq))
    assert time.monotonic() - began < 5
    assert caplog.text.count("will find out by themselves") == 1, "it rests before it tries again"


class Shaky(InMemoryChannelLayer):
    """A layer whose group cannot be joined at first, and that carries what is no message."""

    refusals = 3

    async def group_add(self, group: str, channel: str) -> None:
        await super().group_add(group, channel)
        if self.refusals:
            self.refusals -= 1
            raise OSError("away")

    async def receive(self, channel: str) -> Any:
        message = await super().receive(channel)
        if "nonsense" in message:
            raise ValueError("not decoded")
        return message


async def test_a_process_that_cannot_hear_leaves_no_channel_behind(
    settings: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1"
    layer, heard, joins = Shaky(), list[Any](), list[str]()
    monkeypatch.setattr(relays, "get_channel_layer", lambda: layer)
    monkeypatch.setattr(relays, "REST", 0.01)
    listening = Relay()

    async def joined() -> None:
        joins.append(listening.channel)

    listening.listen(heard.append, joined)
    async with asyncio.timeout(3):
        while not joins:
            await asyncio.sleep(0.005)
        for message in ({"nonsense": 1}, {**packed(SessionChanged(7, 3)), "from": "x"}):
            await layer.group_send("facts", message)
        while not heard:
            await asyncio.sleep(0.005)
    assert listening.pumping is not None
    listening.pumping.cancel()
    assert (heard, len(joins)) == ([SessionChanged(7, 3)], 1), "what cannot be decoded costs itself only"
    assert list(layer.groups["facts"]) == joins
    assert set(layer.channels) <= set(joins)
    assert caplog.text.count("trying again") == 3


def use(settings: Any, address: str) -> None:
    settings.REDIS_URL = address
    settings.CHANNEL_LAYERS = {
        "default": {
            "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
            "CONFIG": {"hosts": [address], "prefix": settings.REDIS_PREFIX},
        }
    }


@asynccontextmanager
async def another_process(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[list[Fact | AccessRevoked]]:
    """What acts announce meanwhile reaches nobody here; it is kept, to be sent as another process would."""
    kept: list[Fact | AccessRevoked] = []
    with monkeypatch.context() as patch:
        patch.setattr(facts, "_listeners", lambda: (kept.append,))
        patch.setattr(relays, "BOOT", "another")
        yield kept


@needs_redis
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("has_loop", [True, False])
async def test_what_another_process_did_is_shown_at_once(
    has_loop: bool, session: Session, ange: Person, dominique: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with companion(session.code, ange) as page:
        await joined()
        async with another_process(monkeypatch) as kept:
            await aside(letters.publish, session=session, by=dominique, text_fr="Pause")
            message = packed(kept[0])
        if has_loop:
            await relay.send(message)
        else:
            await aside(relay.send_from_here, message=message)
        began = time.monotonic()
        [_, seq, patch, since] = await page.hears("live.changed")
        assert time.monotonic() - began < 5
        assert (patch["messages"][0]["text_fr"], since) == ("Pause", seq - 1)


@needs_redis
@pytest.mark.django_db(transaction=True)
async def test_who_lost_her_access_elsewhere_is_shown_out_at_once(
    session: Session, ange: Person, dominique: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    from_there = await aside(Invitation.objects.get, session=session, person=ange)
    async with companion(session.code, ange) as page:
        await joined()
        async with another_process(monkeypatch) as kept:
            await aside(lambda: Invitation.objects.filter(pk=from_there.pk).update(withdrawn_at=now()))
            kept.append(AccessRevoked(ange.pk, session.pk))
            message = packed(kept[-1])
        await relay.send(message)
        assert await page.is_closed_with() == 4403


@needs_redis
@pytest.mark.django_db(transaction=True)
async def test_facts_that_overtake_or_lose_one_another_end_at_the_same_state(
    session: Session, ange: Person, bruna: Person, dominique: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with (
        companion(session.code, dominique, query="as=host") as host,
        companion(session.code, ange) as page,
    ):
        await joined()
        async with another_process(monkeypatch) as kept:
            for person in (ange, bruna):
                await aside(
                    attendance.arrive,
                    session=session,
                    person=person,
                    connection=uuid.uuid4(),
                    event=uuid.uuid4(),
                )
            await aside(letters.publish, session=session, by=dominique, text_fr="Une")
            await aside(letters.publish, session=session, by=dominique, text_fr="Deux")
            messages = [packed(fact) for fact in kept]
        for number in (1, 0, 3):  # the third is lost
            await relay.send(messages[number])
        last = kept[3].seq if isinstance(kept[3], Fact) else 0
        whole = host.heard[-1]
        while whole[1] < last:
            whole = json.loads(await host.line.receive_from(timeout=3))
        assert whole[0] == "live.snapshot"
        assert [message["text_fr"] for message in whole[2]["messages"]] == ["Une", "Deux"]
        assert whole[2]["counts"]["here"] == 2
        await page.learns(last - 1, lambda patch: len(patch.get("messages", ())) == 2)


@needs_redis
@pytest.mark.django_db(transaction=True)
async def test_after_a_restart_of_redis_changes_are_shown_within_the_watch_and_then_at_once(
    session: Session, ange: Person, dominique: Person, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.LIVE_WATCH_SECONDS = 1.0
    own = await aside(Valkey)
    try:
        use(settings, own.environment()["REDIS_URL"])
        async with companion(session.code, ange) as page:
            await joined()
            await aside(own.break_off)
            async with another_process(monkeypatch) as kept:
                await aside(letters.publish, session=session, by=dominique, text_fr="Pendant")
                message = packed(kept[0])
            await relay.send(message)
            await page.learns(0, lambda patch: said(patch) == "Pendant")
            await aside(own.come_back)
            settings.LIVE_WATCH_SECONDS = 60  # from here on only Redis can bring it
            await asyncio.sleep(2.5)  # the layer tries again each second
            async with another_process(monkeypatch) as kept:
                await aside(letters.publish, session=session, by=dominique, text_fr="Ensuite")
                message = packed(kept[0])
            await relay.send(message)
            await page.learns(0, lambda patch: said(patch) == "Ensuite")
    finally:
        await aside(own.stop)


def said(patch: dict[str, Any]) -> str:
    return str(patch["messages"][-1]["text_fr"]) if patch.get("messages") else ""


async def joined() -> None:
    """Until this process is in the group of facts."""
    layer = get_channel_layer()
    while not (relay.channel in layer.channels and layer.groups and ticks.gatherings):
        await ticks.look()
