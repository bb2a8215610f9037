"""Pages that only inform: help, personal data, accessibility, and the door of the demonstration."""

from itertools import groupby

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_POST, require_safe

from seminars.models import Organisation, Person, TeamMember
from seminars.moments import now
from seminars.vocabulary import HOST_ROLES, PLANNING_ROLES, Country, Role, State
from web.access import asks
from web.entry import begin
from web.purposes import PURPOSES


@asks("seminars.see_demonstration")
@require_safe
def demo(request: HttpRequest) -> HttpResponse:
    """Everybody of the demonstration by side and organisation; first a trainer who has a session now or soon."""
    known = Person.objects.exclude(key=None).filter(is_active=True).select_related("organisation")
    people = sorted(known, key=_place)
    sides = [
        (label, [(host, list(of_it)) for host, of_it in groupby(ours, key=lambda one: one.organisation)])
        for label, ours in ((c.label, [p for p in people if _side(p) == c]) for c in Country)
    ]
    trainer, professional = _suggested()
    context = {"sides": sides, "is_empty": not people, "trainer": trainer, "professional": professional}
    return render(request, "pages/demo.html", context)


def _side(person: Person) -> str:
    return person.organisation.country if person.organisation else person.country


def _place(person: Person) -> tuple[str, str, bool, str]:
    name = person.organisation.name_fr if person.organisation else ""
    return _side(person), name, person.role == Role.PARTICIPANT, person.name


def _suggested() -> tuple[Person | None, Person | None]:
    """Who runs what runs now, or what comes next, and somebody who is invited to it."""
    led = TeamMember.objects.filter(
        role__in=HOST_ROLES, session__state__in=[State.RUNNING, State.SCHEDULED], session__ends_at__gt=now()
    )
    known = led.filter(person__is_active=True, person__key__isnull=False, person__role__in=PLANNING_ROLES)
    # "running" comes before "scheduled" in the alphabet too
    member = known.order_by("session__state", "session__starts_at", "pk").select_related("person").first()
    if member is None:
        return None, None
    invited = Person.objects.filter(
        invitations__session=member.session_id, invitations__withdrawn_at=None, role=Role.PARTICIPANT
    )
    return member.person, invited.exclude(key=None).filter(is_active=True).order_by("pk").first()


@asks("seminars.see_demonstration")
@require_POST
def demo_enter(request: HttpRequest, person_key: str) -> HttpResponse:
    """Without a mail, since this exists in a demonstration only."""
    person = Person.objects.filter(key=person_key, is_active=True).first()
    if person is None:
        raise Http404
    return begin(request, person)


@asks("seminars.read_page")
@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    """After the models of RGAA 4.1 (France) and AgID (Italy)."""
    context = {"contact": settings.CONTACT, "audit": settings.ACCESSIBILITY}
    return render(request, "pages/accessibility.html", context)


@asks("seminars.read_page")
@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """Partners that host sessions are named as joint controllers (GDPR 26)."""
    partners = Organisation.objects.filter(hosted__isnull=False).distinct().order_by("country", "name_fr")
    context = {
        "purposes": PURPOSES,
        "partners": partners,
        "contact": settings.CONTACT,
        "video_host": settings.VIDEO_HOST,
    }
    return render(request, "pages/privacy.html", context)


@asks("seminars.read_page")
@require_safe
def help_(request: HttpRequest) -> HttpResponse:
    return render(request, "pages/help.html", {"minutes": settings.ROOM_OPENS_MINUTES})


routes = [
    path("demo/", demo, name="demo"),
    path("demo/enter/<slug:person_key>/", demo_enter, name="demo-enter"),
    path("accessibility/", accessibility, name="accessibility"),
    path("privacy/", privacy, name="privacy"),
    path("help/", help_, name="help"),
]
