"""`make chaos`: the catalogue's fault, load and bad-input cases at full length, against really started processes.

In both modes, one after the other: S is one process on SQLite, P is PostgreSQL, Valkey, two servers and two workers.
`--quick` takes the short forms, `--mode S` one mode, `A-04 B-01` some cases. Writes tests/artifacts/chaos.json and
prints a line for each case and mode; the exit is 1 where one has failed.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PLACE = ROOT / "tests" / "artifacts" / "chaos.json"
SERVICES = {"VISO_TEST_DATABASE": "postgres", "VISO_TEST_REDIS": "1"}
MODES = {"S": {}, "P": SERVICES}
CASES = {
    "A-01": "kill -9, everybody comes back",
    "A-02": "kill -9, nobody comes back",
    "A-03": "a stop with open sockets",
    "A-04": "Valkey killed and back at once",
    "A-05": "Valkey away for ten minutes",
    "A-06": "PostgreSQL restarted under load",
    "A-07": "a worker killed twenty times",
    "A-08": "three times 451, then 250",
    "A-09": "550 for one of thirty",
    "A-10": "an error after the enqueuing",
    "A-11": "cancelled before its reminder",
    "A-13": "two tabs of one person",
    "A-14": "wrong clocks of a client",
    "A-15": "a hundred losses of the network",
    "B-01": "a full session for ten minutes",
    "B-02": "a socket that never stops",
    "B-04": "bursts of requests, connections counted",
    "B-05": "long lists and a feed of 2000 events",
    "B-06": "a slow call in a live command",
    "B-07": "150 changes past a blocked reader",
    "B-08": "pages and cursors out of bounds",
    "B-09": "ten thousand letters, two workers",
    "C-01": "frames over the limit",
    "C-02": "line ends hidden in a header",
    "C-03": "thousands of headers",
    "C-04": "a body of fifty megabytes",
    "C-05": "an Accept header without end",
    "C-12": "pipelined requests, two lengths",
    "D-05": "handshakes of other origins",
    "D-07": "revoked in both processes at once",
    "D-08": "a person who leaves, with feed, token, page and socket",
    "D-12": "addresses that rotate",
    "G-01": "sixty people answer at once",
}
ELSEWHERE = {
    "A-12": "a browser journey: tests/journeys/test_scanner.py, in make test",
    "B-03": "not yet possible: registration with seats does not exist yet",
    "D-04": "not yet possible: nobody can change a mail address yet",
    "D-06": "no fault to wait for: tests/catalogue/test_inviting.py, in make test; no series or waiting list yet",
}
ONLY = {"A-04": "P", "A-05": "P", "A-06": "P", "B-04": "P"}


@dataclass
class Outcome:
    """What became of one case in one mode; `figures` are as measured, `reason` says why where it is not passed."""

    case: str
    title: str
    mode: str
    server: str
    form: str
    outcome: str
    seconds: float = 0.0
    tests: int = 0
    figures: dict[str, str] = field(default_factory=dict)
    reason: str = ""


def run(mode: str, server: str, form: str, cases: list[str]) -> list[Outcome]:
    """The cases in one mode, in a pytest of their own."""
    words = [sys.executable, "-m", "pytest", "tests/catalogue", "-q", "-p", "no:cacheprovider"]
    wanted = " or ".join(f"test_{case.replace('-', '').lower()}_" for case in cases)
    environment = {name: value for name, value in os.environ.items() if name not in SERVICES}
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        subprocess.run(
            [*words, "-k", wanted, f"--junitxml={report}", "-o", "junit_family=legacy"],
            check=False,
            cwd=ROOT,
            env=environment | MODES[mode] | {"VISO_CHAOS": form, "SERVER": server},
        )
        found = list(read(report, mode, server, form)) if report.exists() else []
    had = {each.case for each in found}
    missing = [Outcome(case, CASES[case], mode, server, form, "missing", reason="no test") for case in cases]
    return sorted(found + [each for each in missing if each.case not in had], key=lambda each: each.case)


def read(report: Path, mode: str, server: str, form: str) -> Iterator[Outcome]:
    """One outcome per case: the worst of its tests."""
    made: dict[str, Outcome] = {}
    for test in ElementTree.parse(report).iter("testcase"):
        found = re.match(r"test_([a-z])(\d\d)_", test.get("name", ""))
        if found is None or (case := f"{found[1].upper()}-{found[2]}") not in CASES:
            continue
        outcome = made.setdefault(case, Outcome(case, CASES[case], mode, server, form, ""))
        outcome.tests += 1
        outcome.seconds = round(outcome.seconds + float(test.get("time", 0)), 2)
        for value in test.iter("property"):
            note(outcome.figures, value.get("name", ""), value.get("value", ""))
        judge(outcome, test)
    yield from made.values()


def note(figures: dict[str, str], name: str, value: str) -> None:
    """Figures of one name from several tests of a case stand beside one another."""
    figures[name] = f"{figures[name]}, {value}" if name in figures else value


def judge(outcome: Outcome, test: ElementTree.Element) -> None:
    for kind, word in (("failure", "FAILED"), ("error", "FAILED"), ("skipped", "skipped")):
        said = test.find(kind)
        if said is not None:
            if outcome.outcome != "FAILED":
                outcome.outcome = word
                outcome.reason = (said.get("message") or "").split("\n")[0][:300]
            return
    if outcome.outcome in ("", "skipped"):
        outcome.outcome, outcome.reason = "passed", ""


def line(each: Outcome) -> str:
    figures = ", ".join(f"{name} {value}" for name, value in each.figures.items())
    said = figures if each.outcome == "passed" else f"{each.reason} {figures}".strip()
    return f"{each.case}  {each.mode} {each.server:7} {each.outcome:8} {each.seconds:7.1f} s  {each.title}: {said}"


def keep(outcomes: list[Outcome]) -> None:
    """Puts the outcomes in place of those of the same case and mode; what was not run keeps what it had."""
    fresh = [asdict(each) for each in outcomes]
    ours = {(row["case"], row["mode"], row["server"]) for row in fresh}
    before = json.loads(PLACE.read_text())["cases"] if PLACE.exists() else []
    rows = [
        row
        for row in before
        if (row["case"], row["mode"], row["server"]) not in ours and row["case"] in CASES
    ]
    rows = sorted(rows + fresh, key=lambda row: (row["case"], row["mode"], row["server"]))
    PLACE.parent.mkdir(parents=True, exist_ok=True)
    whole = {"cases": rows, "elsewhere": ELSEWHERE}
    PLACE.write_text(json.dumps(whole, indent=1, ensure_ascii=False) + "\n")


def main() -> None:
    reads = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    reads.add_argument("cases", nargs="*", help="A-01 …; none means all")
    reads.add_argument("--server", choices=["daphne", "uvicorn"], default="daphne")
    reads.add_argument("--quick", action="store_true")
    reads.add_argument("--mode", choices=list(MODES), action="append")
    asked = reads.parse_args()
    if unknown := set(asked.cases) - set(CASES):
        sys.exit("\n".join(f"{case}: {ELSEWHERE.get(case, 'unknown')}" for case in sorted(unknown)))
    began, outcomes = time.monotonic(), []
    for mode in asked.mode or list(MODES):
        cases = [case for case in asked.cases or CASES if ONLY.get(case, mode) == mode]
        if cases:
            outcomes += run(mode, asked.server, "quick" if asked.quick else "full", cases)
    keep(outcomes)
    print("\n".join(["", *map(line, outcomes), *(f"{case}     {why}" for case, why in ELSEWHERE.items())]))
    print(f"{len(outcomes)} in {time.monotonic() - began:.0f} s, in {PLACE.relative_to(ROOT)}")
    sys.exit(0 if {each.outcome for each in outcomes} <= {"passed"} else 1)


if __name__ == "__main__":
    main()
