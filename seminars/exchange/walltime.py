"""Wall times of a zone: which exist, which exist twice, and the moment each one means."""

from datetime import UTC, datetime
from functools import cache
from zoneinfo import ZoneInfo, available_timezones


@cache
def zones() -> frozenset[str]:
    """Names of the IANA zones known here, without the system's own aliases ("localtime", "Factory")."""
    return frozenset(name for name in available_timezones() if "/" in name or name == "UTC")


def fault(wall: datetime, zone: str) -> str | None:
    """Why a naive wall time means no single moment in a zone; None when it does."""
    there = wall.replace(tzinfo=ZoneInfo(zone), fold=0)
    if settled(there).replace(tzinfo=None) != wall:
        return f"{wall:%Y-%m-%dT%H:%M} does not exist in {zone}: the clocks go forward over it"
    if there.utcoffset() != there.replace(fold=1).utcoffset():
        return f"{wall:%Y-%m-%dT%H:%M} exists twice in {zone}: the clocks go back over it"
    return None


def moment(wall: datetime, zone: str) -> datetime:
    """The aware moment of a naive wall time; one in a gap moves on by the gap, of two the first is meant."""
    return settled(wall.replace(tzinfo=ZoneInfo(zone), fold=0))


def settled(there: datetime) -> datetime:
    """The same moment, with the wall time that its zone's clocks really show."""
    return there.astimezone(UTC).astimezone(there.tzinfo)
