"""A whole room is asked "still here?": on a phone, over a cut line, too late, and without any script."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.looking import faults, look_at, window
from tests.journeys.stage import Product

HOST, GUEST, OTHER = "p03", "p26", "p17"


def code(viso: Product) -> str:
    return str(next(row["code"] for row in viso.demo["sessions"] if row["state"] == "running"))


def sign_in(browser: Browser, viso: Product, key: str, width: str) -> Page:
    page = window(browser, "fr", width).new_page()
    page.goto(f"{viso.site}/demo/")
    page.locator(f'form[action="/demo/enter/{key}/"] button').first.click()
    expect(page).to_have_url(re.compile("/today/$"))
    return page


def enter(page: Page, viso: Product) -> Page:
    """Into the room on her phone, without the video."""
    page.goto(f"{viso.site}/sessions/{code(viso)}/room/")
    expect(page.locator("html")).to_have_attribute("data-live", "on")
    page.evaluate(f"sessionStorage.setItem('viso.entered.{code(viso)}', 'yes')")
    page.reload()
    expect(page.locator("[data-mine]")).to_have_attribute("data-is", "here")
    return page


@pytest.fixture
def guest(browser: Browser, viso: Product) -> Page:
    return enter(sign_in(browser, viso, GUEST, "phone"), viso)


@pytest.fixture
def host(browser: Browser, viso: Product) -> Page:
    page = sign_in(browser, viso, HOST, "desk")
    page.goto(f"{viso.site}/sessions/{code(viso)}/host/")
    expect(page.locator("html")).to_have_attribute("data-live", "on")
    return page


@pytest.fixture(autouse=True)
def afterwards(viso: Product) -> Iterator[None]:
    """The next test may ask again."""
    yield
    viso.forward(200)


def ask(host: Page) -> None:
    expect(host.locator("form[data-ask-check] button")).to_be_enabled()
    host.locator("form[data-ask-check] button").click()
    expect(host.locator("form[data-ask-check] button")).to_be_disabled()


def test_one_button_answers_and_the_host_sees_it(viso: Product, guest: Page, host: Page) -> None:
    title = guest.title()
    ask(host)
    question = guest.locator("form[data-check]")
    expect(question).to_be_visible()
    expect(guest.locator("[data-check-told]")).to_have_text(re.compile(".+"))
    assert guest.title() != title
    look_at(guest, "room-asked", "it", "phone")
    look_at(host, "host-asked", "fr", "desk")
    assert faults(guest) == []
    box = question.locator("button").bounding_box()
    assert box
    assert box["height"] >= 44
    question.locator("button").focus()
    guest.keyboard.press("Enter")
    expect(question).to_be_hidden()
    expect(guest.locator("[data-check-done]")).to_be_visible()
    assert guest.title() == title
    row = host.locator("li.person", has_text=viso.person(GUEST)["name"])
    expect(row.locator('[data-of="answer"]')).to_have_class("chip good")
    assert faults(host) == []


def test_an_answer_given_while_the_line_is_cut_leaves_when_it_stands(
    viso: Product, guest: Page, host: Page
) -> None:
    ask(host)
    expect(guest.locator("form[data-check]")).to_be_visible()
    guest.context.set_offline(True)
    guest.evaluate("window.dispatchEvent(new Event('offline'))")
    guest.locator("form[data-check] button").click()
    expect(guest.locator("[data-waits]")).to_be_visible()
    expect(guest.locator("form[data-check]")).to_be_hidden()
    viso.forward(190)
    guest.context.set_offline(False)
    guest.evaluate("window.dispatchEvent(new Event('online'))")
    expect(guest.locator("[data-check-done]")).to_be_visible()
    row = host.locator("li.person", has_text=viso.person(GUEST)["name"])
    expect(row.locator('[data-of="answer"]')).to_have_class("chip care")


def test_a_page_without_scripts_asks_and_takes_the_answer(
    browser: Browser, viso: Product, host: Page
) -> None:
    page = sign_in(browser, viso, OTHER, "phone")
    enter(page, viso)
    ask(host)
    cookies = page.context.cookies()
    page.close()
    plain = browser.new_context(java_script_enabled=False, locale="fr-FR")
    plain.add_cookies(cookies)
    page = plain.new_page()
    page.goto(f"{viso.site}/sessions/{code(viso)}/room/")
    page.locator("form[data-check] button").click()
    expect(page.locator(".messages")).to_be_visible()
    expect(page.locator("form[data-check]")).to_be_hidden()
    row = host.locator("li.person", has_text=viso.person(OTHER)["name"])
    expect(row.locator('[data-of="answer"]')).to_have_class("chip good")


def test_a_signature_given_in_another_tab_shows_on_both_pages(viso: Product, guest: Page, host: Page) -> None:
    ways = guest.locator("[data-signing] a")
    expect(ways).to_have_count(1)
    tab = guest.context.new_page()
    tab.goto(f"{viso.site}/sessions/{code(viso)}/sign/")
    tab.locator("input[name=name]").fill(viso.person(GUEST)["name"].upper())
    tab.locator("form button.go").click()
    expect(ways).to_have_count(0)
    expect(guest.locator("[data-signing] .chip.good")).to_be_visible()
    row = host.locator("li.person", has_text=viso.person(GUEST)["name"])
    expect(row.locator('[data-of="signed"]')).to_have_class("chip good")


def test_an_inspector_is_shown_to_everybody_while_her_page_is_open(
    browser: Browser, viso: Product, guest: Page, host: Page
) -> None:
    where = f"{viso.site}/sessions/{code(viso)}"
    host.goto(f"{where}/inspectors/")
    host.locator("input[name=label]").fill("DREETS Auvergne")
    host.locator("main form button.go").click()
    address = host.locator("input[id^=link-]").input_value()
    host.goto(f"{where}/host/")
    expect(host.locator('[data-list="inspectors"] li')).to_have_count(0)
    page = browser.new_context(locale="fr-FR").new_page()
    page.goto(address)
    page.locator("main form button.go").click()
    for seen in (guest, host):
        expect(seen.locator('[data-list="inspectors"]')).to_contain_text("DREETS Auvergne")
        assert faults(seen) == []
