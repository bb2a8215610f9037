"""Inviting: from whoever is named to the review, and from the review to the letters."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.views.decorators.http import require_http_methods

from seminars.actions import invitations as actions
from seminars.errors import Refused
from seminars.exchange.address import Address, Pasted
from seminars.models import Session
from seminars.queries import prospects
from web import reviewing
from web.access import asks, person_of, session_of
from web.forms.invitations import InviteForm, SendForm
from web.forms.refusing import refuse, words
from web.invitations import page
from web.outcomes import round_words
from web.posting import answers_form


@asks("seminars.invite_person", session_of)
@require_http_methods(["GET", "HEAD", "POST"])
def people(request: HttpRequest, session: Session, code: str) -> HttpResponse:
    by = person_of(request)
    if request.method != "POST":
        return page(request, session, InviteForm(session=session, person=by))
    form = InviteForm(request.POST, request.FILES, session=session, person=by)
    if not form.is_valid():
        return page(request, session, form)
    pasted = form.gathered()
    try:
        if pasted.good or not pasted.bad:
            return named(request, session, pasted)
    except Refused as refused:
        refuse(form, refused)
    else:
        form.stays(pasted.bad)
    return page(request, session, form)


def named(request: HttpRequest, session: Session, pasted: Pasted) -> HttpResponse:
    """A single person who is known and of whom nothing is to be said is invited at once; whoever else is reviewed.
    Raises Refused."""
    actions.check_addresses(session, pasted.good)
    by = person_of(request)
    is_plain = len(pasted.good) == 1 and not pasted.bad and not pasted.twice and not pasted.respelt
    if is_plain and prospects.review(session, pasted.good, by=by).is_faultless:
        done = actions.invite(session=session, by=by, addresses=pasted.good)
        return told(request, session, done)
    return reviewing.page(request, session, pasted.good, read=pasted, bad=pasted.bad)


def told(request: HttpRequest, session: Session, done: actions.Invited) -> HttpResponse:
    done.unknown = []  # the review has shown who is new
    for level, sentence in round_words(done, Pasted()):
        messages.add_message(request, level, sentence)
    return redirect("session-people", code=session.code)


@asks("seminars.invite_person", session_of)
@answers_form("session-people")
def invite(request: HttpRequest, session: Session, code: str) -> HttpResponse:
    """What is ticked is invited. Addresses written beside it are read first: nobody gets a letter unreviewed."""
    form = SendForm(request.POST)
    if not form.is_valid():
        form.names_lost()
        rows = form.addressed() if "rows" in form.cleaned_data else []
        return reviewing.page(request, session, rows, chosen=form.ticked(), form=form, typed=form.typed())
    addresses, ticked = form.addressed(), form.ticked()
    if "again" in request.POST or form.pasted.good:
        return added(request, session, form, addresses)
    chosen = [address for address in addresses if address.email in ticked]
    meant = form.cleaned_data["is_over_meant"]
    try:
        done = actions.invite(session=session, by=person_of(request), addresses=chosen, is_over_meant=meant)
    except Refused as refused:
        refuse(form, refused)
        form.names_lost()
        return reviewing.page(request, session, addresses, chosen=ticked, form=form, typed=form.typed())
    bad, answer = form.bad, told(request, session, done)
    if not bad:
        return answer
    rest = InviteForm({}, session=session, person=person_of(request))
    rest.is_valid()
    rest.stays(bad)
    return page(request, session, rest, is_partial=True)


def added(request: HttpRequest, session: Session, form: SendForm, addresses: list[Address]) -> HttpResponse:
    """The review once more, with those who were written beside it, ticked unless their letters come back."""
    whole = Pasted(twice=list(form.pasted.twice), respelt=form.pasted.respelt)
    for address in [*addresses, *form.pasted.good]:
        whole.add(address)
    try:
        actions.check_addresses(session, whole.good)
    except Refused as refused:
        form.add_error("addresses", words(refused))
        form.names_lost()
        return reviewing.page(
            request, session, addresses, chosen=form.ticked(), form=form, typed=form.typed()
        )
    known = {address.email for address in addresses}
    fresh = [address for address in whole.good if address.email not in known]
    advised = prospects.review(session, fresh, by=person_of(request)).chosen
    ticked = form.ticked() | {each.address.email for each in advised}
    return reviewing.page(
        request, session, whole.good, chosen=ticked, read=whole, bad=form.bad, typed=form.typed()
    )


routes: list[URLPattern] = [
    path("sessions/<str:code>/people/", people, name="session-people"),
    path("sessions/<str:code>/people/invite/", invite, name="session-invite"),
]
