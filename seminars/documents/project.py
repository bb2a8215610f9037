"""Who pays and who is obliged: the block of the fund on a paper, from settings, absent where none is set (ATT-18)."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import pgettext, pgettext_lazy

from seminars.documents.voices import Voice, Words, as_written

EVERY = Voice(("fr", "it", "en"))
STATEMENT = pgettext_lazy("paper", "Co-funded by the European Union")


def is_funded(project: Mapping[str, str]) -> bool:
    """Whether anything of the fund is set: then its statement and emblem are printed."""
    return any(project.get(name) for name in ("line", "programme", "emblem", "number"))


def fund(voice: Voice, project: Mapping[str, str]) -> dict[str, Any] | None:
    """The emblem's words, the statement in full (Regulation (EU) 2021/1060, annex IX), programme, project, number."""
    if not is_funded(project):
        return None
    statement = voice.alike(STATEMENT)
    line = project.get("line", "")
    lines: list[Words] = [statement]
    if line and line.casefold() not in {each["text"].casefold() for each in EVERY.alike(STATEMENT)}:
        lines.append(as_written(line))
    lines += [as_written(project.get(name, "")) for name in ("programme", "project")]
    if number := project.get("number", ""):
        lines.append(
            voice.say(lambda _language: pgettext("paper", "Project no. %(number)s") % {"number": number})
        )
    alt = voice.plain(voice.say(lambda _language: pgettext("paper", "Emblem of the European Union")))
    return {"lines": [words for words in lines if words], "alt": alt}


def provider(voice: Voice, project: Mapping[str, str]) -> list[tuple[Words, Words]]:
    """Who is obliged by training law, with the number under which it is declared."""
    rows = []
    if name := project.get("provider", ""):
        rows.append((voice.say(lambda _l: pgettext("paper", "Training provider")), as_written(name)))
    if number := project.get("provider_number", ""):
        rows.append((voice.say(lambda _l: pgettext("paper", "Declared under no.")), as_written(number)))
    return rows
