"""The parts of a paper as plain facts: what typst and the page of the same paper both lay out, in the same words."""

from collections.abc import Iterable, Sequence
from typing import Any, Literal, TypeVar

from seminars.documents.voices import Words

Style = Literal["plain", "strong", "small", "quiet"]
Thing = TypeVar("Thing")
Line = dict[str, Any]
Cell = dict[str, Any]
MOST_SLOTS = 4
"""Half-days side by side in one table; more go into a second one."""


def line(words: Words, style: Style = "plain", marks: str = "") -> Line:
    """One line of a cell; `marks` are the numbers of its notes."""
    return {"words": words, "style": style, "marks": marks}


def cell(*lines: Line | None, head: bool = False, align: str = "start") -> Cell:
    return {"lines": [each for each in lines if each and each["words"]], "head": head, "align": align}


def number(value: int | str, style: Style = "plain", marks: str = "") -> Cell:
    text = [{"language": "", "text": str(value)}] if value != "" else []
    return cell(line(text, style, marks), align="end")


def column(width: float, *, fixed: bool = False, align: str = "start") -> dict[str, Any]:
    """`width` in millimetres where fixed, else its share of what is left."""
    return {"width": width, "fixed": fixed, "align": align}


def table(
    title: Words,
    columns: Sequence[dict[str, Any]],
    heads: Sequence[Cell],
    rows: Iterable[Sequence[Cell]],
    *,
    about: Sequence[Words] = (),
    tall: float = 0,
    whole: bool = False,
    empty: Words | None = None,
) -> dict[str, Any]:
    """`about` are lines between title and rows; `tall` is a least height of rows in millimetres; a `whole` table stands
    on one page where it can; `empty` is said where there is no row."""
    return {
        "title": title,
        "about": list(about),
        "columns": list(columns),
        "heads": list(heads),
        "rows": [list(row) for row in rows],
        "tall": tall,
        "whole": whole,
        "empty": empty or [],
    }


def in_groups(things: Sequence[Thing], most: int = MOST_SLOTS) -> list[Sequence[Thing]]:
    """As few groups as hold them, of nearly the same size; one empty group of nothing."""
    if not things:
        return [[]]
    groups = -(-len(things) // most)
    size = -(-len(things) // groups)
    return [things[at : at + size] for at in range(0, len(things), size)]
