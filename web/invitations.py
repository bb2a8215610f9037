"""The people of a session: inviting them, seeing their answers, taking an invitation back."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from seminars.actions import invitations as actions
from seminars.errors import Refused
from seminars.models import Session
from seminars.queries import invited, undelivered
from seminars.vocabulary import State
from web import live
from web.access import asks, person_of, session_of
from web.forms.invitations import InviteForm
from web.forms.refusing import refuse
from web.outcomes import Sentence, round_words


@asks("seminars.invite_person", session_of)
@require_http_methods(["GET", "HEAD", "POST"])
def people(request: HttpRequest, session: Session, code: str) -> HttpResponse:
    if request.method != "POST":
        return page(request, session, InviteForm())
    form = InviteForm(request.POST)
    if not form.is_valid():
        return page(request, session, form)
    pasted = actions.read_addresses(form.cleaned_data["addresses"])
    told: list[Sentence] = []
    try:
        if pasted.good or not pasted.bad:
            done = actions.invite(session=session, by=person_of(request), addresses=pasted.good)
            told = round_words(done, pasted)
    except Refused as refused:
        refuse(form, refused)
        return page(request, session, form)
    for level, sentence in told:
        messages.add_message(request, level, sentence)
    if pasted.bad:
        return page(request, session, InviteForm.left(pasted.bad), is_partial=bool(pasted.good))
    return redirect("session-people", code=code)


def page(
    request: HttpRequest, session: Session, form: InviteForm, *, is_partial: bool = False
) -> HttpResponse:
    guests = invited.guests(session)
    context: dict[str, Any] = {"session": session, "form": form, "guests": guests}
    context["is_partial"] = is_partial
    context["trouble"] = undelivered.trouble(session)
    context["asked_back"] = asked_back(session, request.GET.get("withdraw", ""))
    context["counts"] = invited.counts(guests)
    context["may_invite"] = session.state in (State.SCHEDULED, State.RUNNING)
    return render(request, "invitations/people.html", context, status=422 if form.errors else 200)


def asked_back(session: Session, person_code: str) -> dict[str, Any]:
    """Who would be shown out of the room by taking her invitation back, and since when she is in it."""
    active = session.invitations.active().select_related("person")
    invitation = active.filter(person__code=person_code).first() if person_code.isalnum() else None
    since = live.inside_since(session, invitation.person) if invitation else None
    return {"person": invitation.person, "since": since} if invitation and since else {}


@asks("seminars.invite_person", session_of)
@require_POST
def withdraw(request: HttpRequest, session: Session, code: str, person_code: str) -> HttpResponse:
    invitation = (
        session.invitations.active().select_related("person").filter(person__code=person_code).first()
    )
    if invitation is None:
        raise Http404
    if "sure" not in request.POST and live.inside_since(session, invitation.person):
        return redirect(f"{reverse('session-people', args=[code])}?withdraw={person_code}")
    actions.withdraw(invitation=invitation, by=person_of(request))
    told = _("%(name)s is no longer invited, and the link in the letter opens nothing any more.")
    messages.success(request, told % {"name": invitation.person.name})
    return redirect("session-people", code=code)


routes: list[URLPattern] = [
    path("sessions/<str:code>/people/", people, name="session-people"),
    path("sessions/<str:code>/people/<str:person_code>/withdraw/", withdraw, name="invitation-withdraw"),
]
