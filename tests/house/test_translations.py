"""French and Italian are equal translations: complete, not fuzzy, with the same placeholders."""

import polib
import pytest

from tools import catalogues, messages


def entry(said: str, text: str, *, plural: str = "", forms: tuple[str, ...] = ()) -> list[str]:
    source = polib.POEntry(msgid=text, msgid_plural=plural)
    return messages.faults_of(
        polib.POEntry(msgid=text, msgstr=said, msgstr_plural=dict(enumerate(forms))), source
    )


def test_the_catalogues_are_complete() -> None:
    assert messages.faults()[:5] == []


@pytest.mark.parametrize("language", catalogues.PLURALS)
def test_a_text_stands_once_in_a_catalogue(language: str) -> None:
    path = catalogues.place(language)
    entries = polib.pofile(str(path)) if path.exists() else []
    assert len(entries) == len(catalogues.read(language))


def test_a_missing_translation_is_a_fault() -> None:
    assert entry("", "Join") == ["not translated"]


@pytest.mark.parametrize(
    ("said", "text"), [("%(nom)s vient", "%(name)s comes"), ("vient", "{name} comes"), ("{} {n}", "{n}")]
)
def test_other_placeholders_are_a_fault(said: str, text: str) -> None:
    assert entry(said, text) == [f"other placeholders: {said!r}"]


def test_the_form_for_one_may_leave_the_number_out() -> None:
    words = {"text": "%(n)s person", "plural": "%(n)s people"}
    assert entry("", **words, forms=("%(n)s personne", "%(n)s personnes")) == []
    assert (
        entry("", text="One person", plural="%(n)s people", forms=("Une personne", "%(n)s personnes")) == []
    )
    assert entry("", **words, forms=("%(n)s personne", "personnes")) == ["other placeholders: 'personnes'"]


def test_a_percent_sign_is_no_placeholder() -> None:
    assert messages.placeholders("80 %% of %(name)s") == {"name"}


def test_texts_are_gathered_from_code_with_plural_and_context() -> None:
    code = 'ngettext("one", "%(n)s", n)\npgettext_lazy("verb", "Close")\n_(variable)\nnpgettext("c", "a", "b", n)'
    found = [(context, one, many) for context, one, many, _notes in messages.calls(code)]
    assert found == [("", "one", "%(n)s"), ("verb", "Close", ""), ("c", "a", "b")]
