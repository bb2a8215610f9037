"""When a change is told: words wait for the next edit, hours and places never, and nothing else waits behind them."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from seminars.actions import letters, sessions
from seminars.models import Letter, OwnWords, Person, Session, Unsubscription
from seminars.moments import local, now
from seminars.vocabulary import LetterKind, LetterState
from seminars.work import outbox
from seminars.work.outbox import Outcome
from tests import cast
from tests.letterbox import Letterbox

pytestmark = pytest.mark.django_db


@pytest.fixture
def letterbox(settings: Any, tmp_path: Any) -> Letterbox:
    return Letterbox(settings, tmp_path)


@pytest.fixture
def session(elia: Person, ange: Person, letterbox: Letterbox, clock: cast.Clock) -> Session:
    """Ange holds her invitation to a session the day after tomorrow."""
    start = local(now() + timedelta(days=2), "Europe/Paris").replace(
        hour=9, minute=0, second=0, microsecond=0
    )
    session = cast.make_session(elia, start)
    cast.invite(session, ange)
    assert [mail.method for mail in letterbox.run()] == ["REQUEST"]
    return session


def edit(session: Session, title: str = "Autre", **more: Any) -> Session:
    fresh = Session.objects.get(pk=session.pk)
    return sessions.edit(session=fresh, by=fresh.created_by, title_fr=title, **more)


def move(session: Session, **length: float) -> Session:
    fresh = Session.objects.get(pk=session.pk)
    slots = [
        tuple(
            local(moment, fresh.timezone).replace(tzinfo=None) + timedelta(**length)
            for moment in (slot.starts_at, slot.ends_at)
        )
        for slot in fresh.slots.all()
    ]
    return sessions.move(session=fresh, by=fresh.created_by, slots=slots)


def kinds(session: Session) -> list[tuple[str, str]]:
    return list(session.letters.order_by("stamp").values_list("kind", "state"))


def test_edits_of_half_an_hour_become_one_letter(session, letterbox, clock):
    edit(session, "Un")
    clock.forward(minutes=20)
    edit(session, "Deux")
    assert letterbox.run() == []
    clock.forward(minutes=11)
    (mail,) = letterbox.run()
    assert "Deux" in mail.subject
    assert int(mail.event["SEQUENCE"]) == 2
    assert [state for _, state in kinds(session)] == ["sent", "superseded", "sent"]


def test_who_edits_all_day_tells_somebody_every_half_hour(session, letterbox, clock):
    told = []
    for number in range(9):
        edit(session, f"Titre {number}")
        clock.forward(minutes=10, seconds=1)
        told += letterbox.run()
    assert len(told) == 3


def test_a_move_says_the_edit_as_well_and_leaves_at_once(session, letterbox, clock):
    edit(session, "Autres mots")
    clock.forward(minutes=5)
    move(session, hours=2)
    (mail,) = letterbox.run()
    assert str(mail.event["SUMMARY"]) == "Autres mots"
    clock.forward(minutes=40)
    assert letterbox.run() == []


def test_an_edit_just_after_a_move_does_not_hold_the_move_up(session, letterbox):
    move(session, hours=2)
    edit(session, "Autres mots")
    (mail,) = letterbox.run()
    assert str(mail.event["SUMMARY"]) == "Autres mots"
    assert int(mail.event["SEQUENCE"]) == 2


def test_a_cancellation_replaces_what_waits_and_leaves_at_once(session, elia, letterbox, clock):
    edit(session)
    sessions.cancel(session=session, by=elia)
    assert [mail.method for mail in letterbox.run()] == ["CANCEL"]
    clock.forward(minutes=40)
    assert letterbox.run() == []


@pytest.mark.parametrize(
    "change", [{"is_confidential": True}, {"place": "Via Roma 1"}, {"mode": "in-person"}]
)
def test_what_is_more_than_words_is_told_at_once(session, letterbox, change):
    edit(session, **change)
    assert len(letterbox.run()) == 1


def test_another_place_is_told_at_once(session, elia, letterbox):
    sessions.move(
        session=session,
        by=elia,
        slots=[
            tuple(
                local(at, session.timezone).replace(tzinfo=None)
                for at in (session.starts_at, session.ends_at)
            )
        ],
        mode="in-person",
        place="Via Roma 1",
    )
    assert len(letterbox.run()) == 1


def test_a_message_pulls_a_waiting_change_forward_and_comes_after_it(session, elia, letterbox):
    edit(session, "Autres mots")
    letters.publish(session=session, by=elia, text_fr="Un café ?")
    told = letterbox.run() + letterbox.run()
    assert [mail.method for mail in told] == ["REQUEST", "plain"]
    assert "Un café ?" in told[1].text


def test_whoever_is_invited_meanwhile_gets_the_newest_words_once(session, bruna, letterbox, clock):
    edit(session, "Autres mots")
    cast.invite(session, bruna)
    (mail,) = letterbox.run()
    assert mail.recipients == [bruna.email]
    assert int(mail.event["SEQUENCE"]) == 1
    clock.forward(minutes=31)
    (mail,) = letterbox.run()
    assert mail.recipients == ["ange@example.org"]


def test_an_invitation_that_has_not_left_does_not_wait_for_further_edits(elia, bruna, letterbox, clock):
    session = cast.make_session(elia)
    cast.invite(session, bruna)
    edit(session, "Autres mots")
    (mail,) = letterbox.run()
    assert "Autres mots" in mail.text
    assert kinds(session)[-1] == (LetterKind.INVITATION, LetterState.SENT)


def test_an_edit_taken_back_sends_nothing(session, letterbox, clock):
    before = session.title_fr
    edit(session, "Faute")
    version = Session.objects.get(pk=session.pk).sequence
    edit(session, before)
    clock.forward(minutes=31)
    assert letterbox.run() == []
    assert [state for _, state in kinds(session)] == ["sent", "superseded", "superseded"]
    assert Session.objects.get(pk=session.pk).sequence > version


@pytest.mark.parametrize("kind", [LetterKind.REMINDER, LetterKind.ASKING])
def test_an_edit_taken_back_that_replaced_a_reminder_is_told_in_its_place(session, letterbox, clock, kind):
    clock.at(session.starts_at - timedelta(hours=24))
    revision = letters.freeze(Session.objects.get(pk=session.pk))
    letters.post_all(kind=kind, invitations=session.invitations.all(), revision=revision, about="1@x")
    before = session.title_fr
    edit(session, "Faute")
    edit(session, before)
    (mail,) = letterbox.run()
    assert before in mail.subject
    edit(session, "Faute")
    edit(session, before)
    clock.forward(minutes=31)
    assert letterbox.run() == [], "it is said once"


def test_an_edit_taken_back_after_it_was_told_is_told(session, letterbox, clock):
    before = session.title_fr
    edit(session, "Faute")
    clock.forward(minutes=31)
    letterbox.run()
    edit(session, before)
    clock.forward(minutes=31)
    assert len(letterbox.run()) == 1


def test_an_edit_taken_back_while_its_letter_may_have_arrived_is_told(session, letterbox, clock):
    before = session.title_fr
    edit(session, "Faute")
    clock.forward(minutes=31)
    assert outbox.claim(owner="killed")
    clock.forward(minutes=3)
    edit(session, before)
    clock.forward(minutes=31)
    assert len(letterbox.run()) == 1


def test_a_session_moved_and_moved_back_asks_for_answers_anew(session, ange, letterbox):
    move(session, hours=2)
    move(session, hours=-2)
    (mail,) = letterbox.run()
    assert int(mail.event["SEQUENCE"]) == 2


@pytest.mark.parametrize(("hours_left", "waits"), [(1.9, 0), (2.25, 15), (2.75, 30)])
def test_words_wait_no_longer_than_two_hours_before_the_start(session, clock, hours_left, waits):
    clock.at(session.starts_at - timedelta(hours=hours_left))
    edit(session)
    letter = Letter.objects.get(kind=LetterKind.UPDATE)
    assert abs((letter.next_at - now()).total_seconds() - 60 * waits) < 2


def test_stamps_rise_whatever_waited(session, elia, letterbox, clock):
    edit(session, "Un")
    edit(session, "Deux")
    letters.publish(session=session, by=elia, text_fr="Un café ?")
    told = letterbox.run() + letterbox.run()
    edit(session, "Trois")
    clock.forward(minutes=31)
    told += letterbox.run()
    stamps = [mail.event["DTSTAMP"].dt for mail in told if mail.calendar]
    assert len(stamps) == 2
    assert stamps == sorted(set(stamps))
    posted = list(Letter.objects.order_by("created_at").values_list("stamp", flat=True))
    assert posted == sorted(set(posted))


def test_a_move_whose_try_failed_is_overtaken_by_an_edit_that_leaves_at_once(session, clock):
    move(session, hours=2)
    (moving,) = outbox.claim(owner="slow")
    edit(session)
    outbox.settle([Outcome(moving, None, "451 later")])
    (following,) = outbox.claim(owner="next")
    assert (following.kind, following.sequence) == (LetterKind.UPDATE, 2)


def test_who_has_stopped_a_kind_gets_none_of_it(session, ange, elia):
    Unsubscription.objects.create(person=ange, kind=LetterKind.MESSAGE, at=now())
    message = letters.publish(session=session, by=elia, text_fr="Un café ?")
    assert not message.letters.exists()
    invitation = session.invitations.get()
    revision = letters.freeze(session)
    assert letters.post(kind=LetterKind.MESSAGE, invitation=invitation, revision=revision) is None
    assert letters.post(kind=LetterKind.UPDATE, invitation=invitation, revision=revision) is not None


def test_a_revision_holds_the_trainers_own_words_if_there_are_any(session):
    plain = letters.freeze(session)
    assert "words" not in plain.content
    OwnWords.objects.create(session=session, kind=LetterKind.REMINDER, text_fr="Venez tôt", at=now())
    said = letters.freeze(session)
    assert said.content["words"] == {"reminder": {"fr": "Venez tôt", "it": "", "en": ""}}
    assert letters.freeze(session).pk == said.pk != plain.pk


def test_an_edit_asks_the_database_no_more_for_sixty_people_than_for_six(elia, letterbox):
    def cost(act: Callable[[], Any]) -> int:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            act()
        return len(asked)

    few, many = cast.make_session(elia), cast.make_session(elia)
    guests = [cast.person(f"pro{n:02}", f"Pro Number{n:02}") for n in range(60)]
    cast.invite(few, *guests[:6])
    cast.invite(many, *guests)
    Letter.objects.update(state=LetterState.SENT)
    first, second = cost(lambda: edit(few)), cost(lambda: edit(many))
    assert second <= first + 3, "rows are written by the batch"
    assert cost(lambda: edit(many, "Encore")) <= cost(lambda: edit(few, "Encore")) + 3
