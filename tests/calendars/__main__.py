"""`python -m tests.calendars [--part]`: reads all that the tests kept with four programs that are not ours.

They agree with one another and with us on identity, times, offsets, titles, states and recurrences. `--part` is for a
run of some tests only, which covers less than a whole one must.
"""

import base64
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

from tests.calendars import coverage, programs, views
from tests.calendars.places import ARTIFACTS
from tests.calendars.views import View
from tests.judge.lines import read

MOST = 800
"""So many are read, chosen by their digest: each costs a reader some hundredths of a second. Series always are."""


PART = b"Content-Type: text/calendar"
COVERED = re.compile(r"DTSTART;TZID=[A-Za-z/]+:2027")
"""Only such objects count for what has to be there; the others need not be taken apart."""


@dataclass(frozen=True, slots=True)
class Kept:
    path: Path
    text: str
    language: str = ""

    @property
    def is_special(self) -> bool:
        """Of the kinds that few tests send: they are always read."""
        return "RRULE:FREQ=WEEKLY" in self.text or "RECURRENCE-ID" in self.text

    def sent(self) -> coverage.Sent | None:
        if self.path.suffix != ".eml" or not COVERED.search(self.text):
            return None
        calendar, _ = read(self.text.encode())
        assert calendar is not None, self.path
        person = calendar.within("VEVENT")[0].first("ATTENDEE")
        assert person is not None, self.path
        return coverage.Sent(self.language, person.value.lower(), person.parameter("CN"), calendar)


def kept(place: Path = ARTIFACTS) -> Iterator[Kept]:
    """Every object, those of one UID in order; mails without an object are left out."""
    for path in sorted(place.rglob("*.eml")) + sorted(place.rglob("*.ics")):
        content = path.read_bytes()
        if path.suffix == ".ics":
            yield Kept(path, content.decode())
        elif PART in content:
            coded = content.partition(PART)[2].partition(b"\r\n\r\n")[2].partition(b"\r\n--")[0]
            language = content.partition(b"\r\nContent-Language: ")[2][:2].decode()
            yield Kept(path, base64.b64decode(coded).decode(), language)


def chosen(every: Sequence[Kept]) -> list[Kept]:
    special = [one for one in every if one.is_special]
    rest = [one for one in every if not one.is_special]
    rest.sort(key=lambda one: sha256(one.text.encode()).digest())
    return special + rest[: max(0, MOST - len(special))]


def asked(command: Sequence[str], texts: Sequence[str]) -> list[View]:
    """Another process for all texts."""
    done = subprocess.run(command, input=json.dumps(texts), capture_output=True, text=True, check=False)
    if done.returncode:
        return [View(fault=done.stderr.strip()[-300:] or f"ended with {done.returncode}")] * len(texts)
    return [View.of(told) for told in json.loads(done.stdout)]


def differs(ours: View, theirs: View) -> bool:
    """A reader that was not asked for recurrences agrees on them."""
    return theirs != ours if theirs.starts is not None else replace(theirs, starts=ours.starts) != ours


def disagreements(objects: Sequence[Kept], commands: dict[str, list[str]]) -> list[str]:
    texts = [one.text for one in objects]
    with ThreadPoolExecutor(len(commands) or 1) as threads:
        answers = {name: threads.submit(asked, command, texts) for name, command in commands.items()}
        ours = views.seen(views.by_us, texts)
        theirs = {name: answer.result() for name, answer in answers.items()}
    lines = [
        f"{one.path.name}: we: {view.fault}" for one, view in zip(objects, ours, strict=True) if view.fault
    ]
    for name, seen in theirs.items():
        for one, mine, view in zip(objects, ours, seen, strict=True):
            if differs(mine, view):
                lines.append(f"{one.path.name}: {name} sees {view.said()}; we see {mine.said()}")
    return lines


def main(words: list[str]) -> int:
    every = list(kept())
    objects = chosen(every)
    found = list(programs.readers())
    commands = {name: command for name, command, why in found if not why}
    lines = disagreements(objects, commands)
    lacking = coverage.required() - coverage.found(filter(None, (one.sent() for one in every)))
    if "--part" not in words:
        lines += [f"not among what was sent: {', '.join(one)}" for one in sorted(lacking)]
    print("\n".join(lines[:60]))
    print(
        f"calendar objects: {len(objects)} of {len(every)} read by {', '.join(commands)}; {len(lines)} faults"
    )
    must = os.environ.get("CI", "").lower() in ("1", "true", "yes")
    for name, _, why in found:
        if why:
            print(f"calendar objects: {name} {'FAILED' if must else 'skipped'}, {why}")
    return 1 if lines or (must and len(commands) < len(found)) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
