"""What the workers of one run share: a folder, and turns at what only one of them may do."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


def common(factory: pytest.TempPathFactory) -> Path:
    """The run's own folder, the same for all its workers."""
    base = factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


@contextmanager
def alone(place: Path) -> Iterator[None]:
    """While it lasts, no other worker is inside; `place` is a file for that."""
    place.parent.mkdir(parents=True, exist_ok=True)
    with place.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
