"""The two civil zones of the programme, as hand-written VTIMEZONEs, and the zone of a moment.

Library helpers list the changes as RDATEs (Outlook ignores them) and put the spring change an hour late; the
rule form below is what every client applies. It is the law of the European Union since 1996.
"""

from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

UTC_NAME = "UTC"
ZONES = ("Europe/Paris", "Europe/Rome")
_UTC_KEYS = frozenset({"UTC", "Etc/UTC"})

_CENTRAL_EUROPE = """\
BEGIN:VTIMEZONE
TZID:{tzid}
BEGIN:DAYLIGHT
DTSTART:19700329T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
TZNAME:CEST
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
END:DAYLIGHT
BEGIN:STANDARD
DTSTART:19701025T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
TZNAME:CET
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
END:STANDARD
END:VTIMEZONE
"""
_COMPONENTS = {
    tzid: _CENTRAL_EUROPE.format(tzid=tzid).replace("\n", "\r\n").encode("ascii") for tzid in ZONES
}


def vtimezone(tzid: str) -> bytes:
    """One VTIMEZONE component with CRLF line ends (RFC 5545, 3.6.5), right for the years from 1996 on.

    Raises ValueError for a zone that is not in `ZONES`.
    """
    try:
        return _COMPONENTS[tzid]
    except KeyError:
        raise ValueError(f"zone: {tzid!r} is none of {', '.join(ZONES)}") from None


def zone_of(moment: datetime, field: str) -> str:
    """Name of the zone of an aware datetime: one of `ZONES`, or "UTC".

    Raises ValueError naming `field` for a naive moment, another zone, and a bare offset.
    """
    zone: tzinfo | None = moment.tzinfo
    if zone is None or moment.utcoffset() is None:
        raise ValueError(f"{field}: needs a time zone")
    if zone is UTC:
        return UTC_NAME
    if isinstance(zone, ZoneInfo) and zone.key in ZONES:
        return zone.key
    if isinstance(zone, ZoneInfo) and zone.key in _UTC_KEYS:
        return UTC_NAME
    raise ValueError(f"{field}: {zone} is none of {', '.join(ZONES)}, {UTC_NAME}")


def local_moment(moment: datetime, field: str) -> datetime:
    """The moment in whole seconds, if every client reads the same instant from its wall time.

    Raises ValueError naming `field` where `zone_of` does, in the hour that spring skips and in the hour that
    autumn repeats: DATE-TIME with TZID can't tell the second 02:30 from the first (RFC 5545, 3.3.5).
    """
    moment = moment.replace(microsecond=0)
    if zone_of(moment, field) == UTC_NAME:
        return moment
    if moment.replace(fold=0).utcoffset() != moment.replace(fold=1).utcoffset():
        raise ValueError(f"{field}: {moment:%Y-%m-%d %H:%M} is skipped or repeated by the clock change")
    return moment
