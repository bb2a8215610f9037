"""Who is replaced stays so: no move asks her again, no answer takes a second seat, and only an end is told to her."""

from datetime import timedelta

import pytest

from seminars.actions import answers, invitations, letters, sessions, substitutions
from seminars.errors import Refused
from seminars.models import Invitation, Letter, Person, Series, Session
from seminars.moments import now
from seminars.queries import dates, due, invited
from seminars.vocabulary import Answer, Audience, LetterKind, LetterState
from tests import cast

pytestmark = pytest.mark.django_db


def replace(invitation: Invitation, by: Person, email: str = "piero@example.org") -> Invitation:
    asked = substitutions.ask(invitation=invitation, name="Piero Vera", email=email)
    return substitutions.confirm(substitution=asked, by=by)


def move(session: Session, by: Person) -> Session:
    later = session.starts_at.replace(tzinfo=None) + timedelta(days=1)
    return sessions.move(session=session, by=by, slots=[(later, later + timedelta(hours=1))])


def answered(invitation: Invitation) -> str:
    return Invitation.objects.get(pk=invitation.pk).answer


@pytest.fixture
def anna(elia: Person, ange: Person) -> Invitation:
    (made,) = cast.invite(cast.make_session(elia), ange)
    answers.answer(invitation=made, answer=Answer.YES)
    return made


@pytest.fixture
def piero(anna: Invitation, elia: Person) -> Invitation:
    made = replace(anna, elia)
    answers.answer(invitation=made, answer=Answer.YES)
    Letter.objects.update(state=LetterState.SENT, sent_at=now())
    return made


def test_a_move_asks_the_substitute_again_and_not_her(anna, piero, elia, bruna):
    (other,) = cast.invite(anna.session, bruna)
    answers.answer(invitation=other, answer=Answer.NO)
    before = anna.letters.count()
    move(anna.session, elia)
    assert answered(anna) == Answer.NO
    assert (answered(piero), answered(other)) == (Answer.NONE, Answer.NONE), (
        "a plain no falls, as every answer"
    )
    assert anna.letters.count() == before
    assert piero.letters.filter(kind=LetterKind.UPDATE).exists()


def test_she_is_nobody_without_an_answer(anna, piero, elia, clock):
    session = move(anna.session, elia)
    clock.forward(days=2)
    for found in (
        letters.readers(session, Audience.UNANSWERED),
        letters.readers(session, Audience.EVERYBODY),
        due.rested(session),
        due.readers(LetterKind.ASKING, now()),
        due.readers(LetterKind.REMINDER, now()),
    ):
        assert set(found) == {piero}
    assert due.unanswered(session).count == 1


def test_a_cancelled_session_is_told_to_her_since_she_holds_it(anna, piero, elia):
    sessions.cancel(session=anna.session, by=elia)
    told = Letter.objects.filter(kind=LetterKind.CANCELLATION)
    assert set(told.values_list("invitation", flat=True)) == {anna.pk, piero.pk}


@pytest.mark.parametrize("is_moved", [False, True])
@pytest.mark.parametrize("said", [Answer.YES, Answer.MAYBE])
def test_she_takes_no_second_seat(anna, piero, elia, said, is_moved):
    if is_moved:
        move(anna.session, elia)
    with pytest.raises(Refused, match="replaced") as why:
        answers.answer(invitation=anna, answer=said)
    assert why.value.facts["name"] == "Piero Vera"
    done = answers.answer_several(person=anna.person, answers={anna.pk: said})
    assert [refused.code for _, refused in done.refused] == ["replaced"]
    assert answered(anna) == Answer.NO
    assert answers.answer(invitation=anna, answer=Answer.NO).answer == Answer.NO


def test_she_sends_no_second_substitute(anna, piero):
    with pytest.raises(Refused, match="replaced"):
        substitutions.ask(invitation=anna, name="Nuova Persona", email="nuova@example.org")


def test_she_is_asked_again_once_the_substitute_is_not_invited(anna, piero, elia):
    invitations.withdraw(invitation=piero, by=elia)
    assert not Invitation.objects.replaced().exists()
    move(anna.session, elia)
    assert answered(anna) == Answer.NONE
    assert answers.answer(invitation=anna, answer=Answer.YES).answer == Answer.YES


def test_invited_anew_she_answers_for_herself(anna, piero, elia, clock):
    invitations.withdraw(invitation=anna, by=elia)
    clock.forward(minutes=1)
    (again,) = cast.invite(anna.session, anna.person)
    assert again.pk == anna.pk
    assert answers.answer(invitation=again, answer=Answer.YES).answer == Answer.YES


def test_a_date_at_which_she_is_replaced_waits_for_no_answer_of_hers(elia, ange):
    series = Series.objects.create(key="tuesdays", rrule="FREQ=WEEKLY;COUNT=2")
    made, other = (cast.make_session(elia, extra={"series": series}) for _ in range(2))
    (first,), (second,) = cast.invite(made, ange), cast.invite(other, ange)
    replace(first, elia)
    assert [date.invitation for date in dates.coming(second)] == [second]


@pytest.mark.parametrize("many", [1, 3])
def test_the_names_of_substitutes_cost_no_query_of_their_own(elia, many, django_assert_num_queries):
    session = cast.make_session(elia)
    people = [cast.person(f"guest{number}", f"guest{number}@example.org") for number in range(many)]
    made = cast.invite(session, *people)
    for number, one in enumerate(made):
        replace(one, elia, f"piero{number}@example.org")
    with django_assert_num_queries(4):
        found = invited.guests(session)
    assert {guest.invitation.pk for guest in found if guest.replaced_by == "Piero Vera"} == {
        one.pk for one in made
    }
    assert set(Invitation.objects.replaced()) == set(made)
    assert set(Invitation.objects.concerned()) == set(session.invitations.all()) - set(made)
