"""When the people of a session are reminded, and when those who have not answered are asked again."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import ngettext

from seminars.models import Session
from seminars.queries.due import ASKING, REMINDERS
from web.forms import parts

WEEK, DAY, HOUR = 10080, 1440, 60


def before(minutes: int) -> str:
    """`1 week before`, in the largest unit that leaves no rest."""
    if minutes % WEEK == 0:
        return ngettext("%(n)s week before", "%(n)s weeks before", minutes // WEEK) % {"n": minutes // WEEK}
    if minutes % DAY == 0:
        return ngettext("%(n)s day before", "%(n)s days before", minutes // DAY) % {"n": minutes // DAY}
    if minutes % HOUR == 0:
        return ngettext("%(n)s hour before", "%(n)s hours before", minutes // HOUR) % {"n": minutes // HOUR}
    return ngettext("%(n)s minute before", "%(n)s minutes before", minutes) % {"n": minutes}


class RemindersForm(parts.Form):
    reminders = parts.PickSeveralField(
        label=lazy("Reminder to everybody who did not say no"),
        required=False,
        error_messages={"invalid_choice": lazy("Choose among the moments shown.")},
    )
    asks_again = parts.PickSeveralField(
        label=lazy("Reminder to answer, to those who have not"),
        help_text=lazy("It carries the invitation once more."),
        required=False,
        error_messages={"invalid_choice": lazy("Choose among the moments shown.")},
    )

    def __init__(self, session: Session, data: Any = None) -> None:
        chosen = {"reminders": session.reminders, "asks_again": session.asks_again}
        super().__init__(data, initial=chosen)
        self.fields["reminders"].choices = _choices({*REMINDERS, *session.reminders}, 1)  # type: ignore[attr-defined]
        self.fields["asks_again"].choices = _choices({*ASKING, *session.asks_again}, DAY)  # type: ignore[attr-defined]

    def chosen(self) -> dict[str, list[int]]:
        return {name: [int(each) for each in self.cleaned_data[name]] for name in ("reminders", "asks_again")}


def _choices(offered: Iterable[int], unit: int) -> list[tuple[int, str]]:
    return [(each, before(each * unit)) for each in sorted(offered, reverse=True)]
