"""Where this worker's letters arrive: a folder, or a mail server that answers as told."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from tests.letterbox import Letterbox
from tests.seminars.work.mailserver import Server, free_port


@pytest.fixture
def letterbox(settings: Any, tmp_path: Path) -> Letterbox:
    return Letterbox(settings, tmp_path)


@pytest.fixture(params=[False, True], ids=["one-by-one", "pipelining"])
def server(settings: Any, request: pytest.FixtureRequest) -> Iterator[Server]:
    """Each test meets a server that takes one command after the other, and one that takes several at once."""
    handler = Server(is_pipelining=request.param)
    controller = Controller(handler, hostname="127.0.0.1", port=free_port())
    controller.start()
    settings.EMAIL_URL = "smtp://127.0.0.1"
    settings.EMAIL_HOST, settings.EMAIL_PORT = controller.hostname, controller.port
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.EMAIL_TIMEOUT = 5
    yield handler
    controller.stop()
