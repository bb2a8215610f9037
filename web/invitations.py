"""The people of a session: their answers and letters, their organisations' seats, taking an invitation back."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_POST

from seminars.actions import invitations as actions
from seminars.actions import quotas as quota_actions
from seminars.errors import Refused
from seminars.models import Organisation, Session
from seminars.permissions import allows
from seminars.queries import invited, undelivered
from seminars.queries.invited import Guest
from seminars.queries.seats import seats
from seminars.vocabulary import Answer, LetterKind, State
from web import live
from web.access import asker, asks, person_of, session_of
from web.forms.groups import KeepForm
from web.forms.invitations import InviteForm
from web.forms.refusing import refuse
from web.forms.seats import SeatsForm
from web.posting import answers_form

SHOWN = {"yes": Answer.YES, "maybe": Answer.MAYBE, "no": Answer.NO, "none": Answer.NONE}
OPEN = (State.SCHEDULED, State.RUNNING)


@dataclass(frozen=True, slots=True)
class Line:
    """One invited person in the list, and whether somebody else in it has the same name."""

    guest: Guest
    is_double: bool

    @property
    def letter_words(self) -> str:
        """Which letter the newest one is, and what became of it."""
        state = self.guest.letter_words
        if not state or not self.guest.kind:
            return state
        kind = str(LetterKind(self.guest.kind).label)
        return _("%(kind)s: %(state)s") % {"kind": kind, "state": state}


def page(
    request: HttpRequest,
    session: Session,
    form: InviteForm,
    *,
    is_partial: bool = False,
    seats_form: SeatsForm | None = None,
) -> HttpResponse:
    """Everybody invited, or those that `?show=` names; `form` and `seats_form` come back with their errors."""
    guests = invited.guests(session)
    show = request.GET.get("show", "")
    context: dict[str, Any] = {"session": session, "form": form, "is_partial": is_partial}
    context["seats_form"] = seats_form or SeatsForm(kept=seats(session))
    context["seats"] = context["seats_form"].kept
    context["trouble"] = undelivered.trouble(session)
    context["asked_back"] = asked_back(session, request.GET.get("withdraw", ""))
    context["counts"] = invited.counts(guests)
    context["guests"] = shown(guests, show)
    context["lines"] = lines(context["guests"])
    context["is_first"] = not guests or bool(form.errors)
    context["ways"] = ways(guests, show)
    context["may_invite"] = session.state in OPEN
    if allows("seminars.keep_group", asker(request)):
        context["keep_form"] = KeepForm(initial={"session": session.code, "show": show})
    failed = form.errors or context["seats_form"].errors
    return render(request, "invitations/people.html", context, status=422 if failed else 200)


def shown(guests: Sequence[Guest], show: str) -> list[Guest]:
    """`show`: yes | maybe | no | none | undelivered; whatever else is everybody."""
    if show == "undelivered":
        return [guest for guest in guests if guest.is_stuck]
    if show not in SHOWN:
        return list(guests)
    return [guest for guest in guests if guest.invitation.answer == SHOWN[show]]


def lines(guests: Sequence[Guest]) -> list[Line]:
    names = Counter(guest.invitation.person.name for guest in guests)
    return [Line(guest, names[guest.invitation.person.name] > 1) for guest in guests]


def ways(guests: Sequence[Guest], show: str) -> list[dict[str, Any]]:
    """The links that choose among the people, with how many each shows; those that would show nobody are left out."""
    labels = {
        "": pgettext("people", "All"),
        "yes": pgettext("answer", "Yes"),
        "maybe": pgettext("answer", "Maybe"),
        "no": pgettext("answer", "No"),
        "none": pgettext("people", "No answer"),
        "undelivered": _("Not reached"),
    }
    here = show if show in labels else ""
    found = [
        {"show": name, "label": label, "count": len(shown(guests, name)), "is_here": name == here}
        for name, label in labels.items()
    ]
    return [each for each in found if each["count"] or each["is_here"]]


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


@asks("seminars.invite_person", session_of)
@answers_form("session-people")
def keep_seats(request: HttpRequest, session: Session, code: str) -> HttpResponse:
    form = SeatsForm(request.POST, kept=seats(session))
    if form.is_valid():
        numbers: dict[Organisation, int | None] = form.numbers()
        try:
            quota_actions.keep(session=session, by=person_of(request), seats=numbers)
        except Refused as refused:
            refuse(form, refused)
        else:
            messages.success(request, _("The seats are kept."))
            return redirect(f"{reverse('session-people', args=[code])}#seats")
    ways_in = InviteForm(session=session, person=person_of(request))
    return page(request, session, ways_in, seats_form=form)


routes: list[URLPattern] = [
    path("sessions/<str:code>/people/seats/", keep_seats, name="session-seats"),
    path("sessions/<str:code>/people/<str:person_code>/withdraw/", withdraw, name="invitation-withdraw"),
]
