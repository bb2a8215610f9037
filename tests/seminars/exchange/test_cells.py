"""What begins like a formula, however it is dressed, is text to a spreadsheet; other text stays as it was."""

import pytest

from seminars.exchange.cells import safe


@pytest.mark.parametrize(
    "cell",
    [
        "=1+1",
        "+33 6",
        "-2",
        "@SUM(A1)",
        "  =1",
        "\n=1",
        "\t=1",
        "\r\n =1",
        "\u00a0=1",
        "\u202f=1",
        "\u200b=1",
        "\ufeff=1",
        "\u2060\u200d=1",
        "\u202e=1",
        "\x00=1",
        "\u2028=1",
        "\uff1d1+1",
        "\u3000\uff0b1",
        "\uff20SUM",
        "\ufe66SUM",
        "\tplain",
    ],
)
def test_what_a_spreadsheet_would_reckon_is_marked_as_text(cell):
    assert safe(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["", " ", "Élia =", "1=1", "\u00a0Rossi", "«=»", "12"])
def test_other_text_stays_as_it_is(cell):
    assert safe(cell) == cell
