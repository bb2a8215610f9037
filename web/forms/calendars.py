"""The name under which a person recognises a calendar key later."""

from django import forms
from django.utils.translation import gettext_lazy as _

from web.forms import parts


class KeyForm(parts.Form):
    name = forms.CharField(
        label=_("For which calendar program?"),
        help_text=_("A name that you will recognise in the list, for example “my phone”."),
        max_length=80,
        initial=_("My phone"),
        error_messages={"required": _("Give a name, so that you recognise it later.")},
    )
