"""Words of a trainer's own for one kind of letter, in up to three languages."""

from typing import Self

from django.utils.translation import gettext_lazy as _

from seminars.actions.own_words import MOST
from seminars.models import OwnWords
from seminars.vocabulary import Language
from web.forms import parts


class OwnWordsForm(parts.Form):
    text_fr = parts.Words(label=_("Text in French"), rows=4, max_length=MOST, required=False)
    text_it = parts.Words(label=_("Text in Italian"), rows=4, max_length=MOST, required=False)
    text_en = parts.Words(label=_("Text in English"), rows=4, max_length=MOST, required=False)

    @classmethod
    def showing(cls, own: OwnWords) -> Self:
        """What is kept, to be changed."""
        return cls(initial={name: getattr(own, name) for name in ("text_fr", "text_it", "text_en")})

    def texts(self) -> dict[str, str]:
        """By language."""
        return {language: self.cleaned_data[f"text_{language}"] for language in Language.values}
