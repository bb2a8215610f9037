"""The live door: who gets in, what it answers, who hears what, and who is shown out."""

import json
import uuid
from typing import Any

import pytest
from django.contrib.sessions.models import Session as CookieSession

from realtime import consumers, protocol, seats
from realtime.sockets import TOO_SLOW
from seminars.actions import connections, invitations, letters, people
from seminars.models import Invitation, Lease, Person, PresenceEvent, Session
from seminars.permissions import TABLE
from tests.realtime.lines import Companion, aside, companion
from tests.realtime.live_data import cookie
from web.access import LEVEL

pytestmark = pytest.mark.django_db(transaction=True)


async def refused_code(code: str, key: str, query: str = "") -> int:
    knocking = Companion(code, key, query=query)
    assert (await knocking.line.connect(timeout=3))[0]
    return await knocking.is_closed_with()


@pytest.mark.parametrize("origin", ["https://elsewhere.example", "http://localhost:1", "null", ""])
async def test_a_page_of_another_origin_is_refused_at_the_handshake(
    session: Session, ange: Person, origin: str
) -> None:
    knocking = Companion(session.code, await aside(cookie, person=ange), origin=origin)
    assert (await knocking.line.connect(timeout=3))[0] is False


async def test_nobody_foreign_and_absent_are_refused_the_latter_two_alike(
    session: Session, stranger: Person
) -> None:
    key = await aside(cookie, person=stranger)
    assert await refused_code(session.code, "no-such-cookie") == 4401
    assert await refused_code(session.code, key) == 4403
    assert await refused_code("nosuchcode00", key) == 4403


async def test_a_participant_gets_no_hosts_screen_and_a_forwarded_link_opens_none(
    session: Session, ange: Person, dominique: Person
) -> None:
    assert await refused_code(session.code, await aside(cookie, person=ange), "as=host") == 4403
    weak = await aside(cookie, person=dominique, level="invited")
    assert await refused_code(session.code, weak, "as=host") == 4403


async def test_presence_is_acknowledged_when_it_is_committed(session: Session, ange: Person) -> None:
    async with companion(session.code, ange) as page:
        event = str(uuid.uuid4())
        said = await page.says("attendance.join", connection=page.connection, event=event)
        assert said[0] == "ok"
        assert said[2]["new"] is True
        kept = await aside(PresenceEvent.objects.get, pk=event)
        assert kept.person_id == ange.pk
        again = await page.says("attendance.join", connection=page.connection, event=event)
        assert again[2] == said[2] | {"new": False}
        beat = await page.says("attendance.beat", connection=page.connection, seq=0)
        assert beat[2]["seq"] == (await aside(Session.objects.get, pk=session.pk)).live_seq
        left = await page.says("attendance.leave", connection=page.connection, event=str(uuid.uuid4()))
        assert left[0] == "ok"
    assert (await aside(Lease.objects.get, pk=page.connection)).ended_at is not None


async def test_a_closed_socket_ends_no_lease(session: Session, ange: Person) -> None:
    async with companion(session.code, ange) as page:
        await page.joins()
    assert (await aside(Lease.objects.get, pk=page.connection)).ended_at is None


async def test_each_audience_hears_its_part_and_every_number(
    session: Session, ange: Person, bruna: Person, dominique: Person
) -> None:
    async with (
        companion(session.code, dominique, query="as=host") as host,
        companion(session.code, ange) as own,
        companion(session.code, bruna) as other,
    ):
        await own.joins()
        [_, first, patch, since] = await host.hears("live.changed")
        assert patch["people"][ange.code]["standing"] == "here"
        assert since == first - 1
        assert (await other.hears("live.changed"))[1:] == [first, {"counts": {"here": 1}}, since]
        await own.says("feedback.pulse", value="lost")
        assert await host.hears("live.changed") == [
            "live.changed",
            first + 1,
            {"pulse": {"few": True, "alert": ["lost"]}},
            first,
        ]
        assert await other.hears("tick") == ["tick", first + 1, {}, first]
        await own.says("rooms.hand", raised=True)
        [_, third, patch, since] = await host.hears("live.changed")
        assert patch["people"][ange.code]["hand"] is not None
        assert await other.hears("tick") == ["tick", third, {}, since]
        while own.heard[-1] != ["tick", third, {}, since]:
            await own.hears("tick")
        mine = [frame for frame in own.heard if frame[0] == "live.changed" and "mine" in frame[2]]
        assert [frame[1] for frame in mine] == [first, first + 1, third]
        assert mine[-1][2]["mine"]["pulse"] == "lost"
        said = json.dumps(other.heard)
        assert ange.name not in said
        assert ange.code not in said


async def test_an_act_of_another_door_reaches_the_screens(
    session: Session, ange: Person, dominique: Person
) -> None:
    async with companion(session.code, ange) as page:
        await aside(letters.publish, session=session, by=dominique, text_fr="Pause de dix minutes")
        [_, _, patch, _] = await page.hears("live.changed")
        assert patch["messages"][0]["text_fr"] == "Pause de dix minutes"


async def test_a_reader_may_ask_for_the_whole_again(session: Session, ange: Person) -> None:
    async with companion(session.code, ange) as page:
        await page.joins()
        assert (await page.says("live.fetch"))[0] == "ok"
        [_, seq, state] = next(frame for frame in page.heard[1:] if frame[0] == "live.snapshot")
        assert state["mine"]["standing"] == "here"
        assert seq == (await aside(Session.objects.get, pk=session.pk)).live_seq


async def test_a_host_gives_the_floor_and_confirms_a_participant_can_do_neither(
    session: Session, ange: Person, bruna: Person, dominique: Person
) -> None:
    async with (
        companion(session.code, dominique, query="as=host") as host,
        companion(session.code, ange, query="lang=en") as page,
    ):
        await page.joins()
        await page.says("rooms.hand", raised=True)
        raised = await host.learns(0, lambda patch: patch["people"][ange.code]["hand"] is not None)
        assert (await host.says("rooms.hand", raised=False, person=ange.code))[0] == "ok"
        await host.learns(raised[1], lambda patch: patch["people"][ange.code]["hand"] is None)
        assert (await host.says("rooms.hand", raised=True, person=ange.code))[2]["code"] == "forbidden"
        refused = await page.says("rooms.hand", raised=False, person=bruna.code)
        assert refused[2] == {"code": "forbidden", "message": "You may not do this here."}
        assert (await page.says("attendance.confirm"))[2]["code"] == "forbidden"
        assert (await host.says("attendance.confirm", people=None))[2] == {"people": 0}


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "null",
        "[]",
        "7",
        '["attendance.join"]',
        '["no.such", 1, {}]',
        '["attendance.join", 1, []]',
        '["attendance.join", 1, {"connection": "x", "event": "y"}]',
        '["feedback.pulse", 1, {"value": "lost", "more": 1}]',
        '["feedback.pulse", [], {"value": "lost"}]',
        '["attendance.leave", 1, {"connection": 7, "event": null, "age_ms": true}]',
        "[" * 5000,
    ],
)
async def test_what_is_no_command_is_refused_and_the_socket_lives_on(
    session: Session, ange: Person, text: str
) -> None:
    async with companion(session.code, ange) as page:
        await page.line.send_to(text_data=text)
        assert (await page.hears("refused"))[2]["code"] == "bad_command"
        await page.line.send_to(bytes_data=b"\x00\xff")
        assert (await page.hears("refused"))[2]["code"] == "bad_command"
        assert (await page.joins())[0] == "ok"


async def test_a_fault_in_a_command_is_refused_and_the_socket_lives_on(
    session: Session, ange: Person, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*arguments: Any) -> None:
        raise RuntimeError("no disk")

    async with companion(session.code, ange, query="lang=en") as page:
        with monkeypatch.context() as patch:
            patch.setattr(connections, "keep", broken)
            refused = (await page.joins())[2]
            assert refused == {"code": "failed", "message": "This was not kept. Try again."}
        assert "no disk" in caplog.text
        assert (await page.joins())[0] == "ok"


async def test_a_message_over_16_kib_ends_the_line(session: Session, ange: Person) -> None:
    async with companion(session.code, ange) as page:
        await page.line.send_to(text_data="x" * (protocol.MOST_OCTETS + 1))
        assert await page.is_closed_with() == 4400


async def test_who_never_stops_talking_is_refused_then_closed(session: Session, ange: Person) -> None:
    async with companion(session.code, ange) as page:
        for _ in range(protocol.BURST + 1):
            await page.line.send_to(text_data="[]")
        while (await page.hears("refused"))[2]["code"] != "too_fast":
            pass
        for _ in range(protocol.PATIENCE + 15):
            await page.line.send_to(text_data="[]")
        assert await page.is_closed_with() == 4429


async def test_nobody_holds_more_than_five_sockets_in_a_session(session: Session, ange: Person) -> None:
    key = await aside(cookie, person=ange)
    open_ = [Companion(session.code, key) for _ in range(seats.MOST_SOCKETS)]
    for page in open_:
        await page.line.connect(timeout=3)
        await page.hears("live.snapshot")
    assert await refused_code(session.code, key) == 4429
    await open_[0].line.disconnect()
    again = Companion(session.code, key)
    await again.line.connect(timeout=3)
    await again.hears("live.snapshot")
    for page in (*open_[1:], again):
        await page.line.disconnect()


async def test_a_reader_far_behind_is_closed(session: Session, ange: Person) -> None:
    async with companion(session.code, ange) as page:
        await page.joins()
        await aside(Session.objects.filter(pk=session.pk).update, live_seq=protocol.MOST_BEHIND + 10)
        await page.line.send_to(
            text_data=json.dumps(["attendance.beat", 9, {"connection": page.connection, "seq": 2}])
        )
        assert await page.is_closed_with() == TOO_SLOW


async def test_a_withdrawn_person_is_shown_out_at_once(
    session: Session, ange: Person, dominique: Person
) -> None:
    invitation = await aside(Invitation.objects.get, session=session, person=ange)
    async with companion(session.code, ange) as page:
        await aside(invitations.withdraw, invitation=invitation, by=dominique)
        assert await page.is_closed_with() == 4403


async def test_a_suspended_person_is_shown_out_everywhere(session: Session, ange: Person) -> None:
    async with companion(session.code, ange) as page:
        await aside(people.suspend, person=ange)
        assert await page.is_closed_with() == 4401


async def test_a_sign_out_closes_the_socket_within_the_minute(
    session: Session, ange: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert protocol.REAUTHORISE_SECONDS <= 60
    monkeypatch.setattr(protocol, "REAUTHORISE_SECONDS", 0.3)
    async with companion(session.code, ange) as page:
        await page.joins()
        await aside(CookieSession.objects.all().delete)
        assert await page.is_closed_with() == 4401


async def test_an_open_socket_that_may_stay_is_left_alone(
    session: Session, ange: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "REAUTHORISE_SECONDS", 0.1)
    async with companion(session.code, ange) as page:
        assert await page.line.receive_nothing(timeout=0.4)
        assert (await page.joins())[0] == "ok"


def test_every_command_names_a_permission_of_the_table() -> None:
    assert {command.permission for command in protocol.COMMANDS.values()} <= set(TABLE)


def test_the_doors_agree_on_the_key_of_trust() -> None:
    assert seats.LEVEL == LEVEL


def test_every_close_code_of_the_door_is_listed() -> None:
    assert set(protocol.CLOSE_CODES) == {4400, 4401, 4403, 4408, 4429}
    assert consumers.LiveConsumer.channel_layer is None
