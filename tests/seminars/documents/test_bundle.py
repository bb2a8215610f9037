"""The bundle and the rows for spreadsheets: what is in them, that each digest is right, that no cell is a formula."""

import csv
import hashlib
import io
import json
import zipfile
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from django.utils import translation
from django.utils.translation import pgettext

from seminars.actions import sealing
from seminars.documents import bundle as bundles
from seminars.documents import connections, tabular, workbook
from seminars.errors import Refused
from seminars.evidence import seals
from seminars.exchange.cells import FORMULA
from seminars.moments import as_if
from seminars.queries import sealed, sheets
from tests.difficult import MINUTES, difficult, hour

pytestmark = pytest.mark.django_db
AT = hour(18)
BAD = '=HYPERLINK("https://example.org";"x")'


@pytest.fixture
def made():
    found = difficult()
    with as_if(hour(17)):
        sealing.seal(session=found.session, by=found.people["elia"])
    found.session.refresh_from_db()
    return found


@pytest.fixture
def unset(monkeypatch):
    """Papers have tests of their own: here they need not be set."""
    monkeypatch.setattr(
        bundles.papers, "pdf", lambda kind, _sheet, language, at: f"%PDF {kind} {language}".encode()
    )


def opened(content: bytes) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(content))


def test_the_manifest_gives_the_digest_of_every_other_file(made):
    archive = opened(bundles.bundle(made.session, at=AT))
    manifest = json.loads(archive.read("manifest.json"))
    assert {each["path"] for each in manifest["files"]} | {"manifest.json"} == set(archive.namelist())
    for each in manifest["files"]:
        content = archive.read(each["path"])
        assert (hashlib.sha256(content).hexdigest(), len(content)) == (each["sha256"], each["bytes"])


def test_it_holds_what_an_auditor_asks_for(made, unset):
    names = set(opened(bundles.bundle(made.session, at=AT)).namelist())
    languages = ("fr", "it", "both")
    assert {f"programme-{each}.pdf" for each in languages} <= names
    kinds = ("emargement", "registro", "participants")
    assert {f"sheets/{kind}-{each}.pdf" for kind in kinds for each in languages} <= names
    assert {"invitation/revisions.json", "invitation/revision-1-fr.txt"} <= names
    assert {"sealed/version-1.json", "sealed/version-1.sha256", "sealed/version-1.seal.json"} <= names
    assert {"data/connections.csv", "data/certificates.csv", "data/feedback.json"} <= names


def test_what_is_not_in_it_is_said_with_its_reason(made, unset):
    manifest = json.loads(opened(bundles.bundle(made.session, at=AT)).read("manifest.json"))
    with translation.override("fr"):
        restitution = pgettext("bundle", "restitution")
    assert [each["what"]["fr"] for each in manifest["left_out"]] == [restitution]
    assert all(set(each["why"]) == {"fr", "it"} for each in manifest["left_out"])
    assert all(set(each["what"]) == {"fr", "it"} for each in manifest["files"])


@pytest.mark.parametrize("name", ["data/connections.csv", "data/certificates.csv"])
def test_columns_of_a_bundle_are_headed_in_both_languages(made, unset, name):
    text = opened(bundles.bundle(made.session, at=AT)).read(name).decode().removeprefix(tabular.BOM)
    heads = text.splitlines()[0].split(";")
    assert "Nom / Nome" in heads


def test_the_sealed_data_of_a_bundle_verify_by_themselves(made, unset):
    archive = opened(bundles.bundle(made.session, at=AT))
    told = json.loads(archive.read("sealed/version-1.json"))
    assert seals.digest(told["content"]) == told["seal"]["digest"]
    assert archive.read("sealed/version-1.sha256").decode().strip() == told["seal"]["digest"]
    assert seals.is_signed(told["seal"], told["signature"])


def test_what_is_not_sealed_says_so(db, unset):
    found = difficult()
    archive = opened(bundles.bundle(found.session, at=AT))
    manifest = json.loads(archive.read("manifest.json"))
    assert manifest["sealed"] is None
    with translation.override("it"):
        lacks = pgettext("bundle", "sealed sheet")
    assert lacks in [each["what"]["it"] for each in manifest["left_out"]]
    assert not [name for name in archive.namelist() if name.startswith("sealed/")]


def test_no_personal_link_leaves_in_a_bundle(made):
    archive = opened(bundles.bundle(made.session, at=AT))
    tokens = [each.token for each in made.session.invitations.all()]
    for name in archive.namelist():
        content = archive.read(name)
        assert not [token for token in tokens if token.encode() in content]
        assert made.session.room.encode() not in content


def test_feedback_of_few_is_a_number_only(made, unset):
    told = json.loads(opened(bundles.bundle(made.session, at=AT)).read("data/feedback.json"))
    assert set(told) == {"asked", "answered", "per_cent", "missing_to_be_shown"}


def test_a_bundle_too_large_for_memory_is_refused(made, monkeypatch):
    monkeypatch.setattr(bundles, "MOST_BYTES", 10_000)
    with pytest.raises(Refused, match="bundle_large"):
        bundles.bundle(made.session, at=AT)


def test_the_same_facts_and_moment_give_the_same_digests(made, unset):
    first, second = (
        json.loads(opened(bundles.bundle(made.session, at=AT)).read("manifest.json")) for _each in range(2)
    )
    assert first == second


def test_connections_are_told_one_by_one(made):
    rows = connections.rows(made.session, "fr")
    with translation.override("fr"):
        left, silence = (str(connections.ENDS[end]) for end in ("left", "silence"))
    of_ange = [row for row in rows if row[0] == made.people["ange"].name]
    assert [(row[2], row[3][11:16], row[4][11:16], row[5]) for row in of_ange] == [
        (1, "09:00", "11:00", left),
        (2, "10:30", "12:00", left),
        (3, "13:40", "14:00", left),
        (4, "14:30", "16:30", left),
    ]
    asleep = [row for row in rows if row[0] == made.people["cyrille"].name][:2]
    assert [(row[3][11:16], row[4][11:16], row[5]) for row in asleep] == [
        ("09:00", "09:30", silence),
        ("10:50", "12:00", left),
    ]


def test_connections_stand_in_order_of_time_whoever_they_are_of(made):
    begun = [row[3] for row in connections.rows(made.session, "both")[1:]]
    assert begun == sorted(begun)
    assert len(set(begun)) > 3


def test_hours_are_moments_that_a_spreadsheet_reckons_with(made):
    sheet = sealed.sheet_of(made.session)
    book = openpyxl.load_workbook(io.BytesIO(workbook.workbook(sheet, "fr", at=AT)))
    visits = list(book.worksheets[2].iter_rows(min_row=2))
    expected = [
        tuple(at.astimezone(ZoneInfo(sheet.about.timezone)).replace(tzinfo=None) for at in span)
        for row in sheet.rows
        for part in row.parts
        for span in part.visits
    ]
    assert [(row[3].value, row[4].value) for row in visits] == expected
    assert all(cell.is_date and cell.number_format == workbook.WHEN for row in visits for cell in row[3:5])
    assert {row[5].value for row in visits} == {"UTC+1"}
    people = list(book.worksheets[1].iter_rows(min_row=2))
    ange = next(row for row in people if row[0].value == made.people["ange"].name)
    assert ange[5].is_date
    assert [type(ange[at].value) for at in (7, -5)] == [int, int]


def test_french_heads_have_a_narrow_space_before_a_colon_and_italian_ones_none(made):
    sheet = sealed.sheet_of(made.session)
    for language, sign in (("fr", "\u202f: "), ("it", ": ")):
        heads = tabular.tables(sheet, language)[1][1][0]
        parts = [head for head in heads if ":" in head]
        assert parts
        assert all(sign in head for head in parts)
        assert [head for head in parts if "\u202f:" in head] == (parts if language == "fr" else [])


def test_a_text_stays_a_text_in_every_spreadsheet(made):
    person = made.people["ange"]
    person.name = BAD
    person.save(update_fields=["name"])
    made.session.roster[person.code]["name"] = BAD
    made.session.save(update_fields=["roster"])
    sheet = sheets.sheet(made.session)
    book = openpyxl.load_workbook(io.BytesIO(workbook.workbook(sheet, "fr", at=AT)))
    every = [cell for page in book for row in page for cell in row]
    assert BAD in [cell.value for cell in every]
    assert {cell.data_type for cell in every} <= {"s", "n", "d"}
    assert not [cell for cell in every if cell.hyperlink]
    text = tabular.as_csv([row for _name, rows in tabular.tables(sheet, "fr") for row in rows])
    read = [
        cell for row in csv.reader(io.StringIO(text.removeprefix(tabular.BOM)), delimiter=";") for cell in row
    ]
    assert f"'{BAD}" in read
    assert not [cell for cell in read if cell.startswith(FORMULA)]


@pytest.mark.parametrize("language", ["fr", "it"])
def test_a_spreadsheet_counts_what_the_sheet_counts(made, language):
    sheet = sealed.sheet_of(made.session)
    book = openpyxl.load_workbook(io.BytesIO(workbook.workbook(sheet, language, at=AT)))
    people = list(book.worksheets[1].iter_rows(values_only=True))
    total = -5
    found = {row[0]: row[total] for row in people[1:]}
    assert found == {made.people[key].name: sum(minutes) for key, minutes in MINUTES.items()}
    credited = {row[0]: row[total + 2] for row in people[1:]}
    assert credited == {row.person.name: row.credited for row in sheet.rows}
    visits = list(book.worksheets[2].iter_rows(values_only=True))[1:]
    assert len(visits) == sum(len(part.visits) for row in sheet.rows for part in row.parts)
