"""The host's page: what fails first at 8:55, the live list, and after the end."""

import re
import uuid
from datetime import timedelta

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from seminars.actions import attendance, feedback, letters, rooms, sessions
from seminars.models import Lease, Letter, Person, PresenceEvent, Session
from seminars.moments import local, now
from seminars.vocabulary import LetterState, State
from tests.cast import Clock, invite, make_session, signed_in


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


def test_five_minutes_before_the_host_sees_what_fails_first(
    client: Client, session: Session, dominique: Person, ange: Person
) -> None:
    Letter.objects.filter(person=ange).update(state=LetterState.FAILED, last_error="550 no such mailbox")
    page = text(signed_in(client, dominique).get(at("session-host", session)))
    assert page.index("ange@example.org") < page.index("meet.jit.si")
    assert "550 no such mailbox" in page
    assert page.count("button go") == 1
    assert at("session-open", session) in page


def test_a_session_nobody_is_invited_to_says_so_first(client: Client, dominique: Person) -> None:
    start = local(now(), "Europe/Paris").replace(tzinfo=None, microsecond=0) + timedelta(minutes=5)
    page = text(signed_in(client, dominique).get(at("session-host", make_session(dominique, start))))
    ready = page[page.index('class="ready') :]
    assert ready.index("#i-care") < ready.index("#i-check")


def test_the_host_cannot_open_before_the_room_does(client: Client, dominique: Person) -> None:
    session = make_session(dominique)
    page = signed_in(client, dominique).get(at("session-host", session))
    assert re.search(r'<button class="button go[^>]* disabled', text(page))
    refused = client.post(at("session-open", session), follow=True)
    assert 'class="notice bad"' in text(refused)
    session.refresh_from_db()
    assert session.state == State.SCHEDULED


def test_enter_and_start_opens_the_session_and_leads_to_the_video(
    client: Client, session: Session, dominique: Person
) -> None:
    answer = signed_in(client, dominique).post(at("session-open", session))
    assert answer.status_code == 303
    session.refresh_from_db()
    assert session.state == State.RUNNING
    assert PresenceEvent.objects.get().person == dominique
    page = text(client.get(at("session-host", session)))
    assert at("session-close", session) in page
    assert re.findall(r'<button class="button go[^"]*"( form="video")?(?: data-yields)?>', page) == [
        "",
        ' form="video"',
    ]
    form = re.search(r'<form class="([^"]*)"[^>]* id="video"', page)
    assert form is not None
    assert "broad" in form[1], "filled once at each width: in the page, or in the dock of a phone"
    strip = page[page.index('class="strip"') : page.index('class="page host"')]
    assert 'data-mine data-is="here"' in strip


def test_the_hosts_page_lists_hands_first_then_who_is_not_seen_then_who_is_here(
    client: Client,
    session: Session,
    dominique: Person,
    ange: Person,
    bruna: Person,
    cyrille: Person,
    clock: Clock,
) -> None:
    invite(session, cyrille)
    sessions.open_(session=session, by=dominique)
    rooms.enter_video(session=session, person=bruna, connection=uuid.uuid4(), event=uuid.uuid4())
    clock.forward(seconds=70)
    attendance.sweep()
    for person in (dominique, cyrille):
        attendance.arrive(session=session, person=person, connection=uuid.uuid4(), event=uuid.uuid4())
    rooms.raise_hand(session=session, person=cyrille, is_raised=True)
    feedback.take_pulse(session=session, person=cyrille, value="break")
    letters.publish(session=session, by=dominique, text_it="Pausa <di> dieci minuti")
    page = text(signed_in(client, dominique).get(at("session-host", session)))
    people = page[
        page.index('data-list="people"') : page.index("<template", page.index('data-list="people"'))
    ]
    order = [people.index(f'data-row="{person.code}"') for person in (cyrille, bruna, dominique, ange)]
    assert order == sorted(order)
    assert re.findall(r'data-is="(\w+)"', people) == ["here", "video", "here", "expected"]
    assert "Pausa &lt;di&gt; dieci minuti" in page
    few = page[page.index("data-few") : page.index("data-many")]
    assert few.count('class="chip care"') == 1
    assert re.search(r"data-many hidden", page)


def test_a_host_of_an_ended_session_finds_the_sheet(
    client: Client, session: Session, dominique: Person, clock: Clock
) -> None:
    sessions.open_(session=session, by=dominique)
    clock.forward(minutes=95)
    sessions.close(session=session, by=dominique)
    page = text(signed_in(client, dominique).get(at("session-host", session)))
    assert at("session-sheet", session) in page
    assert page.count("button go") == 1


def test_looking_at_a_running_sessions_host_page_records_nothing_by_itself(
    client: Client, session: Session, dominique: Person
) -> None:
    sessions.open_(session=session, by=dominique)
    before = PresenceEvent.objects.count()
    page = text(signed_in(client, dominique).get(at("session-host", session)))
    assert PresenceEvent.objects.count() == before
    assert 'data-mine data-is="expected"' in page


def test_until_the_planned_start_the_strip_says_that_the_room_is_open(
    client: Client, session: Session, dominique: Person, clock: Clock
) -> None:
    sessions.open_(session=session, by=dominique)
    signed_in(client, dominique).cookies["django_language"] = "en"
    assert "data-begun>room open<" in text(client.get(at("session-host", session)))
    clock.forward(minutes=6)
    assert "data-begun>live<" in text(client.get(at("session-host", session)))


def test_the_page_of_an_ended_session_says_how_many_came_and_lists_nobody(
    client: Client, session: Session, dominique: Person, ange: Person, clock: Clock
) -> None:
    sessions.open_(session=session, by=dominique)
    attendance.arrive(session=session, person=ange, connection=uuid.uuid4(), event=uuid.uuid4())
    clock.forward(minutes=95)
    Lease.objects.update(seen_at=now())
    sessions.close(session=session, by=dominique)
    signed_in(client, dominique).cookies["django_language"] = "en"
    page = text(client.get(at("session-host", session)))
    assert "1 person came." in page
    assert 'id="people"' not in page
    assert at("session-sheet", session) in page
    assert at("session-results", session) in page
