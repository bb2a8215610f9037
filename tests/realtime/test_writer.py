"""The writer: acknowledged means committed, in order, bounded, and a fault in one message is its own."""

import asyncio
import threading
import uuid
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest
import pytest_asyncio
from django.db import OperationalError

from realtime import writer as writing
from realtime.writer import Writer
from seminars.actions import connections
from seminars.actions.connections import Beat, Message, Receipt
from seminars.errors import Refused
from seminars.moments import now

pytestmark = pytest.mark.django_db(transaction=True)


class Keeping:
    """Stands for connections.keep: holds each batch until it is let go, and fails as told."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.go, self.begun = threading.Event(), threading.Event()
        self.faults: list[Exception] = []
        self.poison = 0

    def __call__(self, messages: Sequence[Message]) -> list[Receipt | Refused]:
        self.batches.append([message.person_id for message in messages])
        self.begun.set()
        assert self.go.wait(5)
        if self.faults:
            raise self.faults.pop(0)
        if self.poison in self.batches[-1]:
            raise ValueError("poison")
        return [Receipt(now(), True, message.person_id) for message in messages]


@pytest.fixture
def keeping(monkeypatch: pytest.MonkeyPatch) -> Keeping:
    found = Keeping()
    monkeypatch.setattr(connections, "keep", found)
    return found


@pytest_asyncio.fixture
async def writer(keeping: Keeping) -> AsyncIterator[Writer]:
    found = Writer()
    yield found
    keeping.go.set()
    await asyncio.to_thread(found.rest)
    assert found.thread is None


def says(writer: Writer, *people: int) -> list[asyncio.Task[Receipt]]:
    return [asyncio.create_task(writer.keep(Beat(1, person, uuid.uuid4()))) for person in people]


async def begun(keeping: Keeping) -> None:
    assert await asyncio.to_thread(keeping.begun.wait, 5)


async def ended(tasks: list[asyncio.Task[Receipt]]) -> list[Any]:
    found = await asyncio.wait_for(asyncio.gather(*tasks, return_exceptions=True), 5)
    return [each.code if isinstance(each, Refused) else each for each in found]


async def test_nothing_is_acknowledged_before_its_commit_and_what_comes_meanwhile_gathers(
    writer: Writer, keeping: Keeping
) -> None:
    first = says(writer, 1)
    await begun(keeping)
    others = says(writer, 2, 3, 4)
    await asyncio.sleep(0.05)
    assert not any(task.done() for task in first + others)
    keeping.go.set()
    assert [receipt.seq for receipt in await ended(first + others)] == [1, 2, 3, 4]
    assert keeping.batches == [[1], [2, 3, 4]]


async def test_beyond_the_bound_a_message_is_refused_and_what_waits_is_kept(
    writer: Writer, keeping: Keeping, settings: Any
) -> None:
    settings.ATTENDANCE_MOST_WAITING = 2
    first = says(writer, 1)
    await begun(keeping)
    waiting = says(writer, 2, 3)
    await asyncio.sleep(0)
    assert await ended(says(writer, 4)) == ["failed"]
    keeping.go.set()
    assert [receipt.seq for receipt in await ended(first + waiting)] == [1, 2, 3]


async def test_a_database_that_was_away_once_is_asked_again_one_that_stays_away_is_said(
    writer: Writer, keeping: Keeping, caplog: pytest.LogCaptureFixture
) -> None:
    keeping.go.set()
    keeping.faults = [OperationalError("gone")]
    assert [receipt.seq for receipt in await ended(says(writer, 1))] == [1]
    assert "not kept" not in caplog.text
    keeping.faults = [OperationalError("gone")] * 2
    assert await ended(says(writer, 2)) == ["failed"]
    assert "1 messages of presence were not kept" in caplog.text
    assert [receipt.seq for receipt in await ended(says(writer, 3))] == [3]


async def test_a_message_that_can_not_be_kept_does_not_take_its_batch(
    writer: Writer, keeping: Keeping, caplog: pytest.LogCaptureFixture
) -> None:
    keeping.poison = 3
    first = says(writer, 1)
    await begun(keeping)
    others = says(writer, 2, 3, 4)
    await asyncio.sleep(0)
    keeping.go.set()
    found = await ended(first + others)
    assert [each if isinstance(each, str) else each.seq for each in found] == [1, 2, "failed", 4]


async def test_who_no_longer_waits_disturbs_nobody(writer: Writer, keeping: Keeping) -> None:
    gone, stays = says(writer, 1, 2)
    await begun(keeping)
    gone.cancel()
    keeping.go.set()
    assert (await ended([stays]))[0].seq == 2


async def test_a_writer_that_rested_starts_again(writer: Writer, keeping: Keeping) -> None:
    keeping.go.set()
    await ended(says(writer, 1))
    await asyncio.to_thread(writer.rest)
    assert writer.thread is None
    assert [receipt.seq for receipt in await ended(says(writer, 2))] == [2]


async def test_a_round_that_breaks_is_answered_and_the_next_is_kept(
    writer: Writer, keeping: Keeping, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    keeping.go.set()
    answer, broken = writing._answer, [MemoryError("once")]

    def breaks(*words: Any) -> None:
        if broken:
            raise broken.pop()
        answer(*words)

    monkeypatch.setattr(writing, "_answer", breaks)
    assert await ended(says(writer, 1)) == ["failed"]
    assert "1 messages of presence were not answered" in caplog.text
    assert [receipt.seq for receipt in await ended(says(writer, 2))] == [2]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
async def test_a_thread_that_breaks_answers_who_waits_and_another_is_started(
    writer: Writer, keeping: Keeping, monkeypatch: pytest.MonkeyPatch
) -> None:
    keeping.go.set()
    following = writer._next

    def breaks() -> Any:
        raise MemoryError("once")

    monkeypatch.setattr(writer, "_next", breaks)
    assert await ended(says(writer, 1)) == ["failed"]
    monkeypatch.setattr(writer, "_next", following)
    assert [receipt.seq for receipt in await ended(says(writer, 2))] == [2]


async def test_without_a_thread_to_be_had_a_message_is_refused_and_the_next_tries_again(
    writer: Writer, keeping: Keeping, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    keeping.go.set()

    def none(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as while_full:
        while_full.setattr(writing.threading.Thread, "start", none)
        with pytest.raises(Refused) as refused:
            await writer.keep(Beat(1, 1, uuid.uuid4()))
    assert refused.value.code == "failed"
    assert (writer.waiting, writer.thread) == ([], None)
    assert [receipt.seq for receipt in await ended(says(writer, 2))] == [2]
