"""The HTML of each kind of letter: light, whole without pictures, readable by ear, in daylight and in the dark."""

import re
from html.parser import HTMLParser

import pytest

from seminars.models import Person, Session
from seminars.vocabulary import Language, LetterKind
from seminars.wording.mail import KINDS
from tests import cast
from web import samples

pytestmark = pytest.mark.django_db
READABLE = 4.5
"""Contrast of running text (WCAG 2.2, 1.4.3)."""
DARK = re.compile(r"@media \(prefers-color-scheme: dark\) \{(.*)\n\}", re.DOTALL)
RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
ON_PAPER = (".other", ".quiet", "a", "a.plain")


class Page(HTMLParser):
    """Headings, and links with their words."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.open: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.open.append(tag)
        if tag == "a":
            self.links.append("")

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if "a" in self.open:
            self.links[-1] += data


@pytest.fixture
def session(elia: Person) -> Session:
    return cast.make_session(elia, mode="hybrid", place="Cuneo", summary_fr="Trois mots.")


@pytest.mark.parametrize("language", Language.values)
@pytest.mark.parametrize("kind", KINDS)
def test_a_letter_is_light_and_can_be_heard(elia, session, kind, language):
    html = samples.draft(session, LetterKind(kind), language, by=elia).html
    page = Page(html)
    assert len(html.encode()) < 15_000
    assert page.tags.count("h1") == 1
    assert page.links
    assert not [words for words in page.links if not words.strip() or "://" in words]
    assert not {"img", "script", "link", "iframe", "form", "table"} & set(page.tags)
    assert " style=" not in html
    assert '<meta name="color-scheme" content="light dark">' in html
    assert not re.search(r"url\(|@import", html)


def colours(css: str) -> dict[str, dict[str, str]]:
    """Selector -> property -> value, for the colours of a style sheet without nesting."""
    found: dict[str, dict[str, str]] = {}
    for selectors, body in RULE.findall(css):
        said = dict(re.findall(r"(?<![a-z-])(color|background): ([^;]+);", body))
        for selector in selectors.split(","):
            found.setdefault(selector.strip(), {}).update(said)
    return found


def contrast(one: str, other: str) -> float:
    """Of two colours #rrggbb (WCAG 2.2, relative luminance)."""
    shades = []
    for colour in (one, other):
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        red, green, blue = (
            each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in parts
        )
        shades.append(0.2126 * red + 0.7152 * green + 0.0722 * blue)
    return (max(shades) + 0.05) / (min(shades) + 0.05)


def test_contrast_is_measured_as_defined():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") < READABLE < contrast("#767676", "#ffffff")


@pytest.mark.parametrize("is_dark", [False, True])
def test_every_colour_stands_out_by_day_and_in_the_dark(elia, session, is_dark):
    html = samples.draft(session, LetterKind.REMINDER, "fr", by=elia).html
    css = html.partition("<style>")[2].partition("</style>")[0]
    dark = DARK.search(css)
    assert dark is not None
    look = colours(DARK.sub("", css))
    if is_dark:
        for selector, said in colours(dark[1]).items():
            look[selector] = look.get(selector, {}) | said
    paper, ground = look["main"]["background"], look["body"]["background"]
    pairs = {selector: (look[selector]["color"], paper) for selector in ON_PAPER}
    pairs |= {
        "main": (look["body"]["color"], paper),
        "footer": (look["footer"]["color"], ground),
        "footer a": (look["a"]["color"], ground),
        "a.go": (look["a.go"]["color"], look["a.go"]["background"]),
    }
    assert {name: pair for name, pair in pairs.items() if contrast(*pair) < READABLE} == {}


def test_nothing_of_a_sample_is_kept(elia, session, django_assert_max_num_queries):
    with django_assert_max_num_queries(6) as asked:
        for kind in (LetterKind.INVITATION, LetterKind.SIGN_IN):
            samples.draft(session, kind, "fr", by=elia)
    assert {one["sql"].split()[0] for one in asked} <= {"SELECT"}
