"""A first session from end to end: planned, invited, answered, joined, lived, closed; one trainer, six people."""

import csv
import io
import re
import urllib.request
from datetime import datetime, timedelta
from email.message import EmailMessage
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.journeys.looking import VIDEO_HOST, look_at, window
from tests.journeys.stage import Product, calendar_of, link_in, text_of

ROME = ZoneInfo("Europe/Rome")
UNKNOWN = "nuova.persona@example.it"
KNOWN = ["p17", "p18", "p19", "p20", "p21"]
PHONES = {"p17": "fr", "p18": "it", UNKNOWN: "it"}
"""Who comes with a browser of her own; the others come by the same pages, without scripts."""


@pytest.fixture(scope="module")
def wrong() -> list[str]:
    """What was wrong with any page on the way, told at the end."""
    return []


def sign_in(context: BrowserContext, viso: Product, key: str) -> Page:
    page = context.new_page()
    page.goto(viso.way_in(key))
    page.locator("main form button").click()
    expect(page).to_have_url(re.compile(r"/today/$"))
    return page


def morning(viso: Product) -> None:
    """Moves the server's clock to 8:00 in Rome of the next working day, so that hours in the journey are plain."""
    there = datetime.now(ROME) + timedelta(days=1)
    while there.weekday() > 4:
        there += timedelta(days=1)
    viso.forward(
        (there.replace(hour=8, minute=0, second=0, microsecond=0) - datetime.now(ROME)).total_seconds()
    )


def clock(viso: Product) -> datetime:
    return datetime.now(ROME) + timedelta(seconds=viso.shift)


def until(viso: Product, hour: int, minute: int) -> None:
    at = clock(viso)
    viso.forward((at.replace(hour=hour, minute=minute, second=0, microsecond=0) - at).total_seconds())


def address_of(viso: Product, key: str) -> str:
    return key if "@" in key else viso.person(key)["name"].lower().replace(" ", ".") + "@example.org"


def plan(page: Page, viso: Product, wrong: list[str]) -> str:
    page.goto(f"{viso.site}/plan/")
    wrong += look_at(page, "plan-empty", "it", "desk")
    page.locator("#id_title_fr").fill("Parler à deux voix")
    page.locator("#id_title_it").fill("Parlare a due voci")
    page.locator("#id_activity").select_option(index=1)
    day = clock(viso).date().isoformat()
    page.locator("#id_date").fill(day)
    page.locator("#id_start").fill("10:00")
    page.locator("#id_end").fill("09:00")
    page.locator("button[name=schedule]:visible").click()
    expect(page.locator("#id_end")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#id_title_fr")).to_have_value("Parler à deux voix")
    wrong += look_at(page, "plan-error", "it", "desk")
    page.locator("#id_start").fill("09:00")
    page.locator("#id_end").fill("10:00")
    page.locator("details", has=page.locator("#id_start_2")).evaluate("it => it.open = true")
    page.locator("#id_start_2").fill("14:00")
    page.locator("#id_end_2").fill("15:00")
    page.locator("#id_timezone").select_option("Europe/Rome")
    page.locator("button[name=schedule]:visible").click()
    expect(page.locator("h1")).to_contain_text("Parlare a due voci")
    expect(page.locator("main")).to_contain_text("Parler à deux voix")
    return page.url.rstrip("/").rpartition("/")[2]


def invite(page: Page, viso: Product, code: str, wrong: list[str]) -> None:
    page.goto(f"{viso.site}/sessions/{code}/people/")
    wrong += look_at(page, "people-empty", "it", "desk")
    good = ", ".join(address_of(viso, key) for key in KNOWN)
    page.locator("textarea").fill(f"{good}\nNuova Persona <{UNKNOWN}>\nsenza.punto@example")
    page.locator("form.card button").click()
    expect(page.locator("input[name=to]")).to_have_count(6)
    wrong += look_at(page, "people-review", "it", "desk")
    page.locator("main .button.go:visible").click()
    expect(page.locator("textarea")).to_have_value(re.compile("senza.punto@example"))
    expect(page.locator("tbody tr")).to_have_count(6)
    wrong += look_at(page, "people-error", "it", "desk")


def check_letter(mail: EmailMessage, language: str) -> None:
    """Her own letter, in her language, with a calendar part that shows answer buttons."""
    title = {"it": "Parlare a due voci", "fr": "Parler à deux voix"}[language]
    assert title in str(mail["Subject"])
    assert [part.get_content_type() for part in mail.walk()] == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "text/calendar",
        "application/ics",
    ]
    calendar = calendar_of(mail)
    assert "METHOD:REQUEST" in calendar
    assert "RSVP=TRUE" in calendar
    assert calendar.count("ATTENDEE") == 1
    assert f"SUMMARY;LANGUAGE={language}:{title}" in calendar
    assert "BEGIN:VTIMEZONE" in calendar


def answer(page: Page, mail: EmailMessage, value: str) -> None:
    page.goto(link_in(mail, "/i/"))
    page.locator(f"button[name=answer][value={value}]:visible").click()
    expect(page.locator("main h2").first).to_be_visible()


def join(page: Page, mail: EmailMessage) -> Page:
    """One click from the letter to the room's page, one more for the video; the page itself becomes the companion."""
    page.goto(link_in(mail, "/room/"))
    with page.expect_popup() as popup:
        page.locator("form[data-join] button").click()
    expect(popup.value).to_have_url(re.compile(VIDEO_HOST))
    page.bring_to_front()
    page.wait_for_url(re.compile(r"/sessions/\w+/room/$"))
    expect(page.locator("[data-mine]")).to_have_attribute("data-is", "here")
    return popup.value


def sequence(calendar: str) -> tuple[str, int]:
    uid = re.search(r"^UID:(.+?)\r?$", calendar, re.M)
    number = re.search(r"^SEQUENCE:(\d+)", calendar, re.M)
    assert uid and number
    return uid[1], int(number[1])


def test_a_first_session_from_planning_to_the_sheet(
    browser: Browser, viso: Product, wrong: list[str]
) -> None:
    morning(viso)
    desk = window(browser, "it")
    host = sign_in(desk, viso, "p04")
    wrong += look_at(host, "today-trainer", "it", "desk")
    code = plan(host, viso, wrong)
    host.goto(f"{viso.site}/programme/")
    expect(host.locator("main")).to_contain_text("Parlare a due voci")
    host.goto(f"{viso.site}/programme/?view=week")
    expect(host.locator("main")).to_contain_text("Parlare a due voci")
    invite(host, viso, code, wrong)

    phones: dict[str, Page] = {}
    for key, language in PHONES.items():
        mail = viso.wait_letter(address_of(viso, key), "invitation")
        check_letter(mail, language)
        phones[key] = window(browser, language, "phone").new_page()
        answer(phones[key], mail, "yes" if key != UNKNOWN else "maybe")
        wrong += look_at(phones[key], "invitation-answered", language, "phone")
        phones[key].goto(f"{viso.site}/today/")
        expect(phones[key].locator("main")).to_contain_text(
            re.compile("Parlare a due voci|Parler à deux voix")
        )
        wrong += look_at(phones[key], "today-professional", language, "phone")
    host.goto(f"{viso.site}/sessions/{code}/people/")
    expect(host.locator("main")).to_contain_text(re.compile("2 (sì|yes)", re.I))

    uid, before = sequence(calendar_of(viso.wait_letter(address_of(viso, "p17"), "invitation")))
    host.goto(f"{viso.site}/sessions/{code}/move/")
    host.locator("#id_start").fill("09:05")
    host.locator("main .button.go:visible").click()
    update = calendar_of(viso.wait_letter(address_of(viso, "p17"), "update"))
    assert sequence(update) == (uid, before + 1)
    assert "T090500" in update

    live_room(browser, viso, host, phones, code, wrong)
    closing(browser, viso, host, phones, code, wrong)
    assert wrong == []


def live_room(
    browser: Browser, viso: Product, host: Page, phones: dict[str, Page], code: str, wrong: list[str]
) -> None:
    until(viso, 8, 55)
    host.goto(f"{viso.site}/sessions/{code}/host/")
    wrong += look_at(host, "host-855", "it", "desk")
    for key, page in phones.items():
        join(page, viso.wait_letter(address_of(viso, key), "update"))
        wrong += look_at(page, "room-live", PHONES[key], "phone")
    expect(host.locator("[data-list=people] [data-is=here]")).to_have_count(3)
    until(viso, 8, 59)
    with host.expect_popup():
        host.locator("form[data-start] button").click()
    host.bring_to_front()
    expect(host.locator(".strip [data-clock]")).to_be_visible()  # the page itself turns into the live one
    for key in ("p19", "p20", "p21"):
        plain = browser.new_context(java_script_enabled=False, locale="fr-FR")
        plain.route(f"https://{VIDEO_HOST}/**", lambda route: route.fulfill(body="video"))
        page = plain.new_page()
        page.goto(link_in(viso.wait_letter(address_of(viso, key), "update"), "/room/"))
        with page.expect_popup():
            page.locator("form[data-join] button").click()
    # who came without scripts sends no beats: after a while she is "in video, not seen", never gone
    inside = host.locator("[data-list=people] :is([data-is=here], [data-is=video])")
    expect(inside).to_have_count(7, timeout=10_000)

    phones["p17"].locator(".pulse label").nth(0).click()
    phones["p18"].locator(".pulse label").nth(1).click()
    expect(host.locator("#pulse [data-votes]")).to_contain_text("2")
    phones["p18"].locator("[data-hand-key]:visible").click()
    expect(host.locator("[data-list=hands] li")).to_have_count(1)
    host.locator("[data-act=floor]").click()
    expect(host.locator("[data-list=hands] li")).to_have_count(0)
    expect(phones["p18"].locator("[data-hand-key]:visible")).to_have_attribute("data-raised", "false")
    expect(phones["p18"].locator("[data-notice=floor]")).to_be_visible()
    expect(host.locator("[data-mine]")).to_have_attribute("data-is", "here")

    # the phone puts the page to sleep behind the video: no script of it runs, for minutes
    sleeper = phones["p17"].context.new_cdp_session(phones["p17"])
    sleeper.send("Debugger.enable")
    sleeper.send("Debugger.pause")
    for _ in range(4):
        viso.forward(90)
        host.wait_for_timeout(2500)
    asleep = host.locator("[data-list=people] li", has_text="Ange Esquisse").locator("[data-of=standing]")
    expect(asleep).to_have_attribute("data-is", "video")
    assert not host.locator("[data-list=people] [data-is=left]").count()
    wrong += look_at(host, "host-live", "it", "desk")
    sleeper.send("Debugger.resume")
    sleeper.send("Debugger.disable")
    expect(phones["p17"].locator("[data-mine]")).to_have_attribute("data-is", "here")

    host.goto(f"{viso.site}/sessions/{code}/message/")
    host.locator("#id_text_fr").fill("Pause de cinq minutes.")
    host.locator("#id_text_it").fill("Pausa di cinque minuti.")
    host.locator("main .button.go:visible").click()
    expect(host).to_have_url(re.compile("/host/$"))
    expect(phones["p18"].locator("[data-notice=message]")).to_contain_text("Pausa di cinque minuti.")
    expect(phones["p18"].locator("#messages")).to_contain_text("Pausa di cinque minuti.")
    expect(phones["p17"].locator("#messages")).to_contain_text("Pause de cinq minutes.")
    assert "Pause de cinq minutes." in text_of(viso.wait_letter(address_of(viso, "p17"), "message"))


def closing(
    browser: Browser, viso: Product, host: Page, phones: dict[str, Page], code: str, wrong: list[str]
) -> None:
    host.goto(f"{viso.site}/sessions/{code}/close/")
    wrong += look_at(host, "close", "it", "desk")
    host.locator("#unseen form button").last.click()
    host.locator("[name=reason]").last.fill("La linea della valle si è interrotta.")
    host.locator("button[form=closing]").click()
    expect(host).to_have_url(re.compile("/sheet/$"))
    wrong += look_at(host, "sheet", "it", "desk")
    expect(host.locator("tbody tr")).to_have_count(7)
    with host.expect_download() as file:
        host.locator("form[action$='sheet.csv'] button").click()
    text = file.value.path().read_text(encoding="utf-8-sig")
    rows = list(csv.reader(io.StringIO(text), delimiter=";"))
    assert any("Ange Esquisse" in row for row in rows)
    assert len({len(row) for row in rows if len(row) > 5}) == 1

    for key in ("p18", "p17", UNKNOWN):
        page = phones[key]
        page.goto(f"{viso.site}/sessions/{code}/feedback/")
        page.locator("input[type=radio][value='4']").first.check()
        wrong += look_at(page, "feedback", PHONES[key], "phone")
        page.locator("main .button.go:visible").click()
    host.goto(f"{viso.site}/sessions/{code}/results/")
    expect(host.locator("main")).to_contain_text("2")
    wrong += look_at(host, "results-few", "it", "desk")

    page = phones["p18"]
    page.goto(f"{viso.site}/calendar/")
    page.locator("[name=name]").fill("Telefono")
    page.locator("main form .button.go:visible").click()
    address = page.locator("#address").input_value()
    with urllib.request.urlopen(address, timeout=5) as answer_:
        feed = answer_.read().decode().replace("\r\n ", "")
    assert "Parlare a due voci" in feed
    wrong += look_at(page, "calendars", "it", "phone")
