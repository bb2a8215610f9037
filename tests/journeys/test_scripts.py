"""Catalogue C-09 and the delays of A-03: what Chromium does with hostile words, and after a restart of the server."""

import json
import statistics
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.journeys.looking import window
from tests.journeys.stage import ROOT, Product

HOST = "p04"
PAGES = {
    "running": [
        "",
        "edit/",
        "move/",
        "cancel/",
        "people/",
        "room/",
        "host/",
        "message/",
        "close/",
        "sheet/",
        "feedback/",
        "results/",
    ],
    "past": ["", "people/", "room/", "sheet/", "results/", "feedback/"],
}
FOREIGN = (
    "img[src=x], [onerror], [onload], [onfocus], a[href^='javascript:' i], "
    "script:not([src]):not([type='application/json'])"
)
OTHERS = [
    "/today/",
    "/programme/",
    "/programme/?view=week",
    "/",
    "/plan/",
    "/account/",
    "/calendar/",
    "/demo/",
]


def outside(viso: Product, *words: str) -> str:
    """The seed of hostile words, in a process of its own."""
    run = subprocess.run(
        [sys.executable, "-m", "tests.catalogue.hostile", *words],
        cwd=ROOT,
        env=viso.environment,
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr[-3000:]
    return run.stdout


class Watched:
    """A page whose every sign of a foreign script is noted."""

    def __init__(self, browser: Browser, viso: Product, key: str) -> None:
        self.context, self.viso, self.signs = window(browser, "fr"), viso, list[str]()
        self.page: Page = self.context.new_page()
        self.page.on(
            "dialog", lambda dialog: (self.signs.append(f"dialog {dialog.message}"), dialog.dismiss())
        )
        self.page.on("console", self.hear)
        self.page.on("pageerror", lambda error: self.signs.append(f"error {error}"))
        self.page.on("request", self.ask)
        self.page.goto(f"{viso.site}/demo/")
        self.page.locator(f'form[action="/demo/enter/{key}/"] button').first.click()
        self.page.wait_for_url("**/today/")

    def hear(self, message: Any) -> None:
        if "Content Security Policy" in message.text or "Refused to" in message.text:
            self.signs.append(f"{self.page.url} {message.text[:200]}")

    def ask(self, request: Any) -> None:
        if not request.url.startswith(
            (self.viso.site, "data:", "blob:", self.viso.site.replace("http", "ws"))
        ):
            self.signs.append(f"{self.page.url} asked {request.url}")

    def visit(self, path: str) -> str:
        self.page.goto(f"{self.viso.site}{path}")
        self.page.wait_for_load_state("load")
        for control in self.page.locator("summary:visible").all()[:4]:
            control.click()
        self.look(path)
        return self.page.content()

    def look(self, path: str) -> None:
        if self.page.evaluate("window.__hit"):
            self.signs.append(f"{path} executed")
        if found := self.page.locator(FOREIGN).count():
            self.signs.append(f"{path} has {found} foreign elements")


@pytest.fixture(scope="module")
def codes(viso: Product) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(outside(viso))
    return found


@pytest.fixture
def watched(browser: Browser, viso: Product, codes: dict[str, Any]) -> Iterator[Watched]:
    found = Watched(browser, viso, HOST)
    yield found
    found.context.close()


def test_c09_hostile_words_execute_on_no_page_of_a_host(watched: Watched, codes: dict[str, Any]) -> None:
    shown = 0
    for which, pages in PAGES.items():
        for name in pages:
            text = watched.visit(f"/sessions/{codes[which]}/{name}")
            shown += "__hit" in text
    for path in OTHERS:
        watched.visit(path)
    assert shown >= 12  # the words are there, as words
    assert watched.signs == []


def test_c09_a_live_board_writes_what_comes_in_as_text(
    watched: Watched, viso: Product, codes: dict[str, Any]
) -> None:
    for name in ("host/", "room/"):
        watched.visit(f"/sessions/{codes['running']}/{name}")
        known = watched.page.locator("#messages li").count()
        outside(viso, "again", codes["running"])
        watched.page.wait_for_function(
            "known => document.querySelectorAll('#messages li').length > known || "
            "document.body.innerText.includes('encore <img')",
            arg=known,
            timeout=15_000,
        )
        watched.look(f"{name} live")
    assert watched.signs == []


def test_c09_the_mailbox_and_each_kind_of_letter_execute_nothing(
    watched: Watched, viso: Product, codes: dict[str, Any]
) -> None:
    viso.wait_letter("hostile9@", "message")
    assert "__hit" in watched.visit("/demo/mail/")
    kinds: dict[str, str] = {}
    for place in sorted((viso.home / "mail").glob("*.eml")):
        if b"hostile" in place.read_bytes():
            kinds[place.name.split("-")[1]] = place.name
    assert set(kinds) >= {"invitation", "message"}
    for name in kinds.values():
        watched.visit(f"/demo/mail/{name}/")
        watched.page.goto(f"{viso.site}/demo/mail/{name}/?part=html")
        assert watched.page.locator("script, img[src=x], [onerror], a[href^='javascript:' i]").count() == 0
    assert watched.signs == []


def test_c09_guests_pages_and_the_public_programme_execute_nothing(
    browser: Browser, viso: Product, codes: dict[str, Any]
) -> None:
    watched = Watched(browser, viso, "p17")
    for path in [*OTHERS, f"/sessions/{codes['running']}/", f"/sessions/{codes['past']}/"]:
        watched.visit(path)
    mail = viso.wait_letter("hostile3@", "invitation")
    words = next(word for word in mail.get_body(("plain",)).get_content().split() if "/i/" in word)  # type: ignore[union-attr]
    path = "/i/" + words.strip("<>.,;").partition("/i/")[2].split("/")[0] + "/"
    for more in ("", "room/", "feedback/"):
        watched.visit(path + more)
    watched.context.close()
    assert watched.signs == []


FELL = """async ([code, tries]) => {
  const { Line } = await import("/static/js/live.js");
  const real = window.setTimeout, waits = [];
  window.setTimeout = (act, wait) => { waits.push(wait); return 0; };
  for (let n = 0; n < 400; n += 1) {
    const line = new Line({ seq: 0, state: {} }, { queue: [] }, { line() {} });
    Object.assign(line, { isOpen: true, tries });
    line.fell(code);
  }
  window.setTimeout = real;
  return waits;
}"""


@pytest.mark.parametrize("code", [1012, 1006])
def test_a03_after_a_restart_a_whole_room_comes_back_spread_over_fifteen_seconds(
    browser: Browser, viso: Product, code: int
) -> None:
    """1012: the server said that it stops; 1006: it was killed, or the line broke, and the first try has failed."""
    context = window(browser, "fr")
    page = context.new_page()
    page.goto(f"{viso.site}/style/")
    waits = [wait / 1000 for wait in page.evaluate(FELL, [code, 0 if code == 1012 else 5])]
    context.close()
    assert len(waits) == 400
    assert max(waits) <= 15.5
    assert statistics.stdev(waits) > 2
    assert min(waits) >= (1 if code == 1012 else 0.2)
