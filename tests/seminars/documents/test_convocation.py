"""The convocation, read back by another program: words, language, tags; nothing of a person's is ever its source."""

from datetime import datetime
from io import BytesIO
from zoneinfo import ZoneInfo

import pypdf
import pytest

from seminars import documents
from seminars.documents import press
from seminars.models import Invitation
from seminars.queries import occasions
from seminars.vocabulary import Kind
from tests import cast

pytestmark = pytest.mark.django_db
AT = datetime(2027, 1, 11, 9, tzinfo=ZoneInfo("Europe/Paris"))
LETTERS = "àâäæçéèêëîïôœùûüÿ ÀÂÆÇÉÈÊËÎÏÔŒÙÛÜŸ àèéìíîòóùú ÀÈÉÌÍÎÒÓÙÚ « » ’ “ ” … – — € № × ≥ → º ª ß ñ"


def paper(invitation: Invitation, language: str = "fr", words: str = "") -> bytes:
    about = occasions.of_session(invitation.session)
    return documents.convocation(invitation, about, language=language, at=AT, words=words)


def text(content: bytes) -> str:
    pages = pypdf.PdfReader(BytesIO(content)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


@pytest.fixture
def invitation(elia, ange) -> Invitation:
    (found,) = cast.invite(cast.make_session(elia, datetime(2027, 2, 4, 14)), ange)
    return Invitation.objects.select_related("session__host", "person", "invited_by").get(pk=found.pk)


@pytest.mark.parametrize(
    ("language", "day"),
    [("fr", "jeudi 4 février 2027"), ("it", "giovedì 4 febbraio 2027"), ("en", "Thursday 4 February 2027")],
)
def test_a_convocation_names_whom_when_and_what_in_one_language(invitation, language, day):
    said = text(paper(invitation, language))
    title = getattr(invitation.session, f"title_{language}") or invitation.session.title_fr
    for words in (invitation.person.name, title, day):
        assert " ".join(words.split()) in said


def test_it_is_tagged_titled_and_says_its_language(invitation):
    root = pypdf.PdfReader(BytesIO(paper(invitation, "it"))).trailer["/Root"]
    assert root["/Lang"] == "it"
    assert root["/MarkInfo"]["/Marked"]
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert "/StructTreeRoot" in root


def test_the_same_facts_give_the_same_bytes(invitation):
    assert paper(invitation) == paper(invitation)
    assert paper(invitation) != paper(invitation, words="Autre chose")


def test_no_paper_holds_a_way_into_the_room_or_a_personal_link(invitation):
    content = paper(invitation)
    said = text(content)
    for secret in (invitation.token, invitation.agent, invitation.session.room, "/i/"):
        assert secret not in said
        assert secret.encode() not in content


def test_words_are_never_markup(invitation):
    wild = '#panic("x") *b* _i_ $x$ = h @ref <label> `raw` \\ // {{ %s'
    invitation.person.name = wild
    said = text(paper(invitation, words=wild))
    assert said.replace(" ", "").count('#panic("x")*b*_i_$x$=h@ref<label>`raw`\\//{{%s') >= 2


def test_every_letter_of_both_languages_is_in_the_fonts(invitation):
    said = text(paper(invitation, words=LETTERS)).replace(" ", "")
    assert LETTERS.replace(" ", "") in said


def test_a_confidential_session_is_named_by_its_day_alone(invitation):
    invitation.session.is_confidential = True
    said = text(paper(invitation))
    assert invitation.session.title_fr not in said
    assert "4 février 2027" in said
    assert "formateur" not in said.lower()
    assert str(Kind(invitation.session.kind).label) not in said


def test_long_words_run_on_to_a_second_page(invitation):
    pages = pypdf.PdfReader(BytesIO(paper(invitation, words="Une ligne de plus.\n" * 120))).pages
    assert len(pages) > 1
    assert "2 / " in pages[1].extract_text()


@pytest.mark.parametrize(
    "name",
    ["名前 Rossi", "\U0001f1ee\U0001f1f9 Rossi \U0001f469\u200d\U0001f3eb", "محمد Rossi", "\ue000 Rossi"],
)
def test_a_letter_that_no_font_has_costs_nobody_her_paper(invitation, name):
    invitation.person.name = name
    assert "Rossi" in text(paper(invitation))


@pytest.mark.parametrize("unseen", ["\ufeff", "\x02", "\x7f", "\ufffe", "\ud800", "\u202e", "\ufff9"])
def test_signs_that_nobody_sees_cost_nobody_her_paper(invitation, unseen):
    invitation.session.summary_fr = f"Un texte col{unseen}lé"
    assert "Un texte collé" in text(paper(invitation))


@pytest.mark.parametrize(
    ("words", "most"),
    [
        ("".join(map(chr, range(0x4E00, 0x5D00))), 2),
        ("தமிழ் हिन्दी ภาษาไทย 한국어 አማርኛ עברית", 2),
        ("".join(map(chr, range(0x2000, 0x2FFF, 3))) + "\U0001d54d\u0656 \U0001f519\u20e3", 3),
    ],
)
def test_hundreds_of_letters_that_no_font_has_cost_a_compile_or_two(invitation, monkeypatch, words, most):
    tries: list[str] = []
    one = press._press()
    compiled = one.pressed
    monkeypatch.setattr(one, "pressed", lambda *given: tries.append(given[0]) or compiled(*given))
    assert invitation.person.name in text(paper(invitation, words=words))
    assert len(tries) <= most


def test_a_text_without_end_is_cut(invitation):
    said = text(paper(invitation, words="mot " * 20_000))
    assert said.count("mot") < 1100
    assert "…" in said


def test_a_paper_that_is_wrong_is_a_fault_of_its_value(invitation):
    with pytest.raises(ValueError, match="paper"):
        press.pressed("convocation", {"rows": 1}, at=AT)
