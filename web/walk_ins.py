"""Walk-ins: signing in the room without being on the list, and what a host decides about it."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from seminars import saying
from seminars.actions import walk_ins as actions
from seminars.errors import Refused
from seminars.limits import Limit
from seminars.models import Person, PresenceEvent, Session, WalkIn
from seminars.queries import walk_ins as queries
from web import limits, signing
from web.access import asks, person_of, session_of
from web.forms.refusing import refuse, words
from web.forms.signing import DecideForm, KnownWalkInForm, SignForm, WalkInForm
from web.here import FORMS, MADE, again, become, known, opened, room
from web.posting import answers_form

PRESSES = Limit("walk-in", 60, limits.WINDOW_SECONDS)
"""Of one network: a room shares one."""
WALKED, MOST_HERE = "walked_in", 2
"""Cookie, signed by us: how many new people have walked in by this browser today."""
WALKED_SECONDS = 12 * 3600
COOKIE: dict[str, Any] = {"max_age": WALKED_SECONDS, "httponly": True, "samesite": "Lax"} | {
    "secure": settings.SESSION_COOKIE_SECURE
}


@asks("seminars.sign_here")
@never_cache
@answers_form("here-code")
def walk_in(request: HttpRequest, code: str, room_code: str) -> HttpResponse:
    """Somebody who is not on the list signs, and stays flagged until a host decides."""
    session = opened(request, code, room_code, "walk-in")
    if isinstance(session, HttpResponse):
        return session
    person = known(request)
    answer = again(request, session, room_code)
    if person is None:
        refused = _walks_in(request, session)
        answer.set_signed_cookie(WALKED, str(_walked(request) + 1), **COOKIE)
    elif "walk-key" in request.POST and request.session.get(MADE) == person.code:
        refused = None  # the second press of the form that made her known here
    else:
        refused = _signs_in(request, session, person)
    return refused or answer


def _walked(request: HttpRequest) -> int:
    return int(request.get_signed_cookie(WALKED, default="0", max_age=WALKED_SECONDS) or 0)


def _walks_in(request: HttpRequest, session: Session) -> HttpResponse | None:
    """Whom nobody knows becomes known in this browser as what she said, and may sign on from here."""
    form = WalkInForm(request.POST, prefix="walk")
    if not form.is_valid():
        return room(request, session, walk_in_form=form)
    try:
        if _walked(request) >= MOST_HERE:
            raise Refused("walk_ins_here", most=MOST_HERE)
        if PRESSES.take(limits.network_of(request)):
            raise Refused("too_fast")
        given = form.cleaned_data | {"language": saying.plain(get_language() or "fr")}
        is_hers = str(given["key"]) in request.session.get(FORMS, ())
        made = actions.walk_in(session=session, is_her_form=is_hers, **given)
    except Refused as refused:
        refuse(form, refused)
        return room(request, session, walk_in_form=form)
    become(request, made, is_proved=False)
    messages.success(request, _said())
    return None


def _said() -> str:
    return _("You have signed. Whoever hosts decides whether it counts.")


def _signs_in(request: HttpRequest, session: Session, person: Person) -> HttpResponse | None:
    """Somebody known, under her own name, proved as for any signature."""
    form, more = signing.form_of(request, session, person, mode=False), KnownWalkInForm(request.POST)

    def act(form: SignForm) -> PresenceEvent:
        if person.walk_ins.filter(session=session).exclude(is_confirmed=False).exists():
            raise Refused("signed_already")
        return actions.walk_in_known(session=session, person=person, **more.cleaned_data)

    if more.is_valid() and signing.attempt(request, session, person, form, act, said=_said()):
        return None
    return room(request, session, form=form, known_form=more)


def decisions(session: Session, form: DecideForm | None = None, about: str = "") -> dict[str, Any]:
    """Context of `signing/_walk_ins.html`; `form` comes back with what was typed about the person of code `about`."""
    found = queries.all_of(session)
    lines, rows = lines_of(session, found), dict[bool, list[dict[str, Any]]]({True: [], False: []})
    for number, each in enumerate(found, 1):
        is_about = form is not None and each.person.code == about
        its_form = form if is_about else DecideForm(listed=lines, auto_id=f"%s-{each.person.code}")
        rows[each.is_open].append({"walk_in": each, "number": number, "hours": each.hours, "form": its_form})
    shown = lines if rows[True] else {}
    return {"session": session, "walk_ins": rows[True], "decided_walk_ins": rows[False], "listed": shown}


def lines_of(session: Session, found: list[queries.Walked]) -> dict[str, Person]:
    """Who can be chosen for a walk-in: whom the list has, by what it shows of her; one list for all of them."""
    lines = {f"{one.name}, {one.email}": one for one in queries.invited(session)}
    invited = {one.pk for one in lines.values()}
    for number, each in enumerate(found, 1):
        if each.walk_in.is_confirmed is not False and each.person.pk not in invited:
            facts = {"name": each.person.name, "number": number}
            lines[_("%(name)s, not on the list, number %(number)s") % facts] = each.person
    return lines


def _page(request: HttpRequest, session: Session, **typed: Any) -> HttpResponse:
    form = typed.get("form")
    context = decisions(session, **typed) | {"form": form}
    return render(request, "signing/walk_ins.html", context, status=422 if form and form.errors else 200)


@asks("seminars.decide_walk_in", session_of)
@never_cache
@require_safe
def walk_ins(request: HttpRequest, session: Session, code: str) -> HttpResponse:
    return _page(request, session)


@asks("seminars.decide_walk_in", session_of)
@answers_form("session-walk-ins")
def decide(request: HttpRequest, session: Session, code: str) -> HttpResponse:
    """`decision`: confirm | refuse | merge, of the walk-in whose person `person` names; refuse_ticked, of all
    `ticked`."""
    if request.POST.get("decision") == "refuse_ticked":
        _refuse_ticked(request, session)
        return redirect("session-walk-ins", code)
    named = WalkIn.objects.filter(session=session, person__code=request.POST.get("person", "")[:20])
    found = named.select_related("person").first()
    if found is None:
        raise Http404
    about, lines = found.person.code, lines_of(session, queries.all_of(session))
    form = DecideForm(request.POST, listed=lines, auto_id=f"%s-{about}")
    if form.is_valid():
        try:
            said = _decided(found, person_of(request), request.POST.get("decision", ""), form)
        except Refused as refused:
            refuse(form, refused)
        else:
            messages.success(request, said % {"name": found.person.name})
            return redirect("session-walk-ins", code)
    return _page(request, session, form=form, about=about)


def _refuse_ticked(request: HttpRequest, session: Session) -> None:
    ticked = request.POST.getlist("ticked")
    try:
        done = actions.refuse_all(session=session, by=person_of(request), people=ticked) if ticked else 0
    except Refused as refused:
        messages.warning(request, words(refused))
        return
    if not done:
        messages.info(request, _("Nobody was ticked: nothing has changed."))
        return
    said = ngettext(
        "%(n)s person is taken out of the counts; the sheet lists this apart.",
        "%(n)s people are taken out of the counts; the sheet lists this apart.",
        done,
    )
    messages.success(request, said % {"n": done})


def _decided(walk_in: WalkIn, by: Person, decision: str, form: DecideForm) -> str:
    reason = form.cleaned_data["reason"]
    match decision:
        case "confirm":
            actions.confirm(walk_in=walk_in, by=by)
            return _("Confirmed: %(name)s was here.")
        case "refuse":
            actions.refuse(walk_in=walk_in, by=by, reason=reason)
            return _("%(name)s is taken out of the counts; the sheet lists this apart.")
        case "merge":
            onto = form.chosen()
            if onto is None:
                raise Refused("not_invited_here", field="onto")
            actions.merge(walk_in=walk_in, by=by, onto=onto, reason=reason)
            return _("The signatures of %(name)s are declared for the person you chose.")
    raise Refused("bad_command")


routes = [
    path("here/<str:code>/<str:room_code>/walk-in/", walk_in, name="here-walk-in"),
    path("sessions/<str:code>/walk-ins/", walk_ins, name="session-walk-ins"),
    path("sessions/<str:code>/walk-ins/decide/", decide, name="session-walk-in"),
]
