"""Signing a half-day from one's own page, by one's own link, and the team's countersignature.

One click with the name typed; who has not proved herself lately is mailed a number that the same form asks for: the
link of a letter opens the page and proves nobody. Looking signs nothing, and what was signed is said back with its
hour, its zone and its line of the ledger.
"""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from seminars.actions import signing as actions
from seminars.errors import Refused
from seminars.models import Invitation, Person, PresenceEvent, Session
from seminars.moments import now
from seminars.permissions import Level
from seminars.queries import signing as queries
from seminars.vocabulary import Hand
from web import proving
from web.access import asker, asks, enter, invitation_of, person_of, session_of
from web.answers import in_her_language
from web.forms.refusing import refuse, words
from web.forms.signing import SignForm, asks_mode
from web.receipts import lines, offers

__all__ = ["attempt", "form_of", "offers", "routes"]

Act = Callable[[SignForm], PresenceEvent]


def form_of(
    request: HttpRequest, session: Session, person: Person, *, mode: bool = True, is_typed: bool = True
) -> SignForm:
    given = request.POST if request.method == "POST" and is_typed else None
    asked = not proving.is_fresh(request, person) and proving.is_asked(request, person)
    return SignForm(given, person=person, asks_mode=mode and asks_mode(session), asks_number=asked)


def attempt(
    request: HttpRequest,
    session: Session,
    person: Person,
    form: SignForm,
    act: Act,
    *,
    said: str,
    is_proved: bool = False,
) -> bool:
    """The name, then the proof, then the act, which is told as `said`; whatever is missing or refused stands on the
    form. Who has signed already is told so, and is led to her receipt likewise."""
    if not form.is_valid():
        return False
    try:
        if not actions.is_her_name(form.cleaned_data["name"], person):
            raise Refused("name_differs", field="name", name=person.name)
        is_proved = is_proved or proving.is_fresh(request, person)
        if not (is_proved or _proves(request, session, person, form)):
            return False
        act(form)
    except Refused as refused:
        if refused.code != "signed_already":
            refuse(form, refused)
            return False
        messages.info(request, words(refused))
        return True
    messages.success(request, said)
    return True


def _proves(request: HttpRequest, session: Session, person: Person, form: SignForm) -> bool:
    """By the number typed, which makes her known here too; where none is, one is mailed and asked for, unless there is
    nothing to sign."""
    if form.cleaned_data["number"]:
        form.ask_number()
        proving.take(request, person, form.cleaned_data["number"])
        enter(request, person, invited=True)
        proving.note(request.session)
        form.asks_number = False
        return True
    hand = queries.hand_of(session, person)
    found = queries.places(session, person, hand or Hand.PARTICIPANT, now())
    if not any(place.is_open or place.receipt for place in found):
        raise Refused("nothing_open")
    proving.ask(request, person)
    form.ask_number()
    messages.info(request, _("Six digits are on their way to your mail address. Type them here, then sign."))
    return False


def page(
    request: HttpRequest, session: Session, person: Person, hand: Hand | None, form: SignForm, **more: Any
) -> HttpResponse:
    shown = lines(session, person, hand) if hand else []
    is_countersigning = hand not in (None, Hand.PARTICIPANT)
    context = {
        "session": session,
        "person": person,
        "lines": shown,
        "open": [line for line in shown if line.place.is_open],
        "form": form,
        "is_proved": proving.is_fresh(request, person),
        "is_countersigning": is_countersigning,
        "now": now(),
        "is_sealed": queries.is_sealed(session),
        "not_listed": words(Refused("not_on_list")),
    }
    return render(request, "signing/sign.html", context | more, status=422 if form.errors else 200)


def thanks() -> str:
    return _("You have signed. What is kept of it stands below.")


@asks("seminars.sign_slot", session_of)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign(request: HttpRequest, session: Session, code: str) -> HttpResponse:
    person = person_of(request)
    hand = queries.hand_of(session, person)
    if hand not in (None, Hand.PARTICIPANT):
        return redirect("session-countersign", code)
    form = form_of(request, session, person)
    act = _signs(session, person, "page")
    if request.method == "POST" and attempt(request, session, person, form, act, said=thanks()):
        return redirect("session-sign", code)
    return page(request, session, person, hand, form)


def _signs(session: Session, person: Person, by: str) -> Act:
    def act(form: SignForm) -> PresenceEvent:
        typed = form.cleaned_data
        return actions.sign(
            session=session,
            person=person,
            slot_number=form.slot_number,
            name=typed["name"],
            mode=typed.get("mode", ""),
            by=by,
        )

    return act


@asks("seminars.open_invitation", invitation_of)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@in_her_language
def invitation_sign(request: HttpRequest, invitation: Invitation, token: str) -> HttpResponse:
    """By the link of her letter, which tells whose page it is and no more: letters are passed on, so that a number from
    her mail proves her. Never while somebody else is signed in here."""
    session, person = invitation.session, invitation.person
    form, hand = form_of(request, session, person), queries.hand_of(session, person)
    other = _somebody_else(request, person)
    if request.method == "POST" and form.is_valid():
        if other is not None:
            refuse(form, Refused("sign_as_other", name=other.name))
        elif attempt(request, session, person, form, _signs(session, person, "link"), said=thanks()):
            return redirect("invitation-sign", token)
    return page(request, session, person, hand, form, token=token, other=other)


def _somebody_else(request: HttpRequest, person: Person) -> Person | None:
    actor = asker(request)
    return actor.person if actor.level == Level.FULL and actor.person != person else None


@asks("seminars.countersign", session_of)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def countersign(request: HttpRequest, session: Session, code: str) -> HttpResponse:
    person = person_of(request)
    form = form_of(request, session, person)

    def act(form: SignForm) -> PresenceEvent:
        typed = form.cleaned_data
        given = {"name": typed["name"], "mode": typed.get("mode", "")}
        return actions.countersign(session=session, person=person, slot_number=form.slot_number, **given)

    if request.method == "POST" and attempt(request, session, person, form, act, said=thanks()):
        return redirect("session-countersign", code)
    return page(request, session, person, queries.hand_of(session, person), form)


routes = [
    path("sessions/<str:code>/sign/", sign, name="session-sign"),
    path("i/<str:token>/sign/", invitation_sign, name="invitation-sign"),
    path("sessions/<str:code>/countersign/", countersign, name="session-countersign"),
]
