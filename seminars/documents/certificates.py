"""The papers of one person: certificat de réalisation, attestato di partecipazione, bilingual, of the same day.

All is printed from the facts that were kept when a certificate was issued, on one page. The wording is neutral: it
says what was recorded, and claims conformity with no rule.
"""

import json
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from seminars import addresses, saying
from seminars.documents import pictures
from seminars.documents.press import pressed
from seminars.documents.project import fund
from seminars.documents.verifying import grouped
from seminars.documents.voices import Voice, Words, as_written, pause
from seminars.models import Certificate
from seminars.queries.certified import TRAINING
from seminars.vocabulary import Certified, Kind, Mode, Role

Facts = dict[str, Any]
MOST_LINES = 6
"""More half-days are told by their number, the first day and the last."""
OTHER = {"fr": "it", "it": "fr", "en": "fr"}
OWN_TITLES = {
    Certified.REALISATION: {"language": "fr", "text": "Certificat de réalisation"},
    Certified.ATTESTATO: {"language": "it", "text": "Attestato di partecipazione"},
}
"""What the law or a fund of one side calls the document, whatever its language."""


def pdf(certificate: Certificate) -> bytes:
    """One tagged page (PDF/UA-1); the same certificate gives the same bytes. Raises ValueError where its facts are
    erased."""
    drawn = {"code": pictures.code_svg(addresses.verify(certificate.code))}
    shown = page(certificate)
    if shown["fund"] is not None:
        drawn["emblem"] = pictures.emblem_svg()
    return pressed("certificate", shown, at=certificate.issued_at, pictures=drawn)


def file(certificate: Certificate) -> bytes:
    """JSON by which anybody verifies it: its code, its facts, and their digest. Raises ValueError where the facts are
    erased."""
    if not certificate.facts:
        raise ValueError("the facts of this certificate are erased")
    told = {"code": certificate.code, "facts": certificate.facts, "digest": certificate.digest}
    return json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True).encode()


def number(certificate: Certificate) -> str:
    """`V-2026-0001`; of a reissue `V-2026-0001/2`."""
    return certificate.number if certificate.issue == 1 else f"{certificate.number}/{certificate.issue}"


def page(certificate: Certificate) -> dict[str, Any]:
    """All words of the page, each in its languages: what typst and the HTML page lay out. Raises ValueError where the
    facts are erased."""
    facts = certificate.facts
    if not facts:
        raise ValueError("the facts of this certificate are erased")
    kind, language = Certified(facts["kind"]), facts["language"]
    voice = Voice((language, OTHER[language]) if kind == Certified.BILINGUAL else (language,))
    heading = _heading(voice, kind)
    own = facts["number"] if facts["issue"] == 1 else f"{facts['number']}/{facts['issue']}"
    return {
        "language": language,
        "title": f"{heading[0]['text']} {own}, {facts['person']['name']}",
        "author": _name(facts, language),
        "foot": f"{voice.plain(heading)} {own} · {facts['person']['name']}",
        "fund": fund(voice, facts["project"]),
        "heading": heading,
        "number": voice.say(lambda _l: pgettext("certificate", "No. %(number)s") % {"number": own}),
        "notes": _notes(voice, facts),
        "opening": voice.say(lambda each: _opening(facts, each)),
        "name": facts["person"]["name"],
        "organisation": _of(voice, facts["person"]),
        "statement": voice.say(lambda _l: _statement(kind)),
        "about": _about(voice, facts),
        "rows": [{"term": term, "lines": lines} for term, lines in _rows(voice, facts, kind) if lines],
        "closing": voice.say(lambda _l: _closing(kind)),
        "issued": voice.say(lambda each: _issued(facts, each)),
        "signatory": voice.say(lambda _l: _signatory(facts)),
        "signature": voice.say(lambda _l: pgettext("certificate", "Signature and stamp")),
        "seal": _seal(voice, facts),
        "digest": grouped(certificate.digest, 8),
    }


def _heading(voice: Voice, kind: Certified) -> Words:
    """The name that its law or fund knows, then what it is in the paper's languages."""
    said = {
        Certified.REALISATION: lambda _l: pgettext("certificate", "Certificate of completed training"),
        Certified.ATTESTATO: lambda _l: pgettext("certificate", "Certificate of participation"),
        Certified.BILINGUAL: lambda _l: pgettext("certificate", "Certificate of participation"),
        Certified.SAME_DAY: lambda _l: pgettext("certificate", "Attestation of attendance"),
    }
    words, own = voice.say(said[kind]), OWN_TITLES.get(kind)
    if own is None:
        return words
    return [own, *(each for each in words if each["language"] != own["language"])]


def _moment(stamp: str) -> datetime:
    return datetime.fromisoformat(stamp)


def _name(facts: Facts, language: str) -> str:
    """Who is obliged: the provider, else the organisation that hosts."""
    host, own = facts["host"], facts["project"].get("provider", "")
    return own or (host["it"] or host["fr"] if language == "it" else host["fr"] or host["it"])


def _of(voice: Voice, names: dict[str, str]) -> Words:
    return voice.say(lambda each: names["it"] or names["fr"] if each == "it" else names["fr"] or names["it"])


def _opening(facts: Facts, language: str) -> str:
    signatory = facts["signatory"]["name"]
    if not signatory:
        return pgettext("certificate", "%(provider)s attests that") % {"provider": _name(facts, language)}
    return pgettext("certificate", "%(signatory)s, for %(provider)s, attests that") % {
        "signatory": signatory,
        "provider": _name(facts, language),
    }


def _statement(kind: Certified) -> str:
    if kind == Certified.REALISATION:
        return pgettext("certificate", "has followed the action named below.")
    return pgettext("certificate", "has taken part in what is named below.")


def _about(voice: Voice, facts: Facts) -> Words:
    """The title; of a confidential session its day alone."""
    title = facts["title"]
    if not any(title.values()):
        start = _moment(facts["attended"][0][0])
        return voice.say(
            lambda each: _("Session of %(day)s") % {"day": saying.day(start, facts["zone"], each)}
        )
    return voice.say(lambda each: next(title[one] for one in (each, "fr", "it", "en") if title.get(one)))


def _rows(voice: Voice, facts: Facts, kind: Certified) -> list[tuple[Words, list[Words]]]:
    project = facts["project"]
    provider = (
        [_of(voice, facts["host"])] if not project.get("provider") else [as_written(project["provider"])]
    )
    if declared := project.get("provider_number", ""):
        provider.append(voice.say(lambda _l: _declared(declared)))
    scheme = (
        [as_written(facts["scheme"])] if facts["scheme"] and facts["title"]["fr"] != facts["scheme"] else []
    )
    known: list[tuple[Callable[[str], str], list[Words]]] = [
        (lambda _l: pgettext("paper", "Training provider"), provider),
        (lambda _l: pgettext("certificate", "Nature of the action"), [voice.say(lambda _l: _nature(facts))]),
        (lambda _l: _("Training scheme"), scheme),
        (lambda _l: pgettext("certificate", "Dates"), _dates(voice, facts)),
        (lambda _l: pgettext("certificate", "Place and mode"), [voice.say(lambda each: _place(facts, each))]),
    ]
    rows = [(voice.say(term), [words for words in lines if words]) for term, lines in known]
    return rows + _hours(voice, facts, kind)


def _declared(declared: str) -> str:
    return pgettext("certificate", "Declared under no. %(number)s") % {"number": declared}


def _nature(facts: Facts) -> str:
    kinds = [Kind(kind) for kind in facts["kinds"]]
    labels = ", ".join(str(kind.label) for kind in kinds)
    if all(kind in TRAINING for kind in kinds):
        return pgettext("certificate", "Training action: %(kind)s") % {"kind": labels}
    return labels


def _dates(voice: Voice, facts: Facts) -> list[Words]:
    """Each half-day she was counted in, as it was planned; many of them by number, first day and last."""
    zone = facts["zone"]
    times = [(_moment(start), _moment(end)) for start, end in facts["attended"]]
    if not times:
        return []
    if len(times) > MOST_LINES:
        return [voice.say(lambda each: _from_to(times, zone, each))]

    def said(start: datetime, end: datetime, language: str) -> str:
        return f"{saying.day(start, zone, language)}, {saying.hours(start, end, zone, language)}"

    lines = [voice.say(partial(said, start, end)) for start, end in times]
    return [*lines, voice.say(lambda each: saying.zone_words(times[0][0], zone, each))]


def _from_to(times: list[tuple[datetime, datetime]], zone: str, language: str) -> str:
    first, last = (saying.day(at, zone, language) for at in (times[0][0], times[-1][0]))
    told = ngettext(
        "%(n)s half-day, %(first)s to %(last)s", "%(n)s half-days, %(first)s to %(last)s", len(times)
    )
    return told % {"n": len(times), "first": first, "last": last}


def _place(facts: Facts, language: str) -> str:
    modes = ", ".join(str(Mode(mode).label) for mode in facts["modes"])
    if not facts["places"]:
        return modes
    return _("%(mode)s, %(place)s") % {"mode": modes, "place": pause(";", language).join(facts["places"])}


def _hours(voice: Voice, facts: Facts, kind: Certified) -> list[tuple[Words, list[Words]]]:
    """Hours done, of each half-day at most those planned; but for the French certificate also the whole plan, per cent
    and threshold."""
    credited: int = facts["credited"] if "credited" in facts else facts["minutes"]

    def whole(language: str) -> str:
        told = {"hours": saying.duration(credited, language), "minutes": credited}
        return pgettext("certificate", "%(hours)s (%(minutes)s minutes)") % told

    def share(language: str) -> str:
        return pgettext("certificate", "%(hours)s of %(planned)s planned, %(percent)s%%") % {
            "hours": saying.duration(credited, language),
            "planned": saying.duration(facts["planned"], language),
            "percent": facts["percent"],
        }

    if kind == Certified.REALISATION:
        return [(voice.say(lambda _l: pgettext("certificate", "Duration achieved")), [voice.say(whole)])]
    rows = [(voice.say(lambda _l: pgettext("certificate", "Hours attended")), [voice.say(share)])]
    if facts["threshold"] is not None and kind != Certified.SAME_DAY:
        asked = voice.say(
            lambda _l: (
                pgettext("certificate", "%(percent)s%% of the planned time") % {"percent": facts["threshold"]}
            )
        )
        rows.append((voice.say(lambda _l: pgettext("certificate", "Asked at least")), [asked]))
    return rows


def _notes(voice: Voice, facts: Facts) -> list[Words]:
    """What limits this page, above all else."""
    found = []
    if not facts["sheets"]:
        found.append(voice.say(lambda each: _unsealed(facts, each)))
    if facts["issue"] > 1:
        found.append(voice.say(lambda _l: _superseding(facts)))
    return found


def _unsealed(facts: Facts, language: str) -> str:
    at, zone = _moment(facts["issued_at"]), facts["zone"]
    return pgettext(
        "certificate",
        "Provisional: the attendance sheet was not sealed when this was issued. Figures of %(day)s, %(hour)s, "
        "%(zone)s; those of the sealed sheet prevail.",
    ) % {
        "day": saying.day(at, zone, language),
        "hour": saying.hour(at, zone, language),
        "zone": saying.zone_words(at, zone, language),
    }


def _superseding(facts: Facts) -> str:
    return pgettext("certificate", "Issue %(issue)s, in place of the one before. Reason: %(reason)s") % {
        "issue": facts["issue"],
        "reason": facts["reason"],
    }


def _closing(kind: Certified) -> str:
    """How its hours are counted: by one rule on every certificate; of the French one also what is kept."""
    counted = pgettext(
        "certificate",
        "Hours are those recorded on the attendance sheet, each minute once, of each half-day at most those planned.",
    )
    if kind != Certified.REALISATION:
        return counted
    kept = pgettext(
        "certificate",
        "The records from which this certificate was made are kept for as long as the rules that bind the "
        "provider ask for.",
    )
    return f"{counted} {kept}"


def _issued(facts: Facts, language: str) -> str:
    day = saying.day(_moment(facts["issued_at"]), facts["zone"], language)
    return pgettext("certificate", "Issued on %(day)s") % {"day": day}


def _signatory(facts: Facts) -> str:
    given = facts["signatory"]
    return f"{given['name']}, {str(Role(given['role']).label).lower()}" if given["name"] else ""


def _seal(voice: Voice, facts: Facts) -> dict[str, Any]:
    """What it rests on, and how anybody checks it."""
    count = len(facts["sheets"])
    lines = [voice.say(partial(_sheet, sheet)) for sheet in facts["sheets"][:MOST_LINES]]
    if count > MOST_LINES:
        lines = [voice.say(lambda _l: _sheets(count))]
    return {
        "lines": lines,
        "verify": voice.say(lambda _l: pgettext("paper", "Verify this document:")),
        "address": addresses.verify(facts["code"]),
        "code": grouped(facts["code"]),
        "code_words": voice.say(lambda _l: pgettext("paper", "Code")),
        "alt": voice.plain(
            voice.say(lambda _l: pgettext("paper", "QR code of the address where this is verified"))
        ),
    }


def _sheet(sheet: dict[str, Any], _language: str) -> str:
    return pgettext("certificate", "Rests on sealed sheet %(code)s, version %(version)s.") % {
        "code": grouped(sheet["code"]),
        "version": sheet["version"],
    }


def _sheets(count: int) -> str:
    told = ngettext("Rests on %(n)s sealed sheet.", "Rests on %(n)s sealed sheets.", count)
    return told % {"n": count}
