"""`make test`: all tests on SQLite, again on PostgreSQL and Valkey, then the browser journeys; a line of summary each.

The journeys drive the product's own server from outside: they touch no database, and pytest-django, which
would forbid them a running event loop, stays out. More words are passed on to pytest. With CI=true nothing may be
missing: a part that can't be had has failed.
"""

import os
import subprocess
import sys
import time
from pathlib import Path

from tests.calendars import places
from tests.services import Postgres, Valkey
from tools import browser

ROOT = Path(__file__).resolve().parent.parent
JOURNEYS = ROOT / "tests" / "journeys"
NOTHING_COLLECTED = 5
AT_ONCE = ("-n", str((os.cpu_count() or 1) + 1))  # many of them wait
INSIDE = ("tests", "--ignore=tests/journeys", *AT_ONCE, "--dist", "worksteal")
OUTSIDE = ("tests/journeys", *AT_ONCE, "--dist", "loadfile")  # a product for each file
NO_DATABASE = ("--confcutdir=tests/journeys", "-p", "no:django")  # nor a fixture with one
MOST_SECONDS = 20 * 60
SAME = (  # what opens no database of the run: files, the ground, servers with a stand-in or with services of their own
    *("house", "tools", "seminars/ical", "seminars/exchange", "seminars/evidence", "seminars/jitsi"),
    # words and papers: rows are only read, and plainly
    *("calendars", "seminars/wording", "seminars/documents"),
    *(f"web/test_{name}.py" for name in ("look", "pages", "papers", "previews", "samples")),
    *("realtime/test_lanes.py", "realtime/test_gathering.py", "seminars/queries/test_counting.py"),
    *("config/test_demo.py", "web/test_accesslines.py", "web/test_feed_processes.py"),
    *(
        f"config/test_{name}.py"
        for name in ("scaled", "serve", "tree", "ports", "logs", "checks", "settings")
    ),
)
SERVICES = {"VISO_TEST_DATABASE": "postgres", "VISO_TEST_REDIS": "1"}


def run(name: str, *words: str, **more: str) -> bool:
    """Run pytest; return whether it passed."""
    began = time.monotonic()
    plain = {key: value for key, value in os.environ.items() if key not in SERVICES}
    command = [sys.executable, "-m", "pytest", *words]
    code = subprocess.run(command, check=False, cwd=ROOT, env=plain | more).returncode
    outcome = {0: "passed", NOTHING_COLLECTED: "nothing to run"}.get(code, "FAILED")
    took(name, outcome, time.monotonic() - began)
    return code in (0, NOTHING_COLLECTED)


def took(name: str, outcome: str, seconds: float) -> None:
    """Notes what became of a part, and how long it was."""
    lengths.append(seconds)
    notes.append(f"{name}: {outcome} in {seconds:.0f} s")


def together() -> str:
    """The line at the end: how long all parts were, and whether that was too long."""
    whole = sum(lengths)
    more = f", over the {MOST_SECONDS // 60} minutes that it may take" if whole > MOST_SECONDS else ""
    return f"together {whole:.0f} s{more}"


def missing(name: str, reason: str) -> bool:
    """Notes a part that can't be had; return whether the run may pass without it."""
    must = os.environ.get("CI", "").lower() in ("1", "true", "yes")
    notes.append(f"{name}: {'FAILED' if must else 'skipped'}, {reason}")
    return not must


def read_calendars(words: list[str]) -> bool:
    """Other programs read every calendar object that the tests sent; return whether they agree."""
    began = time.monotonic()
    command = [sys.executable, "-m", "tests.calendars", *(["--part"] if words else [])]
    code = subprocess.run(command, check=False, cwd=ROOT).returncode
    took("calendar objects", "FAILED" if code else "passed", time.monotonic() - began)
    return not code


def why_no_services() -> str:
    """Empty where PostgreSQL and Valkey start here, else what they say."""
    try:
        for kind in (Postgres, Valkey):
            kind().stop()
    except (RuntimeError, OSError, ValueError, StopIteration) as fault:
        return str(fault).strip().split("\n")[0] or type(fault).__name__
    return ""


def main(words: list[str]) -> None:
    places.empty()
    passed = [run("tests on SQLite", *INSIDE, *words)]
    if reason := why_no_services():
        passed.append(missing("tests on PostgreSQL and Valkey", reason))
    else:
        again = (*(f"--ignore=tests/{each}" for each in SAME), *words)
        passed.append(run("tests on PostgreSQL and Valkey", *INSIDE, *again, **SERVICES))
    if not any(JOURNEYS.glob("test_*.py")):
        notes.append("browser journeys: none yet")
    elif browser.provide() is None:
        passed.append(missing("browser journeys", browser.WHY_NOT))
    else:
        passed.append(run("browser journeys", *OUTSIDE, *NO_DATABASE, *words))
    passed.append(read_calendars(words))
    print("\n".join(["", *notes, together()]))
    sys.exit(0 if all(passed) else 1)


notes: list[str] = []
lengths: list[float] = []

if __name__ == "__main__":
    main(sys.argv[1:])
