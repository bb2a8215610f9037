"""A person's own settings, her tokens for scripts, and the language and look of her browser."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from seminars.actions import people
from seminars.errors import Refused
from seminars.models import ApiToken
from seminars.queries import stopping
from web import entry
from web.access import asks, person_of, safe_next
from web.forms.account import LookForm, PreferenceForm, TokenForm
from web.forms.refusing import refuse
from web.language import COOKIE, PROFILE

LOOK = "look"
YEAR = 365 * 24 * 3600


def token_of(request: HttpRequest, pk: int) -> ApiToken | None:
    return ApiToken.objects.filter(pk=pk).first()


def _page(request: HttpRequest, status: int = 200, **more: Any) -> HttpResponse:
    person = person_of(request)
    look = request.COOKIES.get(LOOK, "device")
    preferences = {"name": person.name, "language": person.language, "timezone": person.timezone}
    context = {
        "person": person,
        "form": PreferenceForm(initial=preferences),
        "token_form": TokenForm(prefix="token"),
        "look_form": LookForm(initial={"look": look if look in ("light", "dark") else "device"}),
        "stopped": stopping.stopped(person),
        "tokens": person.api_tokens.filter(revoked_at=None).order_by("-created_at"),
    } | more
    return render(request, "account/account.html", context, status=status)


def keep(response: HttpResponse, name: str, value: str) -> None:
    """A choice of this browser, for a year."""
    response.set_cookie(
        name, value, max_age=YEAR, httponly=True, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE
    )


@asks("seminars.keep_account")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def account(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _page(request)
    form = PreferenceForm(request.POST)
    if not form.is_valid():
        return _page(request, form=form, status=422)
    try:
        person = people.settle_preferences(person=person_of(request), **form.cleaned_data)
    except Refused as refused:
        refuse(form, refused)
        return _page(request, form=form, status=422)
    request.session[PROFILE] = person.language
    with translation.override(person.language):
        messages.success(request, _("Kept. Your pages and letters follow."))
    response = redirect("account")
    keep(response, COOKIE, person.language)
    return response


@asks("seminars.keep_token")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def token_make(request: HttpRequest) -> HttpResponse:
    """The answer to the click shows the key, and nothing else ever does; looking leads to the page."""
    if request.method != "POST":
        return redirect(f"{reverse('account')}#tokens")
    form = TokenForm(request.POST, prefix="token")
    if form.is_valid():
        try:
            _row, key = people.make_api_token(person=person_of(request), **form.cleaned_data)
        except Refused as refused:
            refuse(form, refused)
        else:
            return _page(request, new_token=key)
    return _page(request, token_form=form, status=422)


@asks("seminars.revoke_key", token_of)
@require_POST
def token_revoke(request: HttpRequest, token: ApiToken, pk: int) -> HttpResponse:
    people.revoke(key=token)
    messages.success(request, _("“%(name)s” opens nothing any more.") % {"name": token.name})
    return redirect("account")


@asks("seminars.choose_language")
@require_POST
def language(request: HttpRequest) -> HttpResponse:
    response = redirect(safe_next(request, reverse("home")))
    chosen = request.POST.get("language", "")
    if chosen in dict(settings.LANGUAGES):
        keep(response, COOKIE, chosen)
    return response


@asks("seminars.choose_language")
@require_POST
def look(request: HttpRequest) -> HttpResponse:
    """Light, dark, or as the device has it, which needs no cookie."""
    response = redirect(safe_next(request, reverse("home")))
    chosen = request.POST.get("look", "")
    if chosen in ("light", "dark"):
        keep(response, LOOK, chosen)
    elif chosen == "device":
        response.delete_cookie(LOOK, samesite="Lax")
    return response


routes = [
    *entry.routes,
    path("account/", account, name="account"),
    path("account/tokens/", token_make, name="token-make"),
    path("account/tokens/<int:pk>/revoke/", token_revoke, name="token-revoke"),
    path("language/", language, name="language"),
    path("look/", look, name="look"),
]
