"""The first page of whoever is known: what runs now, what comes next, one button each."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from seminars import moments, saying
from seminars.actions import answers
from seminars.errors import Refused
from seminars.models import Invitation, Person
from seminars.permissions import Level
from seminars.queries.day import Day, Entry, day_of
from seminars.vocabulary import Answer
from web import errors, programme, receipts
from web.access import asker, asks, person_of, safe_next
from web.forms.answers import sequence
from web.forms.refusing import words

SOON = 90
"""Minutes before the start from which a session says how soon it is."""
EVENING = 18
MOST_ANSWERS = 12


def own_invitation(request: HttpRequest, code: str) -> Invitation | None:
    """The invitation of whoever asks to the session of a path."""
    mine = Invitation.objects.active().filter(session__code=code, person=asker(request).person)
    return mine.select_related("session", "person").first()


@asks("seminars.see_programme")
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The programme for everybody; whoever is known finds her own day instead."""
    return redirect("today") if asker(request) else programme.page(request)


@asks("seminars.see_today")
@require_safe
def today(request: HttpRequest) -> HttpResponse:
    person = person_of(request)
    day = day_of(person, as_host=asker(request).level == Level.FULL)
    first = next((entry for entry in day.focus if entry.is_pressing), None)
    signs = receipts.due_words(person)
    context = {
        "day": day,
        "person": person,
        "greeting": _greeting(day, person),
        "lead": _lead(day, day.waiting + len(signs)),
        "now": [_row(entry, first) for entry in day.now],
        "next": [_row(entry, first) for entry in day.next],
        "week": [(on, [_row(entry) for entry in entries]) for on, entries in day.week],
        "answers": [_row(entry) for entry in day.answers[:MOST_ANSWERS]],
        "more_answers": max(0, len(day.answers) - MOST_ANSWERS),
        "is_led": first is not None,
        "signs": signs,
    }
    return render(request, "today/today.html", context)


@asks("seminars.answer_invitation", own_invitation)
@require_POST
def answer(request: HttpRequest, invitation: Invitation, code: str) -> HttpResponse:
    """Yes, perhaps or no to one's own invitation, from the page of the day."""
    said = request.POST.get("answer", "")
    if said not in (Answer.YES, Answer.MAYBE, Answer.NO):
        return errors.bad_request(request)
    try:
        shown = sequence(request.POST.get("shown", ""))
        answers.answer(invitation=invitation, answer=Answer(said), shown=shown)
    except Refused as refused:
        messages.warning(request, words(refused))
    else:
        messages.success(request, _noted(said))
    return redirect(safe_next(request, "/today/"))


def _noted(said: str) -> str:
    if said == Answer.YES:
        return _("Noted: you are coming. Your calendar is up to date.")
    if said == Answer.MAYBE:
        return _("Noted: perhaps. You can still change it until the start.")
    return _("Noted: you are not coming. You can still change it until the start.")


def _greeting(day: Day, person: Person) -> str:
    first_name = {"name": person.name.partition(" ")[0]}
    if moments.local(day.present, person.timezone).hour >= EVENING:
        return _("Good evening, %(name)s") % first_name
    return _("Hello, %(name)s") % first_name


def _lead(day: Day, waiting: int) -> str:
    """What waits for her; else what runs and what comes; nothing only where neither is."""
    if waiting:
        return ngettext(
            "%(n)s thing waits for you. The rest is in order.",
            "%(n)s things wait for you. The rest is in order.",
            waiting,
        ) % {"n": waiting}
    coming = next(iter(day.next), None)
    if day.now:
        if coming is None or not coming.is_on_day:
            return _("A session is running.")
        return _("A session is running, the next at %(hour)s.") % {"hour": _hour(coming)}
    if coming is None:
        return _("Nothing waits for you.")
    if coming.is_on_day:
        return _("Your next session: today %(hour)s.") % {"hour": _hour(coming)}
    on = saying.day_of_month(coming.session.starts_at, coming.session.timezone, get_language() or "en")
    return _("Your next session: %(day)s, %(hour)s.") % {"day": on, "hour": _hour(coming)}


def _hour(entry: Entry) -> str:
    return saying.hour(entry.session.starts_at, entry.session.timezone, get_language() or "en")


def _row(entry: Entry, first: Entry | None = None) -> dict[str, Any]:
    """What a template shows of an entry: its chip, and what stands at its end."""
    chip, tone = _chip(entry)
    return {
        "entry": entry,
        "session": entry.session,
        "is_first": entry is first,
        "chip": chip,
        "tone": tone,
        "end": _tally(entry) if entry.is_host else "",
    }


def _chip(entry: Entry) -> tuple[str, str]:
    left = entry.minutes_to_start
    if entry.session.state == "scheduled" and 0 < left <= SOON:
        return ngettext("in %(n)s minute", "in %(n)s minutes", left) % {"n": left}, "now"
    if entry.is_late:
        return _("past its end"), "care"
    if entry.is_clashing:
        return _("at the same hour as another"), "care"
    is_over = entry.session.state in ("cancelled", "ended")
    if entry.invitation is None or entry.is_host or is_over or (entry.is_signed and not entry.answer):
        return "", ""
    said = {
        Answer.YES: (_("you are coming"), "good"),
        Answer.MAYBE: (_("perhaps"), ""),
        Answer.NO: (_("you are not coming"), ""),
    }
    return said.get(Answer(entry.invitation.answer), (_("your answer is awaited"), "care"))


def _tally(entry: Entry) -> str:
    """17 yes, 1 no, 2 without an answer: what is zero is not said."""
    counts = entry.tally
    said = [
        (counts.get(Answer.YES, 0), _("%(n)s yes")),
        (counts.get(Answer.MAYBE, 0), _("%(n)s perhaps")),
        (counts.get(Answer.NO, 0), _("%(n)s no")),
        (counts.get(Answer.NONE, 0), _("%(n)s without an answer")),
    ]
    return ", ".join(text % {"n": count} for count, text in said if count)


routes = [
    path("", home, name="home"),
    path("today/", today, name="today"),
    path("sessions/<str:code>/answer/", answer, name="answer"),
]
