"""Many certificates in one go: how far they are, on a page that loads itself anew; and their papers as ZIP."""

import io
import zipfile

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils.text import slugify
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from seminars.actions import exports
from seminars.documents import certificates as papers
from seminars.errors import Refused
from seminars.limits import Limit
from seminars.models import Certificate, CertificateBatch, Person, Scheme, Session
from seminars.queries import certified
from seminars.vocabulary import Certified
from web import errors
from web.access import asks, person_of, session_of
from web.certificates import PART, Subject
from web.forms.refusing import words
from web.posting import answers_form
from web.schemes import scheme_of

REFRESH_SECONDS = 20
"""A page that changes by itself leaves time to find the link that stops it (WCAG 2.2.2)."""
ZIPS = Limit("certificates-zip", 10, 60)


def shown(request: HttpRequest, subject: Subject, batch_code: str) -> HttpResponse:
    """How far a batch is. Names only of those who get none, each with the reason. `?still`: it does not load itself
    anew, for whoever needs time to read (WCAG 2.2.1)."""
    batches = CertificateBatch.objects.filter(session=subject.session, scheme=subject.scheme)
    batch = batches.filter(code=batch_code).first()
    if batch is None:
        raise Http404
    why = dict(batch.refused)
    people = Person.objects.filter(code__in=why).order_by("name")
    context = {
        "subject": subject,
        "session": subject.session,
        "scheme": subject.scheme,
        "batch": batch,
        "kind": Certified(batch.kind),
        "made": batch.done - len(why),
        "refused": [(person.name, words(Refused(why[person.code]))) for person in people],
        "back": f"{subject.address()}?kind={batch.kind}",
        "seconds": REFRESH_SECONDS,
        "is_still": "still" in request.GET,
    }
    return render(request, "certificates/batch.html", context)


def zipped(request: HttpRequest, subject: Subject) -> HttpResponse:
    """One part of the papers of a kind, by number; that they left the house is noted."""
    by, kind, part = person_of(request), request.POST.get("kind", ""), request.POST.get("part", "1")
    if kind not in Certified.values or not part.isdecimal() or len(part) > 4:
        raise Http404
    if wait := ZIPS.take(str(by.pk)):
        return errors.too_often(request, wait)
    held = certified.held(subject.session, subject.scheme)
    issued = sorted((one for (_, its), one in held.items() if its == kind and one.facts), key=_by_number)
    wanted = issued[(int(part) - 1) * PART : int(part) * PART] if int(part) else []
    if not wanted:
        return redirect(subject.address())
    content = packed([one for one in wanted if one.withdrawn_at is None])
    about = f"{kind} {part} {subject.scheme.code if subject.scheme else ''}".strip()
    exports.log(what="certificates", by=by, session=subject.session, about=about, rows=len(wanted))
    name = f"certificates-{kind}-{part}.zip"
    disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type="application/zip", headers=disposition)


def _by_number(certificate: Certificate) -> tuple[int, str]:
    return len(certificate.number), certificate.number


def packed(certificates: list[Certificate]) -> bytes:
    """A ZIP of PDFs, named by number and person."""
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_STORED) as archive:
        for one in certificates:
            number = papers.number(one).replace("/", "-")
            archive.writestr(f"{number}-{slugify(one.facts['person']['name'])}.pdf", papers.pdf(one))
    return kept.getvalue()


@asks("seminars.issue_certificates", session_of)
@never_cache
@require_safe
def of_session(request: HttpRequest, session: Session, code: str, batch_code: str) -> HttpResponse:
    return shown(request, Subject(session=session), batch_code)


@asks("seminars.keep_scheme", scheme_of)
@never_cache
@require_safe
def of_scheme(request: HttpRequest, scheme: Scheme, scheme_code: str, batch_code: str) -> HttpResponse:
    return shown(request, Subject(scheme=scheme), batch_code)


@asks("seminars.issue_certificates", session_of)
@answers_form("certificates")
def zip_of_session(request: HttpRequest, session: Session, code: str) -> HttpResponse:
    return zipped(request, Subject(session=session))


@asks("seminars.keep_scheme", scheme_of)
@answers_form("scheme-certificates")
def zip_of_scheme(request: HttpRequest, scheme: Scheme, scheme_code: str) -> HttpResponse:
    return zipped(request, Subject(scheme=scheme))


routes: list[URLPattern] = [
    path("sessions/<str:code>/certificates/papers.zip", zip_of_session, name="certificates-zip"),
    path("sessions/<str:code>/certificates/<str:batch_code>/", of_session, name="certificate-batch"),
    path("schemes/<str:scheme_code>/certificates/papers.zip", zip_of_scheme, name="scheme-certificates-zip"),
    path(
        "schemes/<str:scheme_code>/certificates/<str:batch_code>/", of_scheme, name="scheme-certificate-batch"
    ),
]
