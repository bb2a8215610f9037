"""The pulse and the short form: one vote a person, one form a person, and no way back to who gave it."""

import uuid
from datetime import timedelta

import pytest
from django.conf import settings

from seminars.actions import attendance, feedback, sessions
from seminars.errors import Refused
from seminars.facts import PresenceChanged
from seminars.models import FeedbackAnswer, FeedbackReceipt, Lease, PulseTally, PulseVote
from seminars.moments import as_if
from seminars.queries import live
from seminars.vocabulary import Pulse
from tests import cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def running(elia, ange, bruna):
    session = cast.make_session(elia)
    with as_if(session.starts_at):
        session = sessions.open_(session=session, by=elia)
        for person in (ange, bruna):
            come(session, person)
    return session


def come(session, person):
    attendance.arrive(session=session, person=person, connection=uuid.uuid4(), event=uuid.uuid4())


def pulse(session, person, value, minute=5):
    with as_if(session.starts_at + timedelta(minutes=minute)):
        feedback.take_pulse(session=session, person=person, value=value)


def closed(session, by):
    with as_if(session.ends_at):
        return sessions.close(session=session, by=by)


def give(session, person, after=timedelta(minutes=5), **answers):
    with as_if(session.closed_at + after):
        feedback.give(session=session, person=person, language="fr", **answers)


def refusal(act, *words, **more):
    with pytest.raises(Refused) as refused:
        act(*words, **more)
    return refused.value.code


def test_a_second_feeling_replaces_the_first(running, ange):
    pulse(running, ange, Pulse.LOST)
    pulse(running, ange, Pulse.FINE, 6)
    assert [vote.value for vote in PulseVote.objects.all()] == [Pulse.FINE]
    assert refusal(pulse, running, ange, "bored") == "pulse_unknown"


def test_no_total_is_kept_while_few_are_present_or_few_have_spoken(
    running, elia, ange, cyrille, daniele, stranger
):
    pulse(running, ange, Pulse.LOST)
    guests = [cyrille, daniele, stranger, cast.person("fifth", "Fanny Cinq"), cast.person("sixth", "Sol Six")]
    with as_if(running.starts_at + timedelta(minutes=6)):
        for person in (elia, *guests):
            come(running, person)
    for number, person in enumerate([ange, *guests[:3]]):
        pulse(running, person, Pulse.BREAK, 7 + number)
    assert PulseTally.objects.count() == 0
    pulse(running, guests[3], Pulse.FINE, 12)
    assert PulseTally.objects.get().counts == {"lost": 0, "following": 0, "fine": 1, "faster": 0, "break": 4}


def test_the_team_is_no_crowd_to_hide_in(running, elia, ange):
    """Five connections, four of them of people whom the host knows by name: one voice, and it stays hidden."""
    team = [cast.person(f"team-{n}", f"Team {n}") for n in range(3)]
    for person in team:
        running.team.create(person=person, role="speaker")
    with as_if(running.starts_at + timedelta(minutes=6)):
        for person in (elia, *team):
            come(running, person)
    pulse(running, ange, Pulse.FASTER)
    assert live.pulse(running.pk) == {"few": True, "alert": []}


def go(session, person, minute=8):
    lease = Lease.objects.get(person=person)
    with as_if(session.starts_at + timedelta(minutes=minute)):
        attendance.leave(session=session, person=person, connection=lease.connection, event=uuid.uuid4())


def test_nobody_outside_has_a_mood_and_with_the_last_who_leaves_all_go(running, ange, bruna, cyrille):
    assert refusal(pulse, running, cyrille, Pulse.LOST) == "not_inside"
    pulse(running, ange, Pulse.LOST)
    go(running, bruna)
    assert PulseVote.objects.exists()
    go(running, ange)
    assert not PulseVote.objects.exists()


def test_a_total_does_not_fall_with_the_one_who_leaves_but_behind_another_word(running, ange, bruna):
    """Who leaves is named by her own frame: what fell in it would be hers."""
    guests = [ange, bruna, *(cast.person(f"g{n}", f"Guest {n}") for n in range(5))]
    with as_if(running.starts_at + timedelta(minutes=1)):
        for person in guests[2:]:
            come(running, person)
    for person in guests:
        pulse(running, person, Pulse.LOST if person == ange else Pulse.FINE)
    before = live.pulse(running.pk)
    assert before["counts"]["lost"] == 1
    go(running, ange)
    assert live.host_patch(PresenceChanged(running.pk, 99, (ange.pk,)))["pulse"] == before
    assert live.own_patches(running.pk, [ange.pk])[ange.pk]["mine"]["pulse"] is None
    pulse(running, bruna, Pulse.FINE, 9)  # the same again is no news
    assert live.pulse(running.pk) == before
    pulse(running, bruna, Pulse.FASTER, 10)
    assert live.pulse(running.pk)["votes"] == 6
    assert live.pulse(running.pk)["counts"] == before["counts"] | {"lost": 0, "fine": 5, "faster": 1}


def test_few_are_told_no_more_by_a_departure(running, ange):
    pulse(running, ange, Pulse.LOST)
    go(running, ange)
    assert live.pulse(running.pk) == {"few": True, "alert": ["lost"]}


def test_answers_and_receipts_are_not_numbered_in_turn(running, elia, ange, bruna):
    """Rows that count up in step would pair each answer with its author."""
    session = closed(running, elia)
    for person in (ange, bruna):
        give(session, person, useful=5)
    for model in (FeedbackAnswer, FeedbackReceipt):
        numbers = sorted(model.objects.values_list("pk", flat=True))
        assert numbers[1] - numbers[0] > 1000


def test_votes_are_dropped_at_the_closing_and_no_pulse_is_taken_after(running, elia, ange):
    pulse(running, ange, Pulse.LOST)
    session = closed(running, elia)
    assert PulseVote.objects.count() == 0
    assert refusal(pulse, session, ange, Pulse.FINE, 95) == "room_over"


def test_answers_are_kept_apart_from_who_gave_them(running, elia, ange):
    session = closed(running, elia)
    give(session, ange, useful=5, met_somebody=False, keep="")
    answer = FeedbackAnswer.objects.get()
    assert (answer.useful, answer.met_somebody, answer.keep, answer.pace) == (5, False, "", None)
    assert FeedbackReceipt.objects.get().person == ange
    names = {field.name for field in FeedbackAnswer._meta.get_fields()}
    assert not names & {"person", "at", "receipt", "created_at"}


def test_a_person_answers_once(running, elia, ange, bruna):
    session = closed(running, elia)
    give(session, ange, useful=5)
    assert refusal(give, session, ange, useful=1) == "feedback_given"
    give(session, bruna, useful=3)
    assert sorted(FeedbackAnswer.objects.values_list("useful", flat=True)) == [3, 5]


def test_an_empty_form_uses_up_nothing(running, elia, ange):
    session = closed(running, elia)
    assert refusal(give, session, ange, useful=None, keep="") == "feedback_empty"
    give(session, ange, keep="Merci")
    assert FeedbackAnswer.objects.count() == 1


def test_the_form_is_open_from_the_closing_for_some_days(running, elia, ange):
    early = {"session": running, "person": ange, "language": "fr", "useful": 5}
    assert refusal(feedback.give, **early) == "feedback_closed"
    session = closed(running, elia)
    days = timedelta(days=settings.FEEDBACK_DAYS)
    assert refusal(give, session, ange, days, useful=5) == "feedback_closed"
    give(session, ange, days - timedelta(seconds=1), useful=5)
