"""The paper sheet: its scanned page, and the grid in which its signatures are typed."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from seminars import moments
from seminars.actions.declaring import LONGEST_REASON
from seminars.actions.scans import PaperRow
from seminars.models import Scan, Slot
from seminars.moments import Span
from seminars.queries.sheets import Part, Row
from seminars.queries.signing import as_team
from seminars.vocabulary import Hand, Role
from web.forms import parts
from web.forms.attendance import walls
from web.forms.desk import named, offer


class ScanForm(parts.Form):
    """One scanned or photographed page; what it is, its content says."""

    file = forms.FileField(
        label=gettext_lazy("The signed page"),
        allow_empty_file=True,
        max_length=None,
        widget=forms.FileInput(
            attrs={"class": "input", "accept": ".pdf,.jpg,.jpeg,.png,application/pdf,image/jpeg,image/png"}
        ),
        error_messages={"required": gettext_lazy("Choose the scanned page.")},
    )
    slot = forms.TypedChoiceField(
        label=gettext_lazy("Half-day"), required=False, coerce=int, empty_value=None
    )

    def __init__(self, *args: Any, slots: Mapping[int, tuple[Slot, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["file"].help_text = _("PDF, JPEG or PNG, at most %(most)s MB.") % {
            "most": settings.SCAN_BYTES // (1024 * 1024)
        }
        offer(self, "slot", [("", _("The whole sheet")), *named(slots)])


def hand_of(role: str) -> Hand:
    """As what somebody of that role signs."""
    if role == Role.PARTICIPANT:
        return Hand.PARTICIPANT
    return as_team({role})


class GridForm(parts.Form):
    """One tick for each person and half-day that is not signed yet; with `hours_of` only that half-day, and two hours
    each: a form has room for so many fields."""

    def __init__(
        self,
        *args: Any,
        rows: list[Row],
        zone: str,
        scans: list[Scan],
        hours_of: int | None = None,
        **options: Any,
    ) -> None:
        super().__init__(*args, **options)
        self.rows, self.zone, self.hours_of = rows, zone, hours_of
        self.scans = {scan.code: scan for scan in scans}
        self.fields["scan"] = forms.ChoiceField(
            label=_("Typed from this page"),
            required=False,
            choices=[("", _("No scanned page")), *((scan.code, scan.name) for scan in scans)],
        )
        self.fields["reason"] = parts.Words(
            label=_("Why there is no scanned page"),
            required=False,
            rows=1,
            max_length=LONGEST_REASON,
            help_text=_("Only without a page. It is printed on the sheet."),
            error_messages={"max_length": _("At most %(most)s characters.") % {"most": LONGEST_REASON}},
        )
        for row in rows:
            for part in self._parts(row):
                if is_open(row, part):
                    self._add(row, part)

    def _parts(self, row: Row) -> list[Part]:
        return [part for part in row.parts if self.hours_of in (None, part.slot.number)]

    def _add(self, row: Row, part: Part) -> None:
        key = f"{row.person.code}_{part.slot.number}"
        facts = {"name": row.person.name, "n": part.slot.number}
        label = _("%(name)s signed, half-day %(n)s") % facts
        self.fields[f"tick_{key}"] = forms.BooleanField(label=label, required=False)
        if self.hours_of is not None:
            for name, words in (
                ("from", _("From: %(name)s, half-day %(n)s")),
                ("to", _("Until: %(name)s, half-day %(n)s")),
            ):
                self.fields[f"{name}_{key}"] = parts.HourField(label=words % facts, required=False)

    def lines(self) -> list[tuple[Row, list[dict[str, Any]]]]:
        """Each person with her cells: the part, and the bound fields where something can be typed."""
        return [(row, [self._cell(row, part) for part in self._parts(row)]) for row in self.rows]

    def _cell(self, row: Row, part: Part) -> dict[str, Any]:
        key = f"{row.person.code}_{part.slot.number}"
        names = {"tick": f"tick_{key}", "begun": f"from_{key}", "ended": f"to_{key}"}
        return {"part": part} | {name: self[field] for name, field in names.items() if field in self.fields}

    def clean(self) -> dict[str, Any]:
        self.typed = []
        for row in self.rows:
            for part in self._parts(row):
                key = f"{row.person.code}_{part.slot.number}"
                times = self._times(part.slot, key)
                if self.cleaned_data.get(f"tick_{key}"):
                    self.typed.append(PaperRow(row.person, part.slot.number, hand_of(row.role), times))
                elif times:
                    self.add_error(f"tick_{key}", _("Hours without a signature: tick it, or clear them."))
        return self.cleaned_data

    def _times(self, slot: Slot, key: str) -> Span | None:
        names = f"from_{key}", f"to_{key}"
        hours = [self.cleaned_data.get(name) for name in names]
        if any(name in self.errors for name in names) or hours == [None, None]:
            return None
        if hours[0] is None or hours[1] is None:
            self.add_error(names[0] if hours[0] is None else names[1], _("Give both hours, or neither."))
            return None
        both = walls(slot, self.zone, hours[0], hours[1])
        if not all(moments.is_real(wall, self.zone) for wall in both):
            self.add_error(names[0], _("This hour does not exist on that day: the clocks go forward."))
            return None
        return moments.at(both[0], self.zone), moments.at(both[1], self.zone)

    @property
    def scan(self) -> Scan | None:
        return self.scans.get(self.cleaned_data.get("scan", ""))


def is_open(row: Row, part: Part) -> bool:
    """Whether the paper may still tell something new of somebody's half-day."""
    if part.is_excused:
        return False
    return not (part.signature if hand_of(row.role) == Hand.PARTICIPANT else part.trainer_marks)
