"""Every mail and feed that tests send: kept as UID-NN-method.eml or .ics for other programs, and judged at once.

NN counts the objects of one UID in the order in which one sender sent them. A UID that a second test uses again, as
that of a copied deployment, is another history, in a folder of its own. The judge's faults fail the test at its end.
"""

import os
import re
import threading
from hashlib import sha256
from pathlib import Path

from tests.calendars.places import ARTIFACTS
from tests.judge import History, judge_feed, judge_mail

UNSAFE = re.compile(r"[^A-Za-z0-9@._+-]")


class Folder:
    """Numbers the objects of each UID; `world` is one sender's history, whose files stand together."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.world = ""
        self.homes: dict[str, Path] = {}
        self.numbers: dict[Path, int] = {}

    def begin(self, world: str) -> None:
        self.world, self.homes = world, {}

    def home(self, name: str) -> Path:
        """The folder of this world's history of a UID: the first that nobody claimed, in any process."""
        claims = self.place / ".claims"
        claims.mkdir(parents=True, exist_ok=True)
        number = 1
        while name not in self.homes:
            try:
                (claims / f"{name}.{number}").touch(exist_ok=False)
                self.homes[name] = self.place if number == 1 else self.place / f"history-{number}"
            except FileExistsError:
                number += 1
        return self.homes[name]

    def write(self, content: bytes, uid: str, method: str, suffix: str) -> Path:
        name = UNSAFE.sub("_", uid)[:120]
        home = self.home(name)
        home.mkdir(parents=True, exist_ok=True)
        number = self.numbers[home / name] = self.numbers.get(home / name, 0) + 1
        path = home / f"{name}-{number:02d}-{UNSAFE.sub('_', method)}.{suffix}"
        path.write_bytes(content)
        return path


class Keeper:
    """Keeps, judges, and remembers the faults until the test is asked for them."""

    def __init__(self, place: Path = ARTIFACTS) -> None:
        self.folder = Folder(place)
        self.history = History()
        self.faults: list[str] = []
        self.turn = threading.Lock()

    def begin(self, world: str) -> None:
        """Another sender, who has sent nothing yet."""
        with self.turn:
            if world != self.folder.world:
                self.folder.begin(world)
                self.history = History()

    def mail(self, content: bytes, *, is_read: bool = False) -> None:
        """A mail as it left or arrived, or as a test reads it, perhaps again; the same octets are kept once."""
        with self.turn:
            is_new = self.history.is_new(content)
            if is_read and not is_new:
                return
            judged = judge_mail(content)
            if not is_new:
                again = self.history.again(judged.recipient, judged.calendar) if judged.calendar else []
                self.faults += [f"{judged.message_id}: {fault}" for fault in again]
                return
            faults, uid = list(judged.faults), judged.message_id.strip("<>").partition("@")[0]
            if judged.calendar is not None:
                faults += self.history.judge(judged.recipient, judged.calendar)
                uid = next((event.value("UID") for event in judged.calendar.within("VEVENT")), uid)
            self._note(self.folder.write(content, uid, judged.method, "eml"), faults)

    def feed(self, content: bytes, method: str = "feed") -> None:
        """A calendar as somebody fetched it."""
        with self.turn:
            if not self.history.is_new(content):
                return
            calendar, faults = judge_feed(content)
            events = calendar.within("VEVENT") if calendar else []
            uid = events[0].value("UID") if events else f"empty-{sha256(content).hexdigest()[:12]}"
            self._note(self.folder.write(content, uid, method, "ics"), faults)

    def _note(self, path: Path, faults: list[str]) -> None:
        self.faults += [f"{path.name}: {fault}" for fault in faults]

    def settle(self) -> list[str]:
        """The faults so far, which are then forgotten."""
        with self.turn:
            found, self.faults = self.faults, []
            return found


keeper = Keeper()


def keep(content: bytes, uid: str, method: str, suffix: str) -> None:
    """By hand; `uid` is read from the content."""
    keeper.mail(content) if suffix == "eml" else keeper.feed(content, method)


def world() -> str:
    """The test that runs, in this process."""
    return f"{os.getpid()} {os.environ.get('PYTEST_CURRENT_TEST', '').rpartition(' ')[0]}"
