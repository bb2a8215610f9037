"""Mail addresses pasted in any usual form: one a line, with commas or semicolons, from a spreadsheet or a mail."""

import re
from collections.abc import Iterator
from itertools import chain

from seminars.exchange import guestlist
from seminars.exchange.address import (
    CANDIDATE,
    CONTROL,
    LONGEST_PIECE,
    Address,
    BadAddress,
    Pasted,
    Unusable,
    is_name,
    named,
    plain,
    read_one,
    trimmed,
    why_bad,
)
from seminars.exchange.naming import in_order

TOKEN = re.compile(r'"[^"]*"|\([^()]*\)|[;,]|[^;,"(]+|["(]')
AFTER_BRACKET = re.compile(r"(?<=>)\s+(?=[^\s(])")


def read_addresses(text: str) -> Pasted:
    """Addresses with their lines (from 1) and names; good ones once each, compared without case, bad ones with the
    reason. A text that begins with the head of a table is read as a table; one that can't be is bad as a whole."""
    try:
        return read_any(text)
    except guestlist.Unreadable as error:
        return Pasted(bad=[BadAddress(1, text.strip().partition("\n")[0][:120], str(error).rstrip("."))])


def read_any(text: str) -> Pasted:
    """The same. Raises guestlist.Unreadable for a table that can't be read."""
    text = plain(text)
    if guestlist.has_head(text):
        return guestlist.read_table(text)
    pasted = Pasted()
    for number, line in enumerate(text.splitlines(), 1):
        for segment, name in cells(line):
            _read_segment(pasted, number, segment, name)
        if pasted.is_full():
            pasted.cut(number, line)
            break
    return pasted


def cells(line: str) -> Iterator[tuple[str, str]]:
    """(segment, name) of a line from a spreadsheet: the cells beside the only address are its name."""
    found = [cell.strip() for cell in line.split("\t")]
    holding = [place for place, cell in enumerate(found) if "@" in cell]
    if len(holding) != 1:
        yield from ((cell, "") for cell in (found if holding else [" ".join(found)]))
        return
    place = holding[0]
    before = [cell for cell in found[:place] if named(cell) and not any(map(str.isdigit, cell))]
    beside = before[-2:] or [cell for cell in found[place + 1 : place + 2] if named(cell)]
    yield found[place], named(" ".join(beside))


def _read_segment(pasted: Pasted, line: int, segment: str, name: str) -> None:
    waiting: list[str] = []
    """Pieces without an @: perhaps the family name that stands before a comma."""
    last = ""
    for piece in pieces(segment):
        if pasted.is_full(len(waiting)):
            break
        if "@" not in piece:
            waiting.append(piece)
            last = piece
            continue
        try:
            email, own = read_one(piece)
        except Unusable as why:
            for one in waiting:
                _refuse(pasted, line, one)
            waiting = []
            pasted.refuse(line, piece, str(why))
            continue
        led = leading(waiting, own, email, is_tied="<" in piece)
        for one in waiting[: len(waiting) - len(led)]:
            _refuse(pasted, line, one)
        whole = named(", ".join([*led, own]) if own else " ".join(led)) or name
        pasted.add(Address(line, email, in_order(whole, email)))
        waiting = []
    if len(waiting) == 1 and last == waiting[0] and _named_behind(pasted, line, segment, last):
        return
    for one in waiting:
        _refuse(pasted, line, one)


def leading(waiting: list[str], own: str, email: str, *, is_tied: bool) -> list[str]:
    """Which of the pieces just before an address belong to its name: `Rossi, Luca <a@b>`, `Rossi; Luca; a@b`."""
    if own and is_tied and waiting and len(waiting[-1].split()) <= 3 and named(waiting[-1]):
        return waiting[-1:]
    if not own and 1 <= len(waiting) <= 2 and _is_whole_name(" ".join(waiting), email):
        is_two = len(waiting) == 2 and all(len(piece.split()) > 1 for piece in waiting)
        return waiting[-1:] if is_two else waiting
    return []


def _is_whole_name(text: str, email: str) -> bool:
    """A single word might be somebody whose address was forgotten, unless the address holds it."""
    return is_name(text, email) and (len(text.split()) > 1 or is_name(text.lower(), email))


def _named_behind(pasted: Pasted, line: int, segment: str, words: str) -> bool:
    """`a@b; Luca Rossi`: the only address of a line, with its name behind it."""
    mine = [each for each in pasted.good if each.line == line]
    if len(mine) != 1 or len(segment) > 2 * LONGEST_PIECE:
        return False
    is_only = len(CANDIDATE.findall(segment)) == 1 and not mine[0].name
    if not is_only or pasted.good[-1] != mine[0] or not _is_whole_name(words, mine[0].email):
        return False
    pasted.good[-1] = Address(line, mine[0].email, in_order(named(words), mine[0].email))
    return True


def _refuse(pasted: Pasted, line: int, piece: str) -> None:
    if "@" not in piece and "at" not in piece.lower():
        pasted.refuse(line, piece, why_bad(""))
        return
    try:
        email, name = read_one(piece)
    except Unusable as why:
        pasted.refuse(line, piece, str(why))
    else:
        pasted.add(Address(line, email, in_order(name, email)), written=piece)


def pieces(segment: str) -> Iterator[str]:
    """Parts between commas and semicolons that stand in no quotation and no comment; addresses beside each other."""
    part: list[str] = []
    for token in chain((found[0] for found in TOKEN.finditer(segment)), ";"):
        if token not in (";", ","):
            part.append(token)
            continue
        whole, part = "".join(part), []
        for piece in AFTER_BRACKET.split(whole):
            yield from _beside(CONTROL.sub("", piece).strip())


def _beside(piece: str) -> Iterator[str]:
    words = [word for word in piece.split() if any(map(str.isalnum, word)) or "@" in word]
    is_short = max(map(len, words), default=0) <= LONGEST_PIECE
    if is_short and len(words) > 1 and "<" not in piece and all("@" in word for word in words):
        is_same = len({trimmed(one) for word in words for one in CANDIDATE.findall(word)}) == 1
        yield from [piece] if is_same else words
    elif words:
        yield piece
