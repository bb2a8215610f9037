"""Guests of a session behind a wire: how they come in, what waits in their browsers, what the ledger holds of them."""

import json
import re
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from playwright.sync_api import BrowserContext, Error, Page, expect

from seminars.evidence.intervals import Event, Span, spans
from tests.journeys.stage import Product
from tests.journeys.wire import Wire

LEASE = 4.0
QUICK = {"BEAT_SECONDS": "1", "LEASE_SECONDS": str(LEASE), "SWEEP_SECONDS": "0.5", "LIVE_PULL_SECONDS": "2"}
SLACK = timedelta(seconds=2.5)
"""Two beats, and what a busy machine takes."""


@dataclass
class House:
    """A product at the far end of a wire."""

    viso: Product
    wire: Wire

    def rows(self, question: str, *given: Any) -> list[tuple[Any, ...]]:
        place = f"file:{self.viso.home / 'db.sqlite3'}?mode=ro"
        with closing(sqlite3.connect(place, uri=True, timeout=10)) as base:
            return base.execute(question, given).fetchall()

    @property
    def codes(self) -> list[str]:
        """The sessions whose rooms are open now."""
        rows = self.viso.demo["sessions"]
        return [
            next(row["code"] for row in rows if row["state"] == state) for state in ("scheduled", "running")
        ]


@dataclass
class Guest:
    """Somebody invited to the session, her browser, and what the ledger holds of her."""

    house: House
    code: str
    key: str
    context: BrowserContext

    @property
    def room(self) -> str:
        return f"{self.house.wire.site}/sessions/{self.code}/room/"

    def sign_in(self) -> Page:
        page = self.context.new_page()
        page.goto(f"{self.house.wire.site}/demo/")
        page.locator(f'form[action="/demo/enter/{self.key}/"] button').first.click()
        expect(page).to_have_url(re.compile("/today/$"))
        return page

    def enter(self, page: Page) -> Page:
        """Into the room without the video: this page alone is her presence."""
        self.step_in(page)
        page.goto(self.room)
        expect(page.locator("[data-mine]")).to_have_attribute("data-is", "here")
        self.wait(lambda: self.kinds[-1:] == ["joined"] or "resumed" in self.kinds)
        self.wait(lambda: "join" not in waiting(page))
        return page

    def step_in(self, page: Page) -> None:
        """As if she had pressed Join in this tab, and no video had opened."""
        ((whose,),) = self.house.rows("SELECT code FROM seminars_person WHERE key = ?", self.key)
        page.evaluate(
            "([code, whose]) => ['entered', 'person'].forEach((what, place) =>"
            " sessionStorage.setItem(`viso.${what}.${code}`, ['yes', whose][place]))",
            [self.code, whose],
        )

    @property
    def events(self) -> list[Event]:
        found = self.house.rows(
            "SELECT e.kind, e.at, e.connection, e.data FROM seminars_presenceevent e JOIN seminars_person p"
            " ON p.id = e.person_id JOIN seminars_session s ON s.id = e.session_id"
            " WHERE p.key = ? AND s.code = ? ORDER BY e.seq",
            self.key,
            self.code,
        )
        return [Event(kind, instant(at), line, json.loads(data)) for kind, at, line, data in found]

    @property
    def kinds(self) -> list[str]:
        return [event.kind for event in self.events]

    @property
    def leases(self) -> list[tuple[str, datetime, bool]]:
        """Connection, last sign, whether it is open."""
        found = self.house.rows(
            "SELECT l.connection, l.seen_at, l.ended_at IS NULL FROM seminars_lease l JOIN seminars_person p"
            " ON p.id = l.person_id JOIN seminars_session s ON s.id = l.session_id WHERE p.key = ? AND s.code = ?",
            self.key,
            self.code,
        )
        return [(line, instant(seen), bool(is_open)) for line, seen, is_open in found]

    @property
    def secrets(self) -> list[tuple[str]]:
        return self.house.rows(
            "SELECT l.secret_hash FROM seminars_lease l JOIN seminars_person p ON p.id = l.person_id"
            " WHERE p.key = ?",
            self.key,
        )

    @property
    def present(self) -> list[Span]:
        """When she was there, seen or replayed, as one union."""
        events, leases = self.events, self.leases
        whole = spans(events, {line: seen for line, seen, is_open in leases if is_open})
        union: list[Span] = []
        for start, end in sorted(whole.seen + whole.replayed):
            if union and start <= union[-1][1]:
                union[-1] = (union[-1][0], max(end, union[-1][1]))
            else:
                union.append((start, end))
        return union

    def wait(self, is_so: Callable[[], bool], seconds: float = 15) -> None:
        until = time.monotonic() + seconds
        while not is_so():
            assert time.monotonic() < until, (self.events, self.leases)
            time.sleep(0.1)

    def back(self, *pages: Page) -> datetime:
        """Mends the wire, as a browser notices; waits until the server has heard of her again; the hour it came."""
        hour = self.hour
        self.house.wire.mend()
        for page in pages:
            page.evaluate("window.dispatchEvent(new Event('online'))")
        self.wait(lambda: sum(seen >= hour for _, seen, is_open in self.leases if is_open) >= len(pages))
        return hour

    @property
    def hour(self) -> datetime:
        """The server's."""
        return datetime.now(UTC) + timedelta(seconds=self.house.viso.shift)


def instant(text: str) -> datetime:
    """As SQLite keeps it: UTC, without saying so."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def kept(page: Page) -> list[dict[str, Any]]:
    """The records that wait in this browser."""
    found: list[dict[str, Any]] = page.evaluate(
        "async () => (await import('/static/js/keeping.js')).all()",
    )
    return found


def waiting(page: Page) -> list[str]:
    """What kinds of entries have not been acknowledged yet."""
    return [entry["kind"] for record in kept(page) for entry in record["entries"]]


def nothing_waits(page: Page) -> Callable[[], bool]:
    return lambda: kept(page) == []


def crash(page: Page) -> None:
    """The page's process dies, and says goodbye to nobody."""
    died: list[Page] = []
    page.on("crash", lambda page: died.append(page))
    with suppress(Error):
        page.goto("chrome://crash", wait_until="commit", timeout=3000)
    other = page.context.new_page()
    for _ in range(50):
        other.wait_for_timeout(100)
        if died:
            return other.close()
    raise AssertionError("the page lives")
