"""What a trainer reads of each invited person's letter: where it stands, since when, and why it did not arrive."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import translation

from seminars.actions import letters, sessions, substitutions
from seminars.models import Letter, Session, Substitution
from seminars.moments import now
from seminars.queries.invited import Guest, guests, letter_states
from seminars.queries.reasons import reason
from seminars.vocabulary import LetterKind
from tests import cast

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def english() -> Any:
    with translation.override("en"):
        yield


@pytest.fixture
def session(elia, ange) -> Session:
    session = cast.make_session(elia)
    cast.invite(session, ange)
    return session


def guest(session: Session, **row: Any) -> Guest:
    Letter.objects.update(**row)
    (found,) = guests(session)
    return found


def test_each_state_has_its_words_and_its_moment(session):
    present = now()
    before = present - timedelta(hours=1)
    cases: list[tuple[dict[str, Any], str, Any, bool]] = [
        ({"state": "pending"}, "waiting to leave", None, False),
        ({"state": "sent", "sent_at": before}, "sent", before, False),
        ({"delivered_at": present}, "arrived", present, False),
        ({"state": "failed", "returned_at": present}, "came back", present, True),
        ({"state": "failed", "returned_at": None}, "refused", None, True),
        ({"state": "dead"}, "given up after many tries", None, True),
    ]
    for row, words, moment, is_stuck in cases:
        found = guest(session, **row)
        assert (found.letter_words, found.letter_at, found.is_stuck) == (words, moment, is_stuck)


def test_the_servers_own_words_stand_where_we_have_none(session):
    known = guest(session, state="failed", last_error="552 5.2.2 over quota")
    assert (known.why, known.server_words) == ("The mailbox is full.", "")
    other = guest(session, last_error="554 5.6.7 what is this")
    assert (other.why, other.server_words) == ("", "554 5.6.7 what is this")
    waiting = guest(session, state="pending", last_error="451 4.7.1 later")
    assert (waiting.why, waiting.server_words) == ("", "")


def test_the_newest_letter_speaks_unless_it_was_replaced(session, elia):
    Letter.objects.update(state="sent")
    letters.publish(session=session, by=elia, text_fr="Un café ?")
    (found,) = guests(session)
    assert (found.letter, found.kind) == ("pending", LetterKind.MESSAGE)
    Letter.objects.filter(kind=LetterKind.MESSAGE).update(state="superseded")
    (found,) = guests(session)
    assert (found.letter, found.kind) == ("sent", LetterKind.INVITATION)


def test_who_asked_for_a_substitute_shows_it_until_it_is_decided(session):
    invitation = session.invitations.get()
    asked = Substitution.objects.create(
        invitation=invitation, name="Lou Lien", email="lou@example.org", asked_at=now()
    )
    assert guests(session)[0].substitution == asked
    Substitution.objects.update(decided_at=now(), is_accepted=False)
    assert guests(session)[0].substitution is None


def test_a_host_knows_what_a_request_does_not_say(session, elia, bruna):
    """That the other one is invited already, and that it was asked for another date."""
    invitation = session.invitations.get()
    substitutions.ask(invitation=invitation, name="Bruna", email="bruna@example.org")
    (found,) = guests(session)
    assert (found.is_other_invited, found.is_asked_earlier) == (False, False)
    cast.invite(session, bruna)
    later = session.starts_at.replace(tzinfo=None) + timedelta(days=1)
    session = sessions.move(session=session, by=elia, slots=[(later, later + timedelta(hours=1))])
    asking, other = sorted(guests(session), key=lambda one: one.substitution is None)
    assert (asking.is_other_invited, asking.is_asked_earlier) == (True, True)
    assert (other.is_other_invited, other.is_asked_earlier) == (False, False)


def test_the_states_of_the_letters_alone_are_one_query(session, elia, bruna, django_assert_num_queries):
    Letter.objects.update(state="dead")
    cast.invite(session, bruna)
    (before,) = cast.invite(session, cast.person("cyrille", "Cyrille Croquis"))
    before.letters.all().delete()
    with django_assert_num_queries(1):
        assert sorted(letter_states(session)) == ["", "dead", "pending"]


def test_who_never_got_a_letter_has_no_words(session):
    Letter.objects.all().delete()
    (found,) = guests(session)
    assert (found.letter, found.letter_words, found.letter_at, found.why) == ("", "", None, "")


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("550 5.1.1 <x@y>: no such user", "This address does not exist."),
        ("550 5.1.10 RESOLVER.ADR.RecipientNotFound", "This address does not exist."),
        ("5.4.4 Host not found", "The mail domain of this address names no mail server."),
        ("452 4.2.2 full", "The mailbox is full."),
        ("451 4.7.1 greylisted", "The mail server of this address asks us to come later."),
        ("550 5.7.26 not authorised", "The mail server of this address does not accept our letters."),
        ("4.4.7 expired after 5 days", "The mail server of this address did not take the letter for days."),
        ("550 no", ""),
        ("from 192.5.1.1 and 5.1.1.7", ""),
        ("", ""),
    ],
)
def test_a_status_is_said_in_words(answer, words):
    assert reason(answer) == words
