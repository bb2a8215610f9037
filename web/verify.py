"""Anybody verifies a document: by the code it prints, by its QR code, or by an exported file. Nothing is kept."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, ngettext, pgettext
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from seminars import saying
from seminars.actions import signing
from seminars.documents import verifying
from seminars.evidence import seals
from seminars.limits import Limit
from seminars.models import Certificate, Person, SealedSheet
from seminars.queries import sealed, verdicts
from seminars.queries.verdicts import Found, Verdict
from seminars.vocabulary import Certified, Zone
from web import errors
from web.access import asks
from web.forms.verify import CodeForm, FileForm, NameForm
from web.limits import network_of

LOOKS = Limit("verified", 300, 15 * 60)
"""A room of people who all scan their certificates shares one address."""
NAMES = Limit("names", 20, 60 * 60)
"""A name is compared, not searched for."""
KINDS = {
    Verdict.MATCHES: "good",
    Verdict.SUPERSEDED: "care",
    Verdict.WITHDRAWN: "care",
    Verdict.FOREIGN: "bad",
    Verdict.DIFFERS: "bad",
}
WHY: dict[str, str | Promise] = {
    "signature": gettext_lazy(
        "The signature in this file does not fit its seal: one of the two was changed."
    ),
    "content": gettext_lazy("What this file tells is not what was sealed: something in it was changed."),
    "people": gettext_lazy("The people in this file are not those whom the sheet was sealed with."),
    "record": gettext_lazy("What is kept here no longer fits its own seal, or is another one than this."),
    "ledger": gettext_lazy("The events that this sheet rests on are no longer those that were sealed."),
    "foreign": gettext_lazy(
        "It is kept here and signed, with a key that is not one of this installation’s. Ask whoever runs it whether "
        "the key was replaced; until then it proves nothing."
    ),
    "sheets": gettext_lazy(
        "It was issued here from an attendance sheet of which a newer version is sealed. Ask for it to be issued again."
    ),
    "absent": gettext_lazy(
        "No document from here has this code. Compare it letter by letter with your document."
    ),
    "key": gettext_lazy(
        "It is signed, with the key of another installation. Ask where it was sealed, and verify it there."
    ),
    "lost": gettext_lazy(
        "It is signed with a key of this installation, which holds no record of it any more. Keep your file: it proves "
        "more than what is left here."
    ),
}


@dataclass(frozen=True, slots=True)
class Told:
    """One fact of a verdict; `is_code` marks what is compared sign by sign."""

    label: str
    words: str
    is_code: bool = False


@asks("seminars.verify_document")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    """Two ways: the code, which leads to its page, and the file, which is read at once."""
    if request.method == "POST":
        return _file(request)
    form = CodeForm(request.GET if "code" in request.GET else None)
    if form.is_bound and form.is_valid():
        return redirect("verify-code", form.cleaned_data["code"])
    return _page(request, form, FileForm())


def _page(request: HttpRequest, form: CodeForm, file_form: FileForm) -> HttpResponse:
    context = {"form": form, "file_form": file_form}
    return render(
        request, "verify/verify.html", context, status=422 if form.errors or file_form.errors else 200
    )


def _file(request: HttpRequest) -> HttpResponse:
    if wait := LOOKS.take(network_of(request)):
        return errors.too_often(request, wait)
    form = FileForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, CodeForm(), form)
    return _verdict(request, verdicts.by_file(form.cleaned_data["file"]), of_file=True)


@asks("seminars.verify_document")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def verify_code(request: HttpRequest, code: str) -> HttpResponse:
    """Where a QR code leads; an unknown code is a page too, with 404. POST compares a typed name with that of a
    certificate."""
    is_asked = request.method == "POST"
    wait = LOOKS.take(network_of(request)) or (is_asked and NAMES.take(network_of(request)))
    if wait:
        return errors.too_often(request, wait)
    form = NameForm(request.POST if is_asked else None)
    response = _verdict(request, verdicts.by_code(code), of_file=False, form=form)
    response["X-Robots-Tag"] = "noindex"
    return response


def _compared(found: Found, form: NameForm | None) -> tuple[str, str]:
    """(words, kind of notice) of a name that was typed; empty where none was."""
    if found.certificate is None or form is None or not form.is_bound or not form.is_valid():
        return "", ""
    hers = Person(name=str(found.certificate.facts.get("person", {}).get("name", "")))
    if signing.is_her_name(form.cleaned_data["name"], hers):
        return _("The certificate is made out to this name."), "good"
    return _("The certificate is made out to another name than this."), "bad"


def _verdict(
    request: HttpRequest, found: Found, *, of_file: bool, form: NameForm | None = None
) -> HttpResponse:
    language = saying.plain(get_language() or "")
    lines: list[Told] = []
    if found.sheet:
        is_damaged = found.verdict == Verdict.DIFFERS
        lines = _digests(found.sheet) if is_damaged else _of_sheet(found.sheet, language)
    elif found.certificate and found.why != "record":
        lines = _of_certificate(found.certificate, language)
    compared, compared_kind = _compared(found, form)
    is_named = found.certificate is not None and bool(found.certificate.facts)
    context = {
        "name_form": form if is_named and not of_file and found.why != "record" else None,
        "compared": compared,
        "compared_kind": compared_kind,
        "found": found,
        "verdict": found.verdict.label,
        "kind": KINDS.get(found.verdict, "info"),
        "words": _words(found, of_file),
        "lines": lines,
    }
    is_absent = found.verdict == Verdict.UNKNOWN and not of_file
    is_wrong = form is not None and form.is_bound and bool(form.errors)
    status = 404 if is_absent else 422 if is_wrong else 200
    return render(request, "verify/verdict.html", context, status=status)


def _words(found: Found, of_file: bool) -> str:
    if found.why:
        return str(WHY[found.why])
    if found.verdict == Verdict.WITHDRAWN:
        return _("This certificate was issued here and taken back: it no longer counts.")
    if found.verdict == Verdict.SUPERSEDED:
        if found.certificate:
            return _("It was issued here. Issue %(n)s has taken its place.") % {"n": found.newer}
        return _("It was sealed here, and is unchanged. Version %(n)s has taken its place.") % {
            "n": found.newer
        }
    if of_file:
        return _("This file tells what was sealed here, sign by sign.")
    return _("It was made here, and its record is unchanged. Compare the facts below with your document.")


def _hour(moment: datetime, zone: str, language: str) -> str:
    return _("%(day)s, %(hour)s, %(zone)s") % {
        "day": saying.day(moment, zone, language),
        "hour": saying.hour(moment, zone, language),
        "zone": saying.zone_words(moment, zone, language),
    }


def _of_sheet(made: SealedSheet, language: str) -> list[Told]:
    """What its paper prints too; of a confidential session without its title."""
    sheet = sealed.as_sheet(made)
    about, present = sheet.about, sheet.present
    title = [] if about.is_confidential else [Told(_("Session"), saying.said(about, "title", language)[0])]
    events = ngettext("%(n)s recorded fact", "%(n)s recorded facts", made.count) % {"n": made.count}
    return [
        Told(
            pgettext("verification", "Document"),
            _("Attendance sheet %(number)s") % {"number": verifying.number(sheet)},
        ),
        *title,
        Told(pgettext("verification", "Held on"), saying.day(about.starts_at, about.timezone, language)),
        Told(
            pgettext("paper", "Participants"),
            ngettext("%(n)s present", "%(n)s present", present) % {"n": present},
        ),
        Told(pgettext("verification", "Sealed"), _hour(made.sealed_at, about.timezone, language)),
        Told(pgettext("verification", "Rests on"), events),
        *_digests(made),
    ]


def _digests(made: SealedSheet) -> list[Told]:
    return [
        Told(_("Digest (SHA-256)"), verifying.grouped(made.digest, 8), is_code=True),
        Told(_("Last event (SHA-256)"), verifying.grouped(made.head, 8), is_code=True),
        Told(_("Sealed with the key"), verifying.grouped(seals.key_id(made.public_key)), is_code=True),
    ]


def _of_certificate(certificate: Certificate, language: str) -> list[Told]:
    """What its paper prints too; never whose it is. One whose facts were erased tells its number."""
    session, facts = certificate.session, certificate.facts
    zone = facts.get("zone", Zone.PARIS.value)
    title = facts.get("title", {}) if session is None or not session.is_confidential else {}
    said = title.get(language) or next((text for text in title.values() if text), "")
    return [
        Told(pgettext("verification", "Document"), str(Certified(certificate.kind).label)),
        Told(
            pgettext("verification", "Number"),
            _("%(number)s, issue %(n)s") % {"number": certificate.number, "n": certificate.issue},
        ),
        *([Told(_("Session"), said)] if said else []),
        *(_attended(facts, zone, language) if "minutes" in facts else []),
        Told(pgettext("verification", "Issued"), _hour(certificate.issued_at, zone, language)),
        Told(_("Digest (SHA-256)"), verifying.grouped(certificate.digest, 8), is_code=True),
    ]


def _attended(facts: dict[str, Any], zone: str, language: str) -> list[Told]:
    days = [
        saying.day(datetime.fromisoformat(start), zone, language) for start, _end in facts.get("attended", ())
    ]
    share = _("%(minutes)s of %(planned)s minutes, %(percent)s %%") % {
        "minutes": facts["minutes"],
        "planned": facts.get("planned", 0),
        "percent": facts.get("percent", 0),
    }
    return [
        Told(pgettext("verification", "Attended on"), "; ".join(dict.fromkeys(days))),
        Told(pgettext("verification", "Attended for"), share),
    ]


routes: list[URLPattern] = [
    path("verify/", verify, name="verify"),
    path("verify/<str:code>/", verify_code, name="verify-code"),
]
