"""Seats of organisations in a session: a number beside each that has some, and a line to add one."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as lazy

from seminars import saying
from seminars.actions.quotas import MOST_SEATS
from seminars.models import Organisation
from seminars.queries.seats import Seats
from web.forms import parts
from web.forms.sessions import OrganisationField


def number_field(label: Any) -> forms.IntegerField:
    return forms.IntegerField(label=label, required=False, min_value=0, max_value=MOST_SEATS)


class SeatsForm(parts.Form):
    """An emptied number takes the limit away."""

    organisation = OrganisationField(
        label=lazy("Organisation"),
        queryset=Organisation.objects.order_by("name_fr", "pk"),
        required=False,
        empty_label=lazy("None"),
    )
    seats = number_field(lazy("Seats"))

    def __init__(self, *args: Any, kept: Sequence[Seats], **options: Any) -> None:
        super().__init__(*args, **options)
        self.kept = kept
        language = saying.plain(get_language() or "en")
        for one in kept:
            field = number_field(saying.said(one.organisation, "name", language)[0])
            field.initial = one.seats
            self.fields[f"seats_{one.organisation.pk}"] = field

    def numbered(self) -> list[tuple[Seats, BoundField]]:
        return [(one, self[f"seats_{one.organisation.pk}"]) for one in self.kept]

    def numbers(self) -> dict[Organisation, int | None]:
        """What the action takes; only of a valid form."""
        found = {
            one.organisation: self.cleaned_data[f"seats_{one.organisation.pk}"]
            for one in self.kept
            if f"seats_{one.organisation.pk}" in self.data
        }
        added, number = self.cleaned_data["organisation"], self.cleaned_data["seats"]
        return found | ({added: number} if added is not None else {})

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("organisation") and cleaned.get("seats") is None and "seats" not in self.errors:
            self.add_error("seats", lazy("Say how many seats this organisation has."))
        if cleaned.get("seats") is not None and not cleaned.get("organisation"):
            self.add_error("organisation", lazy("Choose the organisation that has these seats."))
        return cleaned
