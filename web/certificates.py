"""Certificates of a session or of a cycle: who may have one, issuing them, and one of them as a page and as PDF."""

import logging
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from seminars import addresses
from seminars.actions import certificates as actions
from seminars.actions import exports
from seminars.documents import certificates as papers
from seminars.documents import pictures
from seminars.errors import Refused
from seminars.limits import Limit
from seminars.models import Certificate, CertificateBatch, Scheme, Session
from seminars.permissions import allows
from seminars.queries import certified
from seminars.queries.certified import Candidate
from seminars.vocabulary import Certified, Country
from web import errors
from web.access import asker, asks, person_of, session_of
from web.forms.certificates import IssueForm, ReissueForm
from web.forms.refusing import refuse, words
from web.posting import answers_form
from web.schemes import scheme_of

log = logging.getLogger(__name__)
PAPERS = Limit("certificates", 30, 60)
"""A paper costs some hundredths of a second: so many a minute for each person."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What certificates are about: one session, or one cycle; and where its pages are."""

    session: Session | None = None
    scheme: Scheme | None = None

    @property
    def kinds(self) -> list[Certified]:
        found = [kind for kind in Certified if self.session is not None or kind != Certified.SAME_DAY]
        is_training = self.session is None or self.session.kind in certified.TRAINING
        return found if is_training else [kind for kind in found if kind != Certified.REALISATION]

    @property
    def usual_kind(self) -> Certified:
        is_italian = self.session is not None and self.session.host.country == Country.ITALY
        usual = Certified.ATTESTATO if is_italian else Certified.REALISATION
        return usual if usual in self.kinds else Certified.BILINGUAL

    def address(self, name: str = "certificates", **more: Any) -> str:
        """`certificates`, `certificate-batch`, `certificate-change` or `certificates-zip` of this subject."""
        if self.session is not None:
            return reverse(name, kwargs={"code": self.session.code, **more})
        assert self.scheme is not None
        return reverse(f"scheme-{name}", kwargs={"scheme_code": self.scheme.code, **more})

    @property
    def home(self) -> str:
        if self.session is not None:
            return reverse("session", args=[self.session.code])
        assert self.scheme is not None
        return reverse("scheme", args=[self.scheme.code])


def of(certificate: Certificate) -> Subject:
    return Subject(certificate.session, certificate.scheme)


def _is_enough(one: Candidate, kind: str) -> bool:
    """Whether a rule says so, not a guess: an attestation of the day tells hours alone and asks for none."""
    return one.threshold is not None or kind == Certified.SAME_DAY


def _rows(subject: Subject, kind: str, ticked: Collection[str] | None) -> list[dict[str, Any]]:
    """Everybody with her hours, her certificate of this kind, or why she may have none. `ticked`: whom a form that
    comes back had ticked; before that whoever meets what is asked, and nobody where nothing is."""
    basis = actions.basis_of(subject.session, subject.scheme, kind)
    held = certified.held(subject.session, subject.scheme)
    outdated = certified.outdated(held.values())
    return [
        {
            "candidate": one,
            "certificate": (mine := held.get((one.person.pk, kind))),
            "is_outdated": mine is not None and mine.pk in outdated,
            "why": words(Refused(one.why)) if one.why else "",
            "is_ticked": _is_enough(one, kind) if ticked is None else one.person.code in ticked,
        }
        for one in basis.candidates
    ]


def _page(request: HttpRequest, subject: Subject, form: IssueForm | None = None) -> HttpResponse:
    asked = (request.POST if request.method == "POST" else request.GET).get("kind", "")
    kind = Certified(asked) if asked in [str(one) for one in subject.kinds] else subject.usual_kind
    rows = _rows(subject, kind, request.POST.getlist("person") if form else None)
    held = CertificateBatch.objects.filter(session=subject.session, scheme=subject.scheme)
    context = {
        "subject": subject,
        "session": subject.session,
        "scheme": subject.scheme,
        "here": subject.address(),
        "kinds": subject.kinds,
        "kind": kind,
        "rows": rows,
        "ready": [row for row in rows if not row["why"] and row["certificate"] is None],
        "issued": [row for row in rows if row["certificate"] is not None],
        "form": form or IssueForm(initial={"kind": kind.value}),
        "zip": subject.address("certificates-zip"),
        "parts": parts_of(sum(row["certificate"] is not None for row in rows)),
        "batches": [
            (one, subject.address("certificate-batch", batch_code=one.code))
            for one in held.filter(finished_at=None)
        ],
    }
    return render(
        request, "certificates/certificates.html", context, status=422 if form and form.errors else 200
    )


PART = 40
"""So many papers in one ZIP: it is made while somebody waits, a second or two."""


def parts_of(count: int) -> list[tuple[int, int, int]]:
    """(number, first, last) of each part, from 1."""
    return [(at // PART + 1, at + 1, min(at + PART, count)) for at in range(0, count, PART)]


def issue(request: HttpRequest, subject: Subject) -> HttpResponse:
    """POST asks for a batch; the first handful is made at once, the worker makes the rest."""
    if request.method != "POST":
        return _page(request, subject)
    form = IssueForm(request.POST)
    if not form.is_valid():
        return _page(request, subject, form)
    given, by = form.cleaned_data, person_of(request)
    try:
        batch = actions.ask(
            by=by,
            kind=given["kind"],
            people=request.POST.getlist("person"),
            session=subject.session,
            scheme=subject.scheme,
            language=given["language"],
        )
    except Refused as refused:
        refuse(form, refused)
        return _page(request, subject, form)
    _begin(batch)
    return redirect(subject.address("certificate-batch", batch_code=batch.code))


def _begin(batch: CertificateBatch) -> None:
    owner = f"page-{secrets.token_hex(8)}"
    if actions.claim(owner, batch) is not None:
        actions.advance(batch=batch, owner=owner)
        actions.give_back(owner)


def change(request: HttpRequest, subject: Subject) -> HttpResponse:
    """Issues one certificate of the subject again, or takes it back."""
    mine = Certificate.objects.filter(session=subject.session, scheme=subject.scheme)
    found = mine.filter(code=request.POST.get("certificate", "")[:16]).first()
    if found is None:
        raise Http404
    form = ReissueForm(request.POST)
    if form.is_valid():
        try:
            last = _changed(request, found, form.cleaned_data)
        except Refused as refused:
            refuse(form, refused)
        else:
            return redirect("certificate", certificate_code=last.code)
    return _certificate_page(request, found, form)


def _changed(request: HttpRequest, found: Certificate, given: dict[str, Any]) -> Certificate:
    by = person_of(request)
    if request.POST.get("act") == "withdraw":
        last = actions.withdraw(certificate=found, by=by, reason=given["reason"])
        messages.success(
            request, _("The certificate %(number)s is withdrawn.") % {"number": papers.number(last)}
        )
        return last
    last = actions.reissue(certificate=found, by=by, reason=given["reason"], language=given["language"])
    messages.success(request, _("Issued again: %(number)s.") % {"number": papers.number(last)})
    return last


def certificate_of(request: HttpRequest, certificate_code: str, **more: str) -> Certificate | None:
    found = Certificate.objects.select_related("session__host", "scheme", "person")
    return found.filter(code=certificate_code).first()


def may_change(request: HttpRequest, certificate: Certificate) -> bool:
    if certificate.session is not None:
        return allows("seminars.issue_certificates", asker(request), certificate.session)
    return certificate.scheme is not None and allows(
        "seminars.keep_scheme", asker(request), certificate.scheme
    )


def _certificate_page(
    request: HttpRequest, certificate: Certificate, form: ReissueForm | None
) -> HttpResponse:
    if not certificate.facts:
        raise Http404
    side, drawn = pictures.code_of(addresses.verify(certificate.code))
    newer = Certificate.objects.filter(number=certificate.number, issue__gt=certificate.issue)
    context = {
        "certificate": certificate,
        "number": papers.number(certificate),
        "paper": papers.page(certificate),
        "side": side,
        "drawn": drawn,
        "newer": newer.order_by("-issue").first(),
        "subject": of(certificate),
        "may_change": may_change(request, certificate),
        "change": of(certificate).address("certificate-change"),
        "form": form or ReissueForm(initial={"language": certificate.language}),
    }
    return render(
        request, "certificates/certificate.html", context, status=422 if form and form.errors else 200
    )


@asks("seminars.see_certificate", certificate_of)
@never_cache
@require_safe
def certificate(request: HttpRequest, certificate: Certificate, certificate_code: str) -> HttpResponse:
    return _certificate_page(request, certificate, None)


@asks("seminars.see_certificate", certificate_of)
@never_cache
@answers_form("certificate")
def paper(request: HttpRequest, certificate: Certificate, certificate_code: str) -> HttpResponse:
    """The PDF, or the file by which it is verified; that it left the house is noted."""
    by = person_of(request)
    if wait := PAPERS.take(str(by.pk)):
        return errors.too_often(request, wait)
    form = "json" if request.POST.get("as") == "json" else "pdf"
    try:
        content = papers.file(certificate) if form == "json" else papers.pdf(certificate)
    except ValueError:
        log.exception("no paper of certificate %s can be made", certificate.number)
        messages.error(request, _("The certificate could not be made. Ask the team."))
        return redirect("certificate", certificate_code=certificate_code)
    about = f"{papers.number(certificate)} {form}"
    exports.log(what="certificate", by=by, session=certificate.session, about=about, rows=1)
    name = f"{papers.number(certificate).replace('/', '-')}.{form}"
    return HttpResponse(
        content,
        content_type=f"application/{form}",
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Content-Language": certificate.language,
        },
    )


@asks("seminars.issue_certificates", session_of)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def of_session(request: HttpRequest, session: Session, code: str) -> HttpResponse:
    return issue(request, Subject(session=session))


@asks("seminars.keep_scheme", scheme_of)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def of_scheme(request: HttpRequest, scheme: Scheme, scheme_code: str) -> HttpResponse:
    return issue(request, Subject(scheme=scheme))


@asks("seminars.issue_certificates", session_of)
@answers_form("certificates")
def change_of_session(request: HttpRequest, session: Session, code: str) -> HttpResponse:
    return change(request, Subject(session=session))


@asks("seminars.keep_scheme", scheme_of)
@answers_form("scheme-certificates")
def change_of_scheme(request: HttpRequest, scheme: Scheme, scheme_code: str) -> HttpResponse:
    return change(request, Subject(scheme=scheme))


routes: list[URLPattern] = [
    path("certificates/<str:certificate_code>/", certificate, name="certificate"),
    path("certificates/<str:certificate_code>/certificate.pdf", paper, name="certificate-pdf"),
    path("sessions/<str:code>/certificates/", of_session, name="certificates"),
    path("sessions/<str:code>/certificates/change/", change_of_session, name="certificate-change"),
    path("schemes/<str:scheme_code>/certificates/", of_scheme, name="scheme-certificates"),
    path(
        "schemes/<str:scheme_code>/certificates/change/", change_of_scheme, name="scheme-certificate-change"
    ),
]
