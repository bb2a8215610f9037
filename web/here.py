"""In the room: the code on the wall opens a page where whoever is there comes, signs and goes, signed in or not.

Who is known in this browser signs under her own name; who is not says who she is by her mail address, or walks in and
waits for a host to say that she was there. The code is the proof of the place, never of the person.
"""

import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import get_language, gettext_noop
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from seminars import saying
from seminars.actions import people, room_codes
from seminars.actions import signing as actions
from seminars.errors import Refused
from seminars.limits import Limit
from seminars.models import Person, PresenceEvent, Session
from seminars.queries import signing as queries
from seminars.vocabulary import Hand, Mode
from web import doors, errors, limits, proving, receipts, signing
from web.access import asker, asks, enter
from web.forms.refusing import refuse, words
from web.forms.signing import AddressForm, KnownWalkInForm, NumberForm, RoomCodeForm, SignForm, WalkInForm

MOVES = Limit("come-or-go", 12, 600)
"""Of one person in one session."""
MAILED, MADE, FORMS = "here_mail", "here_made", "here_forms"
"""Keys of the browser's session: the address that a number was asked for; who became known by walking in here; the
forms for walking in that it was given."""
MOST_FORMS = 8


@asks("seminars.sign_here")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def here(request: HttpRequest, code: str = "") -> HttpResponse:
    if request.method != "POST":
        return doors.page(request, code)
    form = RoomCodeForm(request.POST)
    if not form.is_valid():
        return doors.page(request, code, form)
    typed = form.cleaned_data["room_code"]
    session = doors.tried(request, code, typed)
    if isinstance(session, HttpResponse):
        return session
    return redirect("here-code", session.code, room_codes.plain(typed))


def opened(request: HttpRequest, code: str, room_code: str, act: str = "") -> Session | HttpResponse:
    """Through the room's door; where only the code is old, the form `act` comes back with a place for the new one."""
    return doors.opened(request, code, room_code, lambda session: _asks_code(request, session, act))


def _asks_code(request: HttpRequest, session: Session, act: str) -> HttpResponse | None:
    form = doors.wrong(request.POST.get("room_code", "") or _shown_code(request))
    context = _context(request, session, act) | {"code_form": form, "code_for": act}
    if act not in _offered(context):
        return None
    return render(request, "signing/room.html", context, status=422)


@asks("seminars.sign_here")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def here_code(request: HttpRequest, code: str, room_code: str) -> HttpResponse:
    """Whoever is here: known, she comes, signs and goes; unknown, she says who she is."""
    named = request.POST.get("act", "") if request.method == "POST" else ""
    session = opened(request, code, room_code, named)
    if isinstance(session, HttpResponse):
        return session
    act = ACTS.get(named)
    if act is not None:
        return act(request, session) or again(request, session, room_code)
    return room(request, session)


def again(request: HttpRequest, session: Session, room_code: str) -> HttpResponse:
    given = room_codes.plain(request.POST.get("room_code", "")) or room_codes.plain(room_code)
    return redirect("here-code", session.code, given or "-")


def become(request: HttpRequest, person: Person, *, is_proved: bool) -> None:
    """She is known here as by a link; the code that this browser brought stays as old as it is. `is_proved` by a number
    from her mail; else she is whoever walked in here."""
    kept = request.session.get(doors.HERE)
    enter(request, person, invited=True)
    request.session[doors.HERE] = kept
    if is_proved:
        proving.note(request.session)
    else:
        request.session[MADE] = person.code


def walked_in_here(request: HttpRequest, person: Person) -> bool:
    """Whether this browser made her by walking in, and no mail reaches her: then the room's code is all there is to
    prove, and her host decides what it is worth."""
    return request.session.get(MADE) == person.code and not proving.has_mail(person)


def _shown_code(request: HttpRequest) -> str:
    """The code of the address, never a newer one: it would keep the door open for whoever has gone."""
    found = request.resolver_match.kwargs.get("room_code", "") if request.resolver_match else ""
    return room_codes.plain(str(found)) or "-"


def known(request: HttpRequest) -> Person | None:
    actor = asker(request)
    return actor.person if actor else None


def room(request: HttpRequest, session: Session, **typed: Form) -> HttpResponse:
    failed = any(form.errors for form in typed.values())
    context = _context(request, session) | typed
    return render(request, "signing/room.html", context, status=422 if failed else 200)


def _context(request: HttpRequest, session: Session, act: str = "") -> dict[str, Any]:
    """Of the page; `act` names the form that keeps what was typed."""
    person = known(request)
    context = {"session": session, "person": person, "is_on_site": session.mode != Mode.ONLINE}
    context |= _of_known(request, session, person, act) if person else _of_unknown(request, act)
    return context | {"here_path": request.path, "room_code": _shown_code(request)}


def _offered(context: dict[str, Any]) -> set[str]:
    """The forms of a page."""
    if context["person"] is None:
        mail = {"number", "forget"} if context["mailed"] else {"mail"}
        return mail | ({"walk-in"} if context["is_on_site"] else set())
    if context["lines"]:
        return ({"in", "out"} if context["is_on_site"] else set()) | ({"sign"} if context["open"] else set())
    return {"walk-in"} if context["is_on_site"] and not context["is_decided"] else set()


def _of_known(request: HttpRequest, session: Session, person: Person, act: str) -> dict[str, Any]:
    hand = queries.hand_of(session, person)
    lines = receipts.lines(session, person, hand) if hand else []
    may_sign = hand == Hand.PARTICIPANT and session.mode != Mode.ONLINE
    is_typed = act in ("sign", "walk-in")
    return {
        "hand": hand,
        "is_countersigning": hand not in (None, Hand.PARTICIPANT),
        "lines": lines,
        "open": [line for line in lines if line.place.is_open] if may_sign else [],
        "is_here": any(line.place.is_here for line in lines),
        "is_signed": any(line.receipt for line in lines),
        "may_go": any(line.place.may_go for line in lines),
        "form": signing.form_of(request, session, person, mode=False, is_typed=is_typed),
        "is_proved": proving.is_fresh(request, person) or walked_in_here(request, person),
        "known_form": KnownWalkInForm(request.POST if act == "walk-in" else None),
        "is_decided": person.walk_ins.filter(session=session).exists() and hand is None,
        "not_on_site": words(Refused("not_on_site")),
    }


def _of_unknown(request: HttpRequest, act: str) -> dict[str, Any]:
    typed = {act: request.POST}
    return {
        "mailed": request.session.get(MAILED, ""),
        "address_form": AddressForm(typed.get("mail"), prefix="mail"),
        "number_form": NumberForm(typed.get("number"), prefix="mail"),
        "walk_in_form": WalkInForm(typed.get("walk-in"), prefix="walk", initial={"key": _new_form(request)}),
    }


def _new_form(request: HttpRequest) -> str:
    """The key of one more form for walking in: whoever sends it back from another browser becomes nobody by it."""
    key = str(uuid.uuid4())
    request.session[FORMS] = [*request.session.get(FORMS, []), key][-MOST_FORMS:]
    return key


def _sign(request: HttpRequest, session: Session) -> HttpResponse | None:
    """One click with the name typed, as on her own page. Of whom nothing but a walk-in here is known the code is the
    proof, and the ledger says so."""
    person = known(request)
    if person is None:
        return None
    form, is_walk_in = signing.form_of(request, session, person, mode=False), walked_in_here(request, person)

    def act(form: SignForm) -> PresenceEvent:
        given = {"slot_number": form.slot_number, "name": form.cleaned_data["name"]}
        by = "walk_in" if is_walk_in else "code"
        return actions.sign(session=session, person=person, by=by, **given)

    said = signing.thanks()
    if not signing.attempt(request, session, person, form, act, said=said, is_proved=is_walk_in):
        return room(request, session, form=form)
    return None


def _moved(act: Callable[..., PresenceEvent | None], said: str) -> Callable[..., HttpResponse | None]:
    """Coming or going: one press, said back with its hour."""

    def move(request: HttpRequest, session: Session) -> HttpResponse | None:
        person = known(request)
        if person is None:
            return None
        try:
            if MOVES.take(f"{session.pk}-{person.pk}"):
                raise Refused("too_fast")
            event = act(session=session, person=person)
        except Refused as refused:
            messages.warning(request, words(refused))
            return None
        if event is not None:
            hour = saying.hour(event.at, session.timezone, get_language() or "en")
            messages.success(request, _(said) % {"hour": hour})
        return None

    return move


def _mail(request: HttpRequest, session: Session) -> HttpResponse | None:
    """The answer is the same whether the address is known or not."""
    form = AddressForm(request.POST, prefix="mail")
    if not form.is_valid():
        return room(request, session, address_form=form)
    if wait := limits.wait(request, limits.MAILS):
        return errors.too_often(request, wait)
    limits.count(request, limits.MAILS)
    people.ask_link(email=form.cleaned_data["email"])
    request.session[MAILED] = form.cleaned_data["email"]
    return None


def _number(request: HttpRequest, session: Session) -> HttpResponse | None:
    """Her number makes her known here as by a link: enough to sign for herself, not to host."""
    form, email = NumberForm(request.POST, prefix="mail"), request.session.get(MAILED, "")
    if wait := limits.wait(request):
        return errors.too_often(request, wait)
    if not email or not form.is_valid():
        return room(request, session, number_form=form)
    try:
        person = people.enter_by_number(email=email, number=form.cleaned_data["number"])
    except Refused as refused:
        limits.count(request)
        refuse(form, refused)
        return room(request, session, number_form=form)
    become(request, person, is_proved=True)
    request.session.pop(MAILED, None)
    return None


def _forget(request: HttpRequest, session: Session) -> HttpResponse | None:
    """Another address."""
    request.session.pop(MAILED, None)
    return None


ACTS: dict[str, Callable[..., HttpResponse | None]] = {
    "sign": _sign,
    "in": _moved(actions.check_in, gettext_noop("You have come at %(hour)s.")),
    "out": _moved(actions.check_out, gettext_noop("You have gone at %(hour)s.")),
    "mail": _mail,
    "number": _number,
    "forget": _forget,
}

routes = [
    path("here/", here, name="here-any"),
    path("here/<str:code>/", here, name="here"),
    path("here/<str:code>/<str:room_code>/", here_code, name="here-code"),
]
