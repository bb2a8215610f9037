"""Figures of the pulse and of the short form: nothing of few, never a mean alone."""

import uuid
from datetime import timedelta

import pytest

from seminars.actions import attendance, feedback, sessions
from seminars.models import FeedbackAnswer, PulseTally
from seminars.moments import as_if
from seminars.queries import figures
from seminars.vocabulary import Pulse
from tests import cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def ended(elia):
    """Seven guests and their trainer were there; the session is over."""
    session = cast.make_session(elia, minutes=60)
    guests = [cast.person(f"guest-{n}", f"Guest {n}", organisation_key="it-coop") for n in range(7)]
    with as_if(session.starts_at):
        session = sessions.open_(session=session, by=elia)
        for person in (elia, *guests):
            attendance.arrive(session=session, person=person, connection=uuid.uuid4(), event=uuid.uuid4())
    with as_if(session.ends_at):
        return sessions.close(session=session, by=elia), guests


def give(session, guests, *forms):
    with as_if(session.ends_at + timedelta(minutes=5)):
        for guest, answers in zip(guests, forms, strict=False):
            feedback.give(session=session, person=guest, language="it", **answers)


def test_under_five_answers_nothing_is_told(ended):
    session, guests = ended
    give(session, guests, *[{"useful": 5, "keep": "mine"}] * 4)
    found = figures.results(session)
    assert (found.is_shown, found.missing, found.answered, found.asked) == (False, 1, 4, 7)
    assert (found.steps, found.keep, found.improve, found.met, found.not_met) == ((), (), (), 0, 0)


def test_from_five_answers_the_distribution_stands_beside_the_mean(ended):
    session, guests = ended
    give(session, guests, *[{"useful": step, "met_somebody": step > 3} for step in (5, 5, 4, 3, 1)])
    found = figures.results(session)
    useful = found.steps[0]
    assert (found.is_shown, found.missing, found.percent) == (True, 0, 71)
    assert (useful.name, useful.counts, useful.mean, useful.answered) == ("useful", (1, 0, 1, 1, 2), 3.6, 5)
    assert (found.met, found.not_met) == (3, 2)
    assert (found.steps[1].mean, found.steps[1].answered) == (None, 0)


def test_the_trainer_is_asked_only_when_she_answers(ended, elia):
    session, _guests = ended
    assert figures.results(session).asked == 7
    give(session, [elia], {"useful": 4})
    assert figures.results(session).asked == 8


def test_comments_keep_their_language_and_lose_their_order(ended):
    session, guests = ended
    give(session, guests, *[{"keep": text} for text in ("zeta", "Alfa", "  ", "medio", "beta", "gamma")])
    found = figures.results(session)
    assert [comment.text for comment in found.keep] == ["Alfa", "beta", "gamma", "medio", "zeta"]
    assert {comment.language for comment in found.keep} == {"it"}


def test_every_step_of_the_form_has_its_figure():
    columns = {field.name for field in FeedbackAnswer._meta.get_fields()}
    assert set(figures.STEPS) == set(feedback.STEPS) <= columns


@pytest.mark.parametrize(
    ("part", "whole", "percent"), [(0, 0, 0), (1, 3, 33), (2, 3, 67), (1, 200, 1), (5, 4, 100)]
)
def test_a_rate_is_whole_and_rounded(part, whole, percent):
    assert figures.rate(part, whole) == percent


def tally(session, minute, **counts):
    PulseTally.objects.create(
        session=session, at=session.starts_at + timedelta(minutes=minute), counts=counts
    )


def test_no_tally_no_pulse(ended):
    assert figures.pulse(ended[0]) == []


def test_the_pulse_tells_who_follows_and_who_does_not(ended):
    session, _guests = ended
    tally(session, 5, lost=1, following=2, fine=1, faster=1)
    PulseTally.objects.create(session=session, at=session.ends_at, counts={Pulse.BREAK: 3})
    assert [(moment.follows, moment.lost) for moment in figures.pulse(session)] == [(4, 1), (0, 3)]


def test_many_tallies_become_at_most_twenty_four_moments_and_the_last_stays(ended):
    session, _guests = ended
    for minute in range(400):
        tally(session, minute, following=minute)
    found = figures.pulse(session)
    assert len(found) <= figures.MOST_MOMENTS
    assert found[-1].follows == 399
    tally(session, 60 * 24 * 30, following=7)
    assert len(figures.pulse(session)) <= figures.MOST_MOMENTS
    assert figures.pulse(session)[-1].follows == 7
