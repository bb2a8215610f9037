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
FRAMES = """async (frames) => {
  const { Line } = await import("/static/js/live.js");
  const told = [];
  const line = new Line({ seq: 0, state: {} }, { queue: [] }, {
    state: () => told.push(line.seq), open: () => {}, line: () => {}, trouble: () => {},
  });
  const asked = [];
  line.socket = { send: (text) => asked.push(JSON.parse(text)[0]), close: () => {} };
  for (const frame of frames) line.hear(frame);
  line.stop();
  return { seq: line.seq, state: line.state, told, asked };
}"""
PULL = """async ([number, change]) => {
  const { Line } = await import("/static/js/live.js");
  const config = { seq: 9, state: {}, pull: "/pull/" };
  const line = new Line(config, { queue: [] }, { state: () => {}, open: () => {}, line: () => {}, trouble: () => {} });
  line.early = null;
  window.fetch = async () => {
    if (change) line.hear(change);
    return { status: 200, json: async () => ({ seq: number, state: { pulled: true } }) };
  };
  await line.pull();
  return [line.seq, "pulled" in line.state];
}"""
SNAPSHOT = ["live.snapshot", 4, {"counts": {"here": 1}, "people": {"a": 1, "b": 2}}]
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


def test_a_line_applies_changes_that_cover_several_numbers_and_fetches_only_what_it_misses(
    browser: Browser, viso: Product
) -> None:
    page = blank(browser, viso)
    whole = page.evaluate(
        FRAMES,
        [
            ["live.changed", 5, {"counts": {"here": 2}}, 4],  # before the snapshot: kept for after it
            SNAPSHOT,
            ["live.changed", 9, {"mine": {"hand": None}}, 5],
            ["live.changed", 9, {"people": {"b": None}}, 5],  # the same number for everybody
            ["tick", 11, {}, 9],
            [
                "live.changed",
                11,
                {"people": {"c": 3}},
                11,
            ],  # what was held follows without a number of its own
            ["live.changed", 10, {"counts": {"here": 99}}, 9],  # old
        ],
    )
    assert whole["seq"] == 11
    assert whole["state"] == {"counts": {"here": 2}, "people": {"a": 1, "c": 3}, "mine": {"hand": None}}
    assert whole["asked"] == []
    missing = page.evaluate(FRAMES, [SNAPSHOT, ["tick", 7, {}, 6], ["live.changed", 8, {"late": 1}, 7]])
    assert missing["asked"] == ["live.fetch"]
    assert missing["told"] == [4]
    fetched = page.evaluate(
        FRAMES, [SNAPSHOT, ["live.changed", 8, {"late": 1}, 7], ["live.snapshot", 7, {"counts": {"here": 7}}]]
    )
    assert (fetched["seq"], fetched["state"]) == (8, {"counts": {"here": 7}, "late": 1})
    overtaken = page.evaluate(FRAMES, [SNAPSHOT, ["tick", 6, {}, 4], ["live.snapshot", 5, {"old": True}]])
    assert (overtaken["seq"], "old" in overtaken["state"]) == (6, False)


def test_a_pull_brings_the_servers_number_even_a_lower_one_unless_a_change_overtook_it(
    browser: Browser, viso: Product
) -> None:
    page = blank(browser, viso)
    assert page.evaluate(PULL, [3, None]) == [3, True]  # as after a restored backup
    assert page.evaluate(PULL, [12, ["tick", 10, {}, 9]]) == [12, True]
    assert page.evaluate(PULL, [9, ["tick", 10, {}, 9]]) == [10, False]


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
