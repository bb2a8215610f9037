"""Somebody in her place: who may be proposed, what a decision does at once, and what it never does."""

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from functools import partial
from typing import Any

import pytest
from django.db import connection

from seminars.actions import answers, feeds, invitations, letters, sessions, substitutions
from seminars.errors import Refused
from seminars.models import Invitation, Letter, Person, Session, Substitution
from seminars.queries import substitutions as queries
from seminars.vocabulary import Answer, LetterKind, LetterState
from seminars.wording.mail import render
from tests import cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def invitation(elia: Person, ange: Person) -> Invitation:
    (made,) = cast.invite(cast.make_session(elia), ange)
    answers.answer(invitation=made, answer=Answer.YES)
    made.refresh_from_db()
    return made


def ask(invitation: Invitation, email: str = "nuova@example.org", **more: str) -> Substitution:
    given = {"name": "Nuova Persona", "language": "it", "note": "Une collègue"} | more
    return substitutions.ask(invitation=invitation, email=email, **given)


def kinds() -> Counter[tuple[str, str]]:
    """Of the letters: kind and address."""
    return Counter(Letter.objects.values_list("kind", "person__email"))


def refused(act: Any, **given: Any) -> tuple[str, str | None]:
    with pytest.raises(Refused) as why:
        act(**given)
    return why.value.code, why.value.field


# --- Asking -------------------------------------------------------------------------------------------------------


def test_asking_changes_nothing_but_that_it_is_asked(invitation):
    before = kinds()
    asked = ask(invitation, name=" Nuova\n\u202ePersona ", email=" Nuova@Example.org ")
    assert (asked.name, asked.email, asked.language) == ("Nuova Persona", "nuova@example.org", "it")
    invitation.refresh_from_db()
    assert invitation.answer == Answer.YES
    assert not Person.objects.filter(email="nuova@example.org").exists()
    assert kinds() == before, "no letter leaves before a host has decided"


@pytest.mark.parametrize(
    ("email", "code"),
    [
        ("nowhere", "address_unusable"),
        ("nuova@example", "address_unusable"),
        ("", "address_not_one"),
        ("a@example.org, b@example.org", "address_not_one"),
        ("a@example.org\nbad", "address_unusable"),
        ("nuova@exämple.org", "address_unusable"),
        ("ANGE@example.org", "substitute_herself"),
    ],
)
def test_an_address_that_can_not_be_is_refused_at_its_field(invitation, email, code):
    assert refused(ask, invitation=invitation, email=email) == (code, "email")
    assert not Substitution.objects.exists()


def test_a_name_of_nothing_seen_is_refused(invitation):
    assert refused(ask, invitation=invitation, name="\u202e \x07") == ("name_missing", "name")


def test_one_request_is_open_at_a_time_and_may_be_taken_back(invitation):
    ask(invitation)
    assert refused(ask, invitation=invitation, email="b@example.org")[0] == "substitution_open"
    substitutions.take_back(invitation=invitation)
    assert not Substitution.objects.exists(), "nothing stays of somebody who never agreed"
    assert refused(substitutions.take_back, invitation=invitation)[0] == "substitution_gone"
    assert ask(invitation, email="b@example.org").email == "b@example.org"


def test_nobody_is_proposed_once_it_has_begun_or_is_cancelled(invitation, elia, clock):
    session = invitation.session
    clock.at(session.starts_at)
    assert refused(ask, invitation=invitation)[0] == "answers_closed"
    clock.forward(days=-1)
    sessions.cancel(session=session, by=elia)
    assert refused(ask, invitation=invitation)[0] == "session_cancelled"


def test_who_was_invited_and_is_no_longer_may_be_proposed(invitation, elia, bruna):
    (before,) = cast.invite(invitation.session, bruna)
    invitations.withdraw(invitation=before, by=elia)
    asked = ask(invitation, email=bruna.email)
    made = substitutions.confirm(substitution=asked, by=elia)
    assert (made.pk, made.withdrawn_at) == (before.pk, None)


# --- Deciding -----------------------------------------------------------------------------------------------------


def test_confirming_invites_her_says_no_for_the_other_and_tells_both(invitation, elia, ange):
    Letter.objects.update(state=LetterState.SENT)
    before = kinds()
    made = substitutions.confirm(substitution=ask(invitation), by=elia)
    invitation.refresh_from_db()
    asked = Substitution.objects.get()
    assert (invitation.answer, invitation.withdrawn_at) == (Answer.NO, None)
    assert (asked.is_accepted, asked.decided_by, asked.made) == (True, elia, made)
    assert (made.session, made.answer, made.invited_by) == (invitation.session, Answer.NONE, elia)
    new = made.person
    assert (new.name, new.email, new.language, new.timezone) == (
        "Nuova Persona",
        "nuova@example.org",
        "it",
        "Europe/Rome",
    )
    told = [(LetterKind.INVITATION, "nuova@example.org"), (LetterKind.SUBSTITUTION, ange.email)]
    assert kinds() - before == Counter(told)


def test_who_is_known_keeps_her_name_and_language(invitation, elia, dominique):
    asked = ask(invitation, email="DOMINIQUE@example.org", name="Dom", language="it")
    made = substitutions.confirm(substitution=asked, by=elia)
    assert made.person == dominique
    dominique.refresh_from_db()
    assert (dominique.name, dominique.language) == ("Dominique Modele", "fr")


def test_who_is_invited_already_is_accepted_alike_and_stays_invited(invitation, elia, bruna, ange):
    (hers,) = cast.invite(invitation.session, bruna)
    answers.answer(invitation=hers, answer=Answer.YES)
    asked = ask(invitation, email="Bruna@Example.org")
    Letter.objects.update(state=LetterState.SENT)
    before = kinds()
    made = substitutions.confirm(substitution=asked, by=elia)
    assert (made, made.answer) == (hers, Answer.YES)
    asked.refresh_from_db()
    invitation.refresh_from_db()
    assert (asked.is_accepted, asked.made, invitation.answer) == (True, None, Answer.NO)
    assert kinds() - before == Counter([(LetterKind.SUBSTITUTION, ange.email)])


def test_declining_changes_no_answer_and_tells_her(invitation, elia, ange):
    Letter.objects.update(state=LetterState.SENT)
    before = kinds()
    substitutions.decline(substitution=ask(invitation), by=elia)
    invitation.refresh_from_db()
    assert (invitation.answer, Invitation.objects.count()) == (Answer.YES, 1)
    assert kinds() - before == Counter([(LetterKind.SUBSTITUTION, ange.email)])
    assert Substitution.objects.get().is_accepted is False
    assert ask(invitation, email="other@example.org"), "another may be proposed"


@pytest.mark.parametrize("act", [substitutions.confirm, substitutions.decline])
def test_a_decision_is_made_once(invitation, elia, act):
    asked = ask(invitation)
    act(substitution=asked, by=elia)
    before = kinds()
    for again in (substitutions.confirm, substitutions.decline):
        assert refused(again, substitution=asked, by=elia)[0] == "substitution_gone"
    assert kinds() == before


def test_what_was_taken_back_or_lost_its_invitation_is_decided_no_more(invitation, elia, ange):
    asked = ask(invitation)
    substitutions.take_back(invitation=invitation)
    assert refused(substitutions.confirm, substitution=asked, by=elia)[0] == "substitution_gone"
    asked = ask(invitation)
    invitations.withdraw(invitation=invitation, by=elia)
    assert refused(substitutions.confirm, substitution=asked, by=elia)[0] == "substitution_gone"
    (again,) = cast.invite(invitation.session, ange)
    assert queries.newest(again) is None, "a request ends with its invitation"
    assert ask(again).invitation == again


def test_a_confirmation_that_fails_leaves_everything_as_it_was(invitation, elia, monkeypatch):
    asked = ask(invitation)
    before = kinds()

    def full(**given: Any) -> None:
        raise Refused("too_many", most=0)

    monkeypatch.setattr(invitations, "invite", full)
    assert refused(substitutions.confirm, substitution=asked, by=elia)[0] == "too_many"
    invitation.refresh_from_db()
    asked.refresh_from_db()
    assert (invitation.answer, asked.decided_at, kinds()) == (Answer.YES, None, before)


def test_it_is_decided_while_the_session_runs_and_not_after(invitation, elia, clock):
    asked = ask(invitation)
    clock.at(invitation.session.starts_at)
    sessions.open_(session=invitation.session, by=elia)
    assert substitutions.confirm(substitution=asked, by=elia).answer == Answer.NONE
    (other,) = cast.invite(cast.make_session(elia), invitation.person)
    late = ask(other)
    sessions.cancel(session=other.session, by=elia)
    assert refused(substitutions.decline, substitution=late, by=elia)[0] == "not_now"


def test_both_calendars_follow_by_one_raise_in_order(invitation, elia, ange, monkeypatch):
    asked = ask(invitation)
    raised: list[Any] = []
    monkeypatch.setattr(feeds, "_raise", raised.append)
    made = substitutions.confirm(substitution=asked, by=elia)
    assert [found.people for found in raised] == [{ange.pk, made.person_id}]


def test_live_pages_learn_of_both(invitation, elia, ange, monkeypatch):
    asked = ask(invitation)
    told: list[Any] = []
    monkeypatch.setattr(answers, "announce", told.append)
    made = substitutions.confirm(substitution=asked, by=elia)
    numbers = [fact.seq for fact in told]
    assert [fact.people for fact in told] == [(ange.pk,), (made.person_id,)]
    assert numbers == [numbers[0], numbers[0] + 1]


def at_once(*acts: Callable[[], object]) -> list[str]:
    """Runs acts at the same moment, each by a connection of its own; what became of each: `done` or a refusal."""
    together = threading.Barrier(len(acts))

    def run(act: Callable[[], object]) -> str:
        together.wait(30)
        try:
            act()
        except Refused as why:
            return why.code
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(len(acts)) as threads:
        return sorted(threads.map(run, acts))


@pytest.mark.django_db(transaction=True)
def test_of_several_hosts_who_decide_at_once_one_does(invitation, elia):
    asked = ask(invitation)
    confirm, decline = (
        partial(act, substitution=asked, by=elia) for act in (substitutions.confirm, substitutions.decline)
    )
    outcomes = at_once(confirm, decline, confirm, decline)
    assert outcomes == ["done", *["substitution_gone"] * 3]
    asked.refresh_from_db()
    assert Letter.objects.filter(kind=LetterKind.SUBSTITUTION).count() == 1
    assert Invitation.objects.count() == 1 + bool(asked.is_accepted)


@pytest.mark.django_db(transaction=True)
def test_of_two_requests_at_once_one_stands(invitation):
    outcomes = at_once(*(partial(ask, invitation, email=f"p{number}@example.org") for number in range(3)))
    assert outcomes == ["done", "substitution_open", "substitution_open"]
    assert Substitution.objects.count() == 1


def words_of(kind: LetterKind) -> str:
    """The plain text of the newest letter of a kind, as it leaves."""
    letter = Letter.objects.filter(kind=kind).latest("created_at")
    body = message_from_bytes(render(letter), policy=default).get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def test_the_letters_name_who_comes_and_in_whose_place(invitation, elia):
    substitutions.confirm(substitution=ask(invitation), by=elia)
    assert "Nuova Persona" in words_of(LetterKind.SUBSTITUTION)
    assert "Ange Esquisse" in words_of(LetterKind.INVITATION)


# --- Finding ------------------------------------------------------------------------------------------------------


def sessions_with_requests(by: Person, guest: Person, many: int) -> list[Session]:
    made = [cast.make_session(by) for _ in range(many)]
    for session in made:
        ask(cast.invite(session, guest)[0])
    return made


def test_open_requests_are_found_by_their_session(invitation, elia, bruna):
    (other,) = cast.invite(invitation.session, bruna)
    asked = ask(invitation)
    substitutions.decline(substitution=ask(other, email="b@example.org"), by=elia)
    assert queries.open_of(invitation.session) == {invitation.pk: asked}
    assert queries.by_code(invitation.session, asked.code) == asked
    assert queries.by_code(cast.make_session(elia), asked.code) is None, "of another session"


@pytest.mark.parametrize("many", [1, 3])
def test_what_waits_is_counted_by_one_query(elia, ange, many, django_assert_num_queries):
    made = sessions_with_requests(elia, ange, many)
    quiet = cast.make_session(elia)
    with django_assert_num_queries(1):
        assert queries.waiting([*made, quiet]) == {session.pk: 1 for session in made}


def test_nothing_waits_of_what_is_cancelled(elia, ange):
    (session,) = sessions_with_requests(elia, ange, 1)
    sessions.cancel(session=session, by=elia)
    assert (queries.waiting([session]), queries.open_of(session)) == ({}, {})


def test_the_letter_about_it_is_of_the_session_as_it_stands(invitation, elia):
    later = invitation.session.starts_at + timedelta(days=1)
    wall = later.replace(tzinfo=None)
    sessions.move(session=invitation.session, by=elia, slots=[(wall, wall + timedelta(hours=1))])
    substitutions.decline(substitution=ask(invitation), by=elia)
    session = Session.objects.get(pk=invitation.session_id)
    assert Letter.objects.get(kind=LetterKind.SUBSTITUTION).revision == letters.freeze(session)


def test_a_request_from_a_page_of_another_date_is_refused(invitation, elia):
    later = invitation.session.starts_at.replace(tzinfo=None) + timedelta(days=1)
    sessions.move(session=invitation.session, by=elia, slots=[(later, later + timedelta(hours=1))])
    with pytest.raises(Refused, match="session_moved"):
        substitutions.ask(invitation=invitation, name="Nuova", email="nuova@example.org", shown=0)
    assert not Substitution.objects.exists()


def test_what_was_asked_for_an_earlier_date_is_known(invitation, elia, django_assert_num_queries):
    session, asked = invitation.session, ask(invitation)
    sessions.edit(session=session, by=elia, title_fr="Autre titre")
    session.refresh_from_db()
    assert queries.asked_earlier(session, [asked]) == set(), "words are no date"
    later = session.starts_at.replace(tzinfo=None) + timedelta(days=1)
    session = sessions.move(session=session, by=elia, slots=[(later, later + timedelta(hours=1))])
    assert queries.asked_earlier(session, [asked]) == {asked.pk}
    substitutions.take_back(invitation=invitation)
    assert queries.asked_earlier(session, [ask(invitation)]) == set()
    with django_assert_num_queries(0):
        queries.asked_earlier(session, [])
