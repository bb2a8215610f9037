"""What an auditor reads first: days and hours in right words, one count of people, rows that hold what is in them."""

from dataclasses import replace
from io import BytesIO

import pypdf
import pypdfium2
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation
from django.utils.translation import ngettext, pgettext

from seminars import saying
from seminars.documents import papers
from seminars.documents.cells import Cells
from seminars.documents.notes import Notes
from seminars.documents.voices import voice_of
from seminars.models import Organisation
from seminars.queries import sealed, sheets
from seminars.queries.counting import Mark
from seminars.vocabulary import Hand, Paper, Role
from tests import cast, certified
from tests.difficult import difficult, hour

pytestmark = pytest.mark.django_db
AT = hour(18)
ZONE = "Europe/Paris"


@pytest.fixture
def made():
    return difficult()


@pytest.fixture
def sheet(made):
    return sheets.sheet(made.session)


def bare(text: str) -> str:
    return "".join(text.split())


def pages(content: bytes) -> list[str]:
    return [bare(page.extract_text()) for page in pypdf.PdfReader(BytesIO(content)).pages]


@pytest.mark.parametrize(("language", "day"), [("fr", "vendredi 13 mars"), ("it", "venerdì 13 marzo")])
@pytest.mark.parametrize(
    ("hand", "words"),
    [
        (Hand.TRAINER, "countersigned on %(day)s at %(hour)s"),
        (Hand.PARTICIPANT, "signed on %(day)s at %(hour)s"),
    ],
)
def test_a_signature_of_another_day_is_said_with_its_day(sheet, language, day, hand, words):
    at = hour(24 + 15)
    mark = Mark(at=at, hand=hand, mode="video", by="page")
    row = next(row for row in sheet.rows if row.is_guest == (hand == Hand.PARTICIPANT))
    given = {"signature": mark} if row.is_guest else {"trainer_marks": (mark,)}
    voice = voice_of(language)
    cell = Cells(voice, sheet, Notes(voice, sheet, ())).signature(row, replace(row.parts[0], **given))
    with translation.override(language):
        said = pgettext("paper", words) % {"day": day, "hour": saying.hour(at, ZONE, language)}
    assert cell["lines"][0]["words"][0]["text"] == said


def test_everybody_counts_the_same_people_as_present_and_none_of_the_team(made):
    certified.seal(made.session, made.people["elia"])
    sheet = sealed.sheet_of(made.session)
    there = [row for row in sheet.rows if row.was_present]
    assert sheet.present == len([row for row in there if row.is_guest]) < len(there)
    for kind in papers.SHEETS:
        for language in ("fr", "it"):
            with translation.override(language):
                said = ngettext("%(n)s person present", "%(n)s people present", sheet.present)
            facts = papers.drawn(kind, sheet, language).facts
            lines = [words[0]["text"] for table in facts["tables"] for words in table["about"]]
            assert said % {"n": sheet.present} in lines
    page = Client(HTTP_ACCEPT_LANGUAGE="en").get(reverse("verify-code", args=[sheet.seal.code]))
    assert f"{sheet.present} present" in page.content.decode()


@pytest.mark.parametrize("kind", list(Paper))
def test_the_foot_of_a_paper_in_both_is_in_both_and_says_the_year(sheet, kind):
    foot = papers.drawn(kind, sheet, "both").facts["foot"]
    document = [each["text"] for each in papers.drawn(kind, sheet, "both").facts["document"]]
    for words in (
        *document,
        sheet.about.title_fr,
        sheet.about.title_it,
        "jeu 12 mar 2026",
        "gio 12 mar 2026",
    ):
        assert words in foot
    assert "gio" not in papers.drawn(kind, sheet, "fr").facts["foot"]


def test_a_title_that_has_no_end_is_cut_at_the_foot(sheet):
    long = replace(sheet, about=replace(sheet.about, title_fr="Mot " * 50, title_it="Parola " * 28))
    assert len(papers.drawn(Paper.REGISTRO, long, "both").facts["foot"]) < 300


def test_a_day_at_the_head_of_a_column_has_its_year_in_both_languages(sheet):
    table = papers.drawn(Paper.PARTICIPANTS, sheet, "both").facts["tables"][1]
    words = [each["text"] for each in table["heads"][-1]["lines"][0]["words"]]
    assert words == ["jeu 12 mar 2026", "gio 12 mar 2026"]


def box(page, words: str) -> tuple[float, float]:
    """Top and bottom of the first place of these words."""
    searched = page.get_textpage()
    found = searched.search(words)
    index, count = found.get_next()
    boxes = [searched.get_charbox(at) for at in range(index, index + count)]
    found.close()
    searched.close()
    return max(each[3] for each in boxes), min(each[1] for each in boxes)


@pytest.mark.parametrize("language", ["both", "fr"])
def test_a_row_to_sign_in_grows_with_what_stands_in_it(made, language):
    name = (
        "Consortium des services sociaux et éducatifs de toutes les vallées alpines de l’ouest " * 3 + "Finis"
    )
    person = cast.person("aaa", "Aaa Première", country="FR")
    person.organisation = Organisation.objects.create(
        key="long", name_fr=name, name_it=name.replace("Consortium", "Consorzio"), country="FR"
    )
    person.save()
    session = cast.make_session(made.people["elia"])
    cast.invite(session, person, made.people["bruna"])
    content = papers.pdf(Paper.BLANK, sheets.sheet(session), language, at=AT)
    document = pypdfium2.PdfDocument(content)
    try:
        page = document[0]
        assert box(page, "Finis")[1] > box(page, "Bruna")[0]
    finally:
        document.close()


@pytest.mark.parametrize("kind", [Paper.BLANK, Paper.EMARGEMENT])
def test_the_team_stands_on_one_page(made, kind):
    """However many people stand above it."""
    people = [cast.person(f"many-{at}", f"Personne Numéro {at}", country="IT") for at in range(12)]
    team = [cast.person(f"helper-{at}", f"Aide Numéro{at}", Role.TRAINER) for at in range(3)]
    for count in range(1, 12, 2):
        session = cast.make_session(made.people["elia"], team=[(one, Role.TRAINER) for one in team])
        cast.invite(session, *people[:count])
        read = pages(papers.pdf(kind, sheets.sheet(session), "fr", at=AT))
        places = {at for at, page in enumerate(read) for one in team if bare(one.name) in page}
        assert len(places) == 1


def test_hours_say_the_city_of_the_sessions_own_zone(made):
    for zone, cities in (("Europe/Paris", ("Paris", "Parigi")), ("Europe/Rome", ("Rome", "Roma"))):
        session = cast.make_session(made.people["elia"], timezone=zone)
        for language, city in zip(("fr", "it"), cities, strict=True):
            said = str(papers.drawn(Paper.PROGRAMME, sheets.sheet(session), language).facts["tables"][0])
            assert f"{'heure de' if language == 'fr' else 'ora di'} {city} (UTC" in said
