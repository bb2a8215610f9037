"""What a trainer writes by hand of one person and one half-day: hours, a mode, and always the reason."""

from collections.abc import Iterable, Mapping
from datetime import datetime, time
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from seminars import moments
from seminars.models import Slot
from seminars.moments import Span
from seminars.vocabulary import Where
from web.forms import parts
from web.forms.attendance import walls

MOST_TIMES = 6
"""Pairs of hours that one correction takes."""


NAMELESS = gettext_lazy("No names, no health: it can’t be erased.")
"""What every reason is asked to leave out."""


class HandForm(parts.Form):
    """One act about one half-day; `slot` and `zone` say what its hours mean."""

    def __init__(self, *args: Any, slot: Slot, zone: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self.slot, self.zone = slot, zone

    def wall(self, moment: datetime) -> time:
        return moments.local(moment, self.zone).time().replace(second=0, microsecond=0)

    def instant(self, name: str, hour: time) -> datetime | None:
        """When that hour was in the half-day; None where the clock skipped it, which the field then says."""
        wall = walls(self.slot, self.zone, hour, hour)[0]
        if moments.is_real(wall, self.zone):
            return moments.at(wall, self.zone)
        self.add_error(name, _("This hour does not exist on that day: the clocks go forward."))
        return None

    def span(self, first: str, last: str) -> Span | None:
        """The instants of two hours; None where neither is written or one is wrong, which its field then says."""
        hours = [self.cleaned_data.get(name) for name in (first, last)]
        if first in self.errors or last in self.errors or hours == [None, None]:
            return None
        if hours[0] is None or hours[1] is None:
            self.add_error(first if hours[0] is None else last, _("Give both hours, or neither."))
            return None
        both = walls(self.slot, self.zone, hours[0], hours[1])
        for name, wall in zip((first, last), both, strict=True):
            if not moments.is_real(wall, self.zone):
                self.add_error(name, _("This hour does not exist on that day: the clocks go forward."))
                return None
        return moments.at(both[0], self.zone), moments.at(both[1], self.zone)


def reason_field(**options: Any) -> parts.Words:
    options.setdefault("help_text", NAMELESS)
    return parts.Words(
        label=gettext_lazy("Reason"),
        rows=1,
        max_length=300,
        error_messages={
            "required": gettext_lazy("Say why: it is printed with the sheet."),
            "max_length": gettext_lazy("At most 300 characters."),
        },
        **options,
    )


class ReasonForm(HandForm):
    reason = reason_field()


class ExcuseForm(HandForm):
    """An absence of this half-day, or of every one of the session."""

    everywhere = forms.BooleanField(
        label=gettext_lazy("For every half-day in which nothing is signed"), required=False
    )

    def __init__(self, *args: Any, is_one_of_many: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        if not is_one_of_many:
            del self.fields["everywhere"]


class MinutesForm(HandForm):
    """From when to when she was there."""

    start = parts.HourField(
        label=pgettext_lazy("hour", "From"), error_messages={"required": gettext_lazy("Give the hour.")}
    )
    end = parts.HourField(
        label=pgettext_lazy("hour", "Until"), error_messages={"required": gettext_lazy("Give the hour.")}
    )
    reason = reason_field(
        help_text=gettext_lazy("For example: followed by telephone. No names, no health: it can’t be erased.")
    )

    def clean(self) -> dict[str, Any]:
        self.times = self.span("start", "end")
        return self.cleaned_data


class SignatureForm(HandForm):
    """A signature that is declared for her: where she was, hours if they differ from the half-day's."""

    mode = parts.PickField(
        label=gettext_lazy("Where was this person?"),
        choices=Where.choices,
        error_messages={"required": gettext_lazy("Choose the room or the video.")},
    )
    start = parts.HourField(
        label=pgettext_lazy("hour", "From"),
        required=False,
        help_text=gettext_lazy("Without an end: until the half-day ended, or ends."),
    )
    end = parts.HourField(label=pgettext_lazy("hour", "Until"), required=False)
    reason = reason_field(
        help_text=gettext_lazy(
            "For example: the telephone was empty. No names, no health: it can’t be erased."
        )
    )

    def clean(self) -> dict[str, Any]:
        self.times: tuple[datetime, datetime | None] | None
        start, end = (self.cleaned_data.get(name) for name in ("start", "end"))
        if start and end is None and "end" not in self.errors:
            began = self.instant("start", start)
            self.times = (began, None) if began else None
        else:
            self.times = self.span("start", "end")
        return self.cleaned_data


class TimesForm(HandForm):
    """All times of one half-day, in the place of what was counted; all empty: she was not there."""

    reason = reason_field()

    def __init__(self, *args: Any, times: Iterable[Span] = (), **options: Any) -> None:
        super().__init__(*args, **options)
        there = list(times)[:MOST_TIMES]
        self.rows = range(1, min(MOST_TIMES, max(2, len(there) + 1)) + 1)
        for number in self.rows:
            known = there[number - 1] if number <= len(there) else None
            for name, label, moment in (
                (f"from_{number}", _("From, time %(n)s"), known and known[0]),
                (f"to_{number}", _("Until, time %(n)s"), known and known[1]),
            ):
                self.fields[name] = parts.HourField(
                    label=label % {"n": number}, required=False, initial=self.wall(moment) if moment else None
                )
        self.order_fields([*(name for name in self.fields if name != "reason"), "reason"])

    @property
    def pairs(self) -> list[list[Any]]:
        return [[self[f"from_{number}"], self[f"to_{number}"]] for number in self.rows]

    def clean(self) -> dict[str, Any]:
        found = [self.span(f"from_{number}", f"to_{number}") for number in self.rows]
        self.times = [span for span in found if span]
        return self.cleaned_data


def named(slots: Mapping[int, tuple[Slot, str]]) -> list[tuple[str, str]]:
    """Half-days as choices: number, and name with planned hours."""
    return [(str(number), words) for number, (_slot, words) in slots.items()]


def offer(form: forms.Form, name: str, choices: list[tuple[str, str]]) -> None:
    """The choices of a field that depend on the session."""
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    field.choices = choices


class IncidentForm(parts.Form):
    """What failed, and whose minutes are declared for it."""

    incident = parts.Words(
        label=gettext_lazy("What failed"),
        max_length=300,
        help_text=gettext_lazy(
            "For example: the video server did not answer from 10:05 to 10:40. Printed on the sheet. No names, no "
            "health: it can’t be erased."
        ),
        error_messages={
            "required": gettext_lazy("Say what failed: the sheet prints it."),
            "max_length": gettext_lazy("At most 300 characters."),
        },
    )
    slot = forms.TypedChoiceField(
        label=gettext_lazy("Half-day"), required=False, coerce=int, empty_value=None
    )
    start = parts.HourField(label=pgettext_lazy("hour", "From"), required=False)
    end = parts.HourField(label=pgettext_lazy("hour", "Until"), required=False)
    people = parts.PickSeveralField(label=gettext_lazy("Who was there all the same"), required=False)

    def __init__(
        self,
        *args: Any,
        slots: dict[int, tuple[Slot, str]],
        zone: str,
        people: list[tuple[str, str]],
        **options: Any,
    ) -> None:
        super().__init__(*args, **options)
        self.slots, self.zone = slots, zone
        offer(self, "slot", named(slots) if len(slots) == 1 else [("", "–"), *named(slots)])
        offer(self, "people", people)

    def clean(self) -> dict[str, Any]:
        self.times: Span | None = None
        number = self.cleaned_data.get("slot")
        if not self.cleaned_data.get("people"):
            return self.cleaned_data
        hours = self.cleaned_data.get("start"), self.cleaned_data.get("end")
        if number is None and "slot" not in self.errors:
            self.add_error("slot", _("Choose the half-day."))
        for name, hour in zip(("start", "end"), hours, strict=True):
            if hour is None and name not in self.errors:
                self.add_error(name, _("Give the hour."))
        if number is not None and hours[0] and hours[1]:
            self._read(self.slots[number][0], hours[0], hours[1])
        return self.cleaned_data

    def _read(self, slot: Slot, begin: time, end: time) -> None:
        both = walls(slot, self.zone, begin, end)
        if all(moments.is_real(wall, self.zone) for wall in both):
            self.times = moments.at(both[0], self.zone), moments.at(both[1], self.zone)
        else:
            self.add_error("start", _("This hour does not exist on that day: the clocks go forward."))
