"""The locks install the same packages anywhere: hashes for each, no address of an index, one version in both."""

import re

import pytest

from tests.house.tree import ROOT

PRODUCT, TESTS = "requirements.lock", "requirements-dev.lock"
PINNED = re.compile(
    r"^([a-z0-9][a-z0-9._-]*)(?:\[[^\]]*\])?==([^\s;]+)([^\n]*)\n((?:    [^\n]*\n)*)", re.MULTILINE
)


def pins(name: str) -> dict[str, set[str]]:
    """Return the versions of each package (several where the platform decides)."""
    found: dict[str, set[str]] = {}
    for match in PINNED.finditer((ROOT / name).read_text()):
        found.setdefault(match[1], set()).add(match[2])
    return found


@pytest.mark.parametrize("name", [PRODUCT, TESTS])
def test_a_lock_holds_no_address(name: str) -> None:
    assert (
        re.findall(
            r"\S*(?:://|--index|--extra-index|--find-links|--trusted-host|@ )\S*", (ROOT / name).read_text()
        )
        == []
    )


@pytest.mark.parametrize("name", [PRODUCT, TESTS])
def test_every_package_of_a_lock_has_a_hash(name: str) -> None:
    matches = list(PINNED.finditer((ROOT / name).read_text()))
    assert len(matches) > 20
    assert [match[1] for match in matches if "--hash=sha256:" not in match[4]] == []


def test_a_package_in_both_locks_has_the_same_version() -> None:
    product, tests = pins(PRODUCT), pins(TESTS)
    assert {
        name: (product[name], tests.get(name)) for name in product if product[name] != tests.get(name)
    } == {}


@pytest.mark.parametrize(("wishes", "lock"), [("requirements.in", PRODUCT), ("requirements-dev.in", TESTS)])
def test_a_lock_holds_every_wish(wishes: str, lock: str) -> None:
    named = re.findall(r"^([A-Za-z][A-Za-z0-9._-]*)", (ROOT / wishes).read_text(), re.MULTILINE)
    assert {re.sub(r"[._-]+", "-", name).lower() for name in named} - pins(lock).keys() == set()
