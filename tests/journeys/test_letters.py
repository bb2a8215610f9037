"""Letters from end to end, by a real mail server: twenty people invited by paste, answers by link, a substitute, words
to some and to all, reminders and their stop. The trainer sits at her phone."""

import re
import urllib.request
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.calendars.places import ARTIFACTS
from tests.journeys.looking import look_at, window
from tests.journeys.postoffice import Post, post_office
from tests.journeys.stage import Product, calendar_of, personal_link, product, text_of
from tests.judge import History, judge_mail

ROME = ZoneInfo("Europe/Rome")
TITLES = {"fr": "Lire ensemble à voix haute", "it": "Leggere insieme ad alta voce"}
KNOWN = {
    "ange.esquisse@example.org": "fr",
    "bruna.schizzo@example.org": "it",
    "cyrille.croquis@example.org": "fr",
    "daniele.abbozzo@example.org": "it",
    "mara.dabbozzo@example.org": "it",
}
NEW = {f"persona{n}@posta.example.it": "it" for n in range(1, 8)} | {
    f"personne{n}@courrier.example.fr": "fr" for n in range(1, 7)
}
BAD, MENDED = "senza.punto@example", "senza.punto@example.it"
SLIP, MEANT = "giulia.prova@gmial.com", "giulia.prova@gmail.com"
EVERYBODY = KNOWN | NEW | {MENDED: "it", MEANT: "it"}
PASTED = "\n".join(
    [
        "Ange Esquisse <ange.esquisse@example.org>; bruna.schizzo@example.org",
        '"Croquis, Cyrille" <cyrille.croquis@example.org>, daniele.abbozzo@example.org',
        "mara.dabbozzo@example.org\tANGE.ESQUISSE@example.org",
        *NEW,
        f"{BAD}\n{SLIP}",
    ]
)
"""Twenty-one addresses of twenty people, by hand: one can't be used, one stands twice, one is a slip."""
ANGE, BRUNA, CYRILLE, DANIELE = list(KNOWN)[:4]
SUBSTITUTE = "remplacante@courrier.example.fr"


@pytest.fixture(scope="module")
def post(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Post]:
    with post_office(tmp_path_factory.mktemp("post")) as started:
        yield started


@pytest.fixture(scope="module")
def viso(tmp_path_factory: pytest.TempPathFactory, ground: Product, post: Post) -> Iterator[Product]:
    with product(tmp_path_factory.mktemp("viso"), ground, EMAIL_URL=post.url) as whole:
        yield whole


class Trainer:
    """At her phone, in Italian, and what was wrong with any page on the way."""

    def __init__(self, browser: Browser, viso: Product) -> None:
        self.page = window(browser, "it", "phone").new_page()
        self.viso, self.code, self.wrong = viso, "", list[str]()
        self.page.goto(viso.way_in("p04"))
        self.page.locator("main form button").click()
        expect(self.page).to_have_url(re.compile("/today/$"))

    def go(self, path: str) -> None:
        self.page.goto(f"{self.viso.site}/sessions/{self.code}/{path}")

    def looks(self, name: str) -> None:
        self.wrong += look_at(self.page, name, "it", "phone")

    def sends(self) -> None:
        self.page.locator("main .button.go:visible").last.click()

    def row(self, address: str) -> str:
        """What the people's page says of somebody."""
        self.go("people/")
        return self.page.locator("tbody tr", has_text=address).inner_text()


def starts(viso: Product) -> datetime:
    """Ten at the tenth day from now, in Rome."""
    return (datetime.now(ROME) + timedelta(days=10)).replace(hour=10, minute=0, second=0, microsecond=0)


def at(viso: Product, moment: datetime) -> None:
    viso.forward((moment - datetime.now(ROME)).total_seconds() - viso.shift)


@pytest.fixture(scope="module")
def start(viso: Product) -> datetime:
    return starts(viso)


def test_twenty_invited_by_paste_their_answers_a_substitute_and_words_to_all(
    browser: Browser, viso: Product, post: Post, start: datetime
) -> None:
    trainer = Trainer(browser, viso)
    plan(trainer, start)
    review(trainer)
    previews(trainer)
    correct_and_send(trainer)
    everybody_has_her_letter(post)
    phones = {address: window(browser, EVERYBODY[address], "phone").new_page() for address in list(KNOWN)[:4]}
    answers(trainer, post, phones[ANGE])
    substitution(trainer, post, phones[BRUNA])
    words_to_some_and_to_all(trainer, post)
    reminders(viso, post, phones[CYRILLE], start)
    assert trainer.wrong == [], "\n".join(trainer.wrong)
    assert (faults := judged(post)) == [], "\n".join(faults)


def plan(trainer: Trainer, start: datetime) -> None:
    page = trainer.page
    page.goto(f"{trainer.viso.site}/plan/")
    for language, title in TITLES.items():
        page.locator(f"#id_title_{language}").fill(title)
    page.locator("#id_activity").select_option(index=1)
    page.locator("#id_date").fill(start.date().isoformat())
    page.locator("#id_start").fill("10:00")
    page.locator("#id_end").fill("11:00")
    page.locator("#id_timezone").select_option("Europe/Rome")
    page.locator("button[name=schedule]:visible").click()
    expect(page.locator("h1")).to_contain_text(TITLES["it"])
    trainer.code = page.url.rstrip("/").rpartition("/")[2]


def review(trainer: Trainer) -> None:
    """All three faults are named, and nothing has left."""
    trainer.go("people/")
    trainer.looks("invite-empty")
    trainer.page.locator("textarea[name=addresses]").fill(PASTED)
    trainer.sends()
    page = trainer.page
    expect(page.locator("input[name=to]")).to_have_count(len(EVERYBODY) - 1)
    expect(page.locator("aside .notice", has_text=ANGE)).to_be_visible()
    slip = page.locator("li.item", has=page.locator(f'input[value="{SLIP}"]'))
    expect(slip).to_contain_text("gmail.com")
    expect(page.locator("textarea[name=addresses]")).to_have_value(BAD)
    expect(page.locator("textarea[name=addresses]")).to_have_attribute("aria-invalid", "true")
    trainer.looks("invite-review")


def previews(trainer: Trainer) -> None:
    """In both languages, beside the review, which stays."""
    for language, title in TITLES.items():
        with trainer.page.expect_popup() as beside:
            trainer.page.locator(f"a[href*='letters/preview/'][href*='language={language}']").click()
        shown = beside.value.locator("#letter")
        expect(shown.locator(f"strong[lang={language}]")).to_contain_text(title)
        trainer.wrong += look_at(beside.value, f"letters-{language}", "it", "phone")
        beside.value.locator("#letter a.button").click()
        expect(beside.value.locator(f"html[lang={language}]")).to_have_count(1)
        beside.value.close()


def correct_and_send(trainer: Trainer) -> None:
    page = trainer.page
    page.locator(f'input[name=to][value="{SLIP}"]').uncheck()
    page.locator("textarea[name=addresses]").fill(f"{MENDED}\nGiulia Prova <{MEANT}>")
    page.locator("button[name=again]").click()
    expect(page.locator("input[name=to]:checked")).to_have_count(len(EVERYBODY))
    assert not page.locator(f'input[name=to][value="{SLIP}"]').is_checked()
    trainer.sends()
    expect(page).to_have_url(re.compile("/people/$"))
    expect(page.locator("tbody tr")).to_have_count(len(EVERYBODY))
    trainer.looks("invite-done")


def everybody_has_her_letter(post: Post) -> None:
    for address, language in EVERYBODY.items():
        mail = post.wait(address, TITLES[language])
        assert mail["Content-Language"] == language
        calendar = calendar_of(mail)
        assert "METHOD:REQUEST" in calendar
        assert calendar.count("ATTENDEE") == 1
        assert f"mailto:{address}" in calendar
    assert post.to(SLIP) == []


def answers(trainer: Trainer, post: Post, page: Page) -> None:
    """Yes, and on second thoughts maybe."""
    for value in ("yes", "maybe"):
        page.goto(personal_link(post.wait(ANGE, TITLES["fr"])))
        page.locator(f"button[name=answer][value={value}]:visible").first.click()
        expect(page.locator(".messages")).to_be_visible()
    expect(trainer.page.locator("main")).to_be_visible()
    assert re.search("forse", trainer.row(ANGE), re.I)


def substitution(trainer: Trainer, post: Post, page: Page) -> None:
    page.goto(personal_link(post.wait(BRUNA, TITLES["it"])))
    form = page.locator("form[action$='/instead/']")
    page.locator("details", has=form).locator("summary").click()
    form.locator("[name=instead-name]").fill("Renée Remplaçante")
    form.locator("[name=instead-email]").fill(SUBSTITUTE)
    form.locator("[name=instead-language][value=fr]").check()
    trainer.wrong += look_at(page, "substitute-asked", "it", "phone")
    form.locator("button").click()
    expect(page.locator("form[action$='/instead/back/']")).to_be_visible()
    assert post.to(SUBSTITUTE) == []
    assert SUBSTITUTE in trainer.row(BRUNA)
    trainer.looks("substitute-decision")
    trainer.page.locator("form[action$='/confirm/'] button").click()
    expect(trainer.page.locator(".messages")).to_contain_text("Renée Remplaçante")
    letter = post.wait(SUBSTITUTE, TITLES["fr"])
    assert "Bruna Schizzo" in text_of(letter)
    assert f"mailto:{SUBSTITUTE}" in calendar_of(letter)
    assert "Renée Remplaçante" in text_of(post.wait(BRUNA, "Renée Remplaçante"))
    page.reload()
    expect(page.locator("form[action$='/instead/back/']")).to_have_count(0)


def words_to_some_and_to_all(trainer: Trainer, post: Post) -> None:
    """Ange and Bruna have answered: the first word goes to the others, the second to all but Bruna, who said no."""
    silent = set(EVERYBODY) - {ANGE, BRUNA} | {SUBSTITUTE}
    assert write(trainer, post, "unanswered", "Serve la risposta.", "Votre réponse nous manque.") == silent
    reached = silent | {ANGE}
    assert write(trainer, post, "everybody", "La sala è cambiata.", "La salle a changé.") == reached


def write(trainer: Trainer, post: Post, audience: str, italian: str, french: str) -> set[str]:
    """To whom the letters went, each in her language."""
    trainer.go("message/")
    trainer.page.locator(f"[name=audience][value={audience}]").check()
    trainer.page.locator("#id_text_it").fill(italian)
    trainer.page.locator("#id_text_fr").fill(french)
    trainer.looks(f"message-{audience}")
    trainer.sends()
    told = trainer.page.locator(".messages")
    expect(told).to_be_visible()
    count = re.search(r"\d+", told.inner_text())
    assert count
    languages = EVERYBODY | {SUBSTITUTE: "fr"}
    for address in languages:
        if len(post.to(address, italian)) + len(post.to(address, french)) == 0 and address not in (
            ANGE,
            BRUNA,
        ):
            post.wait(address, italian if languages[address] == "it" else french)
    if audience == "everybody":
        post.wait(ANGE, french)
    found = [mail.envelope[0] for mail in post.all() if italian in mail.words or french in mail.words]
    assert len(found) == len(set(found)) == int(count[0])
    return set(found)


def reminders(viso: Product, post: Post, page: Page, start: datetime) -> None:
    """A day before everybody who comes is reminded; who stops that by one click is not, an hour before."""
    for address in (CYRILLE, DANIELE):
        page.goto(personal_link(post.wait(address, TITLES[EVERYBODY[address]])))
        page.locator("button[name=answer][value=yes]:visible").first.click()
        expect(page.locator(".messages")).to_be_visible()
    at(viso, start - timedelta(hours=23, minutes=55))
    first = post.wait(CYRILLE, "/stop/reminder/")
    address = str(first["List-Unsubscribe"]).strip("<> ")
    assert first["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert address in text_of(first)
    click = urllib.request.Request(address, data=b"List-Unsubscribe=One-Click", method="POST")
    with urllib.request.urlopen(click, timeout=10) as answer:
        assert answer.status == 200
        assert answer.headers.get_all("Set-Cookie", []) == []
    post.wait(DANIELE, "/stop/reminder/")
    at(viso, start - timedelta(minutes=55))
    post.wait(DANIELE, "/stop/reminder/", count=2)
    assert len(post.to(CYRILLE, "/stop/reminder/")) == 1


def judged(post: Post) -> list[str]:
    """What the judge of calendar objects and mails finds, and every mail whose envelope is not its one recipient.

    They are kept beside those of the other tests, for other programs to read.
    """
    history, faults, numbers = History(), list[str](), Counter[str]()
    place = ARTIFACTS / "journey"
    place.mkdir(parents=True, exist_ok=True)
    for mail in post.all():
        found = judge_mail(mail.content)
        faults += found.faults
        if mail.envelope != [found.recipient]:
            faults.append(f"{mail.envelope} is not {found.recipient}")
        if found.calendar is not None:
            faults += history.judge(found.recipient, found.calendar)
            uid = found.calendar.within("VEVENT")[0].value("UID")
            numbers[uid] += 1
            name = re.sub(r"[^A-Za-z0-9@._-]", "_", uid)
            (place / f"{name}-{numbers[uid]:02d}-{found.method}.eml").write_bytes(mail.content)
    return faults
