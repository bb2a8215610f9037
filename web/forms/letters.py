"""A word to the people of a session, in one language or two."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from seminars.vocabulary import Audience
from web.forms import parts


class MessageForm(parts.Form):
    audience = parts.PickField(
        label=_("Who reads it"),
        help_text=_("Open rooms show what is for everybody, and nothing else."),
        choices=Audience.choices,
        initial=Audience.EVERYBODY,
        required=False,
    )
    text_fr = parts.Words(
        label=_("Text in French"),
        help_text=_("Without a text in French, French readers get the Italian one."),
        rows=5,
        max_length=2000,
        required=False,
    )
    text_it = parts.Words(
        label=_("Text in Italian"),
        help_text=_("Without a text in Italian, Italian readers get the French one."),
        rows=5,
        max_length=2000,
        required=False,
    )

    def __init__(self, counts: Mapping[str, int], data: Any = None, **more: Any) -> None:
        super().__init__(data, **more)
        self.counts = counts
        self.fields["audience"].choices = [  # type: ignore[attr-defined]  # of a choice field
            (value, _counted(str(label), counts[value])) for value, label in Audience.choices
        ]

    @property
    def sure_count(self) -> int:
        """How many letters leave where that does not hang on the readers chosen, else 0."""
        counts = set(self.counts.values()) - {0}
        return counts.pop() if len(counts) == 1 else 0

    def clean_audience(self) -> str:
        return self.cleaned_data["audience"] or Audience.EVERYBODY


def _counted(readers: str, count: int) -> str:
    words = ngettext("%(readers)s: %(n)s letter", "%(readers)s: %(n)s letters", count)
    return words % {"readers": readers, "n": count}
