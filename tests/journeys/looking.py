"""Looking at pages: a browser context in a language, width and look; axe; screenshots; the one primary action."""

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page

from tests.journeys.stage import ROOT, VIDEO_HOST

SHOTS = ROOT / "tests" / "artifacts" / "screens"
WIDTHS = {"phone": {"width": 390, "height": 844}, "desk": {"width": 1280, "height": 800}}
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
COLOURS = ["color-contrast", "link-in-text-block"]
"""What the theme decides. The other rules judge the tree, which is the same in both."""
ARGS = [
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
TABLE: dict[str, dict[str, str | bool]] = {}
"""Primary action of each page seen, by page and width; written beside the screenshots."""


def window(browser: Browser, language: str, width: str = "desk", look: str = "light") -> BrowserContext:
    """A person's browser. The video's host answers with a page of our own; any other host is an error."""
    context = browser.new_context(
        locale={"fr": "fr-FR", "it": "it-IT", "en": "en-GB"}[language],
        viewport=WIDTHS[width],
        color_scheme=look,
        timezone_id="Europe/Paris",
        is_mobile=width == "phone",
        has_touch=width == "phone",
    )
    context.set_default_timeout(10_000)
    context.route(
        f"https://{VIDEO_HOST}/**",
        lambda route: route.fulfill(body="<title>video</title>", content_type="text/html"),
    )
    return context


def faults(page: Page, *, colours_only: bool = False) -> list[str]:
    """What axe finds under WCAG 2.2 AA and best practice, one line each."""
    rules: dict[str, Any] = {"type": "tag", "values": RULES}
    if colours_only:
        rules = {"type": "rule", "values": COLOURS}
    found = Axe().run(page, options={"runOnly": rules, "resultTypes": ["violations"]})
    return [
        f"{violation['id']}: {node['target']} {violation['help']}"
        for violation in found.response["violations"]
        for node in violation["nodes"]
    ]


def primary(page: Page) -> tuple[str, bool]:
    """The words of the filled button, and whether it lies above the fold; ("", True) where the page has none."""
    buttons = page.locator("main .button.go:visible")
    if not buttons.count():
        return "", True
    box = buttons.first.bounding_box()
    height = (page.viewport_size or WIDTHS["desk"])["height"]
    return buttons.first.inner_text().strip(), bool(box and box["y"] + box["height"] <= height)


def unfold(page: Page) -> None:
    """Opens whatever can be opened: what is folded away is part of the page."""
    page.evaluate("document.querySelectorAll('details').forEach((it) => { it.open = true; })")


def look_at(
    page: Page,
    name: str,
    language: str,
    width: str,
    look: str = "light",
    *,
    is_unfolded: bool = False,
    is_again: bool = False,
) -> list[str]:
    """Keeps a screenshot, notes the primary action; returns what is wrong: axe, sideways scroll, two filled buttons.

    `is_unfolded`: looked at with all that can be opened, but the fold is measured as the page comes. `is_again`: in
    another width and theme, without a screenshot, and of axe's rules those about colours.
    """
    page.wait_for_load_state()  # styles move what is measured before they are there
    words, above = primary(page)
    if is_unfolded:
        unfold(page)
    if not is_again:
        SHOTS.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=SHOTS / f"{name}-{language}-{width}-{look}.png", full_page=True)
    found = faults(page, colours_only=is_again)
    wrong = [f"{name} {language} {width} {look}: {line}" for line in found]
    if page.evaluate("document.documentElement.scrollWidth > innerWidth + 1"):
        wrong.append(f"{name} {language} {width}: scrolls sideways")
    if page.locator("main .button.go:visible").count() > 1:
        wrong.append(f"{name} {language} {width}: more than one filled button")
    if width == "phone" and not above:
        wrong.append(f"{name} {language}: the filled button lies below the fold")
    TABLE[f"{name} {width} {language}"] = {"action": words, "above_the_fold": above}
    return wrong
