"""When and where a session is: shapes of fields here, rules in the actions, asked early so that every refusal stands at
its field at once."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, time
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from seminars import moments
from seminars.actions import sessions as session_actions
from seminars.actions.sessions import Wall
from seminars.errors import Refused
from seminars.models import Session
from seminars.vocabulary import Mode, Zone
from web.forms import parts
from web.forms.refusing import refuse, words


class SessionForm(parts.Form):
    """A form that asks the rules of the actions while it is checked."""

    def ask(self, rule: Callable[..., Any], **facts: Any) -> Any:
        """The rule's answer; its refusal lands on the field it names."""
        try:
            return rule(**facts)
        except Refused as refused:
            refuse(self, refused)
            return None

    def value(self, name: str) -> Any:
        return self.cleaned_data.get(name)


class WhenForm(SessionForm):
    """A date, its half-days, the zone, and where. With `is_long`, each further part may lie on a day of its own."""

    date = parts.DayField(label=lazy("Date"), error_messages={"required": lazy("Give the date.")})
    start = parts.HourField(
        label=lazy("Start"), error_messages={"required": lazy("Give the hour it starts.")}
    )
    end = parts.HourField(label=lazy("End"), error_messages={"required": lazy("Give the hour it ends.")})
    timezone = forms.ChoiceField(
        label=lazy("Time zone"),
        choices=Zone.choices,
        error_messages={"required": lazy("Choose the time zone.")},
    )
    mode = parts.PickField(
        label=lazy("Mode"),
        choices=Mode.choices,
        initial=Mode.ONLINE,
        error_messages={"required": lazy("Choose online, in person or both.")},
    )
    place = forms.CharField(
        label=lazy("Place"),
        required=False,
        max_length=200,
        help_text=lazy("For who comes in person: town, building, room."),
    )
    is_past_meant = forms.BooleanField(
        label=lazy("It is meant so: this session was already held"), required=False
    )

    def __init__(self, *args: Any, rows: int = 2, is_long: bool = False, **options: Any) -> None:
        super().__init__(*args, **options)
        self.rows = range(2, max(2, rows) + 1)
        for number in self.rows:
            if is_long:
                self.fields[f"date_{number}"] = parts.DayField(label=_("Date of this part"), required=False)
            self.fields[f"start_{number}"] = parts.HourField(label=_("Start of this part"), required=False)
            self.fields[f"end_{number}"] = parts.HourField(label=_("End of this part"), required=False)

    @property
    def further(self) -> Iterator[list[Any]]:
        """The bound fields of each part after the first, for the template."""
        for number in self.rows:
            names = (f"date_{number}", f"start_{number}", f"end_{number}")
            yield [self[name] for name in names if name in self.fields]

    @property
    def asks_past(self) -> bool:
        """Whether the tick for a session already held is shown: once its date was refused, or where it is ticked."""
        is_refused = words(Refused("past_date")) in self.errors.get("date", [])
        return is_refused or bool(self["is_past_meant"].value())

    @property
    def is_split(self) -> bool:
        return any(bound.value() or bound.errors for row in self.further for bound in row)

    def clean(self) -> dict[str, Any]:
        super().clean()
        if self.value("mode"):
            self.ask(session_actions.check_place, mode=self.value("mode"), place=self.value("place") or "")
        if self._has_hours():
            self.ask(
                session_actions.check_slots,
                slots=self.slots(),
                zone=self.value("timezone"),
                is_past_meant=bool(self.value("is_past_meant")),
            )
        return self.cleaned_data

    def _has_hours(self) -> bool:
        for number in self.rows:
            start, end = self.value(f"start_{number}"), self.value(f"end_{number}")
            for name, other in ((f"start_{number}", end), (f"end_{number}", start)):
                if other and name not in self.errors and not self.value(name):
                    self.add_error(name, _("Give both hours of this part, or none."))
        when = {"date", "start", "end", "timezone"} | {bound.name for row in self.further for bound in row}
        return not when & set(self.errors)

    def slots(self) -> list[Wall]:
        """Wall times of the parts that were filled."""
        day: date = self.cleaned_data["date"]
        rows: list[tuple[date, time, time]] = [(day, self.cleaned_data["start"], self.cleaned_data["end"])]
        for number in self.rows:
            if start := self.value(f"start_{number}"):
                rows.append((self.value(f"date_{number}") or day, start, self.value(f"end_{number}")))
        return [(datetime.combine(on, start), datetime.combine(on, end)) for on, start, end in rows]

    def moved(self) -> dict[str, Any]:
        """What moving takes."""
        names = ("timezone", "mode", "place", "is_past_meant")
        return {"slots": self.slots()} | {name: self.cleaned_data[name] for name in names}

    @classmethod
    def at_hours_of(cls, session: Session, data: Any = None) -> "WhenForm":
        """The form with the present hours of a session."""
        zone = session.timezone
        slots = [
            (moments.local(slot.starts_at, zone), moments.local(slot.ends_at, zone))
            for slot in session.slots.all()
        ]
        initial: dict[str, Any] = {"timezone": zone, "mode": session.mode, "place": session.place}
        for number, (start, end) in enumerate(slots, 1):
            suffix = "" if number == 1 else f"_{number}"
            initial |= {
                f"date{suffix}": start.date(),
                f"start{suffix}": start.time(),
                f"end{suffix}": end.time(),
            }
        is_long = len({start.date() for start, _end in slots}) > 1
        return cls(data, initial=initial, rows=len(slots), is_long=is_long)
