"""Attendance from the first signature to a stranger who verifies it: two half-days, six people, an inspector.

On site by the code in the room, by video from the companion, by the letter's link, from one's own day, and late.
"""

import json
import re

from playwright.sync_api import Browser, Page, expect

from tests.journeys import evidence_acts as acts
from tests.journeys.evidence_acts import BESIDES, GO, SPOKEN, Day, Paper
from tests.journeys.looking import window
from tests.journeys.stage import Product, text_of

WHY_BLIND = "Seguiva per telefono: la linea della valle era interrotta."
WHY_CORRECTED = "Era uscita alle 9:50."
ENTRY = re.compile(r"DREETS")


def test_two_half_days_are_signed_sealed_corrected_and_verified_by_a_stranger(
    browser: Browser, viso: Product
) -> None:
    day = Day(browser, viso)
    acts.plan(day)
    morning(day)
    afternoon(day)
    by_hand(day)
    close_and_seal(day)
    first = paper_of_version(day, 1, "fr")
    correct_and_seal_again(day)
    second = paper_of_version(day, 2, "it")
    assert first["code"] != second["code"]
    second_quotes_first(acts.take_bundle(day))
    stranger_verifies(day, first, second)
    assert "hold" in viso.manage("verify_attendance")
    viso.manage("verify_attendance", day.code, "--seals", str(viso.home / "seals"), "--prove")
    assert day.wrong == [], "\n".join(day.wrong)


def morning(day: Day) -> None:
    """Five sign, each by another way; one forgets to."""
    day.at(8, 58)
    host = day.go("host/")
    with host.expect_popup():
        host.locator("form[data-start] button").click()
    host.bring_to_front()
    expect(host.locator(".strip [data-clock]")).to_be_visible()
    acts.join(day, "p17")
    day.live(9, 2)
    acts.sign_from_companion(day, "p17")
    day.look(day.go("code/"), "evidence-code")
    page = acts.type_code(day, "p18")
    acts.say_who_by_mail(day, "p18")
    day.look_at_phone("p18", "evidence-here")
    acts.press_sign(day, page, "p18")
    day.live(9, 4)
    acts.walk_in(day)
    day.look_at_phone(BESIDES, "evidence-here-walked-in")
    acts.sign_by_link(day, "p19", "video")
    day.live(9, 6)
    acts.sign_from_today(day, "p21")
    host = day.go("host/")
    rows = host.locator('li.person:has([data-of="signed"].good)')
    expect(rows).to_have_count(5)
    day.look(host, "evidence-host")
    acts.countersign(day)


def afternoon(day: Day) -> None:
    """All six sign; an inspector looks on, and is seen."""
    day.at(14, 3)
    phone = day.phone("p17")
    phone.goto(day.address("room/"))
    expect(phone.locator("[data-mine]")).to_have_attribute("data-is", "here")
    inspector = inspector_looks_on(day)
    acts.sign_from_companion(day, "p17")
    acts.press_sign(day, acts.scan(day, "p18"), "p18")
    acts.press_sign(day, acts.scan(day, BESIDES), BESIDES)
    day.live(14, 6)
    acts.sign_by_link(day, "p19", "video")
    acts.sign_by_link(day, "p20", "room")
    acts.sign_from_today(day, "p21")
    acts.countersign(day)
    new_code_comes(day)
    day.at(14, 40)
    page = acts.scan(day, "p18")
    page.locator("button[name=act][value=out]").click()
    expect(page.locator(".messages .notice")).to_be_visible()
    day.look_at_phone("p18", "evidence-here-gone")
    inspector.locator("form[data-inspecting] button").click()
    day.look(inspector, "evidence-inspect", "fr")


def new_code_comes(day: Day) -> None:
    """The page on the wall shows the next one by itself."""
    hall = window(day.browser, "it")
    hall.add_cookies(day.trainer.context.cookies())  # type: ignore[arg-type]
    hall.clock.install()
    page = hall.new_page()
    page.goto(day.address("code/"))
    shown = acts.wall(page)
    day.viso.forward(70)
    page.clock.fast_forward(70_000)
    expect(page.locator(acts.CODE)).not_to_have_text(shown)


def inspector_looks_on(day: Day) -> Page:
    """In another browser; the room and the host read who she is, and she is nobody of the people."""
    address = acts.invite_inspector(day)
    host = day.go("host/")
    people = host.locator("[data-list=people] li")
    expect(people.first).to_be_visible()
    before = people.count()
    page = window(day.browser, "fr").new_page()
    page.goto(address)
    day.look(page, "evidence-inspect-enter", "fr")
    page.locator(GO).click()
    expect(page.locator("#now")).to_be_visible()
    for seen in (day.phone("p17"), host):
        expect(seen.locator("[data-list=inspectors]")).to_contain_text(ENTRY)
    expect(people).to_have_count(before)
    day.look_at_phone("p17", "evidence-companion-inspected")
    return page


def by_hand(day: Day) -> None:
    """What was forgotten is declared with its reason, and the host says that the walk-in was there."""
    day.at(15, 1)
    page = day.go("desk/")
    day.look(page, "evidence-desk")
    acts.declare_late(day, "p20", 1)
    page = day.go("walk-ins/")
    day.look(page, "evidence-walk-ins")
    page.locator("button[name=decision][value=confirm]").click()
    expect(page.locator("#walk-ins .chip.good")).to_be_visible()


def close_and_seal(day: Day) -> None:
    """No seal while a point that needs a reason has none; what was typed stays."""
    page = day.go("close/")
    for name, hour in {"from_1": "09:00", "to_1": "10:00", "from_2": "14:00", "to_2": "15:00"}.items():
        page.locator(f"[name=held_{name}]").fill(hour)
    day.look(page, "evidence-close")
    page.locator("button[form=closing]").click()
    expect(page).to_have_url(re.compile("/sheet/$"))
    page = day.go("seal/")
    care = page.locator("section.card li.item", has=page.locator(".chip.care"))
    expect(care).not_to_have_count(0)
    day.look(page, "evidence-seal")
    page.locator(GO).click()
    expect(page).to_have_url(re.compile("/seal/$"))
    day.look(page, "evidence-seal-error")
    expect(care.first).to_contain_text(day.name("p19"))
    for each in care.all():
        each.locator("textarea, input[type=text]").fill(WHY_BLIND)
    page.locator("[name=name]").fill(day.name("p04"))
    page.locator(GO).click()
    expect(page).to_have_url(re.compile("/sheet/$"))
    expect(page.locator("article.sheet")).to_contain_text(WHY_BLIND)
    rows = page.locator("article.sheet tbody tr")
    expect(rows).to_have_count(len(SPOKEN) + 1)
    expect(page.locator("article.sheet")).not_to_contain_text("DREETS")
    day.look(page, "evidence-sheet-sealed")
    seal = day.letter("p04", "seal")
    assert day.code in json.dumps([part.get_filename() for part in seal.iter_attachments()])
    assert text_of(seal)


def correct_and_seal_again(day: Day) -> None:
    """The sealed sheet stays as it is; a new version says why, and takes its place."""
    day.at(16, 30)
    acts.correct(day, "p21", 1, "09:50", WHY_CORRECTED)
    page = day.go("sheet/")
    expect(page.locator("main > .wrap > .screen .notice.care")).to_be_visible()
    day.look(page, "evidence-sheet-changed")
    page = day.go("seal/")
    page.locator(GO).click()
    expect(page.locator("[name=reason]")).to_have_attribute("aria-invalid", "true")
    page.locator("[name=reason]").fill(WHY_CORRECTED)
    day.look(page, "evidence-seal-again")
    page.locator(GO).click()
    expect(page).to_have_url(re.compile("/sheet/$"))
    expect(page.locator("article.sheet .seal")).to_contain_text(WHY_CORRECTED)
    expect(page.locator("section[aria-labelledby=versions] li")).to_have_count(2)
    day.letter("p04", "seal", 2)


def paper_of_version(day: Day, version: int, language: str) -> Paper:
    """It names everybody, in its own language whoever takes it away, and prints its number and its code."""
    paper = acts.take_paper(day, "emargement", language)
    assert paper["language"][:2] == language
    assert acts.TITLES[language] in " ".join(paper["text"].split())
    for key in SPOKEN:
        assert day.name(key) in " ".join(paper["text"].split())
    assert "DREETS" not in paper["text"]
    assert re.search(rf"-\d{{4}}-\d{{4}}/{version}\b", paper["text"])
    assert re.fullmatch(r"[0-9a-z]{16}", paper["code"]), paper["text"]
    return paper


def second_quotes_first(bundle: dict[str, bytes]) -> None:
    """Its seal names the first one by the digest of its seal."""
    seals = sorted(
        (json.loads(content) for name, content in bundle.items() if name.endswith(".seal.json")),
        key=lambda told: told["seal"]["version"],
    )
    assert [told["seal"]["version"] for told in seals] == [1, 2]
    assert seals[1]["seal"]["supersedes"] == seals[0]["hash"]
    assert "manifest.json" in bundle


def stranger_verifies(day: Day, first: Paper, second: Paper) -> None:
    """Signed in nowhere, by the code on the paper; of no name does the page tell."""
    page = window(day.browser, "fr", "phone").new_page()
    page.goto(f"{day.viso.site}/verify/")
    day.look(page, "evidence-verify", "fr", "phone")
    for paper, kind, words in ((second, "good", "/2"), (first, "care", "2")):
        page.goto(f"{day.viso.site}/verify/")
        grouped = " ".join(re.findall("....", paper["code"])).upper()
        page.locator("[name=code]").fill(grouped)
        page.locator(GO).click()
        expect(page.locator(f"main .notice.{kind}")).to_be_visible()
        expect(page.locator("main")).to_contain_text(words)
        day.look(page, f"evidence-verified-{kind}", "fr", "phone")
        for key in SPOKEN:
            expect(page.locator("main")).not_to_contain_text(day.name(key))
    stranger_compares(day)


def stranger_compares(day: Day) -> None:
    """The file of the sheet as it was taken away, and the same in which somebody has one minute more."""
    sheet = acts.take_sheet_json(day)
    page = window(day.browser, "it", "phone", "dark").new_page()
    for content, kind in ((sheet, "good"), (acts.with_one_minute_more(sheet), "bad")):
        page.goto(f"{day.viso.site}/verify/")
        page.locator("[name=file]").set_input_files(
            {"name": "sheet.json", "mimeType": "application/json", "buffer": content}
        )
        page.locator("form[enctype] button").click()
        expect(page.locator(f"main .notice.{kind}")).to_be_visible()
        day.look(page, f"evidence-compared-{kind}", "it", "phone", look="dark")
