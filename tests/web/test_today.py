"""The page of the day: what runs, what comes next, one filled button, and a constant number of queries."""

import re
import uuid
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from seminars import moments
from seminars.actions import answers, attendance, declaring, feedback, invitations, sealing, sessions, signing
from seminars.models import Invitation, Letter, Person, Session
from seminars.queries.day import Day, day_of
from seminars.vocabulary import Answer, LetterState
from tests.cast import Clock, invite, make_session, signed_in

MORNING = moments.at(datetime(2027, 3, 11, 8, 0), "Europe/Rome")
NINE = datetime(2027, 3, 11, 9, 0)


@pytest.fixture(autouse=True)
def _a_thursday_morning(clock: Clock) -> None:
    clock.at(MORNING)


def acts(day: Day) -> list[str]:
    return [entry.act for entry in day.focus]


def said(client: Client, *, language: str = "en") -> str:
    client.cookies["django_language"] = language
    response = client.get(reverse("today"))
    assert response.status_code == 200
    return str(response.content.decode())


def filled(page: str) -> int:
    return page.count("button go") + page.count("button little go")


def answer(session: Session, person: Person, value: Answer) -> None:
    answers.answer(invitation=Invitation.objects.get(session=session, person=person), answer=value)


# --- Of a host -----------------------------------------------------------------------------------------------------


def test_a_trainer_prepares_what_comes_and_enters_what_runs(elia: Person, clock: Clock) -> None:
    first = make_session(elia, NINE)
    make_session(elia, NINE + timedelta(hours=5))
    make_session(elia, NINE + timedelta(days=1))
    assert acts(day_of(elia, as_host=True)) == ["prepare", "prepare"]
    clock.forward(minutes=50)
    sessions.open_(session=first, by=elia)
    day = day_of(elia, as_host=True)
    assert ([e.session for e in day.now], acts(day)) == ([first], ["enter", "prepare"])
    assert [on.day for on, _ in day.week] == [12]


def test_without_a_session_today_the_nearest_comes_next(elia: Person) -> None:
    later = make_session(elia, NINE + timedelta(days=40))
    make_session(elia, NINE + timedelta(days=60))
    assert [entry.session for entry in day_of(elia, as_host=True).next] == [later]


def test_one_button_is_filled_and_it_leads_to_the_first(client: Client, elia: Person) -> None:
    first = make_session(elia, NINE)
    make_session(elia, NINE + timedelta(hours=2))
    page = said(signed_in(client, elia))
    assert filled(page) == 1
    assert page.index("button go") < page.index(reverse("session-host", args=[first.code]))


def test_what_waits_for_a_host_is_counted(client: Client, elia: Person, bruna: Person, clock: Clock) -> None:
    open_ = make_session(elia, NINE)
    coming = make_session(elia, NINE + timedelta(days=3))
    make_session(elia, NINE + timedelta(days=4), is_draft=True, title_it="")
    make_session(elia, NINE + timedelta(days=5), is_draft=True)
    invite(coming, bruna)
    Letter.objects.update(state=LetterState.FAILED)
    clock.forward(minutes=50)
    sessions.open_(session=open_, by=elia)
    clock.forward(hours=2)
    day = day_of(elia, as_host=True)
    assert [duty.kind for duty in day.duties] == ["close", "letters", "title"]
    assert day.waiting == 3
    page = said(signed_in(client, elia))
    assert "4 things wait for you" in page  # and her signature of the half-day that runs
    assert reverse("session-close", args=[open_.code]) in page
    assert filled(page) == 1


def test_a_closed_session_waits_for_its_seal_and_a_change_for_the_next_one(
    client: Client, elia: Person, bruna: Person, clock: Clock
) -> None:
    session = make_session(elia, NINE)
    invite(session, bruna)
    clock.forward(minutes=60)
    sessions.open_(session=session, by=elia)
    clock.forward(minutes=90)
    session = sessions.close(session=session, by=elia)
    signed_in(client, elia)
    assert [(duty.kind, duty.count) for duty in day_of(elia, as_host=True).duties] == [("seal", 1)]
    assert reverse("session-seal", args=[session.code]) in said(client)
    assert day_of(elia, as_host=False).duties == []
    sealing.seal(session=session, by=elia)
    assert day_of(elia, as_host=True).duties == []
    declaring.excuse(session=session, person=bruna, by=elia, slot_number=1)
    assert [(duty.kind, duty.count) for duty in day_of(elia, as_host=True).duties] == [("seal", 2)]
    assert "Seal version 2" in said(client)


def test_a_signature_answers_the_invitation(
    client: Client, elia: Person, bruna: Person, clock: Clock
) -> None:
    session = make_session(elia, NINE)
    invite(session, bruna)
    clock.forward(minutes=50)
    signed_in(client, bruna)
    assert day_of(bruna, as_host=False).next[0].can_answer
    assert "2 things wait for you" in said(client)  # an answer, and a signature
    signing.sign(session=session, person=bruna, slot_number=1, name=bruna.name)
    assert not day_of(bruna, as_host=False).next[0].can_answer
    page = said(client)
    assert "answer is awaited" not in page
    assert "Answer the invitation" not in page
    assert Invitation.objects.get(person=bruna).answer == Answer.NONE
    sessions.open_(session=session, by=elia)
    assert "answer is awaited" not in said(client)


def test_a_withdrawn_invitation_leaves_no_duty(elia: Person, bruna: Person) -> None:
    coming = make_session(elia, NINE)
    invitation = invite(coming, bruna)[0]
    Letter.objects.update(state=LetterState.DEAD)
    invitations.withdraw(invitation=invitation, by=elia)
    assert day_of(elia, as_host=True).duties == []


def test_a_coordinator_finds_the_sessions_of_her_organisation(
    andrea: Person, camille: Person, elia: Person
) -> None:
    hers = make_session(elia, NINE, host=andrea.organisation)
    assert [entry.session for entry in day_of(andrea, as_host=True).next] == [hers]
    assert day_of(andrea, as_host=False).next == []
    assert day_of(camille, as_host=True).next == []


def test_before_its_day_a_session_is_prepared_by_inviting(
    client: Client, elia: Person, bruna: Person
) -> None:
    later = make_session(elia, NINE + timedelta(days=5))
    assert acts(day_of(elia, as_host=True)) == ["invite"]
    invite(later, bruna)
    assert acts(day_of(elia, as_host=True)) == ["look"]
    page = said(signed_in(client, elia))
    assert reverse("session-host", args=[later.code]) not in page


def test_the_first_line_says_what_runs_and_what_comes(
    client: Client, elia: Person, bruna: Person, clock: Clock
) -> None:
    signed_in(client, elia)
    assert "Nothing waits for you." in said(client)
    later = make_session(elia, NINE + timedelta(days=5))
    assert "Your next session: Tuesday 16 March, 9:00." in said(client)
    first = make_session(elia, NINE)
    make_session(elia, NINE + timedelta(hours=5))
    assert "Your next session: today 9:00." in said(client)
    clock.forward(minutes=50)
    sessions.open_(session=first, by=elia)
    assert "A session is running, the next at 14:00." in said(client)
    invite(later, bruna)
    answer(later, bruna, Answer.YES)
    assert filled(said(signed_in(client, bruna))) == 0, "a session that is days away presses nobody"


def test_two_sessions_at_one_hour_say_so(client: Client, elia: Person) -> None:
    make_session(elia, NINE)
    make_session(elia, NINE + timedelta(minutes=30))
    assert [entry.is_clashing for entry in day_of(elia, as_host=True).focus] == [True, True]


def test_a_trainer_who_came_by_a_link_hosts_nothing(client: Client, elia: Person) -> None:
    session = make_session(elia, NINE)
    make_session(elia, NINE, is_draft=True)
    page = said(signed_in(client, elia, invited=True))
    assert reverse("session-host", args=[session.code]) not in page
    assert [entry.session for entry in day_of(elia, as_host=False).focus] == [session]


# --- Of an invited person ------------------------------------------------------------------------------------------


def test_an_invited_person_answers_in_place(client: Client, elia: Person, bruna: Person) -> None:
    session = make_session(elia, NINE)
    invite(session, bruna)
    assert filled(said(signed_in(client, bruna))) == 1
    response = client.post(reverse("answer", args=[session.code]), {"answer": "yes"})
    assert response.headers["Location"] == reverse("today")
    assert Invitation.objects.get().answer == Answer.YES
    page = said(client)
    assert "Noted: you are coming" in page
    assert "The room opens at" in page
    assert filled(page) == 1, "nothing to press but the programme"


def test_she_joins_from_a_quarter_of_an_hour_before(elia: Person, bruna: Person, clock: Clock) -> None:
    session = make_session(elia, NINE)
    invite(session, bruna)
    assert acts(day_of(bruna, as_host=True)) == ["answer"]
    clock.forward(minutes=46)
    assert acts(day_of(bruna, as_host=True)) == ["join"]


def test_what_she_declined_is_not_her_next_session(elia: Person, bruna: Person) -> None:
    declined, other = make_session(elia, NINE), make_session(elia, NINE + timedelta(days=1))
    invite(declined, bruna)
    invite(other, bruna)
    answer(declined, bruna, Answer.NO)
    day = day_of(bruna, as_host=True)
    assert [entry.session for entry in day.next] == [other]
    assert [entry.session for entry in day.answers] == [declined]


def test_unanswered_invitations_stand_first(elia: Person, bruna: Person) -> None:
    held = [make_session(elia, NINE + timedelta(days=number)) for number in range(4)]
    for session in held:
        invite(session, bruna)
    answer(held[1], bruna, Answer.YES)
    assert [entry.session for entry in day_of(bruna, as_host=True).answers] == [held[2], held[3], held[1]]


@pytest.mark.parametrize("given", ["", "perhaps", "YES"])
def test_an_answer_that_is_none_is_refused(client: Client, elia: Person, bruna: Person, given: str) -> None:
    session = make_session(elia, NINE)
    invite(session, bruna)
    address = reverse("answer", args=[session.code])
    assert signed_in(client, bruna).post(address, {"answer": given}).status_code == 400
    assert Invitation.objects.get().answer == Answer.NONE


def test_after_the_start_an_answer_is_refused_with_words(
    client: Client, elia: Person, bruna: Person, clock: Clock
) -> None:
    session = make_session(elia, NINE)
    invite(session, bruna)
    clock.forward(hours=1, minutes=1)
    english = {"accept-language": "en"}
    signed_in(client, bruna).post(reverse("answer", args=[session.code]), {"answer": "no"}, headers=english)
    assert "can no longer be changed" in said(client)
    assert Invitation.objects.get().answer == Answer.NONE


def test_an_answer_from_the_day_keeps_what_she_wrote(client: Client, elia: Person, bruna: Person) -> None:
    session = make_session(elia, NINE)
    (invitation,) = invite(session, bruna)
    given = {"answer": Answer.MAYBE, "note": "Sous-titres, fauteuil"}
    answers.answer(invitation=invitation, **given)
    signed_in(client, bruna).post(reverse("answer", args=[session.code]), {"answer": "yes"})
    invitation.refresh_from_db()
    assert (invitation.answer, invitation.note) == (Answer.YES, "Sous-titres, fauteuil")


def test_a_button_that_showed_another_date_answers_nothing(
    client: Client, elia: Person, bruna: Person
) -> None:
    session = make_session(elia, NINE + timedelta(days=1))
    invite(session, bruna)
    old = re.findall(r'name="shown" value="(\d+)"', said(signed_in(client, bruna)))
    start = NINE + timedelta(days=2)
    sessions.move(session=session, by=elia, slots=[(start, start + timedelta(hours=1))])
    address = reverse("answer", args=[session.code])
    page = client.post(address, {"answer": "yes", "shown": old[0]}, follow=True).content.decode()
    assert re.search(r"It is now on \D*13 March\D[^.]*9:00\. Nothing was kept", page)
    assert Invitation.objects.get().answer == Answer.NONE
    new = re.findall(r'name="shown" value="(\d+)"', page)
    assert (set(old), set(new)) == ({"0"}, {"1"})
    client.post(address, {"answer": "yes", "shown": new[0]})
    assert Invitation.objects.get().answer == Answer.YES


def test_an_answer_that_is_none_gets_a_page_that_says_so(client: Client, elia: Person, bruna: Person) -> None:
    session = make_session(elia, NINE)
    invite(session, bruna)
    address = reverse("answer", args=[session.code])
    answer = signed_in(client, bruna).post(address, {"answer": "x"}, headers={"accept-language": "en"})
    assert answer.status_code == 400
    assert "This request could not be read" in answer.content.decode()


def test_nobody_answers_for_another(client: Client, elia: Person, bruna: Person, stranger: Person) -> None:
    session = make_session(elia, NINE)
    invite(session, bruna)
    address = reverse("answer", args=[session.code])
    assert client.post(address, {"answer": "yes"}).headers["Location"].startswith("/sign-in/")
    assert signed_in(client, stranger).post(address, {"answer": "yes"}).status_code == 404
    assert signed_in(client, bruna, invited=True).get(address).status_code == 405
    assert Invitation.objects.get().answer == Answer.NONE


def test_feedback_waits_until_it_is_given(elia: Person, bruna: Person, daniele: Person, clock: Clock) -> None:
    session = make_session(elia, NINE)
    invite(session, bruna, daniele)
    clock.forward(minutes=50)
    sessions.open_(session=session, by=elia)
    attendance.arrive(session=session, person=bruna, connection=uuid.uuid4(), event=uuid.uuid4())
    clock.forward(minutes=90)
    sessions.close(session=session, by=elia, reason="late")
    session.refresh_from_db()
    kinds = {
        one.key: [duty.kind for duty in day_of(one, as_host=True).duties] for one in (bruna, daniele, elia)
    }
    assert kinds == {"bruna": ["feedback"], "daniele": [], "elia": ["seal"]}
    feedback.give(session=session, person=bruna, language="it", useful=4)
    assert day_of(bruna, as_host=True).duties == []


# --- Of everybody --------------------------------------------------------------------------------------------------


def test_whoever_has_nothing_reads_what_to_expect(client: Client, stranger: Person, elia: Person) -> None:
    page = said(signed_in(client, stranger))
    assert "Nothing waits for you." in page
    assert reverse("plan") not in page
    assert filled(said(signed_in(client, elia))) == 1


def test_the_first_address_is_the_programme_or_one_s_own_day(client: Client, elia: Person) -> None:
    assert client.get("/").status_code == 200
    assert signed_in(client, elia).get("/").headers["Location"] == reverse("today")


def test_the_day_is_for_known_people(client: Client, db: None) -> None:
    assert client.get(reverse("today")).headers["Location"] == "/sign-in/?next=%2Ftoday%2F"


def test_the_greeting_knows_the_evening(client: Client, elia: Person, clock: Clock) -> None:
    assert "Hello, Elia" in said(signed_in(client, elia))
    clock.forward(hours=11)
    assert "Good evening, Elia" in said(client)


@pytest.mark.parametrize("language", ["fr", "it", "en"])
def test_titles_of_the_other_language_are_marked(client: Client, elia: Person, language: str) -> None:
    make_session(elia, NINE)
    page = said(signed_in(client, elia), language=language)
    other = "fr" if language == "it" else "it"
    assert f'<p class="other" lang="{other}">' in page
    with translation.override(language):
        assert f'<html lang="{language}"' in page


@pytest.mark.parametrize("role", ["host", "invited"])
def test_thirty_sessions_cost_as_many_queries_as_one(
    client: Client, elia: Person, bruna: Person, role: str
) -> None:
    def plan(number: int) -> None:
        start = NINE + timedelta(hours=6 * number)
        invite(make_session(elia, start), bruna)
        make_session(elia, start, is_draft=True, title_it="")
        Letter.objects.update(state=LetterState.FAILED)

    def count() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            said(client)
        return len(queries)

    signed_in(client, elia if role == "host" else bruna)
    plan(0)
    with_one = count()
    for number in range(1, 30):
        plan(number)
    assert (count(), with_one) == (with_one, with_one)
    assert with_one <= 10


def test_a_page_of_the_day_is_private(client: Client, elia: Person) -> None:
    response: Any = signed_in(client, elia).get(reverse("today"))
    assert "private" in response.headers["Cache-Control"]


def test_what_runs_past_its_end_stands_after_what_runs_now(elia: Person, clock: Clock) -> None:
    late, now = make_session(elia, NINE), make_session(elia, NINE + timedelta(minutes=95))
    clock.forward(minutes=50)
    sessions.open_(session=late, by=elia)
    clock.forward(minutes=110)
    sessions.open_(session=now, by=elia)
    day = day_of(elia, as_host=True)
    assert [(entry.session, entry.is_late) for entry in day.now] == [(now, False), (late, True)]
    assert [duty.kind for duty in day.duties] == ["close"]
