"""Certificates on paper, read back by two other programs: words, one page, tags, languages, reading order."""

from io import BytesIO

import pypdf
import pypdfium2
import pytest
from django.utils import translation
from django.utils.translation import pgettext

from seminars import addresses, saying
from seminars.documents import certificates
from seminars.vocabulary import Certified
from tests import certified

KINDS = list(Certified)


def flat(words: str) -> str:
    return " ".join(words.split())


def text(content: bytes) -> str:
    return flat(" ".join(page.extract_text() for page in pypdf.PdfReader(BytesIO(content)).pages))


def other_text(content: bytes) -> str:
    """By the reader that a browser uses."""
    document = pypdfium2.PdfDocument(content)
    try:
        page = document[0]
        within = page.get_textpage()
        words = within.get_text_bounded()
        within.close()
        page.close()
    finally:
        document.close()
    return flat(words)


def said(language: str, words: str) -> str:
    with translation.override(language):
        return flat(pgettext("certificate", words))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("language", ["fr", "it", "en"])
def test_each_is_one_tagged_page_in_its_language(kind, language):
    reader = pypdf.PdfReader(BytesIO(certificates.pdf(certified.certificate(kind=kind, language=language))))
    root = reader.trailer["/Root"]
    assert len(reader.pages) == 1
    assert root["/Lang"] == language
    assert root["/MarkInfo"]["/Marked"]
    assert "/StructTreeRoot" in root
    box = reader.pages[0].mediabox
    assert (round(box.width), round(box.height)) == (595, 842)


@pytest.mark.parametrize("read", [text, other_text])
@pytest.mark.parametrize("kind", KINDS)
def test_two_readers_find_all_that_was_certified(kind, read):
    found = certified.certificate(kind=kind, language="it")
    shown = read(certificates.pdf(found))
    facts = found.facts
    for words in (
        facts["number"],
        facts["person"]["name"],
        "Cooperativa",
        "Le parole del lavoro sociale",
        "giovedì 4 febbraio 2027",
        "Cuneo",
        "Elia Prova",
        saying.duration(513, "it"),
        addresses.verify(found.code),
        "abcd efgh jkmn pqrs",
        "zyxw vuts rqpn mkjh",
    ):
        assert flat(words) in shown


@pytest.mark.parametrize(
    ("kind", "title"),
    [
        (Certified.REALISATION, "Certificat de réalisation"),
        (Certified.ATTESTATO, "Attestato di partecipazione"),
    ],
)
def test_what_a_law_names_keeps_its_name_in_every_language(kind, title):
    for language in ("fr", "it", "en"):
        assert title in text(certificates.pdf(certified.certificate(kind=kind, language=language)))


def test_the_french_certificate_tells_hours_done_and_no_share_the_italian_one_both():
    french = text(certificates.pdf(certified.certificate(kind=Certified.REALISATION)))
    italian = text(certificates.pdf(certified.certificate(kind=Certified.ATTESTATO, language="it")))
    assert said("fr", "Duration achieved") in french
    assert (
        "95"
        not in french.replace(certified.certificate(kind=Certified.REALISATION).digest, "").split("SHA")[0]
    )
    assert "95" in italian
    assert said("it", "Asked at least") in italian


@pytest.mark.parametrize("kind", KINDS)
def test_no_half_day_gives_more_hours_than_were_planned_for_it(kind):
    """Beside the planned hours of its dates, a longer duration would be one that nobody can explain."""
    found = certified.certificate(kind=kind, minutes=549, credited=540, percent=100)
    rows = certificates.page(found)["rows"]
    shown = " ".join(each["text"] for row in rows for words in row["lines"] for each in words)
    assert saying.duration(540, "fr") in shown
    assert saying.duration(549, "fr") not in shown
    assert "549" not in shown


def test_places_are_parted_as_each_language_parts_them():
    rows = str(certificates.page(certified.certificate(places=["Cuneo", "Gap"]))["rows"])
    assert "Cuneo\\u202f; Gap" in rows
    assert "Cuneo; Gap" in rows


def test_the_foot_of_the_bilingual_one_is_in_both_languages():
    foot = certificates.page(certified.certificate(kind=Certified.BILINGUAL))["foot"]
    assert said("fr", "Certificate of participation") in flat(foot)
    assert said("it", "Certificate of participation") in flat(foot)


def test_the_bilingual_one_says_everything_in_both_languages():
    shown = text(certificates.pdf(certified.certificate(kind=Certified.BILINGUAL)))
    for words in (
        "Les mots du travail social",
        "Le parole del lavoro sociale",
        "jeudi 4 février",
        "giovedì 4 febbraio",
    ):
        assert words in shown
    assert shown.index("Les mots") < shown.index("Le parole")


def test_an_unsealed_attestation_says_that_it_is_provisional():
    sealed = certificates.page(certified.certificate(kind=Certified.SAME_DAY))
    unsealed = certificates.page(certified.certificate(kind=Certified.SAME_DAY, sheets=[]))
    assert not sealed["notes"]
    assert len(unsealed["notes"]) == 1
    shown = text(certificates.pdf(certified.certificate(kind=Certified.SAME_DAY, sheets=[])))
    assert flat(unsealed["notes"][0][0]["text"]) in shown


def test_a_reissue_bears_its_suffix_and_its_reason():
    shown = text(certificates.pdf(certified.certificate(issue=2, reason="Nom mal écrit")))
    assert "V-2027-0001/2" in shown
    assert "Nom mal écrit" in shown


def test_reading_order_is_that_of_the_page():
    """Tags: one heading first, a table of terms, the code with words for it."""
    shown = text(certificates.pdf(certified.certificate(kind=Certified.REALISATION)))
    order = ["V-2027-0001", "Certificat de réalisation", "Hélène Œuvre-Çà", "Les mots", "Cuneo", "SHA-256"]
    places = [shown.index(words) for words in order]
    assert places == sorted(places)
    tags = [tag for tag, _alt in structure(certified.certificate(kind=Certified.REALISATION))]
    assert tags.count("/H1") == 1
    assert "/Table" in tags
    [alt] = [alt for tag, alt in structure(certified.certificate()) if tag == "/Figure"]
    assert alt


def structure(certificate) -> list[tuple[str, str]]:
    """(tag, words for who cannot see it) of each element, in order."""
    reader = pypdf.PdfReader(BytesIO(certificates.pdf(certificate)))
    found: list[tuple[str, str]] = []

    def walk(node) -> None:
        node = node.get_object() if hasattr(node, "get_object") else node
        if isinstance(node, list):
            for each in node:
                walk(each)
        elif isinstance(node, dict):
            if "/S" in node:
                found.append((str(node["/S"]), str(node.get("/Alt", ""))))
            walk(node.get("/K", []))

    walk(reader.trailer["/Root"]["/StructTreeRoot"]["/K"])
    return found


def test_the_same_certificate_gives_the_same_bytes():
    assert certificates.pdf(certified.certificate()) == certificates.pdf(certified.certificate())


def test_the_longest_words_stay_on_one_page():
    long = {
        "person": {"name": "Nom " * 30, "fr": "Organisation " * 15, "it": "Organizzazione " * 13},
        "title": {"fr": "Titre " * 33, "it": "Titolo " * 28, "en": ""},
        "scheme": "Dispositif " * 9,
        "places": ["Lieu " * 40, "Luogo " * 33],
        "issue": 2,
        "reason": "Raison " * 42,
        "attended": certified.facts()["attended"] * 2,
        "sheets": certified.facts()["sheets"] * 6,
        "project": dict.fromkeys(("programme", "project", "line", "number", "provider"), "Texte " * 30),
    }
    reader = pypdf.PdfReader(BytesIO(certificates.pdf(certified.certificate(**long))))
    assert len(reader.pages) == 1


def test_many_half_days_are_told_by_their_number_and_bounds():
    found = certified.certificate(attended=certified.facts()["attended"] * 3)
    rows = certificates.page(found)["rows"]
    assert any(
        "9" in line[0]["text"] and "4 février" in line[0]["text"] for row in rows for line in row["lines"]
    )
    assert sum(len(row["lines"]) for row in rows) < 12


def test_a_confidential_session_is_named_by_its_day():
    shown = text(certificates.pdf(certified.certificate(title={"fr": "", "it": "", "en": ""})))
    assert "4 février 2027" in shown
    assert "Les mots" not in shown


def test_where_the_facts_are_erased_there_is_no_paper():
    found = certified.certificate()
    found.facts = {}
    with pytest.raises(ValueError, match="erased"):
        certificates.pdf(found)


def test_the_fund_is_named_with_its_emblem_where_it_is_set():
    funded = certified.certificate(project={"programme": "Interreg", "number": "20312", "emblem": ""})
    assert "Interreg" in text(certificates.pdf(funded))
    figures = [alt for tag, alt in structure(funded) if tag == "/Figure"]
    assert len(figures) == 2
    assert all(figures)
