"""Somebody comes in an invited person's place: she asks on her own page, a host decides on the people's page."""

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from seminars.actions import substitutions as actions
from seminars.errors import Refused
from seminars.limits import Limit
from seminars.models import Invitation, Person, Session, Substitution
from seminars.queries import substitutions as queries
from web import errors, limits
from web.access import asks, invitation_of, person_of, session_of
from web.answers import become, in_her_language, page
from web.forms.answers import SubstituteForm, sequence
from web.forms.refusing import refuse, words
from web.posting import answers_form

ASKED = Limit("substitute", 10, limits.WINDOW_SECONDS)
"""For one invitation: each request that is taken back, and made again, writes to hosts."""


@asks("seminars.open_invitation", invitation_of)
@answers_form("invitation")
@in_her_language
def ask(request: HttpRequest, invitation: Invitation, token: str) -> HttpResponse:
    if wait := ASKED.wait(invitation.code):
        return errors.too_often(request, wait)
    form = SubstituteForm(request.POST, prefix="instead")
    if form.is_valid():
        ASKED.count(invitation.code)
        try:
            shown = sequence(request.POST.get("shown", ""))
            asked = actions.ask(invitation=invitation, shown=shown, **form.cleaned_data)
        except Refused as refused:
            refuse(form, refused)
            invitation.refresh_from_db()
        else:
            become(request, invitation.person)
            told = _("It is asked: %(name)s in your place. Until the decision your own answer stays.")
            messages.success(request, told % {"name": asked.name})
            return redirect("invitation", token=token)
    return page(request, invitation, instead_form=form)


@asks("seminars.open_invitation", invitation_of)
@answers_form("invitation")
@in_her_language
def take_back(request: HttpRequest, invitation: Invitation, token: str) -> HttpResponse:
    try:
        actions.take_back(invitation=invitation)
    except Refused as refused:
        messages.warning(request, words(refused))
    else:
        become(request, invitation.person)
        messages.success(request, _("The request is taken back. You are expected yourself."))
    return redirect("invitation", token=token)


def decided(
    request: HttpRequest, session: Session, asked: str, decide: Callable[[Substitution, Person], str]
) -> HttpResponse:
    """What a host's click did, said on the people's page."""
    substitution = queries.by_code(session, asked)
    if substitution is None:
        raise Http404
    try:
        messages.success(request, decide(substitution, person_of(request)))
    except Refused as refused:
        messages.warning(request, words(refused))
    return redirect("session-people", code=session.code)


@asks("seminars.decide_substitution", session_of)
@require_POST
def confirm(request: HttpRequest, session: Session, code: str, asked: str) -> HttpResponse:
    def decide(substitution: Substitution, by: Person) -> str:
        names = {"other": substitution.invitation.person.name}
        made = actions.confirm(substitution=substitution, by=by)
        names["name"] = made.person.name
        if not made.replaces.filter(pk=substitution.pk).exists():
            return _("%(name)s was invited already. %(other)s is excused, and gets a letter.") % names
        return _("%(name)s is invited in the place of %(other)s. Both get a letter.") % names

    return decided(request, session, asked, decide)


@asks("seminars.decide_substitution", session_of)
@require_POST
def decline(request: HttpRequest, session: Session, code: str, asked: str) -> HttpResponse:
    def decide(substitution: Substitution, by: Person) -> str:
        actions.decline(substitution=substitution, by=by)
        name = {"name": substitution.invitation.person.name}
        return _("Declined. %(name)s gets a letter and stays invited.") % name

    return decided(request, session, asked, decide)


routes: list[URLPattern] = [
    path("i/<str:token>/instead/", ask, name="invitation-instead"),
    path("i/<str:token>/instead/back/", take_back, name="invitation-instead-back"),
    path("sessions/<str:code>/people/instead/<str:asked>/confirm/", confirm, name="substitution-confirm"),
    path("sessions/<str:code>/people/instead/<str:asked>/decline/", decline, name="substitution-decline"),
]
