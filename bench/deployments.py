"""Fresh deployments for the children, on databases that lose nothing they have acknowledged."""

import json
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from bench.children import child
from tests.services import Postgres


class Durable(Postgres):
    """As in production; the tests' own one does not wait for the disk."""

    def run(self, *words: object) -> subprocess.Popen[bytes]:
        return super().run(*(word for word in words if word != "-cfsync=off"))


@contextmanager
def deployment(database: str) -> Iterator[dict[str, str]]:
    """The environment of an empty one on `sqlite` or `postgres`."""
    with tempfile.TemporaryDirectory(prefix="viso-bench-") as folder:
        environment = {"STATE_DIR": folder, "DJANGO_SETTINGS_MODULE": "config.settings", "LOG_LEVEL": "ERROR"}
        if database == "sqlite":
            yield environment
            return
        service = Durable()
        try:
            yield environment | service.environment()
        finally:
            service.stop()


def figures(module: str, *words: object, **environment: str) -> dict[str, list[float]]:
    """What a child prints as JSON at its end. Raises RuntimeError if it fails."""
    with child("-m", module, *map(str, words), **environment) as process:
        printed, _ = process.communicate()
    if process.returncode:
        raise RuntimeError(f"{module} ends with {process.returncode}")
    found: Any = json.loads(printed)
    return dict(found)
