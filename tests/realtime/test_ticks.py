"""Changes on a running loop: read beside the actions, told in order, and found where no fact brought them."""

import itertools
import logging
import threading
import time
import uuid
from typing import Any

import pytest

from realtime import audiences, gathering
from realtime.ticks import ticks
from seminars import facts
from seminars.actions import attendance, letters
from seminars.models import Person, Session
from seminars.queries import live
from tests import cast
from tests.realtime.lines import aside, companion

pytestmark = pytest.mark.django_db(transaction=True)


def arrive(session: Session, *people: Person) -> None:
    for person in people:
        attendance.arrive(session=session, person=person, connection=uuid.uuid4(), event=uuid.uuid4())


async def test_an_action_does_not_wait_for_its_audience(
    session: Session, ange: Person, dominique: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_free = threading.Event()
    patch = live.host_patch

    def slow(*facts: Any, **more: Any) -> Any:
        assert is_free.wait(10)
        return patch(*facts, **more)

    monkeypatch.setattr(live, "host_patch", slow)
    async with (
        companion(session.code, dominique, query="as=host") as host,
        companion(session.code, ange) as page,
    ):
        try:
            assert (await page.joins())[0] == "ok"
            assert (await page.says("rooms.hand", raised=True))[0] == "ok"
            assert await host.line.receive_nothing(timeout=0.1)
        finally:
            is_free.set()
        await host.learns(0, lambda patch: patch["people"][ange.code]["hand"] is not None)


async def test_presence_within_a_tick_leaves_as_one_change(
    session: Session, dominique: Person, settings: Any
) -> None:
    settings.LIVE_TICK_SECONDS = 0.6
    crowd = [await aside(cast.person, key=f"more-{n}", name=f"More {n}") for n in range(8)]
    async with companion(session.code, dominique, query="as=host") as host:
        before = host.heard[0][1]
        await aside(lambda: arrive(session, *crowd))
        [_, _, patch, _] = last = await host.learns(0, lambda patch: patch["counts"]["here"] == 8)
        changes = [frame for frame in host.heard if frame[0] == "live.changed"]
        assert len(changes) <= 3, "the first at once, the others together"
        assert (changes[0][3], last[1]) == (before, before + 8)
        assert all(after[3] == frame[1] for frame, after in itertools.pairwise(changes))
        assert patch["pulse"] == {"few": True, "alert": [], "votes": 0}


async def test_the_watch_finds_what_no_fact_brought(
    session: Session, ange: Person, dominique: Person, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process spoke, and nothing carried it here."""
    settings.LIVE_WATCH_SECONDS = 0.2
    async with (
        companion(session.code, dominique, query="as=host") as host,
        companion(session.code, ange) as page,
    ):
        before = page.heard[0][1]
        monkeypatch.setattr(facts, "_listeners", tuple)
        await aside(letters.publish, session=session, by=dominique, text_fr="Pause")
        await aside(lambda: arrive(session, ange))
        [_, seq, patch, since] = await page.learns(before, lambda patch: "messages" in patch)
        assert (since, seq) == (before, before + 2)
        assert patch["counts"] == {"here": 1}
        own = [frame[2]["mine"] for frame in page.heard if frame[0] == "live.changed" and "mine" in frame[2]]
        assert own[-1]["standing"] == "here"
        [_, seq, state] = await host.hears("live.snapshot")
        assert (seq, state["people"][ange.code]["standing"]) == (before + 2, "here")


async def test_a_change_that_could_not_be_read_follows_whole(
    session: Session,
    ange: Person,
    dominique: Person,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def broken(*arguments: Any) -> None:
        raise RuntimeError("no database")

    monkeypatch.setattr(gathering, "AGAIN", 0.05)
    async with companion(session.code, dominique, query="as=host") as host:
        with monkeypatch.context() as patch, caplog.at_level(logging.CRITICAL, "realtime.ticks"):
            patch.setattr(live, "host_patch", broken)
            await aside(lambda: arrive(session, ange))
            [_, _, state] = await host.hears("live.snapshot")
        assert state["people"][ange.code]["standing"] == "here"
        await aside(letters.publish, session=session, by=dominique, text_fr="Pause")
        await host.learns(0, lambda patch: "messages" in patch)


async def test_a_fact_beyond_the_databases_number_freezes_no_screen(
    session: Session, ange: Person, dominique: Person
) -> None:
    async with companion(session.code, ange) as page:
        before = page.heard[0][1]
        ticks.hear(facts.PresenceChanged(session.pk, 1_000_000, (ange.pk,)))
        assert (await page.hears("live.changed"))[1] == before
        await aside(letters.publish, session=session, by=dominique, text_fr="Pause")
        [_, seq, _, since] = await page.learns(before, lambda patch: "messages" in patch)
        assert (since, seq) == (before, before + 1)


async def test_a_numbers_query_that_fails_is_made_again(
    session: Session, ange: Person, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.LIVE_WATCH_SECONDS = 0.1
    numbers, calls = live.numbers, []

    def first_broken(sessions: Any) -> dict[int, int]:
        calls.append(sessions)
        if len(calls) == 1:
            raise RuntimeError("no database")
        return numbers(sessions)

    monkeypatch.setattr(live, "numbers", first_broken)
    async with companion(session.code, ange) as page:
        await aside(Session.objects.filter(pk=session.pk).update, live_seq=90)
        assert (await page.hears("live.changed"))[1] == 90
    assert len(calls) >= 2


async def test_a_session_without_screens_costs_nothing_and_one_that_opens_again_begins_anew(
    session: Session, ange: Person, dominique: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[gathering.Change] = []
    plain = audiences.read

    def noted(change: gathering.Change) -> Any:
        read.append(change)
        return plain(change)

    monkeypatch.setattr(audiences, "read", noted)
    async with companion(session.code, ange):
        pass
    await ticks.look()
    assert ticks.gatherings == {}
    await aside(letters.publish, session=session, by=dominique, text_fr="Une")
    async with companion(session.code, ange) as page:
        assert read == []
        await aside(letters.publish, session=session, by=dominique, text_fr="Deux")
        [_, seq, _, since] = await page.hears("live.changed")
        assert since == seq - 1
    assert [change.is_whole for change in read] == [False]


async def test_a_fact_reaches_an_idle_socket_in_under_a_fifth_of_a_second(
    session: Session, ange: Person, dominique: Person
) -> None:
    async with companion(session.code, ange) as page:
        took = []
        for number in range(5):
            await aside(letters.publish, session=session, by=dominique, text_fr=f"Message {number}")
            began = time.monotonic()
            await page.hears("live.changed")
            took.append(time.monotonic() - began)
        assert sorted(took)[2] < 0.2
