"""How long evidence is kept, for those who answer for it: profiles, last payments, and each session's end."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Case, QuerySet, When
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from seminars.actions import keeping
from seminars.errors import Refused
from seminars.models import LastPayment, Person, Session
from seminars.queries import retention as queries
from seminars.queries.exported import own
from seminars.vocabulary import State
from web.access import asks, person_of
from web.forms.keeping import PaymentForm, ProfilesForm
from web.forms.refusing import refuse, words
from web.posting import answers_form

A_PAGE = 25
MOST_ENDLESS = 50


def sessions_of(person: Person) -> QuerySet[Session]:
    """Those that her organisation hosts or organises: first those that have ended, the newest of them first."""
    to_come = Case(When(state=State.ENDED, then=0), default=1)
    return queries.with_project(own(person)).order_by(to_come, "-starts_at", "-pk")


def page(request: HttpRequest, form: PaymentForm | None = None) -> HttpResponse:
    paid = queries.payments()
    person = person_of(request)
    number = Paginator(sessions_of(person), A_PAGE).get_page(request.GET.get("page"))
    rows = [
        (
            session,
            queries.kept(session, paid),
            ProfilesForm(initial={"profiles": session.retention}, prefix=session.code),
        )
        for session in number
    ]
    context: dict[str, Any] = {
        "form": form or PaymentForm(projects=queries.projects()),
        "rules": [(rule, queries.definition(rule)) for rule in queries.rules()],
        "payments": _payments(),
        "endless": queries.endless(own(person))[:MOST_ENDLESS],
        "rows": rows,
        "page": number,
        "months": settings.LEDGER_MONTHS,
    }
    return render(request, "keeping/retention.html", context, status=422 if form and form.errors else 200)


def _payments() -> list[tuple[LastPayment, bool]]:
    """Each day that was entered, the newest of a project first, and whether it is the one that counts."""
    found: list[tuple[LastPayment, bool]] = []
    for each in LastPayment.objects.select_related("entered_by").order_by("project", "-pk"):
        found.append((each, not found or found[-1][0].project != each.project))
    return found


@asks("seminars.keep_retention")
@require_http_methods(["GET", "HEAD", "POST"])
def retention(request: HttpRequest) -> HttpResponse:
    """POST notes the day of the last payment."""
    if request.method != "POST":
        return page(request)
    form = PaymentForm(request.POST, projects=queries.projects())
    if form.is_valid():
        try:
            keeping.note_payment(by=person_of(request), **form.cleaned_data)
        except Refused as refused:
            if refused.code == "paid_unsure":
                return asking(request, form)
            refuse(form, refused)
        else:
            messages.success(request, _("The day is kept. Each session below shows its end."))
            return redirect("retention")
    return page(request, form)


def asking(request: HttpRequest, form: PaymentForm) -> HttpResponse:
    """What that day would let go of, before it is kept."""
    project, paid_on = form.cleaned_data["project"], form.cleaned_data["paid_on"]
    context = {
        "project": project,
        "paid_on": paid_on,
        "last": LastPayment.objects.filter(project=project).last(),
        "effect": queries.effect(project, paid_on),
    }
    return render(request, "keeping/payment.html", context, status=422)


@asks("seminars.keep_retention")
@answers_form("retention")
def profiles(request: HttpRequest) -> HttpResponse:
    """Which rules keep the session that `session` names."""
    code = request.POST.get("session", "")[:12]
    session = sessions_of(person_of(request)).filter(code=code).first()
    if session is None:
        raise Http404
    form = ProfilesForm(request.POST, prefix=session.code)
    chosen = form.cleaned_data["profiles"] if form.is_valid() else []
    try:
        keeping.choose_profiles(session=session, by=person_of(request), profiles=chosen)
    except Refused as refused:
        messages.warning(request, words(refused))
    else:
        messages.success(request, _("Kept. The longest profile wins."))
    return redirect("retention")


routes: list[URLPattern] = [
    path("retention/", retention, name="retention"),
    path("retention/profiles/", profiles, name="retention-profiles"),
]
