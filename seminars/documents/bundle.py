"""Everything that proves one session, as one ZIP (domain ATT-17): papers, data, seals, and a list of digests."""

import hashlib
import io
import json
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy, pgettext_lazy

from seminars.documents import announced, connections, papers
from seminars.documents.tabular import as_csv
from seminars.documents.verifying import number
from seminars.documents.voices import BOTH, CHOICES, Voice, voice_of
from seminars.documents.workbook import workbook
from seminars.errors import Refused
from seminars.models import Certificate, Session
from seminars.queries import figures, sealed
from seminars.queries.sheets import Sheet
from seminars.vocabulary import Certified, Paper

FORMAT = "viso-bundle-1"
SPREADSHEET = pgettext_lazy("bundle", "sheet as a spreadsheet")
CONNECTIONS = pgettext_lazy("bundle", "intervals of connection")
HEADS = (
    pgettext_lazy("certificates that were issued", "Number"),
    pgettext_lazy("certificates that were issued", "Issue"),
    gettext_lazy("Kind of certificate"),
    gettext_lazy("Language"),
    gettext_lazy("Name"),
    pgettext_lazy("certificates that were issued", "Issued on"),
    pgettext_lazy("certificates that were issued", "Withdrawn on"),
    pgettext_lazy("paper", "Code"),
)
MOST_BYTES = 48 * 1024 * 1024
"""Of all files before they are packed: the whole is made in memory."""
File = tuple[str, bytes, str | Promise]
"""Path, content, and what it is in a few words."""
EVERY = voice_of(BOTH)
"""A bundle goes to either side: what it says of itself is said in both languages."""


def bundle(session: Session, *, at: datetime) -> bytes:
    """A ZIP of what is held of the session at that moment. Raises Refused where it would outgrow MOST_BYTES, and
    ValueError where a paper cannot be set."""
    sheet = sealed.sheet_of(session)
    out, listed, size = io.BytesIO(), [], 0
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content, what in _files(session, sheet, at):
            size += len(content)
            if size > MOST_BYTES:
                raise Refused("bundle_large", most=MOST_BYTES // 1024 // 1024)
            _put(archive, path, content, at)
            digest = hashlib.sha256(content).hexdigest()
            listed.append({"path": path, "bytes": len(content), "sha256": digest, "what": _both(what)})
        manifest = _manifest(session, sheet, at) | {"files": listed, "left_out": _left_out(session, sheet)}
        _put(archive, "manifest.json", _json(manifest), at)
    return out.getvalue()


def _put(archive: zipfile.ZipFile, path: str, content: bytes, at: datetime) -> None:
    """Dated by the moment of the bundle, in UTC: the same facts and moment give the same bytes."""
    info = zipfile.ZipInfo(path, date_time=at.astimezone(UTC).timetuple()[:6])
    info.external_attr = 0o644 << 16
    archive.writestr(info, content, zipfile.ZIP_DEFLATED)


def _both(words: str | Promise) -> dict[str, str]:
    """The words by language, as a manifest holds them."""
    return {each: Voice((each,)).plain(Voice((each,)).alike(words)) for each in EVERY.languages}


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True).encode() + b"\n"


def _files(session: Session, sheet: Sheet, at: datetime) -> Iterator[File]:
    for language in CHOICES:
        yield (
            f"programme-{language}.pdf",
            papers.pdf(Paper.PROGRAMME, sheet, language, at=at),
            gettext_lazy("Programme"),
        )
    yield from announced.files(session)
    for kind in papers.SHEETS:
        for language in CHOICES:
            yield f"sheets/{kind}-{language}.pdf", papers.pdf(kind, sheet, language, at=at), kind.label
    for language in ("fr", "it"):
        yield f"data/sheet-{language}.xlsx", workbook(sheet, language, at=at), SPREADSHEET
    yield from _seals(session)
    if session.condensed_at is None:
        yield "data/connections.csv", as_csv(connections.rows(session, BOTH)).encode(), CONNECTIONS
    issued = pgettext_lazy("bundle", "certificates that were issued")
    yield "data/certificates.csv", as_csv(_certificates(session)).encode(), issued
    yield "data/feedback.json", _json(_feedback(session)), pgettext_lazy("bundle", "feedback, totals only")


def _seals(session: Session) -> Iterator[File]:
    for version in session.sealed.select_related("session", "sealed_by").order_by("version"):
        name = f"sealed/version-{version.version}"
        whole = pgettext_lazy("bundle", "sealed sheet with its content, people and seal")
        yield f"{name}.json", _json(sealed.sheet_file(version)), whole
        digest = pgettext_lazy("bundle", "digest of the content")
        yield f"{name}.sha256", f"{version.digest}\n".encode(), digest
        alone = pgettext_lazy("bundle", "seal and signature, without a name")
        yield f"{name}.seal.json", _json(sealed.seal_file(version)), alone


def _certificates(session: Session) -> list[list[str | int]]:
    """Of this session, and of its cycle where they rest on a sheet of it."""
    found = Certificate.objects.filter(session=session) | Certificate.objects.filter(sheets__session=session)
    heads = [EVERY.plain(EVERY.alike(head)) for head in HEADS]
    rows: list[list[str | int]] = [[*heads, "SHA-256"]]
    for each in found.select_related("person").distinct().order_by("number", "issue"):
        rows.append(
            [
                each.number,
                each.issue,
                EVERY.plain(EVERY.alike(Certified(each.kind).label)),
                str(each.language),
                each.person.name if each.person else "",
                _utc(each.issued_at),
                _utc(each.withdrawn_at),
                each.code,
                each.digest,
            ]
        )
    return rows


def _feedback(session: Session) -> dict[str, Any]:
    """Totals as the results page shows them; under the least number of answers only how many there are. No comment."""
    found = figures.results(session)
    told: dict[str, Any] = {"asked": found.asked, "answered": found.answered, "per_cent": found.percent}
    if not found.is_shown:
        return told | {"missing_to_be_shown": found.missing}
    steps = {each.name: {"counts": list(each.counts), "answered": each.answered} for each in found.steps}
    return told | {"steps": steps, "met_somebody": {"yes": found.met, "no": found.not_met}}


def _manifest(session: Session, sheet: Sheet, at: datetime) -> dict[str, Any]:
    seal = sheet.seal
    told = {"version": seal.version, "sha256": seal.digest, "code": seal.code} if seal else None
    return {
        "format": FORMAT,
        "session": {"code": session.code, "uid": session.uid},
        "made_at": _utc(at),
        "number": number(sheet),
        "sealed": told,
        "is_changed_since_the_seal": sheet.is_changed,
        "is_condensed": session.condensed_at is not None,
    }


def _left_out(session: Session, sheet: Sheet) -> list[dict[str, Any]]:
    """What an auditor might look for and does not find here, and why."""
    reasons: list[tuple[bool, str | Promise, str | Promise]] = [
        (
            True,
            pgettext_lazy("bundle", "restitution"),
            pgettext_lazy("bundle", "this release keeps no restitution of a session"),
        ),
        (
            sheet.seal is None,
            pgettext_lazy("bundle", "sealed sheet"),
            pgettext_lazy("bundle", "the sheet is not sealed, its papers are provisional"),
        ),
        (
            session.condensed_at is not None,
            CONNECTIONS,
            pgettext_lazy("bundle", "the events were condensed by the rule of retention, the seal stands"),
        ),
    ]
    found: list[dict[str, Any]] = [
        {"what": _both(what), "why": _both(why)} for is_so, what, why in reasons if is_so
    ]
    scanned = {
        "what": _both(pgettext_lazy("bundle", "scan of a sheet signed on paper")),
        "why": _both(pgettext_lazy("bundle", "kept beside the sheet")),
    }
    for scan in session.scans.defer("content"):
        found.append(scanned | {"code": scan.code, "sha256": scan.digest})
    return found


def _utc(moment: datetime | None) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds") if moment else ""
