"""Training cycles: their scheme made and changed, its forms filled and judged, completion decided with a reason.

A scheme gathers the sessions whose `training_scheme` bears its name. Its row is held while anything of it is changed.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import transaction

from seminars.errors import Refused
from seminars.models import Completion, Person, Scheme, SchemeForm, Session
from seminars.moments import now
from seminars.queries import circles
from seminars.queries import completion as figures
from seminars.vocabulary import Asked, Outcome, State

MOST_QUESTIONS = 20
Question = Mapping[str, str]
"""The same question by language: "fr", "it"."""


def hold(scheme: Scheme) -> Scheme:
    """The row as it is now, held until the transaction ends."""
    return Scheme.objects.select_for_update().get(pk=scheme.pk)


@transaction.atomic
def make(*, by: Person, name: str, sessions: Iterable[Session] = ()) -> Scheme:
    """A scheme of that name, which `sessions` join; sessions that bear the name already belong to it. Raises Refused:
    `name_missing`, `scheme_exists`, `scheme_empty`."""
    name = " ".join(name.split())[:100]
    if not name:
        raise Refused("name_missing", field="name")
    if Scheme.objects.filter(name=name).exists():
        raise Refused("scheme_exists", field="name")
    joining = list(sessions)
    bearing = Session.objects.filter(training_scheme=name)
    if bearing.exists() and not circles.hosted_by(by).filter(training_scheme=name).exists():
        raise Refused("scheme_exists", field="name")  # of somebody else, who sets its rule
    if not joining and not bearing.exists():
        raise Refused("scheme_empty", field="sessions")
    held = _held(joining)
    scheme = Scheme.objects.create(name=name)
    _join(scheme, held)
    return scheme


@transaction.atomic
def join(*, scheme: Scheme, by: Person, sessions: Iterable[Session]) -> int:
    """Sessions become part of a cycle; one that belongs to another stays there. Returns how many joined."""
    held = _held(sessions)
    return _join(hold(scheme), held)


def _held(sessions: Iterable[Session]) -> list[Session]:
    """Sessions are held before their cycle, as everywhere."""
    wanted = [session.pk for session in sessions]
    return list(Session.objects.select_for_update().filter(pk__in=wanted).order_by("pk"))


def _join(scheme: Scheme, held: Iterable[Session]) -> int:
    free = [one.pk for one in held if not one.training_scheme and one.state != State.CANCELLED]
    return Session.objects.filter(pk__in=free).update(training_scheme=scheme.name)


@transaction.atomic
def change(*, scheme: Scheme, by: Person, **given: Any) -> Scheme:
    """Titles, `min_percent`, which forms are asked, and `questions` by kind as lists of {"fr", "it"}.

    Raises Refused: `percent_wrong`, `rule_certified` (certificates print the percentage), `too_many_questions`,
    `questions_answered` (answers stand in their order).
    """
    scheme = hold(scheme)
    is_another = given.get("min_percent", scheme.min_percent) != scheme.min_percent
    if is_another and scheme.certificates.exists():
        raise Refused("rule_certified", field="min_percent")
    if not 0 <= given.get("min_percent", scheme.min_percent) <= 100:
        raise Refused("percent_wrong", field="min_percent")
    questions = given.get("questions", scheme.questions)
    for kind in Asked:
        if len(questions.get(kind, [])) > MOST_QUESTIONS:
            raise Refused("too_many_questions", field=f"{kind}_fr", most=MOST_QUESTIONS)
        changed = len(questions.get(kind, [])) != len(scheme.questions.get(kind, []))
        if changed and scheme.forms.filter(kind=kind).exists():
            raise Refused("questions_answered", field=f"{kind}_fr")
    for name, value in given.items():
        setattr(scheme, name, value)
    scheme.save(update_fields=list(given))
    return scheme


@transaction.atomic
def fill(*, scheme: Scheme, person: Person, kind: str, answers: Sequence[str]) -> SchemeForm:
    """Her answers, in the order of the questions; written again until somebody judged them. The questionnaire on needs
    is open until the last session ends (given after the first began, it is marked late); the assessment from the start
    of the last session. Raises Refused: `form_not_asked`, `form_closed`, `form_early`, `form_empty`, `form_judged`.
    """
    scheme = hold(scheme)
    asked = scheme.asks_needs if kind == Asked.NEEDS else scheme.asks_assessment
    units = figures.cycle(scheme).units
    if kind not in Asked.values or not asked or not units:
        raise Refused("form_not_asked")
    last = units[-1].session
    if kind == Asked.NEEDS and now() > last.ends_at:
        raise Refused("form_closed")
    if kind == Asked.ASSESSMENT and now() < last.starts_at:
        raise Refused("form_early")
    kept = [answer.strip() for answer in answers]
    if not any(kept):
        raise Refused("form_empty")
    before = SchemeForm.objects.filter(scheme=scheme, person=person, kind=kind).first()
    if before is not None and before.passed is not None:
        raise Refused("form_judged")
    found = before or SchemeForm(scheme=scheme, person=person, kind=kind, at=now())
    found.answers = kept
    found.save()
    return found


@transaction.atomic
def judge(*, scheme: Scheme, person: Person, by: Person, passed: bool | None) -> SchemeForm:
    """Whether her assessment is passed, who says so and when; None takes the judgement back. Raises Refused
    `form_absent`."""
    scheme = hold(scheme)
    found = scheme.forms.filter(person=person, kind=Asked.ASSESSMENT).first()
    if found is None:
        raise Refused("form_absent")
    found.passed, found.judged_by, found.judged_at = passed, by, now()
    found.save(update_fields=["passed", "judged_by", "judged_at"])
    return found


@transaction.atomic
def decide(*, scheme: Scheme, person: Person, by: Person, outcome: str, reason: str) -> Completion:
    """The trainer's word where the figures leave it open; what was decided before stays beside it. Raises Refused:
    `sheets_missing` (a session is not sealed), `completion_decided` (the figures speak for themselves),
    `decision_reason_missing`, `outcome_missing`."""
    scheme = hold(scheme)
    if outcome not in (Outcome.MET, Outcome.NOT_MET):
        raise Refused("outcome_missing", field="outcome")
    if not reason.strip():
        raise Refused("decision_reason_missing", field="reason")
    found = figures.progress_of(figures.cycle(scheme), person)
    if found is None or not found.is_decidable:
        code = "sheets_missing" if found is not None and "sheets" in found.why else "completion_decided"
        raise Refused(code, field="outcome")
    reason, before = " ".join(reason.split())[:300], found.decided
    if before is not None and (before.outcome, before.reason, before.decided_by) == (outcome, reason, by):
        return before
    return Completion.objects.create(
        scheme=scheme, person=person, outcome=outcome, reason=reason, decided_by=by, decided_at=now()
    )
