"""The short form in a browser without script, and the page of its results."""

import re
import uuid
from datetime import timedelta

import pytest
from django.urls import reverse

from seminars.actions import attendance, feedback, sessions
from seminars.models import FeedbackAnswer, Invitation, Lease, PulseTally
from seminars.moments import as_if
from seminars.queries.figures import Moment
from seminars.vocabulary import Kind
from tests import cast
from web.feedback import curve
from web.forms.feedback import TRAINING, FeedbackForm, questions

pytestmark = pytest.mark.django_db


@pytest.fixture
def ended(elia, ange, clock):
    """Ange and six others were there; the session closed an hour ago."""
    session = cast.make_session(elia)
    guests = [ange, *(cast.person(f"guest-{n}", f"Guest {n}") for n in range(6))]
    with as_if(session.starts_at):
        session = sessions.open_(session=session, by=elia)
        for person in (elia, *guests):
            attendance.arrive(session=session, person=person, connection=uuid.uuid4(), event=uuid.uuid4())
    Lease.objects.update(seen_at=session.ends_at)  # their pages have beaten until the end
    with as_if(session.ends_at):
        session = sessions.close(session=session, by=elia)
    clock.at(session.ends_at + timedelta(hours=1))
    session.guests = guests
    return session


def english(client, person):
    cast.signed_in(client, person)
    client.cookies["django_language"] = client.cookies["language"] = "en"
    return client


def url(name, session):
    return reverse(name, args=[session.code])


def text(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def give(session, *forms):
    for person, answers in zip(session.guests, forms, strict=False):
        feedback.give(session=session, person=person, language="fr", **answers)


def test_the_form_asks_eight_questions_and_forces_none(client, ended, ange):
    response = english(client, ange).get(url("session-feedback", ended))
    form = response.context["form"]
    assert list(form.fields) == [*TRAINING, "met_somebody", "keep", "improve"]
    assert not any(field.required for field in form.fields.values())
    assert "checked" not in response.content.decode()
    assert "apart from your name" in text(response)


def test_each_step_of_the_scale_has_its_words_and_the_ends_stand_beneath(client, ended, ange):
    page = english(client, ange).get(url("session-feedback", ended)).content.decode()
    assert page.count('class="pick scale"') == 5
    assert '<span aria-hidden="true">1</span><span class="sr">1, not at all</span>' in page
    assert "<span>not at all</span><span></span><span>entirely</span>" in page
    assert "<span>too slow</span><span>just right</span><span>too fast</span>" in page


def test_answers_are_kept_once_and_the_second_time_says_so(client, ended, ange):
    english(client, ange)
    given = {"useful": "5", "goals": "none", "pace": "3", "met_somebody": "no", "keep": "Una griglia"}
    page = text(client.post(url("session-feedback", ended), given, follow=True))
    assert "Your answers are kept, apart from your name" in page
    assert "already kept" not in page
    answer = FeedbackAnswer.objects.get()
    assert (answer.useful, answer.goals, answer.pace, answer.technique) == (5, None, 3, None)
    assert (answer.met_somebody, answer.keep, answer.language) == (False, "Una griglia", "en")
    assert "already kept" in text(client.post(url("session-feedback", ended), given))
    assert FeedbackAnswer.objects.count() == 1


@pytest.mark.parametrize(
    "given", [{}, {"goals": "none", "keep": "  "}, {"useful": "6"}, {"useful": "x", "keep": "a" * 1001}]
)
def test_an_empty_or_wrong_form_is_shown_again(client, ended, ange, given):
    response = english(client, ange).post(url("session-feedback", ended), given)
    assert response.status_code == 422
    assert 'class="errors"' in response.content.decode()
    assert FeedbackAnswer.objects.count() == 0


def test_before_the_closing_and_after_some_days_there_is_no_form(client, ended, ange, clock, elia):
    english(client, ange)
    clock.at(ended.closed_at + timedelta(days=8))
    response = client.get(url("session-feedback", ended))
    assert "The form closed on" in text(response)
    assert client.post(url("session-feedback", ended), {"useful": "5"}).status_code == 200
    assert FeedbackAnswer.objects.count() == 0
    other = cast.make_session(elia)
    with as_if(other.starts_at):
        attendance.arrive(session=other, person=ange, connection=uuid.uuid4(), event=uuid.uuid4())
    assert "opens when the session is closed" in text(client.get(url("session-feedback", other)))


def test_who_was_not_there_finds_nothing(client, ended, bruna):
    Invitation.objects.create(session=ended, person=bruna, invited_at=ended.starts_at)
    assert english(client, bruna).get(url("session-feedback", ended)).status_code == 404


def test_other_kinds_ask_about_the_other_country(elia):
    training, seminar = cast.make_session(elia), cast.make_session(elia, kind=Kind.TECHNICAL_SEMINAR)
    assert str(questions(training)["pace"][1][2]) != "3"
    assert str(questions(seminar)["pace"][1][2]) == "3"
    assert questions(seminar)["goals"][0] != questions(training)["goals"][0]
    assert list(FeedbackForm(session=seminar).fields) == list(FeedbackForm(session=training).fields)


def test_four_answers_show_nothing_but_how_many_lack(client, ended, elia):
    give(ended, *[{"useful": 5, "keep": f"secret {n}"} for n in range(4)])
    page = text(english(client, elia).get(url("session-results", ended)))
    assert "1 more is needed" in page
    assert "4 answers of 7 people present (57 %)" in page
    assert "secret" not in page
    assert "Mean" not in page


def test_five_answers_show_distribution_rate_and_words(client, ended, elia):
    give(ended, *[{"useful": n, "keep": f"parole {n}"} for n in (5, 5, 4, 4, 3)])
    response = english(client, elia).get(url("session-results", ended))
    page = text(response)
    assert "Mean 4.2 of 5 , 5 answers of 7 people present (71 %)" in page
    assert re.search(r'<progress value="2" max="5"', response.content.decode())
    assert '<p lang="fr">parole 3</p>' in response.content.decode()


def test_a_comment_is_shown_as_text(client, ended, elia):
    give(ended, *[{"keep": "<script>alert(1)</script>"}] * 5)
    assert "<script>alert" not in english(client, elia).get(url("session-results", ended)).content.decode()


def test_participants_do_not_see_results(client, ended, ange):
    assert english(client, ange).get(url("session-results", ended)).status_code == 404


def test_the_pulse_stands_as_curve_and_as_table(client, ended, elia):
    for minute, counts in ((5, {"following": 5}), (30, {"lost": 4, "following": 2}), (60, {"fine": 6})):
        PulseTally.objects.create(
            session=ended, at=ended.starts_at + timedelta(minutes=minute), counts=counts
        )
    response = english(client, elia).get(url("session-results", ended))
    assert '<svg class="curve"' in response.content.decode()
    assert len(response.context["pulse"]) == 3
    assert ": 4." in text(response)


def test_a_curve_needs_two_moments_and_stays_in_its_frame(elia):
    session = cast.make_session(elia)
    one = Moment(session.starts_at, {"lost": 3})
    assert curve(session, []) is curve(session, [one]) is None
    drawn = curve(session, [one, Moment(session.ends_at, {"fine": 9})])
    numbers = [int(number) for number in re.findall(r"\d+", drawn.up + drawn.down)]
    assert drawn.most == 9
    assert max(numbers) <= 748
    assert min(numbers) >= 24
