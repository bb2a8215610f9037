"""From words to a tagged PDF (PDF/UA-1, ISO 14289-1) by typst: no other program, no net, the same page everywhere."""

import json
import re
import threading
import unicodedata
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache, partial
from pathlib import Path
from typing import Any, Literal

import typst

PLACE = Path(__file__).resolve().parent
STANDARD: Literal["ua-1"] = "ua-1"
"""Refuses what a screen reader could not read: a paper without a title, a picture without words, a missing letter."""
UNSHOWN = re.compile(r'the text `?"(.+?)"`? could not be displayed')
ESCAPED = re.compile(r"\\u\{([0-9a-f]{1,6})\}")
"""How typst writes what cannot be seen."""
BOX = "\u25a1"
PLAIN = frozenset([*map(chr, range(0x20, 0x180)), *"\n\u2013\u2014\u2019\u201c\u201d\u2026\u202f\u20ac", BOX])
"""What the fonts hold wherever it stands: the letters of our languages."""
MOST = 4000
"""Characters of one text; what is longer is cut."""
UNWANTED = frozenset({"Cc", "Cf", "Cn", "Cs"})
"""Unicode's categories of what has no face: controls, marks of order, what is no character."""
JOINERS = "\u200c\u200d"
KEPT = frozenset(f"\n\u00ad{JOINERS}")
"""Has no face either, and shapes what stands around it."""


class _Press:
    """One compiler, which keeps its fonts and is not made for two threads at once."""

    def __init__(self) -> None:
        self.turn = threading.Lock()
        main = str(PLACE / "letterhead.typ")
        self.compiler = typst.Compiler(main, root=str(PLACE), ignore_system_fonts=True)

    def pressed(self, paper: str, facts: str, at: datetime, pictures: str = "{}") -> bytes:
        with self.turn:
            found = self.compiler.compile(
                input=str(PLACE / f"{paper}.typ"),
                format="pdf",
                sys_inputs={"facts": facts, "pictures": pictures},
                pdf_standards=[STANDARD],
                timestamp=int(at.timestamp()),
            )
        if not isinstance(found, bytes):
            raise TypeError("a paper is one file")
        return found


@cache
def _press() -> _Press:
    return _Press()


def pressed(
    paper: str, facts: Mapping[str, Any], *, at: datetime, pictures: Mapping[str, str] | None = None
) -> bytes:
    """The paper `<paper>.typ` with these facts, which are data to it and never its source; `at` is when it was made.
    `pictures` are SVG by name, of our own making or the project's.

    The same facts and moment give the same bytes. What has no face is left out, and a box stands for each letter that
    typst's own fonts lack: words pasted from anywhere must not cost anybody her paper. Raises ValueError, in typst's
    words, for a paper that is wrong.
    """
    shown = _each(facts, _cleaned)
    drawn = json.dumps(dict(pictures or {}))
    unshown: set[str] = set()
    for is_foreign in (unshown.__contains__, unshown.__contains__, _is_foreign):
        try:
            return _press().pressed(paper, json.dumps(_each(shown, partial(_boxed, is_foreign))), at, drawn)
        except typst.TypstError as fault:
            wrong = fault
            unshown |= _unshown(fault)
        if not unshown:
            break
    raise ValueError(f"paper: {wrong}") from wrong


def _each(value: Any, change: Callable[[str], str]) -> Any:
    """These facts with all their texts changed."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, Mapping):
        return {name: _each(within, change) for name, within in value.items()}
    return [_each(within, change) for within in value] if isinstance(value, list) else value


def _cleaned(text: str) -> str:
    """What has a face, or shapes what stands around it."""
    whole = unicodedata.normalize("NFC", text[: 2 * MOST])
    shown = "".join(sign for sign in whole if sign in KEPT or unicodedata.category(sign) not in UNWANTED)
    return shown if len(shown) <= MOST else f"{shown[:MOST]}…"


def _unshown(fault: typst.TypstError) -> set[str]:
    """All signs that the fonts lack: one compile tells of each."""
    return {
        sign
        for found in UNSHOWN.findall(fault.diagnostic)
        for sign in ESCAPED.sub(lambda escaped: chr(int(escaped[1], 16)), found)
    }


def _is_foreign(sign: str) -> bool:
    return sign not in PLAIN


def _boxed(is_foreign: Callable[[str], bool], text: str) -> str:
    """A box for each letter that is foreign, or a mark on it: they are drawn together or not at all."""
    units: list[str] = []
    for sign in text:
        if units and (sign in JOINERS or unicodedata.category(sign)[0] == "M"):
            units[-1] += sign
        else:
            units.append(sign)
    return "".join(BOX if any(map(is_foreign, unit)) else unit for unit in units)
