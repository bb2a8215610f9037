"""What a browser keeps is one person's, and goes to nobody else; nothing of it is deleted unsaid."""

import re
import time
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.guests import LEASE, SLACK, Guest, crash, kept, nothing_waits
from tests.journeys.looking import window

HERS = "() => Object.entries(sessionStorage).flat().join(' ')"
PULSE = "() => document.querySelector('form[data-pulse] input[value=lost]').click()"


def another(guest: Guest) -> str:
    """The key of somebody else who is invited and has not come yet."""
    ((key,),) = guest.house.rows(
        "SELECT p.key FROM seminars_invitation i JOIN seminars_person p ON p.id = i.person_id"
        " JOIN seminars_session s ON s.id = i.session_id WHERE s.code = ? AND i.withdrawn_at IS NULL AND p.key != ?"
        " AND p.id NOT IN (SELECT person_id FROM seminars_presenceevent WHERE session_id = s.id) LIMIT 1",
        guest.code,
        guest.key,
    )
    return str(key)


def enter_demo(page: Page, site: str, key: str) -> None:
    page.goto(f"{site}/demo/")
    page.locator(f'form[action="/demo/enter/{key}/"] button').first.click()
    page.wait_for_url(re.compile("/today/$"))


@pytest.mark.parametrize("signs_out", [True, False])
def test_the_next_person_in_a_tab_finds_nothing_of_the_former_one(guest: Guest, signs_out: bool) -> None:
    page, site = guest.enter(guest.sign_in()), guest.house.wire.site
    secret = page.evaluate(f"sessionStorage.getItem('viso.secret.{guest.code}')")
    guest.house.wire.cut()
    page.evaluate(PULSE)
    page.wait_for_function(f"() => sessionStorage.getItem('viso.queue.{guest.code}')")
    guest.house.wire.mend()
    page.goto(f"{site}/account/")
    if signs_out:
        page.locator('form[action="/sign-out/"] button').first.click()
        page.wait_for_url(f"{site}/")
        assert secret not in page.evaluate(HERS)
    other = Guest(guest.house, guest.code, another(guest), guest.context)
    enter_demo(page, site, other.key)
    page.goto(guest.room)
    time.sleep(LEASE)
    assert other.events == []
    assert page.evaluate(f"sessionStorage.getItem('viso.queue.{guest.code}')") is None
    assert secret not in page.evaluate(HERS)
    expect(page.locator('[data-when="inside"]').first).to_be_hidden()


def test_a_page_under_which_somebody_else_has_signed_in_ends_and_deletes_nothing(guest: Guest) -> None:
    page = guest.enter(guest.sign_in())
    began = guest.events[0].connection
    guest.house.wire.cut()
    time.sleep(LEASE * 1.5)
    assert kept(page)
    other = Guest(guest.house, guest.code, another(guest), window(guest.context.browser, "fr"))
    enter_demo(other.context.new_page(), guest.house.viso.site, other.key)
    guest.context.add_cookies(other.context.cookies())  # type: ignore[arg-type]
    guest.house.wire.mend()
    page.evaluate("window.dispatchEvent(new Event('online'))")
    other.context.close()
    refused = page.evaluate("JSON.parse(document.getElementById('live').textContent).words.mine.refused")
    expect(page.locator("[data-mine]")).to_have_text(refused, timeout=15_000)
    time.sleep(LEASE / 2)
    assert other.events == []
    assert {event.connection for event in guest.events} == {began}
    page.close()
    again = guest.context.new_page()
    again.goto(f"{guest.house.wire.site}/today/")
    guest.wait(nothing_waits(again))
    assert other.events == []
    assert guest.present[-1][1] > guest.events[0].at + timedelta(seconds=LEASE)


BACK = "{ const real = Date.now; Date.now = () => real() - 7200_000; }"


def test_a_wall_clock_set_back_takes_no_minute_from_what_waits(guest: Guest) -> None:
    page = guest.enter(guest.sign_in())
    guest.house.wire.cut()
    time.sleep(LEASE * 2)
    crash(page)
    died = guest.hour
    guest.house.wire.mend()
    again = guest.context.new_page()
    again.add_init_script(BACK)
    again.goto(f"{guest.house.wire.site}/today/")
    guest.wait(nothing_waits(again))
    assert abs(guest.present[0][1] - died) < SLACK


def test_an_hour_that_cannot_be_is_kept_where_the_server_tells_none(guest: Guest) -> None:
    """Somebody who is no guest of that session sits at the browser, and its clock was set back."""
    page = guest.sign_in()
    page.add_init_script(BACK)
    page.route(
        "**/live/presence/", lambda route: route.fulfill(status=403, json={"code": "unknown_connection"})
    )
    hour = page.evaluate("Date.now() + 7200_000")
    assert page.evaluate(STRANGE, [guest.code, hour]) == 1
    assert page.evaluate(STRANGE, [guest.code, None]) == 1


STRANGE = """async ([session, hour]) => {
  const { all, save } = await import("/static/js/keeping.js");
  const { replayLeft } = await import("/static/js/replaying.js");
  const entries = [{ kind: "join", event: crypto.randomUUID(), hour }];
  const ahead = 0;
  await save({ connection: "one", secret: "s".repeat(64), session, person: "", lease: 4000, ahead, entries });
  await replayLeft();
  await replayLeft(Date.now());
  return (await all()).length;
}"""


LATE = """{
  const real = indexedDB.open.bind(indexedDB);
  indexedDB.open = (...asked) => {
    const late = {};
    setTimeout(() => {
      const opened = real(...asked);
      opened.onupgradeneeded = (event) => {
        Object.defineProperty(late, "result", { value: opened.result, configurable: true });
        late.onupgradeneeded?.(event);
      };
      opened.onsuccess = (event) => {
        Object.defineProperty(late, "result", { value: opened.result, configurable: true });
        late.onsuccess?.(event);
      };
    }, 3500);
    return late;
  };
}"""
IN_BASE = """() => new Promise((give) => {
  const asked = indexedDB.open("viso", 1);
  asked.onsuccess = () => {
    const found = asked.result.transaction("connections").objectStore("connections").getAll();
    found.onsuccess = () => give(found.result.flatMap((record) => record.entries.map((entry) => entry.event)));
  };
})"""
MOVED = """async () => {
  const { Queue, all } = await import("/static/js/keeping.js");
  const queue = new Queue({ connection: "two" }, { hour: () => 0 });
  queue.restore();
  queue.entries.push({ kind: "join", event: "new", hour: 2 });
  await queue.save();
  const first = Object.keys(sessionStorage).filter((name) => name.startsWith("viso.kept")).length;
  await new Promise((go) => setTimeout(go, 2500));
  const later = Object.keys(sessionStorage).filter((name) => name.startsWith("viso.kept")).length;
  return [first, later, queue.entries.map((entry) => entry.event)];
}"""


def test_a_base_that_opens_late_takes_over_what_waited_in_the_tab_beside_what_it_held(guest: Guest) -> None:
    page = guest.context.new_page()
    page.goto(f"{guest.house.wire.site}/style/")
    page.evaluate(
        """async () => (await import("/static/js/keeping.js")).save(
        { connection: "two", entries: [{ kind: "beat", event: "old", hour: 1 }] })"""
    )
    page.add_init_script(LATE)
    page.reload()
    assert page.evaluate(MOVED) == [1, 0, ["old", "new"]]
    assert page.evaluate(IN_BASE) == ["old", "new"]


FULL = """async () => {
  const { Queue } = await import("/static/js/keeping.js");
  let hour = 0;
  const queue = new Queue({ connection: "three" }, { hour: () => hour });
  for (let nap = 0; nap < 500; nap += 1) {
    hour += 1;
    queue.say("join");
    hour += 1;
    queue.mark();
  }
  hour += 1;
  queue.say("leave");
  return queue.entries;
}"""


def test_a_full_queue_keeps_its_first_and_last_entry_and_claims_no_sleep(guest: Guest) -> None:
    page = guest.context.new_page()
    page.goto(f"{guest.house.wire.site}/style/")
    entries: list[dict[str, Any]] = page.evaluate(FULL)
    assert len(entries) == 400
    assert [(entry["kind"], entry["hour"]) for entry in (entries[0], entries[-1])] == [
        ("join", 1),
        ("leave", 1001),
    ]
    for place, entry in enumerate(entries):
        if entry["kind"] == "beat":  # what a mark claims begins where its own arrival was
            assert (entries[place - 1]["kind"], entries[place - 1]["hour"]) == ("join", entry["hour"] - 1)


CLAIMED = """async () => {
  const { Tab } = await import("/static/js/connection.js");
  const held = async () => (await navigator.locks.query()).held.map((lock) => lock.name);
  const name = (tab) => `viso.tab.${tab.connection}`;
  const [before, began] = [new Tab("s", "a"), crypto.randomUUID()];
  const tab = new Tab("s", "a", began);
  await tab.claim();
  const isBegun = tab.connection === began && tab.secret !== before.secret && (await held()).includes(name(tab));
  const copy = new Tab("s", "a", began);
  await copy.claim();
  return [isBegun, copy.connection !== began, (await held()).includes(name(copy))];
}"""


def test_the_connection_that_an_embedded_video_began_is_the_one_that_the_page_holds(guest: Guest) -> None:
    page = guest.context.new_page()
    page.goto(f"{guest.house.wire.site}/style/")
    assert page.evaluate(CLAIMED) == [True, True, True]
