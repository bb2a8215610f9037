"""Inviting and answering."""

from datetime import timedelta

import pytest
from django.utils import translation

from seminars.actions import answers, invitations, substitutions
from seminars.errors import Refused
from seminars.models import Invitation, Letter, Person
from seminars.vocabulary import Answer, LetterKind, LetterState
from tests import cast

pytestmark = pytest.mark.django_db

PASTE = """Ange Esquisse <ange@example.org>, bruna@example.org; nobody@nowhere
"Dupont, Jean" <jean.dupont@example.fr>
BRUNA@example.org
two words@example.org"""


def test_addresses_are_read_in_any_usual_form_and_faults_are_named_by_line():
    pasted = invitations.read_addresses(PASTE)
    assert [(one.email, one.name) for one in pasted.good] == [
        ("ange@example.org", "Ange Esquisse"),
        ("bruna@example.org", ""),
        ("jean.dupont@example.fr", "Jean Dupont"),
    ]
    assert [(one.line, one.text) for one in pasted.bad] == [
        (1, "nobody@nowhere"),
        (4, "two words@example.org"),
    ]
    assert "nowhere" in pasted.bad[0].why
    assert pasted.twice == ["bruna@example.org"]


def test_an_address_without_its_end_or_its_begin_says_so():
    with translation.override("en"):
        faults = [one.why for one in invitations.read_addresses("spam@\n@example.org").bad]
    assert faults == ["nothing follows the @", "nothing stands before the @"]


def test_an_unknown_address_becomes_a_person_of_its_country(elia, ange):
    session = cast.make_session(elia)
    rows = invitations.read_addresses("ange@example.org\nNuova <nuova@example.it>").good
    done = invitations.invite(session=session, by=elia, addresses=rows)
    assert done.unknown == ["nuova@example.it"]
    nuova = Person.objects.get(email="nuova@example.it")
    assert (nuova.language, nuova.timezone, nuova.name) == ("it", "Europe/Rome", "Nuova")
    assert Letter.objects.filter(kind=LetterKind.INVITATION).count() == 2


def test_nobody_is_invited_twice(elia, ange):
    session = cast.make_session(elia)
    cast.invite(session, ange)
    done = invitations.invite(
        session=session, by=elia, addresses=[invitations.Address(1, "Ange@Example.org")]
    )
    assert done.already == [ange]
    assert Letter.objects.count() == 1


def test_a_withdrawn_invitation_opens_nothing_and_a_new_one_has_another_link(elia, ange):
    session = cast.make_session(elia)
    (invitation,) = cast.invite(session, ange)
    old = invitation.token
    Letter.objects.update(state=LetterState.SENT)
    invitations.withdraw(invitation=invitation, by=elia)
    assert Invitation.objects.by_token(old) is None
    assert Letter.objects.filter(kind=LetterKind.WITHDRAWAL, person=ange).count() == 1
    cast.invite(session, ange)
    again = Invitation.objects.get()
    assert again.token != old
    assert Invitation.objects.by_token(again.token) == again


def test_who_is_invited_anew_begins_anew(elia, bruna, ange):
    session = cast.make_session(elia)
    (invitation,) = cast.invite(session, ange)
    answers.answer(invitation=invitation, answer=Answer.NO, note="Something private")
    substitutions.ask(invitation=invitation, name="Somebody Else", email="else@example.org")
    ange.organisation, ange.country = bruna.organisation, "IT"
    ange.save()
    invitation.refresh_from_db()
    invitations.withdraw(invitation=invitation, by=elia)
    assert not invitation.substitutions.exists(), "nobody decides on it any more"
    cast.invite(session, ange, by=bruna)
    again = Invitation.objects.get()
    assert (again.answer, again.answered_at, again.answered_sequence, again.note) == ("", None, None, "")
    assert (again.invited_by, again.country) == (bruna, "IT")
    assert again.organisation_it == bruna.organisation.name_it
    assert (again.turn, again.withdrawn_at) == (2, None), "raised by both"
    assert again.invited_at >= invitation.invited_at


def test_an_answer_can_change_until_the_start_and_not_after(elia, ange, clock):
    session = cast.make_session(elia)
    (invitation,) = cast.invite(session, ange)
    answers.answer(invitation=invitation, answer=Answer.YES)
    answers.answer(invitation=invitation, answer=Answer.MAYBE, note="Perhaps late")
    invitation.refresh_from_db()
    assert (invitation.answer, invitation.note, invitation.answered_sequence) == (
        Answer.MAYBE,
        "Perhaps late",
        0,
    )
    clock.at(session.starts_at + timedelta(seconds=1))
    with pytest.raises(Refused) as refused:
        answers.answer(invitation=invitation, answer=Answer.NO)
    assert refused.value.code == "answers_closed"


def test_a_draft_invites_nobody(elia, ange):
    session = cast.make_session(elia, is_draft=True)
    with pytest.raises(Refused) as refused:
        cast.invite(session, ange)
    assert refused.value.code == "draft_first"
    assert Letter.objects.count() == 0
