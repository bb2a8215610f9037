"""Who may look on, and until when."""

from datetime import date, datetime, time, timedelta

from django import forms
from django.utils.translation import gettext_lazy as lazy

from seminars import moments
from seminars.models import Session
from web.forms import parts


class LinkForm(parts.Form):
    """A link ends at the end of a day in the session's zone."""

    label = forms.CharField(
        label=lazy("Who inspects"),
        help_text=lazy("Body and person, as it shall stand in the room and in the log."),
        max_length=120,
    )
    until = parts.DayField(label=lazy("Opens until the end of"))

    def end(self, session: Session) -> datetime:
        day: date = self.cleaned_data["until"]
        return moments.at(datetime.combine(day + timedelta(days=1), time()), session.timezone)
