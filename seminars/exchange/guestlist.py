"""Lists of guests as tables (CSV): any usual encoding and separator, a head in three languages or none."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from django.utils.translation import gettext as _

from seminars.exchange.address import (
    CONTROL,
    LONGEST_NAME,
    Address,
    Pasted,
    Unusable,
    folded,
    named,
    plain,
    read_one,
)
from seminars.exchange.naming import in_order

MOST_OCTETS = 256 * 1024
MOST_ROWS = 300
MOST_COLUMNS = 60
MOST_IN_CELL = 10
"""Addresses in one cell: more are no list of guests."""
LONGEST_CELL = 5000
TOKEN = re.compile(r'"[^"]*"|[;,]|[^;,"]+|"')
TRAVELLING = ("email", "name", "language", "organisation")
SEPARATORS = (";", "\t", ",")
_EMAIL = """email emails mail mails mel courriel courriels adressemail adresseemail emailvalue
    adressecourriel adresseelectronique adressedecourriel adressedemessagerie emailaddress mailaddress
    postaelettronica indirizzoemail indirizzomail indirizzodiposta indirizzodipostaelettronica"""
_PERHAPS_EMAIL = "pec posta adresse adresses address indirizzo"
"""An office's certified box, or where somebody lives: an address only where no other column holds one."""
_GIVEN = "prenom prenoms firstname givenname forename"
_FAMILY = "cognome lastname surname familyname nomdefamille nomdusage"
_FULL = """name fullname displayname nomcomplet nomprenom nometprenom prenomnom prenometnom nominativo nomeecognome
    cognomeenome nomecognome cognomenome participant partecipante"""
_LANGUAGE = "langue language lingua lang languedecorrespondance preferredlanguage"
_ORGANISATION = """organisation organization organisme organizzazione ente structure struttura association associazione
    employeur organizationname organisationname company societe societa cooperativa etablissement collectivite"""
HEADS = {
    word: column
    for column, words in {
        "email": f"{_EMAIL} {_PERHAPS_EMAIL}",
        "given": _GIVEN,
        "family": _FAMILY,
        "full": _FULL,
        "nom": "nom",
        "nome": "nome",
        "language": _LANGUAGE,
        "organisation": _ORGANISATION,
    }.items()
    for word in words.split()
}
TONGUES = {
    word: tongue
    for tongue, words in {
        "fr": "fr fra fre french francais francese",
        "it": "it ita italian italien italiano",
        "en": "en eng english anglais inglese",
    }.items()
    for word in words.split()
}


class Unreadable(ValueError):
    """A list that can't be used; its text is a sentence in the active language."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Places of what a row holds; several make one name."""

    emails: tuple[int, ...]
    """The likeliest first; another one counts where that holds none."""
    names: tuple[int, ...] = ()
    language: int | None = None
    organisation: int | None = None
    is_told: bool = True
    """By a head; else a cell with a digit beside an address is no name."""


def read_list(content: bytes) -> Pasted:
    """The addresses of a file. Raises Unreadable."""
    if len(content) > MOST_OCTETS:
        raise Unreadable(_("This file is larger than 256 KB. Split it, or paste the addresses."))
    return read_table(plain(decoded(content)))


def decoded(content: bytes) -> str:
    """UTF-8 or UTF-16 with or without a mark, else Windows-1252. Raises Unreadable for what is no text."""
    if content.startswith(b"PK\x03\x04") or content.startswith(b"\xd0\xcf\x11\xe0"):
        raise Unreadable(
            _("This is a workbook, not a list. Save it as CSV in your spreadsheet, and send that.")
        )
    for encoding in _encodings(content):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            break
        return text
    raise Unreadable(_("This file holds no text. Save the list as CSV in your spreadsheet, and send that."))


def _encodings(content: bytes) -> Iterator[str]:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        yield "utf-16"
    elif b"\0" in content[:64]:
        yield "utf-16-le" if content[1:2] == b"\0" else "utf-16-be"
    else:
        yield from ("utf-8-sig", "cp1252", "latin-1")


def has_head(text: str) -> bool:
    """Whether the first line that is not blank names a column of addresses beside another one."""
    line = next((line for line in islice(text.splitlines(), 20) if line.strip()), "")
    if "@" in line or len(line) > 2000:
        return False
    words = [HEADS.get(_word(cell)) for cell in re.split(r"[;,\t]", line)]
    return "email" in words and len(words) > 1


def read_table(text: str) -> Pasted:
    """The addresses of a table, with the lines they begin on. Raises Unreadable.

    Without a head the column that holds addresses is taken, and the words before it are the name.
    """
    rows = list(islice(_rows(text), MOST_ROWS + 2))
    head = _of_head(rows[0][1], [row for _line, row in rows[1:]]) if rows else None
    body = rows[1:] if head else rows
    if len(body) > MOST_ROWS:
        raise Unreadable(_("This list has more than %(most)s rows. Split it.") % {"most": MOST_ROWS})
    columns = head or _of_body([row for _line, row in body])
    pasted = Pasted()
    for line, row in body:
        if pasted.is_full():
            pasted.cut(line, " ".join(filter(None, row)))
            break
        _read_row(pasted, line, row, columns)
    return pasted


def _rows(text: str, known: str = "") -> Iterator[tuple[int, list[str]]]:
    """(line, cells) of each row that is not blank; `known` is its separator where there is nothing to find out."""
    lines = text.splitlines(keepends=True)
    told = re.match(r"sep=(.)\s*$", lines[0]) if lines and not known else None
    separator = told[1] if told else known or separator_of(lines)
    reader, line = csv.reader(iter(lines[1:] if told else lines), delimiter=separator), 1 + bool(told)
    try:
        for row in reader:
            shown = [cell.strip() for cell in row[:MOST_COLUMNS]]
            if any(shown):
                yield line, shown
            line = reader.line_num + 1 + bool(told)
    except csv.Error as error:
        raise Unreadable(_("Line %(line)s of this list can't be read.") % {"line": line}) from error


def separator_of(lines: Sequence[str]) -> str:
    """The one that stands equally often in most of the first lines, outside quotations."""
    bare = [re.sub(r'"[^"]*"', "", line[:4000]) for line in islice(filter(str.strip, lines), 20)]

    def score(sign: str) -> tuple[int, int]:
        usual, count = Counter(line.count(sign) for line in bare).most_common(1)[0] if bare else (0, 0)
        return (count, usual) if usual else (0, sum(line.count(sign) for line in bare))

    return max(SEPARATORS, key=score)


def _word(cell: str) -> str:
    return re.sub(r"[^a-z]", "", folded(cell[:60]))


def _of_head(row: Sequence[str], body: Sequence[Sequence[str]]) -> Columns | None:
    if any("@" in cell for cell in row):
        return None
    places: dict[str, int] = {}
    for place, cell in enumerate(row):
        if column := HEADS.get(_word(cell)):
            places.setdefault(column, place)
    if "email" not in places:
        return None
    if "given" in places or "family" in places:  # French `nom` is the family's, Italian `nome` one's own
        order: tuple[str, ...] = ("given", "nome", "nom", "family") if "full" not in places else ("full",)
    else:
        order = ("full", "nom", "nome")
    names = tuple(places[column] for column in order if column in places)
    is_one = "given" not in places and "family" not in places
    emails = _likeliest(row, body)
    return Columns(emails, names[:1] if is_one else names, places.get("language"), places.get("organisation"))


def _likeliest(head: Sequence[str], body: Sequence[Sequence[str]]) -> tuple[int, ...]:
    """Places of the columns that claim to hold addresses: those that do first, and what may be no mail address last."""
    words = {place: _word(cell) for place, cell in enumerate(head)}
    claiming = [place for place, word in words.items() if HEADS.get(word) == "email"]
    holding = {place for row in body for place in claiming if place < len(row) and "@" in row[place]}
    doubtful = _PERHAPS_EMAIL.split()
    return tuple(sorted(claiming, key=lambda place: (place not in holding, words[place] in doubtful, place)))


def _of_body(rows: Sequence[Sequence[str]]) -> Columns:
    counts = Counter(place for row in rows for place, cell in enumerate(row) if "@" in cell)
    if not counts:
        raise Unreadable(_("No column of this list holds mail addresses."))
    email = min(counts, key=lambda place: (-counts[place], place))
    return Columns((email,), tuple(range(max(0, email - 2), email)) or (email + 1,), is_told=False)


def _read_row(pasted: Pasted, line: int, row: Sequence[str], columns: Columns) -> None:
    def cell(place: int | None) -> str:
        return row[place] if place is not None and place < len(row) else ""

    given = [cell(place) for place in columns.emails]
    written = next((one for one in given if "@" in one), given[0])
    if "\n" in written or "\r" in written:
        pasted.refuse(line, written.splitlines()[0], _("a quotation mark is not closed"))
        return
    cells = (cell(place) for place in columns.names)
    words = [named(one) for one in cells if columns.is_told or not any(map(str.isdigit, one))]
    name = named(" ".join(word for word in words if word and "@" not in word))
    language = TONGUES.get(_word(cell(columns.language).partition("-")[0]), "")
    organisation = " ".join(CONTROL.sub(" ", cell(columns.organisation)).split())[:200]
    found = _pieces(written)
    for piece in found[:MOST_IN_CELL]:
        try:
            email, own = read_one(piece, may_be_loose=False)
        except Unusable as why:
            pasted.refuse(line, piece or name or " ".join(filter(None, row)), str(why))
            continue
        called = in_order(name or own, email)
        pasted.add(Address(line, email, called, language, organisation), written=piece)
    if len(found) > MOST_IN_CELL:
        why_not = _("one cell holds more than %(most)s addresses: the others were not read")
        pasted.refuse(line, found[MOST_IN_CELL], why_not % {"most": MOST_IN_CELL})


def _pieces(cell: str) -> list[str]:
    """Parts of a cell between commas and semicolons outside quotations; an empty cell is one, which is refused."""
    parts: list[str] = [""]
    for token in TOKEN.findall(cell[:LONGEST_CELL]):
        if token in (";", ","):
            parts.append("")
        else:
            parts[-1] += token
    return [part.strip() for part in parts if part.strip()] or [""]


def written(addresses: Iterable[Address]) -> str:
    """The same as a table, for `read_again`."""
    place = io.StringIO()
    writer = csv.writer(place, lineterminator="\n")
    writer.writerow(TRAVELLING)
    writer.writerows([one.email, one.name, one.language, one.organisation] for one in addresses)
    return place.getvalue()


def read_again(text: str) -> Pasted:
    """What `written` wrote, word for word, each address at the place of its row (from 1) whatever others became of;
    an address may be one that only somebody known has, so it is the caller who looks at it. Raises Unreadable."""
    pasted = Pasted()
    rows = [row for _line, row in islice(_rows(text, ","), MOST_ROWS + 2)][1:]
    if len(rows) > MOST_ROWS:
        raise Unreadable(_("This list has more than %(most)s rows. Split it.") % {"most": MOST_ROWS})
    for place, row in enumerate(rows, 1):
        email, name, language, organisation = (
            _line_of(cell) for cell in (*row, "", "", "", "")[: len(TRAVELLING)]
        )
        pasted.add(
            Address(place, email.lower()[:254], name[:LONGEST_NAME], TONGUES.get(language, ""), organisation)
        )
    return pasted


def _line_of(cell: str) -> str:
    return " ".join("".join(sign if sign.isprintable() else " " for sign in cell).split())[:200]
