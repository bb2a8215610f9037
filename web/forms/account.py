"""What is typed to enter, and to keep one's own account."""

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from seminars.vocabulary import Language, Zone
from web.forms.parts import Form, PickField


class AddressForm(Form):
    """One address, exactly."""

    email = forms.EmailField(
        label=_("Mail address"),
        help_text=_("The one that received your invitation."),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false"}),
        error_messages={
            "required": _("Write your mail address."),
            "invalid": _("Write one mail address, such as name@example.org."),
        },
    )


class NumberForm(Form):
    """The six digits of the mail; spaces between them do no harm."""

    number = forms.CharField(
        label=_("Number from the mail"),
        help_text=_("Six digits."),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
        error_messages={"required": _("Write the six digits of the mail.")},
    )

    def clean_number(self) -> str:
        return "".join(str(self.cleaned_data["number"]).split())


class PreferenceForm(Form):
    name = forms.CharField(
        label=_("Name"),
        help_text=_("As others see it in the room and on the attendance sheet."),
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": _("Write your name.")},
    )
    language = PickField(
        label=_("Language"),
        help_text=_("Of your pages, letters and calendar."),
        choices=Language.choices,
    )
    timezone = PickField(label=_("Hours shown as in"), choices=Zone.choices)


class TokenForm(Form):
    name = forms.CharField(
        label=_("What it is for"),
        help_text=_("A name by which you recognise it later."),
        max_length=80,
        error_messages={"required": _("Give a name, so that you recognise it later.")},
    )
    may_write = forms.BooleanField(label=_("May also write: plan, move, cancel, invite"), required=False)


class LookForm(Form):
    look = PickField(
        label=_("Look"),
        choices=[
            ("device", pgettext_lazy("look", "As the device")),
            ("light", pgettext_lazy("look", "Light")),
            ("dark", pgettext_lazy("look", "Dark")),
        ],
    )
