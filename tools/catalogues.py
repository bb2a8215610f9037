"""The translation catalogues: where they lie, and compiling them without system gettext.

`python -m tools.catalogues` needs polib only, so that a start of the product can do it; gathering and checking
texts is in tools/messages.
"""

from pathlib import Path

import polib

ROOT = Path(__file__).resolve().parent.parent
PLURALS = {"fr": "nplurals=2; plural=(n > 1);", "it": "nplurals=2; plural=(n != 1);"}

Key = tuple[str, str]  # context ("" for none), text


def place(language: str) -> Path:
    return ROOT / "locale" / language / "LC_MESSAGES" / "django.po"


def read(language: str) -> dict[Key, polib.POEntry]:
    """Return a language's entries by key; nothing where there is no catalogue yet."""
    path = place(language)
    entries = polib.pofile(str(path)) if path.exists() else []
    return {(entry.msgctxt or "", entry.msgid): entry for entry in entries}


def compile_newer() -> None:
    """Write the .mo beside each .po that is newer."""
    for po in sorted((ROOT / "locale").glob("*/LC_MESSAGES/*.po")):
        mo = po.with_suffix(".mo")
        if not mo.exists() or mo.stat().st_mtime_ns < po.stat().st_mtime_ns:
            polib.pofile(str(po)).save_as_mofile(str(mo))


if __name__ == "__main__":
    compile_newer()
