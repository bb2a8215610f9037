"""`make test`: all tests, the browser journeys in a run of their own, one line of summary for each.

The journeys drive the product's own server from outside: they touch no database, and pytest-django, which
would forbid them a running event loop, stays out. More words are passed on to pytest.
"""

import subprocess
import sys
import time
from pathlib import Path

from tools import browser

ROOT = Path(__file__).resolve().parent.parent
JOURNEYS = ROOT / "tests" / "journeys"
NOTHING_COLLECTED = 5
OUTSIDE = ("tests/journeys", "--confcutdir=tests/journeys", "-p", "no:django")  # no fixture with a database


def run(name: str, *words: str) -> bool:
    """Run pytest; return whether it passed."""
    began = time.monotonic()
    code = subprocess.run([sys.executable, "-m", "pytest", *words], check=False, cwd=ROOT).returncode
    results.append((name, code, time.monotonic() - began))
    return code in (0, NOTHING_COLLECTED)


def main(words: list[str]) -> None:
    passed = [run("tests", "tests", "--ignore=tests/journeys", "-n", "auto", *words)]
    if not any(JOURNEYS.glob("test_*.py")):
        notes.append("browser journeys: none yet")
    elif browser.provide() is None:
        notes.append(f"browser journeys: skipped, {browser.WHY_NOT}")
    else:
        passed.append(run("browser journeys", *OUTSIDE, *words))
    for name, code, seconds in results:
        outcome = {0: "passed", NOTHING_COLLECTED: "nothing to run"}.get(code, "FAILED")
        notes.append(f"{name}: {outcome} in {seconds:.0f} s")
    print("\n".join(["", *sorted(notes, reverse=True)]))
    sys.exit(0 if all(passed) else 1)


results: list[tuple[str, int, float]] = []
notes: list[str] = []

if __name__ == "__main__":
    main(sys.argv[1:])
