"""Dates, hours, zones and bilingual texts are said as French, Italian and English readers write them."""

from datetime import UTC, date, datetime
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest

from seminars import saying

WINTER = datetime(2027, 2, 4, 13, 0, tzinfo=UTC)
SUMMER = datetime(2027, 7, 1, 12, 5, tzinfo=UTC)
THIN = "\u202f"


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("fr", "jeudi 4 février 2027"),
        ("it", "giovedì 4 febbraio 2027"),
        ("en", "Thursday 4 February 2027"),
        ("de", "Thursday 4 February 2027"),
        ("fr-fr", "jeudi 4 février 2027"),
    ],
)
def test_a_day_is_said_in_full(language: str, words: str) -> None:
    assert saying.day(WINTER, "Europe/Paris", language) == words


def test_the_first_of_the_month_is_an_ordinal_in_french_and_italian() -> None:
    said = [saying.day(SUMMER, "Europe/Rome", language) for language in saying.LANGUAGES]
    assert said == ["jeudi 1er juillet 2027", "giovedì 1º luglio 2027", "Thursday 1 July 2027"]


def test_the_day_is_the_day_of_the_zone_and_not_of_the_server() -> None:
    late = datetime(2027, 2, 4, 23, 30, tzinfo=UTC)
    assert saying.day(late, "Europe/Paris", "fr") == "vendredi 5 février 2027"
    assert saying.day(late, "UTC", "fr") == "jeudi 4 février 2027"


def test_a_plain_date_needs_no_zone() -> None:
    assert saying.day_of_month(date(2027, 3, 11), "UTC", "it") == "giovedì 11 marzo"
    assert saying.month(date(2027, 3, 11), "UTC", "fr") == "mars 2027"
    assert saying.weekday(date(2027, 3, 11), "UTC", "en") == "Thursday"


def test_a_short_day_is_in_the_case_of_running_text() -> None:
    assert saying.short_day(WINTER, "Europe/Rome", "it") == "gio 4 feb"
    assert saying.short_day(WINTER, "Europe/Rome", "en") == "Thu 4 Feb"


def test_french_hours_have_narrow_no_break_spaces() -> None:
    assert saying.hour(WINTER, "Europe/Paris", "fr") == f"14{THIN}h{THIN}00"
    assert saying.hour(SUMMER, "Europe/Paris", "fr") == f"14{THIN}h{THIN}05"


@pytest.mark.parametrize("language", ["it", "en"])
def test_italian_and_english_hours_have_a_colon(language: str) -> None:
    assert saying.hour(WINTER, ZoneInfo("Europe/Rome"), language) == "14:00"
    assert saying.hour(datetime(2027, 2, 4, 8, 5, tzinfo=UTC), "Europe/Rome", language) == "9:05"


def test_a_pair_of_hours_is_framed_by_the_language() -> None:
    end = WINTER.replace(hour=14, minute=30)
    french = f"14{THIN}h{THIN}00 à 15{THIN}h{THIN}30"
    assert saying.hours(WINTER, end, "Europe/Paris", "fr") == french
    assert saying.hours(WINTER, end, "Europe/Paris", "it") == "dalle 14:00 alle 15:30"
    assert saying.hours(WINTER, end, "Europe/Paris", "en") == "14:00 to 15:30"


def test_the_zone_is_named_in_the_language_with_its_offset() -> None:
    assert saying.zone_words(WINTER, "Europe/Paris", "fr") == "heure de Paris (UTC+1)"
    assert saying.zone_words(WINTER, "Europe/Rome", "it") == "ora di Roma (UTC+1)"
    assert saying.zone_words(SUMMER, "Europe/Paris", "it") == "ora di Parigi (UTC+2)"
    assert saying.zone_words(SUMMER, "Europe/Rome", "en") == "Rome time (UTC+2)"
    assert saying.zone_words(WINTER, "Europe/Athens", "fr") == "heure d’Athens (UTC+2)"
    assert saying.zone_words(WINTER, "UTC", "fr") == "UTC"


def test_the_offset_turns_in_the_hour_of_the_clock_change() -> None:
    spring = datetime(2027, 3, 28, 1, 0, tzinfo=UTC)  # 2:00 becomes 3:00
    before, after = datetime(2027, 3, 28, 0, 59, tzinfo=UTC), spring
    assert [saying.offset(moment, "Europe/Paris") for moment in (before, after)] == ["UTC+1", "UTC+2"]
    assert [saying.hour(moment, "Europe/Paris", "it") for moment in (before, after)] == ["1:59", "3:00"]
    autumn = [datetime(2027, 10, 31, hour, 30, tzinfo=UTC) for hour in (0, 1)]  # 2:30 comes twice
    assert [saying.hour(moment, "Europe/Rome", "en") for moment in autumn] == ["2:30", "2:30"]
    assert [saying.offset(moment, "Europe/Rome") for moment in autumn] == ["UTC+2", "UTC+1"]


def test_offsets_of_other_shapes() -> None:
    assert saying.offset(WINTER, "Asia/Kolkata") == "UTC+5:30"
    assert saying.offset(WINTER, "America/St_Johns") == "UTC\u22123:30"


def test_a_naive_moment_is_refused() -> None:
    with pytest.raises(ValueError, match="naive"):
        saying.hour(datetime(2027, 2, 4, 14), "Europe/Paris", "fr")


@pytest.mark.parametrize(
    ("minutes", "words"), [(96, "1 h 36"), (120, "2 h"), (45, "45 min"), (0, "0 min"), (-3, "0 min")]
)
def test_a_duration_never_breaks_over_a_line(minutes: int, words: str) -> None:
    assert saying.duration(minutes, "fr") == words.replace(" ", THIN)
    assert saying.duration(minutes, "it") == words.replace(" ", "\u00a0")


def titled(fr: str = "", it: str = "", en: str = "") -> SimpleNamespace:
    return SimpleNamespace(title_fr=fr, title_it=it, title_en=en)


def test_a_text_is_said_in_the_language_of_the_reader_or_in_another_that_is_named() -> None:
    assert saying.said(titled("Bonjour", "Buongiorno"), "title", "it") == ("Buongiorno", "it")
    assert saying.said(titled("Bonjour"), "title", "it") == ("Bonjour", "fr")
    assert saying.said(titled("", "Buongiorno"), "title", "en") == ("Buongiorno", "it")
    assert saying.said(titled(), "title", "fr") == ("", "fr")


def test_quotation_marks_within_others_differ_from_them() -> None:
    assert (
        saying.quotes_inside("Le groupe «\u202fLes «\u202fmots\u202f»\u202f» est là.")
        == "Le groupe «\u202fLes “mots”\u202f» est là."
    )
    for same in ("«\u202fUn\u202f» et «\u202fdeux\u202f»", "« seul", "» puis «", "rien"):
        assert saying.quotes_inside(same) == same


def test_the_other_slope_is_said_beneath_and_never_twice() -> None:
    both = titled("Bonjour", "Buongiorno", "Hello")
    assert saying.other_said(both, "title", "fr") == [("Buongiorno", "it")]
    assert saying.other_said(both, "title", "it") == [("Bonjour", "fr")]
    assert saying.other_said(both, "title", "en") == [("Bonjour", "fr"), ("Buongiorno", "it")]
    assert saying.other_said(titled("", "Buongiorno"), "title", "fr") == []
    assert saying.other_said(titled("Bonjour"), "title", "fr") == []
