"""Every page of the journey, in both languages, on a phone and a desk, light and dark: axe, width, one action."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.looking import look_at, window
from tests.journeys.stage import Product, personal_link

WHOLE = {("fr", "phone", "light"), ("it", "desk", "dark")}
"""Each language, width and theme once with all of axe and a screenshot; the other pairs again with less."""
LOOKS = [*sorted(WHOLE), ("it", "phone", "dark"), ("fr", "desk", "light")]
MOST_OCTETS = 100_000
"""Of a first page over the wire, everything included."""


def enter(page: Page, viso: Product, key: str) -> None:
    page.goto(f"{viso.site}/demo/")
    page.locator(f'form[action="/demo/enter/{key}/"] button').first.click()
    expect(page).to_have_url(re.compile("/today/$"))


def in_language(page: Page, viso: Product, language: str) -> None:
    """The reader's own choice, whatever her profile says."""
    page.context.add_cookies([{"name": "django_language", "value": language, "url": viso.site}])


def code_of(viso: Product, state: str, title: str = "") -> str:
    rows = [row for row in viso.demo["sessions"] if row["state"] == state and title in row["title"]]
    return str(rows[0]["code"])


@pytest.mark.parametrize(("language", "width", "look"), LOOKS)
def test_the_pages_of_whoever_is_not_known(
    browser: Browser, viso: Product, language: str, width: str, look: str
) -> None:
    page = window(browser, language, width, look).new_page()
    wrong: list[str] = []
    is_again = (language, width, look) not in WHOLE
    public = code_of(viso, "scheduled", "Publier sans exposer")
    own = personal_link(viso.wait_letter("@", "invitation")).removeprefix(viso.site)
    for name, path in {
        "home": "/",
        "week": "/programme/?view=week",
        "programme-empty": "/programme/?from=2031-08-01",
        "session-public": f"/sessions/{public}/",
        "calendars-public": "/calendar/",
        "sign-in": "/sign-in/",
        "demo": "/demo/",
        "mailbox": "/demo/mail/",
        "help": "/help/",
        "privacy": "/privacy/",
        "accessibility": "/accessibility/",
        "absent": "/sessions/zzzzzzzzzzzz/nothing/",
        "style": "/style/",
        "invitation": own,
        "invitation-stop": f"{own}stop/reminder/",
    }.items():
        page.goto(viso.site + path)
        found = look_at(page, name, language, width, look, is_unfolded=True, is_again=is_again)
        wrong += [line for line in found if not (name in ("style", "demo") and "filled" in line)]
    assert wrong == [], "\n".join(wrong)


@pytest.mark.parametrize(("language", "width", "look"), LOOKS)
def test_the_pages_of_a_trainer(
    browser: Browser, viso: Product, language: str, width: str, look: str
) -> None:
    page = window(browser, language, width, look).new_page()
    enter(page, viso, "p04" if language == "it" else "p03")
    in_language(page, viso, language)
    running, ended = code_of(viso, "running"), code_of(viso, "ended", "mots du travail")
    draft, coming = code_of(viso, "draft"), code_of(viso, "scheduled", "Prévenir l'isolement")
    wrong: list[str] = []
    is_again = (language, width, look) not in WHOLE
    for name, path in {
        "trainer-today": "/today/",
        "trainer-plan": "/plan/",
        "trainer-session": f"/sessions/{coming}/",
        "trainer-draft": f"/sessions/{draft}/",
        "trainer-edit": f"/sessions/{coming}/edit/",
        "trainer-move": f"/sessions/{coming}/move/",
        "trainer-cancel": f"/sessions/{coming}/cancel/",
        "trainer-people": f"/sessions/{coming}/people/",
        "trainer-message": f"/sessions/{coming}/message/",
        "trainer-letters": f"/sessions/{coming}/letters/preview/",
        "trainer-undelivered": f"/sessions/{coming}/letters/",
        "trainer-groups": "/groups/",
        "trainer-host-before": f"/sessions/{coming}/host/",
        "trainer-host": f"/sessions/{running}/host/",
        "trainer-close": f"/sessions/{running}/close/",
        "trainer-sheet": f"/sessions/{ended}/sheet/",
        "trainer-results": f"/sessions/{ended}/results/",
        "account": "/account/",
    }.items():
        if page.goto(viso.site + path).status == 404:  # type: ignore[union-attr]
            continue  # another trainer's
        wrong += look_at(page, name, language, width, look, is_unfolded=True, is_again=is_again)
    assert wrong == [], "\n".join(wrong)


@pytest.mark.parametrize(("language", "width", "look"), LOOKS)
def test_the_pages_of_a_professional(
    browser: Browser, viso: Product, language: str, width: str, look: str
) -> None:
    page = window(browser, language, width, look).new_page()
    enter(page, viso, "p18" if language == "it" else "p17")
    in_language(page, viso, language)
    running, ended = code_of(viso, "running"), code_of(viso, "ended", "bénévoles")
    coming = code_of(viso, "scheduled", "Prévenir l'isolement")
    wrong: list[str] = []
    is_again = (language, width, look) not in WHOLE
    for name, path in {
        "own-today": "/today/",
        "own-session": f"/sessions/{coming}/",
        "own-room-early": f"/sessions/{coming}/room/",
        "own-room": f"/sessions/{running}/room/",
        "own-room-over": f"/sessions/{ended}/room/",
        "own-feedback": f"/sessions/{ended}/feedback/",
        "own-calendars": "/calendar/",
    }.items():
        page.goto(viso.site + path)
        wrong += look_at(page, name, language, width, look, is_unfolded=True, is_again=is_again)
    assert wrong == [], "\n".join(wrong)


def test_a_first_page_is_light_and_asks_no_other_host(browser: Browser, viso: Product) -> None:
    context = window(browser, "fr", "phone")
    page = context.new_page()
    wire = context.new_cdp_session(page)
    wire.send("Network.enable")
    octets: list[float] = []
    hosts: set[str] = set()
    wire.on("Network.loadingFinished", lambda event: octets.append(event["encodedDataLength"]))
    page.on("request", lambda request: hosts.add(request.url.split("/")[2]))
    page.goto(viso.site + "/", wait_until="networkidle")
    assert hosts == {viso.site.removeprefix("http://")}
    assert 0 < sum(octets) <= MOST_OCTETS, sum(octets)


def test_a_page_breaks_no_rule_of_its_own_policy(browser: Browser, viso: Product) -> None:
    """Neither an error nor a refusal of the content policy shows in the console."""
    page = window(browser, "it", "phone").new_page()
    told: list[str] = []
    page.on(
        "console", lambda message: told.append(message.text) if message.type in ("error", "warning") else None
    )
    page.on("pageerror", lambda error: told.append(str(error)))
    enter(page, viso, "p18")
    for path in ("/", "/programme/?view=week", f"/sessions/{code_of(viso, 'running')}/room/", "/calendar/"):
        page.goto(viso.site + path, wait_until="networkidle")
    assert told == []
