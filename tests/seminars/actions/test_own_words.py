"""Keeping a trainer's own words: cleaned, checked, replaced, taken away; nothing half kept."""

import pytest
from django.utils import translation

from seminars import refusals
from seminars.actions import letters, own_words, sessions
from seminars.errors import Refused
from seminars.models import OwnWords, Person, Session
from seminars.vocabulary import OWN_WORDS, LetterKind, State
from tests import cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def session(elia: Person) -> Session:
    return cast.make_session(elia)


def say(session: Session, kind: LetterKind = LetterKind.REMINDER, **texts: str) -> OwnWords | None:
    return own_words.say(session=session, by=session.created_by, kind=kind, texts=texts)


def refused(session: Session, **texts: str) -> Refused:
    with pytest.raises(Refused) as caught:
        say(session, **texts)
    return caught.value


def test_words_are_kept_once_for_each_kind_and_replaced(session):
    say(session, fr="Un", it="Uno")
    say(session, fr="Deux")
    say(session, LetterKind.INVITATION, fr="Autre")
    kept = session.own_words.get(kind=LetterKind.REMINDER)
    assert (kept.text_fr, kept.text_it, kept.text_en, kept.author) == ("Deux", "", "", session.created_by)
    assert session.own_words.count() == 2


def test_empty_words_are_taken_away(session):
    say(session, fr="Un")
    assert say(session, fr=" \r\n ", it="\x00") is None
    assert not OwnWords.objects.exists()


def test_control_characters_go_and_line_ends_are_plain(session):
    kept = say(session, fr="Un\x00\x1b[31m\r\n\r\ndeux\u2028trois\x85 ")
    assert kept is not None
    assert kept.text_fr == "Un[31m\n\ndeux\ntrois"


@pytest.mark.parametrize("kind", sorted(set(LetterKind) - set(OWN_WORDS)))
def test_only_some_kinds_take_words(session, kind):
    with pytest.raises(Refused, match="no_own_words"):
        say(session, kind, fr="Un")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("x" * 2001, "words_too_long"),
        ("Bonjour {prénom}", "placeholder_unknown"),
        ("Bonjour {name.__class__}", "placeholder_unknown"),
        ("Bonjour {name!r}", "placeholder_unknown"),
        ("Bonjour {{name}}", "placeholder_unknown"),
        ("Bonjour {name", "placeholder_unknown"),
        ("Bonjour }", "placeholder_unknown"),
    ],
)
def test_what_would_not_be_filled_in_is_refused_where_it_stands(session, text, code):
    fault = refused(session, fr="{name}", it=text)
    assert (fault.code, fault.field) == (code, "text_it")
    assert not OwnWords.objects.exists()
    if code != "words_too_long":
        with translation.override("en"):
            known = refused(session, it=text).facts["known"]
        assert known == "{name}, {title}, {day}, {hour}, {place}, {trainer}"


def test_one_refusal_names_all_that_would_not_be_filled_in(session):
    with translation.override("fr"):
        fault = refused(session, fr="Bonjour {prénom}, {nom}, à {heure et {prénom} ou {x}.")
    assert fault.facts["found"] == "{prénom}, {x}, {heure"
    assert fault.facts["known"] == "{nom}, {titre}, {jour}, {heure}, {lieu}, {formateur}"
    assert "{heure" in refusals.sentence(fault)


def test_a_text_at_its_limit_is_kept(session):
    assert say(session, fr="é" * 2000)


@pytest.mark.parametrize("state", [State.ENDED, State.CANCELLED])
def test_no_words_for_what_is_over(session, state):
    Session.objects.filter(pk=session.pk).update(state=state)
    assert refused(session, fr="Un").code == "not_now"


def test_letters_posted_from_then_on_carry_the_words(session, ange):
    before = letters.freeze(session)
    say(session, fr="Un")
    after = letters.freeze(session)
    assert "words" not in before.content
    assert after.content["words"] == {"reminder": {"fr": "Un", "it": "", "en": ""}}
    assert after.pk != before.pk
    sessions.cancel(session=session, by=session.created_by)
    assert Session.objects.get().sequence == 1
