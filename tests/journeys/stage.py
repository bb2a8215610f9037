"""The stage of a journey: the product's own server in a process of its own, its clock in our hands, a real browser.

Journeys touch no database: they prepare by `manage.py demo --json` and by the pages, and look at pages and mails.
"""

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
VIDEO_HOST = "meet.example.test"
DEMO = "demo.json"
PATIENCE = 60.0
"""Seconds until what never comes is given up; a busy machine is slow, and no journey measures that."""
QUICK = {
    "BEAT_SECONDS": "2",
    "LEASE_SECONDS": "120",
    "SWEEP_SECONDS": "1",
    "LIVE_PULL_SECONDS": "5",
    "WORK_PAUSE_SECONDS": "0.1",
}
"""Leases and beats shortened, so that a minute of the product passes in seconds of the test."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Product:
    """A started Viso: `home` is its state directory, `site` its address."""

    home: Path
    port: int = field(default_factory=free_port)
    extra: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[str] | None = None
    demo: dict[str, Any] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    shift: float = 0.0

    @property
    def site(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def told(self) -> str:
        """The address that its letters and links name, which may be another's in front of it."""
        return self.extra.get("SITE_URL", self.site)

    @property
    def environment(self) -> dict[str, str]:
        quiet = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("DATABASE_URL", "EMAIL_URL"))
        }
        return quiet | {
            "STATE_DIR": str(self.home),
            "PORT": str(self.port),
            "DEMO": "1",
            "VIDEO_HOST": VIDEO_HOST,
            "CLOCK_SHIFT_FILE": str(self.home / "clock"),
            "DJANGO_SETTINGS_MODULE": "config.settings",
            **QUICK,
            **self.extra,
        }

    def manage(self, *words: str) -> str:
        run = subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if run.returncode:
            raise AssertionError(f"manage.py {words}: {run.stderr[-3000:]}")
        return run.stdout

    def prepare(self) -> None:
        """Makes the ground: schema, static files, demonstration."""
        self.home.mkdir(parents=True, exist_ok=True)
        self.manage("migrate", "--verbosity", "0")
        self.manage("collectstatic", "--noinput", "--verbosity", "0")
        (self.home / DEMO).write_text(self.manage("demo", "--json"))

    def stand_on(self, ground: "Product") -> None:
        """Begins with a copy of what was prepared there; what was printed then names our address now."""
        shutil.copytree(ground.home, self.home, dirs_exist_ok=True)
        self.demo = json.loads((self.home / DEMO).read_text().replace(ground.told, self.told))

    def start(self) -> None:
        with (self.home / "server.log").open("a") as log:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "serve"],
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=log,
                text=True,
            )
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            with contextlib.suppress(OSError), urllib.request.urlopen(f"{self.site}/style/", timeout=2):
                return
            if self.process.poll() is not None:
                raise AssertionError((self.home / "server.log").read_text()[-3000:])
            time.sleep(0.1)
        raise AssertionError("the server did not start")

    def stop(self, how: int = signal.SIGTERM) -> int:
        assert self.process is not None
        self.process.send_signal(how)
        return self.process.wait(PATIENCE)

    def end(self) -> None:
        """Stops it where it still runs."""
        if self.process is not None and self.process.poll() is None:
            self.stop()

    def forward(self, seconds: float) -> None:
        """Lets time pass on the server's clock."""
        self.shift += seconds
        place = self.home / "clock"
        (place.with_suffix(".new")).write_text(repr(self.shift))
        (place.with_suffix(".new")).replace(place)

    def person(self, key: str) -> dict[str, str]:
        return next(row for row in self.demo["people"] if row["key"] == key)

    def way_in(self, key: str) -> str:
        """A sign-in link of a demonstration person that nobody has used, and that is young on the server's clock."""
        if key in self.used or self.shift:
            self.demo = json.loads(self.manage("demo", "--json"))
            self.used.clear()
        self.used.add(key)
        return self.person(key)["sign_in_url"]

    def letters(self, to: str = "", kind: str = "") -> list[EmailMessage]:
        """Mails on disk, oldest first."""
        found = []
        for place in sorted((self.home / "mail").glob(f"*{kind}*.eml")):
            mail = message_from_bytes(place.read_bytes(), policy=policy.default)
            if to in str(mail["To"]):
                found.append(mail)
        return found

    def wait_letter(self, to: str, kind: str = "", count: int = 1) -> EmailMessage:
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            if len(found := self.letters(to, kind)) >= count:
                return found[-1]
            time.sleep(0.1)
        names = [place.name for place in (self.home / "mail").glob("*.eml")]
        raise AssertionError(f"no {kind} letter {count} to {to}; there are {names}")


def text_of(mail: EmailMessage, kind: str = "plain") -> str:
    part = mail.get_body(("plain",)) if kind == "plain" else mail.get_body(("html",))
    assert part is not None
    return part.get_content()


def calendar_of(mail: EmailMessage) -> str:
    """The calendar part, unfolded."""
    part = next(part for part in mail.walk() if part.get_content_type() == "text/calendar")
    return part.get_content().replace("\r\n ", "").replace("\n ", "")


def link_in(mail: EmailMessage, path: str) -> str:
    """The first address in a mail whose path begins so."""
    for word in text_of(mail).split():
        if path in word:
            return word.strip("<>.,;")
    raise AssertionError(f"no {path} link in: {text_of(mail)}")


def personal_link(mail: EmailMessage) -> str:
    """The reader's own page, from any link of her letter."""
    found = re.match(r"https?://[^/]+/i/[^/]+/", link_in(mail, "/i/"))
    assert found
    return found[0]


@contextlib.contextmanager
def product(home: Path, ground: Product, **extra: str) -> Iterator[Product]:
    """A started Viso that stands on a prepared ground; stopped at the end."""
    whole = Product(home, extra=extra)
    whole.stand_on(ground)
    try:
        whole.start()
        yield whole
    finally:
        whole.end()
