"""The languages a paper speaks: one, or two of which the first speaks in full and the other stands beneath it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils import translation
from django.utils.functional import Promise

from seminars import saying

Words = list[dict[str, str]]
"""The same words as {"language", "text"}, the first voice first; one entry where both languages say the same."""
BOTH = "both"
CHOICES = ("fr", "it", BOTH)
"""What a paper can be asked in, whatever its reader's own language."""


@dataclass(frozen=True, slots=True)
class Voice:
    """One language, or two in order."""

    languages: tuple[str, ...]

    @property
    def first(self) -> str:
        return self.languages[0]

    def say(self, said: Callable[[str], str | Promise]) -> Words:
        """`said(language)` under each language; nothing where it says nothing."""
        words: Words = []
        for language in self.languages:
            with translation.override(language):
                text = str(said(language))
            if text and _bare(text) not in [_bare(each["text"]) for each in words]:
                words.append({"language": language, "text": text})
        return words

    def alike(self, words: str | Promise) -> Words:
        """Words that gettext translates by themselves."""
        return self.say(lambda _language: words)

    def named(self, thing: Any, field: str) -> Words:
        """A text that has a column per language; where the first voice's is empty, the next filled one."""
        words = [saying.said(thing, field, language) for language in self.languages]
        return [{"language": language, "text": text} for text, language in dict.fromkeys(words) if text]

    def plain(self, words: Words) -> str:
        """On one line, for a title of a file or a foot."""
        return " / ".join(each["text"] for each in words)


def pause(sign: str, language: str) -> str:
    """A colon or semicolon and what stands around it: in French a narrow no-break space before it."""
    return f"{saying.THIN if language == 'fr' else ''}{sign} "


def _bare(text: str) -> str:
    """As the eye compares: French and Italian differ in the width of their spaces."""
    return " ".join(text.split())


def as_written(text: str) -> Words:
    """What somebody wrote, or a name: it has no language of its own here."""
    return [{"language": "", "text": text}] if text else []


def voice_of(choice: str, order: tuple[str, str] = ("fr", "it")) -> Voice:
    """The voice for `fr`, `it` or `both`; `order` is that of the law or funder a paper is made for. Raises KeyError
    for another choice."""
    return Voice({"fr": ("fr",), "it": ("it",), BOTH: order}[choice])
