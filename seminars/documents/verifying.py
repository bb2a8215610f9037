"""How a paper says what it is: sealed, with number, digest and the way to verify it; or plainly a draft."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from seminars import addresses, moments, saying
from seminars.documents import identity
from seminars.documents.voices import Voice, Words
from seminars.models import SealedSheet
from seminars.queries.sealed import sealer
from seminars.queries.sheets import Sheet

MOST_FOOT = 80
"""Characters of a title at the foot of each page."""
NAMELESS = "VISO"
"""Stands where a project has no code."""


def number(sheet: Sheet) -> str:
    """`ALP-2027-0003/1`: project, year in which the session began, place in the project's chain, version; empty for
    what is not sealed."""
    seal = sheet.seal
    if seal is None or sheet.is_changed:
        return ""
    year = moments.local(sheet.about.starts_at, sheet.about.timezone).year
    return f"{seal.project or NAMELESS}-{year}-{seal.number:04d}/{seal.version}"


def grouped(text: str, size: int = 4) -> str:
    """In groups that a hand can copy."""
    return " ".join(text[at : at + size] for at in range(0, len(text), size))


def state(voice: Voice, sheet: Sheet) -> dict[str, Any]:
    """`sealed`, or `draft` with the reason in words; a draft is never without them."""
    if sheet.seal is not None and not sheet.is_changed:
        return {"kind": "sealed", "words": [], "why": []}
    draft = voice.say(lambda _l: pgettext("paper", "Provisional"))
    if sheet.version:
        why = voice.say(
            lambda _l: (
                pgettext(
                    "paper", "Changed since version %(version)s was sealed: the change is not sealed yet."
                )
                % {"version": sheet.version}
            )
        )
    elif sheet.is_final:
        why = voice.say(lambda _l: pgettext("paper", "The session is closed; the sheet is not sealed yet."))
    else:
        why = voice.say(lambda language: _running(sheet, language))
    return {"kind": "draft", "words": draft, "why": why}


def _running(sheet: Sheet, language: str) -> str:
    zone = sheet.about.timezone
    return pgettext("paper", "The session is not closed. Figures of %(day)s, %(hour)s, %(zone)s.") % {
        "day": saying.day(sheet.until, zone, language),
        "hour": saying.hour(sheet.until, zone, language),
        "zone": saying.zone_words(sheet.until, zone, language),
    }


def seal(voice: Voice, sheet: Sheet) -> dict[str, Any] | None:
    """Who sealed and when, what it rests on, what it supersedes, and how anybody checks it; None for a draft."""
    sealed = sheet.seal
    if sealed is None or sheet.is_changed:
        return None
    address = addresses.verify(sealed.code)
    lines = [
        voice.say(lambda language: _sealed(sheet, sealed, language)),
        voice.say(lambda _l: _basis(sealed)),
        voice.say(lambda _l: _before(sealed)),
        voice.say(
            lambda _l: pgettext("paper", "Reason of this version: %(reason)s") % {"reason": sealed.reason}
        )
        if sealed.reason
        else [],
    ]
    return {
        "title": voice.say(
            lambda _l: pgettext("paper", "Sealed sheet no. %(number)s") % {"number": number(sheet)}
        ),
        "lines": [words for words in lines if words],
        "verify": voice.say(lambda _l: pgettext("paper", "Verify this document:")),
        "address": address,
        "code": grouped(sealed.code),
        "code_words": voice.say(lambda _l: pgettext("paper", "Code")),
        "digest": grouped(sealed.digest, 8),
        "alt": voice.plain(
            voice.say(lambda _l: pgettext("paper", "QR code of the address where this is verified"))
        ),
    }


def _sealed(sheet: Sheet, sealed: SealedSheet, language: str) -> str:
    zone, at = sheet.about.timezone, sealed.sealed_at
    given = {
        "day": saying.day(at, zone, language),
        "hour": saying.hour(at, zone, language),
        "zone": saying.zone_words(at, zone, language),
        "version": sealed.version,
        "name": sealer(sealed) or _("the team"),
    }
    return (
        pgettext("paper", "Version %(version)s, sealed on %(day)s, %(hour)s, %(zone)s, by %(name)s.") % given
    )


def _basis(sealed: SealedSheet) -> str:
    return pgettext("paper", "It rests on %(count)s recorded facts; the last one’s digest is %(head)s…") % {
        "count": sealed.count,
        "head": grouped(sealed.head[:16], 8),
    }


def _before(sealed: SealedSheet) -> str:
    if not sealed.supersedes:
        return ""
    return pgettext("paper", "It supersedes version %(version)s, whose seal is %(seal)s…") % {
        "version": sealed.version - 1,
        "seal": grouped(sealed.supersedes[:16], 8),
    }


def foot(voice: Voice, sheet: Sheet, document: Words, shown: str | None = None) -> str:
    """What each page says at its foot: which document of which session, so that no page stands alone; on a sealed one
    also the code to verify by. `shown` stands for the number of what has none."""
    about, code = sheet.about, ""
    day = voice.plain(voice.say(lambda each: identity.short_day(about.starts_at, about.timezone, each)))
    titles = [_cut(each["text"]) for each in voice.named(about, "title")]
    title = " / ".join(titles) or about.code
    if shown is None:
        shown = number(sheet) or voice.plain(state(voice, sheet)["words"])
        code = sheet.seal.code if sheet.seal is not None and not sheet.is_changed else ""
    return " · ".join(filter(None, [f"{voice.plain(document)} {shown}".strip(), f"{title}, {day}", code]))


def _cut(text: str) -> str:
    return text if len(text) <= MOST_FOOT else f"{text[:MOST_FOOT].rstrip()}…"


def page(voice: Voice) -> str:
    """`Page {n} of {all}`, to be filled in where the pages are known."""
    return voice.plain(voice.say(lambda _l: pgettext("paper", "Page {n} of {all}")))


def address_of(sheet: Sheet) -> str:
    """The address of the QR code of a paper; empty for a draft."""
    return addresses.verify(sheet.seal.code) if sheet.seal is not None and not sheet.is_changed else ""
