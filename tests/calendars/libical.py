"""What Debian's libical makes of calendar objects: `python -m tests.calendars.libical` in a process of its own.

A JSON list of texts in, of views out. `icalrestriction_check` knows the tables of RFC 5546.
"""

import ctypes
import json
import re
import sys
from ctypes.util import find_library
from typing import Any

VEVENT = 4
FAULT = re.compile(r"X-LIC-ERROR[^:]*:(.*(?:\r?\n .*)*)")

ON_PURPOSE = "ORGANIZER property. Expected 1"
"""RFC 5546, 3.2.1 wants one in what is published; with one, clients write to it that somebody comes."""


class Time(ctypes.Structure):
    """struct icaltimetype of libical 3."""

    _fields_ = [
        *((name, ctypes.c_int) for name in ("year", "month", "day", "hour", "minute", "second")),
        *(("is_date", ctypes.c_int), ("is_daylight", ctypes.c_int), ("zone", ctypes.c_void_p)),
    ]


def library() -> ctypes.CDLL | None:
    """libical 3; the layout of its times was another before, and may be another later."""
    name = find_library("ical")
    return ctypes.CDLL(name) if name and name.endswith(".so.3") else None


def bound(lib: ctypes.CDLL) -> ctypes.CDLL:
    text, part, number = ctypes.c_char_p, ctypes.c_void_p, ctypes.c_int
    shapes: dict[str, tuple[Any, list[Any]]] = {
        "icalparser_parse_string": (part, [text]),
        "icalcomponent_free": (None, [part]),
        "icalrestriction_check": (number, [part]),
        "icalcomponent_count_errors": (number, [part]),
        "icalcomponent_as_ical_string": (text, [part]),
        "icalcomponent_get_first_component": (part, [part, number]),
        "icalcomponent_get_next_component": (part, [part, number]),
        "icalcomponent_get_uid": (text, [part]),
        "icalcomponent_get_summary": (text, [part]),
        "icalcomponent_get_sequence": (number, [part]),
        "icalcomponent_get_status": (number, [part]),
        "icalproperty_status_to_string": (text, [number]),
        "icalcomponent_get_dtstart": (Time, [part]),
        "icalcomponent_get_dtend": (Time, [part]),
        "icalproperty_string_to_kind": (number, [text]),
        "icalcomponent_get_first_property": (part, [part, number]),
        "icalproperty_get_datetime_with_component": (Time, [part, part]),
        "icaltime_as_timet": (ctypes.c_long, [Time]),
        "icaltime_as_timet_with_zone": (ctypes.c_long, [Time, part]),
    }
    for name, (result, given) in shapes.items():
        function = getattr(lib, name)
        function.restype, function.argtypes = result, given
    return lib


def entry(lib: ctypes.CDLL, event: int) -> dict[str, Any]:
    def at(time: Time) -> int:
        return int(lib.icaltime_as_timet_with_zone(time, time.zone))

    start, kind = lib.icalcomponent_get_dtstart(event), lib.icalproperty_string_to_kind(b"RECURRENCE-ID")
    # Not icalcomponent_get_recurrenceid, which leaves the zone out.
    day = lib.icalcomponent_get_first_property(event, kind)
    status = lib.icalproperty_status_to_string(lib.icalcomponent_get_status(event)) or b""
    return {
        "uid": lib.icalcomponent_get_uid(event).decode(),
        "day": at(lib.icalproperty_get_datetime_with_component(day, event)) if day else None,
        "start": at(start),
        "end": at(lib.icalcomponent_get_dtend(event)),
        "offset": int(lib.icaltime_as_timet(start)) - at(start),
        "summary": lib.icalcomponent_get_summary(event).decode(),
        "status": status.decode().replace("NONE", ""),
        "sequence": lib.icalcomponent_get_sequence(event),
    }


def view(lib: ctypes.CDLL, text: str) -> dict[str, Any]:
    calendar = lib.icalparser_parse_string(text.encode())
    if not calendar:
        return {"fault": "not read"}
    try:
        is_right = lib.icalrestriction_check(calendar)
        if not is_right or lib.icalcomponent_count_errors(calendar):
            whole = lib.icalcomponent_as_ical_string(calendar).decode("utf-8", "replace")
            faults = [" ".join(found.split()) for found in FAULT.findall(whole)] or ["restrictions"]
            if left := [fault for fault in faults if not ("METHOD:PUBLISH" in text and ON_PURPOSE in fault)]:
                return {"fault": "; ".join(left)}
        entries, event = [], lib.icalcomponent_get_first_component(calendar, VEVENT)
        while event:
            entries.append(entry(lib, event))
            event = lib.icalcomponent_get_next_component(calendar, VEVENT)
        return {"entries": entries}
    finally:
        lib.icalcomponent_free(calendar)


def main() -> None:
    lib = library()
    if lib is None:
        sys.exit("libical 3 is not there")
    bound(lib)
    print(json.dumps([view(lib, text) for text in json.load(sys.stdin)]))


if __name__ == "__main__":
    main()
