"""Catalogue A-12: mail scanners that look at every link, with and without scripts, use nothing up; a click does."""

import html
import re
import sqlite3
import urllib.request
from contextlib import closing, suppress
from email.message import EmailMessage
from typing import Any
from urllib.error import HTTPError

import pytest
from playwright.sync_api import Browser, Error, Page, expect

from tests.journeys.looking import window
from tests.journeys.stage import Product, personal_link, text_of

AGENTS = ["Mozilla/5.0 (compatible; SafeLinks)", "curl/8.0", "Mozilla/5.0 (Windows NT 10.0) Outlook-Preview"]
TABLES = {
    "seminars_signinlink": "used_at, tries",
    "seminars_invitation": "code, turn, answer, answered_at, note, withdrawn_at",
    "seminars_substitution": "*",
    "seminars_unsubscription": "*",
    "seminars_person": "code, language, timezone",
    "seminars_presenceevent": "id",
    "seminars_lease": "connection",
    "seminars_presence": "person_id",
    "seminars_feedbackanswer": "id",
    "seminars_calendarkey": "*",
    "seminars_apitoken": "id",
}
SECONDS = 10
STOPPABLE = ("message", "reminder", "asking", "feedback")
LINK = re.compile(r"""https?://[^\s"'<>]+""")


def rows(viso: Product) -> dict[str, list[Any]]:
    """What a look may not change, and how many sessions know who somebody is."""
    with closing(sqlite3.connect(viso.home / "db.sqlite3", timeout=10)) as database:
        found = {
            name: database.execute(f"SELECT {columns} FROM {name} ORDER BY 1").fetchall()
            for name, columns in TABLES.items()
        }
        return found | {"sessions": database.execute("SELECT COUNT(*) FROM django_session").fetchall()}


def scan(viso: Product, address: str) -> None:
    """HEAD and GET by programs."""
    for method, agent in [("HEAD", AGENTS[0]), *(("GET", agent) for agent in AGENTS)]:
        request = urllib.request.Request(address, method=method, headers={"User-Agent": agent})
        with urllib.request.urlopen(request, timeout=30) as answer:
            assert answer.status == 200
            cookies = answer.headers.get_all("Set-Cookie", [])
            assert not [cookie for cookie in cookies if cookie.startswith("sessionid")]


def browse(browser: Browser, viso: Product, addresses: list[str]) -> None:
    """A headless browser that runs scripts for some seconds, moves the pointer and scrolls."""
    context = window(browser, "fr")
    pages: list[Page] = [context.new_page() for _ in addresses]
    for page, address in zip(pages, addresses, strict=True):
        open_link(page, address)
        page.mouse.move(200, 200)
        page.mouse.wheel(0, 400)
    pages[0].wait_for_timeout(SECONDS * 1000)
    assert not [cookie for cookie in context.cookies() if cookie["name"] == "sessionid"]
    pages[0].goto(f"{viso.site}/today/")
    expect(pages[0]).to_have_url(re.compile("/sign-in/"))
    context.close()


def open_link(page: Page, address: str) -> None:
    """A file that is offered is taken."""
    if not address.endswith(".ics"):
        page.goto(address)
        return
    with page.expect_download() as file, suppress(Error):
        page.goto(address)
    assert "BEGIN:VEVENT" in file.value.path().read_text()


def links_of(viso: Product, mail: EmailMessage) -> list[str]:
    """Every address of ours in a letter, in its words, its HTML and its headers."""
    words = " ".join([text_of(mail), text_of(mail, "html"), str(mail["List-Unsubscribe"])])
    found = {html.unescape(link).rstrip(".,;)") for link in LINK.findall(words)}
    return sorted(link for link in found if link.startswith(viso.site))


@pytest.fixture(scope="module")
def way_in(viso: Product) -> str:
    return viso.way_in("p17")


@pytest.fixture(scope="module")
def personal(viso: Product) -> str:
    """The link of a letter about a session that still comes."""
    return personal_link(viso.wait_letter("@", "invitation"))


def test_a12_scanners_of_every_link_use_nothing_up_and_change_nothing(
    browser: Browser, viso: Product, way_in: str, personal: str
) -> None:
    addresses = [way_in, personal, f"{personal}room/", f"{personal}feedback/", f"{personal}session.ics"]
    addresses += [f"{viso.site}/calendar/", *(f"{personal}stop/{kind}/" for kind in STOPPABLE)]
    addresses += [
        link for link in links_of(viso, viso.wait_letter("@", "invitation")) if link not in addresses
    ]
    before = rows(viso)
    for address in addresses:
        scan(viso, address)
    browse(browser, viso, addresses)
    assert rows(viso) == before


def test_a12_the_click_on_the_sign_in_link_works_once_and_then_offers_a_new_one(
    browser: Browser, viso: Product, way_in: str
) -> None:
    contexts = [window(browser, "fr"), window(browser, "fr")]
    page, second = (context.new_page() for context in contexts)
    for each in (page, second):
        each.goto(way_in)
    page.locator("main form button").click()
    expect(page).to_have_url(re.compile("/today/$"))
    with second.expect_response(lambda answer: answer.request.method == "POST") as posted:
        second.locator("main form button").click()
    assert posted.value.status == 410
    expect(second.locator("main a[href*='/sign-in/'], main form[action*='/sign-in/']").first).to_be_visible()
    with pytest.raises(HTTPError, match="410"):
        urllib.request.urlopen(way_in, timeout=5)
    for context in contexts:
        context.close()


def test_a12_the_click_on_the_personal_link_answers(browser: Browser, viso: Product, personal: str) -> None:
    code = personal.partition("/i/")[2].split(".")[0]
    context = window(browser, "fr")
    page = context.new_page()
    page.goto(personal)
    page.locator("button[name=answer][value=maybe]:visible").click()
    page.wait_for_load_state("load")
    kept = {row[0]: row[2] for row in rows(viso)["seminars_invitation"]}
    assert kept[code] == "maybe"
    context.close()
