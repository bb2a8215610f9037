"""`make test`: what can't be had is named, and on a build machine it is a failure."""

import pytest

from tools import suite


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A machine without services and browser, on which all that can run passes; the lines of the end."""
    notes: list[str] = []
    monkeypatch.setattr(suite, "notes", notes)
    monkeypatch.setattr(suite, "lengths", [])
    monkeypatch.setattr(suite, "run", lambda name, *words, **more: True)
    monkeypatch.setattr(suite, "read_calendars", lambda words: True)
    monkeypatch.setattr(suite.places, "empty", lambda: None)  # this run's own
    monkeypatch.setattr(suite, "why_no_services", lambda: "no PostgreSQL here")
    monkeypatch.setattr(suite.browser, "provide", lambda: None)
    return notes


@pytest.mark.parametrize(("said", "code"), [("", 0), ("false", 0), ("true", 1), ("1", 1)])
def test_what_is_missing_fails_on_a_build_machine_only(
    bare: list[str], monkeypatch: pytest.MonkeyPatch, said: str, code: int
) -> None:
    monkeypatch.setenv("CI", said)
    with pytest.raises(SystemExit) as ended:
        suite.main([])
    assert ended.value.code == code
    word = "FAILED" if code else "skipped"
    assert bare == [
        f"tests on PostgreSQL and Valkey: {word}, no PostgreSQL here",
        f"browser journeys: {word}, {suite.browser.WHY_NOT}",
    ]


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        ([300.4, 400.2, 499.0], "together 1200 s"),
        ([300.4, 400.2, 500.4], "together 1201 s, over the 20 minutes that it may take"),
    ],
)
def test_the_end_says_how_long_all_was_and_whether_that_was_too_long(
    monkeypatch: pytest.MonkeyPatch, seconds: list[float], said: str
) -> None:
    monkeypatch.setattr(suite, "notes", notes := list[str]())
    monkeypatch.setattr(suite, "lengths", [])
    for number, each in enumerate(seconds):
        suite.took(f"part {number}", "passed", each)
    assert notes[0] == "part 0: passed in 300 s"
    assert suite.together() == said
