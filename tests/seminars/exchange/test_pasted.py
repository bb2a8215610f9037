"""Pasted addresses: every usual form, each fault with its line, nothing lost and nothing guessed."""

import time

import pytest
from django.utils import translation

from seminars.exchange.address import Address, language_of
from seminars.exchange.pasted import read_addresses

LUCA = "luca.rossi@example.it"
FORMS = [
    (LUCA, ""),
    (f"  {LUCA}  ", ""),
    ("LUCA.Rossi@Example.IT", ""),
    (f"<{LUCA}>", ""),
    (f"<{LUCA}", ""),
    (f"{LUCA}>", ""),
    (f"mailto:{LUCA}", ""),
    (f"<mailto:{LUCA}>", ""),
    (f"mailto:{LUCA}?subject=Ciao", ""),
    (f"{LUCA}.", ""),
    (f"{LUCA};", ""),
    (f"{LUCA},", ""),
    (f",;{LUCA};,", ""),
    (f"'{LUCA}'", ""),
    (f'"{LUCA}"', ""),
    (f"'{LUCA}' <{LUCA}>", ""),
    (f"“{LUCA}”", ""),
    (f"({LUCA})", ""),
    (f"[{LUCA}]", ""),
    (f"- {LUCA}", ""),
    (f"• {LUCA}", ""),
    (f"1. {LUCA}", ""),
    (f"12) {LUCA}", ""),
    (f"> {LUCA}", ""),
    (f"> > {LUCA}", ""),
    (f"E-mail: {LUCA}", ""),
    (f"Courriel : {LUCA}", ""),
    (f"\ufeff{LUCA}", ""),
    ("luca\u200b.rossi@exam\u200cple.it\u200d", ""),
    (f"\u00a0{LUCA}\u00a0", ""),
    ("luca.rossi\u00ad@example.it", ""),
    ("luca.rossi＠example.it", ""),
    ("luca.rossi﹫example.it", ""),
    ("ｌｕｃａ.rossi@example.it", ""),
    ("luca.rossi (at) example.it", ""),
    ("luca.rossi[at]example.it", ""),
    (f"\t{LUCA}\t", ""),
    (f"Luca Rossi <{LUCA}>", "Luca Rossi"),
    (f"Luca Rossi<{LUCA}>", "Luca Rossi"),
    (f"Luca Rossi < {LUCA} >", "Luca Rossi"),
    (f'"Luca Rossi" <{LUCA}>', "Luca Rossi"),
    (f'"Rossi, Luca" <{LUCA}>', "Luca Rossi"),
    (f"“Rossi, Luca” <{LUCA}>", "Luca Rossi"),
    (f"Rossi, Luca <{LUCA}>", "Luca Rossi"),
    (f"Rossi Luca (Cuneo) <{LUCA}>", "Rossi Luca Cuneo"),
    (f"{LUCA} (Luca Rossi)", "Luca Rossi"),
    (f"{LUCA} (Rossi, Luca)", "Luca Rossi"),
    (f"<{LUCA}> Luca Rossi", "Luca Rossi"),
    (f"Luca Rossi ({LUCA});", "Luca Rossi"),
    (f"Luca Rossi [{LUCA}]", "Luca Rossi"),
    (f"Luca Rossi {LUCA}", "Luca Rossi"),
    (f"luca rossi {LUCA}", "luca rossi"),
    (f"{LUCA} Luca Rossi", "Luca Rossi"),
    (f"Luca\u00a0Rossi\u202f<{LUCA}>", "Luca Rossi"),
    (f"Luca Rossi\t{LUCA}", "Luca Rossi"),
    (f"Rossi\tLuca\t{LUCA}\tComune di Cuneo", "Rossi Luca"),
    (f"17\tLuca Rossi\t{LUCA}", "Luca Rossi"),
    (f"{LUCA}\tLuca Rossi", "Luca Rossi"),
    (f"Luca Rossi;{LUCA}", "Luca Rossi"),
    (f"Rossi; Luca; {LUCA}", "Rossi Luca"),
    (f"{LUCA};Luca Rossi", "Luca Rossi"),
    (f"Luca Rossi, {LUCA}", "Luca Rossi"),
    (f"Luca D’Èze <{LUCA}>", "Luca D'Èze"),
    ("LUCA ROSSI LUCA.ROSSI@EXAMPLE.IT", "LUCA ROSSI"),
    (f"Luca Rossi / {LUCA}", "Luca Rossi"),
    (f"* Luca Rossi | {LUCA}", "Luca Rossi"),
    (f"mailto:{LUCA}?cc=a@x.org", ""),
]  # fmt: skip


@pytest.mark.parametrize(("text", "name"), FORMS)
def test_one_address_in_any_usual_form(text, name):
    pasted = read_addresses(text)
    assert [(one.email, one.name) for one in pasted.good] == [(LUCA, name)]
    assert (pasted.bad, pasted.twice) == ([], [])


SEVERAL = [
    ("a@x.org, b@x.org", ["a@x.org", "b@x.org"]),
    ("a@x.org;b@x.org", ["a@x.org", "b@x.org"]),
    ("a@x.org b@x.org", ["a@x.org", "b@x.org"]),
    ("a@x.org\tb@x.org", ["a@x.org", "b@x.org"]),
    ("a@x.org\r\nb@x.org\rc@x.org\n\n", ["a@x.org", "b@x.org", "c@x.org"]),
    ("A Bo <a@x.org> C Do <c@x.org>", ["a@x.org", "c@x.org"]),
    ("Bo, A <a@x.org>; Do, C <c@x.org>", ["a@x.org", "c@x.org"]),
    ("Bo, A <a@x.org>, Do, C <c@x.org>", ["a@x.org", "c@x.org"]),
    ("Ada Bo (a@x.org); Cy Do (c@x.org);", ["a@x.org", "c@x.org"]),
    ("Team: a@x.org, b@x.org;", ["a@x.org", "b@x.org"]),
    ("a@x.org / b@x.org", ["a@x.org", "b@x.org"]),
    ("o'brien@x.org, a+b@x.org, a_b-c@sub.x.org", ["o'brien@x.org", "a+b@x.org", "a_b-c@sub.x.org"]),
]


@pytest.mark.parametrize(("text", "emails"), SEVERAL)
def test_several_addresses_in_any_usual_form(text, emails):
    pasted = read_addresses(text)
    assert ([one.email for one in pasted.good], pasted.bad) == (emails, [])


FAULTS = [
    ("nobody", "there is no @"),
    ("nobody@", "nothing follows the @"),
    ("@x.org", "nothing stands before the @"),
    ("a@nowhere", "a dot is missing after “nowhere”"),
    ("a@@x.org", "there is more than one @"),
    ("a@x.org@y.org", "there is more than one @"),
    ("a" * 65 + "@x.org", "this is not a mail address"),
    ("a@x..org", "there are two dots in a row"),
    ("two words@x.org", "there is a space inside"),
    ("a @x.org", "there is a space inside"),
    ("élodie@x.org", "“é” can't stand in an address"),
    ("a@x.org <b@x.org>", "there are two addresses without a comma between them"),
    ('"Nom <a@x.org>', "a quotation mark is not closed"),
    ("https://a@x.org/page", "this is not a mail address"),
    ("a" * 600 + "@x.org", "this is too long for an address"),
    ("Jean Dupont@x.org", "there is a space inside"),
]


@pytest.mark.parametrize(("text", "why"), FAULTS)
def test_each_fault_says_its_line_and_what_is_wrong(text, why):
    with translation.override("en"):
        pasted = read_addresses(f"\nfine@x.org\n{text}")
    assert [one.email for one in pasted.good] == ["fine@x.org"]
    assert [(one.line, one.text, one.why) for one in pasted.bad] == [(3, text[:120], why)]


def test_somebody_whose_address_was_forgotten_does_not_become_another_ones_name():
    for text in ("Camille, ange@x.org", "ange@x.org, Camille"):
        pasted = read_addresses(text)
        assert [(one.email, one.name) for one in pasted.good] == [("ange@x.org", "")]
        assert [one.text for one in pasted.bad] == ["Camille"]


def test_two_names_before_one_address_are_two_people():
    pasted = read_addresses("Marie Dupont, Luca Rossi, luca@x.it")
    assert [(one.email, one.name) for one in pasted.good] == [("luca@x.it", "Luca Rossi")]
    assert [one.text for one in pasted.bad] == ["Marie Dupont"]


@pytest.mark.parametrize(
    "text",
    [
        "a@b.fr;" + "x" * 59_990,
        "@" + "a" * 29_990 + " @" + "a" * 29_990,
        "a" * 59_990 + "@b.fr",
        "a@" * 30_000,
        "a@b.fr;" + "x " * 29_990,
        "a@b.fr " * 4_000 + "x" * 30_000,
    ],
)
def test_one_piece_of_sixty_thousand_signs_holds_nobody_up(text):
    began = time.process_time()
    read_addresses(text)
    assert time.process_time() - began < 1


def test_an_address_counts_once_and_is_named():
    pasted = read_addresses("a@x.org\nAda Bo <A@X.org>\nb@x.org, a@x.org")
    assert [(one.line, one.email) for one in pasted.good] == [(1, "a@x.org"), (3, "b@x.org")]
    assert pasted.twice == ["a@x.org", "a@x.org"]


def test_no_name_keeps_a_control_character_or_begins_a_line():
    for text in (
        '"A\r\nBcc: thief@x.net" <a@x.org>',
        "A\x00B\x1b[0m <a@x.org>",
        "A\u2028B <a@x.org>",
        "A\x85B <a@x.org>",
    ):
        for one in read_addresses(text).good:
            assert one.name.isprintable()
            assert one.email == "a@x.org"


def test_a_table_with_a_head_is_read_as_one():
    pasted = read_addresses("Nom\tCourriel\tLangue\nLuca Rossi\tluca@x.it\titaliano\n\tbad\t\n")
    assert [(one.line, one.email, one.name, one.language) for one in pasted.good] == [
        (2, "luca@x.it", "Luca Rossi", "it")
    ]
    assert [(one.line, one.text) for one in pasted.bad] == [(3, "bad")]


PILES = [
    "a",
    "a,",
    '"a',
    "(a",
    "a@b.org ",
    "a@b.org,",
    "a@b.org\n",
    '"',
    "<",
    "@",
    "a@",
    "a b ",
    "\t",
    "> ",
    "x:",
    " ",
]


@pytest.mark.parametrize("sign", PILES)
def test_two_hundred_thousand_characters_are_answered_in_half_a_second(sign):
    text = sign * (200_000 // len(sign))
    began = time.process_time()
    pasted = read_addresses(text)
    assert time.process_time() - began < 0.5
    assert len(pasted.good) + len(pasted.bad) <= 1100


def test_what_is_far_too_much_says_that_its_end_was_not_read():
    pasted = read_addresses("\n".join(f"p{number}@x.org" for number in range(5000)))
    assert pasted.is_cut
    assert (len(pasted.good), len(pasted.bad)) == (1000, 1)


@pytest.mark.parametrize(
    ("email", "told", "otherwise", "language"),
    [
        ("a@x.it", "", "FR", "it"),
        ("a@x.fr", "", "IT", "fr"),
        ("a@x.org", "", "IT", "it"),
        ("a@x.it", "en", "FR", "en"),
    ],
)
def test_the_language_is_what_was_said_else_the_countrys(email, told, otherwise, language):
    assert language_of(Address(1, email, language=told), otherwise) == language


def test_an_at_in_brackets_is_read_and_told():
    pasted = read_addresses("jean(at)exemple.fr, luca@x.it\nAda Bo ada[at]x.org")
    assert [one.email for one in pasted.good] == ["jean@exemple.fr", "luca@x.it", "ada@x.org"]
    assert pasted.respelt == [("jean(at)exemple.fr", "jean@exemple.fr"), ("ada[at]x.org", "ada@x.org")]
