"""What people do about attendance in a browser: they sign by every way there is, a trainer declares, closes and seals.

Everybody looks at each page in her own language; what is wrong with one is told at the end of the journey.
"""

import io
import json
import re
import zipfile
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import Any
from zoneinfo import ZoneInfo

from playwright.sync_api import Browser, BrowserContext, Page, expect
from pypdf import PdfReader

from tests.journeys.looking import WIDTHS, look_at, window
from tests.journeys.stage import Product, personal_link, text_of

ROME = ZoneInfo("Europe/Rome")
TITLES = {"fr": "Tenir la feuille à jour", "it": "Tenere aggiornato il registro"}
CODE = "main svg[role=img] text"
GO = "main .button.go:visible"
BESIDES = "Vera Passante"
"""Comes without an invitation, and gives no mail address."""
SPOKEN = {"p17": "fr", "p18": "it", "p19": "fr", "p20": "it", "p21": "fr", BESIDES: "it"}
"""Six people who sign, and the language of each."""
STEP = 90.0
"""Seconds; shorter than the lease of `stage.QUICK`."""
INVITED = [key for key in SPOKEN if key != BESIDES]
Paper = dict[str, str]


@dataclass
class Day:
    """One session in the making: its product, its browsers, its trainer's page."""

    browser: Browser
    viso: Product
    code: str = ""
    wrong: list[str] = field(default_factory=list)
    phones: dict[str, Page] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.viso.forward((self._first_morning() - datetime.now(ROME)).total_seconds())
        self.trainer = self.enter_by_demo(window(self.browser, "it"), "p04")

    @staticmethod
    def _first_morning() -> datetime:
        """8:00 in Rome of the next working day."""
        there = datetime.now(ROME) + timedelta(days=1)
        while there.weekday() > 4:
            there += timedelta(days=1)
        return there.replace(hour=8, minute=0, second=0, microsecond=0)

    @property
    def clock(self) -> datetime:
        return datetime.now(ROME) + timedelta(seconds=self.viso.shift)

    def at(self, hour: int, minute: int) -> None:
        there = self.clock.replace(hour=hour, minute=minute, second=0, microsecond=0)
        assert there > self.clock
        self.viso.forward((there - self.clock).total_seconds())

    def live(self, hour: int, minute: int) -> None:
        """Minutes pass while pages say that somebody is there: never more at once than a lease lasts."""
        there = self.clock.replace(hour=hour, minute=minute, second=0, microsecond=0)
        while (left := (there - self.clock).total_seconds()) > 0:
            self.viso.forward(min(left, STEP))
            self.trainer.wait_for_timeout(2500)

    def address(self, path: str) -> str:
        return f"{self.viso.site}/sessions/{self.code}/{path}"

    def go(self, path: str) -> Page:
        self.trainer.goto(self.address(path))
        return self.trainer

    def look(self, page: Page, name: str, language: str = "it", width: str = "desk", **how: Any) -> None:
        self.wrong += look_at(page, name, language, width, **how)

    def name(self, key: str) -> str:
        return BESIDES if key == BESIDES else self.viso.person(key)["name"]

    def mail(self, key: str) -> str:
        return self.name(key).lower().replace(" ", ".") + "@example.org"

    def phone(self, key: str) -> Page:
        """Her own, with one tab."""
        if key not in self.phones:
            self.phones[key] = window(self.browser, SPOKEN[key], "phone").new_page()
        return self.phones[key]

    def look_at_phone(self, key: str, name: str) -> None:
        self.look(self.phone(key), name, SPOKEN[key], "phone")

    def look_at_error(self, key: str, name: str) -> None:
        """What is wrong stands first, with the way to its field: the button may lie lower than without it."""
        found = look_at(self.phone(key), name, SPOKEN[key], "phone")
        self.wrong += [line for line in found if "below the fold" not in line]

    def enter_by_demo(self, context: BrowserContext, key: str) -> Page:
        page = context.new_page()
        page.goto(f"{self.viso.site}/demo/")
        page.locator(f'form[action="/demo/enter/{key}/"] button').first.click()
        expect(page).to_have_url(re.compile("/today/$"))
        return page

    def link(self, key: str) -> str:
        return personal_link(self.letter(key, "invitation"))

    def letter(self, key: str, kind: str, count: int = 1) -> EmailMessage:
        return self.viso.wait_letter(self.mail(key), kind, count)


def plan(day: Day) -> None:
    """Two half-days, in a room and by video."""
    page = day.trainer
    page.goto(f"{day.viso.site}/plan/")
    for language, title in TITLES.items():
        page.locator(f"#id_title_{language}").fill(title)
    page.locator("#id_activity").select_option(index=1)
    page.locator("#id_date").fill(day.clock.date().isoformat())
    page.locator("details", has=page.locator("#id_start_2")).evaluate("it => it.open = true")
    for name, hour in {"start": "09:00", "end": "10:00", "start_2": "14:00", "end_2": "15:00"}.items():
        page.locator(f"#id_{name}").fill(hour)
    page.locator("#id_timezone").select_option("Europe/Rome")
    page.locator("[name=mode][value=hybrid]").check()
    page.locator("#id_place").fill("Bobbio, sala consiliare")
    page.locator("button[name=schedule]:visible").click()
    expect(page.locator("h1")).to_contain_text(TITLES["it"])
    day.code = page.url.rstrip("/").rpartition("/")[2]
    page = day.go("people/")
    page.locator("textarea").fill("\n".join(day.mail(key) for key in INVITED))
    page.locator("form.card button").click()
    expect(page.locator("input[name=to]")).to_have_count(len(INVITED))
    page.wait_for_load_state()  # styles say which of two docks is there
    page.locator(GO).click()
    expect(page.locator("tbody tr")).to_have_count(len(INVITED))


def join(day: Day, key: str) -> None:
    """Into the video from her letter; the page becomes her companion."""
    page = day.phone(key)
    page.goto(day.link(key) + "room/")
    with page.expect_popup():
        page.locator("form[data-join] button").click()
    page.bring_to_front()
    page.wait_for_url(re.compile(r"/sessions/\w+/room/$"))
    expect(page.locator("[data-mine]")).to_have_attribute("data-is", "here")


def press_sign(day: Day, page: Page, key: str, where: str = "") -> None:
    """Her name, where she is, one click; the receipt stands there at once."""
    form = page.locator("form#sign")
    signed = page.locator("main li .chip.good")
    before = signed.count()
    form.locator("[name=name]").fill(day.name(key).upper())
    if where:
        form.locator(f"[name=mode][value={where}]").check()
    mailed = len(day.viso.letters(day.mail(key), "sign_in"))
    form.locator("button[name=slot]").first.click()
    number = form.locator("[name=number]")
    expect(number.or_(signed.nth(before))).to_be_visible()
    if number.is_visible():  # a link that came by letter may have been passed on: she proves herself once
        if page.viewport_size == WIDTHS["phone"]:
            day.look_at_error(key, "evidence-sign-number")
        number.fill(number_in(day.letter(key, "sign_in", mailed + 1)))
        form.locator("button[name=slot]").first.click()
    expect(signed).to_have_count(before + 1)


def number_in(mail: EmailMessage) -> str:
    """The six digits of a letter of sign-in."""
    found = re.search(r"^\s*(\d{3} ?\d{3})\s*$", text_of(mail), re.M)
    assert found
    return found[1]


def sign_from_companion(day: Day, key: str) -> None:
    page = day.phone(key)
    way = page.locator("[data-signing] a")
    expect(way).to_have_count(1)
    day.look_at_phone(key, "evidence-companion")
    way.click()
    day.look_at_phone(key, "evidence-sign")
    press_sign(day, page, key, "video")
    day.look_at_phone(key, "evidence-signed")
    page.locator(f'main a.button[href$="/sessions/{day.code}/room/"]').click()
    expect(page.locator("[data-mine]")).to_have_attribute("data-is", "here")


def sign_by_link(day: Day, key: str, where: str) -> None:
    """From her letter: nothing is signed by opening it, and without her name nothing is signed either."""
    page = day.phone(key)
    page.goto(day.link(key) + "sign/")
    signed = page.locator("main li .chip.good")
    before = signed.count()
    page.locator("form#sign button[name=slot]").first.click()
    expect(page.locator("form#sign [name=name]")).to_have_attribute("aria-invalid", "true")
    expect(signed).to_have_count(before)
    day.look_at_error(key, "evidence-sign-error")
    press_sign(day, page, key, where)


def sign_from_today(day: Day, key: str) -> None:
    """Signed in, from the card of her own day."""
    if key not in day.phones:
        day.phones[key] = day.enter_by_demo(window(day.browser, SPOKEN[key], "phone"), key)
    page = day.phone(key)
    page.goto(f"{day.viso.site}/today/")
    day.look_at_phone(key, "evidence-today")
    page.locator(f'main a[href$="/sessions/{day.code}/sign/"]').first.click()
    press_sign(day, page, key, "room")


def code_on_the_wall(day: Day) -> str:
    """As it is read from the host's full screen."""
    return wall(day.go("code/"))


def wall(page: Page) -> str:
    shown = page.locator(CODE).text_content()
    assert shown
    assert re.fullmatch(r"[A-Z0-9]{6}", shown)
    return shown


def scan(day: Day, key: str) -> Page:
    """What the QR code opens."""
    page = day.phone(key)
    page.goto(f"{day.viso.site}/here/{day.code}/{code_on_the_wall(day).lower()}/")
    return page


def type_code(day: Day, key: str) -> Page:
    """A wrong one first; then the one on the wall, as a hand types it."""
    page = day.phone(key)
    page.goto(f"{day.viso.site}/here/")
    page.locator("[name=room_code]").fill("000000")
    page.locator(GO).click()
    expect(page.locator("[name=room_code]")).to_have_attribute("aria-invalid", "true")
    day.look_at_error(key, "evidence-here-error")
    code = code_on_the_wall(day)
    page.locator("[name=room_code]").fill(f"{code[:3]} {code[3:]}")
    page.locator(GO).click()
    return page


def say_who_by_mail(day: Day, key: str) -> None:
    """Six digits leave for her address; typed, they make her known in this browser."""
    page = day.phone(key)
    before = len(day.viso.letters(day.mail(key), "sign_in"))
    page.locator("[name=mail-email]").fill(day.mail(key))
    page.locator("button[name=act][value=mail]").click()
    number = number_in(day.letter(key, "sign_in", before + 1))
    day.look_at_phone(key, "evidence-here-number")
    page.locator("[name=mail-number]").fill(number)
    page.locator("button[name=act][value=number]").click()
    expect(page.locator("form#sign")).to_be_visible()


def walk_in(day: Day) -> None:
    page = scan(day, BESIDES)
    day.look_at_phone(BESIDES, "evidence-here-unknown")
    page.locator("[name=walk-name]").fill(BESIDES)
    page.locator("[name=walk-organisation]").fill("Biblioteca di Bobbio")
    page.locator("[name=walk-country][value=IT]").check()
    page.locator("form[action$='/walk-in/'] button").click()
    expect(page.locator("main li .chip.good")).to_have_count(1)


def countersign(day: Day) -> None:
    """The trainer signs the half-day that is under way, by her own name."""
    page = day.go("countersign/")
    day.look(page, "evidence-countersign")
    press_sign(day, page, "p04", "room")


def invite_inspector(day: Day) -> str:
    page = day.go("inspectors/")
    page.locator("[name=label]").fill("DREETS Auvergne-Rhône-Alpes")
    page.locator(GO).click()
    address = page.locator("input[id^=link-]").input_value()
    day.look(page, "evidence-inspectors")
    return address


def desk_of(day: Day, key: str, act: str) -> Page:
    """The person's page at the trainer's desk, with one act opened."""
    day.go("desk/").locator("tbody tr", has_text=day.name(key)).locator("a.button").click()
    page = day.trainer
    page.locator("details", has=page.locator(f'input[value="{act}"]')).evaluate("it => it.open = true")
    return page


def declare_late(day: Day, key: str, slot: int) -> None:
    """She was there and did not sign in time; without a reason nothing is kept."""
    page = desk_of(day, key, f"signature.{slot}")
    form = page.locator("form", has=page.locator(f'input[value="signature.{slot}"]'))
    form.locator(f'[name="signature.{slot}-mode"][value=room]').check()
    form.locator("button").click()
    expect(page.locator(f'[name="signature.{slot}-reason"]')).to_have_attribute("aria-invalid", "true")
    day.look(page, "evidence-desk-person-error", is_unfolded=True)
    form.locator(f'[name="signature.{slot}-reason"]').fill("Il telefono era scarico; era in sala.")
    form.locator("button").click()
    expect(page.locator("main section.card").nth(slot - 1)).to_contain_text("Il telefono era scarico")
    day.look(page, "evidence-desk-person")


def correct(day: Day, key: str, slot: int, until: str, reason: str) -> None:
    """Other hours in the place of what was counted."""
    page = desk_of(day, key, f"times.{slot}")
    form = page.locator("form", has=page.locator(f'input[value="times.{slot}"]'))
    form.locator(f'[name="times.{slot}-to_1"]').fill(until)
    form.locator(f'[name="times.{slot}-reason"]').fill(reason)
    form.locator("button").click()
    expect(page.locator("#told ~ ul")).to_contain_text(reason)


def take_paper(day: Day, kind: str, language: str) -> Paper:
    """The PDF by the button of the documents' page, read by another reader: its text, language and printed code."""
    page = day.go("papers/")
    card = page.locator(f"section[aria-labelledby={kind}]")
    card.locator(f"input[name=language][value={language}]").check()
    with page.expect_download() as file:
        card.locator("button").click()
    reader = PdfReader(io.BytesIO(file.value.path().read_bytes()))
    text = "\n".join(each.extract_text() for each in reader.pages)
    root: Any = reader.trailer["/Root"]
    found = set(re.findall(r"/verify/([0-9a-z]{16})/", re.sub(r"\s", "", text)))
    return {"text": text, "language": str(root["/Lang"]), "code": found.pop() if len(found) == 1 else ""}


def take_bundle(day: Day) -> dict[str, bytes]:
    """Everything in one file: by path."""
    page = day.go("papers/")
    with page.expect_download() as file:
        page.locator("form[action$='bundle.zip'] button").click()
    with zipfile.ZipFile(file.value.path()) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def take_sheet_json(day: Day) -> bytes:
    page = day.go("papers/")
    day.look(page, "evidence-papers")
    with page.expect_download() as file:
        page.locator("form[action$='sheet.json'] button").click()
    return file.value.path().read_bytes()


def with_one_minute_more(sheet: bytes) -> bytes:
    """The same file, in which one person has one minute that she did not have."""
    told = json.loads(sheet)
    row = next(row for row in told["content"]["rows"] if row["parts"][0]["minutes"])
    row["parts"][0]["minutes"] += 1
    return json.dumps(told).encode()
