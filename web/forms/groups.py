"""Keeping people as a group, naming one, adding to it."""

from django import forms
from django.utils.translation import gettext_lazy as lazy

from web.forms import parts
from web.forms.invitations import AddressesForm
from web.forms.sessions import line_of


def name_field() -> forms.CharField:
    return forms.CharField(label=lazy("Name of the group"), max_length=120, required=False)


class KeepForm(parts.Form):
    """The people of a session, as its page shows them, under a name."""

    name = name_field()
    session = forms.CharField(widget=forms.HiddenInput, max_length=12)
    show = forms.CharField(widget=forms.HiddenInput, max_length=20, required=False)


class NameForm(parts.Form):
    name = name_field()


class GroupForm(AddressesForm):
    """A new group of pasted addresses; one that can't be used stops the whole, and all that was typed stays."""

    name = name_field()
    field_order = ("name", "addresses")

    def clean(self) -> None:
        super().clean()
        for bad in self.pasted.bad if hasattr(self, "pasted") else []:
            self.add_error("addresses", line_of(bad))


class AddForm(AddressesForm):
    """More people for a group."""

    prefix = "add"

    def clean(self) -> None:
        super().clean()
        for bad in self.pasted.bad if hasattr(self, "pasted") else []:
            self.add_error("addresses", line_of(bad))
