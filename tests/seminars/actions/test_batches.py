"""Any messages, in any order, twice, cut into any batches: worth the same as one by one, no acknowledged one lost."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seminars import moments
from seminars.actions import attendance, sessions
from seminars.actions.connections import Beat, Join, Leave, Message, Receipt, keep
from seminars.errors import Refused
from seminars.evidence import chain
from seminars.models import Lease, Person, Presence, PresenceEvent, Session
from seminars.moments import as_if
from seminars.queries.counting import ledger_spans
from tests import cast

pytestmark = pytest.mark.django_db

LINES, EVENTS = 4, 12
messages = st.tuples(
    st.sampled_from(["join", "join", "video", "awake", "beat", "beat", "beat", "mark", "leave"]),
    st.integers(0, LINES - 1),
    st.integers(0, EVENTS - 1),
    st.sampled_from([0, 0, 0, 5, 70, 400, 1200, 10**9]),
    st.integers(0, 9),
)
steps = st.tuples(
    st.sampled_from([0, 1, 15, 60, 121, 700]),
    st.lists(messages, max_size=6),
    st.sampled_from(["", "", "sweep", "again"]),
)
Told = list[tuple[Message, datetime, Receipt | Refused]]


class Stage:
    """Two sessions that run, two people; line n is person n % 2's, in session n // 2, unless somebody lies."""

    def __init__(self, running: Sequence[Session], people: Sequence[Person]) -> None:
        self.running, self.people = running, people

    def message(self, kind: str, line: int, event: int, age: int, liar: int) -> Message:
        person = self.people[(line + (liar == 0)) % 2].pk
        given: dict[str, Any] = {
            "session_id": self.running[line // 2].pk,
            "person_id": person,
            "connection": uuid.UUID(int=1000 + line),
            "age": timedelta(seconds=age),
        }
        key = uuid.UUID(int=(1 + line) * 100 + event)
        if kind == "beat":
            return Beat(**given | {"age": timedelta()})
        if kind == "mark":
            return Beat(**given, event=key)
        if kind == "leave":
            return Leave(**given, event=key)
        return Join(**given, event=key, is_awake=kind == "awake", for_video=kind == "video")

    def play(self, script: Any, *, one_by_one: bool) -> tuple[Told, Any]:
        """What was answered to each message, and what stands in the database afterwards."""
        told: Told = []
        at = self.running[0].starts_at + timedelta(minutes=1)
        for seconds, said, after in script:
            at += timedelta(seconds=seconds)
            batch = [self.message(*one) for one in said]
            with as_if(at):
                for part in [[one] for one in batch] if one_by_one else [batch]:
                    told += [(one, at, answer) for one, answer in zip(part, keep(part), strict=True)]
                if after == "sweep":
                    attendance.sweep()
                if after == "again":
                    self.say_again(batch)
        self.last = at
        return told, self.state()

    def say_again(self, batch: list[Message]) -> None:
        before = list(PresenceEvent.objects.values_list("id", flat=True)), self.state()
        kept = keep(batch)
        known = set(before[0])
        for one, answer in zip(batch, kept, strict=True):
            if one.event in known and isinstance(answer, Receipt):
                assert not answer.is_new

    def state(self) -> Any:
        events = PresenceEvent.objects.order_by("session", "seq")
        facts = "session", "seq", "kind", "person", "connection", "at", "recorded_at", "data"
        lines = Lease.objects.order_by("pk").values_list("pk", "person", "seen_at", "quiet_at", "ended_at")
        rows = Presence.objects.order_by("session", "person")
        return (
            list(events.values_list(*facts)),
            list(lines),
            list(rows.values_list("session", "person", "since", "left_at", "video_since")),
        )


@pytest.fixture
def stage(elia: Person, ange: Person, bruna: Person) -> Stage:
    running = []
    for _ in range(2):
        session = cast.make_session(elia)
        with as_if(session.starts_at):
            running.append(sessions.open_(session=session, by=elia))
    return Stage(running, [ange, bruna])


def worth(told: Told) -> list[Any]:
    return [
        answer.code if isinstance(answer, Refused) else (answer.at, answer.is_new) for _, _, answer in told
    ]


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(script=st.lists(steps, min_size=1, max_size=8))
def test_a_batch_is_worth_its_messages_one_by_one_and_proves_what_was_acknowledged(
    stage: Stage, script: Any
) -> None:
    found = []
    for one_by_one in (True, False):
        with transaction.atomic():
            told, state = stage.play(script, one_by_one=one_by_one)
            found.append((worth(told), state))
            for session in stage.running:
                check_evidence(session, told, stage.last)
            transaction.set_rollback(True)
    assert found[0] == found[1]


def check_evidence(session: Session, told: Told, last: datetime) -> None:
    rows = session.presence_events.select_related("slot", "session").order_by("seq")
    assert chain.first_fault((row.seq, row.prev_hash, row.hash, row.record()) for row in rows) is None
    spans = ledger_spans(session, last)
    for whole in spans.values():
        classes = (whole.seen, whole.replayed, whole.unseen)
        opens = session.starts_at - timedelta(minutes=15)
        for one in [span for kind in classes for span in kind if span[0] < span[1]]:
            assert opens <= one[0] < one[1] <= last
        assert moments.seconds(whole.seen + whole.replayed) <= (last - opens).total_seconds()
    for one, at, answer in told:
        is_live = (
            isinstance(answer, Receipt) and not isinstance(one, Leave) and not one.age and answer.at == at
        )
        if is_live and one.session_id == session.pk:
            proved = spans[one.person_id].seen + spans[one.person_id].replayed
            assert any(start <= at <= end for start, end in proved), (one, at)
