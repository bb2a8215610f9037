"""The inspectors of a session, for its hosts: who has a link, until when, and when it was used."""

from datetime import timedelta

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from seminars import addresses, moments
from seminars.actions import inspectors as actions
from seminars.errors import Refused
from seminars.models import Session
from seminars.queries import inspection
from web.access import asks, person_of, session_of
from web.forms.inspectors import LinkForm
from web.forms.refusing import refuse, words
from web.posting import answers_form

USUAL = timedelta(days=30)
"""How long after the session a link opens, unless somebody says otherwise."""


def page(request: HttpRequest, session: Session, form: LinkForm) -> HttpResponse:
    present = moments.now()
    found = inspection.links(session)
    rows = [
        (link, addresses.inspect(link.token) if link.revoked_at is None and link.expires_at > present else "")
        for link in found
    ]
    context = {"session": session, "form": form, "rows": rows}
    return render(request, "inspectors/inspectors.html", context, status=422 if form.errors else 200)


@asks("seminars.keep_inspectors", session_of)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def inspectors(request: HttpRequest, session: Session, code: str) -> HttpResponse:
    if request.method != "POST":
        last = max(session.ends_at, moments.now()) + USUAL
        return page(request, session, LinkForm(initial={"until": last.date()}))
    form = LinkForm(request.POST)
    if form.is_valid():
        given = {"label": form.cleaned_data["label"], "expires_at": form.end(session)}
        try:
            actions.make(session=session, by=person_of(request), **given)
        except Refused as refused:
            refuse(form, refused)
        else:
            messages.success(request, _("The link is made: copy it, and send it to whoever inspects."))
            return redirect("session-inspectors", code)
    return page(request, session, form)


@asks("seminars.keep_inspectors", session_of)
@answers_form("session-inspectors")
def revoke(request: HttpRequest, session: Session, code: str) -> HttpResponse:
    """The link that `link` names opens nothing any more."""
    link = session.inspectors.filter(code=request.POST.get("link", "")[:12]).first()
    if link is None:
        raise Http404
    try:
        actions.revoke(link=link, by=person_of(request))
    except Refused as refused:
        messages.warning(request, words(refused))
    else:
        messages.success(request, _("“%(name)s” opens nothing any more.") % {"name": link.label})
    return redirect("session-inspectors", code)


routes: list[URLPattern] = [
    path("sessions/<str:code>/inspectors/", inspectors, name="session-inspectors"),
    path("sessions/<str:code>/inspectors/revoke/", revoke, name="session-inspectors-revoke"),
]
