"""Completion of a cycle: minutes of sealed sheets of all its sessions, forms where asked, the trainer's reason."""

from datetime import timedelta

import pytest

from seminars import moments
from seminars.actions import certificates
from seminars.actions import completion as actions
from seminars.errors import Refused
from seminars.models import Certificate, Scheme, Session
from seminars.moments import as_if
from seminars.queries import completion, record
from seminars.vocabulary import Asked, Certified, Outcome
from tests import cast, certified

pytestmark = pytest.mark.django_db
NAME = "Parole 2027"


def cycle(by, *days, **more):
    """Sessions of 100 minutes, one a day; each of `days` is [(person, minutes)], or None for one not sealed."""
    for number, came in enumerate(days):
        start = certified.DAY + timedelta(days=number)
        is_sealed = not (came and came[0] is None)
        people = [one for one in came if one is not None]
        certified.held(by, people, start, is_sealed=is_sealed, extra={"training_scheme": NAME})
    scheme = actions.make(by=by, name=NAME)
    return actions.change(scheme=scheme, by=by, **more) if more else scheme


def of(scheme, person):
    return completion.progress_of(completion.cycle(scheme), person)


AFTER = moments.at(certified.DAY, "Europe/Paris") + timedelta(days=30)


@pytest.mark.parametrize(
    ("first", "second", "percent", "outcome"),
    [(100, 60, 80, Outcome.MET), (100, 59, 79, Outcome.NOT_MET), (100, 0, 50, Outcome.NOT_MET)],
)
def test_it_is_the_sum_over_all_sessions_that_counts(elia, ange, first, second, percent, outcome):
    found = of(cycle(elia, [(ange, first)], [(ange, second)]), ange)
    assert (found.minutes, found.planned, found.percent, found.outcome) == (
        first + second,
        200,
        percent,
        outcome,
    )


def test_whoever_missed_one_session_whole_is_counted_against_its_minutes_too(elia, ange, bruna):
    scheme = cycle(elia, [(ange, 100), (bruna, 100)], [(bruna, 100)])
    assert [(one.name, one.percent) for one in completion.progress(completion.cycle(scheme))] == [
        (ange.name, 50),
        (bruna.name, 100),
    ]


def test_a_session_that_is_not_sealed_is_named_and_leaves_it_open(elia, ange):
    scheme = cycle(elia, [(ange, 100)], [None, (ange, 100)])
    whole = completion.cycle(scheme)
    assert [session.starts_at.day for session in whole.missing] == [5]
    found = of(scheme, ange)
    assert (found.minutes, found.percent, found.outcome) == (100, 50, Outcome.OPEN)
    assert not found.is_decidable
    with pytest.raises(Refused) as refused:
        actions.decide(scheme=scheme, person=ange, by=elia, outcome=Outcome.MET, reason="Good")
    assert refused.value.code == "sheets_missing"


def test_cancelled_sessions_are_no_part_of_it(elia, ange):
    scheme = cycle(elia, [(ange, 100)], [None, (ange, 100)])
    Session.objects.filter(sealed=None).update(state="cancelled")
    assert of(scheme, ange).outcome == Outcome.MET


def test_a_needs_form_before_the_start_and_a_passed_assessment_make_it_complete(elia, ange):
    start = moments.at(certified.DAY, "Europe/Paris")
    scheme = cycle(elia, [(ange, 100)], asks_needs=True, asks_assessment=True)
    assert of(scheme, ange).why == ("needs", "assessment")
    with as_if(start - timedelta(days=1)):
        actions.fill(scheme=scheme, person=ange, kind=Asked.NEEDS, answers=["Words", ""])
    with as_if(AFTER):
        actions.fill(scheme=scheme, person=ange, kind=Asked.ASSESSMENT, answers=["Much"])
        assert of(scheme, ange).why == ("not_judged",)
        actions.judge(scheme=scheme, person=ange, by=elia, passed=False)
        assert of(scheme, ange).outcome == Outcome.NOT_MET
        judged = actions.judge(scheme=scheme, person=ange, by=elia, passed=True)
    assert of(scheme, ange).outcome == Outcome.MET
    assert (judged.judged_by, judged.judged_at) == (elia, AFTER)


def test_needs_told_after_the_start_are_for_the_trainer_to_judge(elia, ange):
    start = moments.at(certified.DAY, "Europe/Paris")
    scheme = cycle(elia, [(ange, 100)], asks_needs=True)
    with as_if(start + timedelta(minutes=10)):
        actions.fill(scheme=scheme, person=ange, kind=Asked.NEEDS, answers=["Late"])
    found = of(scheme, ange)
    assert (found.outcome, found.why, found.is_decidable) == (Outcome.OPEN, ("needs_late",), True)
    with pytest.raises(Refused) as refused:
        actions.decide(scheme=scheme, person=ange, by=elia, outcome=Outcome.MET, reason=" ")
    assert refused.value.code == "decision_reason_missing"
    actions.decide(scheme=scheme, person=ange, by=elia, outcome=Outcome.MET, reason="Told by phone before")
    assert of(scheme, ange).outcome == Outcome.MET


def test_another_decision_leaves_the_one_before_to_be_read(elia, ange, dominique):
    scheme = cycle(elia, [(ange, 100)], asks_needs=True)
    for by, outcome, reason in (
        (elia, Outcome.MET, "Told by phone"),
        (dominique, Outcome.NOT_MET, "She was somewhere else"),
        (dominique, Outcome.NOT_MET, "She was somewhere else"),
    ):
        actions.decide(scheme=scheme, person=ange, by=by, outcome=outcome, reason=reason)
    found = of(scheme, ange)
    assert found.outcome == Outcome.NOT_MET
    assert [(each.decided_by, each.outcome, each.reason) for each in found.decisions] == [
        (dominique, Outcome.NOT_MET, "She was somewhere else"),
        (elia, Outcome.MET, "Told by phone"),
    ]


def test_the_percentage_stays_as_it_is_printed_on_certificates(elia, ange):
    scheme = cycle(elia, [(ange, 100)])
    with as_if(AFTER):
        certificates.issue(by=elia, person=ange, kind=Certified.ATTESTATO, scheme=scheme)
    with pytest.raises(Refused) as refused:
        actions.change(scheme=scheme, by=elia, min_percent=20)
    assert (refused.value.code, refused.value.field) == ("rule_certified", "min_percent")
    actions.change(scheme=scheme, by=elia, min_percent=80, title_fr="Les mots")


def test_a_name_that_others_sessions_bear_is_nobody_elses_to_rule(elia, dominique, ange):
    certified.held(elia, [(ange, 100)], extra={"training_scheme": NAME})
    own = cast.make_session(dominique)
    for sessions in ([own], []):
        with pytest.raises(Refused) as refused:
            actions.make(by=dominique, name=f" {NAME}", sessions=sessions)
        assert refused.value.code == "scheme_exists"
    own.refresh_from_db()
    assert own.training_scheme == ""


def test_the_figures_cannot_be_overruled(elia, ange):
    scheme = cycle(elia, [(ange, 70)])
    with pytest.raises(Refused) as refused:
        actions.decide(scheme=scheme, person=ange, by=elia, outcome=Outcome.MET, reason="She is nice")
    assert refused.value.code == "completion_decided"


@pytest.mark.parametrize(
    ("kind", "days", "code"),
    [
        (Asked.NEEDS, 2, "form_closed"),
        (Asked.ASSESSMENT, -1, "form_early"),
        ("other", 0, "form_not_asked"),
    ],
)
def test_forms_have_their_time(elia, ange, kind, days, code):
    scheme = cycle(elia, [(ange, 70)], asks_needs=True, asks_assessment=True)
    with (
        as_if(moments.at(certified.DAY, "Europe/Paris") + timedelta(days=days)),
        pytest.raises(Refused) as refused,
    ):
        actions.fill(scheme=scheme, person=ange, kind=kind, answers=["x"])
    assert refused.value.code == code


def test_answers_stay_once_they_are_judged_and_so_does_the_number_of_questions(elia, ange):
    scheme = cycle(elia, [(ange, 100)], asks_assessment=True)
    with as_if(AFTER):
        actions.fill(scheme=scheme, person=ange, kind=Asked.ASSESSMENT, answers=["x"])
        actions.judge(scheme=scheme, person=ange, by=elia, passed=True)
        with pytest.raises(Refused) as refused:
            actions.fill(scheme=scheme, person=ange, kind=Asked.ASSESSMENT, answers=["y"])
        assert refused.value.code == "form_judged"
        with pytest.raises(Refused) as refused:
            actions.change(scheme=scheme, by=elia, questions={Asked.ASSESSMENT: [{"fr": "?", "it": ""}]})
        assert refused.value.code == "questions_answered"


def test_a_certificate_of_the_cycle_is_for_whoever_completed_it(elia, ange, bruna):
    scheme = cycle(elia, [(ange, 100), (bruna, 50)], [(ange, 90), (bruna, 100)])
    with as_if(AFTER):
        made = certificates.issue(by=elia, person=ange, kind=Certified.REALISATION, scheme=scheme)
        with pytest.raises(Refused) as refused:
            certificates.issue(by=elia, person=bruna, kind=Certified.REALISATION, scheme=scheme)
        assert refused.value.code == "not_completed"
        with pytest.raises(Refused) as refused:
            certificates.issue(by=elia, person=ange, kind=Certified.SAME_DAY, scheme=scheme)
        assert refused.value.code == "kind_of_session"
    assert (made.facts["minutes"], made.facts["planned"], len(made.facts["attended"])) == (190, 200, 2)
    assert made.sheets.count() == 2


def test_a_cycle_without_sessions_a_second_of_a_name_and_a_wrong_percentage_are_refused(elia, ange):
    with pytest.raises(Refused) as refused:
        actions.make(by=elia, name="Nothing")
    assert refused.value.code == "scheme_empty"
    scheme = cycle(elia, [(ange, 100)])
    for act, code in (
        (lambda: actions.make(by=elia, name=f" {NAME} "), "scheme_exists"),
        (lambda: actions.make(by=elia, name="  "), "name_missing"),
        (lambda: actions.change(scheme=scheme, by=elia, min_percent=101), "percent_wrong"),
    ):
        with pytest.raises(Refused) as refused:
            act()
        assert refused.value.code == code


def test_a_session_of_another_cycle_stays_there(elia, ange):
    first = cycle(elia, [(ange, 100)])
    other = cast.make_session(elia)
    second = actions.make(by=elia, name="Other", sessions=[other])
    assert actions.join(scheme=first, by=elia, sessions=[other]) == 0
    assert len(completion.cycle(second).units) == 1


def test_the_record_holds_hours_and_certificates_by_year(elia, ange, bruna):
    scheme = cycle(elia, [(ange, 100), (bruna, 10)], [None, (ange, 100)])
    with as_if(AFTER):
        session = completion.cycle(scheme).proofs[0].session
        made = certificates.issue(by=elia, person=ange, kind=Certified.ATTESTATO, session=session)
        again = certificates.reissue(certificate=made, by=elia, reason="Printed badly")
    [year] = record.years(ange)
    assert (year.year, year.minutes, year.led) == (2027, 100, 0)
    assert [held.minutes for held in year.sessions] == [None, 100]
    assert year.certificates == (again,)
    [(found, progress)] = record.cycles(ange)
    assert (found, progress.minutes) == (scheme, 100)
    [hers] = record.years(bruna)
    assert (hers.minutes, hers.certificates) == (10, ())
    certificates.withdraw(certificate=again, by=elia, reason="Error")
    assert record.certificates(ange) == []


@pytest.mark.parametrize("count", [1, 3])
def test_progress_takes_as_many_queries_for_one_person_as_for_three(elia, count, django_assert_num_queries):
    scheme = cycle(elia, [(person, 100) for person in certified.crowd(count)])
    whole = completion.cycle(Scheme.objects.get(pk=scheme.pk))
    with django_assert_num_queries(5):
        assert len(completion.progress(whole)) == count


def test_erasing_somebody_leaves_number_and_digest(elia, ange):
    scheme = cycle(elia, [(ange, 100)])
    with as_if(AFTER):
        made = certificates.issue(by=elia, person=ange, kind=Certified.ATTESTATO, scheme=scheme)
        Certificate.objects.filter(pk=made.pk).update(person=None, facts={})
        with pytest.raises(Refused) as refused:
            certificates.reissue(certificate=made, by=elia, reason="x")
    assert refused.value.code == "certificate_erased"


@pytest.mark.parametrize("count", [1, 3])
def test_a_record_takes_as_many_queries_for_one_session_as_for_three(
    elia, ange, count, django_assert_num_queries
):
    cycle(elia, *([(ange, 100)] for _day in range(count)))
    with django_assert_num_queries(4):
        [year] = record.years(ange)
    assert (len(year.sessions), year.minutes) == (count, 100 * count)
