"""The words of a file are the words of the house."""

from seminars import vocabulary
from seminars.exchange import terms


def test_the_words_of_a_file_are_those_of_the_vocabulary() -> None:
    assert set(terms.KINDS) == set(vocabulary.Kind.values)
    assert set(terms.MODES) == set(vocabulary.Mode.values)
    assert set(terms.INTERPRETATIONS) == set(vocabulary.Interpretation.values)
    assert set(terms.ROLES) == set(vocabulary.Role.values)
    assert set(terms.LANGUAGES) == set(vocabulary.Language.values)
    assert set(terms.COUNTRIES) == set(vocabulary.Country.values)
    assert set(terms.SECTORS) == set(vocabulary.Sector.values)


def test_no_word_stands_twice() -> None:
    for words in (terms.KINDS, terms.MODES, terms.INTERPRETATIONS, terms.ROLES, terms.SECTORS):
        assert len(set(words)) == len(words)
