"""A word to the people of a session; letters that did not arrive; the demonstration's mailbox."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.contrib import messages
from django.db.models import Count, Min
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from seminars.actions import letters
from seminars.errors import Refused
from seminars.models import Message, Person, Session
from seminars.moments import now
from seminars.queries import due, undelivered
from seminars.vocabulary import Audience, LetterKind, LetterState, State
from web import mailbox as box
from web.access import asks, person_of, session_of
from web.forms.letters import MessageForm
from web.forms.refusing import refuse

ALONE = (
    "sandbox allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation; "
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""A letter's HTML as a page of its own: its styles, no script, no request, an origin that is nobody's."""


def _way_back(session: Session) -> str:
    """Whoever writes during a session is hosting it."""
    return "session-host" if session.state == State.RUNNING else "session"


@dataclass(frozen=True, slots=True)
class Waiting:
    """Letters about changes of words that a message takes along; `first` is when they would leave by themselves."""

    count: int
    first: datetime | None


def _waiting(session: Session) -> Waiting:
    waiting = session.letters.filter(
        kind=LetterKind.UPDATE, state=LetterState.PENDING, owner="", attempts=0, next_at__gt=now()
    )
    hers = waiting.filter(invitation__in=letters.readers(session))
    return Waiting(**hers.aggregate(count=Count("pk"), first=Min("next_at")))


def _message_page(
    request: HttpRequest, session: Session, form: MessageForm, status: int = 200
) -> HttpResponse:
    is_coming = session.state == State.SCHEDULED and session.starts_at > now()
    context = {
        "session": session,
        "back": reverse(_way_back(session), args=[session.code]),
        "form": form,
        "has_readers": any(form.counts.values()),
        "waiting": _waiting(session),
        "unanswered": due.unanswered(session) if is_coming else None,
        "written": session.messages.select_related("author").order_by("-at", "-pk")[:5],
    }
    return render(request, "letters_pages/message.html", context, status=status)


@asks("seminars.write_message", session_of)
@require_http_methods(["GET", "HEAD", "POST"])
def message(request: HttpRequest, session: Session, code: str) -> HttpResponse:
    form = MessageForm(letters.reached(session), request.POST or None)
    if request.method != "POST":
        return _message_page(request, session, form)
    if form.is_valid():
        before = _waiting(session).count
        try:
            written = letters.publish(session=session, by=person_of(request), **form.cleaned_data)
        except Refused as refused:
            refuse(form, refused)
        else:
            messages.success(request, _told(written, before - _waiting(session).count))
            return redirect(_way_back(session), code=code)
    return _message_page(request, session, form, status=422)


def _told(written: Message, released: int) -> str:
    count = written.letters.count()
    words = ngettext(
        "Written. %(count)s letter is on its way; open rooms show it now.",
        "Written. %(count)s letters are on their way; open rooms show it now.",
        count,
    )
    if written.audience != Audience.EVERYBODY:
        words = ngettext(
            "Written. %(count)s letter is on its way.", "Written. %(count)s letters are on their way.", count
        )
    along = ngettext(
        "%(n)s letter about your last changes leaves with the message.",
        "%(n)s letters about your last changes leave with the message.",
        released,
    )
    said = words % {"count": count}
    return f"{said} {along % {'n': released}}" if released else said


@asks("seminars.invite_person", session_of)
@require_safe
def missed(request: HttpRequest, session: Session, code: str) -> HttpResponse:
    """Whom no letter reached, and why, with a button to send again."""
    found = undelivered.undelivered(session)
    context = {
        "session": session,
        "letters": found,
        "are_refused": all(letter.is_refused for letter in found),
        "late": undelivered.late(session),
    }
    return render(request, "letters_pages/undelivered.html", context)


@asks("seminars.invite_person", session_of)
@require_POST
def again(request: HttpRequest, session: Session, code: str) -> HttpResponse:
    """All that did not arrive, or what did not arrive at one person."""
    person = None
    if wanted := request.POST.get("person"):
        known = Person.objects.filter(invitations__session=session)
        person = known.filter(code=wanted).first() if wanted.isalnum() else None
        if person is None:
            raise Http404
    count = letters.retry(session=session, by=person_of(request), person=person)
    words = ngettext("%(n)s letter is leaving again.", "%(n)s letters are leaving again.", count)
    messages.success(request, words % {"n": count} if count else _("No letter had to be sent again."))
    return redirect("session-letters", code=code)


@asks("seminars.see_demonstration")
@require_safe
def mailbox(request: HttpRequest) -> HttpResponse:
    """Letters that would have been mailed; nothing where mails really leave."""
    found = box.newest()
    context = {"letters": found, "zone": settings.TIME_ZONE, "is_sent": bool(settings.EMAIL_URL)}
    return render(request, "letters_pages/mailbox.html", context)


@asks("seminars.see_demonstration")
@require_safe
def mailbox_letter(request: HttpRequest, name: str) -> HttpResponse:
    letter = box.opened(name)
    if letter is None:
        raise Http404
    if request.GET.get("part") == "html" and letter.html:
        return HttpResponse(
            letter.html, headers={"Content-Security-Policy": ALONE, "Referrer-Policy": "no-referrer"}
        )
    return render(request, "letters_pages/letter.html", {"letter": letter, "zone": settings.TIME_ZONE})


routes = [
    path("sessions/<str:code>/message/", message, name="session-message"),
    path("sessions/<str:code>/letters/", missed, name="session-letters"),
    path("sessions/<str:code>/letters/again/", again, name="session-letters-again"),
    path("demo/mail/", mailbox, name="mailbox"),
    path("demo/mail/<str:name>/", mailbox_letter, name="mailbox-letter"),
]
