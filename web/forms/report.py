"""The consistency report as a form: a place for the reason at each line, and the confirmation of a seal."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from seminars.actions.explaining import LONGEST_REASON
from seminars.models import Person
from web.consistency import Line
from web.forms import parts
from web.forms.desk import NAMELESS

WHY = "why:"
"""Before the key of a finding, in the name of its field."""


@dataclass(frozen=True, slots=True)
class Point:
    """One line of the report with the field for its reason."""

    line: Line
    reason: BoundField

    @property
    def is_care(self) -> bool:
        return self.line.is_open


class ReportForm(parts.Form):
    """A reason for each line. With `owner` the fields belong to the form of that id, wherever they stand."""

    def __init__(self, *args: Any, lines: Sequence[Line], owner: str = "", **options: Any) -> None:
        super().__init__(*args, **options)
        self.lines = lines
        for number, line in enumerate(lines, 1):
            field = parts.Words(
                label=_("Reason, point %(n)s") % {"n": number},
                required=False,
                rows=1,
                max_length=LONGEST_REASON,
                initial=line.reason,
                help_text=NAMELESS if number == 1 else "",
                error_messages={"max_length": _("At most %(most)s characters.") % {"most": LONGEST_REASON}},
            )
            if owner:
                field.widget.attrs["form"] = owner
            self.fields[f"{WHY}{line.finding.key}"] = field

    @property
    def points(self) -> Iterator[Point]:
        for line in self.lines:
            yield Point(line, self[f"{WHY}{line.finding.key}"])

    def reasons(self) -> dict[str, str]:
        """By the keys of the findings, of the fields that were sent."""
        return {
            name.removeprefix(WHY): words
            for name, words in self.cleaned_data.items()
            if name.startswith(WHY) and name in self.data
        }

    def own_reasons(self) -> dict[str, str]:
        """Those of them for lines that nobody else has explained."""
        bare = {line.finding.key for line in self.lines if not line.reason}
        return {key: words for key, words in self.reasons().items() if key in bare and words}

    def fill_in(self) -> None:
        """What somebody else has written meanwhile stands where this form was sent empty."""
        sent: Any = self.data
        filled = sent.copy()
        for line in self.lines:
            name = f"{WHY}{line.finding.key}"
            if not str(filled.get(name, "")).strip():
                filled[name] = line.reason
        self.data = filled


class SealForm(ReportForm):
    """All of it with one confirmation; another version also says why."""

    def __init__(self, *args: Any, is_next: bool, signs_as: Person | None = None, **options: Any) -> None:
        """`signs_as` is who countersigns with the seal, and types her name for it."""
        super().__init__(*args, **options)
        self.signs_as = signs_as
        if signs_as is not None:
            self.fields["name"] = forms.CharField(
                label=gettext_lazy("Your name, typed by you"),
                help_text=format_html(_("As it stands on the sheet: {name}"), name=signs_as.name),
                max_length=160,
                required=False,  # the reasons are kept where it is missing; the act refuses
                widget=forms.TextInput(attrs={"autocomplete": "name", "spellcheck": "false"}),
            )
        if is_next:
            self.fields["reason"] = parts.Words(
                label=gettext_lazy("Why there is a new version"),
                rows=1,
                max_length=LONGEST_REASON,
                help_text=gettext_lazy(
                    "It is printed with the new version, which quotes the seal of the one before."
                ),
                error_messages={
                    "required": gettext_lazy("Say why there is a new version."),
                    "max_length": gettext_lazy("At most 300 characters."),
                },
            )
