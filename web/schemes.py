"""Training cycles: their rule, who has completed them, the forms they ask for, and what the trainer decides."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils.functional import Promise
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from seminars.actions import completion as actions
from seminars.errors import Refused
from seminars.models import Person, Scheme, Session
from seminars.permissions import allows, is_full
from seminars.queries import circles
from seminars.queries import completion as queries
from seminars.queries.completion import Progress
from seminars.vocabulary import Asked, State
from web.access import asker, asks, person_of
from web.forms.refusing import refuse, words
from web.forms.schemes import (
    AnswersForm,
    DecideForm,
    JoinForm,
    JudgeForm,
    MakeForm,
    SchemeForm,
    choices_of,
    initial,
    questions,
)
from web.posting import answers_form

MOST_OFFERED = 60
REASONS: dict[str, str | Promise] = {
    "sheets": lazy("sheets are missing"),
    "hours": lazy("fewer hours than asked"),
    "hours_open": lazy("fewer hours than asked, some minutes are open"),
    "needs": lazy("the questionnaire on needs is missing"),
    "needs_late": lazy("the questionnaire on needs came after the start"),
    "assessment": lazy("the assessment is missing"),
    "not_judged": lazy("the assessment is not judged yet"),
    "not_passed": lazy("the assessment is not passed"),
}


def scheme_of(request: HttpRequest, scheme_code: str, **more: str) -> Scheme | None:
    return Scheme.objects.filter(code=scheme_code).first()


def reasons(progress: Progress) -> list[str]:
    """What keeps somebody from having completed, in words."""
    return [str(REASONS[code]) for code in progress.why]


def forms_of(scheme: Scheme, progress: Progress) -> list[dict[str, Any]]:
    """The forms that a scheme asks for, each with hers or None."""
    asked = {Asked.NEEDS: scheme.asks_needs, Asked.ASSESSMENT: scheme.asks_assessment}
    return [
        {"kind": kind.value, "words": kind.label, "given": progress.forms.get(kind)}
        for kind, is_asked in asked.items()
        if is_asked
    ]


def _free(request: HttpRequest) -> list[Session]:
    """Her sessions that belong to no cycle."""
    mine = circles.hosted_by(person_of(request)).filter(training_scheme="")
    return list(mine.exclude(state=State.CANCELLED).order_by("-starts_at")[:MOST_OFFERED])


def _chosen(form: MakeForm | JoinForm, sessions: list[Session]) -> list[Session]:
    return [one for one in sessions if one.code in form.cleaned_data["sessions"]]


@asks("seminars.plan_session")
@require_http_methods(["GET", "HEAD", "POST"])
def schemes(request: HttpRequest) -> HttpResponse:
    """Her cycles, and names that sessions bear without a rule yet; POST makes one."""
    person, free = person_of(request), _free(request)
    offered = choices_of(free, get_language() or "en")
    form = MakeForm(request.POST if request.method == "POST" else None, sessions=offered)
    if request.method == "POST" and form.is_valid():
        try:
            chosen, name = _chosen(form, free), form.cleaned_data["name"]
            if not chosen and not allows("seminars.keep_scheme", asker(request), Scheme(name=name.strip())):
                raise Refused("scheme_empty", field="sessions")
            made = actions.make(by=person, name=name, sessions=chosen)
        except Refused as refused:
            refuse(form, refused)
        else:
            messages.success(request, _("The training cycle “%(name)s” is kept.") % {"name": made.name})
            return redirect("scheme", scheme_code=made.code)
    named = {
        session.training_scheme: session
        for session in circles.hosted_by(person).exclude(training_scheme="").order_by("-starts_at", "-pk")
    }
    known = list(Scheme.objects.filter(name__in=named).order_by("name"))
    ruled = {one.name for one in known}
    context = {
        "schemes": [(one, one if one.title_fr or one.title_it else named[one.name]) for one in known],
        "names": [(name, session) for name, session in sorted(named.items()) if name not in ruled],
        "form": form,
    }
    return render(request, "schemes/schemes.html", context, status=422 if form.errors else 200)


def _page(request: HttpRequest, scheme: Scheme, **forms: Any) -> HttpResponse:
    whole = queries.cycle(scheme)
    people = [{"progress": one, "reasons": reasons(one)} for one in queries.progress(whole)]
    offered = choices_of(_free(request), get_language() or "en")
    context = {
        "scheme": scheme,
        "cycle": whole,
        "people": people,
        "form": forms.get("form") or SchemeForm(initial=initial(scheme)),
        "join_form": forms.get("join_form") or JoinForm(sessions=offered),
        "has_more": bool(offered),
    }
    failed = any(form.errors for form in forms.values())
    return render(request, "schemes/scheme.html", context, status=422 if failed else 200)


@asks("seminars.keep_scheme", scheme_of)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def scheme(request: HttpRequest, scheme: Scheme, scheme_code: str) -> HttpResponse:
    """POST changes its rule."""
    if request.method != "POST":
        return _page(request, scheme)
    form = SchemeForm(request.POST)
    if form.is_valid():
        try:
            actions.change(scheme=scheme, by=person_of(request), **form.given)
        except Refused as refused:
            refuse(form, refused)
        else:
            messages.success(request, _("The rule of the cycle is kept."))
            return redirect("scheme", scheme_code=scheme_code)
    return _page(request, scheme, form=form)


@asks("seminars.keep_scheme", scheme_of)
@answers_form("scheme")
def join(request: HttpRequest, scheme: Scheme, scheme_code: str) -> HttpResponse:
    free = _free(request)
    form = JoinForm(request.POST, sessions=choices_of(free, get_language() or "en"))
    if not form.is_valid():
        return _page(request, scheme, join_form=form)
    count = actions.join(scheme=scheme, by=person_of(request), sessions=_chosen(form, free))
    told = ngettext("%(n)s session has joined.", "%(n)s sessions have joined.", count) % {"n": count}
    messages.success(request, told)
    return redirect("scheme", scheme_code=scheme_code)


def _member(scheme: Scheme, person_code: str) -> tuple[Person, Progress]:
    """Raises Http404 for whoever is not of the cycle."""
    found = next(iter(queries.progress(queries.cycle(scheme), [person_code])), None)
    if found is None:
        raise Http404
    return found.person, found


@asks("seminars.keep_scheme", scheme_of)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def member(request: HttpRequest, scheme: Scheme, scheme_code: str, person_code: str) -> HttpResponse:
    """One person's hours, forms and outcome; POST judges her assessment, or decides her completion."""
    someone, _progress = _member(scheme, person_code)
    form: JudgeForm | DecideForm | None = None
    if request.method == "POST":
        form = JudgeForm(request.POST) if request.POST.get("act") == "judge" else DecideForm(request.POST)
        if form.is_valid() and _done(request, form, scheme, someone):
            return redirect("scheme-person", scheme_code=scheme_code, person_code=person_code)
    return _member_page(request, scheme, person_code, form)


def _done(request: HttpRequest, form: JudgeForm | DecideForm, scheme: Scheme, someone: Person) -> bool:
    by, given = person_of(request), form.cleaned_data
    try:
        if isinstance(form, JudgeForm):
            passed = {"yes": True, "no": False}.get(given["passed"])
            actions.judge(scheme=scheme, person=someone, by=by, passed=passed)
        else:
            actions.decide(scheme=scheme, person=someone, by=by, **given)
    except Refused as refused:
        refuse(form, refused)
        return False
    messages.success(request, _("This is kept."))
    return True


def _member_page(
    request: HttpRequest, scheme: Scheme, person_code: str, form: JudgeForm | DecideForm | None
) -> HttpResponse:
    someone, progress = _member(scheme, person_code)
    language = get_language() or "en"
    shown = [
        each | {"pairs": zip(questions(scheme, each["kind"], language), each["given"].answers, strict=False)}
        for each in forms_of(scheme, progress)
        if each["given"]
    ]
    judged = {True: "yes", False: "no", None: "open"}
    assessment = progress.forms.get(Asked.ASSESSMENT)
    context = {
        "scheme": scheme,
        "person": someone,
        "progress": progress,
        "reasons": reasons(progress),
        "forms": shown,
        "decide_form": form if isinstance(form, DecideForm) else DecideForm(),
        "judge_form": form
        if isinstance(form, JudgeForm)
        else JudgeForm(initial={"passed": judged[assessment.passed]})
        if assessment
        else None,
    }
    return render(request, "schemes/person.html", context, status=422 if form and form.errors else 200)


@asks("seminars.fill_scheme_form", scheme_of)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def fill(request: HttpRequest, scheme: Scheme, scheme_code: str, form_kind: str) -> HttpResponse:
    if form_kind not in Asked.values:
        raise Http404
    person = person_of(request)
    kept = scheme.forms.filter(person=person, kind=form_kind).first()
    is_shown = is_full(asker(request))  # a link that was forwarded shows nobody's answers
    asked = questions(scheme, form_kind, get_language() or "en")
    data = request.POST if request.method == "POST" else None
    form = AnswersForm(data, asked=asked, kept=kept.answers if kept and is_shown else None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.fill(scheme=scheme, person=person, kind=form_kind, answers=form.answers)
        except Refused as refused:
            form.add_error(None, words(refused))
        else:
            messages.success(request, _("Your answers are kept. The trainer reads them."))
            return redirect("scheme-form", scheme_code=scheme_code, form_kind=form_kind)
    context = {"scheme": scheme, "kind": Asked(form_kind), "form": form, "kept": kept, "is_shown": is_shown}
    return render(request, "schemes/form.html", context, status=422 if form.errors else 200)


routes: list[URLPattern] = [
    path("schemes/", schemes, name="schemes"),
    path("schemes/<str:scheme_code>/", scheme, name="scheme"),
    path("schemes/<str:scheme_code>/sessions/", join, name="scheme-join"),
    path("schemes/<str:scheme_code>/people/<str:person_code>/", member, name="scheme-person"),
    path("schemes/<str:scheme_code>/forms/<str:form_kind>/", fill, name="scheme-form"),
]
