"""The day of the last payment, the profiles of a session, and the sure word of whoever wants to be forgotten."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as lazy

from seminars.vocabulary import Profile
from web.forms import parts


class PaymentForm(parts.Form):
    """When a project was paid last."""

    project = forms.ChoiceField(label=lazy("Project"), required=False)
    paid_on = parts.DayField(label=lazy("Day of the last payment"))
    sure_of = forms.IntegerField(widget=forms.HiddenInput, required=False)
    """How many sessions she was told will name nobody any more."""

    def __init__(self, *given: Any, projects: Iterable[str] = (), **more: Any) -> None:
        super().__init__(*given, **more)
        choices = [(each, each or lazy("without a code")) for each in projects]
        self.fields["project"].choices = choices  # type: ignore[attr-defined]  # of a choice field
        if len(choices) == 1:
            self.fields["project"].widget = forms.HiddenInput()


class ProfilesForm(parts.Form):
    profiles = parts.PickSeveralField(label=lazy("Kept after"), choices=Profile, required=False)


class SureForm(parts.Form):
    is_sure = forms.BooleanField(
        label=lazy("I want this, and I know that it can't be undone"), required=False
    )
