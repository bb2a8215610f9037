"""Lists of guests: encodings, separators, heads in three languages, and what can't be read."""

import time

import pytest
from django.utils import translation

from seminars.exchange.address import Address
from seminars.exchange.guestlist import Unreadable, read_again, read_list, read_table, written

ROWS = "Nom;Prénom;Courriel;Langue;Organisme\nD’Èze;Chloé;chloe@x.fr;français;Réseau\n"


def told(content):
    return [
        (one.line, one.email, one.name, one.language, one.organisation) for one in read_list(content).good
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("separator", [";", ",", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_list_is_read_in_any_usual_encoding(encoding, separator, end):
    text = ROWS.replace(";", separator).replace("\n", end)
    assert told(text.encode(encoding)) == [(2, "chloe@x.fr", "Chloé D'Èze", "fr", "Réseau")]


@pytest.mark.parametrize(
    ("head", "row", "name"),
    [
        ("email,name", "a@x.org,Ada Bo", "Ada Bo"),
        ("E-Mail,First name,Last name", "a@x.org,Ada,Bo", "Ada Bo"),
        ("Cognome,Nome,Posta elettronica", "Bo,Ada,a@x.org", "Ada Bo"),
        ("Nome,Indirizzo e-mail", "Ada Bo,a@x.org", "Ada Bo"),
        ("Nom,Adresse e-mail", "Ada Bo,a@x.org", "Ada Bo"),
        ("NOM,PRENOM,ADRESSE", "Bo,Ada,a@x.org", "Ada Bo"),
        ("Nominativo,PEC", "Ada Bo,a@x.org", "Ada Bo"),
        ("Nominativo,PEC", '"Bo, Ada",a@x.org', "Ada Bo"),
        ("Nom,Courriel", '"Élan, SARL",a@x.org', "Élan, SARL"),
        ("n°,Ada,mail", "1,x,a@x.org", ""),
    ],
)
def test_heads_are_known_in_three_languages(head, row, name):
    assert [(one.email, one.name) for one in read_table(f"{head}\n{row}\n").good] == [("a@x.org", name)]


@pytest.mark.parametrize(
    ("head", "row", "email"),
    [
        ("Nom;Prénom;Adresse;Courriel", "Bo;Ada;12 rue des Lilas;a@x.org", "a@x.org"),
        ("Nom;Prénom;Adresse;Courriel", "Bo;Ada;a@x.org;", "a@x.org"),
        ("Cognome;Nome;PEC;Email", "Bo;Ada;ente@pec.it;a@x.org", "a@x.org"),
        ("Cognome;Nome;PEC;Email", "Bo;Ada;ente@pec.it;", "ente@pec.it"),
        ("First Name;Last Name;E-mail 1 - Value;Phone 1 - Value", "Ada;Bo;a@x.org;06", "a@x.org"),
        ("Name;E-mail 1 - Value;E-mail 2 - Value", "Ada Bo;a@x.org;b@x.org", "a@x.org"),
    ],
)
def test_of_several_columns_that_may_hold_addresses_the_likeliest_counts(head, row, email):
    for text in (f"{head}\n{row}\n", f"{head}\n{row}\n".replace(";", ",")):
        pasted = read_table(text)
        assert [one.email for one in pasted.good] == [email]
        assert {one.name for one in pasted.good} <= {"Ada Bo"}
        assert pasted.bad == []


def test_a_cell_with_nothing_but_a_comma_is_named():
    assert [(one.line, one.text) for one in read_table("email;nom\n,;Ada Bo\n").bad] == [(2, "Ada Bo")]


def test_one_cell_holds_ten_addresses_at_most_and_says_so():
    cell = ",".join(f"p{n}@x.org" for n in range(40))
    pasted = read_table(f"nom;email\nAda;{cell}\n")
    assert [one.email for one in pasted.good] == [f"p{n}@x.org" for n in range(10)]
    assert [(one.line, one.text) for one in pasted.bad] == [(2, "p10@x.org")]


@pytest.mark.parametrize("row", ["a@b.fr" + ",y" * 995, '"' + "a@b.fr" + ';""x' * 480 + '"'])
def test_a_list_of_nothing_but_faults_ends_at_a_thousand(row):
    content = ("email\tname\n" + "\n".join(f"{row}\tx" for _ in range(125))).encode()
    began = time.process_time()
    pasted = read_list(content)
    assert pasted.is_cut
    assert len(pasted.good) + len(pasted.bad) + len(pasted.twice) <= 1020
    assert time.process_time() - began < 1


@pytest.mark.parametrize(
    ("given", "language"),
    [
        ("it", "it"),
        ("IT", "it"),
        ("it-IT", "it"),
        ("Italienne", ""),
        ("Francese", "fr"),
        ("anglais", "en"),
        ("de", ""),
    ],
)
def test_the_language_is_one_of_ours_or_none(given, language):
    assert read_table(f"email;lingua\na@x.org;{given}\n").good[0].language == language


def test_without_a_head_the_column_that_holds_addresses_is_found():
    text = "1;Bo;Ada;a@x.org;0033\n2;Do;Cy;c@x.org;0039\n"
    assert [(one.line, one.email, one.name) for one in read_table(text).good] == [
        (1, "a@x.org", "Bo Ada"),
        (2, "c@x.org", "Do Cy"),
    ]


def test_faults_come_with_the_line_of_the_file():
    text = 'email;nom\n\n"a@x.org";"Ada\nBo"\nnobody;Cy\n;Di\nd@x.org;Di\nA@X.org;Ada\n'
    pasted = read_table(text)
    assert [(one.line, one.email, one.name) for one in pasted.good] == [
        (3, "a@x.org", "Ada Bo"),
        (7, "d@x.org", "Di"),
    ]
    assert [(one.line, one.text) for one in pasted.bad] == [(5, "nobody"), (6, "Di")]
    assert pasted.twice == ["a@x.org"]


def test_a_line_that_names_its_separator_is_no_row():
    assert [one.line for one in read_table("sep=;\nemail;nom\na@x.org;Ada\n").good] == [3]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"PK\x03\x04" + bytes(500), "This is a workbook"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256)), "holds no text"),
        (b"x" * 300_000, "larger than 256 KB"),
        (b"nom;prenom\nBo;Ada\n", "No column"),
        (b"", "No column"),
        ("email\n" + "".join(f"p{n}@x.org\n" for n in range(301)), "more than 300 rows"),
        ('email,nom\n"a@x.org,' + "x" * 200_000, "can't be read"),
    ],
)
def test_what_can_not_be_read_says_why(content, words):
    content = content.encode() if isinstance(content, str) else content
    with translation.override("en"), pytest.raises(Unreadable, match=words):
        read_list(content)


def test_three_hundred_rows_are_read():
    text = "email\n" + "".join(f"p{n}@x.org\n\n" for n in range(300))
    assert len(read_table(text).good) == 300


@pytest.mark.parametrize(
    "text",
    [
        "a;" * 100_000,
        "a@x.org;" * 25_000,
        '"' * 200_000,
        "email;" * 30_000 + "\n" + "a@x.org;" * 8_000,
        "a@x.org\n" * 25_000,
        ";\n" * 100_000,
        '"a\n' * 60_000,
    ],
)
def test_a_hostile_list_is_answered_in_half_a_second(text):
    began = time.process_time()
    try:
        pasted = read_table(text)
    except Unreadable:
        pass
    else:
        assert len(pasted.good) + len(pasted.bad) <= 1000
    assert time.process_time() - began < 0.5


def test_what_was_read_is_written_and_read_again():
    rows = [Address(1, "a@x.org", 'Bo, "Ada"', "it", "Ente; Cuneo"), Address(2, "c@x.org")]
    rows += [
        Address(3, "{odd}@x.org", "Ada @ Home"),
        Address(4, "é@exämple.fr"),
        Address(5, "d@x.org", "a@b"),
    ]
    again = read_again(written(rows)).good
    assert [(one.line, one.email, one.name, one.language, one.organisation) for one in again] == [
        (1, "a@x.org", 'Bo, "Ada"', "it", "Ente; Cuneo"),
        (2, "c@x.org", "", "", ""),
        (3, "{odd}@x.org", "Ada @ Home", "", ""),
        (4, "é@exämple.fr", "", "", ""),
        (5, "d@x.org", "a@b", "", ""),
    ]
