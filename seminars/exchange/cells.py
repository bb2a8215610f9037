"""Cells of a table that leaves the house: text that no spreadsheet takes for a formula."""

import unicodedata

FORMULA = ("=", "+", "-", "@")
BLANK = ("C", "Z")
"""First letters of the categories of signs that show nothing: blanks, line ends, zero widths, turns of direction."""


def safe(text: str) -> str:
    """With an apostrophe before whatever begins like a formula, also behind blanks and invisible signs, or in signs of
    full width (CWE-1236)."""
    plain = unicodedata.normalize("NFKC", text)
    start = next((sign for sign in plain if not unicodedata.category(sign).startswith(BLANK)), "")
    return f"'{text}" if start in FORMULA or text[:1] in ("\t", "\r", "\n") else text
