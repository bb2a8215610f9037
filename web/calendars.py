"""The page of calendar addresses: a person's own, made by name, shown once, revocable; and the public ones."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import translation
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from seminars import addresses, saying
from seminars.actions import people
from seminars.errors import Refused
from seminars.models import CalendarKey
from seminars.moments import now
from seminars.permissions import Level, allows
from seminars.queries import scopes
from web.access import asker, asks, to_sign_in
from web.forms.calendars import KeyForm, lengths
from web.forms.refusing import refuse, words

ENDING = timedelta(days=30)
"""How long before its end an address says so."""
IDLE = timedelta(days=90)


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


@dataclass(frozen=True)
class Line:
    """A key as its owner sees it."""

    key: CalendarKey
    is_over: bool
    is_ending: bool
    is_idle: bool
    asks_to_revoke: bool = False


def _line(key: CalendarKey, present: datetime, asked: str) -> Line:
    """`asked`: the key that the address asks about, as it was given."""
    is_over = scopes.has_expired(key, present)
    is_ending = (
        not is_over and not key.is_weak and key.expires_at is not None and key.expires_at - present <= ENDING
    )
    is_idle = (key.last_used_at or key.created_at) <= present - IDLE
    return Line(key, is_over, is_ending, is_idle and not is_over, asked == str(key.pk))


def _chosen(request: HttpRequest) -> tuple[str, Subscription]:
    """The part of the public programme that the address names, and how it is subscribed to; the whole for what cannot
    be read."""
    reader = saying.plain(get_language() or "")
    given = request.GET.get("in", "")
    language = given if given in dict(settings.LANGUAGES) else reader
    by, _slash, key = request.GET.get("of", "").partition("/")
    part = scopes.of_part(language, by, key) if key.isprintable() else None
    scope = part or scopes.of_everybody(language)
    with translation.override(language):
        name = scopes.title(scope)
    return f"{by}/{key}" if part else "", Subscription(scope.source or "", name, language)


def _groups() -> list[tuple[str, list[tuple[str, str]]]]:
    names = {
        scopes.ACTIVITY: _("Activities"),
        scopes.SIDE: _("Countries"),
        scopes.ORGANISATION: _("Organisations"),
        scopes.KIND: _("Kinds of session"),
    }
    offered = scopes.parts_offered(saying.plain(get_language() or ""))
    return [(names[by], parts) for by, parts in offered if parts]


def _page(request: HttpRequest, form: KeyForm, fresh: str = "", status: int = 200) -> HttpResponse:
    actor, present = asker(request), now()
    may_keep = allows("seminars.keep_calendar", actor)
    found = scopes.keys_of(actor).filter(revoked_at=None).order_by("-created_at", "-pk")
    of, chosen = _chosen(request)
    context = {
        "form": form,
        "may_keep": may_keep,
        "is_weak": may_keep and actor.level == Level.INVITED,
        "fresh": Subscription(addresses.calendar(fresh), "Viso") if fresh else None,
        "lines": [_line(key, present, request.GET.get("revoke", "")) for key in found] if may_keep else [],
        "zone": actor.person.timezone if actor.person else settings.TIME_ZONE,
        "groups": _groups(),
        "of": of,
        "chosen": chosen,
        "languages": settings.LANGUAGES,
        "lengths": lengths(),
        "usual": str(settings.FEED_KEY_DAYS),
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
            is_weak = actor.level == Level.INVITED
            _row, key = people.make_calendar_key(person=actor.person, is_weak=is_weak, **form.wishes())
        except Refused as refused:
            refuse(form, refused)
        else:
            messages.success(request, _("Your calendar address is made. Copy it now: it is shown once."))
            response = _page(request, KeyForm(), key)
            response.headers["Cache-Control"] = "no-store"
            return response
    return _page(request, form, status=422)


def key_of(request: HttpRequest, pk: int) -> CalendarKey | None:
    """One of those in the list; what is made while signed in is, by a letter's link, as absent as another's."""
    return scopes.keys_of(asker(request)).select_related("person").filter(pk=pk).first()


@asks("seminars.revoke_calendar", key_of)
@require_POST
def revoke(request: HttpRequest, key: CalendarKey, pk: int) -> HttpResponse:
    people.revoke(key=key)
    messages.success(
        request, _("“%(name)s” is revoked. Programs that read it find nothing any more.") % {"name": key.name}
    )
    return redirect("calendars")


@asks("seminars.renew_calendar", key_of)
@require_POST
def renew(request: HttpRequest, key: CalendarKey, pk: int) -> HttpResponse:
    """The same address for longer; for how long, its owner says, else as the installation does."""
    given = request.POST.get("lasts", "")
    lasts = int(given) if given in dict(lengths()) else None
    try:
        row = people.renew(key=key, lasts=lasts)
    except Refused as refused:
        messages.warning(request, words(refused))
        return redirect("calendars")
    if row.expires_at is None:
        said = _("“%(name)s” goes on, under the same address.") % {"name": row.name}
    else:
        on = saying.day(row.expires_at, row.person.timezone, get_language() or "en")
        told = _("“%(name)s” goes on until %(day)s, under the same address.")
        said = told % {"name": row.name, "day": on}
    messages.success(request, said)
    return redirect("calendars")


routes = [
    path("calendar/", calendars, name="calendars"),
    path("calendar/keys/<int:pk>/revoke/", revoke, name="calendar-revoke"),
    path("calendar/keys/<int:pk>/renew/", renew, name="calendar-renew"),
]
