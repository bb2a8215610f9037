"""The invitation once more for who has not answered; a substitute's decision; an invitation in somebody's place."""

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from seminars import addresses
from seminars.actions import answers, invitations, letters, sessions, substitutions
from seminars.models import Invitation, Letter, Person, Session
from seminars.vocabulary import LetterKind
from seminars.wording import render
from seminars.wording.beside import beside
from tests import cast
from tests.letterbox import Letterbox, Mail, read

pytestmark = pytest.mark.django_db


@pytest.fixture
def letterbox(settings: Any, tmp_path: Path) -> Letterbox:
    return Letterbox(settings, tmp_path)


@pytest.fixture
def session(elia: Person) -> Session:
    return cast.make_session(elia)


@pytest.fixture
def invitation(session: Session, ange: Person) -> Invitation:
    Person.objects.filter(pk=ange.pk).update(language="en")
    return cast.invite(session, ange)[0]


def ask_again(invitation: Invitation) -> None:
    session = Session.objects.get(pk=invitation.session_id)
    letters.post(kind=LetterKind.ASKING, invitation=invitation, revision=letters.freeze(session))


def numbers(mail: Mail) -> tuple[int, Any]:
    return int(mail.event["SEQUENCE"]), mail.event["DTSTAMP"].dt


def test_asking_carries_the_request_unchanged_but_for_its_stamp(session, invitation, letterbox, clock):
    (first,) = letterbox.run()
    sessions.edit(session=session, by=session.created_by, title_fr="Les mots du soin")
    clock.forward(minutes=settings.EDITS_MERGED_MINUTES + 1)
    (told,) = letterbox.run()
    ask_again(invitation)
    (mail,) = letterbox.run()
    assert mail.method == "REQUEST"
    assert numbers(mail)[0] == int(Session.objects.get().sequence) == numbers(told)[0]
    assert numbers(mail)[1] > numbers(told)[1]
    for name in ("UID", "ORGANIZER", "DTSTART", "DTEND"):
        assert mail.event[name].to_ical() == first.event[name].to_ical()
    assert mail.event["ATTENDEE"].params["PARTSTAT"] == "NEEDS-ACTION"
    assert mail.subject.startswith("Your answer is still missing:")
    assert addresses.invitation(invitation.token) in mail.text


def test_an_update_says_what_has_changed_since_the_question(session, invitation, letterbox, clock):
    letterbox.run()
    sessions.edit(session=session, by=session.created_by, title_en="Words")
    ask_again(invitation)
    Letter.objects.filter(kind=LetterKind.UPDATE).update(state="superseded")
    letterbox.run()
    sessions.edit(session=Session.objects.get(), by=session.created_by, title_en="Other words")
    update = Letter.objects.get(kind=LetterKind.UPDATE, state="pending")
    before = beside([update])[update.pk].before
    assert before is not None and before.kind == LetterKind.ASKING


def test_asking_keeps_a_maybe(invitation, letterbox):
    letterbox.run()
    answers.answer(invitation=invitation, answer="maybe")
    invitation.refresh_from_db()
    ask_again(invitation)
    mail = read(render(Letter.objects.get(kind=LetterKind.ASKING)))
    assert mail.event["ATTENDEE"].params["PARTSTAT"] == "TENTATIVE"


@pytest.mark.parametrize(
    ("is_accepted", "words"), [(True, "It is confirmed"), (False, "It is not confirmed")]
)
def test_who_asked_for_a_substitute_is_told_and_her_calendar_left_alone(
    session, invitation, letterbox, is_accepted, words
):
    letterbox.run()
    wish = substitutions.ask(invitation=invitation, name="Zoé Esempio", email="zoe@example.org")
    decide = substitutions.confirm if is_accepted else substitutions.decline
    decide(substitution=wish, by=session.created_by)
    (mail,) = [mail for mail in letterbox.run() if mail.recipients == [invitation.person.email]]
    assert words in mail.text
    assert "Zoé Esempio" in mail.text
    assert mail.calendar == b""
    assert mail.message["List-Unsubscribe"] is None


def test_the_newest_decision_is_told(session, invitation, letterbox):
    letterbox.run()
    for name, decide in (("Zoé", substitutions.decline), ("Chloé", substitutions.confirm)):
        wish = substitutions.ask(invitation=invitation, name=name, email=f"{name[0].lower()}@example.org")
        decide(substitution=wish, by=session.created_by)
        told = letterbox.to(invitation.person.email)
    assert "It is confirmed: Chloé" in told[0].text


def test_of_two_decisions_each_letter_tells_its_own(session, invitation, letterbox):
    letterbox.run()
    for name, decide in (("Prima", substitutions.decline), ("Seconda", substitutions.confirm)):
        wish = substitutions.ask(invitation=invitation, name=name, email=f"{name}@example.org")
        decide(substitution=wish, by=session.created_by)
    first, second = letterbox.to(invitation.person.email)
    assert "It is not confirmed that Prima" in first.text
    assert "It is confirmed: Seconda" in second.text


def test_a_letter_of_before_that_does_not_say_which_tells_the_newest(session, invitation, letterbox):
    letterbox.run()
    wish = substitutions.ask(invitation=invitation, name="Prima", email="prima@example.org")
    substitutions.decline(substitution=wish, by=session.created_by)
    Letter.objects.filter(kind=LetterKind.SUBSTITUTION).update(about="")
    (mail,) = letterbox.to(invitation.person.email)
    assert "It is not confirmed that Prima" in mail.text


def test_who_is_invited_again_by_herself_comes_in_nobodys_place(session, invitation, letterbox, clock):
    wish = substitutions.ask(invitation=invitation, name="Zoé", email="zoe@example.org", language="en")
    made = substitutions.confirm(substitution=wish, by=session.created_by)
    letterbox.run()
    invitations.withdraw(invitation=made, by=session.created_by)
    letterbox.run()
    clock.forward(minutes=1)
    cast.invite(session, made.person)
    (mail,) = letterbox.to("zoe@example.org")
    assert mail.method == "REQUEST"
    assert "in place of" not in mail.text


def test_who_comes_in_a_place_reads_in_whose(session, invitation, letterbox):
    letterbox.run()
    wish = substitutions.ask(invitation=invitation, name="Zoé", email="zoe@example.org", language="en")
    substitutions.confirm(substitution=wish, by=session.created_by)
    (mail,) = [mail for mail in letterbox.run() if mail.recipients == ["zoe@example.org"]]
    for words in (mail.text, mail.html):
        assert f"in place of {invitation.person.name}" in words
