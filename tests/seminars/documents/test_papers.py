"""Papers of a session with all difficulties, read back by two other programs and compared with the ledger."""

from dataclasses import replace
from io import BytesIO

import pypdf
import pypdfium2
import pytest
from django.utils import translation

from seminars.actions import ledger, sealing
from seminars.documents import emargement, papers, verifying
from seminars.documents.notes import EXPLAINED, Notes
from seminars.documents.voices import CHOICES, voice_of
from seminars.models import Organisation
from seminars.moments import as_if
from seminars.queries import sealed, sheets
from seminars.vocabulary import Paper
from tests import cast
from tests.difficult import MINUTES, difficult, hour
from tests.keepsakes import explain

pytestmark = pytest.mark.django_db
AT = hour(18)


@pytest.fixture
def made():
    return difficult()


@pytest.fixture
def sheet(made):
    return sheets.sheet(made.session)


def bare(text: str) -> str:
    """Without white space: lines break where a cell ends."""
    return "".join(text.split())


def pages(content: bytes) -> list[str]:
    return [page.extract_text() for page in pypdf.PdfReader(BytesIO(content)).pages]


def other_pages(content: bytes) -> list[str]:
    """What the second reader sees."""
    document = pypdfium2.PdfDocument(content)
    try:
        read = [document[at].get_textpage().get_text_bounded() for at in range(len(document))]
        return [
            text.replace("\ufffe", "-").replace("\x02", "-") for text in read
        ]  # hyphens where a line ends
    finally:
        document.close()


def words(facts) -> list[str]:
    """Every text of a paper in the order of its facts."""
    found = []
    for table in facts["tables"]:
        for row in [table["heads"], *table["rows"]]:
            for cell in row:
                found += [each["text"] for line in cell["lines"] for each in line["words"]]
    return found


def structure(content: bytes) -> list[str]:
    """Tags of the structure tree, in reading order."""
    root = pypdf.PdfReader(BytesIO(content)).trailer["/Root"]["/StructTreeRoot"]
    found = []

    def walk(node):
        node = node.get_object() if hasattr(node, "get_object") else node
        if isinstance(node, list):
            for each in node:
                walk(each)
        elif isinstance(node, dict):
            if "/S" in node:
                found.append(str(node["/S"]))
            if "/K" in node:
                walk(node["/K"])

    walk(root["/K"])
    return found


@pytest.mark.parametrize("language", CHOICES)
@pytest.mark.parametrize("kind", papers.SHEETS)
def test_both_readers_find_every_word_of_the_facts(sheet, kind, language):
    content, facts = papers.pdf(kind, sheet, language, at=AT), papers.drawn(kind, sheet, language).facts
    for seen in (bare("".join(pages(content))), bare("".join(other_pages(content)))):
        shown = seen.replace("\u2060", "")
        assert [text for text in words(facts) if bare(text.replace("\u2060", "")) not in shown] == []


@pytest.mark.parametrize("kind", [Paper.EMARGEMENT, Paper.REGISTRO, Paper.PARTICIPANTS])
def test_people_stand_in_the_order_of_the_sheet(sheet, kind):
    """Among the rows of the people who take part, by the text as it is read."""
    seen = bare("".join(pages(papers.pdf(kind, sheet, "fr", at=AT))))
    names = [bare(row.person.name) for row in sheet.rows if row.is_guest]
    start = seen.index(names[0])
    assert sorted(seen.index(name, start) for name in names) == [seen.index(name, start) for name in names]


def test_the_register_gives_the_minutes_of_the_ledger(made, sheet):
    """Each person's minutes of each half-day stand in her row, as the fixture counts them by hand."""
    facts = papers.drawn(Paper.REGISTRO, sheet, "it").facts
    halves = facts["tables"][1:3]
    found = {}
    for at, table in enumerate(halves):
        for row in table["rows"]:
            name = row[1]["lines"][0]["words"][0]["text"]
            found.setdefault(name, [0, 0])[at] = int(row[4]["lines"][0]["words"][0]["text"])
    expected = {made.people[key].name: list(minutes) for key, minutes in MINUTES.items()}
    assert found == expected


def test_the_register_gives_every_entry_and_exit(sheet):
    facts = papers.drawn(Paper.REGISTRO, sheet, "it").facts
    bruna = next(row for row in facts["tables"][2]["rows"] if "Bruna" in str(row[1]))
    said = [line["words"][0]["text"].replace("\u2060", "") for line in bruna[3]["lines"]]
    assert said == ["13:45\u00a0–\u00a015:00", "15:03\u00a0–\u00a016:30"]


@pytest.mark.parametrize(
    ("name", "classes"),
    [
        ("Hélène Œuvre-Çà", {"late", "signed", "onsite"}),
        ("Niccolò Ivo Minùta", {"paper", "onsite"}),
        ("Jeanne Brouillon", {"corrected", "signed"}),
        ("Walter Passant", {"walk_in", "signed", "onsite"}),
        ("Giulia Traccia", {"substitute", "signed", "onsite"}),
        ("Daniele Abbozzo", {"excused", "signed", "onsite"}),
        ("Bruna Schizzo", {"reported", "check", "declared", "bridged", "replayed", "signed"}),
        ("Cyrille Croquis", {"declared", "open", "signed"}),
    ],
)
def test_what_is_difficult_about_somebody_is_marked_in_her_row_and_explained_below(sheet, name, classes):
    facts = papers.drawn(Paper.EMARGEMENT, sheet, "fr").facts
    row = next(each for each in facts["tables"][1]["rows"] if each[1]["lines"][0]["words"][0]["text"] == name)
    marks = {
        mark.strip()
        for cell in row
        for line in cell["lines"]
        for mark in line["marks"].split(",")
        if mark.strip()
    }
    numbers = Notes(voice_of("fr"), sheet, emargement.SHOWN).numbers
    assert [note["mark"] for note in facts["notes"]] == [str(at) for at in numbers.values()]
    assert marks == {str(numbers[each]) for each in classes}


def test_who_was_not_there_by_the_hosts_word_is_in_no_row_and_named_apart(sheet):
    facts = papers.drawn(Paper.EMARGEMENT, sheet, "it").facts
    assert "Ombra Assente" not in str(facts["tables"])
    assert "Ombra Assente" in str(facts["remarks"])


def test_no_signature_is_drawn(sheet):
    """The only drawings are the emblem and the code."""
    assert set(papers.drawn(Paper.EMARGEMENT, sheet, "fr").pictures) <= {"emblem", "code"}


@pytest.mark.parametrize("language", CHOICES)
def test_heads_of_tables_stand_on_each_page_and_pages_are_numbered(made, language):
    people = [cast.person(f"many-{at}", f"Personne Numéro {at}", country="IT") for at in range(60)]
    session = cast.make_session(made.people["elia"])
    cast.invite(session, *people)
    content = papers.pdf(Paper.EMARGEMENT, sheets.sheet(session), language, at=AT)
    facts = papers.drawn(Paper.EMARGEMENT, sheets.sheet(session), language).facts
    head = bare(facts["tables"][1]["heads"][1]["lines"][0]["words"][0]["text"])
    read = pages(content)
    assert len(read) >= 3
    for at, page in enumerate(read, 1):
        if "Personne Numéro" in page:
            assert head in bare(page)
        assert bare(facts["page"].replace("{n}", str(at)).replace("{all}", str(len(read)))) in bare(page)


@pytest.mark.parametrize("kind", list(Paper))
@pytest.mark.parametrize("language", CHOICES)
def test_a_paper_is_tagged_titled_and_says_its_language(sheet, kind, language):
    content = papers.pdf(kind, sheet, language, at=AT)
    root = pypdf.PdfReader(BytesIO(content)).trailer["/Root"]
    first = papers.drawn(kind, sheet, language).facts["language"]
    assert root["/Lang"] == first
    assert root["/MarkInfo"]["/Marked"]
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    tags = structure(content)
    assert tags.count("/H1") == 1
    assert tags.index("/H1") < tags.index("/Table")


def test_rows_and_cells_of_the_tags_are_those_of_the_facts(sheet):
    content, facts = (
        papers.pdf(Paper.EMARGEMENT, sheet, "fr", at=AT),
        papers.drawn(Paper.EMARGEMENT, sheet, "fr").facts,
    )
    tags = structure(content)
    assert tags.count("/TR") == sum(1 + len(table["rows"]) for table in facts["tables"])
    assert tags.count("/TH") == sum(len(table["heads"]) for table in facts["tables"])
    assert tags.count("/TD") == sum(len(row) for table in facts["tables"] for row in table["rows"])


def test_hours_stand_with_their_zone_and_offset(sheet):
    for language, zone in (("fr", "heure de Paris (UTC+1)"), ("it", "ora di Parigi (UTC+1)")):
        seen = bare("".join(pages(papers.pdf(Paper.EMARGEMENT, sheet, language, at=AT))))
        assert bare(zone) in seen
        assert seen.count("(UTC+1)") >= 6


def test_what_is_not_sealed_says_so_and_has_no_number(sheet):
    facts = papers.drawn(Paper.REGISTRO, sheet, "both").facts
    assert facts["state"]["kind"] == "draft"
    assert facts["number"] == ""
    assert facts["seal"] is None


def test_a_sealed_paper_carries_number_code_digest_and_the_way_to_verify(made):
    with as_if(hour(17)):
        version = sealing.seal(session=made.session, by=made.people["elia"])
    sheet = sealed.sheet_of(made.session)
    drawn = papers.drawn(Paper.EMARGEMENT, sheet, "fr")
    content = papers.pdf(Paper.EMARGEMENT, sheet, "fr", at=AT)
    assert drawn.code.endswith(f"/verify/{version.code}/")
    for seen in (bare("".join(pages(content))), bare("".join(other_pages(content)))):
        for text in (verifying.number(sheet), version.code, version.digest, drawn.code):
            assert bare(text) in seen
    assert "/Figure" in structure(content)
    assert drawn.facts["state"]["kind"] == "sealed"


def test_a_second_version_says_what_it_supersedes_and_why(made):
    elia, people = made.people["elia"], made.people
    with as_if(hour(17)):
        first = sealing.seal(session=made.session, by=elia)
    made.session.incident = "Autre chose"
    made.session.save(update_fields=["incident"])
    changed = papers.drawn(Paper.EMARGEMENT, sealed.sheet_of(made.session), "fr").facts
    assert changed["state"]["kind"] == "draft"
    with as_if(hour(17, 30)):
        second = sealing.seal(session=made.session, by=people["elia"], reason="Incident mieux dit")
    seal = str(papers.drawn(Paper.EMARGEMENT, sealed.sheet_of(made.session), "fr").facts["seal"]["lines"])
    assert "Incident mieux dit" in seal
    assert verifying.grouped(first.seal_hash[:16], 8) in seal
    assert second.version == 2


def test_a_sealed_paper_prints_what_was_sealed_whatever_the_rows_say_now(made):
    with as_if(hour(17)):
        sealing.seal(session=made.session, by=made.people["elia"])
    before = papers.pdf(Paper.REGISTRO, sealed.sheet_of(made.session), "it", at=AT)
    for person in made.people.values():
        person.name = f"Anders {person.pk}"
        person.save(update_fields=["name"])
    Organisation.objects.update(name_it="Altra", name_fr="Autre")
    made.session.title_it = "Altro titolo"
    made.session.save(update_fields=["title_it"])
    assert papers.pdf(Paper.REGISTRO, sealed.sheet_of(made.session), "it", at=AT) == before


def test_the_fund_stands_only_where_it_is_set(sheet):
    plain = papers.drawn(Paper.PARTICIPANTS, sheet, "both")
    assert plain.facts["fund"] is None
    assert plain.pictures == {}
    project = {**sheet.about.project, "number": "20471", "programme": "Interreg VI-A"}
    funded = replace(sheet, about=replace(sheet.about, project=project))
    drawn = papers.drawn(Paper.PARTICIPANTS, funded, "both")
    assert len(drawn.facts["fund"]["lines"]) == 3
    content = papers.pdf(Paper.PARTICIPANTS, funded, "both", at=AT)
    seen = bare("".join(pages(content)))
    assert "20471" in seen
    assert "InterregVI-A" in seen
    assert "/Figure" in structure(content)


def test_a_session_of_nobody_still_gives_every_paper(dominique):
    session = cast.make_session(dominique)
    session.team.all().delete()
    sheet = sheets.sheet(session)
    for kind in Paper:
        assert pages(papers.pdf(kind, sheet, "both", at=AT))


def test_a_programme_says_what_the_session_was_about_when_it_was_sealed(made):
    type(made.session).objects.filter(pk=made.session.pk).update(summary_fr="Les mots d’hier")
    with as_if(hour(18)):
        explain(made.session, made.people["elia"])
        sealing.seal(session=made.session, by=made.people["elia"])
    type(made.session).objects.filter(pk=made.session.pk).update(summary_fr="Tout autre chose")
    facts = papers.drawn(Paper.PROGRAMME, sealed.sheet_of(made.session), "fr").facts
    assert facts["summary"]["items"][0]["lines"] == ["Les mots d’hier"]


def test_the_notes_give_the_rule_of_grace_the_window_and_what_a_seal_signs(made):
    with as_if(hour(18)):
        ledger.append(
            session=made.session,
            person=made.people["camille"],
            author=made.people["camille"],
            kind="signed",
            source="companion",
            at=hour(18),
            slot_number=1,
            data={"as": "trainer", "mode": "", "by": "seal"},
        )
    voice = voice_of("fr")
    with translation.override("en"):
        notes = Notes(voice, sheets.sheet(made.session), EXPLAINED)
        told = {name: EXPLAINED[name](notes.sheet) for name in notes.numbers}
    assert "no later than 15 minutes after the beginning" in told["onsite"]
    assert "from 15 minutes before the planned start" in told["signed"]
    assert "30 minutes after its end" in told["signed"]
    assert "every half-day held" in told["sealing"]
    assert "at most the minutes planned for it" in told["count"]


def test_minutes_beyond_the_plan_of_a_half_day_stand_beside_what_is_credited(made):
    made.session.slots.filter(number=1).update(held_to=hour(13))
    sheet = sheets.sheet(made.session)
    giulia = next(row for row in sheet.rows if row.person.key == "giulia")
    assert (giulia.minutes, giulia.credited, giulia.percent) == (405, 345, 95)
    for kind in (Paper.REGISTRO, Paper.EMARGEMENT):
        assert any("345" in text and "360" in text for text in words(papers.drawn(kind, sheet, "fr").facts))


def test_a_programme_names_no_participant(sheet):
    said = str(papers.drawn(Paper.PROGRAMME, sheet, "both").facts)
    assert "Elia Prova" in said
    for row in sheet.rows:
        if row.is_guest:
            assert row.person.name not in said


def test_the_paper_to_sign_has_names_room_to_sign_and_spare_rows(made, sheet):
    facts = papers.drawn(Paper.BLANK, sheet, "fr").facts
    table = facts["tables"][0]
    expected = [row.person.name for row in sheet.rows if row.is_guest and row.answer != "no"]
    named = [row[1]["lines"][0]["words"][0]["text"] for row in table["rows"] if row[1]["lines"]]
    assert named == expected
    assert len(table["rows"]) == len(expected) + 6
    assert all(not cell["lines"] for row in table["rows"] for cell in row[4:])
    assert facts["way"]["address"].endswith(f"/sessions/{made.session.code}/")


def test_names_longer_than_a_cell_wrap(made, sheet):
    long = "Maria Antonietta Della Rovere-Montmorency de la Haute-Vallée " * 2
    rows = tuple(replace(row) for row in sheet.rows)
    rows[4].person.name = long.strip()
    content = papers.pdf(Paper.EMARGEMENT, replace(sheet, rows=rows), "both", at=AT)
    assert bare(long) in bare("".join(pages(content)))


def test_the_same_sheet_and_moment_give_the_same_bytes(sheet):
    assert papers.pdf(Paper.REGISTRO, sheet, "both", at=AT) == papers.pdf(
        Paper.REGISTRO, sheet, "both", at=AT
    )


def test_words_are_never_markup(made, sheet):
    wild = '#panic("x") *b* _i_ $x$ = h @ref <label> `raw` \\ // {{ %s'
    sheet.rows[5].person.name = wild
    seen = bare("".join(pages(papers.pdf(Paper.EMARGEMENT, sheet, "fr", at=AT))))
    assert '#panic("x")*b*_i_$x$=h@ref<label>`raw`\\//{{%s' in seen


def texts_of(cell) -> list[str]:
    return [each["text"] for line in cell["lines"] for each in line["words"]]


def test_nobody_is_absent_from_what_is_to_come_or_was_not_held(made, sheet):
    coming = cast.make_session(made.people["elia"])
    cast.invite(coming, made.people["ange"])
    facts = papers.drawn(Paper.EMARGEMENT, sheets.sheet(coming), "fr").facts
    assert texts_of(facts["tables"][1]["rows"][0][4]) == []
    second = sheet.slots[1]
    second.held_from = second.held_to = None
    facts = papers.drawn(Paper.EMARGEMENT, sheet, "it").facts
    karim = next(row for row in facts["tables"][1]["rows"] if "Karim" in str(row[1]))
    assert texts_of(karim[4]) == ["assente"]
    assert texts_of(karim[5]) == ["non svolta"]


def test_a_late_signature_stands_with_who_declares_it_and_why(sheet):
    facts = papers.drawn(Paper.EMARGEMENT, sheet, "fr").facts
    row = next(row for row in facts["tables"][1]["rows"] if "Hélène" in str(row[1]))
    said = " ".join(texts_of(row[5]))
    assert "Elia Prova" in said
    assert "Forgot to sign, came at two" in said
