"""Answering: one date or a whole series, again and again until the start, and in whose language letters come."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from seminars.actions import answers, feeds, invitations, people, sessions, substitutions
from seminars.errors import Refused
from seminars.facts import AnswerChanged
from seminars.models import FeedVersion, Invitation, Person, Series, Session, Substitution
from seminars.queries import dates
from seminars.vocabulary import Answer
from tests import cast

pytestmark = pytest.mark.django_db
MARCH = datetime(2027, 3, 16, 14, 0)
WEEK = timedelta(weeks=1)


@pytest.fixture(autouse=True)
def _before_it_all(clock: cast.Clock) -> None:
    clock.at(datetime.fromisoformat("2027-03-01T08:00:00+01:00"))


def series_of(by: Person, *guests: Person, dates: int = 3) -> list[Session]:
    """Sessions a week apart, across the change of the clocks on 28 March 2027."""
    series = Series.objects.create(key="tuesdays", rrule="FREQ=WEEKLY;COUNT=3")
    made = []
    for number in range(dates):
        session = cast.make_session(by, MARCH + number * WEEK, extra={"series": series})
        cast.invite(session, *guests)
        made.append(session)
    return made


def hers(person: Person) -> list[Invitation]:
    found = Invitation.objects.filter(person=person).select_related("session", "person")
    return list(found.order_by("session__starts_at"))


def said(person: Person) -> list[str]:
    return [one.answer for one in hers(person)]


def test_an_answer_may_change_until_the_start_and_says_what_it_answers(elia, ange, clock):
    session = cast.make_session(elia)
    (invitation,) = cast.invite(session, ange)
    sessions.edit(session=session, by=elia, title_fr="Autre titre")
    answers.answer(invitation=invitation, answer=Answer.YES, note="Par le train")
    answers.answer(invitation=invitation, answer=Answer.MAYBE, note="Peut-être\x00 \u202een retard\n")
    invitation.refresh_from_db()
    assert (invitation.answer, invitation.note) == (Answer.MAYBE, "Peut-être en retard")
    assert invitation.answered_sequence == 1
    clock.at(session.starts_at)
    with pytest.raises(Refused, match="answers_closed"):
        answers.answer(invitation=invitation, answer=Answer.NO)


def test_a_cancelled_session_and_a_withdrawn_invitation_take_no_answer(elia, ange, bruna):
    session = cast.make_session(elia)
    first, second = cast.invite(session, ange, bruna)
    invitations.withdraw(invitation=first, by=elia)
    with pytest.raises(Refused, match="invitation_withdrawn"):
        answers.answer(invitation=first, answer=Answer.YES)
    sessions.cancel(session=session, by=elia)
    with pytest.raises(Refused, match="session_cancelled"):
        answers.answer(invitation=second, answer=Answer.YES)


def test_several_dates_are_answered_at_once_and_each_is_told(
    elia, ange, bruna, monkeypatch, django_capture_on_commit_callbacks
):
    made = series_of(elia, ange, bruna)
    told: list[Any] = []
    monkeypatch.setattr(answers, "announce", told.append)
    one, two, three = hers(ange)
    done = answers.answer_several(
        person=ange, answers={three.pk: Answer.NO, one.pk: Answer.YES}, note="Avec plaisir"
    )
    assert [kept.session for kept in done.kept] == [made[0], made[2]]
    assert (said(ange), said(bruna)) == (["yes", "", "no"], ["", "", ""])
    assert [invitation.note for invitation in hers(ange)] == ["Avec plaisir", "", "Avec plaisir"]
    assert {(fact.session_id, fact.people) for fact in told} == {
        (made[0].pk, (ange.pk,)),
        (made[2].pk, (ange.pk,)),
    }
    assert all(isinstance(fact, AnswerChanged) for fact in told)
    two.refresh_from_db()
    assert two.answered_at is None


def test_what_is_closed_meanwhile_is_named_and_the_others_are_kept(elia, ange, clock):
    begun, cancelled, open_ = series_of(elia, ange)
    clock.at(begun.starts_at)
    sessions.cancel(session=cancelled, by=elia)
    done = answers.answer_several(person=ange, answers={one.pk: Answer.YES for one in hers(ange)})
    assert [one.session for one in done.kept] == [open_]
    assert [(one.session, why.code) for one, why in done.refused] == [
        (begun, "answers_closed"),
        (cancelled, "session_cancelled"),
    ]
    assert said(ange) == ["", "", "yes"]


def test_nobody_answers_for_somebody_else(elia, ange, bruna):
    series_of(elia, ange, bruna)
    done = answers.answer_several(person=ange, answers={one.pk: Answer.NO for one in hers(bruna)})
    assert (done.kept, done.refused, said(bruna)) == ([], [], ["", "", ""])


def test_answers_without_a_note_leave_the_notes_that_stand(elia, ange):
    series_of(elia, ange, dates=1)
    (one,) = hers(ange)
    answers.answer(invitation=one, answer=Answer.YES, note="Sous-titres, merci")
    answers.answer_several(person=ange, answers={one.pk: Answer.MAYBE})
    one.refresh_from_db()
    assert (one.answer, one.note) == (Answer.MAYBE, "Sous-titres, merci")


def test_only_dates_to_come_of_the_same_series_are_offered(elia, ange, bruna, clock):
    begun, taken_back, open_ = series_of(elia, ange, bruna)
    other = cast.make_session(elia, MARCH)
    cast.invite(other, ange)
    clock.at(begun.starts_at)
    mine = {one.session_id: one for one in hers(ange)}
    invitations.withdraw(invitation=mine[taken_back.pk], by=elia)
    assert [date.invitation.session for date in dates.coming(mine[begun.pk])] == [open_]
    assert dates.coming(mine[other.pk]) == []
    shown = dates.listed(mine[open_.pk], [mine[begun.pk].code, hers(bruna)[0].code, "nothing"])
    assert shown == [mine[begun.pk]], "another person's code names nothing"


def test_an_answer_for_an_earlier_date_is_known_until_she_answers_anew(elia, ange, bruna):
    session = cast.make_session(elia, MARCH)
    first, second = cast.invite(session, ange, bruna)
    answers.answer(invitation=first, answer=Answer.YES)
    sessions.edit(session=session, by=elia, title_it="Altro titolo")
    first.refresh_from_db()
    assert dates.answered_earlier([first]) == set(), "a title is no date"
    later = MARCH + timedelta(hours=1)
    sessions.move(session=session, by=elia, slots=[(later, later + timedelta(hours=1))])
    for one in (first, second):
        one.refresh_from_db()
    assert dates.answered_earlier([first]) == {first.pk}
    assert dates.answered_earlier([second]) == set(), "who never answered"
    answers.answer(invitation=first, answer=Answer.YES)
    first.refresh_from_db()
    assert dates.answered_earlier([first]) == set()


def test_a_date_that_moved_there_and_back_asks_again(elia, ange):
    session = cast.make_session(elia, MARCH)
    (invitation,) = cast.invite(session, ange)
    answers.answer(invitation=invitation, answer=Answer.YES)
    for start in (MARCH + WEEK, MARCH):
        sessions.move(session=session, by=elia, slots=[(start, start + timedelta(minutes=90))])
    invitation.refresh_from_db()
    assert dates.answered_earlier([invitation]) == {invitation.pk}


@pytest.mark.parametrize("many", [1, 3])
def test_dates_are_found_by_two_queries_for_any_number(elia, ange, many, django_assert_num_queries):
    series_of(elia, ange, dates=many)
    for one in hers(ange):
        answers.answer(invitation=one, answer=Answer.YES)
    (invitation, *_) = hers(ange)
    with django_assert_num_queries(2):
        assert len(dates.coming(invitation)) == many


def test_another_language_reaches_her_calendar_and_nobody_elses(elia, ange, bruna):
    for one in (ange, bruna):
        people.make_calendar_key(person=one, name="Phone")
    FeedVersion.objects.update(version=1)
    answers.settle_language(person=ange, language="it", timezone="Europe/Rome")
    ange.refresh_from_db()
    assert (ange.language, ange.timezone, ange.name) == ("it", "Europe/Rome", "Ange Esquisse")
    versions = dict(FeedVersion.objects.values_list("name", "version"))
    assert versions[ange.calendar_keys.get().key_hash] > 1
    assert versions[bruna.calendar_keys.get().key_hash] == 1


def test_answers_to_a_series_raise_her_feed_once(elia, ange, monkeypatch):
    series_of(elia, ange)
    raised: list[Any] = []
    monkeypatch.setattr(feeds, "_raise", raised.append)
    answers.answer_several(person=ange, answers={one.pk: Answer.YES for one in hers(ange)})
    assert [found.people for found in raised] == [{ange.pk}]


# --- A page that was opened before -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "other",
    [
        {"slots": [(MARCH + WEEK, MARCH + WEEK + timedelta(minutes=90))]},
        {"slots": [(MARCH, MARCH + timedelta(hours=1)), (MARCH + WEEK, MARCH + WEEK + timedelta(hours=1))]},
        {"slots": [(MARCH, MARCH + timedelta(minutes=90))], "mode": "hybrid", "place": "Sala Blu"},
    ],
)
def test_an_answer_to_another_time_or_place_is_refused(elia, ange, other):
    session = cast.make_session(elia, MARCH)
    (invitation,) = cast.invite(session, ange)
    sessions.move(session=session, by=elia, **other)
    with pytest.raises(Refused, match="session_moved"):
        answers.answer(invitation=invitation, answer=Answer.YES, shown=0)
    invitation.refresh_from_db()
    assert (invitation.answer, invitation.answered_at) == (Answer.NONE, None)
    answers.answer(invitation=invitation, answer=Answer.YES, shown=1)
    assert said(ange) == ["yes"]


def test_other_words_and_a_date_that_is_back_refuse_no_answer(elia, ange):
    session = cast.make_session(elia, MARCH)
    (invitation,) = cast.invite(session, ange)
    sessions.edit(session=session, by=elia, title_fr="Autre titre")
    answers.answer(invitation=invitation, answer=Answer.YES, shown=0)
    for start in (MARCH + WEEK, MARCH):
        sessions.move(session=session, by=elia, slots=[(start, start + timedelta(minutes=90))])
    answers.answer(invitation=invitation, answer=Answer.MAYBE, shown=1)
    assert said(ange) == ["maybe"]


@pytest.mark.parametrize("shown", [None, 2, 999_999_999])
def test_a_page_that_tells_nothing_of_it_answers_as_ever(elia, ange, shown):
    session = cast.make_session(elia, MARCH)
    (invitation,) = cast.invite(session, ange)
    sessions.move(session=session, by=elia, slots=[(MARCH + WEEK, MARCH + WEEK + timedelta(minutes=90))])
    answers.answer(invitation=invitation, answer=Answer.NO, shown=shown)
    assert said(ange) == ["no"]


def test_of_several_dates_the_one_that_moved_is_refused(elia, ange):
    moved, *_ = series_of(elia, ange)
    mine = hers(ange)
    start = MARCH + timedelta(hours=2)
    sessions.move(session=moved, by=elia, slots=[(start, start + timedelta(hours=1))])
    given = {one.pk: Answer.YES for one in mine}
    done = answers.answer_several(person=ange, answers=given, shown={one.pk: 0 for one in mine})
    assert [(one.session, why.code) for one, why in done.refused] == [(moved, "session_moved")]
    assert said(ange) == ["", "yes", "yes"]


# --- Her words, and somebody in her place --------------------------------------------------------------------------


def test_an_answer_without_a_note_keeps_hers_and_an_empty_one_takes_it_away(elia, ange):
    (invitation,) = cast.invite(cast.make_session(elia, MARCH), ange)
    answers.answer(invitation=invitation, answer=Answer.MAYBE, note="Sous-titres, fauteuil")
    answers.answer(invitation=invitation, answer=Answer.YES)
    assert hers(ange)[0].note == "Sous-titres, fauteuil"
    answers.answer(invitation=invitation, answer=Answer.YES, note="")
    assert hers(ange)[0].note == ""


@pytest.mark.parametrize(("answer", "left"), [("yes", 0), ("maybe", 0), ("no", 1)])
@pytest.mark.parametrize("is_series", [False, True])
def test_who_comes_after_all_no_longer_asks_for_somebody_else(elia, ange, answer, left, is_series):
    (invitation,) = cast.invite(cast.make_session(elia, MARCH), ange)
    substitutions.ask(invitation=invitation, name="Nuova Persona", email="nuova@example.org")
    if is_series:
        answers.answer_several(person=ange, answers={invitation.pk: Answer(answer)})
    else:
        answers.answer(invitation=invitation, answer=Answer(answer))
    assert Substitution.objects.count() == left


def test_what_was_decided_stays_decided_whatever_she_answers(elia, ange, bruna):
    (invitation,) = cast.invite(cast.make_session(elia, MARCH), ange)
    asked = substitutions.ask(invitation=invitation, name="Bruna", email=bruna.email)
    cast.invite(invitation.session, bruna)
    substitutions.confirm(substitution=asked, by=elia)  # who comes anyhow takes no seat of hers
    answers.answer(invitation=invitation, answer=Answer.YES)
    assert Substitution.objects.get().is_accepted
