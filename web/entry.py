"""Entering by a link or a number from a mail, and leaving. GET never uses anything up."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from seminars.actions import people
from seminars.errors import Refused
from seminars.models import Person
from seminars.permissions import Level
from web import errors, idle, limits
from web.access import asker, asks, enter, safe_next
from web.forms.account import AddressForm, NumberForm
from web.forms.refusing import refuse
from web.posting import answers_form

WAITING = "sign_in"
"""Key in the session of whoever has asked for a mail: the address she wrote, and where she was going."""


def begin(request: HttpRequest, person: Person) -> HttpResponse:
    """Signs a person in and leads her where she was going."""
    waiting = request.session.pop(WAITING, None) or {}
    enter(request, person, invited=False)
    return redirect(waiting.get("next") or "today")


@asks("seminars.sign_in")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """The form for an address; the answer is the same whether it is known or not."""
    if request.method == "POST":
        return _ask(request)
    if asker(request).level == Level.FULL:
        return redirect(safe_next(request, reverse("today")))
    if request.GET.get("sent") and WAITING in request.session:
        return _show_number(request, NumberForm())
    return render(request, "account/sign-in.html", {"form": AddressForm(), "next": safe_next(request, "")})


def _ask(request: HttpRequest) -> HttpResponse:
    if len(request.POST.getlist("email")) != 1:
        return errors.bad_request(request)
    if wait := limits.wait(request, limits.MAILS):
        return errors.too_often(request, wait)
    form = AddressForm(request.POST)
    if not form.is_valid():
        context = {"form": form, "next": safe_next(request, "")}
        return render(request, "account/sign-in.html", context, status=422)
    limits.count(request, limits.MAILS)
    people.ask_link(email=form.cleaned_data["email"])
    request.session[WAITING] = {"email": form.cleaned_data["email"], "next": safe_next(request, "")}
    return redirect(f"{reverse('sign-in')}?sent=1")


def _show_number(request: HttpRequest, form: NumberForm, status: int = 200) -> HttpResponse:
    context = {"form": form, "email": request.session[WAITING]["email"]}
    return render(request, "account/number.html", context, status=status)


@asks("seminars.sign_in")
@never_cache
@answers_form("sign-in", "?sent=1")
def sign_in_number(request: HttpRequest) -> HttpResponse:
    """Six digits for the address this browser asked a mail for."""
    if WAITING not in request.session:
        return redirect("sign-in")
    if wait := limits.wait(request):
        return errors.too_often(request, wait)
    form = NumberForm(request.POST)
    if form.is_valid():
        email, number = request.session[WAITING]["email"], form.cleaned_data["number"]
        try:
            return begin(request, people.enter_by_number(email=email, number=number))
        except Refused as refused:
            limits.count(request)
            refuse(form, refused)
    return _show_number(request, form, status=422)


@asks("seminars.sign_in")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in_link(request: HttpRequest, token: str) -> HttpResponse:
    """Looking shows one button, which mail scanners do not press; pressing it uses the link, once."""
    if request.method == "POST":
        return _use(request, token)
    link = people.find_link(token)
    if link is None:
        return errors.gone(request)
    return render(request, "account/link.html", {"person": link.person, "token": token})


def _use(request: HttpRequest, token: str) -> HttpResponse:
    if wait := limits.wait(request):
        return errors.too_often(request, wait)
    try:
        return begin(request, people.enter_by_link(token=token))
    except Refused:
        limits.count(request)
        return errors.gone(request)


@asks("seminars.sign_in")
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    idle.leave(request)
    messages.success(request, _("You are signed out."))
    return redirect(safe_next(request, reverse("home")))


routes = [
    path("sign-in/", sign_in, name="sign-in"),
    path("sign-in/number/", sign_in_number, name="sign-in-number"),
    path("sign-in/<str:token>/", sign_in_link, name="sign-in-link"),
    path("sign-out/", sign_out, name="sign-out"),
]
