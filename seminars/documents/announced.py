"""What people were told of a session: each revision of its invitation, as data and as plain text in both languages."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from seminars import saying
from seminars.models import Revision, Session
from seminars.vocabulary import LetterKind, Mode

File = tuple[str, bytes, str | Promise]
LANGUAGES = ("fr", "it")


def files(session: Session) -> Iterator[File]:
    """In the order in which they were made; none carries a personal link, for letters hold those, revisions do not."""
    revisions = list(session.revisions.order_by("pk"))
    told = [_told(at, revision) for at, revision in enumerate(revisions, 1)]
    content = json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True).encode() + b"\n"
    yield "invitation/revisions.json", content, pgettext_lazy("bundle", "what letters said, each revision")
    for at, revision in enumerate(revisions, 1):
        for language in LANGUAGES:
            text = _text(revision, language)
            told_as = pgettext_lazy("bundle", "invitation as text")
            yield f"invitation/revision-{at}-{language}.txt", text.encode(), told_as


def _told(at: int, revision: Revision) -> dict[str, Any]:
    letters = revision.letters.order_by().values_list("kind", flat=True)
    kinds = sorted(letters)
    return {
        "revision": at,
        "sequence": revision.sequence,
        "made_at": revision.made_at.isoformat(timespec="seconds"),
        "letters": {kind: kinds.count(kind) for kind in dict.fromkeys(kinds)},
        "content": revision.content,
    }


def _text(revision: Revision, language: str) -> str:
    content = revision.content
    zone = content["timezone"]
    with translation.override(language):
        lines = [
            _said(content, "title", language),
            *(_hours(start, end, zone, language) for start, end in content["slots"]),
            _where(content),
            "",
            _said(content, "summary", language),
            "",
            _words(content, language),
        ]
    return "\n".join(lines).strip() + "\n"


def _said(content: dict[str, Any], name: str, language: str) -> str:
    order = (language, *(each for each in ("fr", "it", "en") if each != language))
    return next((content[f"{name}_{each}"] for each in order if content.get(f"{name}_{each}")), "")


def _hours(start: str, end: str, zone: str, language: str) -> str:
    begun, ended = datetime.fromisoformat(start), datetime.fromisoformat(end)
    hours = saying.hours(begun, ended, zone, language)
    return f"{saying.day(begun, zone, language)}, {hours}, {saying.zone_words(begun, zone, language)}"


def _where(content: dict[str, Any]) -> str:
    mode = str(Mode(content["mode"]).label)
    return _("%(mode)s, %(place)s") % {"mode": mode, "place": content["place"]} if content["place"] else mode


def _words(content: dict[str, Any], language: str) -> str:
    """What the trainer added; in another language where hers has none."""
    own = content.get("words", {}).get(LetterKind.INVITATION, {})
    return next((own[each] for each in (language, "fr", "it", "en") if own.get(each)), "")
