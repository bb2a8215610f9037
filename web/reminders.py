"""When people are reminded and asked again: the choice, and a button that asks now."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from seminars import saying
from seminars.actions import reminders
from seminars.actions.reminders import Asked
from seminars.errors import Refused
from seminars.models import Session
from seminars.vocabulary import LetterKind
from web.access import asks, person_of, session_of
from web.forms.refusing import words
from web.forms.reminders import RemindersForm
from web.previews import address, kind_of, language_of

CARD = "reminders"


@asks("seminars.write_letters", session_of)
@require_POST
def choose(request: HttpRequest, session: Session, code: str) -> HttpResponse:
    """Ticks can only be wrong where they were tampered with, or the session went on: a sentence is enough."""
    form = RemindersForm(session, request.POST)
    if form.is_valid():
        try:
            reminders.choose(session=session, by=person_of(request), **form.chosen())
            messages.success(request, _("The moments are kept."), extra_tags=CARD)
        except Refused as refused:
            messages.error(request, words(refused), extra_tags=CARD)
    else:
        messages.error(request, _("Choose among the moments shown."), extra_tags=CARD)
    return redirect(_letter_beside(request, session, CARD))


def _letter_beside(request: HttpRequest, session: Session, card: str) -> str:
    """The page of letters with the letter that was chosen on it."""
    kind = kind_of(request.POST.get("kind", LetterKind.INVITATION))
    own = saying.plain(get_language() or "en")
    return address(session, kind, language_of(request.POST.get("language", own)), card)


@asks("seminars.write_message", session_of)
@require_POST
def ask_again(request: HttpRequest, session: Session, code: str) -> HttpResponse:
    """From the page of messages, or beside the letter that asks, which sends its kind along: back to where it was."""
    beside = _letter_beside(request, session, "letter") if "kind" in request.POST else ""
    try:
        done = reminders.ask_again(session=session, by=person_of(request))
    except Refused as refused:
        messages.error(request, words(refused), extra_tags="letter")
    else:
        messages.success(request, asked_words(done), extra_tags="letter")
    return redirect(beside) if beside else redirect("session-message", code=code)


def asked_words(done: Asked) -> str:
    told = ngettext("%(n)s person is asked again.", "%(n)s people are asked again.", done.count)
    left = ngettext(
        "%(n)s person is left out: invited or asked less than a day ago, or wants no such letters.",
        "%(n)s people are left out: invited or asked less than a day ago, or want no such letters.",
        done.left_out,
    )
    said = [told % {"n": done.count}]
    if done.left_out:
        said.append(left % {"n": done.left_out})
    return " ".join(said)


routes = [
    path("sessions/<str:code>/letters/reminders/", choose, name="session-reminders"),
    path("sessions/<str:code>/letters/ask/", ask_again, name="session-ask-again"),
]
