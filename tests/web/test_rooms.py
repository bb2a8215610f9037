"""The room and the host's page: who may open them, what they say when, and what each button does without any script."""

import json
import re
import uuid
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from django.core.cache import caches
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse
from django.utils import translation

from seminars.actions import attendance, feedback, rooms, sessions
from seminars.errors import Refused
from seminars.models import Lease, Person, Presence, PresenceEvent, PulseVote, Session
from seminars.moments import local, now
from tests.cast import Clock, invite, make_session, signed_in
from web import companion, live
from web import presence as replays
from web.forms.refusing import words

SECRET = "a secret that is long enough for HS256, as Prosody wants it"


@pytest.fixture
def session(dominique: Person, ange: Person, bruna: Person, clock: Clock) -> Session:
    """Starts in five minutes; the room is open."""
    start = local(now(), "Europe/Paris").replace(tzinfo=None, microsecond=0) + timedelta(minutes=5)
    session = make_session(dominique, start, title_fr="Écrire <vite>")
    invite(session, ange, bruna)
    return session


def at(name: str, session: Session) -> str:
    return reverse(name, args=[session.code])


def text(response: HttpResponse) -> str:
    return response.content.decode()


def config(response: HttpResponse) -> dict[str, Any]:
    found = re.search(r'<script id="live" type="application/json">(.*?)</script>', text(response), re.DOTALL)
    assert found is not None
    loaded: dict[str, Any] = json.loads(found[1])
    return loaded


def shown(response: HttpResponse, part: str) -> bool:
    """Whether the sections of `data-when=part` are in sight without a script."""
    tags = re.findall(rf'<[^>]*data-when="{part}"[^>]*>', text(response))
    assert tags
    return not any(" hidden" in tag for tag in tags)


def test_foreign_and_absent_rooms_answer_alike(client: Client, session: Session, stranger: Person) -> None:
    signed_in(client, stranger)
    foreign, absent = client.get(at("session-room", session)), client.get("/sessions/nosuchcode00/room/")
    assert (foreign.status_code, absent.status_code) == (404, 404)
    bare = [
        re.sub(rf'{session.code}|nosuchcode00|value="\w{{64}}"', "", text(each)) for each in (foreign, absent)
    ]
    assert bare[0] == bare[1]
    for name in ("session-host", "session-live"):
        assert client.get(at(name, session)).status_code == 404
    for name in ("session-join", "session-video", "session-leave", "session-presence", "session-open"):
        assert client.post(at(name, session)).status_code == 404


def test_a_participant_has_no_hosts_page_and_no_hosts_state(
    client: Client, session: Session, ange: Person, dominique: Person
) -> None:
    signed_in(client, ange)
    assert client.get(at("session-host", session)).status_code == 404
    assert client.get(at("session-live", session), {"as": "host"}).status_code == 404
    signed_in(client, dominique, invited=True)
    answer = client.get(at("session-host", session))
    assert answer.status_code == 302, "a forwarded link hosts nothing"
    assert answer["Location"].startswith("/sign-in/?next=")


def test_opening_the_page_records_nothing(client: Client, session: Session, ange: Person) -> None:
    page = signed_in(client, ange, invited=True).get(at("session-room", session))
    assert page.status_code == 200
    assert page.headers["Cache-Control"].startswith("max-age=0, no-cache, no-store")
    assert shown(page, "outside")
    assert not shown(page, "inside")
    assert "Écrire &lt;vite&gt;" in text(page)
    assert not PresenceEvent.objects.exists()
    assert not Presence.objects.exists()


def test_the_page_says_which_host_gets_name_and_address(
    client: Client, session: Session, ange: Person, settings: Any
) -> None:
    settings.VIDEO_HOST = "meet.example.org"
    page = text(signed_in(client, ange).get(at("session-room", session)))
    assert "meet.example.org" in re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL)
    assert 'target="_blank"' in page


def test_join_records_the_arrival_and_leads_to_the_video(
    client: Client, session: Session, ange: Person
) -> None:
    keys = {"connection": str(uuid.uuid4()), "event": str(uuid.uuid4())}
    answer = signed_in(client, ange, invited=True).post(at("session-join", session), keys)
    assert answer.status_code == 303
    where = urlsplit(answer.headers["Location"])
    assert (where.scheme, where.netloc, where.path) == ("https", "meet.jit.si", f"/{session.room}")
    event = PresenceEvent.objects.get()
    assert (str(event.pk), str(event.connection)) == (keys["event"], keys["connection"])
    assert Presence.objects.get().video_since is not None
    page = client.get(at("session-room", session))
    assert shown(page, "inside")
    assert not shown(page, "outside")


def test_join_and_leave_work_without_a_script(client: Client, session: Session, ange: Person) -> None:
    signed_in(client, ange)
    for _ in range(2):
        assert client.post(at("session-join", session)).status_code == 303
    assert Lease.objects.filter(ended_at=None).count() == 2
    left = client.post(at("session-leave", session), follow=True)
    assert not Lease.objects.filter(ended_at=None).exists()
    assert shown(left, "outside")
    assert 'class="notice good"' in text(left)


def test_leaving_one_tab_ends_no_other(client: Client, session: Session, ange: Person) -> None:
    signed_in(client, ange)
    keys = [str(uuid.uuid4()) for _ in range(2)]
    for key in keys:
        client.post(at("session-join", session), {"connection": key})
    client.post(at("session-leave", session), {"connection": keys[0]})
    assert [str(lease.pk) for lease in Lease.objects.filter(ended_at=None)] == keys[1:]


def test_before_the_room_opens_the_page_says_when(
    client: Client, dominique: Person, ange: Person, clock: Clock
) -> None:
    session = make_session(dominique)
    invite(session, ange)
    page = signed_in(client, ange).get(at("session-room", session))
    opens = session.starts_at - timedelta(minutes=15)
    assert f'data-opening="{local(opens, "Europe/Paris").isoformat(timespec="minutes")}"' in text(page)
    assert "UTC+" in text(page)
    assert 'class="button go' not in text(page)
    refused = client.post(at("session-join", session), follow=True)
    assert 'class="notice bad"' in text(refused)
    assert not PresenceEvent.objects.exists()
    clock.at(opens + timedelta(seconds=1))
    assert 'class="button go' in text(client.get(at("session-room", session)))


def test_after_the_end_whoever_was_present_is_asked_for_feedback(
    client: Client, session: Session, ange: Person, bruna: Person, dominique: Person, clock: Clock
) -> None:
    attendance.arrive(session=session, person=ange, connection=uuid.uuid4(), event=uuid.uuid4())
    sessions.open_(session=session, by=dominique)
    clock.forward(minutes=95)
    Lease.objects.update(seen_at=now())  # her page has beaten until the end
    sessions.close(session=session, by=dominique)
    link = at("session-feedback", session)
    assert link in text(signed_in(client, ange).get(at("session-room", session)))
    assert link not in text(signed_in(client, bruna).get(at("session-room", session)))
    session.refresh_from_db()
    feedback.give(session=session, person=ange, language="fr", useful=5)
    page = text(signed_in(client, ange).get(at("session-room", session)))
    assert link not in page
    assert "data-join" not in page


def test_an_embedding_site_renders_the_video_on_the_click_with_a_token_of_this_room_and_person(
    client: Client, session: Session, ange: Person, settings: Any
) -> None:
    settings.VIDEO_MODE, settings.VIDEO_SECRET = "embed", SECRET
    signed_in(client, ange)
    assert "target=" not in text(client.get(at("session-room", session)))
    page = client.post(at("session-join", session), {"connection": (key := str(uuid.uuid4()))})
    assert page.status_code == 200
    assert "no-store" in page.headers["Cache-Control"]
    embed = config(page)["embed"]
    assert (embed["host"], embed["room"], embed["connection"]) == ("meet.jit.si", session.room, key)
    claims = jwt.decode(embed["token"], SECRET, algorithms=["HS256"], audience="jitsi")
    assert claims["room"] == session.room
    assert claims["context"]["user"] == {"id": ange.code, "name": "Ange E."}
    assert shown(page, "inside")
    assert SECRET not in text(page)
    assert config(client.get(at("session-room", session)))["embed"] is None
    own_tab = client.post(at("session-video", session), {"tab": "1"})
    assert "jwt" in parse_qs(urlsplit(own_tab.headers["Location"]).query)


def test_a_room_without_video_only_notes_who_is_there(
    client: Client, dominique: Person, ange: Person
) -> None:
    start = local(now(), "Europe/Paris").replace(tzinfo=None, microsecond=0) + timedelta(minutes=5)
    session = make_session(dominique, start, mode="in-person", place="Salle des fêtes")
    invite(session, ange)
    answer = signed_in(client, ange).post(at("session-join", session))
    assert answer.headers["Location"] == at("session-room", session)
    assert Presence.objects.get().video_since is None


def test_pulse_and_hand_work_without_a_script(client: Client, session: Session, ange: Person) -> None:
    signed_in(client, ange)
    client.post(at("session-join", session))
    assert client.post(at("session-pulse", session), {"value": "lost"}).status_code == 302
    assert client.post(at("session-hand", session), {"raised": "true"}).status_code == 302
    assert PulseVote.objects.get().value == "lost"
    assert Presence.objects.get().hand_at is not None
    page = text(client.get(at("session-room", session)))
    assert 'value="lost" checked' in page
    assert page.count('data-raised="true"') == 2
    assert page.count(">Baisser") == 2, "a raised hand is said in words"
    refused = client.post(
        at("session-pulse", session), {"value": "bored"}, headers={"Accept": "application/json"}
    )
    assert (refused.status_code, refused.json()["code"]) == (409, "pulse_unknown")


def test_presence_goes_by_plain_requests_where_no_socket_does(
    client: Client, session: Session, ange: Person
) -> None:
    signed_in(client, ange)
    key = {"connection": str(uuid.uuid4())}
    place = at("session-presence", session)
    assert client.post(place, {"kind": "beat", **key}).json()["code"] == "lapsed"
    assert client.post(place, {"kind": "join", "event": str(uuid.uuid4()), **key}).json()["new"] is True
    assert client.post(place, {"kind": "beat", **key}).status_code == 200
    left = client.post(place, {"kind": "leave", "event": str(uuid.uuid4()), "age_ms": "1500", **key})
    assert left.json()["new"] is True
    assert Lease.objects.get().ended_at is not None
    assert client.post(place, {"kind": "dance", **key}).json()["code"] == "bad_command"


def test_a_beacon_without_the_forms_token_is_refused(session: Session, ange: Person) -> None:
    client = signed_in(Client(enforce_csrf_checks=True), ange)
    assert client.post(at("session-presence", session), {"kind": "leave"}).status_code == 403


def test_the_state_is_pulled_once_and_then_only_when_it_changed(
    client: Client, session: Session, ange: Person, bruna: Person
) -> None:
    signed_in(client, ange)
    found = client.get(at("session-live", session)).json()
    assert set(found["state"]) == {"session", "counts", "mine", "messages", "check", "inspectors"}
    assert client.get(at("session-live", session), {"after": found["seq"]}).status_code == 204
    rooms.enter_video(session=session, person=bruna, connection=uuid.uuid4(), event=uuid.uuid4())
    again = client.get(at("session-live", session), {"after": found["seq"]}).json()
    assert (again["seq"], again["state"]["counts"]) == (found["seq"] + 1, {"here": 1})


@pytest.mark.parametrize("language", ["fr", "it", "en"])
def test_scripts_find_every_word_they_say(
    client: Client, session: Session, dominique: Person, language: str
) -> None:
    signed_in(client, dominique).cookies["django_language"] = language
    found = config(client.get(at("session-host", session)))
    assert found["language"] == language
    assert found["socket"] == f"/live/{session.code}/?as=host&lang={language}"
    assert found["me"] == dominique.code
    assert set(found["words"]["standing"]) == {"here", "cut", "video", "room", "left", "declined", "expected"}


def test_without_scripts_the_way_in_promises_no_more_than_it_keeps(
    client: Client, session: Session, ange: Person
) -> None:
    signed_in(client, ange).cookies["django_language"] = "en"
    page = text(client.get(at("session-room", session)))
    plain = page[page.index("<noscript><p") : page.index("</noscript>", page.index("<noscript><p"))]
    assert at("session-room", session) in plain
    assert "confirms your minutes" in plain
    assert re.search(r"<span data-needs-script hidden>[^<]*counts your presence", page)


def test_whoever_has_left_finds_her_menu_and_her_day_again(
    client: Client, session: Session, ange: Person
) -> None:
    signed_in(client, ange)
    client.post(at("session-join", session))
    inside = text(client.get(at("session-room", session)))
    assert re.search(r'<div data-when="outside" hidden>\s*<nav', inside)
    left = text(client.post(at("session-leave", session), follow=True))
    assert re.search(r'<div data-when="outside">\s*<nav', left)
    assert f'<a class="button quiet" href="{reverse("today")}">' in left


def test_the_room_knows_since_when_somebody_is_inside(session: Session, ange: Person, clock: Clock) -> None:
    assert live.inside_since(session, ange) is None
    key, came = uuid.uuid4(), now()
    attendance.arrive(session=session, person=ange, connection=key, event=uuid.uuid4())
    clock.forward(minutes=1)
    since = live.inside_since(session, ange)
    assert since is not None
    assert abs(since - came) < timedelta(seconds=5)
    attendance.leave(session=session, person=ange, connection=key, event=uuid.uuid4())
    assert live.inside_since(session, ange) is None


def test_whoever_is_inside_already_is_led_back_to_her_page(session: Session) -> None:
    facts = {"session": session, "is_open": True, "is_inside_since": now(), "action_url": "/join/"}
    with translation.override("en"):
        drawn = render_to_string("rooms/_join.html", facts)
    assert "You are here since" in drawn
    assert f'<a class="button go big full" href="{at("session-room", session)}">' in drawn
    assert "/join/" not in drawn


def test_forms_of_presence_pulse_and_hand_are_told_to_wait(
    client: Client, session: Session, ange: Person, bruna: Person
) -> None:
    caches["shared"].clear()
    client = signed_in(client, ange)
    key, place = {"connection": str(uuid.uuid4())}, at("session-presence", session)
    for number in range(replays.REQUESTS.most):
        said = {"kind": "leave" if number % 2 else "join", "event": str(uuid.uuid4()), **key}
        assert client.post(place, said).status_code == 200
    count = PresenceEvent.objects.count()
    refused = client.post(place, {"kind": "join", "event": str(uuid.uuid4()), **key})
    assert (refused.status_code, refused.json()["code"]) == (409, "too_fast")
    assert PresenceEvent.objects.count() == count
    attendance.arrive(session=session, person=ange, connection=uuid.uuid4(), event=uuid.uuid4())
    script = {"Accept": "application/json"}
    for _ in range(companion.TAPS.most):
        assert client.post(at("session-pulse", session), {"value": "lost"}, headers=script).status_code == 200
    for name, said in (("session-pulse", {"value": "fine"}), ("session-hand", {"raised": "true"})):
        refused = client.post(at(name, session), said, headers=script)
        assert (refused.status_code, refused.json()["code"]) == (409, "too_fast")
    told = client.post(at("session-hand", session), {"raised": "true"}, follow=True)
    assert words(Refused("too_fast")) in text(told)
    assert PulseVote.objects.get().value == "lost"
    other = signed_in(Client(), bruna)
    assert other.post(place, {"kind": "join", "connection": str(uuid.uuid4())}).status_code == 200
