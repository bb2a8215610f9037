"""The page of calendar addresses: a person's own, made by name, shown once, revocable; and the public ones."""

from dataclasses import dataclass
from urllib.parse import quote

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from seminars import addresses
from seminars.actions import people
from seminars.errors import Refused
from seminars.models import CalendarKey
from seminars.permissions import Level, allows
from web.access import asker, asks, to_sign_in
from web.forms.calendars import KeyForm
from web.forms.refusing import refuse


@dataclass(frozen=True)
class Subscription:
    """One address, and the ways by which calendar programs take it (ical.md 3: Outlook wants https, Google webcal)."""

    address: str
    name: str
    language: str = ""

    @property
    def webcal(self) -> str:
        return "webcal" + self.address.removeprefix("https").removeprefix("http")

    @property
    def google(self) -> str:
        return f"https://calendar.google.com/calendar/render?cid={quote(self.webcal, safe='')}"

    @property
    def outlook(self) -> str:
        what = f"url={quote(self.address, safe='')}&name={quote(self.name, safe='')}"
        return f"https://outlook.live.com/calendar/0/addfromweb?{what}"

    @property
    def office(self) -> str:
        return self.outlook.replace("outlook.live.com", "outlook.office.com", 1)


def _public() -> list[Subscription]:
    return [
        Subscription(addresses.public_calendar(language), f"Viso {language.upper()}", language)
        for language, _name in settings.LANGUAGES
    ]


def _page(request: HttpRequest, form: KeyForm, fresh: str = "", status: int = 200) -> HttpResponse:
    actor = asker(request)
    may_keep = allows("seminars.keep_calendar", actor)
    found = CalendarKey.objects.filter(person=actor.person, revoked_at=None).order_by("-created_at", "-pk")
    context = {
        "form": form,
        "may_keep": may_keep,
        "fresh": Subscription(addresses.calendar(fresh), "Viso") if fresh else None,
        "keys": found if may_keep else [],
        "zone": actor.person.timezone if actor.person else settings.TIME_ZONE,
        "public": _public(),
    }
    return render(request, "calendars/calendars.html", context, status=status)


@asks("seminars.read_feed")
@require_http_methods(["GET", "HEAD", "POST"])
def calendars(request: HttpRequest) -> HttpResponse:
    """The public addresses for everybody; a POST makes an own one, for whom the table lets."""
    return _make(request) if request.method == "POST" else _page(request, KeyForm())


def _make(request: HttpRequest) -> HttpResponse:
    """The answer to the click shows the address, and nothing else ever does."""
    actor = asker(request)
    if actor.person is None or not allows("seminars.keep_calendar", actor):
        return to_sign_in(request)
    form = KeyForm(request.POST)
    if form.is_valid():
        try:
            is_weak, name = actor.level == Level.INVITED, form.cleaned_data["name"]
            _row, key = people.make_calendar_key(person=actor.person, name=name, is_weak=is_weak)
        except Refused as refused:
            refuse(form, refused)
        else:
            messages.success(request, _("Your calendar address is made. Copy it now: it is shown once."))
            response = _page(request, KeyForm(), key)
            response.headers["Cache-Control"] = "no-store"
            return response
    return _page(request, form, status=422)


def key_of(request: HttpRequest, pk: int) -> CalendarKey | None:
    return CalendarKey.objects.filter(pk=pk).first()


@asks("seminars.revoke_calendar", key_of)
@require_POST
def revoke(request: HttpRequest, key: CalendarKey, pk: int) -> HttpResponse:
    people.revoke(key=key)
    messages.success(
        request, _("“%(name)s” is revoked. Programs that read it find nothing any more.") % {"name": key.name}
    )
    return redirect("calendars")


routes = [
    path("calendar/", calendars, name="calendars"),
    path("calendar/keys/<int:pk>/revoke/", revoke, name="calendar-revoke"),
]
