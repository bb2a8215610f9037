"""A calendar address to be made: the name by which a person knows it later, what it shows, how long it lasts."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from seminars.actions.people import MOST_PAST_DAYS
from seminars.vocabulary import FeedScope, Language
from web.forms import parts

HALF_YEAR, THIRTEEN_MONTHS = 183, 400


def lengths() -> list[tuple[str, str]]:
    """Days that an address may last: the installation's own choice is among them, for ever only where that is it."""
    known = {HALF_YEAR: str(_("6 months")), THIRTEEN_MONTHS: str(_("13 months"))}
    usual = settings.FEED_KEY_DAYS
    if not usual:
        return [*((str(days), words) for days, words in known.items()), ("0", str(_("until I revoke it")))]
    words = ngettext("%(n)s day", "%(n)s days", usual) % {"n": usual}
    return [(str(days), words) for days, words in sorted(({usual: words} | known).items())]


class KeyForm(parts.Form):
    name = forms.CharField(
        label=_("For which calendar program?"),
        help_text=_("A name that you will recognise in the list, for example “my phone”."),
        max_length=80,
        initial=_("My phone"),
        error_messages={"required": _("Give a name, so that you recognise it later.")},
    )
    scope = forms.ChoiceField(
        label=_("Which sessions?"), choices=FeedScope, initial=FeedScope.ALL, required=False
    )
    language = forms.ChoiceField(
        label=_("In which language?"),
        choices=[("", _("The one of my profile")), *Language.choices],
        required=False,
    )
    past_days = forms.IntegerField(
        label=_("How many days of the past?"),
        min_value=0,
        max_value=MOST_PAST_DAYS,
        required=False,
        error_messages=dict.fromkeys(
            ("invalid", "min_value", "max_value"), _("Give a number of days from 0 to 730, or none.")
        ),
    )
    lasts = forms.ChoiceField(label=_("How long should the address last?"), required=False)

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self.fields["lasts"].choices = lengths()  # type: ignore[attr-defined]  # a choice field
        self.fields["lasts"].initial = str(settings.FEED_KEY_DAYS)
        usual = ngettext("Empty: %(n)s day.", "Empty: %(n)s days.", settings.FEED_PAST_DAYS)
        self.fields["past_days"].help_text = usual % {"n": settings.FEED_PAST_DAYS}

    @property
    def more(self) -> list[forms.BoundField]:
        """What may stay as it is."""
        return [self[name] for name in ("scope", "language", "past_days", "lasts")]

    @property
    def has_more_errors(self) -> bool:
        return any(bound.errors for bound in self.more)

    def wishes(self) -> dict[str, Any]:
        """As `make_calendar_key` takes them; what was not said is left to it."""
        said = self.cleaned_data
        given: dict[str, Any] = {name: said[name] for name in ("name", "language", "past_days")}
        if said["scope"]:
            given["scope"] = said["scope"]
        if said["lasts"]:
            given["lasts"] = int(said["lasts"])
        return given
