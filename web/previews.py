"""The letters of a session as they would leave now: kind by kind, in each language, with words of the trainer's own."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.messages import get_messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from seminars import saying
from seminars.actions import own_words
from seminars.errors import Refused
from seminars.models import OwnWords, Session
from seminars.moments import now
from seminars.queries import due, undelivered
from seminars.vocabulary import OWN_WORDS, Language, LetterKind, State
from seminars.wording.mail import KINDS
from web import samples
from web.access import asks, person_of, session_of
from web.forms.own_words import OwnWordsForm
from web.forms.refusing import refuse
from web.forms.reminders import RemindersForm
from web.letters import ALONE


@dataclass(frozen=True, slots=True)
class Row:
    """A kind of letter in the list: what it is for, when it leaves."""

    kind: LetterKind
    purpose: str
    leaves: str
    has_own_words: bool


def rows(session: Session) -> list[Row]:
    said = set(session.own_words.values_list("kind", flat=True))
    return [
        Row(kind, str(words.purpose), str(words.leaves), kind in said)
        for kind, words in samples.PURPOSES.items()
        if kind in KINDS
    ]


def kind_of(given: str) -> LetterKind:
    """Raises Http404 for a kind that no letter has."""
    if given not in samples.PURPOSES or given not in KINDS:
        raise Http404
    return LetterKind(given)


def language_of(given: str) -> str:
    if given not in Language.values:
        raise Http404
    return given


def address(session: Session, kind: str, language: str, card: str) -> str:
    """Of the page with this letter chosen, opened at one of its cards: `letter`, `words` or `reminders`."""
    where = reverse("session-letters-preview", args=[session.code])
    return f"{where}?kind={kind}&language={language}#{card}"


def _notices(request: HttpRequest, cards: Collection[str]) -> dict[str, list[Any]]:
    """What was done is said in the card it was done in, where the reader is led; the rest above the page."""
    said: dict[str, list[Any]] = {"page": []} | {card: [] for card in cards}
    for message in get_messages(request):
        said[message.extra_tags if message.extra_tags in cards else "page"].append(message)
    return said


def _unanswered(session: Session) -> due.Unanswered | None:
    """Who could be asked again; None where the session is not to come or nobody is invited."""
    if session.state != State.SCHEDULED or session.starts_at <= now():
        return None
    return due.unanswered(session) if session.invitations.active().exists() else None


def _page(
    request: HttpRequest,
    session: Session,
    kind: LetterKind,
    language: str,
    form: OwnWordsForm | None = None,
) -> HttpResponse:
    own = session.own_words.filter(kind=kind).first()
    if form is None and kind in OWN_WORDS:
        form = OwnWordsForm.showing(own or OwnWords())
    may_say = session.state not in (State.ENDED, State.CANCELLED)
    has_moments = session.state in (State.DRAFT, State.SCHEDULED)
    cards = ["letter", *(["words"] if form else []), *(["reminders"] if has_moments else [])]
    notices = _notices(request, cards)
    context: dict[str, Any] = {
        "session": session,
        "rows": rows(session),
        "kind": kind,
        "language": language,
        "languages": Language.choices,
        "draft": samples.draft(session, kind, language, by=person_of(request)),
        "form": form,
        "reminders_form": RemindersForm(session) if has_moments else None,
        "unanswered": _unanswered(session) if kind == LetterKind.ASKING else None,
        "messages": notices.pop("page"),
        "notices": notices,
        "placeholders": samples.placeholders(),
        "trouble": undelivered.trouble(session),
        "may_write": session.state in (State.SCHEDULED, State.RUNNING),
        "may_say": may_say,
    }
    status = 422 if form is not None and form.errors else 200
    return render(request, "letters_pages/letters.html", context, status=status)


@asks("seminars.see_letters", session_of)
@require_safe
def previews(request: HttpRequest, session: Session, code: str) -> HttpResponse:
    kind = kind_of(request.GET.get("kind", LetterKind.INVITATION))
    own = saying.plain(get_language() or "en")
    return _page(request, session, kind, language_of(request.GET.get("language", own)))


@asks("seminars.see_letters", session_of)
@require_safe
def alone(request: HttpRequest, session: Session, code: str, kind: str, language: str) -> HttpResponse:
    """The HTML of one letter as a page of its own, without script or request, as mail programs show it."""
    draft = samples.draft(session, kind_of(kind), language_of(language), by=person_of(request))
    return HttpResponse(
        draft.html, headers={"Content-Security-Policy": ALONE, "Referrer-Policy": "no-referrer"}
    )


@asks("seminars.write_letters", session_of)
@require_POST
def say(request: HttpRequest, session: Session, code: str, kind: str) -> HttpResponse:
    """Keeps words of the trainer's own; what is refused comes back as it was typed."""
    chosen, language = kind_of(kind), language_of(request.POST.get("language", Language.FRENCH))
    form = OwnWordsForm(request.POST)
    if chosen not in OWN_WORDS:
        raise Http404
    if form.is_valid():
        try:
            said = own_words.say(session=session, by=person_of(request), kind=chosen, texts=form.texts())
        except Refused as refused:
            refuse(form, refused)
        else:
            done = _("Your words are kept. Letters that leave from now on carry them.")
            told = done if said else _("This letter carries no words of yours.")
            messages.success(request, told, extra_tags="words")
            return redirect(address(session, chosen, language, "words"))
    return _page(request, session, chosen, language, form)


routes = [
    path("sessions/<str:code>/letters/preview/", previews, name="session-letters-preview"),
    path(
        "sessions/<str:code>/letters/preview/<str:kind>/<str:language>/", alone, name="session-letter-alone"
    ),
    path("sessions/<str:code>/letters/words/<str:kind>/", say, name="session-own-words"),
]
