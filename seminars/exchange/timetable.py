"""Whether the times of one seminar make sense together: length, half-days, recurrence, excluded dates."""

from datetime import datetime
from typing import Any

from seminars.exchange.assembly import timing_of
from seminars.exchange.expansion import end_of, held, slots_of, wall_slots
from seminars.exchange.fields import Report
from seminars.exchange.records import Timing
from seminars.exchange.recurrence import RuleError, occurrences
from seminars.exchange.walltime import fault

_TIMES = ("start", "timezone", "minutes", "days", "slots", "recurrence", "exdates")


def check_times(report: Report, path: str, entry: dict[str, Any]) -> None:
    """Note what is wrong between the time fields of a session of the file, where each of them is sound."""
    sound = {name for name in _TIMES if name in entry and report.sound(f"{path}.{name}")}
    if {"minutes", "days"} <= sound and (entry["minutes"] is None) == (entry["days"] is None):
        said = "neither is" if entry["minutes"] is None else "both are"
        report.add(f"{path}.minutes", f"either minutes or days must be set, and {said}")
        sound -= {"minutes", "days"}
    if not {"start", "timezone"} <= sound:
        return
    timing = timing_of(_usable(entry, sound))
    if wrong := fault(timing.start, timing.timezone):
        report.add(f"{path}.start", wrong)
    if _check_dates(report, path, timing) and {"minutes", "days", "slots"} <= sound:
        _check_slots(report, path, timing)


def _usable(entry: dict[str, Any], sound: set[str]) -> dict[str, Any]:
    """The entry with harmless values in place of the fields that cannot be used."""
    blank: dict[str, Any] = {"slots": None, "recurrence": None, "exdates": []}
    changed = {name: value for name, value in blank.items() if name not in sound}
    if not {"minutes", "days"} <= sound:
        changed |= {"minutes": 1, "days": None, "slots": None}
    if "recurrence" not in sound:
        changed["exdates"] = []
    return {**entry, **changed}


def _check_dates(report: Report, path: str, timing: Timing) -> bool:
    """Note a rule that cannot run (and answer False), dates no clock shows, exclusions of nothing."""
    try:
        every = occurrences(timing.recurrence, timing.start, timing.timezone) if timing.recurrence else ()
    except RuleError as error:
        report.add(f"{path}.recurrence", str(error))
        return False
    for index, date in enumerate(timing.exdates):
        place = f"{path}.exdates[{index}]"
        if not every:
            report.add(place, f"{_said(date)} excludes nothing: the session has no recurrence")
        elif date not in every:
            report.add(place, f"{_said(date)} is no date of the recurrence, which runs {_run(every)}")
    if every and not set(every) - set(timing.exdates):
        report.add(f"{path}.exdates", "excludes every date of the recurrence; leave one at least")
    for date in held(timing):
        if date != timing.start and (wrong := fault(date, timing.timezone)):
            report.add(f"{path}.recurrence", wrong)
    return True


def _check_slots(report: Report, path: str, timing: Timing) -> None:
    """Note half-days outside the session, or on clocks that a change skips or repeats."""
    if timing.slots is None:
        return
    first, last = timing.slots[0][0], timing.slots[-1][1]
    if first < timing.start.time():
        report.add(
            f"{path}.slots[0]", f"starts at {first:%H:%M}, before the session does at {timing.start:%H:%M}"
        )
    for date in held(timing):
        end = end_of(timing, date)
        if slots_of(timing, date)[-1][1] > end:
            report.add(
                f"{path}.slots[{len(timing.slots) - 1}]",
                f"ends at {last:%H:%M}, after the session does at {end:%H:%M} ({timing.minutes} minutes)",
            )
            break
    _check_slot_clocks(report, path, timing)


def _check_slot_clocks(report: Report, path: str, timing: Timing) -> None:
    for date in held(timing):
        for number, span in enumerate(wall_slots(timing, date)):
            for wall in span:
                wrong = fault(wall, timing.timezone)
                if wrong and wall != date:
                    report.add(f"{path}.slots[{number % len(timing.slots or [1])}]", wrong)


def _said(wall: datetime) -> str:
    return f"{wall:%Y-%m-%dT%H:%M}"


def _run(dates: tuple[datetime, ...]) -> str:
    listed = ", ".join(_said(date) for date in dates[:8])
    return listed if len(dates) <= 8 else f"{listed} … {_said(dates[-1])}"
