"""Which files the house tests look at."""

from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
OURS = {"config", "web", "api", "realtime", "seminars"}
BESIDE = {"tools", "tests", "bench"}


def modules(beside: bool = False) -> Iterator[Path]:
    """Yield the product's Python files without generated migrations; `beside`: tools, tests and bench too."""
    for folder in sorted(OURS | BESIDE if beside else OURS):
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path


def templates() -> Iterator[Path]:
    """Yield every template: pages, parts of pages, letters."""
    yield from sorted(path for path in (ROOT / "templates").rglob("*") if path.is_file())
    for folder in sorted(OURS):
        yield from sorted((ROOT / folder).rglob("templates/**/*.*"))
