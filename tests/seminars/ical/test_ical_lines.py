"""Escaping, quoting and folding, octet by octet."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seminars.ical.lines import (
    checked_address,
    checked_language,
    checked_web_address,
    clean_name,
    clean_text,
    escaped,
    folded,
    mailto,
    quoted,
)


def test_a_text_escapes_backslash_semicolon_comma_and_newline_and_nothing_else():
    assert escaped('a\\b;c,d\ne:f"g') == 'a\\\\b\\;c\\,d\\ne:f"g'


def test_line_ends_of_all_kinds_become_one():
    assert clean_text("a\r\nb\rc\nd\u2028e\u2029f\x85g\x0bh") == "a\nb\nc\nd\ne\nf\ng\nh"


def test_control_characters_and_lone_surrogates_go_and_tabs_stay():
    assert clean_text("a\x00b\x07c\x1bd\x7fe\x9ff\ud83dg\th") == "abcdefg\th"


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("Anna Rossi", "Anna Rossi"),
        ('Anna "la Prof" Rossi', "Anna \u2019la Prof\u2019 Rossi"),
        ("Rossi, Anna", '"Rossi, Anna"'),
        ("Anna: formation", '"Anna: formation"'),
        ("Anna; Piero", '"Anna; Piero"'),
        ("Anna\r\nATTENDEE:mailto:x@y.example", '"Anna ATTENDEE:mailto:x@y.example"'),
        ("Anna\\", "Anna/"),
        ("a^nb^'c^^d^e", "a\u02c6nb\u02c6'c\u02c6^d^e"),
        ("Anna \U0001f3d4\ufe0f", "Anna \U0001f3d4\ufe0f"),
        ("\x00 \t", ""),
    ],
)
def test_a_name_is_one_parameter_value(name, written):
    assert quoted(clean_name(name)) == written


@pytest.mark.parametrize(
    ("length", "lines"), [(75, [75]), (76, [75, 2]), (149, [75, 75]), (150, [75, 75, 2])]
)
def test_a_line_is_folded_at_75_octets(length, lines):
    assert [len(line) for line in folded("x" * length).split(b"\r\n")[:-1]] == lines


def test_a_character_is_never_cut():
    for shift in range(4):
        for line in folded("x" * shift + "\U0001f3d4" * 60).split(b"\r\n"):
            assert len(line) <= 75
            line.decode("utf-8")


@settings(derandomize=True, deadline=None)
@given(st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=400))
def test_unfolding_gives_back_the_line(line):
    data = folded(line)
    assert all(len(part) <= 75 for part in data.split(b"\r\n"))
    assert data.replace(b"\r\n ", b"") == line.encode() + b"\r\n"


@pytest.mark.parametrize(
    "address",
    [
        "",
        "anna",
        "anna@",
        "@example.org",
        "a b@example.org",
        "a@b@c.example",
        "Anna <a@example.org>",
        "a@example.org\r\nBcc: x@y.example",
        "a@example.org\n",
        "à@example.org",
        "a@exämple.org",
        'a"@example.org',
        "a,b@example.org",
        "a:b@example.org",
        "a@example..org",
        f"{'a' * 65}@example.org",
        f"a@{'b.' * 130}org",
    ],
)
def test_an_address_that_is_none_is_refused(address):
    with pytest.raises(ValueError, match=r"^field: not a mail address"):
        checked_address(address, "field")


def test_an_address_becomes_a_uri():
    assert mailto("sessions+k3v9@viso.example") == "mailto:sessions+k3v9@viso.example"
    assert mailto("o'brien@example.org") == "mailto:o'brien@example.org"
    assert mailto("50%/a?b@example.org") == "mailto:50%25%2Fa%3Fb@example.org"


@pytest.mark.parametrize(
    "address",
    [
        "",
        "viso.example",
        "//viso.example/a",
        "javascript:alert(1)",
        "https://viso.example/a b",
        "https:///a",
        "https://viso.example/\r\nX:1",
        "https://viso.example/\n",
        "https://viso.example/é",
        'https://v.example/"',
    ],
)
def test_a_web_address_that_is_none_is_refused(address):
    with pytest.raises(ValueError, match=r"^field: not an absolute web address"):
        checked_web_address(address, "field")


@pytest.mark.parametrize(
    "address",
    ["http://localhost:8000", "https://viso.example/join/K7Q2?as=a,b;c&d=%20#top", "http://[::1]:8000/x~y"],
)
def test_a_web_address_stays_as_it_is(address):
    assert checked_web_address(address, "field") == address


def test_a_language_tag_has_its_form():
    assert checked_language("it-IT", "language") == "it-IT"
    for tag in ("", "f", "français", "fr:x", "fr\n"):
        with pytest.raises(ValueError, match=r"^language: "):
            checked_language(tag, "language")
