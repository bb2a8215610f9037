"""Servers as children on a core of their own, and the processor time they use."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CORES = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []


def pin(process: int, place: int) -> None:
    """Keeps a process on one core where there are two or more: servers on the first, the client on the last."""
    if len(CORES) > 1:
        os.sched_setaffinity(process, {CORES[place]})


@contextmanager
def child(*arguments: str, **environment: str) -> Iterator["subprocess.Popen[str]"]:
    """Runs `python …` in the project's folder, pinned to the first core, and ends it at the end of the block."""
    with subprocess.Popen(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=os.environ | environment,
        text=True,
        stdout=subprocess.PIPE,
    ) as process:
        pin(process.pid, 0)
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()


def address(process: "subprocess.Popen[str]") -> tuple[str, int]:
    """Host and port from the line `ready http://host:port/`. Raises RuntimeError if the server ends before it."""
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("ready http://"):
            host, _, port = line.strip().removeprefix("ready http://").rstrip("/").rpartition(":")
            return host, int(port)
    raise RuntimeError("the server did not start")


def seconds(process: int) -> float:
    """Processor seconds of a process so far, all its threads and those that have ended; Linux, in steps of 10 ms."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
