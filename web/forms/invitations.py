"""Addresses pasted to invite people, and a person's own answer."""

from django import forms
from django.utils.translation import gettext_lazy as lazy

from seminars.actions.invitations import BadAddress
from seminars.vocabulary import Answer
from web.forms import parts
from web.forms.sessions import line_of


class InviteForm(parts.Form):
    """One box for addresses in any usual form; who can't be reached stays in it, to be corrected."""

    addresses = parts.Words(
        label=lazy("Addresses"),
        required=False,
        rows=4,
        max_length=60_000,
        help_text=lazy(
            "One address per line, or with commas. Each person gets a letter in her own language."
        ),
    )

    @classmethod
    def left(cls, bad: list[BadAddress]) -> "InviteForm":
        """The box with the bad ones only, numbered as they now stand in it, each with what is wrong."""
        form = cls({"addresses": "\n".join(one.text for one in bad)})
        form.is_valid()
        for number, one in enumerate(bad, 1):
            form.add_error("addresses", line_of(BadAddress(number, one.text, one.why)))
        return form


class AnswerForm(parts.Form):
    """Yes, maybe or no, each a button, and a word beside it."""

    answer = forms.ChoiceField(
        label=lazy("Answer"),
        choices=[(value, label) for value, label in Answer.choices if value],
        error_messages={"required": lazy("Choose yes, maybe or no.")},
    )
    note = forms.CharField(
        label=lazy("A word to the organisers"),
        required=False,
        max_length=300,
        help_text=lazy("For instance what you need: captions, sign language, access to the room."),
    )
