"""What the daily round forgets of people who never came to know us: substitutes proposed, members of groups gone."""

from datetime import timedelta
from typing import Any

import pytest

from seminars.actions import forgetting, groups, invitations, people, sessions, substitutions
from seminars.exchange.address import Address
from seminars.models import Invitation, Letter, Person, Substitution
from seminars.vocabulary import LetterKind, LetterState, Role
from seminars.work import rounds
from tests import cast

pytestmark = pytest.mark.django_db
THIRD = {"name": "Tierce Personne", "email": "tierce@example.org", "note": "malade"}


@pytest.fixture
def invitation(elia: Person, ange: Person) -> Invitation:
    return cast.invite(cast.make_session(elia), ange)[0]


def ask(invitation: Invitation) -> Substitution:
    return substitutions.ask(invitation=invitation, **THIRD)


def kept() -> list[tuple[Any, ...]]:
    return list(Substitution.objects.values_list("name", "email", "note"))


def decided(state: str) -> None:
    """The letter about the decision is in this state."""
    Letter.objects.filter(kind=LetterKind.SUBSTITUTION).update(state=state)


# --- Substitutes ---------------------------------------------------------------------------------------------------


def test_of_who_was_declined_nothing_stays_once_the_letter_has_left(invitation, elia):
    substitutions.decline(substitution=ask(invitation), by=elia)
    assert substitutions.forget() == 0
    assert kept() == [tuple(THIRD.values())], "the letter has to name her yet"
    decided(LetterState.SENT)
    assert substitutions.forget() == 1
    assert substitutions.forget() == 0
    assert kept() == [("", "", "")]
    assert Substitution.objects.get().decided_by == elia, "that it was decided, by whom and when, stays"


def test_a_letter_that_may_be_tried_again_keeps_the_name_until_the_session_is_over(invitation, elia, clock):
    substitutions.decline(substitution=ask(invitation), by=elia)
    decided(LetterState.DEAD)
    assert substitutions.forget() == 0
    clock.forward(days=4)
    assert substitutions.forget() == 1
    assert kept() == [("", "", "")]


def test_a_letter_that_still_waits_keeps_the_name_however_late(invitation, elia, clock):
    substitutions.decline(substitution=ask(invitation), by=elia)
    clock.forward(days=4)
    assert substitutions.forget() == 0


def test_what_was_never_decided_goes_with_the_session(invitation, clock):
    ask(invitation)
    clock.at(invitation.session.ends_at)
    assert substitutions.forget() == 0, "it may run late, and a host may still decide"
    clock.forward(days=1, minutes=1)
    assert substitutions.forget() == 1
    assert kept() == []


def test_what_was_never_decided_goes_with_a_session_that_is_cancelled(invitation, elia):
    ask(invitation)
    sessions.cancel(session=invitation.session, by=elia)
    substitutions.forget()
    assert kept() == []


@pytest.mark.parametrize("is_invited_anew", [False, True])
def test_what_was_never_decided_goes_when_she_who_asked_is_taken_back(
    invitation, elia, ange, clock, is_invited_anew
):
    ask(invitation)
    invitations.withdraw(invitation=invitation, by=elia)
    clock.forward(minutes=1)
    if is_invited_anew:
        cast.invite(invitation.session, ange)
    substitutions.forget()
    assert kept() == []


def test_an_open_request_and_a_confirmed_one_stay(invitation, elia, bruna, clock):
    ask(invitation)
    (other,) = cast.invite(invitation.session, bruna)
    given = {"name": "Zoé", "email": "zoe@example.org", "note": ""}
    substitutions.confirm(substitution=substitutions.ask(invitation=other, **given), by=elia)
    decided(LetterState.SENT)
    assert substitutions.forget() == 0
    assert sorted(kept()) == sorted([tuple(THIRD.values()), tuple(given.values())])


# --- Members of groups ---------------------------------------------------------------------------------------------


@pytest.fixture
def met(elia: Person) -> Person:
    """Somebody known by a group only, which is gone."""
    group = groups.make(by=elia, name="Rete", addresses=[Address(1, "met@example.org", "Sconosciuta")])
    groups.delete(group=group, by=elia)
    return Person.objects.get(email="met@example.org")


def test_who_was_in_a_group_only_goes_after_it(met, clock):
    assert forgetting.forget_strangers() == 0, "not at once: it may be made anew"
    clock.forward(days=2)
    assert forgetting.forget_strangers() == 1
    assert not Person.objects.filter(pk=met.pk).exists()


def test_who_is_in_a_group_stays(elia, clock):
    groups.make(by=elia, name="Rete", addresses=[Address(1, "met@example.org")])
    clock.forward(days=900)
    assert forgetting.forget_strangers() == 0


def test_who_was_ever_invited_stays(met, elia, clock):
    (invitation,) = cast.invite(cast.make_session(elia), met)
    invitations.withdraw(invitation=invitation, by=elia)
    Letter.objects.all().delete()
    clock.forward(days=900)
    assert forgetting.forget_strangers() == 0


@pytest.mark.parametrize(
    "trace",
    [{"key": "fr-met"}, {"role": Role.TRAINER}, {"password": "pbkdf2"}, {"last_login": timedelta()}],
)
def test_who_is_known_otherwise_stays(met, clock, trace):
    Person.objects.filter(pk=met.pk).update(
        **{name: met.created_at if name == "last_login" else value for name, value in trace.items()}
    )
    clock.forward(days=900)
    assert forgetting.forget_strangers() == 0


def test_whom_any_row_names_stays(met, elia, clock):
    session = cast.make_session(elia, team=[(met, Role.SPEAKER)])
    clock.forward(days=900)
    assert forgetting.forget_strangers() == 0
    session.team.filter(person=met).delete()
    people.make_calendar_key(person=met, name="Phone")
    assert forgetting.forget_strangers() == 0
    met.calendar_keys.all().delete()
    session.created_by = met
    session.save()
    assert forgetting.forget_strangers() == 0
    session.created_by = elia
    session.save()
    assert forgetting.forget_strangers() == 1


def test_the_daily_round_forgets_both(met, invitation, clock):
    ask(invitation)
    clock.forward(days=4)
    rounds._tidy()
    assert not Substitution.objects.exists()
    assert not Person.objects.filter(pk=met.pk).exists()
