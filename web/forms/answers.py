"""What an invited person says on her own page: her answer, all dates of a series, who comes instead, her language."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import pgettext_lazy as lazy_in

from seminars import saying
from seminars.actions.substitutions import MOST_NAME
from seminars.models import Session
from seminars.queries.dates import Date
from seminars.vocabulary import Answer, Language, Zone
from web.forms import parts

SAID = [(value, label) for value, label in Answer.choices if value]


class AnswerForm(parts.Form):
    """Yes, maybe or no, each a button, and a word beside it."""

    answer = forms.ChoiceField(
        label=lazy("Answer"),
        choices=SAID,
        error_messages={"required": lazy("Choose yes, maybe or no.")},
    )
    note = forms.CharField(
        label=lazy("A word to the organisers"),
        required=False,
        max_length=300,
        help_text=lazy("For instance what you need: captions, sign language, access to the room."),
    )


class DatesForm(parts.Form):
    """An answer for each date of a series, or one for all; what is left empty stays as it is.

    Each date shown travels along, so that one that began meanwhile can be named.
    """

    all = parts.PickField(
        label=lazy("The same answer for all"),
        required=False,
        choices=[("", lazy_in("answer", "Each date its own")), *SAID],
    )
    note = forms.CharField(
        label=lazy("A word to the organisers"),
        required=False,
        max_length=300,
        help_text=lazy("It goes with each answer kept here."),
    )

    def __init__(self, dates: Sequence[Date], data: Any = None) -> None:
        super().__init__(data, prefix="dates", initial={"all": ""})
        self.dates = dates
        for date in dates:
            self.fields[date.invitation.code] = parts.PickField(
                label=when(date.invitation.session),
                required=False,
                choices=SAID,
                initial="" if date.is_earlier else date.invitation.answer,
            )

    @property
    def rows(self) -> list[tuple[Date, forms.BoundField]]:
        return [(date, self[date.invitation.code]) for date in self.dates]

    @property
    def unanswered(self) -> int:
        """How many of the dates shown wait for an answer, or for one to the date as it is now."""
        return sum(date.is_earlier or not date.invitation.answer for date in self.dates)

    @property
    def answers(self) -> dict[int, Answer]:
        """By invitation (ids); of a valid form."""
        given = self.cleaned_data["all"]
        said = {date.invitation.pk: given or self.cleaned_data[date.invitation.code] for date in self.dates}
        return {pk: Answer(value) for pk, value in said.items() if value}


def sequence(typed: str) -> int | None:
    """The SEQUENCE of the session that a page showed beside its buttons; None where it tells none."""
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else None


def when(session: Session) -> str:
    """The day and the hours of a session, as the reader says them."""
    language = get_language() or "en"
    hours = saying.hours(session.starts_at, session.ends_at, session.timezone, language)
    return f"{saying.day(session.starts_at, session.timezone, language)}, {hours}"


class SubstituteForm(parts.Form):
    """Who comes in her place; rules of the address are those of inviting, and are asked there."""

    name = forms.CharField(
        label=lazy("Name of who comes instead"),
        max_length=MOST_NAME,
        error_messages={"required": lazy("Write the name of the person who comes instead.")},
    )
    email = forms.CharField(
        label=lazy("Mail address of this person"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": lazy("Write the mail address: the invitation goes there.")},
    )
    language = parts.PickField(label=lazy("Language of this person"), choices=Language.choices)
    note = forms.CharField(label=lazy("A word about it"), required=False, max_length=300)


class LanguageForm(parts.Form):
    """In what language and as in which place she reads."""

    language = parts.PickField(
        label=lazy("Language"), help_text=lazy("Of your letters and your calendar."), choices=Language.choices
    )
    timezone = parts.PickField(label=lazy("Hours shown as in"), choices=Zone.choices)
