"""Refusals in words: every code that is raised has a sentence, and its facts are said the reader's way."""

import re
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation

from seminars import refusals
from seminars.errors import Refused
from tests.house.tree import ROOT

PARIS = ZoneInfo("Europe/Paris")


def source() -> str:
    """Of hall and doors, without the sentences themselves."""
    parts = ("seminars", "web", "api", "realtime")
    places = [path for part in parts for path in (ROOT / part).rglob("*.py") if path.name != "refusals.py"]
    return "\n".join(path.read_text(encoding="utf-8") for path in places)


def test_each_code_that_is_raised_has_its_sentence_and_no_sentence_is_idle() -> None:
    text = source()
    assert set(re.findall(r"Refused\(\s*\"(\w+)\"", text)) - set(refusals.SENTENCES) == set()
    assert set(refusals.SENTENCES) - set(re.findall(r"\"(\w+)\"", text)) == set()  # some are raised by name


@pytest.mark.parametrize(
    ("language", "said"),
    [("fr", "9\u202fh\u202f05"), ("it", "9:05"), ("en", "9:05")],
)
@pytest.mark.parametrize(
    "value", [time(9, 5), datetime(2027, 3, 11, 9, 5, tzinfo=PARIS), datetime(2027, 3, 11, 9, 5, tzinfo=UTC)]
)
def test_hours_are_said_as_they_stand_on_the_wall(language: str, said: str, value: time | datetime) -> None:
    with translation.override(language):
        assert said in refusals.sentence(Refused("room_not_open", hour=value))


@pytest.mark.parametrize(
    ("language", "said"),
    [("fr", "dimanche 28 mars"), ("it", "domenica 28 marzo"), ("en", "Sunday 28 March")],
)
def test_days_are_said_with_their_weekday(language: str, said: str) -> None:
    with translation.override(language):
        assert said in refusals.sentence(Refused("no_such_hour", day=date(2027, 3, 28), hour=time(2, 30)))


def test_other_facts_stand_as_they_are() -> None:
    with translation.override("en"):
        assert "At most 300 addresses" in refusals.sentence(Refused("too_many", most=300))
        assert refusals.sentence(Refused("unheard_of")) == "This was refused."
