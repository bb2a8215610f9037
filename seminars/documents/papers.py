"""The papers of a session: their facts in one voice, which typst sets and a page shows in the same words."""

from dataclasses import dataclass, field
from datetime import datetime
from types import ModuleType
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from seminars.documents import (
    blank,
    emargement,
    identity,
    participants,
    pictures,
    programme,
    registro,
    verifying,
)
from seminars.documents.notes import Notes
from seminars.documents.press import pressed
from seminars.documents.project import fund
from seminars.documents.voices import Voice, Words, as_written, voice_of
from seminars.queries import reasons
from seminars.queries.sheets import Sheet
from seminars.vocabulary import Paper

MADE: dict[str, ModuleType] = {
    Paper.EMARGEMENT: emargement,
    Paper.REGISTRO: registro,
    Paper.PARTICIPANTS: participants,
    Paper.PROGRAMME: programme,
    Paper.BLANK: blank,
}
ORDERS = {Paper.REGISTRO: ("it", "fr")}
"""Whose language stands first on a paper in both: that of the law or funder it is made for, French elsewhere."""
SHEETS = (Paper.EMARGEMENT, Paper.REGISTRO, Paper.PARTICIPANTS)
"""Papers of the sheet: they are sealed, numbered, and name who came."""
Facts = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Drawn:
    """A paper's facts, and its drawings by name as SVG; `code` is the address that its QR code holds, or empty."""

    facts: Facts
    pictures: dict[str, str] = field(default_factory=dict)
    code: str = ""


def drawn(kind: str, sheet: Sheet, language: str) -> Drawn:
    """A paper of this sheet in `fr`, `it` or `both`. Raises KeyError for an unknown kind or language."""
    made, voice = MADE[kind], voice_of(language, ORDERS.get(Paper(kind), ("fr", "it")))
    notes = Notes(voice, sheet, made.SHOWN)
    document = voice.say(lambda _l: made.document())
    facts = _frame(voice, sheet, document, is_held=kind in SHEETS) | {
        "kind": str(kind),
        "landscape": kind != Paper.PROGRAMME,
        "tables": made.tables(voice, sheet, notes),
        "notes": notes.listed() if made.SHOWN else [],
    }
    code = verifying.address_of(sheet)
    if kind in SHEETS:
        facts |= _evidence(voice, sheet)
    else:
        code = made.address(sheet)
        facts |= _announced(voice, sheet, kind, document, code)
    shown = {"code": pictures.code_svg(code)} if code else {}
    return Drawn(facts, shown | ({"emblem": pictures.emblem_svg()} if facts["fund"] else {}), code)


def pdf(kind: str, sheet: Sheet, language: str, *, at: datetime) -> bytes:
    """The paper as PDF/UA-1; `at` is when it was made. Raises ValueError where it cannot be set."""
    paper = drawn(kind, sheet, language)
    return pressed("paper", paper.facts, at=at, pictures=paper.pictures)


def _frame(voice: Voice, sheet: Sheet, document: Words, *, is_held: bool) -> Facts:
    title = identity.title(voice, sheet.about)
    return {
        "language": voice.first,
        "title": f"{voice.plain(document)}, {title[0]['text']}",
        "author": sheet.about.host_fr or sheet.about.host_it,
        "document": document,
        "session": title,
        "fund": fund(voice, sheet.about.project),
        "identity": identity.rows(voice, sheet.about, is_held=is_held),
        "foot": verifying.foot(voice, sheet, document),
        "page": verifying.page(voice),
    }


def _evidence(voice: Voice, sheet: Sheet) -> Facts:
    return {
        "number": verifying.number(sheet),
        "state": verifying.state(voice, sheet),
        "remarks": _remarks(voice, sheet),
        "seal": verifying.seal(voice, sheet),
        "claim": _claim(voice),
    }


def _claim(voice: Voice) -> Words:
    """What this paper says and does not say of itself."""
    return voice.say(
        lambda _l: pgettext(
            "paper",
            "The figures follow the rules printed above. Whether they meet a rule of law, its reader judges.",
        )
    )


def _announced(voice: Voice, sheet: Sheet, kind: str, document: Words, address: str) -> Facts:
    """Papers from before the session: no seal, but the way to its page."""
    facts: Facts = {
        "number": "",
        "state": {"kind": "plain", "words": [], "why": []},
        "remarks": None,
        "seal": None,
    }
    facts["way"] = {"address": address, "alt": blank.code_words(voice)}
    facts["foot"] = verifying.foot(voice, sheet, document, shown="")
    if kind == Paper.BLANK:
        return facts | {"instructions": blank.instructions(voice)}
    return facts | {"summary": programme.summary(voice, sheet.about)}


def _remarks(voice: Voice, sheet: Sheet) -> Facts | None:
    """Reasons that somebody gave stay as they were written, beside the name of who gave them."""
    items: list[Words] = [_reason(voice, name, reason) for name, reason in sheet.declarations]
    for _finding, reason, name in sheet.explanations:
        items.append(_explained(voice, name, reason))
    if sheet.withdrawn:
        gone = ", ".join(row.person.name for row in sheet.withdrawn)
        said = voice.say(
            lambda _l: (
                pgettext("paper", "Signed without invitation, not there by the host’s word: %(names)s.")
                % {"names": gone}
            )
        )
        items.append(said)
    head = voice.say(lambda _l: pgettext("paper", "Reasons and remarks"))
    return {"head": head, "items": items} if items else None


def _reason(voice: Voice, name: str, reason: str) -> Words:
    if name and reason not in reasons.OWN:
        return as_written(f"{name} – {reason}")
    return voice.say(lambda _l: f"{name or _('the team')} – {reasons.said(reason)}")


def _explained(voice: Voice, name: str, reason: str) -> Words:
    return voice.say(
        lambda _l: (
            pgettext("paper", "Explained by %(name)s at the closing: %(reason)s.")
            % {"name": name or _("the team"), "reason": reason.rstrip(".")}
        )
    )
