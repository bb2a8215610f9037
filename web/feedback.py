"""The short form after a session, and its results: distribution and rate beside every mean, the pulse as a curve."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from seminars import moments, saying
from seminars.actions import feedback as actions
from seminars.errors import Refused
from seminars.models import FeedbackReceipt, Person, Session
from seminars.queries import figures
from seminars.queries.figures import Moment, Results
from seminars.vocabulary import Pulse, State
from web.access import asks, person_of, session_of
from web.forms.feedback import IMPROVE, KEEP, MET, FeedbackForm, questions
from web.forms.refusing import refuse

LEFT, RIGHT, TOP, ZERO, BOTTOM = 44, 748, 24, 110, 196
"""The curve's frame, in the units of its view box (760 by 226): who follows above ZERO, who does not beneath."""


@asks("seminars.give_feedback", session_of)
@require_http_methods(["GET", "HEAD", "POST"])
def give(request: HttpRequest, session: Session, code: str) -> HttpResponse:
    """The form, kept apart from who fills it; once per person."""
    person = person_of(request)
    form = FeedbackForm(request.POST if request.method == "POST" else None, session=session)
    standing = _standing(session, person)
    is_sent = request.method == "POST" and standing == "open"
    if is_sent and form.is_valid() and _given(form, session, person):
        messages.success(request, _("Your answers are kept, apart from your name. Thank you."))
        return redirect("session-feedback", code)
    status = 422 if is_sent else 200
    context = {
        "session": session,
        "form": form,
        "standing": standing,
        "closes_at": actions.closes_at(session),
    }
    return render(request, "feedback/give.html", context, status=status)


def _standing(session: Session, person: Person) -> str:
    """`open`, `given`, `early` or `late`."""
    closes = actions.closes_at(session)
    if FeedbackReceipt.objects.filter(session=session, person=person).exists():
        return "given"
    if session.state != State.ENDED or closes is None:
        return "early"
    return "open" if moments.now() < closes else "late"


def _given(form: FeedbackForm, session: Session, person: Person) -> bool:
    language = saying.plain(get_language() or "en")
    try:
        actions.give(session=session, person=person, language=language, **form.cleaned_data)
    except Refused as refused:
        refuse(form, refused)
        return False
    return True


@asks("seminars.see_results", session_of)
@require_safe
def results(request: HttpRequest, session: Session, code: str) -> HttpResponse:
    """What people said, from FEW_PEOPLE answers on; the pulse over time."""
    found, pulse = figures.results(session), figures.pulse(session)
    context = {
        "session": session,
        "results": found,
        "few": settings.FEW_PEOPLE,
        "questions": _questions(session, found),
        "met": {"words": MET, "yes": found.met, "no": found.not_met, "all": found.met + found.not_met},
        "comments": [(KEEP, found.keep), (IMPROVE, found.improve)],
        "pulse": [(moment, _row(moment)) for moment in pulse],
        "many_days": len({moments.local(one.at, session.timezone).date() for one in pulse}) > 1,
        "pulse_heads": [value.label for value in Pulse],
        "curve": curve(session, pulse),
        "closes_at": actions.closes_at(session),
    }
    return render(request, "feedback/results.html", context)


def _questions(session: Session, found: Results) -> list[dict[str, Any]]:
    asked = questions(session)
    return [
        {
            "words": asked[steps.name][0],
            "bars": list(zip(asked[steps.name][1], steps.counts, strict=True)),
            "answered": steps.answered,
            "mean": steps.mean,
            "percent": figures.rate(steps.answered, found.asked),
            "is_tempo": asked[steps.name][1][2] != "3",
        }
        for steps in found.steps
    ]


def _row(moment: Moment) -> list[int]:
    return [moment.counts.get(value, 0) for value in Pulse.values]


@dataclass(frozen=True, slots=True)
class Curve:
    """Paths and marks of the drawing, as SVG attributes; `most` is the number of people at its upper edge."""

    up: str
    down: str
    grid: str
    most: int
    hours: list[tuple[int, str, str]]
    said: str


def curve(session: Session, pulse: list[Moment]) -> Curve | None:
    """The drawing of two moments or more."""
    if len(pulse) < 2:
        return None
    begun, length = pulse[0].at, (pulse[-1].at - pulse[0].at).total_seconds()
    most = max(max(moment.follows, moment.lost) for moment in pulse) or 1
    xs = [LEFT + round((moment.at - begun).total_seconds() / length * (RIGHT - LEFT)) for moment in pulse]
    scale = (ZERO - TOP) / most
    ups = [ZERO - round(moment.follows * scale) for moment in pulse]
    downs = [ZERO + round(moment.lost * scale) for moment in pulse]
    marks = [(0, "start"), (len(pulse) // 2, "middle"), (len(pulse) - 1, "end")]
    return Curve(
        up=_area(xs, ups),
        down=_area(xs, downs),
        grid="".join(f"M{LEFT} {y}H{RIGHT}" for y in (TOP, ZERO, BOTTOM)),
        most=most,
        hours=[(xs[number], anchor, _hour(session, pulse[number])) for number, anchor in marks],
        said=_in_words(session, pulse),
    )


def _area(xs: list[int], ys: list[int]) -> str:
    line = "L".join(f"{x} {y}" for x, y in zip(xs, ys, strict=True))
    return f"M{line}V{ZERO}H{LEFT}z"


def _hour(session: Session, moment: Moment) -> str:
    return saying.hour(moment.at, session.timezone, get_language() or "en")


def _in_words(session: Session, pulse: list[Moment]) -> str:
    worst = max(pulse, key=lambda moment: moment.lost)
    last = pulse[-1]
    facts = {
        "lost": worst.lost,
        "hour": _hour(session, worst),
        "follows": last.follows,
        "end": _hour(session, last),
    }
    if not worst.lost:
        return (
            pgettext("pulse curve", "Nobody was lost or asked for a break. At %(end)s, %(follows)s followed.")
            % facts
        )
    return (
        pgettext(
            "pulse curve",
            "Most were lost or asked for a break at %(hour)s: %(lost)s. At %(end)s, %(follows)s followed.",
        )
        % facts
    )


routes = [
    path("sessions/<str:code>/feedback/", give, name="session-feedback"),
    path("sessions/<str:code>/results/", results, name="session-results"),
]
