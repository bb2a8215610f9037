"""Papers as PDF: the convocation that a person shows her employer, in the language of whoever asks for it."""

import logging

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from seminars import saying
from seminars.actions import convocations, letters
from seminars.errors import Refused
from seminars.limits import Limit
from seminars.models import Invitation, Letter, Revision, Session
from seminars.moments import now
from seminars.vocabulary import Answer, Language, LetterKind, State
from seminars.wording.convocation import paper_of
from web import errors
from web.access import asks, invitation_of, person_of, session_of
from web.answers import in_her_language
from web.forms.refusing import words
from web.offers import may_be_answered

log = logging.getLogger(__name__)
PAPERS = Limit("papers", 20, 60)
"""A paper costs a tenth of a second: so many a minute for each invitation."""


def _convocation(request: HttpRequest, invitation: Invitation, back: str) -> HttpResponse:
    """`back`: the page that says so where no paper can be made."""
    if invitation.session.state == State.CANCELLED:
        raise Http404
    if wait := PAPERS.take(str(invitation.pk)):
        return errors.too_often(request, wait)
    asked = request.GET.get("language", "")
    language = asked if asked in Language.values else saying.plain(translation.get_language() or "")
    session = invitation.session
    try:
        paper = paper_of(_letter(invitation), language)
    except ValueError:
        log.exception("no convocation to session %s can be made", session.code)
        messages.error(request, _("The convocation could not be made. Ask the team."))
        return redirect(back)
    name = f"convocation-{session.code}-{language}.pdf"
    return HttpResponse(
        paper,
        content_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="{name}"', "Content-Language": language},
    )


def _letter(invitation: Invitation) -> Letter:
    """As it would be posted now; nothing is."""
    session, present = invitation.session, now()
    revision = Revision(session=session, sequence=session.sequence, content=letters.content(session))
    return Letter(
        kind=LetterKind.CONVOCATION,
        person=invitation.person,
        session=session,
        invitation=invitation,
        revision=revision,
        sequence=session.sequence,
        stamp=present,
        created_at=present,
    )


@asks("seminars.open_invitation", invitation_of)
@never_cache
@require_safe
@in_her_language
def own_convocation(request: HttpRequest, invitation: Invitation, token: str) -> HttpResponse:
    if invitation.answer == Answer.NO or not may_be_answered(invitation.session):
        raise Http404
    return _convocation(request, invitation, reverse("invitation", args=[token]))


@asks("seminars.see_convocation", session_of)
@never_cache
@require_safe
def convocation(request: HttpRequest, session: Session, code: str, person_code: str) -> HttpResponse:
    found = session.invitations.active().select_related("person", "session__host", "invited_by")
    invitation = found.filter(person__code=person_code).first()
    if invitation is None:
        raise Http404
    return _convocation(request, invitation, reverse("session-people", args=[code]))


@asks("seminars.write_letters", session_of)
@require_POST
def send(request: HttpRequest, session: Session, code: str) -> HttpResponse:
    try:
        count = convocations.send(session=session, by=person_of(request))
    except Refused as refused:
        messages.error(request, words(refused))
    else:
        told = ngettext("%(n)s convocation is on its way.", "%(n)s convocations are on their way.", count)
        messages.success(request, told % {"n": count})
    here = reverse("session-letters-preview", args=[code])
    return redirect(f"{here}?kind={LetterKind.CONVOCATION.value}#letter")


routes: list[URLPattern] = [
    path("i/<str:token>/convocation.pdf", own_convocation, name="invitation-convocation"),
    path("sessions/<str:code>/people/<str:person_code>/convocation.pdf", convocation, name="convocation"),
    path("sessions/<str:code>/letters/convocations/", send, name="session-convocations"),
]
