"""The trainer's desk: everybody and every half-day on one page, one person with all acts on another, the incident."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from seminars.actions import declaring
from seminars.errors import Refused
from seminars.models import Person, Session
from seminars.permissions import allows
from seminars.queries import sealed, sheets
from seminars.queries.sheets import Part, Row, Sheet
from seminars.vocabulary import State
from web import deskacts, deskwords, walk_ins
from web.access import asker, asks, person_of, session_of
from web.deskacts import Offered
from web.deskwords import Standing
from web.forms.desk import IncidentForm
from web.forms.refusing import refuse


@dataclass(frozen=True, slots=True)
class Line:
    """One person of the desk: her half-days with what each stands at."""

    row: Row
    cells: list[tuple[Part, Standing]]

    @property
    def is_open(self) -> bool:
        return any(standing.is_open for _part, standing in self.cells)


@asks("seminars.declare_presence", session_of)
@require_safe
def desk(request: HttpRequest, session: Session, code: str) -> HttpResponse:
    """People and half-days; `?show=open` leaves those of whom something is still to be said."""
    whole = _sheet(session)
    context = {
        "sheet": whole,
        "half_days": [deskwords.half_day(slot, whole.slots, session.timezone) for slot in whole.slots],
        "takes_facts": deskacts.is_open(session),
        "may_seal": _may_seal(request, session),
        "version": _version(session),
        **_people(whole, only_open=request.GET.get("show") == "open"),
        **walk_ins.decisions(session),
    }
    return render(request, "desk/desk.html", context)


def _may_seal(request: HttpRequest, session: Session) -> bool:
    """Where something is left to seal: nothing is yet, or something has changed since."""
    if session.state != State.ENDED or session.condensed_at is not None:
        return False
    before = sealed.latest(session)
    is_fresh = before is None or sealed.is_changed(before)
    return is_fresh and allows("seminars.seal_sheet", asker(request), session)


def _sheet(session: Session) -> Sheet:
    """As the ledger stands; once its events are gone, as it was sealed."""
    return sealed.sheet_of(session) if session.condensed_at else sheets.sheet(session)


def _people(whole: Sheet, *, only_open: bool) -> dict[str, Any]:
    lines = [_line(whole, row) for row in whole.rows]
    open_ = [line for line in lines if line.is_open]
    return {
        "lines": open_ if only_open else lines,
        "open_count": len(open_),
        "open_words": deskwords.open_words(len(open_)),
        "only_open": only_open,
    }


def _version(session: Session) -> int:
    """Of the last seal; 0 where there is none."""
    before = sealed.latest(session)
    return before.version if before else 0


def _line(sheet: Sheet, row: Row) -> Line:
    zone = sheet.session.timezone
    return Line(row, [(part, deskwords.standing(part, row, zone)) for part in row.parts])


@asks("seminars.declare_presence", session_of)
@require_http_methods(["GET", "HEAD", "POST"])
def person(request: HttpRequest, session: Session, code: str, person_code: str) -> HttpResponse:
    """One person: each half-day, what may be done about it, and everything that the ledger holds of her."""
    whole = _sheet(session)
    row = next((row for row in (*whole.rows, *whole.withdrawn) if row.person.code == person_code), None)
    if row is None:
        raise Http404
    sent = request.POST if request.method == "POST" else None
    cards = [_card(session, whole, row, part, sent) for part in row.parts]
    chosen = next((each for card in cards for each in card["offers"] if each.is_here), None)
    if sent is not None and chosen is None and (lost := _unkept(sent)):
        context = _person(session, row) | {"cards": cards, "lost": lost}
        return render(request, "desk/person.html", context, status=422)
    if sent is not None and _done(request, session, row, chosen):
        return redirect("session-desk-person", code, person_code)
    failed = chosen.form if chosen and chosen.form.errors else None
    context = _person(session, row) | {"cards": cards, "failed": failed}
    return render(request, "desk/person.html", context, status=422 if failed else 200)


def _unkept(sent: Any) -> str:
    """The reason written for an act that fits no longer: nobody writes it twice."""
    name = f"{sent.get('act', '')}-reason"
    return str(sent.get(name, "")).strip()[: declaring.LONGEST_REASON]


def _person(session: Session, row: Row) -> dict[str, Any]:
    return {
        "session": session,
        "row": row,
        "role": deskwords.role_words(row),
        "told": deskwords.told(session, row.person.pk),
        "version": _version(session),
    }


def _card(session: Session, sheet: Sheet, row: Row, part: Part, sent: Any) -> dict[str, Any]:
    is_open = deskacts.is_open(session)
    return {
        "part": part,
        "name": deskwords.half_day(part.slot, sheet.slots, session.timezone),
        "standing": deskwords.standing(part, row, session.timezone),
        "of_which": deskwords.of_which(part),
        "offers": list(deskacts.offered(session, row, part, sent)) if is_open else [],
    }


def _done(request: HttpRequest, session: Session, row: Row, chosen: Offered | None) -> bool:
    """Whether the act was done, or is on offer no longer: then the page is shown as it is now."""
    if chosen is None or not allows(chosen.act.permission, asker(request), session):
        messages.warning(request, _("Meanwhile this half-day has changed. Nothing was kept: look again."))
        return True
    if not chosen.form.is_valid():
        return False
    try:
        deskacts.run(chosen, session, Person.objects.get(pk=row.person.pk), person_of(request))
    except Refused as refused:
        refuse(chosen.form, refused)
        return False
    messages.success(request, str(chosen.act.done))
    return True


@asks("seminars.declare_presence", session_of)
@require_http_methods(["GET", "HEAD", "POST"])
def incident(request: HttpRequest, session: Session, code: str) -> HttpResponse:
    """What failed in the video, and whose minutes the trainer declares for it (domain ATT-15)."""
    whole = _sheet(session)
    sent = request.POST if request.method == "POST" else None
    form = IncidentForm(
        sent,
        slots=deskwords.half_days(whole),
        zone=session.timezone,
        people=[(row.person.code, row.person.name) for row in whole.rows],
        initial={"incident": session.incident},
    )
    if sent is not None and form.is_valid() and _noted(request, session, form):
        return redirect("session-desk", code)
    context = {"session": session, "form": form, "takes_facts": deskacts.is_open(session)}
    return render(request, "desk/incident.html", context, status=422 if form.errors else 200)


def _noted(request: HttpRequest, session: Session, form: IncidentForm) -> bool:
    given = form.cleaned_data
    try:
        count = declaring.note_incident(
            session=session,
            by=person_of(request),
            incident=given["incident"],
            people=Person.objects.filter(code__in=given["people"]),
            slot_number=given["slot"],
            times=form.times,
        )
    except Refused as refused:
        refuse(form, refused)
        return False
    told = ngettext(
        "The incident is kept, and the minutes of %(n)s person are declared.",
        "The incident is kept, and the minutes of %(n)s people are declared.",
        count,
    )
    messages.success(
        request, told % {"n": count} if count else _("The incident is kept: the sheet prints it.")
    )
    return True


routes: list[URLPattern] = [
    path("sessions/<str:code>/desk/", desk, name="session-desk"),
    path("sessions/<str:code>/desk/<str:person_code>/", person, name="session-desk-person"),
    path("sessions/<str:code>/incident/", incident, name="session-incident"),
]
