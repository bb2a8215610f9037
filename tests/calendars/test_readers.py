"""The last step can fail: readers that see something else, combinations that are missing, files that collide."""

import sys
from pathlib import Path

import pytest

from tests.calendars import __main__ as step
from tests.calendars import coverage, programs, views
from tests.kept import Folder, Keeper

SOUND = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//x//x//EN
METHOD:REQUEST
BEGIN:VTIMEZONE
TZID:Europe/Rome
BEGIN:DAYLIGHT
DTSTART:19700329T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
TZNAME:CEST
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
END:DAYLIGHT
BEGIN:STANDARD
DTSTART:19701025T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
TZNAME:CET
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
UID:a@viso.example
DTSTAMP:20270110T080000Z
DTSTART;TZID=Europe/Rome:20270318T090000
DTEND;TZID=Europe/Rome:20270318T120000
RRULE:FREQ=WEEKLY;UNTIL=20270408T070000Z
EXDATE;TZID=Europe/Rome:20270401T090000
SEQUENCE:1
STATUS:CONFIRMED
ORGANIZER:mailto:s@viso.example
ATTENDEE;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:a@example.org
SUMMARY:Uno\\, due
END:VEVENT
END:VCALENDAR
""".replace("\n", "\r\n")
INSIDE = {name: command for name, command, _ in programs.readers() if name in views.INSIDE}


def faults(text: str, commands: dict[str, list[str]]) -> list[str]:
    return step.disagreements([step.Kept(Path("x.ics"), text)], commands)


def test_all_readers_that_are_here_agree_on_a_series_across_the_change():
    here = {name: command for name, command, why in programs.readers() if not why}
    assert set(here) >= set(INSIDE)
    assert faults(SOUND, here) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("TZOFFSETTO:+0200", "TZOFFSETTO:+0300"),
        ("SUMMARY:Uno", "DESCRIPTION:Uno"),
        ("SEQUENCE:1", "SEQUENCE:one"),
        ("END:VEVENT\r\n", ""),
    ],
)
def test_what_readers_see_otherwise_or_not_at_all_is_told(old, new):
    assert faults(SOUND.replace(old, new), INSIDE)


def test_a_reader_that_breaks_down_is_told():
    ended = {"a reader": [sys.executable, "-c", "import sys; sys.exit('out of order')"]}
    assert "out of order" in faults(SOUND, ended)[0]


def test_what_was_never_sent_is_missing():
    assert len(coverage.required()) > 100
    assert coverage.required() - coverage.found([]) == coverage.required()


def test_files_of_one_uid_are_numbered_and_another_history_stands_apart(tmp_path):
    first, second = Folder(tmp_path), Folder(tmp_path)
    first.begin("one test")
    second.begin("a test of another process")
    paths = [folder.write(b"x", "a/b@viso", "REQUEST", "eml") for folder in (first, second, first)]
    first.begin("the next test")
    paths.append(first.write(b"x", "a/b@viso", "CANCEL", "eml"))
    assert [str(path.relative_to(tmp_path)) for path in paths] == [
        "a_b@viso-01-REQUEST.eml",
        "history-2/a_b@viso-01-REQUEST.eml",
        "a_b@viso-02-REQUEST.eml",
        "history-3/a_b@viso-01-CANCEL.eml",
    ]


def test_what_is_kept_is_judged_at_once_and_the_same_octets_once(tmp_path):
    keeper = Keeper(tmp_path)
    keeper.begin("a test")
    for _ in range(2):
        keeper.feed(SOUND.encode())
    (file,) = tmp_path.glob("*.ics")
    assert file.name == "a@viso.example-01-feed.ics"
    assert f"{file.name}: feed: a METHOD that asks" in keeper.settle()
    assert keeper.settle() == []
