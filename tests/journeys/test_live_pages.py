"""What live pages do between clicks: how often a host's screen speaks, and which goodbyes are none."""

from itertools import pairwise

from playwright.sync_api import Browser, Page, expect

from tests.journeys.looking import window
from tests.journeys.stage import Product

PACE = 5000
SPOKEN = """async () => {
  const { Teller } = await import("/static/js/telling.js");
  document.body.insertAdjacentHTML("beforeend", "<p data-told></p>");
  const teller = new Teller({ words: {}, me: "" });
  const write = teller.write.bind(teller);
  window.spoken = [];
  teller.write = (news) => { window.spoken.push(Date.now()); write(news); };
  let number = 0;
  setInterval(() => teller.tell(`hand ${number += 1}`, `Sentence ${number}.`), 300);
  setTimeout(() => teller.now("Confirmed."), 9000);
  window.teller = teller;
}"""
GOODBYES = """async ([kind, address]) => {
  const { isGoingOn } = await import("/static/js/staying.js");
  window.navigation?.addEventListener("navigate", (event) => event.preventDefault());
  const link = Object.assign(document.createElement("a"), { href: address });
  if (kind === "tab") link.target = "_blank";
  document.body.append(link);
  let said;
  window.addEventListener("click", (event) => { said = isGoingOn(); event.preventDefault(); }, { once: true });
  link.click();
  return said;
}"""


def blank(browser: Browser, viso: Product) -> Page:
    page = window(browser, "fr").new_page()
    page.goto(f"{viso.site}/style/")
    return page


def test_announcements_leave_five_seconds_between_them_also_around_an_answer_to_ones_own_act(
    browser: Browser, viso: Product
) -> None:
    page = blank(browser, viso)
    page.clock.install()
    page.evaluate(SPOKEN)
    page.clock.run_for(31_000)
    spoken = page.evaluate("window.spoken")
    pauses = [after - before for before, after in pairwise(spoken)]
    assert len(spoken) >= 5
    assert sum(pause < PACE for pause in pauses) == 1, "only the answer to her own act comes at once"


def test_what_is_no_longer_so_is_taken_off_the_screen(browser: Browser, viso: Product) -> None:
    page = blank(browser, viso)
    page.clock.install()
    page.evaluate(SPOKEN)
    page.clock.run_for(1000)
    expect(page.locator("[data-told]")).to_contain_text("Sentence 1.")
    page.evaluate("window.teller.takeBack('hand 1')")
    expect(page.locator("[data-told]")).not_to_contain_text("Sentence 1.")


def test_a_click_to_another_page_of_viso_is_no_goodbye(browser: Browser, viso: Product) -> None:
    for kind, address, is_going_on in [
        ("here", "/programme/", True),
        ("here", "https://example.org/", False),
        ("here", "#main", False),
        ("tab", "/programme/", False),
    ]:
        page = blank(browser, viso)
        assert page.evaluate(GOODBYES, [kind, address]) is is_going_on, (kind, address)
        page.context.close()
