"""`make test`: what can't be had is named, and on a build machine it is a failure."""

import pytest

from tools import suite


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A machine without services and browser, on which all that can run passes; the lines of the end."""
    notes: list[str] = []
    monkeypatch.setattr(suite, "notes", notes)
    monkeypatch.setattr(suite, "run", lambda name, *words, **more: True)
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
