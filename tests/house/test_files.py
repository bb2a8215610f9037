"""Files have a subject in their name, a line on what they are for, and an end one can see."""

import ast
import re

from tests.house.tree import OURS, ROOT, modules

DRAWERS = {"utils", "util", "helpers", "helper", "common", "core", "misc", "manager", "managers"}
MOST_LINES = 400
UNFINISHED = re.compile(r"#.*\b(?:TODO|FIXME|XXX)\b|#\s*noqa(?!: ?[A-Z])|#\s*type:\s*ignore(?!\[)")


def test_no_file_is_a_junk_drawer() -> None:
    names = [path.relative_to(ROOT) for path in modules(beside=True)]
    assert [str(name) for name in names if DRAWERS & {part.removesuffix(".py") for part in name.parts}] == []


def test_no_python_file_is_longer_than_one_can_read() -> None:
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in modules(beside=True)
    }
    assert {name: length for name, length in lengths.items() if length > MOST_LINES} == {}


def test_a_module_says_what_it_is_for() -> None:
    spoken = [path for path in modules(beside=True) if path.read_text().strip()]
    silent = [path for path in spoken if not ast.get_docstring(ast.parse(path.read_text()))]
    assert [str(path.relative_to(ROOT)) for path in silent] == []


def test_nothing_is_left_for_later_and_no_rule_is_silenced_without_its_name() -> None:
    found = {
        str(path.relative_to(ROOT)): UNFINISHED.findall(path.read_text())
        for path in modules(beside=True)
        if UNFINISHED.search(path.read_text())
    }
    found.pop("tests/house/test_files.py", None)
    assert found == {}


def test_the_house_has_its_rooms() -> None:
    assert {name for name in OURS if not (ROOT / name / "__init__.py").exists()} == set()
