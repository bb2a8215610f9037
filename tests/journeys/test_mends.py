"""What live pages say when something was lost on the way: a module, the line, an invitation."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.looking import window
from tests.journeys.stage import Product

KEY = "p26"
"""Invited to the running session, and not there yet."""
SAVED = re.compile("gardée|presenza salvata")
SAVING = re.compile("sauvegarde en cours|salvataggio in corso")
HOST = "p03"
FAILED = """async () => {
  const { Line } = await import("/static/js/live.js");
  const told = [];
  const on = { state() {}, open() {}, line() {}, trouble() {}, unsure: () => told.push("unsure") };
  const line = new Line({ seq: 0, state: {} }, { queue: [] }, on);
  Object.assign(line, { isOpen: true, send: () => Promise.reject(Object.assign(new Error(), { code: "offline" })) });
  line.keep("rooms.hand", { raised: true });
  await new Promise((go) => setTimeout(go, 50));
  return told;
}"""
SHAPES = """async () => {
  const { Strip } = await import("/static/js/mine.js");
  const strip = new Strip({ words: { mine: {} }, language: "fr" }, () => ({}));
  const keys = [];
  for (const isOn of [true, false]) keys.push(strip.key({ isOn, mine: { standing: "video" } }));
  return keys;
}"""


def room(viso: Product) -> str:
    code = next(row["code"] for row in viso.demo["sessions"] if row["state"] == "running")
    return f"{viso.site}/sessions/{code}"


def sign_in(browser: Browser, viso: Product, key: str, width: str, language: str = "fr") -> Page:
    page = window(browser, language, width).new_page()
    page.goto(f"{viso.site}/demo/")
    page.locator(f'form[action="/demo/enter/{key}/"] button').first.click()
    expect(page).to_have_url(re.compile("/today/$"))
    return page


@pytest.fixture
def guest(browser: Browser, viso: Product) -> Iterator[Page]:
    """Somebody in the room of the running session, on her phone, without the video."""
    page = sign_in(browser, viso, KEY, "phone")
    page.goto(f"{room(viso)}/room/")
    expect(page.locator("html")).to_have_attribute("data-live", "on")
    page.evaluate(f"sessionStorage.setItem('viso.entered.{room(viso).rpartition('/')[2]}', 'yes')")
    page.reload()
    expect(page.locator("[data-mine]")).to_contain_text(SAVED)
    yield page
    page.context.close()


def test_the_farewell_goes_once_she_is_back(guest: Page) -> None:
    """First of all here: no connection of another test keeps her in the room."""
    guest.locator(".dock button[form=leave]").click()
    expect(guest.locator(".messages")).to_be_visible()
    with guest.expect_popup():
        guest.locator("form[data-join] button").click()
    guest.bring_to_front()
    expect(guest.locator('.dock[data-when="inside"]')).to_be_visible()
    expect(guest.locator(".messages")).to_have_count(0)


def test_a_page_that_lost_a_module_says_so_and_never_saved(guest: Page) -> None:
    guest.context.route("**/js/saying.js", lambda route: route.abort())
    guest.reload()
    expect(guest.locator("[data-incomplete]")).to_be_visible()
    expect(guest.locator("[data-mine]")).to_contain_text(SAVING)
    expect(guest.locator("[data-mine] noscript")).to_be_hidden()
    guest.context.unroute("**/js/saying.js")
    guest.evaluate("window.dispatchEvent(new Event('online'))")
    expect(guest.locator("html")).to_have_attribute("data-live", "on")
    expect(guest.locator("[data-incomplete]")).to_be_hidden()


def test_a_hand_raised_while_the_line_is_cut_says_that_it_waits(guest: Page) -> None:
    guest.context.set_offline(True)
    guest.evaluate("window.dispatchEvent(new Event('offline'))")
    expect(guest.locator("[data-mine]")).to_have_attribute("data-is", "cut")
    guest.locator(".dock [data-hand-key]").click()
    expect(guest.locator("[data-waits]")).to_be_visible()
    guest.context.set_offline(False)
    guest.evaluate("window.dispatchEvent(new Event('online'))")
    expect(guest.locator("[data-waits]")).to_be_hidden()
    expect(guest.locator(".dock [data-hand-key]")).to_have_attribute("data-raised", "true")


def test_a_command_that_fails_and_a_video_unseen_are_not_called_saved(guest: Page) -> None:
    assert guest.evaluate(FAILED) == ["unsure"]
    assert guest.evaluate(SHAPES) == ["saving", "video"]


def test_who_is_withdrawn_while_inside_has_one_line_and_one_button(
    browser: Browser, viso: Product, guest: Page
) -> None:
    host = sign_in(browser, viso, HOST, "desk")
    host.goto(f"{room(viso)}/people/")
    host.locator("tr", has_text=viso.person(KEY)["name"]).locator('form[action$="/withdraw/"] button').click()
    expect(host.locator("section[role=alert]")).to_be_visible()
    expect(guest.locator('[data-when="refused"]')).to_be_hidden()
    host.locator("section[role=alert] button").click()
    expect(guest.locator('[data-when="refused"]')).to_be_visible()
    for hidden in guest.locator('[data-when="inside"], [data-left]').all():
        expect(hidden).to_be_hidden()
    assert guest.locator("main .button:visible").count() == 1
    guest.reload()
    expect(guest.locator("h1")).to_be_visible()
    expect(guest.locator('[data-when="inside"]')).to_have_count(0)
    host.context.close()
