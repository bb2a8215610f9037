"""What a trainer adds to a letter: plain text with a few placeholders in braces, each filled in once, never code."""

import re

from seminars import saying
from seminars.vocabulary import Language
from seminars.wording import told

PLACEHOLDERS = {
    "name": {"fr": "nom", "it": "nome"},
    "title": {"fr": "titre", "it": "titolo"},
    "day": {"fr": "jour", "it": "giorno"},
    "hour": {"fr": "heure", "it": "ora"},
    "place": {"fr": "lieu", "it": "luogo"},
    "trainer": {"fr": "formateur", "it": "docente"},
}
"""By English name its names in other languages: a text may use any of them, whatever its own language."""
MEANT = {alias: name for name, aliases in PLACEHOLDERS.items() for alias in (name, *aliases.values())}
_BRACED = re.compile(r"\{([^{}]*)\}")
_STRAY = re.compile(r"\{[^\s{}]*|[^\s{}]*\}")


def placeholder(name: str, language: str) -> str:
    """As somebody who writes in this language types it, braces included."""
    return f"{{{PLACEHOLDERS[name].get(language, name)}}}"


def faults(text: str) -> list[str]:
    """What would not be filled in, each thing once: in braces but no placeholder, and braces without their partner
    with the word they cling to."""
    braced = [found[0] for found in _BRACED.finditer(text) if found[1].strip() not in MEANT]
    return list(dict.fromkeys([*braced, *_STRAY.findall(_BRACED.sub(" ", text))]))


def written(telling: told.Telling) -> tuple[str, str]:
    """The words in her language, or in another where hers has none, and that language; ("", hers) without any."""
    others = [str(each) for each in Language.values if each != telling.language]
    for language in (telling.language, *others):
        if text := telling.own_words.get(language, "").strip():
            return expanded(text, values(telling)), language
    return "", telling.language


def values(telling: told.Telling) -> dict[str, str]:
    """What stands for each placeholder, in the language of the letter around it; nothing breaks a line."""
    occasion, zone, language = telling.occasion, telling.zone, telling.language
    return {
        "name": told.line(telling.reader.name),
        "title": told.line(told.name(occasion, zone, language)),
        "day": saying.day(occasion.starts_at, zone, language),
        "hour": saying.hour(occasion.starts_at, zone, language),
        "place": told.line(told.where(occasion)),
        "trainer": told.line(telling.trainer),
    }


def expanded(text: str, found: dict[str, str]) -> str:
    """In one pass: braces that a value brings along stay what they are."""
    return _BRACED.sub(lambda braced: found.get(MEANT.get(braced[1].strip(), ""), braced[0]), text)


def quoted(text: str) -> str:
    """As plain letters quote."""
    return "\n".join(f"> {line}".rstrip() for line in text.split("\n"))
