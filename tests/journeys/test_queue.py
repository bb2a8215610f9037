"""What a page keeps while no line stands reaches the ledger: cut lines, crashed pages, tabs, a killed server, sleep."""

import json
import signal
import time
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.guests import LEASE, SLACK, Guest, House, crash, kept, nothing_waits, waiting
from tests.journeys.looking import window


def test_minutes_without_a_line_are_one_interval_with_those_before_and_after(guest: Guest) -> None:
    page = guest.enter(guest.sign_in())
    began = guest.events[0].at
    guest.house.wire.cut()
    time.sleep(LEASE * 2)
    assert waiting(page) == ["beat"]
    back = guest.back(page)
    ((start, end),) = guest.present
    assert start == began
    assert end >= back
    guest.wait(nothing_waits(page))
    assert guest.kinds.count("joined") == 1
    assert guest.events[-1].data["awake"] is True


def test_short_cuts_leave_no_trace_but_one_interval(guest: Guest) -> None:
    page = guest.enter(guest.sign_in())
    for _ in range(4):
        guest.house.wire.cut()
        time.sleep(0.6)
        guest.back(page)
    assert guest.kinds == ["joined"]
    assert len(guest.present) == 1
    guest.wait(nothing_waits(page))


@pytest.mark.parametrize("later", ["today", "room"])
def test_a_page_that_died_without_a_line_is_told_of_by_the_next_page(guest: Guest, later: str) -> None:
    page = guest.enter(guest.sign_in())
    guest.house.wire.cut()
    time.sleep(LEASE * 2)
    crash(page)
    died = guest.hour
    guest.house.wire.mend()
    if later == "room":  # opened late, by the server's clock
        guest.house.viso.forward(600)
    time.sleep(LEASE * 1.5)
    assert guest.present[0][1] < died - timedelta(seconds=LEASE)
    again = guest.context.new_page()
    again.goto(guest.room if later == "room" else f"{guest.house.wire.site}/today/")
    guest.wait(lambda: bool(guest.present) and abs(guest.present[0][1] - died) < SLACK)
    guest.wait(nothing_waits(again))
    assert any(event.data.get("awake") for event in guest.events)
    guest.wait(lambda: not guest.leases[0][2])
    assert len(guest.present) == 1


def test_who_went_to_the_video_is_not_said_to_have_left_when_her_page_dies(guest: Guest) -> None:
    page = guest.sign_in()
    page.goto(guest.room)
    with page.expect_popup():
        page.locator("form[data-join] button").first.click()
    guest.wait(lambda: [secret for (secret,) in guest.secrets if secret] != [])
    guest.house.wire.cut()
    time.sleep(LEASE * 2)
    crash(page)
    died = guest.hour
    guest.house.wire.mend()
    time.sleep(LEASE * 1.5)
    again = guest.context.new_page()
    again.goto(f"{guest.house.wire.site}/today/")
    guest.wait(lambda: bool(guest.present) and abs(guest.present[0][1] - died) < SLACK)
    guest.wait(nothing_waits(again))
    assert "left" not in guest.kinds


NO_LINE = """window.isCut = true;
const real = window.fetch;
window.fetch = (...asked) => (window.isCut ? Promise.reject(new TypeError("cut")) : real(...asked));
window.WebSocket = class extends EventTarget {
  constructor() { super(); setTimeout(() => this.dispatchEvent(new CloseEvent("close", { code: 1006 }))); }
};"""


def test_an_arrival_that_the_server_never_heard_counts_from_when_it_was(guest: Guest) -> None:
    page = guest.sign_in()
    guest.step_in(page)
    page.add_init_script(NO_LINE)
    page.goto(guest.room)
    guest.wait(lambda: bool(kept(page)))
    came = guest.hour
    time.sleep(LEASE * 2)
    assert guest.events == []
    page.evaluate("window.isCut = false")
    guest.wait(lambda: bool(guest.present) and guest.present[0][1] > came + timedelta(seconds=LEASE))
    ((start, _),) = guest.present
    assert abs(start - came) < SLACK


def test_two_tabs_are_one_presence_and_leaving_one_leaves_the_other(guest: Guest) -> None:
    first = guest.enter(guest.sign_in())
    second = _copy(guest, first)
    guest.wait(lambda: len(guest.leases) == 2)
    assert len({line for line, _, _ in guest.leases}) == 2
    guest.house.wire.cut()
    time.sleep(LEASE * 1.5)
    assert len(kept(first)) == 2
    guest.back(first, second)
    guest.wait(nothing_waits(first))
    assert len(guest.present) == 1
    second.close(run_before_unload=True)
    guest.wait(lambda: [is_open for _, _, is_open in guest.leases].count(True) == 1)
    beaten = guest.hour
    guest.wait(lambda: guest.present[0][1] > beaten)
    assert len(guest.present) == 1


def _copy(guest: Guest, first: Page) -> Page:
    """A copied tab brings the storage of the first along."""
    with guest.context.expect_page() as opened:
        first.evaluate("window.open(window.location.href)")
    page = opened.value
    expect(page.locator("[data-mine]")).to_have_attribute("data-is", "here")
    return page


def test_a_server_that_is_killed_and_comes_back_finds_every_minute(guest: Guest) -> None:
    page = guest.enter(guest.sign_in())
    guest.house.viso.stop(signal.SIGKILL)
    time.sleep(LEASE)
    guest.house.viso.start()
    guest.back(page)
    assert len(guest.present) == 1
    assert guest.kinds.count("joined") == 1
    guest.wait(nothing_waits(page))


def test_a_page_that_slept_without_a_line_claims_what_it_ran_and_nothing_of_the_sleep(guest: Guest) -> None:
    page = guest.sign_in()
    page.clock.install()
    guest.enter(page)
    guest.house.wire.cut()
    time.sleep(LEASE * 1.5)
    slept = guest.hour
    guest.house.viso.forward(90)
    page.clock.fast_forward(90_000)
    time.sleep(LEASE * 1.5)
    back = guest.back(page)
    guest.wait(lambda: len(guest.present) == 2)
    (_, asleep), (awake, end) = guest.present
    assert abs(asleep - slept) < SLACK
    assert abs(awake - (slept + timedelta(seconds=90))) < SLACK
    assert end >= back - SLACK


def test_leaving_without_a_line_is_kept_and_told_later(guest: Guest) -> None:
    page = guest.enter(guest.sign_in())
    guest.house.wire.cut()
    time.sleep(LEASE * 1.5)
    left = guest.hour
    page.locator("form[data-leave] button").first.click(no_wait_after=True)
    time.sleep(LEASE)
    guest.house.wire.mend()
    again = guest.context.new_page()
    again.goto(f"{guest.house.wire.site}/today/")
    guest.wait(nothing_waits(again))
    ((_, end),) = guest.present
    assert abs(end - left) < SLACK
    assert guest.kinds[-1] == "left"


CLOCKS = """async ([moves]) => {
  const { Steady, ageOf } = await import("/static/js/ages.js");
  let [mono, wall] = [1000, Date.parse("2030-01-01T10:00:00Z")];
  performance.now = () => mono;
  Date.now = () => wall;
  const steady = new Steady("2030-01-01T09:00:00Z");
  const began = steady.hour();
  const slept = moves.map(([ran, passed]) => {
    mono += ran;
    wall = passed === null ? NaN : wall + passed;
    const before = steady.look();
    return before ? (before - began) / 1000 : null;
  });
  return { slept, age: ageOf(began, steady.hour()) / 1000 };
}"""
SECOND, DAY = 1000, 86_400_000


@pytest.mark.parametrize(
    ("moves", "slept", "age"),
    [
        pytest.param([(SECOND, SECOND), (30 * SECOND, 30 * SECOND)], [None, None], 31, id="awake"),
        pytest.param([(5 * SECOND, 5 * SECOND), (90 * SECOND, 90 * SECOND)], [None, 5], 95, id="frozen"),
        pytest.param(
            [(5 * SECOND, 5 * SECOND), (SECOND, 90 * SECOND)], [None, 5], 95, id="clock stood still"
        ),
        pytest.param([(SECOND, -365 * DAY), (SECOND, SECOND)], [None, None], 2, id="wall clock a year back"),
        pytest.param([(SECOND, 50 * SECOND), (SECOND, SECOND)], [None, None], 2, id="wall clock set"),
        pytest.param([(SECOND, None), (90 * SECOND, None)], [None, 1], 91, id="no wall clock"),
    ],
)
def test_ages_follow_the_monotonic_clock_and_know_of_sleep(
    house: House, browser: Browser, moves: list[Any], slept: list[Any], age: float
) -> None:
    house.wire.mend()
    page = window(browser, "fr").new_page()
    page.goto(f"{house.wire.site}/style/")
    assert page.evaluate(CLOCKS, [moves]) == {"slept": slept, "age": age}
    page.context.close()


CLOSED = """for (const name of ["indexedDB", "sessionStorage", "localStorage"]) {
  Object.defineProperty(window, name, { get() { throw new DOMException("closed", "SecurityError"); } });
}"""


@pytest.mark.parametrize("closed", [["indexedDB"], ["indexedDB", "sessionStorage", "localStorage"]])
def test_where_storage_is_closed_the_page_alone_remembers(guest: Guest, closed: list[str]) -> None:
    page = guest.sign_in()
    faults: list[str] = []
    page.on("pageerror", lambda fault: faults.append(str(fault)))
    page.add_init_script(
        CLOSED.replace('["indexedDB", "sessionStorage", "localStorage"]', json.dumps(closed))
    )
    page.goto(guest.room)
    with page.expect_popup():
        page.locator("form[data-join] button").first.click()
    expect(page.locator("[data-mine]")).to_have_attribute("data-is", "here")
    guest.wait(lambda: len(guest.leases) == 1)
    guest.house.wire.cut()
    time.sleep(LEASE * 2)
    back = guest.back(page)
    guest.wait(lambda: guest.present[0][1] >= back)
    assert len(guest.present) == 1
    assert faults == []
