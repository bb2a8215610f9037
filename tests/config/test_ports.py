"""A port that `serve` alone was told: links follow it, and live sockets of the pages that it serves."""

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from tests.config.test_serve import ROOT
from tests.services import FOREIGN


@pytest.fixture
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


@pytest.fixture(params=[["--server", "daphne"], ["--server", "uvicorn"]], ids=["daphne", "uvicorn"])
def site(request: pytest.FixtureRequest, tmp_path: Path, port: int) -> Iterator[str]:
    """A server with nothing in its environment that says where it is."""
    kept = {name: value for name, value in os.environ.items() if name not in FOREIGN}
    with subprocess.Popen(
        [sys.executable, "manage.py", "serve", "--port", str(port), *request.param],
        cwd=ROOT,
        env=kept | {"STATE_DIR": str(tmp_path), "WORKER": "off"},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as server:
        longest = threading.Timer(20, server.kill)
        longest.start()
        assert server.stdout is not None
        assert server.stdout.readline() == f"ready http://127.0.0.1:{port}/\n"
        yield f"ws://127.0.0.1:{port}/live/zzzzzzzzzzzz/"
        longest.cancel()
        server.kill()


def test_pages_of_that_port_open_live_sockets_and_those_of_the_usual_one_do_not(site: str, port: int) -> None:
    with connect(site, origin=f"http://localhost:{port}"):  # type: ignore[arg-type]  # a plain text will do
        pass
    with pytest.raises(InvalidStatus) as refused:
        connect(site, origin="http://localhost:8000")  # type: ignore[arg-type]  # as above
    assert refused.value.response.status_code == 403
