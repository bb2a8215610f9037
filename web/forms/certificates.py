"""Issuing certificates: which kind, in which language; issuing one again, or taking it back, and why."""

from django import forms
from django.utils.translation import gettext_lazy as lazy

from seminars.vocabulary import Certified, Language
from web.forms import parts


class IssueForm(parts.Form):
    """The people are ticked beside their rows."""

    kind = forms.ChoiceField(choices=Certified, widget=forms.HiddenInput)
    language = forms.ChoiceField(
        label=lazy("Language of the documents"),
        choices=[("", lazy("That of the document, else each person’s own")), *Language.choices],
        required=False,
    )


class ReissueForm(parts.Form):
    language = forms.ChoiceField(label=lazy("Language"), choices=Language, required=False)
    reason = parts.Words(
        label=lazy("Reason"),
        required=False,
        max_length=200,
        help_text=lazy("No name and nothing about health: this can't be erased."),
    )
