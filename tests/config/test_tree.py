"""The tree starts its children, gives them back when they die, and ends with them, whatever ends it."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.config.test_serve import ROOT, Served


@contextmanager
def grown(**children: str) -> Iterator[Served]:
    command = [sys.executable, "-m", "tests.config.tree_alone", json.dumps(children)]
    with subprocess.Popen(
        command, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True
    ) as tree:
        try:
            yield Served(tree)
        finally:
            tree.kill()


def number(line: str) -> int:
    return int(line.split()[2])


def is_gone(pid: int) -> bool:
    """Whether no such process runs: it may still wait for somebody to take note."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return True
    return state in "ZX"


def gone(*pids: int) -> bool:
    until = time.monotonic() + 3
    while time.monotonic() < until and not all(map(is_gone, pids)):
        time.sleep(0.02)
    return all(map(is_gone, pids))


def test_it_is_ready_when_all_are_and_ends_with_all_of_them() -> None:
    with grown(one="waits", two="waits", worker="waits") as tree:
        tree.hears("ready")
        assert sorted(line.split()[1] for line in tree.said[:-1]) == ["one", "two", "worker"]
        tree.child.terminate()
        assert tree.end(5) == 0
        assert gone(*(number(line) for line in tree.said[:3]))


def test_a_child_that_is_killed_comes_back_after_longer_and_longer_rests() -> None:
    with grown(one="waits", two="waits") as tree:
        tree.hears("ready")
        rests = []
        for _ in range(3):
            last = number(next(line for line in reversed(tree.said) if line.startswith("child one ")))
            os.kill(last, signal.SIGKILL)
            said = tree.hears(f"one (process {last})")
            found = re.fullmatch(r"one \(process \d+\) ended with -9, again in ([\d.]+) s", said)
            assert found, said
            rests.append(float(found[1]))
            assert number(tree.hears("child one ")) != last
        assert rests == [0.2, 0.4, 0.8]
        assert len([line for line in tree.said if line.startswith("child two ")]) == 1
        assert tree.said.count("ready") == 1


def test_a_child_that_can_not_begin_ends_all_with_an_error() -> None:
    with grown(one="waits", worker="fails") as tree:
        assert tree.end(5) == 1
        assert any(re.fullmatch(r"worker .* ended with 3 before it had begun", line) for line in tree.said)
        assert gone(*(number(line) for line in tree.said if line.startswith("child")))


def test_a_tree_that_is_killed_takes_its_children_along() -> None:
    with grown(one="waits", worker="waits") as tree:
        tree.hears("ready")
        tree.child.kill()
        assert gone(*(number(line) for line in tree.said[:2]))


def test_ctrl_c_in_a_terminal_reaches_the_tree_alone() -> None:
    with grown(one="waits", worker="waits") as tree:
        tree.hears("ready")
        os.killpg(tree.child.pid, signal.SIGINT)
        assert tree.end(5) == 0


@pytest.mark.parametrize(("name", "code"), [("server", 143), ("worker", 0)])
def test_who_does_not_end_is_killed_in_time(name: str, code: int) -> None:
    with grown(**{"one": "waits", name: "stays"}) as tree:
        tree.hears("ready")
        began = time.monotonic()
        tree.child.terminate()
        assert tree.end(10) == code
        assert time.monotonic() - began < 10
        assert gone(*(number(line) for line in tree.said if line.startswith("child")))


def test_a_second_signal_waits_for_nobody() -> None:
    with grown(server="stays") as tree:
        tree.hears("ready")
        tree.child.terminate()
        time.sleep(0.3)
        tree.child.terminate()
        assert tree.end(2) == 143
        assert gone(number(tree.said[0]))
