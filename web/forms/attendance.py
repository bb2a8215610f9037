"""The hours a session was held, as the trainer writes them when she closes it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.forms.boundfield import BoundField
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from seminars import moments
from seminars.actions.sessions import LONGEST
from seminars.models import Session, Slot
from web.forms import parts

Proposal = Sequence[tuple[Slot, datetime | None, datetime | None]]
DAY = timedelta(days=1)
Held = tuple[int, datetime, datetime]


@dataclass(frozen=True, slots=True)
class HalfDay:
    """A half-day as the page shows it: plan, proposal, and its two fields. Lengths in minutes; `more` is signed."""

    slot: Slot
    planned: int
    proposed: int | None
    more: int
    begun: BoundField
    ended: BoundField

    @property
    def less(self) -> int:
        return -self.more


def walls(slot: Slot, zone: str, begin: time, end: time) -> list[datetime]:
    """Two hours of a half-day as wall times.

    The begin is on that day of the plan where it is nearest to the plan; an end before the begin is on the next day,
    unless that would be longer than any half-day may last.
    """
    first, last = (moments.local(at, zone) for at in (slot.starts_at, slot.ends_at))
    planned = first.replace(tzinfo=None)
    days = [datetime.combine(day, begin) for day in (first.date(), last.date())]
    begun = min(days, key=lambda at: abs(at - planned))
    ended = datetime.combine(begun.date(), end)
    is_next_day = ended < begun and ended + DAY - begun <= LONGEST
    return [begun, ended + DAY if is_next_day else ended]


class CloseForm(parts.Form):
    """Two hours for each half-day, both empty where it was not held, and the reason for what differs from the plan."""

    reason = parts.Words(
        label=gettext_lazy("Reason for the difference"),
        required=False,
        max_length=300,
        error_messages={"max_length": gettext_lazy("At most 300 characters.")},
    )

    def __init__(self, data: Any = None, *, session: Session, proposal: Proposal) -> None:
        super().__init__(data)
        self.session, self.proposal = session, proposal
        self.fields["reason"].help_text = _(
            "Needed where the hours held differ from the plan by more than %(minutes)s minutes. The sheet prints it."
        ) % {"minutes": settings.HELD_DIFFERENCE_MINUTES}
        for slot, begun, ended in proposal:
            for name, label, moment in (
                ("held_from", _("Held from"), begun),
                ("held_to", _("Held until"), ended),
            ):
                self.fields[f"{name}_{slot.number}"] = parts.HourField(
                    label=label, required=False, initial=self._wall(moment)
                )

    def _wall(self, moment: datetime | None) -> time | None:
        if moment is None:
            return None
        return moments.local(moment, self.session.timezone).time().replace(second=0, microsecond=0)

    def clean(self) -> dict[str, Any]:
        for slot, _begun, _ended in self.proposal:
            names = f"held_from_{slot.number}", f"held_to_{slot.number}"
            hours = [self.cleaned_data.get(name) for name in names]
            if any(name in self.errors for name in names):
                continue
            if (hours[0] is None) != (hours[1] is None):
                missing = names[0] if hours[0] is None else names[1]
                self.add_error(missing, _("Give both hours, or none where this half-day was not held."))
            for name, wall in zip(names, self._walls(slot, hours), strict=False):
                if not moments.is_real(wall, self.session.timezone):
                    self.add_error(name, _("This hour does not exist on that day: the clocks go forward."))
        return self.cleaned_data

    def _walls(self, slot: Slot, hours: Sequence[time | None]) -> list[datetime]:
        """Begin and end as wall times; none unless both hours are there."""
        begin, end = hours
        return [] if begin is None or end is None else walls(slot, self.session.timezone, begin, end)

    def held(self) -> list[Held]:
        """What the action takes: number, from, until. One within a minute lasts to that minute's end, or to now."""
        rows: list[Held] = []
        for slot, _begun, _ended in self.proposal:
            names = f"held_from_{slot.number}", f"held_to_{slot.number}"
            walls = self._walls(slot, [self.cleaned_data[name] for name in names])
            if len(walls) == 2:
                begun, ended = (moments.at(wall, self.session.timezone) for wall in walls)
                if begun == ended:
                    ended = min(begun + timedelta(minutes=1), moments.now())
                rows.append((slot.number, begun, ended))
        return rows

    def half_days(self) -> list[HalfDay]:
        """For the template, in order."""
        rows: list[HalfDay] = []
        for slot, begun, ended in self.proposal:
            planned = _minutes(slot.starts_at, slot.ends_at)
            proposed = _minutes(_whole(begun), _whole(ended)) if begun and ended else None
            half_day = HalfDay(
                slot=slot,
                planned=planned,
                proposed=proposed,
                more=(proposed or 0) - planned,
                begun=self[f"held_from_{slot.number}"],
                ended=self[f"held_to_{slot.number}"],
            )
            rows.append(half_day)
        return rows

    def must_explain(self) -> bool:
        """Whether the proposal as it stands already needs a reason."""
        most = timedelta(minutes=settings.HELD_DIFFERENCE_MINUTES)
        return any(
            begun is None
            or ended is None
            or abs(begun - slot.starts_at) > most
            or abs(ended - slot.ends_at) > most
            for slot, begun, ended in self.proposal
        )


class ConfirmForm(parts.Form):
    """Why the trainer confirms minutes that nobody saw; it may stay empty."""

    reason = parts.Words(
        label=gettext_lazy("Reason"),
        required=False,
        rows=1,
        max_length=300,
        help_text=gettext_lazy("Printed on the sheet, for example: she spoke twice in the video."),
        error_messages={"max_length": gettext_lazy("At most 300 characters.")},
    )


def _whole(moment: datetime) -> datetime:
    """As its field says it and the sheet will: without seconds."""
    return moment.replace(second=0, microsecond=0)


def _minutes(start: datetime, end: datetime) -> int:
    return int((end - start).total_seconds() // 60)
