"""Texts and their translations without system gettext: `python -m tools.messages extract|compile|check`.

extract   gathers the texts of code and templates into locale/{fr,it}/LC_MESSAGES/django.po,
          sorted by text and without line numbers, so that a catalogue changes only where a text does
compile   writes the .mo beside each .po that is newer
check     every text is in both catalogues, translated, not fuzzy, with the same placeholders
"""

import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polib
from babel.messages.extract import extract_python
from django.utils.translation.template import templatize

from tools import catalogues
from tools.catalogues import ROOT, Key

PACKAGES = ("config", "web", "api", "realtime", "seminars")
SIMPLE = {"_": None, "lazy": None, "gettext": None, "gettext_noop": None, "ngettext": (1, 2)}
IN_CONTEXT = {"pgettext": ((1, "c"), 2), "npgettext": ((1, "c"), 2, 3)}
LAZY = {
    f"{name}_lazy": places for name, places in {**SIMPLE, **IN_CONTEXT}.items() if name not in ("_", "lazy")
}
KEYWORDS = {**SIMPLE, **IN_CONTEXT, **LAZY}
PLACEHOLDER = re.compile(r"%\((\w+)\)[a-z]|\{(\w*)\}")


def sources() -> Iterator[tuple[Path, str]]:
    """Yield each file with texts, and Python that says the same texts."""
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            yield path, path.read_text()
    for path in sorted((ROOT / "templates").rglob("*")):
        if path.suffix in {".html", ".txt"}:
            lines = templatize(path.read_text()).split("\n")
            yield path, "\n".join(line.strip() for line in lines)  # the tokenizer minds indentation


def texts() -> dict[Key, polib.POEntry]:
    """Return every text of the tree by its key, with the files that say it and the notes for translators."""
    entries: dict[Key, polib.POEntry] = {}
    for path, code in sources():
        where = (path.relative_to(ROOT).as_posix(), "")
        for context, one, many, notes in calls(code):
            entry = entries.setdefault((context, one), polib.POEntry(msgid=one, msgctxt=context or None))
            entry.msgid_plural = entry.msgid_plural or many
            entry.comment = entry.comment or notes
            if where not in entry.occurrences:
                entry.occurrences.append(where)
    return entries


def calls(code: str) -> Iterator[tuple[str, str, str, str]]:
    """Yield context, text, plural and notes of every gettext call with literal texts."""
    found: Any = extract_python(io.BytesIO(code.encode()), KEYWORDS, ["Translators"], {})
    for _line, function, said, notes in found:  # its annotation names other fields than it yields
        words = [word or "" for word in (said if isinstance(said, tuple) else (said,))]
        context = words.pop(0) if "pgettext" in function else ""
        if words[0]:
            yield context, words[0], words[1] if function.startswith(("ng", "np")) else "", "\n".join(notes)


def extract() -> None:
    """Merge the tree's texts into the catalogues; translations stay, texts that nobody says any more go."""
    found = texts()
    for language, plural in catalogues.PLURALS.items():
        old = catalogues.read(language)
        new = polib.POFile(wrapwidth=100)
        new.header = "Texts of Viso, gathered by `make messages`."
        new.metadata = {
            "Language": language,
            "MIME-Version": "1.0",
            "Content-Type": "text/plain; charset=UTF-8",
            "Content-Transfer-Encoding": "8bit",
            "Plural-Forms": plural,
        }
        for key in sorted(found, key=lambda key: (key[1].casefold(), key[1], key[0])):
            new.append(_merged(found[key], old.get(key)))
        path = catalogues.place(language)
        path.parent.mkdir(parents=True, exist_ok=True)
        new.save(str(path))
        untold = len(new.untranslated_entries())
        print(f"{path.relative_to(ROOT)}: {len(new)} texts, {untold} without translation")


def _merged(text: polib.POEntry, old: polib.POEntry | None) -> polib.POEntry:
    new = polib.POEntry(msgid=text.msgid, msgid_plural=text.msgid_plural, msgctxt=text.msgctxt)
    new.comment, new.occurrences = text.comment, sorted(text.occurrences)
    if text.msgid_plural:
        kept = old.msgstr_plural if old else {}
        new.msgstr_plural = {number: kept.get(number, "") for number in (0, 1)}
    elif old:
        new.msgstr = old.msgstr
    if old:
        new.tcomment, new.flags = old.tcomment, [flag for flag in old.flags if flag == "fuzzy"]
    return new


def faults() -> list[str]:
    """Return what is wrong with the catalogues, one line each."""
    found = texts()
    lines = []
    for language in catalogues.PLURALS:
        known = catalogues.read(language)
        for key, text in found.items():
            said = known.get(key)
            wrong = ["not in the catalogue: make messages"] if said is None else faults_of(said, text)
            lines += [f"{language}: {key[1]!r}: {fault}" for fault in wrong]
        unsaid = known.keys() - found.keys()
        lines += [f"{language}: {key[1]!r}: nobody says it: make messages" for key in unsaid]
    return sorted(lines)


def faults_of(said: polib.POEntry, text: polib.POEntry) -> list[str]:
    """Return what is wrong with a translation of `text`; forms before the last may leave the number out."""
    forms = list(said.msgstr_plural.values()) if text.msgid_plural else [said.msgstr]
    one, many = placeholders(text.msgid), placeholders(text.msgid_plural or text.msgid)
    if said.fuzzy:
        return ["fuzzy"]
    if not forms or not all(forms):
        return ["not translated"]
    wrong = [form for form in forms[:-1] if not one & many <= placeholders(form) <= one | many]
    wrong += [form for form in forms[-1:] if placeholders(form) != many]
    return [f"other placeholders: {form!r}" for form in wrong]


def placeholders(text: str) -> set[str]:
    """Return the names in `%(name)s` and `{name}`."""
    return {percent or brace for percent, brace in PLACEHOLDER.findall(text.replace("%%", ""))}


def check() -> None:
    """Print the faults of the catalogues; exit 1 if there is one."""
    lines = faults()
    print("\n".join(lines[:40]))
    sys.exit(f"{len(lines)} faults in the translations" if lines else 0)


if __name__ == "__main__":
    {"extract": extract, "compile": catalogues.compile_newer, "check": check}[sys.argv[1]]()
