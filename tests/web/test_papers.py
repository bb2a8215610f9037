"""The page of a session's papers: what can be read there, what is taken away, and that taking is noted."""

import io
import zipfile

import pytest
from django.core.cache import caches
from django.urls import reverse

from seminars.actions import sealing
from seminars.documents import bundle, papers
from seminars.models import Export
from seminars.moments import as_if
from seminars.queries import sheets
from seminars.vocabulary import Paper
from tests import cast
from tests.difficult import difficult, hour

pytestmark = pytest.mark.django_db


@pytest.fixture
def made():
    caches["shared"].clear()
    return difficult()


@pytest.fixture
def trainer(made, client):
    return cast.signed_in(client, made.people["elia"])


def address(made, kind, fmt):
    return reverse("session-paper", args=[made.session.code, kind, fmt])


def test_the_page_offers_every_paper_in_every_language(made, trainer):
    page = trainer.get(reverse("session-papers", args=[made.session.code])).content.decode()
    for kind in Paper:
        assert address(made, kind, "pdf") in page
        for language in ("fr", "it", "both"):
            assert f"{address(made, kind, 'html')}?language={language}" in page


def texts(facts):
    for table in facts["tables"]:
        for row in [table["heads"], *table["rows"]]:
            for cell in row:
                yield from (each["text"] for line in cell["lines"] for each in line["words"])
    yield from (each["text"] for note in facts["notes"] for each in note["words"])
    yield from (each["text"] for row in facts["identity"] for each in row["words"])


@pytest.mark.parametrize("language", ["fr", "it", "both"])
@pytest.mark.parametrize("kind", list(Paper))
def test_the_page_of_a_paper_says_what_its_pdf_says(made, trainer, kind, language):
    page = trainer.get(address(made, kind, "html"), {"language": language}).content.decode()
    facts = papers.drawn(kind, sheets.sheet(made.session), language).facts
    seen = page.replace("&#x27;", "'").replace("&amp;", "&")
    assert [text for text in texts(facts) if text not in seen] == []


def test_the_language_of_a_paper_is_not_that_of_its_reader(made, trainer):
    answer = trainer.get(address(made, "registro", "html"), {"language": "it"}, HTTP_ACCEPT_LANGUAGE="fr")
    assert answer.headers["Content-Language"] == "it"
    assert '<article class="sheet paper wide" lang="it">' in answer.content.decode()


def test_reading_notes_nothing_and_taking_is_noted(made, trainer):
    trainer.get(address(made, "registro", "html"))
    assert trainer.get(address(made, "registro", "pdf")).status_code == 405
    assert not Export.objects.exists()
    answer = trainer.post(address(made, "registro", "pdf"), {"language": "it"})
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.content.startswith(b"%PDF")
    noted = Export.objects.get()
    assert (noted.person, noted.session) == (made.people["elia"], made.session)
    assert "registro" in noted.about


@pytest.mark.parametrize(
    ("kind", "fmt", "start"), [("presence", "xlsx", b"PK"), ("connections", "csv", b"\xef\xbb\xbf")]
)
def test_rows_are_taken_as_files(made, trainer, kind, fmt, start):
    answer = trainer.post(address(made, kind, fmt), {"language": "fr"})
    assert answer.content.startswith(start)
    assert Export.objects.count() == 1


@pytest.mark.parametrize(
    ("kind", "fmt", "language"),
    [
        ("unknown", "pdf", "fr"),
        ("registro", "docx", "fr"),
        ("registro", "pdf", "de"),
        ("presence", "pdf", "fr"),
    ],
)
def test_what_is_not_offered_is_absent(made, trainer, kind, fmt, language):
    assert trainer.post(address(made, kind, fmt), {"language": language}).status_code == 404


def test_the_bundle_is_one_file_and_noted(made, trainer, monkeypatch):
    monkeypatch.setattr(bundle.papers, "pdf", lambda *given, **more: b"%PDF")
    with as_if(hour(17)):
        sealing.seal(session=made.session, by=made.people["elia"])
    answer = trainer.post(reverse("session-bundle", args=[made.session.code]))
    assert "manifest.json" in zipfile.ZipFile(io.BytesIO(answer.content)).namelist()
    assert Export.objects.get().what == "bundle"
    assert trainer.get(reverse("session-bundle", args=[made.session.code])).status_code == 405


def test_a_bundle_too_large_is_refused_in_words(made, trainer, monkeypatch):
    monkeypatch.setattr(bundle, "MOST_BYTES", 10)
    answer = trainer.post(
        reverse("session-bundle", args=[made.session.code]), follow=True, HTTP_ACCEPT_LANGUAGE="en"
    )
    assert answer.redirect_chain
    assert "one by one" in answer.content.decode()
    assert not Export.objects.exists()


def test_a_paper_that_cannot_be_set_is_said_and_not_noted(made, trainer, monkeypatch):
    def fails(*given, **more):
        raise ValueError("paper: wrong")

    monkeypatch.setattr(papers, "pdf", fails)
    answer = trainer.post(address(made, "registro", "pdf"), {"language": "fr"})
    assert answer.headers["Location"] == reverse("session-papers", args=[made.session.code])
    assert not Export.objects.exists()


def test_papers_are_so_many_a_minute(made, trainer):
    answers = [trainer.post(address(made, "connections", "csv")).status_code for _each in range(45)]
    assert answers.count(429) == 5


def test_the_emblem_is_a_picture_that_runs_nothing(client, settings, tmp_path):
    answer = client.get(reverse("emblem"))
    assert answer.headers["Content-Type"] == "image/svg+xml"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    own = tmp_path / "own.png"
    own.write_bytes(b"\x89PNG\r\n\x1a\n")
    settings.PROJECT = settings.PROJECT | {"emblem": str(own)}
    assert client.get(reverse("emblem")).headers["Content-Type"] == "image/png"
    settings.PROJECT = settings.PROJECT | {"emblem": str(tmp_path / "none.svg")}
    assert client.get(reverse("emblem")).headers["Content-Type"] == "image/svg+xml"


def test_a_stranger_finds_no_papers(made, client, stranger):
    cast.signed_in(client, stranger)
    assert client.get(reverse("session-papers", args=[made.session.code])).status_code == 404
    assert client.post(address(made, "registro", "pdf"), {"language": "fr"}).status_code == 404
