"""What is typed to sign: one's name, a number from the mail, the room's code, who one is."""

import uuid
from typing import Any

from django import forms
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from seminars.models import Person, Session
from seminars.vocabulary import Country, Mode, Where
from web.forms.account import AddressForm, NumberForm
from web.forms.parts import Form, PickField

__all__ = ["AddressForm", "DecideForm", "NumberForm", "RoomCodeForm", "SignForm", "WalkInForm"]


class SignForm(Form):
    """Her name typed by herself; in a hybrid session where she is; a number where she has to prove herself anew."""

    name = forms.CharField(
        label=_("Your name, typed by you"),
        max_length=160,
        widget=forms.TextInput(attrs={"autocomplete": "name", "spellcheck": "false"}),
        error_messages={"required": _("Type your name: that is your signature.")},
    )
    mode = PickField(label=_("Where are you?"), choices=Where.choices, required=False)
    number = NumberForm.base_fields["number"]

    def __init__(
        self, *args: Any, person: Person, asks_mode: bool, asks_number: bool, **options: Any
    ) -> None:
        super().__init__(*args, **options)
        as_it_stands = format_html(str(_("As it stands on the sheet: {name}")), name=person.name)
        self.fields["name"].help_text = as_it_stands
        if not asks_mode:
            del self.fields["mode"]
        self.asks_number = asks_number
        self.fields["number"].required = False

    def ask_number(self) -> None:
        """From now on the number stands in the form, with what was typed."""
        self.asks_number = True

    def clean_number(self) -> str:
        return "".join(str(self.cleaned_data["number"]).split())

    @property
    def slot_number(self) -> int:
        """Of the button that was pressed; 0 for whatever is none."""
        given = str(self.data.get("slot", ""))
        return int(given) if given.isascii() and given.isdigit() and len(given) < 5 else 0


def asks_mode(session: Session) -> bool:
    return session.mode == Mode.HYBRID


class RoomCodeForm(Form):
    room_code = forms.CharField(
        label=_("Code shown in the room"),
        help_text=_("Six letters and figures, renewed each minute."),
        max_length=40,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false", "class": "num"}
        ),
        error_messages={"required": _("Type the code that the room shows.")},
    )


class WalkInForm(Form):
    """Somebody who is not on the list: who she says she is. `key` makes two presses one signature."""

    name = forms.CharField(
        label=_("Your name, typed by you"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "name", "spellcheck": "false"}),
        error_messages={"required": _("Type your name: that is your signature.")},
    )
    organisation = forms.CharField(
        label=_("Organisation"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    country = PickField(label=_("Country"), choices=Country.choices, required=False)
    email = forms.EmailField(
        label=_("Mail address"),
        max_length=254,
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false"}),
        error_messages={"invalid": _("Write one mail address, such as name@example.org.")},
    )
    key = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def clean_key(self) -> uuid.UUID:
        return self.cleaned_data["key"] or uuid.uuid4()


class KnownWalkInForm(Form):
    """Somebody known who is not on this list."""

    organisation = WalkInForm.base_fields["organisation"]


class DecideForm(Form):
    """What a host says of a walk-in: that she was there, was not, or is somebody else of the list. `listed`: people by
    what the list shows of each, which is one for all the forms of a page."""

    onto = forms.CharField(
        label=_("The same person as"),
        help_text=_("Begin to type a name, and choose from the list."),
        max_length=400,
        required=False,
        widget=forms.TextInput(attrs={"list": "listed", "autocomplete": "off", "spellcheck": "false"}),
    )
    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("Printed with the sheet; no name and nothing about health."),
        max_length=300,
        required=False,
    )

    def __init__(self, *args: Any, listed: dict[str, Person], **options: Any) -> None:
        super().__init__(*args, **options)
        self.listed = listed

    def chosen(self) -> Person | None:
        """By the line of the list, a code, an address, or a name that only one of them has."""
        typed = self.cleaned_data["onto"].casefold()
        found = [one for line, one in self.listed.items() if typed in (line.casefold(), one.code, one.email)]
        same = [one for one in self.listed.values() if one.name.casefold() == typed]
        if found or len(same) != 1:
            same = found
        return same[0] if same and typed else None
