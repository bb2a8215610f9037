"""Zones, ranges, overlap, and the one `now()`.

The server's clock is the authority (domain ATT-10). CLOCK_SHIFT_FILE is the seam by which a test lets minutes pass.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone

Span = tuple[datetime, datetime]


_pretended: ContextVar[datetime | None] = ContextVar("pretended", default=None)


@contextmanager
def as_if(moment: datetime) -> Iterator[None]:
    """Inside, it is `moment`: for the demonstration's past, which is made by the same actions as the present."""
    token = _pretended.set(moment.astimezone(UTC))
    try:
        yield
    finally:
        _pretended.reset(token)


def now() -> datetime:
    """The present moment, aware, in UTC."""
    if pretended := _pretended.get():
        return pretended
    if settings.CLOCK_SHIFT_FILE:
        return timezone.now() + timedelta(seconds=_shift(Path(settings.CLOCK_SHIFT_FILE)))
    return timezone.now()


def instant(moment: datetime | None) -> str | None:
    """An instant as every script reads it: UTC, milliseconds."""
    return None if moment is None else moment.astimezone(UTC).isoformat(timespec="milliseconds")


def _shift(place: Path) -> float:
    try:
        return float(place.read_text() or 0)
    except (FileNotFoundError, ValueError):
        return 0.0


def is_real(wall: datetime, zone: str) -> bool:
    """Whether a naive wall time exists in a zone: false in the hour that the spring change leaves out."""
    there = wall.replace(tzinfo=ZoneInfo(zone))
    return there.astimezone(UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None) == wall


def is_twice(wall: datetime, zone: str) -> bool:
    """Whether a naive wall time exists twice in a zone: the hour that the autumn change repeats."""
    if not is_real(wall, zone):
        return False
    there = wall.replace(tzinfo=ZoneInfo(zone))
    return there.utcoffset() != there.replace(fold=1).utcoffset()


def at(wall: datetime, zone: str) -> datetime:
    """An aware moment from a naive wall time. Raises ValueError where the wall time does not exist."""
    if not is_real(wall, zone):
        raise ValueError(f"{wall} does not exist in {zone}")
    return wall.replace(tzinfo=ZoneInfo(zone))


def local(moment: datetime, zone: str) -> datetime:
    return moment.astimezone(ZoneInfo(zone))


def overlap(one: Span, other: Span) -> bool:
    """Half-open spans: touching ends do not overlap."""
    return one[0] < other[1] and other[0] < one[1]


def union(spans: Iterable[Span]) -> list[Span]:
    """The same time as disjoint spans in order; empty and reversed spans count nothing."""
    whole: list[Span] = []
    for start, end in sorted(span for span in spans if span[0] < span[1]):
        if whole and start <= whole[-1][1]:
            whole[-1] = (whole[-1][0], max(whole[-1][1], end))
        else:
            whole.append((start, end))
    return whole


def clip(spans: Iterable[Span], bounds: Iterable[Span]) -> list[Span]:
    """The parts of spans that lie within bounds."""
    bounds = list(bounds)
    return union((max(a, c), min(b, d)) for a, b in spans for c, d in bounds if max(a, c) < min(b, d))


def without(spans: Iterable[Span], taken: Sequence[Span]) -> list[Span]:
    """The parts of spans that no span of `taken` covers; in linear time once both are in order."""
    rest: list[Span] = []
    holes, first = union(taken), 0
    for start, end in union(spans):
        while first < len(holes) and holes[first][1] <= start:
            first += 1
        place = first
        while place < len(holes) and holes[place][0] < end:
            if start < holes[place][0]:
                rest.append((start, holes[place][0]))
            start = max(start, holes[place][1])
            place += 1
        if start < end:
            rest.append((start, end))
    return rest


def bridge(spans: Iterable[Span], gap: timedelta) -> tuple[list[Span], list[Span]]:
    """Spans with gaps shorter than `gap` closed, and the gaps that were closed."""
    whole = union(spans)
    gaps = [(a[1], b[0]) for a, b in pairwise(whole) if b[0] - a[1] < gap]
    return union([*whole, *gaps]), gaps


def seconds(spans: Iterable[Span]) -> float:
    return sum((end - start).total_seconds() for start, end in union(spans))
