"""A word to everybody, in one language or two."""

from django.utils.translation import gettext_lazy as _

from web.forms import parts


class MessageForm(parts.Form):
    text_fr = parts.Words(label=_("Text in French"), rows=5, max_length=2000, required=False)
    text_it = parts.Words(label=_("Text in Italian"), rows=5, max_length=2000, required=False)
