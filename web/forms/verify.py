"""What a stranger gives to have a document verified: the code it prints, or its file."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from seminars.queries import verdicts
from web.forms.parts import Form

MOST_OCTETS = 1024 * 1024


class CodeForm(Form):
    """Sixteen letters and digits, however they are grouped."""

    code = forms.CharField(
        label=_("Code of the document"),
        help_text=_("Sixteen letters and digits, near its QR code. Spaces do no harm."),
        max_length=60,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
        ),
        error_messages={
            "required": _("Type the code that the document prints."),
            "max_length": _("This is longer than a code. Copy only its sixteen letters and digits."),
        },
    )

    def clean_code(self) -> str:
        code = "".join(
            sign for sign in str(self.cleaned_data["code"]).lower() if sign.isalnum() and sign.isascii()
        )
        if not code:
            raise forms.ValidationError(_("Type the code that the document prints."))
        return code


class NameForm(Form):
    """The name on a certificate, to be compared."""

    name = forms.CharField(
        label=_("Name on the certificate"),
        help_text=_("As it is printed. The answer is only whether it is the same; nothing is kept."),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": _("Type the name that the certificate prints.")},
    )


class FileForm(Form):
    """The JSON of a sheet, of a seal or of a certificate, as it was exported."""

    file = forms.FileField(
        label=_("File of a sheet, a seal or a certificate (JSON)"),
        help_text=_("At most 1 MB. It is read and compared, and not kept."),
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".json,application/json"}),
        error_messages={"required": _("Choose the exported file.")},
    )

    def clean_file(self) -> Mapping[str, Any]:
        given = self.cleaned_data["file"]
        if given.size > MOST_OCTETS:
            raise forms.ValidationError(_("This file is larger than 1 MB: it was not exported here."))
        try:
            return verdicts.read(given.read(MOST_OCTETS))
        except ValueError as error:
            raise forms.ValidationError(_("This file holds no sheet, no seal and no certificate.")) from error
