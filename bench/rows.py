"""The rows of the report: one figure of ours beside its floor."""

import json
import statistics
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

REPORT = Path(__file__).resolve().parent / "report.json"
COLUMNS = ["name", "server", "database", "n", "ours", "floor", "ratio", "goal", "unit", "runs"]


@dataclass(frozen=True)
class Row:
    """`ours` and `floor` in `unit` (None: not available, `unit` then says why); `runs` were made, medians taken."""

    name: str
    server: str
    database: str
    n: int
    ours: float | None
    floor: float | None
    ratio: float | None
    goal: str
    unit: str
    runs: int


def missing(name: str, server: str, goal: str, reason: str, n: int = 0, database: str = "") -> Row:
    return Row(name, server, database, n, None, None, None, goal, f"not available: {reason}", 0)


def compared(
    name: str,
    server: str,
    database: str,
    n: int,
    ours: list[float],
    floor: list[float],
    goal: str,
    unit: str,
    *,
    inverse: bool = False,
) -> Row:
    """Medians, and the median of the rounds' ratios: ours / floor, `inverse` floor / ours."""
    both = zip(ours, floor, strict=True)
    ratio = statistics.median(theirs / mine if inverse else mine / theirs for mine, theirs in both)
    middle = [round(statistics.median(each), 3) for each in (ours, floor)]
    return Row(name, server, database, n, middle[0], middle[1], round(ratio, 3), goal, unit, len(ours))


def write(rows: Iterable[Row], place: Path = REPORT) -> None:
    """Puts the rows in place of those of the same name; cases that were not run keep what they had."""
    made = [asdict(row) for row in rows]
    names = {row["name"] for row in made}
    kept = (
        [row for row in json.loads(place.read_text()) if row["name"] not in names] if place.exists() else []
    )
    place.write_text(json.dumps(kept + made, indent=1, ensure_ascii=False) + "\n")


def table(rows: Iterable[Row]) -> str:
    """The rows as aligned text, a line each."""
    lines = [COLUMNS, *([shown(getattr(row, column)) for column in COLUMNS] for row in rows)]
    widths = [max(len(line[place]) for line in lines) for place in range(len(COLUMNS))]
    return "\n".join("  ".join(map(str.ljust, line, widths)).rstrip() for line in lines)


def shown(value: object) -> str:
    if value is None:
        return "-"
    return f"{value:.3f}" if isinstance(value, float) else str(value)
